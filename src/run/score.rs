//! From what the engine counted to an image's metrics, score and fate.

use super::context::Context;
use super::frames::ImageSource;
use super::job::Prepared;
use crate::deid::burned_in::settings::OnKind;
use crate::deid::traits::Traits;
use crate::error::{Fault, Reason, Result};
use crate::model::{Cell, Clean, Frame, ImageKind};
use crate::pixel::{PlanSpec, Quality};
use crate::recipe::Recipe;
use crate::score::spec::Profile;
use crate::score::{self, METRICS, Rules, Subject, Verdict, phash};

/// A file of more bytes earns a point in the profile `simple`.
const LARGE_FILE: u64 = 5_000_000;
/// Points that the profile `simple` wants unless the recipe says otherwise.
const SIMPLE_LEAST: f64 = 2.0;

/// Scores are of every image, screens and documents too, and of all its stored pixels: what a recipe says of tensors (a window that
/// an image has not, a type that cannot hold labels) leaves none out.
pub(super) fn measure_all(recipe: &mut Recipe) {
    recipe.score.measure = true;
    recipe.image = PlanSpec { padding: recipe.image.padding, ..PlanSpec::default() };
    let kinds = &mut recipe.burned_in;
    for kind in
        [&mut kinds.secondary_capture, &mut kinds.screen_save, &mut kinds.dose_report, &mut kinds.scanned_document]
    {
        *kind = OnKind::Search;
    }
}

/// Judges images by the rules of a recipe.
pub struct Judge {
    rules: Rules,
    profile: Profile,
    least: Option<f64>,
    flags: Vec<String>,
    /// Whether the images were searched for text.
    searched: bool,
}

/// An image after judgement.
pub struct Judged {
    /// Its columns, those of the metrics among them.
    pub measured: Vec<(&'static str, Cell)>,
    verdict: Verdict,
}

impl Judge {
    /// The judge of a recipe; `None` if it wants nothing measured. Without `filters` everything stays.
    pub fn new(recipe: &Recipe, rules: &Rules, filters: bool) -> Result<Option<Self>> {
        let spec = &recipe.score;
        spec.check_flags(rules)?;
        let simple = (spec.profile == Profile::Simple).then_some(SIMPLE_LEAST);
        let judge = Self {
            rules: rules.clone(),
            profile: spec.profile,
            least: spec.min_score.or(simple).filter(|_| filters),
            flags: if filters { spec.flags.clone() } else { Vec::new() },
            searched: recipe.burned_in.detector,
        };
        Ok(spec.measure.then_some(judge))
    }

