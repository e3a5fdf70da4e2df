//! From metrics to a score: rules say how many points a metric can cost and at which value it costs half of them.

use super::METRICS;
use crate::error::{Fault, Result};
use serde::{Deserialize, Serialize};

/// The file that a folder of rules may hold in place of the shipped one.
pub const FILE: &str = "quality.toml";
/// The rules that the program brings.
pub const SHIPPED: &str = include_str!("../../rules/quality.toml");

/// Facts of the header that rules can name beside metrics: 1 for yes, 0 for no, or a share.
pub const FACTS: &[(&str, &str)] = &[
    ("lossy", "1 if the pixels have been through lossy compression."),
    ("derived", "1 if ImageType (0008,0008) says DERIVED."),
    ("localizer", "1 if ImageType says LOCALIZER."),
    ("captured", "1 for what burned_in.toml calls text by nature: captures, saved screens, dose pages, scanned paper."),
    ("incomplete", "Share of the modality's required attributes that are missing."),
    ("sparse", "Share of the modality's recommended attributes that are missing."),
    ("bits_unused", "Share of BitsStored that no value needs."),
];

/// On which side of `half` a metric is bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Worse {
    /// The higher, the worse.
    Above,
    /// The lower, the worse.
    Below,
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Penalty {
    /// The word in quality_reasons and quality_flags.
    pub reason: String,
    /// Metric or fact.
    pub metric: String,
    /// Which side is bad.
    pub worse: Worse,
    /// Values up to (or down to) this cost nothing: what clean images have of it. 0 if it is absent.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub from: f64,
    /// Where half of the points are lost, on the bad side of `from`.
    pub half: f64,
    /// Steepness: points are lost as x^power / (1 + x^power), x = (value - from) / (half - from), or the same of the inverses.
    #[serde(default = "square")]
    pub power: f64,
    /// Points that it can cost, 0 to 100.
    pub points: f64,
    /// From this value on (or down to it) the image carries the flag; never, without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<f64>,
    /// For these modalities; for all that no earlier rule of the same reason is for, if empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modalities: Vec<String>,
    /// In these profiles; in all of them, if empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub profiles: Vec<String>,
}

fn is_zero(from: &f64) -> bool {
    *from == 0.0
}

fn square() -> f64 {
    2.0
}

/// All rules.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    /// In order: of rules with one reason the first that is for the image's modality counts.
    pub penalties: Vec<Penalty>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema: u32,
    penalty: Vec<Penalty>,
}

/// What the rules say of one image.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verdict {
    /// 0 to 100; `None` if nothing could be measured.
    pub score: Option<f64>,
    /// What cost at least [`TOLD`] points, the worst first.
    pub reasons: Vec<String>,
    /// Findings: rules whose flag was reached, in their order.
    pub flags: Vec<String>,
}

/// Points from which on a rule is named among the reasons.
pub const TOLD: f64 = 3.0;

impl Rules {
    /// The rules that the program brings.
    pub fn shipped() -> Result<Self> {
        Self::parse(SHIPPED)
    }

    /// Reads and checks rules.
    pub fn parse(text: &str) -> Result<Self> {
        let file: File = toml::from_str(text)
            .map_err(|error| Fault::toml("rules/quality.toml", "not a file of rules", text, &error))?;
        if file.schema != 1 {
            return Err(Fault::config("quality rules", "another form of rules", file.schema.to_string()));
        }
        Self::new(file.penalty)
    }

    /// Checks rules.
    pub fn new(penalties: Vec<Penalty>) -> Result<Self> {
        for penalty in &penalties {
            let bad = |cause| Err(Fault::config("rules/quality.toml", cause, penalty.reason.clone()));
            let known = METRICS.iter().map(|metric| metric.name).chain(FACTS.iter().map(|fact| fact.0));
            if !known.into_iter().any(|name| name == penalty.metric) {
                return bad("a rule about a metric that does not exist");
            }
            if !(penalty.half > 0.0 && penalty.half.is_finite() && penalty.power > 0.0 && penalty.power <= 16.0) {
                return bad("half and power are above 0");
            }
            let before = match penalty.worse {
                Worse::Above => penalty.from < penalty.half,
                Worse::Below => penalty.from > penalty.half || penalty.from == 0.0,
            };
            if !(before && penalty.from >= 0.0 && penalty.from.is_finite()) {
                return bad("from is 0 or more, and half lies on its bad side");
            }
            if !(0.0..=100.0).contains(&penalty.points) {
                return bad("points are from 0 to 100");
            }
            if penalty.reason.is_empty() || !penalty.reason.bytes().all(|b| b.is_ascii_lowercase() || b == b'-') {
                return bad("a reason is a word of lower-case letters and hyphens");
            }
        }
        Ok(Self { penalties })
    }

    /// Judges an image: each rule leaves a share of the points that the others left.
    pub fn judge(&self, profile: &str, modality: Option<&str>, value: impl Fn(&str) -> Option<f64>) -> Verdict {
        let mut verdict = Verdict::default();
        let mut lost: Vec<(f64, &str)> = Vec::new();
        let mut settled: Vec<&str> = Vec::new();
        for penalty in &self.penalties {
            let ours = penalty.profiles.is_empty() || penalty.profiles.iter().any(|word| word == profile);
            let fits = penalty.modalities.is_empty()
                || modality.is_some_and(|modality| penalty.modalities.iter().any(|word| word == modality));
            if !ours || !fits || settled.contains(&penalty.reason.as_str()) {
                continue;
            }
            settled.push(&penalty.reason);
            let Some(value) = value(&penalty.metric) else { continue };
            let points = penalty.points * penalty.share(value);
            verdict.score = Some(verdict.score.unwrap_or(100.0) * (1.0 - points / 100.0));
            if points >= TOLD {
                lost.push((points, &penalty.reason));
            }
            if penalty.flagged(value) {
                verdict.flags.push(penalty.reason.clone());
            }
        }
        lost.sort_by(|a, b| b.0.total_cmp(&a.0));
        verdict.reasons = lost.into_iter().map(|(_, reason)| reason.to_owned()).collect();
        verdict
    }

