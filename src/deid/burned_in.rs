//! Where burned-in text is blanked: rules of the recipe become [`Masks`] for one image.

use super::facts::Facts;
use crate::error::{Fault, Result};
use crate::model::{Clean, MaskBox, Masks, Reduction};
use serde::{Deserialize, Serialize};

/// The reason of boxes that a rule asked for.
pub const BY_RULE: &str = "rule";
/// The manifest's word when no rule matched. Nobody has searched the image: it is not a statement that it is clean.
pub const NO_RULE: &str = "no-rule-matched";
/// The manifest's word when a rule matched.
pub const MASKED: &str = "masked-by-rule";
/// The manifest's word when a rule matched and all its boxes lie beside the image: nothing was blanked.
pub const OUTSIDE: &str = "rule-boxes-outside-image";
/// The manifest's word when a rule matched and says that there is nothing to blank.
pub const DECLARED_CLEAN: &str = "declared-clean-by-rule";

/// Reasons a box can have, with their meaning: the words of `mask --json` and of the manifest.
pub const REASONS: &[(&str, &str)] = &[(BY_RULE, "a rectangle of the recipe's mask rules")];

/// One rule: images that match every condition given are blanked in these boxes. A rule without boxes says that the
/// images it matches need none: it must say so with an empty list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaskRule {
    /// Modality (0008,0060), equal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modality: Option<String>,
    /// Manufacturer (0008,0070), contained, case does not matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manufacturer: Option<String>,
    /// ManufacturerModelName (0008,1090), contained, case does not matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Rows (0028,0010), equal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u32>,
    /// Columns (0028,0011), equal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<u32>,
    /// Rectangles in stored pixel coordinates.
    pub boxes: Vec<Rectangle>,
}

/// A rectangle in stored pixel coordinates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rectangle {
    /// First column.
    pub x: u32,
    /// First row.
    pub y: u32,
    /// Columns, at least 1.
    pub w: u32,
    /// Rows, at least 1.
    pub h: u32,
}

/// What a rule can look at.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// Facts of the sheet.
    pub facts: &'a Clean<Facts>,
    /// Modality, a defined term.
    pub modality: Option<&'a str>,
    /// Rows of the frame.
    pub rows: u32,
    /// Columns of the frame.
    pub columns: u32,
}

impl MaskRule {
    /// Refuses boxes without area.
    pub fn check(&self) -> Result<()> {
        match self.boxes.iter().find(|b| b.w == 0 || b.h == 0) {
            Some(b) => Err(Fault::config("recipe.mask", "a box has at least one column and one row", format!("{b:?}"))),
            None => Ok(()),
        }
    }

    fn matches(&self, seen: &Seen) -> bool {
        let [manufacturer, model] = seen.facts.get().device.open();
        let within = |wanted: &Option<String>, found: &str| {
            wanted.as_ref().is_none_or(|wanted| found.contains(&wanted.to_lowercase()))
        };
        self.modality.as_deref().is_none_or(|wanted| seen.modality.is_some_and(|m| m.eq_ignore_ascii_case(wanted)))
            && self.rows.is_none_or(|rows| rows == seen.rows)
            && self.columns.is_none_or(|columns| columns == seen.columns)
            && within(&self.manufacturer, manufacturer)
            && within(&self.model, model)
    }
}

/// The masks of one image: the boxes of every rule that matches it, together.
pub fn masks(rules: &[MaskRule], seen: &Seen) -> Masks {
    let matching: Vec<&MaskRule> = rules.iter().filter(|rule| rule.matches(seen)).collect();
    let boxes: Vec<MaskBox> = matching
        .iter()
        .flat_map(|rule| &rule.boxes)
        .map(|b| MaskBox { x: b.x, y: b.y, w: b.w, h: b.h, reason: BY_RULE })
        .collect();
    let reaches = boxes.iter().any(|b| b.x < seen.columns && b.y < seen.rows);
    let because = match (matching.is_empty(), boxes.is_empty(), reaches) {
        (true, ..) => NO_RULE,
        (false, true, _) => DECLARED_CLEAN,
        (false, false, true) => MASKED,
        (false, false, false) => OUTSIDE,
    };
    clip_to_frame(&boxes, seen.rows, seen.columns, because)
}

