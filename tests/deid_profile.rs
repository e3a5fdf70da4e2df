//! Our table is the standard's: every row of PS3.15 Table E.1-1 as data against the row in the code.

mod archive;

use std::collections::BTreeMap;
use voxmill::deid::dicom::table::{PRIVATE, REPEATING, TABLE};

/// The option columns of the JSON, in the order of the code's options.
const COLUMNS: [&str; 10] = [
    "rtnSafePrivOpt",
    "rtnUIDsOpt",
    "rtnDevIdOpt",
    "rtnInstIdOpt",
    "rtnPatCharsOpt",
    "rtnLongFullDatesOpt",
    "rtnLongModifDatesOpt",
    "cleanDescOpt",
    "cleanStructContOpt",
    "cleanGraphOpt",
];

#[test]
fn every_row_of_the_standards_table_is_ours() {
    let Some(corpus) = archive::corpus() else { return };
    let path = corpus.join("answers/dicom-standard/confidentiality_profile_attributes.json");
    let rows: Vec<BTreeMap<String, String>> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(rows.len(), 621);
    let mut compared = 0;
    for row in &rows {
        let options: String = COLUMNS.iter().map(|column| row.get(*column).map_or(".", String::as_str)).collect();
        let ours = match row["id"].as_str() {
            "50xxxxxx" => &REPEATING[0].1,
            "60xx3000" => &REPEATING[1].1,
            "60xx4000" => &REPEATING[2].1,
            "ggggeeee-where-gggg-is-odd" => &PRIVATE,
            id => {
                let tag = u32::from_str_radix(id, 16).unwrap();
                TABLE.iter().find(|row| row.0 == tag).unwrap_or_else(|| panic!("{id} is not in the table"))
            }
        };
        assert_eq!((ours.1, ours.2), (row["basicProfile"].as_str(), options.as_str()), "{}", row["id"]);
        compared += 1;
    }
    assert_eq!((compared, TABLE.len() + REPEATING.len() + 1), (621, 621), "no row of ours is not the standard's");
}
