//! Where burned-in text is blanked. Layers (rules, ultrasound regions) find rectangles; together they become the
//! [`Masks`] of an image. A layer only adds rectangles. The order and the limits are told in docs/BURNEDIN.md.

pub mod rules;
pub mod settings;

use crate::error::Result;
use crate::model::area::outside;
use crate::model::{MaskBox, Masks, Rectangle, Reduction};
pub use rules::{MaskRule, Seen, accept, text_kind};
pub use settings::Settings;

/// The reason of boxes that a rule of the recipe asked for.
pub const BY_RULE: &str = "rule";
/// The reason of boxes that a rule of the program asked for.
pub const BY_DEVICE: &str = "device-rule";
/// The reason of what lies outside the regions of an ultrasound.
pub const OUTSIDE_REGIONS: &str = "us-region";

/// The reason of what stays while the picture around it moves.
pub const STATIC: &str = "static-overlay";
/// The reason of what the text finder found.
pub const TEXT: &str = "text";

/// The reason of boxes that the text finder found and that are left readable.
pub const ALLOWED: &str = "allowed-mark";

/// The manifest's `burned_in` words, with their meaning.
pub const STATES: &[(&str, &str)] = &[
    ("none-found", "Every layer looked and found nothing to blank."),
    ("masked", "Boxes were blanked; searched again after that, no text was left."),
    (
        "review",
        "Text was still found after masking, BurnedInAnnotation is YES and none was found, or half of the picture was found to be text; the recipe keeps these.",
    ),
    (
        "not-searched",
        "The recipe has no frame searched, or no line of text fits in the frames (below 16 x 32), and no rule found anything: no statement that it is clean.",
    ),
    ("masked-not-searched", "Boxes were blanked by rules; the frames were not searched, as above."),
];
/// A warning of the frame: a rule of the recipe matched, and all its boxes lie beside the image.
pub const BESIDE: &str = "mask-rule-beside-image";

/// Pixels by which the box of something found is grown on each side; rectangles of rules and regions are exact.
pub const MARGIN: u32 = 3;

/// Reasons a box can have, with their meaning: the words of `mask --json` and of the manifest, in the order of the layers.
pub const REASONS: &[(&str, &str)] = &[
    (BY_RULE, "A rectangle of the recipe's [[mask]] rules."),
    (BY_DEVICE, "A rectangle of rules/burned_in.toml: where a known device draws names."),
    (OUTSIDE_REGIONS, "Outside the regions of SequenceOfUltrasoundRegions (0018,6011)."),
    (STATIC, "Bright and constant over all frames while its surroundings move."),
    (TEXT, "Found by the text finder in some frame."),
];

/// One rectangle that a layer wants blanked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Finding {
    /// Where, in stored pixel coordinates.
    pub area: Rectangle,
    /// The layer: a word of [`REASONS`].
    pub reason: &'static str,
    /// How sure the layer is, 0 to 1; `None` where it does not measure.
    pub score: Option<f32>,
}

impl Finding {
    /// The same without its score, as the manifest has it.
    pub fn boxed(&self) -> MaskBox {
        let Rectangle { x, y, w, h } = self.area;
        MaskBox { x, y, w, h, reason: self.reason }
    }
}

/// What the header alone says about an image.
#[derive(Clone, Debug, PartialEq)]
pub struct ByHeader {
    /// Rectangles of rules and regions inside the frame.
    pub findings: Vec<Finding>,
    /// Whether the recipe's boxes for this image all lie beside it.
    pub beside: bool,
}

/// The layers that look at the header: rules of the recipe and of the program, and `regions`, the validated regions of
/// an ultrasound (none if empty).
pub fn by_header(settings: &Settings, recipe: &[MaskRule], seen: &Seen, regions: &[Rectangle]) -> Result<ByHeader> {
    let (rows, columns) = (seen.rows, seen.columns);
    let program = if settings.shipped_rules { settings.program_rules()? } else { &[] };
    let wanted = |list: &[MaskRule]| -> Vec<Rectangle> {
        list.iter().filter(|rule| rule.matches(seen)).flat_map(|rule| rule.rectangles(seen)).collect()
    };
    let beyond = match settings.ultrasound_regions && !regions.is_empty() {
        true => outside(regions, rows, columns),
        false => Vec::new(),
    };
    let own = wanted(recipe);
    let beside = !own.is_empty() && own.iter().all(|area| area.inside(rows, columns).is_none());
    let mut findings = Vec::new();
    for (areas, reason) in [(own, BY_RULE), (wanted(program), BY_DEVICE), (beyond, OUTSIDE_REGIONS)] {
        findings.extend(areas.into_iter().map(|area| Finding { area, reason, score: None }));
    }
    Ok(ByHeader { findings: settled(&findings, rows, columns), beside })
}

