//! SHA256SUMS: every file of the dataset but itself, in the form that `sha256sum -c` reads.

use super::files::FileReceipt;

/// The name of the list.
pub(super) const NAME: &str = "SHA256SUMS";

/// The text of the list, sorted by name.
pub(super) fn text(files: &[FileReceipt]) -> String {
    let mut files: Vec<&FileReceipt> = files.iter().collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files.iter().map(|file| format!("{}  {}\n", file.sha256, file.name)).collect()
}

/// Hash and name of each line; `None` if a line has another form.
pub(super) fn parse(text: &str) -> Option<Vec<(&str, &str)>> {
    let line = |line: &'_ str| -> bool { line.len() > 66 && line.as_bytes()[..64].iter().all(u8::is_ascii_hexdigit) };
    text.lines().map(|l| if line(l) { l.split_once("  ") } else { None }).collect()
}
