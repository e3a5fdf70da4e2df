//! What the columns of a table from a hospital hold, told by the words of their headers.

use super::kind::Kind;

/// What a column is to the harvest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Identifiers of this kind.
    Identifiers(Kind),
    /// Names of people.
    Names,
    /// Codes and their names.
    Codes,
    /// Prose: only shapes are harvested.
    Prose,
    /// Anything else; dates are told by their form.
    Other,
}

const NAMES: &[&str] = &[
    "name",
    "first",
    "last",
    "middle",
    "maiden",
    "surname",
    "family",
    "given",
    "lastname",
    "firstname",
    "mother",
    "father",
    "physician",
    "doctor",
    "nurse",
    "contact",
    "guarantor",
    "prefix",
];
const IDS: &[&str] = &[
    "id",
    "mrn",
    "ssn",
    "drivers",
    "passport",
    "number",
    "account",
    "accession",
    "identifier",
    "udi",
    "license",
    "insurance",
    "encounter",
    "patient",
    "provider",
    "payer",
    "organization",
    "claim",
    "uid",
    "visit",
    "person",
];
const PROSE: &[&str] = &["note", "notes", "text", "comment", "comments", "narrative", "report", "history", "findings"];
const CODES: &[&str] = &[
    "code",
    "codes",
    "description",
    "type",
    "category",
    "class",
    "status",
    "units",
    "unit",
    "gender",
    "sex",
    "race",
    "ethnicity",
    "marital",
    "state",
    "modality",
    "test",
    "route",
    "dose",
    "drug",
    "system",
    "label",
    "display",
    "reasoncode",
    "reasondescription",
    "encounterclass",
    "value",
    "outcome",
    "severity",
    "reaction",
    "specimen",
    "bodysite",
];

/// What a column with this header holds. Headers are spelled in lower case with underscores.
pub fn holds(header: &str) -> Holds {
    let words: Vec<&str> = header.split(|c: char| !c.is_alphanumeric()).collect();
    let has = |list: &[&str]| words.iter().any(|word| list.contains(word));
    let last = words.last().copied().unwrap_or_default();
    match () {
        () if has(&["phone", "telephone", "fax", "mobile", "cell", "tel"]) => Holds::Identifiers(Kind::Phone),
        () if has(&["email", "url", "website", "mail"]) => Holds::Identifiers(Kind::Contact),
        () if has(&["address", "street", "zip", "postcode", "postal", "line1", "line2"]) => {
            Holds::Identifiers(Kind::Address)
        }
        () if has(&[
            "city",
            "county",
            "town",
            "birthplace",
            "hospital",
            "facility",
            "location",
            "department",
            "ward",
        ]) =>
        {
            Holds::Identifiers(Kind::Place)
        }
        () if CODES.contains(&last) => Holds::Codes,
        () if has(&["serial", "device", "station"]) => Holds::Identifiers(Kind::Device),
        () if has(PROSE) => Holds::Prose,
        () if has(NAMES) => Holds::Names,
        () if has(IDS) => Holds::Identifiers(Kind::Id),
        () => Holds::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_known_exports_are_told_apart() {
        // Headers of Synthea, MIMIC-IV and OMOP.
        for (header, want) in [
            ("first", Holds::Names),
            ("maiden", Holds::Names),
            ("ssn", Holds::Identifiers(Kind::Id)),
            ("subject_id", Holds::Identifiers(Kind::Id)),
            ("encounter", Holds::Identifiers(Kind::Id)),
            ("address", Holds::Identifiers(Kind::Address)),
            ("birthplace", Holds::Identifiers(Kind::Place)),
            ("description", Holds::Codes),
            ("itemid_code", Holds::Codes),
            ("note_text", Holds::Prose),
            ("valuenum", Holds::Other),
            ("birthdate", Holds::Other),
        ] {
            assert_eq!(holds(header), want, "{header}");
        }
    }
}
