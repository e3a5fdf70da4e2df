//! Who lives in the synthetic hospital: patients and physicians with names, dates, numbers and addresses that are
//! shaped like real ones and belong to nobody. Telephone numbers use the range 555-0100 to 555-0199, which is
//! kept free for fiction; social security numbers use the area 900 to 999, which is never issued.

use super::chance::Chance;

/// A day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Day {
    pub(super) year: i32,
    pub(super) month: i32,
    pub(super) day: i32,
}

impl Day {
    /// A day between two years, both included; days past the 28th are left out so that every month has them.
    pub(super) fn any(chance: &mut Chance, first: i32, last: i32) -> Self {
        Self { year: chance.between(first, last), month: chance.between(1, 12), day: chance.between(1, 28) }
    }

    /// DICOM and HL7: 20250131.
    pub(super) fn digits(self) -> String {
        format!("{:04}{:02}{:02}", self.year, self.month, self.day)
    }

    /// Tables: 2025-01-31.
    pub(super) fn iso(self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }

    /// As people write it in reports: 01/31/2025.
    pub(super) fn slashed(self) -> String {
        format!("{:02}/{:02}/{:04}", self.month, self.day, self.year)
    }

    /// Whole years from this day to a later one.
    pub(super) fn years_until(self, later: Day) -> i32 {
        let before_birthday = (later.month, later.day) < (self.month, self.day);
        later.year - self.year - i32::from(before_birthday)
    }
}

/// One patient.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) mrn: String,
    pub(super) family: String,
    pub(super) given: &'static str,
    pub(super) middle: char,
    pub(super) female: bool,
    pub(super) birth: Day,
    pub(super) street: String,
    pub(super) city: &'static str,
    pub(super) state: &'static str,
    pub(super) county: &'static str,
    pub(super) zip: &'static str,
    /// Area code and the last four digits: (212, 142) is 212-555-0142.
    phone: (u32, u32),
    pub(super) ssn: String,
    /// Given name of the spouse or parent, who has the same family name.
    pub(super) relative: &'static str,
    /// Drives the laboratory values, the diagnoses and the medication.
    pub(super) diabetic: bool,
    pub(super) hypertensive: bool,
}

impl Person {
    /// DICOM: FAMILY^GIVEN^M.
    pub(super) fn dicom_name(&self) -> String {
        format!("{}^{}^{}", self.family.to_uppercase(), self.given.to_uppercase(), self.middle)
    }

    /// HL7 XPN and XCN: Family^Given^M.
    pub(super) fn hl7_name(&self) -> String {
        format!("{}^{}^{}", self.family, self.given, self.middle)
    }

    /// As in a letter: Given Family.
    pub(super) fn spoken(&self) -> String {
        format!("{} {}", self.given, self.family)
    }

    /// As real archives name folders: FAMILY_GIVEN.
    pub(super) fn folder(&self) -> String {
        format!("{}_{}", self.family.to_uppercase(), self.given.to_uppercase())
    }

    /// F or M.
    pub(super) fn sex(&self) -> &'static str {
        if self.female { "F" } else { "M" }
    }

    /// 212-555-0142, as in free text.
    pub(super) fn phone_dashed(&self) -> String {
        format!("{}-555-{:04}", self.phone.0, self.phone.1)
    }

    /// (212)555-0142, as in HL7.
    pub(super) fn phone_bracketed(&self) -> String {
        format!("({})555-{:04}", self.phone.0, self.phone.1)
    }

    /// The address in one line.
    pub(super) fn address(&self) -> String {
        format!("{}, {} {} {}", self.street, self.city, self.state, self.zip)
    }

    /// An address that carries the name, as they do.
    pub(super) fn email(&self) -> String {
        format!("{}.{}@example.org", self.given.to_lowercase(), self.family.to_lowercase())
    }

    /// Everything about the person that must not be found in a de-identified dataset.
    pub(super) fn identifiers(&self) -> Vec<String> {
        let upper = |text: &str| text.to_uppercase();
        vec![
            self.mrn.clone(),
            self.family.clone(),
            upper(&self.family),
            self.given.to_string(),
            upper(self.given),
            self.relative.to_string(),
            self.street.clone(),
            self.phone_dashed(),
            self.phone_bracketed(),
            self.ssn.clone(),
            self.email(),
        ]
    }
}

