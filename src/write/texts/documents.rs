//! Documents in text: JSON, one or many, and everything else line by line.

use super::{At, Said, Sink, embedded};
use serde_json::Value;

/// Longest stretch that is handed out as one text.
const LONGEST: usize = 1 << 16;
/// What is handed out again with the next stretch, so that nothing is cut in two.
const OVERLAP: usize = 512;

/// `None` if the bytes are not UTF-8.
pub(super) fn text(bytes: &[u8], sink: &mut Sink<'_>) -> Option<()> {
    let text = std::str::from_utf8(bytes).ok()?;
    let text = text.trim_start_matches('\u{FEFF}');
    if text.contains('\0') {
        return None;
    }
    if text.trim_start().starts_with(['{', '['])
        && let Ok(value) = serde_json::from_str::<Value>(text)
    {
        let person = value.get("patient_id").and_then(Value::as_str).map(str::to_owned);
        json(&value, &At::default(), person.as_deref(), sink);
        return Some(());
    }
    for (number, line) in (0..).zip(text.lines()) {
        let at = At::of("line", number);
        match line.starts_with('{').then(|| serde_json::from_str::<Value>(line).ok()).flatten() {
            Some(value) => {
                let person = value.get("patient_id").and_then(Value::as_str);
                json(&value, &at, person, sink);
            }
            None => {
                let line = embedded::taken_out(line, &at, sink);
                stretches(&line, &mut |stretch| sink(&at, None, Said::Text(stretch)));
            }
        }
    }
    Some(())
}

/// Strings and keys of a document; the depth is bounded by the parser.
fn json(value: &Value, at: &At, person: Option<&str>, sink: &mut Sink<'_>) {
    match value {
        Value::String(text) if text.len() > LONGEST => {
            stretches(text, &mut |stretch| sink(at, person, Said::Text(stretch)));
        }
        Value::String(text) => sink(at, person, Said::Value(text)),
        Value::Array(values) => values.iter().for_each(|value| json(value, at, person, sink)),
        Value::Object(values) => {
            let own = values.get("patient_id").and_then(Value::as_str).or(person);
            for (key, value) in values {
                sink(at, None, Said::Value(key));
                json(value, &at.named(key), own, sink);
            }
        }
        Value::Number(number) => {
            if let Some(number) = number.as_u64() {
                sink(at, person, Said::Number(number));
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}

/// A long text in pieces that overlap.
fn stretches(text: &str, each: &mut dyn FnMut(&str)) {
    let boundary = |mut at: usize| {
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let mut from = 0;
    while text.len() - from > LONGEST {
        let to = boundary(from + LONGEST);
        text.get(from..to).into_iter().for_each(&mut *each);
        from = boundary(to - OVERLAP);
    }
    text.get(from..).filter(|rest| !rest.is_empty()).into_iter().for_each(each);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_cut_with_an_overlap() {
        let text = "ä".repeat(100_000) + "needle";
        let mut found = Vec::new();
        stretches(&text, &mut |stretch| found.push(stretch.to_owned()));
        // 200,006 bytes in steps of 65,536 - 512.
        assert_eq!(found.len(), 4);
        assert!(found[3].ends_with("needle") && found.iter().map(String::len).sum::<usize>() > text.len());
    }
}
