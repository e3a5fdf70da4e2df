//! Words by which a message names people: no code of the same message may leave if it contains one of them. Which
//! fields name people is a table.

use super::message::Message;
use super::patient::patient_of;
use super::value::Value;
use crate::model::table::PersonId;
use crate::model::{Naming, Phi};

/// Segment and its fields that hold names, addresses, telephone numbers and ids of people and of where they are.
const NAMING: &[(&[u8], &[usize])] = &[
    (b"PID", &[2, 3, 4, 5, 6, 9, 11, 13, 14, 18, 19, 20, 21, 23]),
    (b"PD1", &[3, 4]),
    (b"NK1", &[2, 4, 5, 6, 12, 13, 26, 30, 31, 32, 33]),
    (b"GT1", &[2, 3, 4, 5, 6, 7, 12, 16, 17, 18, 19]),
    (b"IN1", &[2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 14, 16, 19, 36, 49]),
    (b"IN2", &[1, 2, 6, 7, 61]),
    (b"MRG", &[1, 2, 3, 4, 5, 7]),
    (b"EVN", &[5, 7]),
    (b"PV1", &[7, 8, 9, 17, 19, 50, 52]),
    (b"OBR", &[10, 16, 17, 28, 32, 33, 34, 35]),
    (b"ORC", &[10, 11, 12, 14, 19]),
    (b"OBX", &[16, 25]),
    (b"DG1", &[16]),
    (b"PR1", &[8, 11, 12]),
    (b"TXA", &[5, 9, 10, 11, 22, 23]),
    (b"SCH", &[12, 13, 14, 15, 16, 17, 18, 19, 20]),
    (b"AIP", &[3]),
    (b"AIL", &[3]),
    (b"AIG", &[3]),
    (b"RXA", &[10]),
    (b"RXE", &[13]),
    (b"RXO", &[14]),
    (b"RXD", &[10]),
    (b"ROL", &[4]),
    (b"PRD", &[2, 3, 5, 7]),
    (b"STF", &[2, 3, 10, 11, 15, 28]),
    (b"ARV", &[5, 7]),
    (b"CTD", &[2, 3, 4, 5, 7]),
];

/// Fields of [`NAMING`] that hold a person's name (XPN): family, given and middle names are its first three components.
const PERSONS: &[(&[u8], &[usize])] = &[
    (b"PID", &[5, 6, 9]),
    (b"NK1", &[2, 30]),
    (b"GT1", &[3, 4]),
    (b"IN1", &[16]),
    (b"MRG", &[7]),
    (b"STF", &[3]),
    (b"PRD", &[2]),
    (b"CTD", &[2]),
];

/// Birth dates.
const BORN: &[(&[u8], usize)] = &[(b"PID", 7), (b"NK1", 16), (b"GT1", 8), (b"IN1", 18), (b"STF", 6)];

/// Words that name no sender but say what it does, upper case: codes and their names may have them.
const TRADES: &[&str] = &[
    "CARDIOLOGY",
    "CENTER",
    "CLINIC",
    "EMERGENCY",
    "FACILITY",
    "GENERAL",
    "HEALTH",
    "HOSPITAL",
    "IMAGING",
    "LABORATORY",
    "MEDICAL",
    "MEDICINE",
    "ONCOLOGY",
    "PATHOLOGY",
    "PHARMACY",
    "RADIOLOGY",
    "SYSTEM",
    "TEST",
];

/// Every component of the naming fields, decoded; empty ones left out.
pub(super) fn identifiers(message: &Message<'_>) -> Vec<Naming> {
    let mut found = Vec::new();
    for segment in message.segments() {
        let name = segment.name();
        if let Some((_, field)) = BORN.iter().find(|(born, _)| *born == name) {
            let date = segment.field(*field).leaf(1);
            if !date.is_blank() {
                let text = date.text();
                found.extend(birth_dates(&text).into_iter().map(Naming::Other));
                found.push(Naming::BirthDate(text.into_owned()));
            }
        }
        if name == b"MSH" {
            (3..=6).for_each(|n| sender(segment.field(n), &mut found));
        }
        let Some((_, fields)) = NAMING.iter().find(|(naming, _)| *naming == name) else { continue };
        let persons = PERSONS.iter().find(|(naming, _)| *naming == name).map_or(&[][..], |(_, fields)| *fields);
        for (number, field) in fields.iter().map(|n| (n, segment.field(*n))).filter(|(_, field)| !field.is_blank()) {
            if persons.contains(number) {
                found.extend(field.repetitions().map(person).filter(|name| !name.is_empty()).map(Naming::Name));
                continue;
            }
            if let Some(pieces) = field.undecoded_pieces() {
                found.extend(pieces.map(|piece| Naming::Other(piece.to_owned())));
                continue;
            }
            for repetition in field.repetitions() {
                for component in repetition.components().filter(|component| !component.is_blank()) {
                    found.extend(component.subcomponents().map(|part| Naming::Other(part.text().into_owned())));
                }
            }
        }
    }
    found
}