    /// Every word a flag can be.
    pub fn flags(&self) -> Vec<&str> {
        let mut words: Vec<&str> =
            self.penalties.iter().filter(|p| p.flag.is_some()).map(|p| p.reason.as_str()).collect();
        words.sort_unstable();
        words.dedup();
        words
    }
}

impl Penalty {
    /// Share of the points that a value costs, 0 to 1.
    fn share(&self, value: f64) -> f64 {
        let inverse = |value: f64| if value > 0.0 { 1.0 / value } else { 0.0 };
        let x = match self.worse {
            Worse::Above => (value - self.from) / (self.half - self.from),
            Worse::Below if value <= 0.0 => return 1.0,
            Worse::Below => (inverse(value) - inverse(self.from)) / (inverse(self.half) - inverse(self.from)),
        };
        let x = x.max(0.0);
        let raised = x.powf(self.power);
        if raised.is_finite() { raised / (1.0 + raised) } else { 1.0 }
    }

    fn flagged(&self, value: f64) -> bool {
        self.flag.is_some_and(|flag| match self.worse {
            Worse::Above => value >= flag,
            Worse::Below => value <= flag,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str) -> Result<Rules> {
        Rules::parse(&format!("schema = 1\n[[penalty]]\n{text}"))
    }

    const NOISE: &str =
        "reason = 'noise'\nmetric = 'quality_noise_ratio'\nworse = 'above'\nhalf = 0.1\npoints = 50\nflag = 0.3";

    #[test]
    fn half_the_points_are_lost_at_half_and_losses_multiply() {
        let rules = rule(NOISE).unwrap();
        let judge = |value: f64| rules.judge("default", None, |_| Some(value));
        assert_eq!(judge(0.1).score, Some(75.0));
        // x = 3: 9 / 10 of 50 points.
        assert!(judge(0.3).score.is_some_and(|score| (score - 55.0).abs() < 1e-9));
        assert_eq!(judge(0.3).flags, ["noise"]);
        assert_eq!(judge(0.0), Verdict { score: Some(100.0), ..Verdict::default() });
        assert_eq!(rules.judge("default", None, |_| None), Verdict::default());
        let two = Rules::new(
            [rules.penalties.clone(), rule(&NOISE.replace("'noise'", "'grain'")).unwrap().penalties].concat(),
        );
        // 100 x 0.75 x 0.75.
        assert_eq!(two.unwrap().judge("default", None, |_| Some(0.1)).score, Some(56.25));
    }

    #[test]
    fn nothing_is_lost_before_from() {
        let share = |worse: &str, from: f64, value: f64| {
            let text = NOISE.replace("'above'", worse).replace("flag = 0.3", &format!("from = {from}"));
            rule(&text).unwrap().penalties[0].share(value)
        };
        // (0.12 - 0.05) / (0.1 - 0.05) = 1.4: 1.96 / 2.96.
        assert_eq!([share("'above'", 0.05, 0.05), share("'above'", 0.05, 0.1)], [0.0, 0.5]);
        assert!((share("'above'", 0.05, 0.12) - 1.96 / 2.96).abs() < 1e-9);
        // Inverses: (1 / 0.05 - 1 / 0.2) / (1 / 0.1 - 1 / 0.2) = 15 / 5 = 3: 9 / 10.
        assert_eq!([share("'below'", 0.2, 0.3), share("'below'", 0.2, 0.1)], [0.0, 0.5]);
        assert!((share("'below'", 0.2, 0.05) - 0.9).abs() < 1e-9);
        for from in ["from = 0.1", "from = -0.1", "from = nan"] {
            assert!(rule(&NOISE.replace("flag = 0.3", from)).is_err(), "{from}");
        }
        assert!(rule(&NOISE.replace("'above'", "'below'").replace("flag = 0.3", "from = 0.05")).is_err());
    }

    #[test]
    fn the_first_rule_of_a_reason_for_the_modality_counts() {
        let both = format!("{NOISE}\nmodalities = ['CT']\n[[penalty]]\n{}", NOISE.replace("50", "20"));
        let rules = rule(&both).unwrap();
        assert_eq!(rules.judge("default", Some("CT"), |_| Some(0.1)).score, Some(75.0));
        assert_eq!(rules.judge("default", Some("MR"), |_| Some(0.1)).score, Some(90.0));
    }

    #[test]
    fn shipped_rules_are_sound_and_wrong_ones_refused() {
        let rules = Rules::shipped().unwrap();
        assert!(rules.penalties.len() >= 15 && rules.flags().contains(&"blank"));
        for (from, to) in [("noise_ratio", "nose"), ("0.1", "0.0"), ("50", "101"), ("'noise'", "'A b'"), ("above", "x")]
        {
            assert_eq!(rule(&NOISE.replace(from, to)).unwrap_err().kind, crate::error::Kind::Config, "{to}");
        }
    }
}
