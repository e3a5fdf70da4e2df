//! The tables of the electronic health record, with the headers of Synthea's CSV export, so that readers which know
//! that layout know these; PATIENT is the medical record number.

use super::chance::Chance;
use super::laboratory::{medication, problems};
use super::people::{Day, Person};
use super::plan::Archive;

const PATIENTS: &str = "Id,BIRTHDATE,DEATHDATE,SSN,DRIVERS,PASSPORT,PREFIX,FIRST,LAST,SUFFIX,MAIDEN,MARITAL,RACE,\
                        ETHNICITY,GENDER,BIRTHPLACE,ADDRESS,CITY,STATE,COUNTY,ZIP,LAT,LON,HEALTHCARE_EXPENSES,\
                        HEALTHCARE_COVERAGE";
const CONDITIONS: &str = "START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION";
const MEDICATIONS: &str = "START,STOP,PATIENT,PAYER,ENCOUNTER,CODE,DESCRIPTION,BASE_COST,PAYER_COVERAGE,DISPENSES,\
                           TOTALCOST,REASONCODE,REASONDESCRIPTION";

/// The tables: path, bytes, rows without the header.
pub(super) fn files(archive: &Archive) -> Vec<(String, Vec<u8>, u32)> {
    let mut tables = [PATIENTS, CONDITIONS, MEDICATIONS].map(|header| vec![header.to_string()]);
    for (place, person) in (0..).zip(&archive.people) {
        let mut chance = Chance::about(archive.seed, &[12, place]);
        let [patients, conditions, medications] = &mut tables;
        patients.push(patient(person));
        for problem in problems(person) {
            let start = onset(person, &mut chance);
            let row = [&start.iso(), "", &person.mrn, &encounter(&mut chance), problem.snomed, problem.words];
            conditions.push(row.join(","));
        }
        for drug in medication(person) {
            let start = format!("{}T08:00:00Z", onset(person, &mut chance).iso());
            let visit = encounter(&mut chance);
            let row =
                [&start, "", &person.mrn, "", &visit, drug.rxnorm, drug.words, "4.20", "3.10", "12", "50.40", "", ""];
            medications.push(row.join(","));
        }
    }
    let names = ["ehr/patients.csv", "ehr/conditions.csv", "ehr/medications.csv"];
    let file = |(name, lines): (&str, Vec<String>)| {
        let rows = lines.len() as u32 - 1;
        (name.to_string(), (lines.join("\n") + "\n").into_bytes(), rows)
    };
    names.into_iter().zip(tables).map(file).collect()
}

fn patient(person: &Person) -> String {
    let (prefix, gender) = if person.female { ("Mrs.", "F") } else { ("Mr.", "M") };
    let birth = person.birth.iso();
    [
        person.mrn.as_str(),
        &birth,
        "",
        &person.ssn,
        "",
        "",
        prefix,
        person.given,
        &person.family,
        "",
        "",
        "M",
        "white",
        "nonhispanic",
        gender,
        person.city,
        &person.street,
        person.city,
        person.state,
        person.county,
        person.zip,
        "",
        "",
        "1200.50",
        "800.25",
    ]
    .join(",")
}

/// A day as an adult, or as a child for the youngest, always before the archive begins.
fn onset(person: &Person, chance: &mut Chance) -> Day {
    Day::any(chance, (person.birth.year + 12).max(2012), 2023)
}

/// An identifier shaped like Synthea's.
fn encounter(chance: &mut Chance) -> String {
    let (a, b) = (chance.next(), chance.next());
    format!("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", a >> 32, a >> 16 & 0xffff, a & 0xffff, b >> 48, b & 0xffff_ffff_ffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_as_many_cells_as_its_header() {
        let archive = Archive::new(1, 24);
        let files = files(&archive);
        let mut rows = 0;
        for (name, bytes, count) in &files {
            let text = String::from_utf8(bytes.clone()).expect("the tables are UTF-8");
            let cells: Vec<usize> = text.lines().map(|line| line.split(',').count()).collect();
            assert!(cells.iter().all(|n| *n == cells[0]), "{name}");
            assert_eq!(cells.len() as u32, count + 1);
            rows += count;
        }
        assert_eq!(files[0].2, 24);
        // At least one problem and one drug for each of 24 patients.
        assert!(rows >= 72);
    }
}
