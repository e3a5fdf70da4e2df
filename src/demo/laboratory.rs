//! Medicine as tables: laboratory items with units and reference ranges, problems, drugs; and values that follow from
//! the patient, critical now and then so that alerts have something to find.

use super::chance::Chance;
use super::people::Person;

/// One laboratory item. Values are in thousandths of the unit, so that no rounding depends on the machine.
pub(super) struct Item {
    pub(super) loinc: &'static str,
    pub(super) words: &'static str,
    /// UCUM.
    pub(super) unit: &'static str,
    low: i32,
    high: i32,
    /// Below and above which a value is critical.
    critical: (i32, i32),
    /// Digits after the point.
    digits: usize,
    /// A value that everybody must notice, and how often a message carries it: every so many messages.
    alarm: (i32, u32),
}

pub(super) const GLUCOSE: Item = Item {
    loinc: "2345-7",
    words: "Glucose",
    unit: "mg/dL",
    low: 70_000,
    high: 99_000,
    critical: (40_000, 400_000),
    digits: 0,
    alarm: (447_000, 31),
};

/// What the laboratory measures.
pub(super) const PANEL: &[Item] = &[
    GLUCOSE,
    Item {
        loinc: "2823-3",
        words: "Potassium",
        unit: "mmol/L",
        low: 3_500,
        high: 5_100,
        critical: (2_500, 6_200),
        digits: 1,
        alarm: (6_900, 47),
    },
    Item {
        loinc: "2160-0",
        words: "Creatinine",
        unit: "mg/dL",
        low: 600,
        high: 1_300,
        critical: (0, 3_000),
        digits: 2,
        alarm: (4_350, 53),
    },
    Item {
        loinc: "718-7",
        words: "Hemoglobin",
        unit: "g/dL",
        low: 12_000,
        high: 16_000,
        critical: (7_000, 20_000),
        digits: 1,
        alarm: (6_100, 59),
    },
    Item {
        loinc: "2951-2",
        words: "Sodium",
        unit: "mmol/L",
        low: 136_000,
        high: 145_000,
        critical: (120_000, 160_000),
        digits: 0,
        alarm: (117_000, 97),
    },
];

/// What a ward measures at the bedside.
pub(super) const BEDSIDE: &[Item] = &[GLUCOSE];

impl Item {
    /// The reference range as OBX-7 carries it.
    pub(super) fn range(&self) -> String {
        format!("{}-{}", self.spell(self.low), self.spell(self.high))
    }

    fn spell(&self, thousandths: i32) -> String {
        format!("{:.*}", self.digits, f64::from(thousandths) / 1000.0)
    }
}

/// A value of an item for a patient, as written, and its abnormal flag (HL7 table 0078).
pub(super) fn measure(item: &Item, person: &Person, message: u32, chance: &mut Chance) -> (String, &'static str) {
    let span = item.high - item.low;
    let usual = chance.between(item.low - span / 6, item.high + span / 6);
    let sick = person.diabetic && item.loinc == GLUCOSE.loinc;
    let value = match message % item.alarm.1 {
        0 => item.alarm.0,
        _ if sick => usual + 3 * span,
        _ => usual,
    };
    // The flag belongs to the value as it is written.
    let step = [1000, 100, 10][item.digits.min(2)];
    let value = value / step * step;
    let flag = match value {
        _ if value < item.critical.0 => "LL",
        _ if value > item.critical.1 => "HH",
        _ if value < item.low => "L",
        _ if value > item.high => "H",
        _ => "N",
    };
    (item.spell(value), flag)
}

/// A problem in the two codings that hospitals use.
pub(super) struct Problem {
    pub(super) icd10: &'static str,
    pub(super) snomed: &'static str,
    pub(super) words: &'static str,
}

const DIABETES: Problem = Problem { icd10: "E11.9", snomed: "44054006", words: "Diabetes mellitus type 2" };
const HYPERTENSION: Problem = Problem { icd10: "I10", snomed: "59621000", words: "Essential hypertension" };
const BACK_PAIN: Problem = Problem { icd10: "M54.5", snomed: "278862001", words: "Acute low back pain" };

/// What a patient has; everybody has something.
pub(super) fn problems(person: &Person) -> Vec<&'static Problem> {
    let mut list = Vec::new();
    if person.diabetic {
        list.push(&DIABETES);
    }
    if person.hypertensive {
        list.push(&HYPERTENSION);
    }
    if list.is_empty() {
        list.push(&BACK_PAIN);
    }
    list
}

/// A drug with its usual order.
#[derive(Clone, Copy)]
pub(super) struct Drug {
    pub(super) rxnorm: &'static str,
    pub(super) words: &'static str,
    pub(super) dose: &'static str,
    pub(super) unit: &'static str,
    pub(super) timing: &'static str,
}

const fn drug(rxnorm: &'static str, words: &'static str, dose: &'static str, timing: &'static str) -> Drug {
    Drug { rxnorm, words, dose, unit: "mg", timing }
}

/// What a patient takes.
pub(super) fn medication(person: &Person) -> Vec<Drug> {
    let mut list = vec![drug("243670", "Aspirin 81 MG Oral Tablet", "81", "QD")];
    if person.diabetic {
        list.push(drug("861007", "Metformin hydrochloride 500 MG Oral Tablet", "500", "BID"));
    }
    if person.hypertensive {
        list.push(drug("314076", "Lisinopril 10 MG Oral Tablet", "10", "QD"));
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::people::people;

    #[test]
    fn alarms_are_critical_and_flagged() {
        let person = &people(1, 1)[0];
        let flags: Vec<_> = PANEL.iter().map(|item| measure(item, person, 0, &mut Chance::about(1, &[]))).collect();
        // Message 0 is the first of every alarm's cycle: glucose 447 > 400 ... sodium 117 < 120.
        let want = [("447", "HH"), ("6.9", "HH"), ("4.35", "HH"), ("6.1", "LL"), ("117", "LL")];
        let want: Vec<_> = want.iter().map(|(value, flag)| (value.to_string(), *flag)).collect();
        assert_eq!(flags, want);
        assert_eq!(PANEL[1].range(), "3.5-5.1");
    }
}
