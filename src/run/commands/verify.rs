//! `voxmill verify`: checksums, links and counts of a data set.

use crate::console::Console;
use crate::error::Result;
use crate::write::verify;
use serde_json::json;
use std::path::Path;

/// Looks at everything; the number of findings.
pub fn run(dataset: &Path, console: &Console) -> Result<usize> {
    let findings = verify::verify(dataset)?;
    for finding in &findings {
        console.event("finding", json!({ "place": finding.place, "what": finding.what }));
        console.say(&format!("{}: {}", finding.place, finding.what));
    }
    console.event("verified", json!({ "findings": findings.len() }));
    console.say(&match findings.len() {
        0 => "checksums, links and counts are right".to_owned(),
        count => format!("{count} findings"),
    });
    Ok(findings.len())
}