    /// Judges one image; `quality` is absent if no pixel is usable. What is no picture has no metrics and no score.
    pub fn judge(
        &self,
        source: &ImageSource,
        prepared: &Prepared,
        quality: Option<&Quality>,
        digest: &Clean<String>,
    ) -> Judged {
        let traits = source.loaded.traits.get();
        let image = &source.loaded.image;
        let quality = quality.filter(|_| score::is_picture(prepared.modality));
        let subject = quality.map(|quality| Subject::new(quality, prepared.modality));
        let metrics = subject.as_ref().map_or_else(|| vec![None; METRICS.len()], score::measure);
        let bits = f64::from(image.bits_stored());
        let fact = |name: &str| fact(name, traits, image.lossy(), quality.and_then(|q| q.bits_used), bits);
        let value = |name: &str| match score::position(name) {
            Some(place) => metrics.get(place).copied().flatten(),
            None => fact(name),
        };
        let verdict = match self.profile {
            Profile::Simple => simple(source.bytes, traits),
            // What the header tells is no score of an image of which nothing can be seen.
            _ if subject.is_none() => Verdict::default(),
            profile => self.rules.judge(profile.word(), prepared.modality, value),
        };
        let number = |value: Option<f64>| value.map_or(Cell::Null, Cell::F64);
        let mut measured: Vec<(&'static str, Cell)> =
            METRICS.iter().zip(&metrics).map(|(metric, value)| (metric.name, number(*value))).collect();
        let hash = quality.and_then(|quality| phash::phash(&quality.sums, quality.bright));
        for (name, bits) in [("phash", hash.map(|hash| hash[0])), ("phash_fine", hash.map(|hash| hash[1]))] {
            measured.push((name, bits.map_or(Cell::Null, Cell::U64)));
        }
        // A screen is text by nature: unless it was searched, even 16 x 16 means of it are not kept.
        let screen = traits.kind.is_some_and(ImageKind::is_text) && !self.searched;
        let seen = quality.filter(|_| !screen);
        let thumbnail = seen.and_then(|quality| phash::thumbnail(&quality.sums, quality.bright));
        measured.push(("thumbnail", thumbnail.map_or(Cell::Null, |means| Cell::ListU32(phash::words(&means)))));
        let used = quality.and_then(|quality| quality.bits_used);
        measured.push(("bits_used", used.map_or(Cell::Null, |bits| Cell::U64(u64::from(bits)))));
        measured.push(("pixel_digest", Cell::Text(digest.get().clone())));
        measured.push(("quality_score", number(verdict.score)));
        measured.push(("quality_reasons", Cell::ListText(verdict.reasons.clone())));
        measured.push(("quality_flags", Cell::ListText(verdict.flags.clone())));
        Judged { measured, verdict }
    }

    /// Why an image is left out; `None` if it stays. An image that could not be scored stays unless a flag says otherwise.
    pub fn left_out(&self, judged: &Judged) -> Option<Fault> {
        let filtered = |place, cause| Fault::input(Reason::Filtered, place, cause);
        let score = judged.verdict.score;
        if let Some((score, least)) = score.zip(self.least).filter(|(score, least)| score < least) {
            return Some(
                filtered("quality_score", "below the least score that the recipe keeps")
                    .number("score", score.floor() as i64)
                    .number("least", least.ceil() as i64),
            );
        }
        let flagged = judged.verdict.flags.iter().any(|flag| self.flags.contains(flag));
        flagged.then(|| filtered("quality_flags", "carries a flag that the recipe leaves out"))
    }
}

/// Equal for frames of equal shape and samples, whatever their compression.
pub fn pixel_digest(context: &Context, frame: &Frame) -> Clean<String> {
    let sizes = [frame.rows, frame.columns, u32::from(frame.samples), frame.sample_type.bytes() as u32];
    let mut shape: Vec<u8> = sizes.iter().flat_map(|size| size.to_le_bytes()).collect();
    shape.extend(frame.interpretation.photometric.keyword().bytes());
    context.identity.pixel_digest(&shape, frame.bytes())
}

/// Facts that rules can name: `score::rules::FACTS`.
fn fact(name: &str, traits: &Traits, lossy: Option<bool>, bits_used: Option<u8>, bits_stored: f64) -> Option<f64> {
    let truth = |is: bool| f64::from(u8::from(is));
    match name {
        "lossy" => lossy.map(truth),
        "derived" => traits.kind.map(|kind| truth(kind == ImageKind::Derived)),
        "localizer" => traits.kind.map(|kind| truth(kind == ImageKind::Localizer)),
        "captured" => traits.kind.map(|kind| truth(kind.is_text())),
        "incomplete" => Some(1.0 - f64::from(traits.required_present)),
        "sparse" => Some(1.0 - f64::from(traits.recommended_present)),
        "bits_unused" => bits_used.map(|used| (1.0 - f64::from(used) / bits_stored).max(0.0)),
        _ => None,
    }
}

/// The published tutorial's rule: a point each for a file over 5 MB, a series description over 10 characters, and study
/// status COMPLETED.
fn simple(bytes: u64, traits: &Traits) -> Verdict {
    let points = [
        (bytes > LARGE_FILE, "small-file"),
        (traits.described, "no-series-description"),
        (traits.completed, "study-not-completed"),
    ];
    let missed = points.iter().filter(|(earned, _)| !earned).map(|(_, word)| (*word).to_owned()).collect();
    let score = points.iter().filter(|(earned, _)| *earned).count();
    Verdict { score: Some(score as f64), reasons: missed, flags: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_recipe_says_of_tensors_leaves_no_score_out() {
        let text = "[image]\nvoi = { preset = 'lung' }\ndtype = 'u8'\npadding = 'keep'\n";
        let mut recipe = Recipe::parse(text).unwrap();
        let padding = recipe.image.padding;
        measure_all(&mut recipe);
        assert_ne!(padding, PlanSpec::default().padding);
        assert_eq!(recipe.image, PlanSpec { padding, ..PlanSpec::default() });
    }

    #[test]
    fn every_fact_of_the_table_is_known_of_an_image_that_tells_all() {
        let traits = Traits { kind: Some(ImageKind::Original), ..Traits::default() };
        assert!(score::rules::FACTS.len() >= 7);
        for (name, _) in score::rules::FACTS {
            assert!(fact(name, &traits, Some(false), Some(12), 12.0).is_some(), "{name}");
        }
    }

    #[test]
    fn the_tutorials_rule_gives_a_point_for_each() {
        let traits = |described, completed| Traits { described, completed, ..Traits::default() };
        assert_eq!(simple(5_000_001, &traits(true, true)).score, Some(3.0));
        let low = simple(5_000_000, &traits(false, true));
        assert_eq!(
            (low.score, low.reasons.as_slice()),
            (Some(1.0), &["small-file".to_owned(), "no-series-description".to_owned()][..])
        );
    }
}
