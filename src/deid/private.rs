//! What undoes the de-identification. It goes to the private directory (mode 0700) and nowhere else.

pub use super::age::{ENDING, Recipient};
use std::borrow::Cow;

/// The text of the private maps. Only `write::private` takes it; it prints as `[private]`.
pub struct PrivateCsv {
    patients: String,
    uids: String,
}

impl PrivateCsv {
    pub(in crate::deid) fn from_pairs(patients: Vec<(&str, &str)>, uids: Vec<(&str, &str)>) -> Self {
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

/// Sorted, each pair once.
fn csv(pairs: Vec<(&str, &str)>) -> String {
    // Most are told apart by their first bytes, which lie beside each other here.
    let beginning = |text: &str| {
        let mut first = [0u8; 8];
        first.iter_mut().zip(text.bytes()).for_each(|(to, from)| *to = from);
        u64::from_be_bytes(first)
    };
    let mut pairs: Vec<_> = pairs.into_iter().map(|(old, new)| (beginning(old), old, new)).collect();
    pairs.sort_unstable();
    pairs.dedup();
    let mut text =
        String::with_capacity(16 + pairs.iter().map(|(_, old, new)| old.len() + new.len() + 2).sum::<usize>());
    text.push_str("id_old,id_new\n");
    for (_, old, new) in pairs {
        text += &quoted(old);
        text.push(',');
        text += new;
        text.push('\n');
    }
    text
}

/// One CSV field, quoted where RFC 4180 asks for it.
pub fn quoted(field: &str) -> Cow<'_, str> {
    if field.bytes().any(|b| matches!(b, b',' | b'"' | b'\n' | b'\r')) {
        Cow::Owned(format!("\"{}\"", field.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_with_commas_and_quotes_are_quoted() {
        let pairs = vec![("b", "P2"), ("a,\"b\"", "P1"), ("b", "P2"), ("b", "P1")];
        assert_eq!(csv(pairs), "id_old,id_new\n\"a,\"\"b\"\"\",P1\nb,P1\nb,P2\n");
    }
}