/// The patients of a message and what it calls them (PID-5 and PID-9).
pub fn patients(message: &Message<'_>) -> impl Iterator<Item = (Phi<PersonId>, Phi<Vec<Naming>>)> {
    message.segments().filter(|segment| segment.name() == b"PID").filter_map(|pid| {
        let fields = [5, 9].map(|number| pid.field(number));
        let names = fields.iter().flat_map(|field| field.repetitions().map(person)).filter(|name| !name.is_empty());
        let names: Vec<Naming> = names.map(Naming::Name).collect();
        Some((Phi::seal(patient_of(&pid)?), Phi::seal(names)))
    })
}

/// The name of an XPN: its first three components with `^` between, their subcomponents with blanks.
fn person(name: Value<'_>) -> String {
    let mut text = String::new();
    for (place, component) in name.components().take(3).enumerate() {
        if place > 0 {
            text.push('^');
        }
        for part in component.subcomponents().filter(|part| !part.is_blank()) {
            if !text.is_empty() && !text.ends_with('^') {
                text.push(' ');
            }
            text.push_str(&part.text());
        }
    }
    text
}

/// A birth date as people write it without signs: year first, month first, day first. Year, month and day alone are no
/// words: LOINC has 1975-2. Dates with signs are no codes for anybody (`deid::codes`).
fn birth_dates(text: &str) -> Vec<String> {
    let digits: String = text.chars().filter(|c| *c != '-' && *c != '/').take_while(char::is_ascii_digit).collect();
    match (digits.get(..4), digits.get(4..6), digits.get(6..8)) {
        (Some(year), Some(month), Some(day)) => {
            vec![format!("{year}{month}{day}"), format!("{month}{day}{year}"), format!("{day}{month}{year}")]
        }
        _ => Vec::new(),
    }
}

/// The words of a sender or receiver. Short ones are no names of anything: LAB, ED, US.
fn sender(field: Value<'_>, found: &mut Vec<Naming>) {
    if field.is_blank() {
        return;
    }
    for component in field.components() {
        let text = component.text();
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() >= 4);
        let words = words.filter(|word| !TRADES.contains(&word.to_uppercase().as_str()));
        found.extend(words.map(|word| Naming::Other(word.to_owned())));
    }
}

#[cfg(test)]
mod tests {
    use super::super::messages;
    use super::*;

    fn check(text: &str, want: &[&str]) {
        let message = messages(text.as_bytes()).next().unwrap().unwrap();
        let found: Vec<String> = identifiers(&message)
            .into_iter()
            .map(|naming| match naming {
                Naming::Name(text) => format!("name {text}"),
                Naming::BirthDate(text) => format!("born {text}"),
                Naming::Other(text) => text,
            })
            .collect();
        assert_eq!(found, want);
    }

    #[test]
    fn names_are_found_in_every_repetition_and_component() {
        let text = "MSH|^~\\&|A|B|C|D|20240101||ADT^A01|1|P|2.5\rPID|1||7^^^H~8||DOE&VAN^JANE~ROE^J\rNK1|1|POE^ANN\r";
        check(text, &["7", "H", "8", "name DOE VAN^JANE", "name ROE^J", "name POE^ANN"]);
    }

    #[test]
    fn every_naming_field_is_read() {
        for (segment, fields) in NAMING {
            for field in *fields {
                let name = std::str::from_utf8(segment).unwrap();
                let person = PERSONS.iter().any(|(named, fields)| named == segment && fields.contains(field));
                let want: &[&str] = if person { &["name DOE^JANE"] } else { &["DOE", "JANE"] };
                check(&format!("MSH|^~\\&|A\r{name}{}DOE^JANE", "|".repeat(*field)), want);
            }
        }
        assert_eq!(NAMING.iter().map(|row| row.1.len()).sum::<usize>(), 132);
        let persons = PERSONS.iter().flat_map(|(segment, fields)| fields.iter().map(move |field| (segment, field)));
        assert_eq!(
            persons
                .filter(|(segment, field)| NAMING.iter().any(|(naming, all)| naming == *segment && all.contains(field)))
                .count(),
            12
        );
    }

    #[test]
    fn birth_dates_are_words_in_every_order() {
        for date in ["19630412", "1963-04-12", "196304121530"] {
            check(
                &format!("MSH|^~\\&|A\rPID|||||||{date}"),
                &["19630412", "04121963", "12041963", &format!("born {date}")],
            );
        }
        check("MSH|^~\\&|A\rPID|||||||1963", &["born 1963"]);
    }

    #[test]
    fn senders_name_themselves_in_long_words() {
        check("MSH|^~\\&|LAB|St. Mary's Hospital^1.2.3|EPICARE", &["Mary", "EPICARE"]);
    }
}