/// Clips boxes to a frame of `rows` x `columns` and drops those that lie outside.
///
/// `because` says which rule decided, also when no box remains.
pub fn clip_to_frame(boxes: &[MaskBox], rows: u32, columns: u32, because: &'static str) -> Masks {
    let mut clipped: Vec<MaskBox> = boxes
        .iter()
        .filter(|b| b.x < columns && b.y < rows && b.w > 0 && b.h > 0)
        .map(|b| MaskBox { w: b.w.min(columns - b.x), h: b.h.min(rows - b.y), ..*b })
        .collect();
    clipped.sort_unstable();
    clipped.dedup();
    Masks::new(clipped, because)
}

/// The same masks for a frame of `rows` x `columns` that was decoded smaller: every decoded pixel that may have seen a
/// masked stored pixel is under a box.
pub fn reduced(masks: &Masks, reduction: &Reduction, rows: u32, columns: u32) -> Masks {
    let smaller = |b: &MaskBox| {
        let [left, right] = reduction.touched(b.x, b.x.saturating_add(b.w));
        let [top, bottom] = reduction.touched(b.y, b.y.saturating_add(b.h));
        MaskBox { x: left, y: top, w: right - left, h: bottom - top, ..*b }
    };
    let boxes: Vec<MaskBox> = masks.boxes().iter().map(smaller).collect();
    clip_to_frame(&boxes, rows, columns, masks.because())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deid::facts;
    use crate::deid::identity::{Crosswalk, Identity, Issuers, Shares};
    use crate::deid::key::Key;
    use crate::model::{Sheet, Tag};

    #[test]
    fn boxes_end_at_the_frame_and_those_outside_go() {
        let b = |x, y, w, h| MaskBox { x, y, w, h, reason: "recipe" };
        let masks = clip_to_frame(&[b(8, 1, 10, 2), b(10, 0, 1, 1), b(0, 0, 0, 4)], 4, 10, "recipe");
        // 8 + 10 = 18 is cut to the 10 columns there are: 2 remain.
        assert_eq!(masks.boxes(), [b(8, 1, 2, 2)]);
        assert_eq!(masks.because(), "recipe");
    }

    #[test]
    fn masks_of_a_smaller_frame_cover_what_was_touched() {
        let stored = clip_to_frame(&[MaskBox { x: 20, y: 0, w: 10, h: 5, reason: "rule" }], 50, 33, "masked-by-rule");
        let reduction = Reduction { rows: 50, columns: 33, halvings: 1, siting: crate::model::Siting::First, reach: 4 };
        let masks = reduced(&stored, &reduction, 25, 17);
        // Columns 20 to 29 with 4 around them: 16 to 33, halves 8 to 16. Rows 0 to 4 with 4 below: to 8, halves 0 to 4.
        assert_eq!(masks.boxes(), [MaskBox { x: 8, y: 0, w: 9, h: 5, reason: "rule" }]);
        assert_eq!(masks.because(), "masked-by-rule");
    }

    #[test]
    fn every_condition_of_a_rule_must_hold() {
        let key = Key::parse(&(0u8..32).collect::<Vec<_>>()).unwrap();
        let identity = Identity::new(key, Issuers::Merge, Shares { train: 1.0, validation: 0.0 });
        let mut sheet = Sheet::default();
        // The station is called after the maker, so the maker's name does not leave; the rule still finds it.
        sheet.insert(Tag(0x0008, 0x0070), "ACME Ultrasound".into());
        sheet.insert(Tag(0x0008, 0x1010), "ACME-US1".into());
        let facts = facts::clean(&sheet, "s", &identity, &mut Crosswalk::default());
        let seen = Seen { facts: &facts, modality: Some("US"), rows: 100, columns: 200 };
        let rule = |text: &str| toml::from_str::<MaskRule>(text).unwrap();
        let because = |text: &str| masks(&[rule(text)], &seen).because();
        let boxes = "boxes = [{ x = 0, y = 0, w = 999, h = 9 }]";
        assert_eq!(because(&format!("modality = 'US'\nmanufacturer = 'acme'\nrows = 100\n{boxes}")), MASKED);
        for other in ["modality = 'CT'", "manufacturer = 'x'", "rows = 1", "columns = 1", "model = 'y'"] {
            assert_eq!(because(&format!("{other}\n{boxes}")), NO_RULE, "{other}");
        }
        assert_eq!(because("modality = 'US'\nboxes = []"), DECLARED_CLEAN);
        assert!(toml::from_str::<MaskRule>("modality = 'US'").is_err(), "forgotten boxes are not none");
        assert_eq!(because("boxes = [{ x = 500, y = 0, w = 9, h = 9 }]"), OUTSIDE);
        assert_eq!(masks(&[rule(boxes)], &seen).boxes()[0].w, 200);
    }
}
