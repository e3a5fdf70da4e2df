//! What the synthetic archive holds, before any pixel or file exists: patients, and studies with their accession
//! numbers. Images, HL7 messages and tables are all made from this plan; that is why they agree.

use super::chance::Chance;
use super::people::{Day, HOSPITAL, HOSPITAL_STREET, PHYSICIANS, Person, Physician, people};

/// What is examined, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exam {
    CtChest,
    CtHead,
    CtAbdomen,
    CrChest,
    DxHand,
    CrPelvis,
    DxChest,
    Mammography,
    MrBrain,
    MrKnee,
    MrSpine,
    UsAbdomen,
    UsHeart,
    UsThyroid,
    Bones,
    EnhancedMr,
}

/// One row of the list of examinations.
pub(super) struct ExamRow {
    pub(super) exam: Exam,
    /// Modality (0008,0060), also OBR-24.
    pub(super) modality: &'static str,
    /// BodyPartExamined (0018,0015); empty where it is not given.
    pub(super) body_part: &'static str,
    /// Local procedure code and its words, in the order and the study alike.
    pub(super) code: &'static str,
    pub(super) words: &'static str,
}

const fn row(
    exam: Exam,
    modality: &'static str,
    body_part: &'static str,
    code: &'static str,
    words: &'static str,
) -> ExamRow {
    ExamRow { exam, modality, body_part, code, words }
}

/// Every examination, in the order in which studies take them.
pub(super) const EXAMS: &[ExamRow] = &[
    row(Exam::CtChest, "CT", "CHEST", "CTCH", "CT chest without contrast"),
    row(Exam::CtHead, "CT", "HEAD", "CTHD", "CT head"),
    row(Exam::CtAbdomen, "CT", "ABDOMEN", "CTAB", "CT abdomen with contrast"),
    row(Exam::CrChest, "CR", "CHEST", "CRCH", "Chest PA"),
    row(Exam::DxHand, "DX", "HAND", "DXHA", "Hand left"),
    row(Exam::CrPelvis, "CR", "PELVIS", "CRPE", "Pelvis AP"),
    row(Exam::Mammography, "MG", "BREAST", "MGSC", "Screening mammography"),
    row(Exam::DxChest, "DX", "CHEST", "DXCH", "Chest PA digital"),
    row(Exam::MrBrain, "MR", "BRAIN", "MRBR", "MR brain T1"),
    row(Exam::MrKnee, "MR", "KNEE", "MRKN", "MR knee right"),
    row(Exam::MrSpine, "MR", "LSPINE", "MRLS", "MR lumbar spine"),
    row(Exam::UsAbdomen, "US", "ABDOMEN", "USAB", "Ultrasound abdomen"),
    row(Exam::UsHeart, "US", "HEART", "USHT", "Echocardiography"),
    row(Exam::UsThyroid, "US", "THYROID", "USTH", "Ultrasound thyroid"),
    row(Exam::Bones, "NM", "", "NMBS", "Bone scan"),
    row(Exam::EnhancedMr, "MR", "HEAD", "MRPF", "MR head enhanced"),
];

/// Examinations of a few hundred kilobytes that patients beyond the list get.
const SMALL: &[usize] = &[9, 10, 13, 14];

/// One visit to radiology.
pub(super) struct Study {
    /// Place in the plan: part of every UID below it.
    pub(super) index: usize,
    pub(super) row: &'static ExamRow,
    /// Place of the patient in the plan.
    pub(super) person: usize,
    pub(super) accession: String,
    pub(super) order: String,
    pub(super) uid: String,
    pub(super) day: Day,
    /// HHMMSS.
    pub(super) time: String,
    pub(super) referring: Physician,
    pub(super) reading: Physician,
    pub(super) operator: Physician,
}

/// Everything that follows from the seed and the counts.
pub(super) struct Archive {
    pub(super) seed: u64,
    pub(super) people: Vec<Person>,
    pub(super) studies: Vec<Study>,
}

impl Archive {
    /// At least one patient is made; every examination occurs at least once.
    pub(super) fn new(seed: u64, patients: u32) -> Self {
        let people = people(seed, patients.max(1));
        let count = EXAMS.len().max(people.len());
        let studies = (0..count).map(|index| study(seed, index, people.len())).collect();
        Self { seed, people, studies }
    }

    /// The patient of a study.
    pub(super) fn person(&self, study: &Study) -> &Person {
        &self.people[study.person]
    }

    /// A UID for a thing below a study: the words say which.
    pub(super) fn uid(&self, study: &Study, series: u64, instance: u64) -> String {
        Chance::about(self.seed, &[3, study.index as u64, series, instance]).uid()
    }

    /// The device that made the images of a modality: station name and serial number.
    pub(super) fn device(modality: &str) -> (String, String) {
        (format!("{modality}DEMOROOM7"), format!("SN-DEMO-{modality}-48151"))
    }

    /// Every string that names a patient, a person of the staff, the hospital, an order or a study.
    pub(super) fn identifiers(&self) -> Vec<String> {
        let mut words: Vec<String> = self.people.iter().flat_map(Person::identifiers).collect();
        for study in &self.studies {
            words.extend([study.accession.clone(), study.order.clone(), study.uid.clone()]);
            let (station, serial) = Self::device(study.row.modality);
            words.extend([station, serial]);
        }
        for (family, given, number) in PHYSICIANS {
            words.extend([family, given, number].map(|word| word.to_string()));
        }
        words.extend([HOSPITAL, HOSPITAL_STREET].map(String::from));
        words.sort_unstable();
        words.dedup();
        words
    }
}

fn study(seed: u64, index: usize, people: usize) -> Study {
    let mut chance = Chance::about(seed, &[2, index as u64]);
    let row = EXAMS.get(index).unwrap_or_else(|| &EXAMS[SMALL[index % SMALL.len()]]);
    Study {
        index,
        row,
        person: index % people,
        accession: format!("ACC{}", 7_000_000 + index * 97 + chance.below(97) as usize),
        order: format!("ORD{}", 3_000_000 + index * 89 + chance.below(89) as usize),
        uid: chance.uid(),
        day: Day::any(&mut chance, 2024, 2025),
        time: format!("{:02}{:02}{:02}", chance.between(7, 18), chance.between(0, 59), chance.between(0, 59)),
        referring: *chance.pick(PHYSICIANS),
        reading: *chance.pick(PHYSICIANS),
        operator: *chance.pick(PHYSICIANS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_examination_occurs_even_with_one_patient() {
        let archive = Archive::new(5, 1);
        assert_eq!(archive.studies.len(), 16);
        assert!(archive.studies.iter().all(|study| study.person == 0));
        let mut numbers: Vec<_> = archive.studies.iter().map(|s| s.accession.clone()).collect();
        numbers.dedup();
        assert_eq!(numbers.len(), 16);
    }
}
