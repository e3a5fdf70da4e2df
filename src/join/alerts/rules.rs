//! The rules that say which results somebody should be told of, read from TOML and checked.

use crate::error::{Fault, Result};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};

/// The name of the file that holds them.
pub const FILE: &str = "alerts.toml";

/// A list of rules.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    pub(super) rule: Vec<Rule>,
    /// Places of the rules that name a code.
    #[serde(skip)]
    by_code: HashMap<String, Vec<usize>>,
}

/// One rule: a limit for results of some codes.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    pub(super) name: String,
    pub(super) severity: String,
    codes: Vec<String>,
    pub(super) unit: String,
    above: Option<f64>,
    below: Option<f64>,
    rise: Option<f64>,
    fall: Option<f64>,
    within_hours: Option<f64>,
    #[serde(default)]
    factors: BTreeMap<String, Factor>,
    /// The rule's unit and those of `factors` as they are compared.
    #[serde(skip)]
    spelled: HashMap<String, [f64; 2]>,
}

/// How a value in another unit becomes one in the rule's.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
enum Factor {
    /// Value x factor.
    Times(f64),
    /// Value x factor + what is added: degrees.
    TimesPlus([f64; 2]),
}

impl Factor {
    fn parts(self) -> [f64; 2] {
        match self {
            Factor::Times(factor) => [factor, 0.0],
            Factor::TimesPlus(parts) => parts,
        }
    }
}

/// What a rule looks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Limit {
    Above(f64),
    Below(f64),
    /// At least so much more than an earlier result, within so many milliseconds.
    Rise(f64, i64),
    /// At least so much less.
    Fall(f64, i64),
}

impl Limit {
    /// The word for it in a rule.
    pub(super) fn word(self) -> &'static str {
        match self {
            Limit::Above(_) => "above",
            Limit::Below(_) => "below",
            Limit::Rise(..) => "rise",
            Limit::Fall(..) => "fall",
        }
    }

    /// The number in the rule.
    pub(super) fn number(self) -> f64 {
        let (Limit::Above(limit) | Limit::Below(limit) | Limit::Rise(limit, _) | Limit::Fall(limit, _)) = self;
        limit
    }
}

/// Words for how much somebody should hurry.
const SEVERITIES: [&str; 3] = ["CRITICAL", "HIGH", "MEDIUM"];
/// Milliseconds of an hour.
const HOUR_MS: f64 = 3_600_000.0;

impl Rules {
    /// The rules that come with the program.
    pub fn shipped() -> Result<Self> {
        Self::parse(include_str!("../../../rules/alerts.toml"))
    }

    /// Reads rules from TOML.
    ///
    /// # Errors
    /// Text of another form; a rule without exactly one limit, with a change but no time for it, without a code, with a
    /// factor that is no positive number, or of a severity that is not CRITICAL, HIGH or MEDIUM; two of one name.
    pub fn parse(text: &str) -> Result<Self> {
        let mut rules: Rules = toml::from_str(text)
            .map_err(|error| Fault::toml("rules/alerts.toml", "not a list of rules", text, &error))?;
        let mut names = std::collections::BTreeSet::new();
        for rule in &rules.rule {
            let wrong = |cause| Err(Fault::config("rules/alerts.toml", cause, rule.name.clone()));
            if rule.limit().is_none() {
                return wrong("a rule has one limit: above, below, or rise or fall with within_hours");
            }
            if rule.codes.is_empty() || !SEVERITIES.contains(&rule.severity.as_str()) {
                return wrong("a rule has codes and is CRITICAL, HIGH or MEDIUM");
            }
            let sound = |[times, plus]: [f64; 2]| times.is_finite() && times > 0.0 && plus.is_finite();
            if !rule.factors.values().all(|factor| sound(factor.parts())) {
                return wrong("a factor is a positive number, or one with a number to be added");
            }
            if ![rule.above, rule.below, rule.rise, rule.fall].iter().flatten().all(|limit| limit.is_finite()) {
                return wrong("a limit is a number");
            }
            if !names.insert(&rule.name) {
                return wrong("two rules of one name");
            }
        }
        for (place, rule) in rules.rule.iter_mut().enumerate() {
            rule.spelled = rule.factors.iter().map(|(unit, factor)| (spelled(unit), factor.parts())).collect();
            rule.spelled.insert(spelled(&rule.unit), [1.0, 0.0]);
            for code in &rule.codes {
                let places = rules.by_code.entry(code.clone()).or_default();
                if !places.contains(&place) {
                    places.push(place);
                }
            }
        }
        Ok(rules)
    }

