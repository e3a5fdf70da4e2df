//! Whether references between the objects of a data set lead somewhere: what refers to an object of the inputs must find it
//! among the outputs.

use super::Searched;
use super::outputs::Leak;
use crate::deid::leaks::{Links, Search};
use std::collections::BTreeSet;

/// References whose target is an object of the inputs and not among the outputs. Targets that were refused are missing for
/// a reason: as many as inputs were not written are forgiven.
pub(super) fn check(links: &[(String, Links)], search: &Search, searched: &Searched) -> Vec<Leak> {
    let there: BTreeSet<u64> = links.iter().filter_map(|(_, links)| links.own).collect();
    let broken = |uid: &&u64| search.is_object(**uid) && !there.contains(uid);
    let missing: BTreeSet<u64> =
        links.iter().flat_map(|(_, links)| links.references.iter().filter(broken).copied()).collect();
    let refused = searched.inputs.saturating_sub(there.len() as u64);
    if there.is_empty() || missing.len() as u64 <= refused {
        return Vec::new();
    }
    let mut leaks = Vec::new();
    for (file, links) in links {
        let count = links.references.iter().filter(broken).count() as u64;
        if count > 0 {
            let what = "a reference to an object of the inputs that is not in the data set";
            leaks.push(Leak { file: file.clone(), unit: "", number: 0, name: String::new(), what, count });
        }
    }
    leaks
}