/// Findings inside a frame of `rows` x `columns`, each place and reason once, in a fixed order; of equal ones the surest.
pub fn settled(findings: &[Finding], rows: u32, columns: u32) -> Vec<Finding> {
    let inside = |f: &Finding| Some(Finding { area: f.area.inside(rows, columns)?, ..*f });
    let mut all: Vec<Finding> = findings.iter().filter_map(inside).collect();
    let score = |f: &Finding| f.score.unwrap_or(0.0);
    all.sort_by(|a, b| (a.area, a.reason).cmp(&(b.area, b.reason)).then(score(b).total_cmp(&score(a))));
    all.dedup_by_key(|f| (f.area, f.reason));
    all
}

/// The word for an image: whether its frames were searched, whether something is blanked, and whether text was left.
pub fn state(searched: bool, blanked: bool, left: bool) -> &'static str {
    match (searched, blanked, left) {
        (true, _, true) => "review",
        (true, true, false) => "masked",
        (true, false, false) => "none-found",
        (false, true, _) => "masked-not-searched",
        (false, false, _) => "not-searched",
    }
}

/// The masks of findings for a frame of `rows` x `columns`; `because` is the manifest's word.
pub fn masks(findings: &[Finding], rows: u32, columns: u32, because: &'static str) -> Masks {
    let boxes: Vec<MaskBox> = findings.iter().map(Finding::boxed).collect();
    clip_to_frame(&boxes, rows, columns, because)
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
    use crate::deid::facts::{self, Facts};
    use crate::deid::identity::{Crosswalk, Identity, Issuers, Shares};
    use crate::deid::key::Key;
    use crate::model::{Clean, ImageKind, Sheet, Tag};

    #[test]
    fn of_equal_findings_the_surest_stays() {
        let f = |x, reason, score| Finding { area: Rectangle { x, y: 0, w: 9, h: 2 }, reason, score };
        let found = [
            f(4, TEXT, Some(0.5)),
            f(0, TEXT, Some(0.9)),
            f(4, TEXT, Some(0.7)),
            f(4, STATIC, None),
            f(99, TEXT, None),
        ];
        let cut = |x, w, reason, score| Finding { area: Rectangle { x, y: 0, w, h: 2 }, reason, score };
        let expected = [cut(0, 9, TEXT, Some(0.9)), cut(4, 6, STATIC, None), cut(4, 6, TEXT, Some(0.7))];
        assert_eq!(settled(&found, 2, 10), expected);
    }

    #[test]
    fn every_state_is_in_the_table() {
        let flags = [false, true];
        let all = flags.map(|searched| flags.map(|blanked| flags.map(|left| state(searched, blanked, left))));
        let mut words: Vec<_> = all.into_iter().flatten().flatten().collect();
        words.sort_unstable();
        words.dedup();
        let mut table: Vec<_> = STATES.iter().map(|(word, _)| *word).collect();
        table.sort_unstable();
        assert_eq!((words.len(), &words), (5, &table));
    }

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

    /// What the layers of the header make of a sheet of 100 x 200 pixels.
    fn seen_by(
        sheet: &[(Tag, &str)],
        settings: &Settings,
        recipe: &[MaskRule],
        regions: &[Rectangle],
    ) -> (ByHeader, Result<()>) {
        let facts = facts_of(sheet);
        let seen = Seen { facts: &facts, rows: 100, columns: 200 };
        (by_header(settings, recipe, &seen, regions).unwrap(), accept(settings, recipe, &seen))
    }

    fn text_kind_of(sheet: &[(Tag, &str)], settings: &Settings) -> Option<ImageKind> {
        text_kind(settings, &[], &Seen { facts: &facts_of(sheet), rows: 100, columns: 200 }).unwrap()
    }

    fn facts_of(sheet: &[(Tag, &str)]) -> Clean<Facts> {
        let key = Key::parse(&(0u8..32).collect::<Vec<_>>()).unwrap();
        let identity = Identity::new(key, Issuers::Merge, Shares { train: 1.0, validation: 0.0 });
        let mut made = Sheet::default();
        sheet.iter().for_each(|(tag, value)| made.insert(*tag, (*value).into()));
        facts::clean(&made, "s", &identity, &mut Crosswalk::default())
    }

    fn rule(text: &str) -> MaskRule {
        let rule = toml::from_str::<MaskRule>(text).unwrap();
        rule.check().unwrap();
        rule
    }

    const MODALITY: Tag = Tag(0x0008, 0x0060);
    const SOP_CLASS: Tag = Tag(0x0008, 0x0016);
    const IMAGE_TYPE: Tag = Tag(0x0008, 0x0008);
    const CONVERSION: Tag = Tag(0x0008, 0x0064);
    const SOFTWARE: Tag = Tag(0x0018, 0x1020);
    const MANUFACTURER: Tag = Tag(0x0008, 0x0070);
    const MODEL: Tag = Tag(0x0008, 0x1090);

    #[test]
    fn every_condition_of_a_rule_must_hold() {
        // The station is called after the maker, so the maker's name does not leave; the rule still finds it.
        let sheet = [
            (MODALITY, "US"),
            (MANUFACTURER, "ACME Ultrasound"),
            (Tag(0x0008, 0x1010), "ACME-US1"),
            (SOFTWARE, "1.0\\Rel 7.2"),
            (IMAGE_TYPE, "ORIGINAL\\PRIMARY\\ABDOMINAL"),
            (SOP_CLASS, "1.2.840.10008.5.1.4.1.1.6.1"),
        ];
        let said = |text: &str| seen_by(&sheet, &Settings::default(), &[rule(text)], &[]).0;
        let boxes = "boxes = [{ x = 0, y = 0, w = 999, h = 9 }]";
        for hold in [
            "modality = 'us'\nmanufacturer = 'acme'\nrows = 100\ncolumns = 200",
            "modality = ['CT', 'US']\nsoftware = 'rel 7'\nimage_type = 'abdom'",
            "sop_class = ['1.2.3', '1.2.840.10008.5.1.4.1.1.6.*']",
        ] {
            assert_eq!(said(&format!("{hold}\n{boxes}")).findings.len(), 1, "{hold}");
        }
        let others = [
            "modality = 'CT'",
            "modality = 'U'",
            "manufacturer = 'x'",
            "rows = 1",
            "columns = 1",
            "model = 'y'",
            "software = '9'",
            "image_type = 'SCREEN'",
            "conversion_type = 'WSD'",
            "sop_class = '1.2.840.10008.5.1.4.1.1.6'",
        ];
        for other in others {
            let modality = if other.starts_with("modality") { "" } else { "modality = 'US'\n" };
            assert_eq!(said(&format!("{modality}{other}\n{boxes}")).findings, [], "{other}");
        }
        assert_eq!(others.len(), 10);
        assert_eq!(said("modality = 'US'\nboxes = []"), ByHeader { findings: vec![], beside: false });
        let beside = said("boxes = [{ x = 500, y = 0, w = 9, h = 9 }]");
        assert_eq!(beside, ByHeader { findings: vec![], beside: true });
        assert_eq!(said(boxes).findings[0].area, Rectangle { x: 0, y: 0, w: 200, h: 9 });
        let keep = said("keep = [{ x = 0, y = 20, w = 200, h = 80 }]");
        assert_eq!(
            masks(&keep.findings, 100, 200, "x").boxes(),
            [MaskBox { x: 0, y: 0, w: 200, h: 20, reason: BY_RULE }]
        );
    }

    #[test]
    fn what_is_text_by_nature_is_refused_by_its_kind_and_can_be_searched() {
        let (ct, slide) = ("1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.77.1.6");
        type Case<'a> = (&'a [(Tag, &'a str)], Option<(&'a str, &'a str)>);
        let cases: [Case; 16] = [
            (&[(SOP_CLASS, "1.2.840.10008.5.1.4.1.1.7")], Some(("secondary-capture", "SOPClassUID"))),
            (&[(SOP_CLASS, "1.2.840.10008.5.1.4.1.1.7.4")], Some(("secondary-capture", "SOPClassUID"))),
            // Visible light, not secondary capture: the same digits, another arc.
            (&[(SOP_CLASS, "1.2.840.10008.5.1.4.1.1.77.1.4")], None),
            (&[(SOP_CLASS, ct), (CONVERSION, "WSD")], Some(("secondary-capture", "ConversionType"))),
            (&[(SOP_CLASS, ct), (CONVERSION, "DV")], None),
            (&[(SOP_CLASS, ct), (CONVERSION, "SI")], Some(("scanned-document", "ConversionType"))),
            (
                &[(SOP_CLASS, "1.2.840.10008.5.1.4.1.1.7"), (CONVERSION, "SD")],
                Some(("scanned-document", "ConversionType")),
            ),
            (&[(SOP_CLASS, "1.2.840.10008.5.1.4.1.1.104.1")], Some(("scanned-document", "SOPClassUID"))),
            (&[(SOP_CLASS, slide), (IMAGE_TYPE, "ORIGINAL\\PRIMARY\\LABEL")], Some(("scanned-document", "ImageType"))),
            (&[(SOP_CLASS, slide), (IMAGE_TYPE, "ORIGINAL\\PRIMARY\\VOLUME")], None),
            (&[(SOP_CLASS, ct), (IMAGE_TYPE, "DERIVED\\SECONDARY\\SCREEN SAVE")], Some(("screen-save", "ImageType"))),
            (&[(SOP_CLASS, ct), (IMAGE_TYPE, "DERIVED\\SECONDARY\\DOSE_INFO")], Some(("dose-report", "ImageType"))),
            (
                &[(SOP_CLASS, ct), (IMAGE_TYPE, "DERIVED\\SECONDARY\\OTHER\\CT_SOM5 PROT")],
                Some(("dose-report", "ImageType")),
            ),
            // Reformatted slices and maps: SECONDARY alone says nothing about text (PS3.3 C.7.6.1.1.2).
            (&[(SOP_CLASS, ct), (IMAGE_TYPE, "DERIVED\\SECONDARY\\AXIAL")], None),
            (&[(SOP_CLASS, ct), (IMAGE_TYPE, "ORIGINAL\\PRIMARY\\AXIAL")], None),
            (&[], None),
        ];
        let search =
            "secondary_capture = 'search'\nscreen_save = 'search'\ndose_report = 'search'\nscanned_document = 'search'";
        let search: Settings = toml::from_str(search).unwrap();
        for (sheet, expected) in cases {
            let refused = seen_by(sheet, &Settings::default(), &[], &[]).1.err();
            assert_eq!(refused.map(|fault| (fault.reason.code(), fault.place)), expected, "{sheet:?}");
            assert!(seen_by(sheet, &search, &[], &[]).1.is_ok(), "{sheet:?}");
            // It is what it is, also where it is searched: of a screen no thumbnail is kept.
            let kind = text_kind_of(sheet, &search);
            assert_eq!(kind.map(ImageKind::word), expected.map(|(code, _)| code), "{sheet:?}");
        }
        let own = rule("image_type = 'SECONDARY'\nrefuse = 'secondary-capture'");
        let refused = seen_by(&[(IMAGE_TYPE, "DERIVED\\SECONDARY")], &Settings::default(), &[own], &[]).1.unwrap_err();
        assert_eq!((refused.reason.code(), refused.place), ("secondary-capture", "ImageType"));
    }

    #[test]
    fn the_program_knows_some_devices_and_says_why() {
        let rules = rules::shipped().unwrap();
        let refusing = rules.iter().filter(|rule| rule.refuse.is_some()).count();
        assert_eq!((rules.len(), refusing), (22, 7));
        let sheet = [(MODALITY, "US"), (MANUFACTURER, "GE Medical Systems"), (MODEL, "LOGIQE9")];
        let found = seen_by(&sheet, &Settings::default(), &[], &[]).0;
        let expected = [MaskBox { x: 0, y: 0, w: 200, h: 70, reason: BY_DEVICE }];
        assert_eq!(masks(&found.findings, 100, 200, "x").boxes(), expected);
        let without = Settings { shipped_rules: false, ..Settings::default() };
        assert_eq!(seen_by(&sheet, &without, &[], &[]).0.findings, []);
    }

    #[test]
    fn outside_the_regions_of_an_ultrasound_everything_goes() {
        let region = Rectangle { x: 20, y: 10, w: 180, h: 90 };
        let found = seen_by(&[], &Settings::default(), &[], &[region]).0;
        let b = |x, y, w, h| MaskBox { x, y, w, h, reason: OUTSIDE_REGIONS };
        assert_eq!(masks(&found.findings, 100, 200, "x").boxes(), [b(0, 0, 200, 10), b(0, 10, 20, 90)]);
        let without = Settings { ultrasound_regions: false, ..Settings::default() };
        assert_eq!(seen_by(&[], &without, &[], &[region]).0.findings, []);
    }
}