/// One physician: family name, given name, and the national number of ten digits.
pub(super) type Physician = (&'static str, &'static str, &'static str);

/// Physicians, technologists and nurses.
pub(super) const PHYSICIANS: &[Physician] = &[
    ("Quillfeather", "Rosalind", "1990000011"),
    ("Thornbuckle", "Sebastian", "1990000029"),
    ("Wimplestock", "Theodora", "1990000037"),
    ("Crumpelmeyer", "Valentin", "1990000045"),
    ("Brindlemore", "Wilhelmina", "1990000052"),
    ("Hasselquill", "Zacharias", "1990000060"),
];

/// The hospital.
pub(super) const HOSPITAL: &str = "Mercy Gardens Demo Hospital";
/// Its street.
pub(super) const HOSPITAL_STREET: &str = "1 Synthetic Hospital Parkway";
/// Who assigns the medical record numbers: IssuerOfPatientID and PID-3.4.
pub(super) const ISSUER: &str = "MERCYGARDENS";

/// Family names that no one bears, we hope. One carries a letter outside ASCII.
const FAMILIES: &[&str] = &[
    "Fauxworth",
    "Müsterling",
    "Sampleton",
    "Mockridge",
    "Testermann",
    "Phantomley",
    "Placeholm",
    "Exampleby",
    "Dummersen",
    "Syntherby",
    "Specimund",
    "Pseudowicz",
    "Fictorelli",
    "Notarealov",
    "Makebelski",
    "Inventadez",
    "Ersatzki",
    "Proxyberg",
    "Fabrikova",
    "Muestranza",
    "Shamsworth",
    "Feignmoor",
    "Simulakis",
    "Pretendergast",
    "Fablewright",
    "Mythersen",
    "Novelquist",
    "Alibiyama",
    "Anonymides",
    "Unrealsson",
    "Imaginova",
    "Hypothesen",
    "Hologramski",
    "Mirageaux",
    "Figmentauer",
    "Phonyham",
    "Chimeraki",
    "Figurantez",
    "Mannequist",
    "Decoymaker",
];
const GIVEN_F: &[&str] = &[
    "Annelise",
    "Beatrix",
    "Clementine",
    "Dorothea",
    "Eleonora",
    "Franziska",
    "Guinevere",
    "Henrietta",
    "Isadora",
    "Josephina",
    "Katharina",
    "Leopoldine",
];
const GIVEN_M: &[&str] = &[
    "Archibald",
    "Bartholomew",
    "Cornelius",
    "Dittrick",
    "Ebenezer",
    "Ferdinand",
    "Gottfried",
    "Horatio",
    "Ignatius",
    "Jeremias",
    "Konstantin",
    "Maximilian",
];
const STREETS: &[&str] =
    &["Imaginary Lane", "Placebo Avenue", "Phantom Hollow Road", "Nowhere Terrace", "Specimen Court", "Hypothesis Way"];
/// City, state, county, ZIP: 82190 lies in one of the three-digit areas with fewer than 20,000 people.
const PLACES: &[(&str, &str, &str, &str)] = &[
    ("Springfield", "MA", "Hampden County", "01103"),
    ("Somerville", "MA", "Middlesex County", "02143"),
    ("Albany", "NY", "Albany County", "12207"),
    ("Yellowstone", "WY", "Teton County", "82190"),
    ("Madison", "WI", "Dane County", "53703"),
    ("Tucson", "AZ", "Pima County", "85701"),
];
const AREA_CODES: &[u32] = &[212, 312, 413, 508, 608, 715, 802, 907];

/// The patients of a seed. Patient `i` is the same whatever the count.
pub(super) fn people(seed: u64, count: u32) -> Vec<Person> {
    (0..count).map(|i| person(seed, i)).collect()
}

fn person(seed: u64, index: u32) -> Person {
    let mut chance = Chance::about(seed, &[1, u64::from(index)]);
    let female = index.is_multiple_of(2);
    let given = *chance.pick(if female { GIVEN_F } else { GIVEN_M });
    let relative = *chance.pick(if female { GIVEN_M } else { GIVEN_F });
    let place = chance.pick(PLACES);
    // One patient in twelve is past 89, so that the cap on ages has something to do.
    let birth = if index % 12 == 5 { Day::any(&mut chance, 1928, 1933) } else { Day::any(&mut chance, 1938, 2009) };
    Person {
        mrn: format!("MG{}", 40_000_000 + index * 1013 + chance.below(1000) as u32),
        family: FAMILIES[index as usize % FAMILIES.len()].to_string(),
        given,
        middle: char::from(b'A' + chance.below(26) as u8),
        female,
        birth,
        street: format!("{} {}", 100 + index * 3 + chance.below(3) as u32, chance.pick(STREETS)),
        city: place.0,
        state: place.1,
        county: place.2,
        zip: place.3,
        phone: (AREA_CODES[index as usize / 100 % AREA_CODES.len()], 100 + index % 100),
        ssn: format!("9{:02}-{:02}-{:04}", chance.below(100), 10 + chance.below(80), 1000 + index),
        relative,
        diabetic: chance.one_in(3),
        hypertensive: chance.one_in(2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patients_differ_in_every_number_and_stay_the_same_when_more_come() {
        let all = people(1, 200);
        for column in [0usize, 7, 9] {
            let mut values: Vec<String> = all.iter().map(|p| p.identifiers()[column].clone()).collect();
            values.sort_unstable();
            values.dedup();
            assert_eq!(values.len(), 200, "column {column}");
        }
        assert_eq!(people(1, 3)[2].dicom_name(), all[2].dicom_name());
        assert!(all.iter().flat_map(Person::identifiers).all(|word| word.len() >= 5));
    }

    #[test]
    fn ages_count_birthdays() {
        let birth = Day { year: 1963, month: 4, day: 12 };
        // The day before the 61st birthday, and the day itself.
        assert_eq!(birth.years_until(Day { year: 2024, month: 4, day: 11 }), 60);
        assert_eq!(birth.years_until(Day { year: 2024, month: 4, day: 12 }), 61);
    }
}
