//! Attributes that Table E.1-1 does not name: what is done with them by name, where their value representation alone would
//! say too little. All others are treated by value representation and content (`value`).

use super::profile::{Action, number};
use crate::model::Tag;

/// Attributes that may say who somebody is, though the table does not name them, with what is done and why. Ascending.
pub const BEYOND: &[(u32, Action, &str)] = &[
    (0x0008_0001, Action::Remove, "length to end: wrong after any change"),
    (0x0008_041B, Action::Dummy, "key of a record in a repository"),
    (0x0008_041C, Action::Dummy, "key of a record in a repository"),
    (0x0010_0033, Action::Empty, "birth date in another calendar"),
    (0x0010_0034, Action::Empty, "death date in another calendar"),
    (0x0010_2295, Action::Empty, "registration number of an animal"),
    (0x0014_0100, Action::Dummy, "ids of persons"),
    (0x0018_1803, Action::Dummy, "network address"),
    (0x0040_0031, Action::Dummy, "issuer of an id: names an institution"),
    (0x0040_0032, Action::Dummy, "issuer of an id: names an institution"),
    (0x0040_1006, Action::Empty, "order number (retired)"),
    (0x0040_1007, Action::Empty, "order number (retired)"),
    (0x0040_2006, Action::Empty, "order number (retired)"),
    (0x0040_2007, Action::Empty, "order number (retired)"),
    (0x0040_A074, Action::Dummy, "identifier of an object (trial)"),
    (0x0040_A089, Action::Dummy, "identifier of an object (trial)"),
    (0x0040_E001, Action::Dummy, "identifier of a clinical document"),
    (0x0074_100C, Action::Dummy, "name of a contact"),
    (0x0400_0120, Action::Dummy, "signature: wrong after any change"),
    (0x0400_0500, Action::Remove, "encrypted attributes: nobody can look into them"),
    (0x0400_0520, Action::Dummy, "encrypted content: nobody can look into it"),
    (0x2100_0160, Action::Dummy, "id of an owner"),
    (0x4010_101A, Action::Dummy, "id of a passenger"),
    (0x4010_1029, Action::Clean, "free words"),
    (0x4010_1051, Action::Dummy, "id of a journey"),
    (0x4010_1054, Action::Dummy, "id of a journey"),
];

/// What is done with an attribute by its name, if the table does not know it.
pub fn by_name(tag: Tag) -> Option<Action> {
    let place = BEYOND.binary_search_by(|row| row.0.cmp(&number(tag))).ok()?;
    BEYOND.get(place).map(|row| row.1)
}

/// UIDs that name a kind of thing, not a thing: classes, syntaxes, coding schemes and groups. They are never replaced.
const CLASSES: &[u32] = &[
    0x0008_0016,
    0x0008_001A,
    0x0008_001B,
    0x0008_0062,
    0x0008_010C,
    0x0008_0117,
    0x0008_0118,
    0x0008_040E,
    0x0008_1150,
    0x0008_115A,
    0x0008_3002,
    0x0034_0003,
    0x0400_0010,
    0x0400_0510,
    0x3010_0052,
    0x3010_0053,
];

/// Whether the UID of this attribute names a kind of thing.
pub fn is_class(tag: Tag) -> bool {
    CLASSES.binary_search(&number(tag)).is_ok()
}

/// Coding schemes of PS3.16 Chapter 8 that are not of one house: their codes and meanings are words of a standard.
const SCHEMES: &[&str] = &[
    "ACR",
    "ASTM-sigpurpose",
    "BARI",
    "BI",
    "C4",
    "C5",
    "CD8",
    "CPT",
    "CPT4",
    "CTS",
    "CVX",
    "DCM",
    "DCMUID",
    "DICOM",
    "FMA",
    "GDSN",
    "HCPCS",
    "HL7",
    "HPC",
    "I10",
    "I10P",
    "I11",
    "I9",
    "I9C",
    "IBSI",
    "ICD10",
    "ICD10CM",
    "ICD10PCS",
    "ICD11",
    "ICD9",
    "ICD9CM",
    "ICDO3",
    "IETF4646",
    "ISO3166_1",
    "ISO3166_2",
    "ISO5218_1",
    "ISO639_1",
    "ISO639_2",
    "ISO8824_2",
    "ITIS_TSN",
    "JC8",
    "JLAC10",
    "KS",
    "LN",
    "LOINC",
    "MA",
    "MDC",
    "MGI",
    "MSH",
    "NCIT",
    "NCIt",
    "NDC",
    "NEU",
    "NICIP",
    "OPS",
    "POS",
    "PUBCHEM_CID",
    "RADELEMENT",
    "RADLEX",
    "RFC3066",
    "RFC5646",
    "RXNORM",
    "SCT",
    "SDM",
    "SNM",
    "SNM3",
    "SNODENT",
    "SOPHY",
    "SRT",
    "TAXON",
    "UBERON",
    "UCUM",
    "UMLS",
    "UNS",
];

/// Whether a coding scheme is one of the standard's.
pub fn is_standard_scheme(designator: &str) -> bool {
    SCHEMES.contains(&designator)
}

#[cfg(test)]
mod tests {
    use super::super::table::TABLE;
    use super::*;

    #[test]
    fn tables_ascend_and_no_row_repeats_the_standards() {
        assert!(BEYOND.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(CLASSES.windows(2).all(|pair| pair[0] < pair[1]));
        let listed = |tag: u32| TABLE.binary_search_by(|row| row.0.cmp(&tag)).is_ok();
        assert!(BEYOND.iter().all(|row| !listed(row.0)) && CLASSES.iter().all(|tag| !listed(*tag)));
    }
}
