//! The archive and its answers: twelve patients with eighteen CT files each. Every file has what a real one has, and in turn
//! rows of Table E.1-1 and attributes that the table does not name.

use crate::descriptions::{Chance, description, identifier};
use crate::standard::{Attribute, Row, attributes, element, image_module, meta, profile, sequence, sorted};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What must become of a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Want {
    /// The attribute stays as it is.
    Retained,
    /// There is some value.
    NotNull,
    /// The attribute goes.
    Gone,
    /// The value goes, the attribute may stay.
    Changed,
    /// The text stays as it is.
    Same,
    /// A part stays, another goes.
    Cleaned { stays: String, goes: String },
    /// The date moves by the patient's days.
    Shifted,
    /// The UID is another one.
    Uid,
    /// The UID in the sequence leads to a new object.
    Reference,
    /// The patient's id becomes a pseudonym.
    Patient,
    /// The picture stays as it is.
    Pixels,
}

/// One answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Old SOPInstanceUID of the object.
    pub sop: String,
    /// Old id of the patient.
    pub patient: String,
    pub tag: (u16, u16),
    pub old: Vec<u8>,
    pub want: Want,
}

const FAMILIES: [&str; 12] = [
    "Quenlow",
    "Vostrander",
    "Ebbelthwaite",
    "Korrigansky",
    "Ashimbaeva",
    "Drumgoolie",
    "Zellenrath",
    "Obuachi",
    "Tsurimoto",
    "Haverquist",
    "Lindqvara",
    "Mbengashe",
];
const GIVEN: [&str; 4] = ["Ottoline", "Barnaby", "Ximena", "Thaddeus"];
const FILES: usize = 18;
const CT: &str = "1.2.840.10008.5.1.4.1.1.2";
const SYNTAX: &str = "1.2.840.10008.1.2.1";

/// Options of the preset `research`, by the columns of the standard's table.
const KEPT: &[&str] = &["rtnDevIdOpt", "rtnPatCharsOpt"];
const CLEANED: &[&str] = &["cleanDescOpt", "rtnDevIdOpt", "rtnPatCharsOpt"];

/// Days of a date YYYYMMDD since some day.
pub fn day(text: &str) -> Option<i64> {
    let date = chrono::NaiveDate::parse_from_str(text, "%Y%m%d").ok()?;
    Some(date.signed_duration_since(chrono::NaiveDate::default()).num_days())
}

struct File<'a> {
    sop: String,
    patient: &'a str,
    family: &'a str,
    elements: Vec<((u16, u16), Vec<u8>)>,
    answers: Vec<Answer>,
}

impl File<'_> {
    fn put(&mut self, tag: (u16, u16), vr: &str, value: &[u8], want: Want) {
        if self.elements.iter().any(|(there, _)| *there == tag) {
            return;
        }
        self.elements.push((tag, element(tag, vr, value)));
        self.answer(tag, value, want);
    }

    fn answer(&mut self, tag: (u16, u16), old: &[u8], want: Want) {
        let (sop, patient) = (self.sop.clone(), self.patient.to_owned());
        self.answers.push(Answer { sop, patient, tag, old: old.to_vec(), want });
    }

    fn phrase(&mut self, tag: (u16, u16), vr: &str, stays: &str, goes: &str) {
        let want = Want::Cleaned { stays: stays.to_owned(), goes: goes.to_owned() };
        self.put(tag, vr, format!("{stays} {goes}").as_bytes(), want);
    }
}

/// Makes the archive in `dir`.
pub fn make(dir: &Path, corpus: &Path) -> Vec<Answer> {
    let dictionary: BTreeMap<(u16, u16), Attribute> = attributes(corpus).into_iter().map(|a| (a.tag, a)).collect();
    let rows: Vec<Row> = profile(corpus).into_iter().filter(|row| row.tag.0 >= 8).collect();
    let listed: BTreeSet<(u16, u16)> = rows.iter().map(|row| row.tag).collect();
    let unlisted: Vec<&Attribute> = dictionary.values().filter(|a| is_plain(a) && !listed.contains(&a.tag)).collect();
    assert!(unlisted.len() > 1500, "{} attributes that the table does not name", unlisted.len());
    std::fs::create_dir_all(dir).unwrap();
    let mut answers = Vec::new();
    for (p, family) in FAMILIES.iter().enumerate() {
        let patient = format!("HX{:05}Q", 73_001 + p * 977);
        for n in 0..FILES {
            let uid = |n: usize| format!("1.2.826.0.1.4141.{p}.1.{n}");
            let mut file = File {
                sop: uid(n),
                patient: &patient,
                family,
                elements: vec![((8, 0x16), element((8, 0x16), "UI", CT.as_bytes()))],
                answers: Vec::new(),
            };
            base(&mut file, p, n, &uid((n + 1) % FILES));
            let turn = p * FILES + n;
            for place in 0..4 {
                let row = &rows[(turn * 4 + place) % rows.len()];
                if let Some(attribute) = dictionary.get(&row.tag) {
                    by_table(&mut file, row, attribute, p);
                }
            }
            for place in 0..12 {
                plain(&mut file, unlisted[(turn * 12 + place) % unlisted.len()], turn);
            }
            let bytes = [meta(CT, &file.sop, SYNTAX), sorted(file.elements)].concat();
            std::fs::write(dir.join(format!("{p:02}-{n:02}")), bytes).unwrap();
            answers.extend(file.answers);
        }
    }
    answers
}

