//! The rules that say which results somebody should be told of, read from TOML and checked.

use crate::error::{Fault, Result};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The name of the file that holds them.
pub const FILE: &str = "alerts.toml";

/// A list of rules.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    pub(super) rule: Vec<Rule>,
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
    factors: BTreeMap<String, f64>,
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
        let rules: Rules = toml::from_str(text)
            .map_err(|error| Fault::config("rules/alerts.toml", "not a list of rules", error.to_string()))?;
        let mut names = std::collections::BTreeSet::new();
        for rule in &rules.rule {
            let wrong = |cause| Err(Fault::config("rules/alerts.toml", cause, rule.name.clone()));
            if rule.limit().is_none() {
                return wrong("a rule has one limit: above, below, or rise or fall with within_hours");
            }
            if rule.codes.is_empty() || !SEVERITIES.contains(&rule.severity.as_str()) {
                return wrong("a rule has codes and is CRITICAL, HIGH or MEDIUM");
            }
            if rule.factors.values().any(|factor| !factor.is_finite() || *factor <= 0.0) {
                return wrong("a factor is a positive number");
            }
            if !names.insert(&rule.name) {
                return wrong("two rules of one name");
            }
        }
        Ok(rules)
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

    /// Whether the rule looks at results of this code.
    pub(super) fn names(&self, code: &str) -> bool {
        self.codes.iter().any(|named| named == code)
    }

    /// A value in the rule's unit, if its unit is that or can be turned into it. Case does not count.
    pub(super) fn converted(&self, value: f64, unit: &str) -> Option<f64> {
        if unit.eq_ignore_ascii_case(&self.unit) {
            return Some(value);
        }
        let (_, factor) = self.factors.iter().find(|(other, _)| other.eq_ignore_ascii_case(unit))?;
        Some(value * factor)
    }

    /// Whether a result lies beyond the limit for certain: `>300` says nothing about a limit of 400.
    pub(super) fn broken_by(&self, value: f64, comparator: &str) -> bool {
        match (self.limit(), comparator) {
            (Some(Limit::Above(limit)), "" | "=" | ">=") => value > limit,
            (Some(Limit::Above(limit)), ">") => value >= limit,
            (Some(Limit::Below(limit)), "" | "=" | "<=") => value < limit,
            (Some(Limit::Below(limit)), "<") => value <= limit,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(name: &str) -> Rule {
        Rules::shipped().unwrap().rule.into_iter().find(|rule| rule.name == name).unwrap()
    }

    fn fires(rule: &Rule, value: f64, comparator: &str, unit: &str) -> bool {
        rule.converted(value, unit).is_some_and(|value| rule.broken_by(value, comparator))
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
