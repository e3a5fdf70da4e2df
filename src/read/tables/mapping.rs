//! The user's own names for files and columns: `[ehr.patients]` of a recipe.

use super::days::{ORDERS, Order};
use super::layouts::{LAYOUTS, Layout};
use super::plan::{has_births, spell};
use crate::error::{Fault, Result};
use std::collections::BTreeMap;
use std::path::Path;

/// The key that names the file.
const FILE: &str = "file";
/// The key that says how dates with slashes are meant.
const ORDER: &str = "date_order";

/// One table of the mapping.
#[derive(Clone)]
pub struct Mapping {
    pub(super) layout: &'static Layout,
    /// Place of a column of the layout, and the name of the column in the file.
    pub(super) columns: Vec<(usize, String)>,
    /// How dates with slashes are meant.
    pub(super) order: Option<Order>,
    file: String,
}

impl std::fmt::Debug for Mapping {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mapping {{ table: {:?}, columns: {} }}", self.layout.table.name, self.columns.len())
    }
}

impl Mapping {
    /// Whether its table has birth dates.
    pub fn has_births(&self) -> bool {
        has_births(self.layout)
    }
}

/// All of them.
#[derive(Clone, Debug, Default)]
pub struct Mappings(Vec<Mapping>);

impl Mappings {
    /// From the recipe's `[ehr.<table>]`: `file` is the name of a file, with `*` for any letters; every other key is a
    /// column of the table (its name, or a header that the table is known by) and its value the header in the file.
    /// `date_order` is `day-first` or `month-first`.
    ///
    /// # Errors
    /// A table or column that there is not, a mapping without `file` or without the patient's id.
    pub fn new(recipe: &BTreeMap<String, BTreeMap<String, String>>) -> Result<Self> {
        let mut all = Vec::new();
        for (table, keys) in recipe {
            let wrong = |cause: &'static str, detail: &str| {
                Err(Fault::config("recipe.ehr", cause, format!("[ehr.{table}] {detail}")))
            };
            let Some(layout) = LAYOUTS.iter().find(|layout| layout.table.name == table) else {
                let known: Vec<_> = LAYOUTS.iter().map(|layout| layout.table.name).collect();
                return wrong("no such table", &format!("known are {}", known.join(", ")));
            };
            let Some(file) = keys.get(FILE).filter(|file| !file.is_empty()) else {
                return wrong("a mapping names its file", FILE);
            };
            let mut columns = Vec::new();
            let order = match keys.get(ORDER) {
                None => None,
                Some(word) => match ORDERS.iter().find(|(known, _)| known == word) {
                    Some((_, order)) => Some(*order),
                    None => return wrong("date_order is day-first or month-first", word),
                },
            };
            for (key, header) in keys.iter().filter(|(key, _)| ![FILE, ORDER].contains(&key.as_str())) {
                let is = |(column, headers): (&crate::model::Column, &&[&str])| {
                    column.name == key || headers.contains(&key.as_str())
                };
                let Some(place) = layout.table.columns.iter().zip(layout.headers).position(is) else {
                    return wrong("no such column", key);
                };
                columns.push((place, spell(header)));
            }
            if !columns.iter().any(|(place, _)| *place == 0) {
                return wrong("a mapping names the column of the patient's id", "patient_id");
            }
            all.push(Mapping { layout, columns, order, file: file.to_lowercase() });
        }
        Ok(Self(all))
    }

    /// The mapping of a file, by its name; case does not count.
    pub fn of(&self, path: &Path) -> Option<&Mapping> {
        if self.0.is_empty() {
            return None;
        }
        let name = path.file_name()?.to_string_lossy().to_lowercase();
        self.0.iter().find(|mapping| matches(mapping.file.as_bytes(), name.as_bytes()))
    }
}

/// Whether a name is of a pattern in which `*` stands for any number of bytes.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    // The last star, and where its match began: a mismatch lets it take one more byte.
    let (mut p, mut n, mut star) = (0, 0, None);
    while n < name.len() {
        if pattern.get(p) == Some(&b'*') {
            star = Some((p, n));
            p += 1;
        } else if p < pattern.len() && pattern.get(p) == name.get(n) {
            (p, n) = (p + 1, n + 1);
        } else if let Some((at, taken)) = star {
            (p, n, star) = (at + 1, taken + 1, Some((at, taken + 1)));
        } else {
            return false;
        }
    }
    pattern.get(p..).unwrap_or_default().iter().all(|b| *b == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_anything() {
        for (pattern, name, expected) in [
            ("*.csv", "a.csv", true),
            ("pat*.csv", "patients-2.csv", true),
            ("a*b*c", "aXbXbc", true),
            ("a*b*c", "aXbX", false),
            ("patients.csv", "patients.csv.bak", false),
            ("*", "", true),
            ("", "a", false),
        ] {
            assert_eq!(matches(pattern.as_bytes(), name.as_bytes()), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn a_mapping_that_maps_nothing_is_refused() {
        let made = |table: &str, keys: &[(&str, &str)]| {
            let keys = keys.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
            Mappings::new(&BTreeMap::from([(table.to_owned(), keys)]))
        };
        assert!(made("patients", &[("file", "p.csv"), ("id", "PatNr"), ("birth_date", "Geb")]).is_ok());
        assert!(made("patient", &[("file", "p.csv"), ("id", "PatNr")]).is_err());
        assert!(made("patients", &[("id", "PatNr")]).is_err());
        assert!(made("patients", &[("file", "p.csv")]).is_err());
        assert!(made("patients", &[("file", "p.csv"), ("id", "PatNr"), ("shoe_size", "Schuh")]).is_err());
    }
}
