//! The HL7 v2.5.1 messages of the synthetic hospital: admissions, laboratory and ward results, radiology reports,
//! prescriptions, appointments. Each is a list of segments; `feed` puts them into files.

use super::chance::Chance;
use super::laboratory::{self, Item};
use super::papers::report_text;
use super::people::{Day, HOSPITAL, HOSPITAL_STREET, ISSUER, PHYSICIANS, Person, Physician};
use super::plan::{Archive, Study};

/// Which department sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sender {
    Admission,
    Laboratory,
    Radiology,
    Pharmacy,
    Scheduling,
    Ward,
}

/// Of twenty messages in a row, who sends which.
const MIX: [Sender; 20] = {
    use Sender::{Admission as A, Laboratory as L, Pharmacy as P, Radiology as R, Scheduling as S, Ward as W};
    [A, L, A, P, R, A, L, S, W, A, L, P, A, R, L, A, S, W, A, P]
};

/// Message type and trigger of admissions in the order of a stay.
const STAY: [(&str, &str); 4] = [("A01", "ADT_A01"), ("A08", "ADT_A01"), ("A02", "ADT_A02"), ("A03", "ADT_A03")];

/// One message.
pub(super) struct Message {
    pub(super) sender: Sender,
    pub(super) segments: Vec<String>,
}

/// Who, when and under which number.
struct Event<'a> {
    archive: &'a Archive,
    person: &'a Person,
    number: u32,
    day: Day,
    /// YYYYMMDDHHMMSS.
    moment: String,
    physician: Physician,
    chance: Chance,
}

/// Message number `number` of an archive.
pub(super) fn message(archive: &Archive, number: u32) -> Message {
    let sender = MIX[number as usize % MIX.len()];
    let round = number as usize / MIX.len();
    let mut chance = Chance::about(archive.seed, &[11, u64::from(number)]);
    // Two radiology messages in twenty: report after report, until every study had one, then again.
    let turn = 2 * round + usize::from(number as usize % MIX.len() > 10);
    let study = &archive.studies[turn % archive.studies.len()];
    let at = chance.below(archive.people.len() as u64) as usize;
    let person = if sender == Sender::Radiology { archive.person(study) } else { &archive.people[at] };
    let day = if sender == Sender::Radiology { study.day } else { Day::any(&mut chance, 2024, 2025) };
    // Reports are written in the evening, after the last study of the day.
    let first_hour = if sender == Sender::Radiology { 19 } else { 0 };
    let clock = (chance.between(first_hour, 23), chance.between(0, 59), chance.between(0, 59));
    let moment = format!("{}{:02}{:02}{:02}", day.digits(), clock.0, clock.1, clock.2);
    let physician = *chance.pick(PHYSICIANS);
    let mut event = Event { archive, person, number, day, moment, physician, chance };
    let segments = match sender {
        Sender::Admission => admission(&mut event),
        Sender::Laboratory => results(&mut event, "LAB", laboratory::PANEL),
        Sender::Ward => ward(&mut event),
        Sender::Radiology => radiology(&event, study),
        Sender::Pharmacy => pharmacy(&mut event),
        Sender::Scheduling => scheduling(&mut event),
    };
    Message { sender, segments }
}

/// XCN of a physician: number, family name, given name.
fn staff(who: Physician) -> String {
    format!("{}^{}^{}^^^DR", who.2, who.0, who.1)
}

impl Event<'_> {
    fn header(&self, application: &str, kind: &str) -> String {
        format!(
            "MSH|^~\\&|{application}|{ISSUER}|VOXMILL|RESEARCH|{}||{kind}|MSG{:08}|P|2.5.1||||||UNICODE UTF-8",
            self.moment,
            10_000_000 + self.number
        )
    }

    fn patient(&self) -> String {
        let p = self.person;
        format!(
            "PID|1||{}^^^{ISSUER}^MR~{}^^^USSSA^SS||{}||{}|{}||2106-3^White^HL70005|{}^^{}^{}^{}^USA^H||\
             {}^PRN^PH^{}||eng|M|||{}",
            p.mrn,
            p.ssn,
            p.hl7_name(),
            p.birth.digits(),
            p.sex(),
            p.street,
            p.city,
            p.state,
            p.zip,
            p.phone_bracketed(),
            p.email(),
            p.ssn
        )
    }

    fn visit(&mut self, class: &str) -> String {
        let bed = format!("W{}^{}^{}^{ISSUER}", self.chance.between(1, 6), self.chance.between(101, 140), 1);
        let visit = 500_000 + self.number;
        // PV1-19 is the visit, PV1-44 the admission.
        let gap = "|".repeat(25);
        format!("PV1|1|{class}|{bed}||||{}|||MED|||||||||V{visit}{gap}{}", staff(self.physician), self.moment)
    }
}

fn admission(event: &mut Event<'_>) -> Vec<String> {
    let (trigger, structure) = STAY[event.number as usize / 2 % STAY.len()];
    let p = event.person;
    let mut segments = vec![
        event.header("ADT", &format!("ADT^{trigger}^{structure}")),
        format!("EVN|{trigger}|{}", event.moment),
        event.patient(),
        format!("NK1|1|{}^{}|SPO^Spouse^HL70063|{}|{}", p.family, p.relative, p.street, p.phone_bracketed()),
        event.visit("I"),
    ];
    for (place, problem) in (1..).zip(laboratory::problems(p)) {
        segments.push(format!(
            "DG1|{place}|I10|{}^{}^I10|{}|{}|W",
            problem.icd10, problem.words, problem.words, event.moment
        ));
    }
    if event.chance.one_in(3) {
        segments.push("AL1|1|DA^Drug allergy^HL70127|7980^Penicillin^RXNORM|MO^Moderate^HL70128|Rash".to_string());
    }
    segments.push(format!("GT1|1||{}^{}||{}^^{}^{}^{}", p.family, p.relative, p.street, p.city, p.state, p.zip));
    segments.push(format!("IN1|1|PLAN1|INS7|Demo Mutual|{HOSPITAL_STREET}|||||||||||{}^{}|SPO", p.family, p.relative));
    segments
}