/// What every file has.
fn base(file: &mut File, p: usize, n: usize, next: &str) {
    let given = GIVEN[p % GIVEN.len()];
    let sop = file.sop.clone();
    let (patient, family) = (file.patient.to_owned(), file.family.to_owned());
    file.put((8, 0x18), "UI", sop.as_bytes(), Want::Uid);
    file.answer((8, 0x18), sop.as_bytes(), Want::NotNull);
    for (tag, offset) in [((8, 0x20), 0), ((8, 0x21), 0), ((8, 0x22), 1), ((8, 0x23), 1)] {
        let date = format!("2023{:02}{:02}", 1 + (p + n) % 12, 1 + (p * 2 + n + offset) % 28);
        file.put(tag, "DA", date.as_bytes(), Want::Shifted);
    }
    file.put((8, 0x2A), "DT", format!("2023{:02}14081500.250000", 1 + p % 12).as_bytes(), Want::Shifted);
    file.put((8, 0x50), "SH", format!("AX{p}{n:03}77").as_bytes(), Want::Changed);
    file.put((8, 0x60), "CS", b"CT", Want::Same);
    file.put((8, 0x70), "LO", b"SIEMENS", Want::Same);
    file.put((8, 0x80), "LO", b"Larchwood Infirmary", Want::Changed);
    file.put((8, 0x90), "PN", b"Pettibone^Clarimond", Want::Changed);
    file.phrase((8, 0x1030), "LO", "CT CHEST WITH CONTRAST", &family.to_uppercase());
    file.phrase((8, 0x103E), "LO", "AXIAL 5 MM LUNG", &format!("{given} {family}"));
    file.put((8, 0x1090), "LO", b"SOMATOM Force", Want::Same);
    file.phrase((0x10, 0x4000), "LT", "No prior studies.", &format!("MRN {patient}"));
    file.put((0x10, 0x10), "PN", format!("{family}^{given}").as_bytes(), Want::Changed);
    file.put((0x10, 0x20), "LO", patient.as_bytes(), Want::Patient);
    file.put((0x10, 0x30), "DA", format!("19{:02}0417", 30 + p * 4).as_bytes(), Want::Changed);
    file.put((0x10, 0x40), "CS", if p.is_multiple_of(2) { b"F" } else { b"M" }, Want::Same);
    file.put((0x10, 0x1010), "AS", format!("0{:02}Y", 20 + p * 5).as_bytes(), Want::Same);
    file.put((0x10, 0x1040), "LO", b"77 Wexcombe Rise, Tolland", Want::Gone);
    file.put((0x18, 0x15), "CS", b"CHEST", Want::Same);
    file.put((0x18, 0x1000), "LO", format!("SER{p}88213").as_bytes(), Want::Same);
    // Descriptions that name nobody, in four attributes that are cleaned; beside one of them somebody is named.
    let mut chance = Chance((p * FILES + n) as u64);
    for tag in [(0x18, 0x1030), (0x32, 0x1060), (0x40, 0x254)] {
        file.put(tag, "LO", description(&mut chance).as_bytes(), Want::Same);
    }
    let (stays, (named, goes)) = (description(&mut chance), identifier(&mut chance));
    let goes = goes.last().cloned().unwrap_or_default();
    file.put((0x18, 0x4000), "LT", format!("{stays} - {named}").as_bytes(), Want::Cleaned { stays, goes });
    file.put((0x20, 0x0D), "UI", format!("1.2.826.0.1.4141.{p}").as_bytes(), Want::Uid);
    file.answer((0x20, 0x0D), b"", Want::NotNull);
    file.put((0x20, 0x0E), "UI", format!("1.2.826.0.1.4141.{p}.1").as_bytes(), Want::Uid);
    file.put((0x20, 0x52), "UI", format!("1.2.826.0.1.4141.{p}.2").as_bytes(), Want::Uid);
    file.put((0x20, 0x13), "IS", n.to_string().as_bytes(), Want::Retained);
    file.put(
        (0x20, 0x4000),
        "LT",
        format!("Small nodule, compare 2021. {family} informed.").as_bytes(),
        Want::Cleaned { stays: "Small nodule".to_owned(), goes: family.clone() },
    );
    file.put((9, 0x10), "LO", b"LARCHWOOD LOCAL", Want::Gone);
    file.put((9, 0x1001), "LO", format!("{family} {given}").as_bytes(), Want::Gone);
    let item = [element((8, 0x1150), "UI", CT.as_bytes()), element((8, 0x1155), "UI", next.as_bytes())].concat();
    file.elements.push(((8, 0x1140), sequence((8, 0x1140), &item)));
    file.answer((8, 0x1140), next.as_bytes(), Want::Reference);
    for (tag, bytes) in image_module() {
        let value = bytes[8..].to_vec();
        let text = value.iter().rposition(|b| *b != b' ').map_or(0, |at| at + 1);
        let value = if [&b"CS"[..], b"DS"].contains(&&bytes[4..6]) { value[..text].to_vec() } else { value };
        file.elements.push((tag, bytes));
        file.answer(tag, &value, Want::Retained);
    }
    let samples: Vec<u8> = (0..72u16).flat_map(|i| ((i * 7 + (p * 31 + n) as u16) % 4096).to_le_bytes()).collect();
    file.elements.push(((0x7FE0, 0x10), element((0x7FE0, 0x10), "OW", &samples)));
    file.answer((0x7FE0, 0x10), &samples, Want::Pixels);
}