    /// Places of the rules that look at results of a code, in order.
    pub(super) fn of_code(&self, code: &str) -> &[usize] {
        self.by_code.get(code).map_or(&[], Vec::as_slice)
    }

    /// Name, severity and meaning of every rule, for people.
    pub fn lines(&self) -> impl Iterator<Item = (&str, String)> {
        self.rule.iter().map(|rule| {
            let limit = match rule.limit() {
                Some(Limit::Above(limit)) => format!("above {limit}"),
                Some(Limit::Below(limit)) => format!("below {limit}"),
                Some(Limit::Rise(by, ms)) => format!("rises by {by} within {} h", ms as f64 / HOUR_MS),
                Some(Limit::Fall(by, ms)) => format!("falls by {by} within {} h", ms as f64 / HOUR_MS),
                None => String::new(),
            };
            (rule.name.as_str(), format!("{} {limit} {} ({})", rule.severity, rule.unit, rule.codes.join(", ")))
        })
    }
}

impl Rule {
    /// The one limit, or `None` if there is none or more than one.
    pub(super) fn limit(&self) -> Option<Limit> {
        let window = || self.within_hours.filter(|hours| *hours > 0.0).map(|hours| (hours * HOUR_MS) as i64);
        match (self.above, self.below, self.rise, self.fall, self.within_hours) {
            (Some(limit), None, None, None, None) => Some(Limit::Above(limit)),
            (None, Some(limit), None, None, None) => Some(Limit::Below(limit)),
            (None, None, Some(by), None, Some(_)) => Some(Limit::Rise(by, window()?)),
            (None, None, None, Some(by), Some(_)) => Some(Limit::Fall(by, window()?)),
            _ => None,
        }
    }

    /// A value in the rule's unit, if its unit is that or can be turned into it.
    pub(super) fn converted(&self, value: f64, unit: &str) -> Option<f64> {
        if unit == self.unit {
            return Some(value);
        }
        let [times, plus] = self.spelled.get(&spelled(unit))?;
        Some(value * times + plus)
    }

    /// Whether a result lies beyond the limit; `None` where its comparator leaves that open: `>300` says nothing about a
    /// limit of 400.
    pub(super) fn broken_by(&self, value: f64, comparator: &str) -> Option<bool> {
        // Conversions are not exact in binary: a billionth is no difference.
        let exceeds = |a: f64, b: f64| a - b > 1e-9 * b.abs().max(1.0);
        match self.limit()? {
            Limit::Above(limit) => match comparator {
                "" | "=" => Some(exceeds(value, limit)),
                ">=" => exceeds(value, limit).then_some(true),
                ">" => (!exceeds(limit, value)).then_some(true),
                "<" | "<=" => (!exceeds(value, limit)).then_some(false),
                _ => None,
            },
            Limit::Below(limit) => match comparator {
                "" | "=" => Some(exceeds(limit, value)),
                "<=" => exceeds(limit, value).then_some(true),
                "<" => (!exceeds(value, limit)).then_some(true),
                ">" | ">=" => (!exceeds(limit, value)).then_some(false),
                _ => None,
            },
            Limit::Rise(..) | Limit::Fall(..) => None,
        }
    }
}

