//! UIDs in texts: runs of digits and full stops.

use super::words::{mix, start};

/// The hash of a UID.
pub(super) fn hash(uid: &str) -> u64 {
    uid.bytes().fold(start(), |hash, b| mix(hash, u64::from(b)))
}

/// Every run of digits and full stops that could be a UID: at least three stops, six characters.
pub(super) fn uids_in(text: &str, each: &mut dyn FnMut(&str)) {
    let part = |c: char| c.is_ascii_digit() || c == '.';
    for run in text.split(|c| !part(c)) {
        let run = run.trim_matches('.');
        if run.len() >= 6 && run.bytes().filter(|b| *b == b'.').count() >= 3 {
            each(run);
        }
    }
}