/// An attribute of Table E.1-1 under the options of the preset.
fn by_table(file: &mut File, row: &Row, attribute: &Attribute, p: usize) {
    let has =
        |columns: &[&str], word: &str| row.options.iter().any(|(c, w)| columns.contains(&c.as_str()) && w == word);
    let vr = attribute.vr.as_str();
    let family = file.family.to_owned();
    let (kept, cleaned) = (has(KEPT, "K"), has(CLEANED, "C"));
    let free = matches!(vr, "SH" | "LO" | "ST" | "LT" | "UT" | "UC");
    match vr {
        "UI" if row.basic == "U" && !kept => {
            let uid = format!("1.2.826.0.1.4141.{p}.9.{}", row.tag.0 as u32 * 65536 + row.tag.1 as u32);
            file.put(row.tag, "UI", uid.as_bytes(), Want::Uid);
        }
        "DA" | "DT" if has(&["rtnLongModifDatesOpt"], "C") => {
            let date = format!("2022{:02}{:02}", 1 + p % 12, 1 + row.tag.1 % 28);
            let value = if vr == "DA" { date } else { date + "120000" };
            file.put(row.tag, vr, value.as_bytes(), Want::Shifted);
        }
        _ if (free || vr == "AE") && kept => file.put(row.tag, vr, b"K88 UNIT", Want::Same),
        _ if free && cleaned => file.phrase(row.tag, vr, "View", &family),
        "AE" if cleaned => {
            let patient = file.patient.to_owned();
            file.phrase(row.tag, vr, "VIEW", &patient);
        }
        _ if free || vr == "PN" || vr == "AE" => {
            let value = if vr == "PN" { "Pettibone^Clarimond" } else { "Larchwood 7" };
            match row.basic.as_str() {
                "X" => file.put(row.tag, vr, value.as_bytes(), Want::Gone),
                "D" => {
                    file.put(row.tag, vr, value.as_bytes(), Want::Changed);
                    file.answer(row.tag, b"", Want::NotNull);
                }
                _ => file.put(row.tag, vr, value.as_bytes(), Want::Changed),
            }
        }
        "SQ" if row.basic == "X" && row.options.is_empty() => {
            let item = element((8, 0x104), "LO", b"Larchwood 7");
            if file.elements.iter().all(|(tag, _)| *tag != row.tag) {
                file.elements.push((row.tag, sequence(row.tag, &item)));
                file.answer(row.tag, b"", Want::Gone);
            }
        }
        _ => {}
    }
}

/// Whether an attribute holds a number or a defined term, and nothing else depends on it.
fn is_plain(attribute: &Attribute) -> bool {
    let (group, number) = attribute.tag;
    let own =
        group == 0x28 || !(8..0x5000).contains(&group) || attribute.tag == (8, 5) || attribute.tag == (0x12, 0x62);
    let vr = matches!(attribute.vr.as_str(), "DS" | "IS" | "US" | "SS" | "UL" | "FL" | "FD" | "CS");
    // Group lengths, and attributes whose words say what the object itself is.
    vr && !own && number != 0 && !attribute.retired
}

fn plain(file: &mut File, attribute: &Attribute, turn: usize) {
    let number = 3 + turn % 90;
    let value: Vec<u8> = match attribute.vr.as_str() {
        "DS" => format!("{number}.5").into_bytes(),
        "IS" => number.to_string().into_bytes(),
        "US" | "SS" => (number as u16).to_le_bytes().to_vec(),
        "UL" => (number as u32).to_le_bytes().to_vec(),
        "FL" => (number as f32).to_le_bytes().to_vec(),
        "FD" => (number as f64).to_le_bytes().to_vec(),
        _ => b"YES".to_vec(),
    };
    file.put(attribute.tag, &attribute.vr, &value, Want::Retained);
}