/// A unit as it is compared: without blanks, case, what UCUM has in braces (`{cells}/uL`), and the many ways to write micro
/// and powers of ten.
fn spelled(unit: &str) -> String {
    let mut depth = 0usize;
    let annotated = |letter: &char| {
        let inside = depth > 0 || *letter == '{';
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        !inside && !letter.is_whitespace()
    };
    let plain: String = unit.chars().filter(annotated).flat_map(char::to_lowercase).collect();
    let plain = plain.replace(['\u{b5}', '\u{3bc}'], "u").replace("mcg", "ug").replace("mcl", "ul").replace('^', "*");
    plain.strip_prefix('x').filter(|rest| rest.starts_with("10")).map_or(plain.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(name: &str) -> Rule {
        Rules::shipped().unwrap().rule.into_iter().find(|rule| rule.name == name).unwrap()
    }

    fn fires(rule: &Rule, value: f64, comparator: &str, unit: &str) -> bool {
        rule.converted(value, unit).is_some_and(|value| rule.broken_by(value, comparator) == Some(true))
    }

    #[test]
    fn limits_hold_in_every_unit() {
        let glucose = rule("glucose-high");
        assert!(fires(&glucose, 401.0, "", "mg/dL") && !fires(&glucose, 400.0, "", "mg/dL"));
        // 25 mmol/L x 18.016 = 450.4 mg/dL
        assert_eq!(glucose.converted(25.0, "MMOL/L").map(f64::round), Some(450.0));
        assert!(!fires(&glucose, 500.0, "", "apples"));
        // 300 umol/L x 0.01131 = 3.39 mg/dL
        assert!(fires(&rule("creatinine-high"), 300.0, "", "umol/L"));
    }

    /// For analytes measured in moles too: molar mass in g/mol, rule, unit, and rule units per that unit from the mass.
    #[test]
    fn factors_are_what_molar_masses_say() {
        // mg/dL = mmol/L x M / 10 = umol/L x M / 10,000; g/dL = mmol/L x M / 10,000; mmol/L = mg/dL x 10 / M.
        for (name, unit, expected) in [
            ("glucose-high", "mmol/L", 180.156 / 10.0),
            ("creatinine-high", "umol/L", 113.12 / 10_000.0),
            ("calcium-high", "mmol/L", 40.078 / 10.0),
            ("magnesium-high", "mmol/L", 24.305 / 10.0),
            ("phosphate-low", "mmol/L", 30.974 / 10.0),
            ("urea-nitrogen-high", "mmol/L", 28.014 / 10.0),
            ("bilirubin-high", "umol/L", 584.66 / 10_000.0),
            ("haemoglobin-low", "mmol/L", 16_114.5 / 10_000.0),
            ("lactate-high", "mg/dL", 10.0 / 90.08),
            ("calcium-ionised-low", "mg/dL", 10.0 / 40.078),
            ("ammonia-high", "ug/dL", 10.0 / 17.031),
            ("oxygen-pressure-low", "kPa", 7.500_62),
        ] {
            let found = rule(name).converted(1.0, unit).unwrap();
            assert!((found / expected - 1.0).abs() < 0.001, "{name}: {found} for {expected}");
        }
        // 104 degF is 40 degrees Celsius, 95 are 35.
        for (fahrenheit, celsius) in [(104.0, 40.0), (95.0, 35.0), (32.0, 0.0)] {
            assert!((rule("temperature-high").converted(fahrenheit, "degF").unwrap() - celsius).abs() < 1e-9);
        }
    }

    #[test]
    fn every_rule_holds_at_just_below_and_just_above_its_limit_in_every_unit() {
        let (mut limits, mut changes, mut units) = (0, 0, 0);
        for rule in Rules::shipped().unwrap().rule {
            let Some(limit @ (Limit::Above(_) | Limit::Below(_))) = rule.limit() else {
                changes += 1;
                continue;
            };
            limits += 1;
            let own = (rule.unit.clone(), Factor::Times(1.0));
            for (unit, factor) in rule.factors.iter().map(|(unit, factor)| (unit.clone(), *factor)).chain([own]) {
                units += 1;
                let [times, plus] = factor.parts();
                // A thousandth of the limit to either side, as the other unit has it.
                let broken = |share: f64| {
                    let value = (limit.number() * share - plus) / times;
                    rule.broken_by(rule.converted(value, &unit).unwrap(), "").unwrap()
                };
                let expected = matches!(limit, Limit::Above(_));
                let found = [broken(0.999), broken(1.0), broken(1.001)];
                assert_eq!(found, [!expected, false, expected], "{} in {unit}", rule.name);
            }
            for wrong in ["apples", "mg", "kg/L"] {
                assert_eq!(rule.converted(1.0, wrong), None, "{} in {wrong}", rule.name);
            }
        }
        assert_eq!((limits, changes, units), (55, 4, 199));
    }

    #[test]
    fn units_are_known_however_they_are_spelled() {
        let creatinine = rule("creatinine-high");
        let by = |unit| creatinine.converted(1000.0, unit);
        for unit in ["umol/L", "µmol/L", "\u{3bc}mol/l", "UMOL/L", " umol / L"] {
            assert_eq!(by(unit), by("umol/L"), "{unit}");
        }
        assert!(by("mmol/L").is_none());
        let platelets = rule("platelets-low");
        for unit in ["10*3/uL", "10^3/uL", "x10^3/mcL", "X10E3/UL", "x10^9/L", "K/mcL", "/nL"] {
            assert_eq!(platelets.converted(5.0, unit), Some(5.0), "{unit}");
        }
        for unit in ["{cells}/uL", "/uL", "cells/uL"] {
            assert_eq!(platelets.converted(5000.0, unit), Some(5.0), "{unit}");
        }
        assert_eq!(rule("heart-rate-high").converted(70.0, "{beats}/min"), Some(70.0));
        // 5000 in a cubic millimetre are 5 in a nanolitre.
        assert_eq!(platelets.converted(5000.0, "/mm3"), Some(5.0));
        assert_eq!(rule("troponin-t-high").converted(100.0, "mcg/L"), Some(100.0));
    }

    #[test]
    fn comparators_fire_only_when_they_leave_no_doubt() {
        let (high, low) = (rule("glucose-high"), rule("glucose-low"));
        for (rule, value, comparator, expected) in [
            (&high, 500.0, ">", true),
            (&high, 400.0, ">", true),
            (&high, 400.0, ">=", false),
            (&high, 300.0, ">", false),
            (&high, 500.0, "<", false),
            (&high, 500.0, "<>", false),
            (&low, 40.0, "<", true),
            (&low, 40.0, "<=", false),
            (&low, 39.0, "", true),
        ] {
            assert_eq!(fires(rule, value, comparator, "mg/dL"), expected, "{comparator}{value}");
        }
    }

    #[test]
    fn rules_that_cannot_be_followed_are_refused() {
        let head = "[[rule]]\nname='x'\nunit='mg/dL'\n";
        let good = "severity='HIGH'\ncodes=['A']\nabove=1";
        assert!(Rules::parse(&format!("{head}{good}")).is_ok());
        let bad = [
            "severity='HIGH'\ncodes=['A']",
            "severity='HIGH'\ncodes=['A']\nabove=1\nbelow=0",
            "severity='HIGH'\ncodes=['A']\nrise=1",
            "severity='HIGH'\ncodes=['A']\nrise=1\nwithin_hours=0",
            "severity='HIGH'\ncodes=['A']\nabove=1\nwithin_hours=1",
            "severity='HIGH'\ncodes=[]\nabove=1",
            "severity='LOUD'\ncodes=['A']\nabove=1",
            "severity='HIGH'\ncodes=['A']\nabove=1\nfactors={'g/L'=-1.0}",
            "severity='HIGH'\ncodes=['A']\nabove=1\nwhen='now'",
        ];
        for text in bad {
            let fault = Rules::parse(&format!("{head}{text}")).unwrap_err();
            assert_eq!(fault.kind, crate::error::Kind::Config, "{text}");
        }
        assert!(Rules::parse(&format!("{head}{good}\n{head}{good}")).is_err(), "two of one name");
    }

    #[test]
    fn every_shipped_rule_has_its_line() {
        let rules = Rules::shipped().unwrap();
        assert_eq!(rules.lines().filter(|(_, line)| line.contains('(')).count(), rules.rule.len());
        assert!(rules.rule.len() >= 30, "{}", rules.rule.len());
    }
}
