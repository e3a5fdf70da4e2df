//! What undoes the de-identification. It goes to the private directory (mode 0700) and nowhere else.

pub use super::age::{ENDING, Recipient};
use std::collections::BTreeMap;

/// The text of the private maps. Only `write::private` takes it; it prints as `[private]`.
pub struct PrivateCsv {
    patients: String,
    uids: String,
}

impl PrivateCsv {
    pub(in crate::deid) fn from_pairs(patients: &BTreeMap<String, String>, uids: &BTreeMap<String, String>) -> Self {
        Self { patients: csv(patients), uids: csv(uids) }
    }

    /// patients.csv: `id_old,id_new`.
    pub fn patients(&self) -> &str {
        &self.patients
    }

    /// uids.csv: `id_old,id_new`.
    pub fn uids(&self) -> &str {
        &self.uids
    }
}

impl std::fmt::Debug for PrivateCsv {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[private]")
    }
}

fn csv(pairs: &BTreeMap<String, String>) -> String {
    let mut text = String::from("id_old,id_new\n");
    for (old, new) in pairs {
        text += &quoted(old);
        text.push(',');
        text += new;
        text.push('\n');
    }
    text
}

/// One CSV field, quoted where RFC 4180 asks for it.
pub fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_with_commas_and_quotes_are_quoted() {
        let pairs = BTreeMap::from([("a,\"b\"".to_owned(), "P1".to_owned())]);
        assert_eq!(csv(&pairs), "id_old,id_new\n\"a,\"\"b\"\"\",P1\n");
    }
}