fn results(event: &mut Event<'_>, department: &str, panel: &[Item]) -> Vec<String> {
    let order = format!("L{}", 600_000 + event.number);
    let mut segments = vec![
        event.header(department, "ORU^R01^ORU_R01"),
        event.patient(),
        event.visit("I"),
        format!("ORC|RE|{order}|F{order}||CM||||{}|||{}", event.moment, staff(event.physician)),
        format!(
            "OBR|1|{order}|F{order}|24323-8^Comprehensive metabolic panel^LN|||{}|||||||||{}||||||{}||LAB|F",
            event.moment,
            staff(event.physician),
            event.moment
        ),
    ];
    for (place, item) in (1..).zip(panel) {
        let (value, flag) = laboratory::measure(item, event.person, event.number, &mut event.chance);
        segments.push(format!(
            "OBX|{place}|NM|{}^{}^LN||{value}|{}^{}^UCUM|{}|{flag}|||F|||{}||{}",
            item.loinc,
            item.words,
            item.unit,
            item.unit,
            item.range(),
            event.moment,
            staff(event.physician)
        ));
    }
    segments
}

/// A ward's own feed: a glucose meter, a nurse's note, and a segment that no standard knows.
fn ward(event: &mut Event<'_>) -> Vec<String> {
    let p = event.person;
    let mut segments = results(event, "WARD", laboratory::BEDSIDE);
    segments.push(format!(
        "NTE|1|L|{} rang at {}. Told Dr. {}\\T\\ nurse {}; call back {} or {}.",
        p.spoken(),
        event.day.slashed(),
        event.physician.0,
        event.physician.1,
        p.phone_dashed(),
        p.email()
    ));
    segments.push(format!("NTE|2|L|MRN {} lives at {}.\\.br\\Next of kin {}.", p.mrn, p.address(), p.relative));
    segments.push(format!("ZWD|1|{}^{}|{}|BED7|{}", p.family, p.given, p.mrn, p.phone_dashed()));
    segments
}

/// The report of a study: ORC-2 and ORC-3 the order, OBR-18 the accession number of its images.
fn radiology(event: &Event<'_>, study: &Study) -> Vec<String> {
    let row = study.row;
    let started = format!("{}{}", study.day.digits(), study.time);
    let referring = staff(study.referring);
    let mut segments = vec![
        event.header("RIS", "ORU^R01^ORU_R01"),
        event.patient(),
        format!("PV1|1|O|RAD^1^1^{ISSUER}||||{referring}"),
        format!("ORC|RE|{}|{}||CM||||{}|||{referring}", study.order, study.accession, event.moment),
        format!(
            "OBR|1|{order}|{accession}|{code}^{words}^99DEMO|||{started}|||||||||{referring}||{accession}|{order}|||{moment}||\
             {modality}|F|||||||{reading}",
            order = study.order,
            accession = study.accession,
            code = row.code,
            words = row.words,
            moment = event.moment,
            modality = row.modality,
            reading = staff(study.reading)
        ),
    ];
    let text = report_text(event.archive, study);
    segments.push(format!("OBX|1|TX|18748-4^Diagnostic imaging report^LN||{text}||||||F|||{}", event.moment));
    segments.push(format!("OBX|2|HD|113014^DICOM Study UID^DCM||{}||||||F", study.uid));
    segments
}

fn pharmacy(event: &mut Event<'_>) -> Vec<String> {
    let drugs = laboratory::medication(event.person);
    let drug = *event.chance.pick(&drugs);
    let order = format!("R{}", 700_000 + event.number);
    let days = event.chance.between(7, 90);
    vec![
        event.header("PHARM", "RDE^O11^RDE_O11"),
        event.patient(),
        event.visit("I"),
        format!("ORC|NW|{order}|P{order}||SC||||{}|||{}", event.moment, staff(event.physician)),
        format!(
            "RXE|1^{}^D{days}^{}|{}^{}^RXNORM|{}||{}|TAB^Tablet||{HOSPITAL}||{days}|TAB|1|{}",
            drug.timing,
            event.moment,
            drug.rxnorm,
            drug.words,
            drug.dose,
            drug.unit,
            staff(event.physician)
        ),
        format!("NTE|1|P|Hand to {} in person", event.person.spoken()),
        format!("TQ1|1||{}||||{}", drug.timing, event.moment),
        "RXR|PO^Oral^HL70162".to_string(),
    ]
}

fn scheduling(event: &mut Event<'_>) -> Vec<String> {
    let visit = format!("S{}", 800_000 + event.number);
    let minutes = 15 * event.chance.between(1, 4);
    let reason = format!("Follow-up {}", event.person.family);
    vec![
        event.header("SCHED", "SIU^S12^SIU_S12"),
        format!(
            "SCH|{visit}|F{visit}||||BOOK^Booked^HL70276|FU^{reason}|ROUTINE|{minutes}|min|^^{minutes}^{}|||||{who}|{}|||{who}|||||BOOKED",
            event.moment,
            event.person.phone_bracketed(),
            who = staff(event.physician)
        ),
        event.patient(),
        event.visit("O"),
        "RGS|1|A".to_string(),
        format!("AIS|1|A|FU^Follow-up visit^99DEMO|{}|||{minutes}|min||BOOKED", event.moment),
        format!("AIP|1|A|{}|ATT^Attending|||{}", staff(event.physician), event.moment),
    ]
}
