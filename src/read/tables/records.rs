//! Text tables cut into records: RFC 4180 with the delimiter that the header row uses. A record that cannot be cut is
//! handed out as such and the next one is read: arrow's reader gives up a whole batch at the first bad record.

use std::borrow::Cow;

/// One record: its fields, where it begins and how it ended.
pub(super) struct Record<'a> {
    pub fields: Vec<Cow<'a, [u8]>>,
    pub offset: usize,
    /// A quoted field that never ends, or text behind the closing quote.
    pub broken: bool,
    /// Where its first line ends, if a quoted field took it beyond that.
    line: Option<usize>,
}

/// Delimiters a header row is tried with.
pub(super) const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];

/// Walks the records of a text; blank lines are skipped.
#[derive(Clone)]
pub(super) struct Records<'a> {
    bytes: &'a [u8],
    at: usize,
    delimiter: u8,
    /// How many fields a record should have; `None` while nobody knows.
    width: Option<usize>,
}

impl<'a> Records<'a> {
    pub(super) fn new(bytes: &'a [u8], delimiter: u8) -> Self {
        let at = if bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
        Self { bytes, at, delimiter, width: None }
    }

    /// The same records, of `width` fields each: one that a quote took over a line end and that has not as many fields
    /// is only its first line, and broken. A stray quote so costs its own record and none behind it.
    pub(super) fn of_width(self, width: usize) -> Self {
        Self { width: Some(width), ..self }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn span(&self, from: usize, to: usize) -> &'a [u8] {
        self.bytes.get(from..to).unwrap_or_default()
    }

    /// A field without quotes: up to the delimiter or the line end.
    fn bare(&mut self) -> &'a [u8] {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let length = memchr::memchr3(self.delimiter, b'\r', b'\n', rest).unwrap_or(rest.len());
        let from = self.at;
        self.at += length;
        self.span(from, self.at)
    }

    /// A field in quotes, from behind the opening one; false if it is not closed properly.
    fn quoted(&mut self) -> (Cow<'a, [u8]>, bool) {
        let start = self.at;
        let mut parts: Vec<u8> = Vec::new();
        let mut from = start;
        loop {
            let rest = self.bytes.get(self.at..).unwrap_or_default();
            let Some(quote) = memchr::memchr(b'"', rest) else {
                // Not closed: the record is only the line it begins on, so that the following ones are not lost.
                self.at = start;
                return (Cow::Borrowed(self.bare()), false);
            };
            let end = self.at + quote;
            self.at = end + 1;
            if self.peek() == Some(b'"') {
                parts.extend_from_slice(self.span(from, self.at));
                self.at += 1;
                from = self.at;
                continue;
            }
            let field = self.span(from, end);
            let whole = if parts.is_empty() {
                Cow::Borrowed(field)
            } else {
                parts.extend_from_slice(field);
                Cow::Owned(parts)
            };
            let closed = self.peek().is_none_or(|b| b == self.delimiter || b == b'\r' || b == b'\n');
            if !closed {
                self.bare();
            }
            return (whole, closed);
        }
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        while matches!(self.peek(), Some(b'\r' | b'\n')) {
            self.at += 1;
        }
        self.peek()?;
        let mut record = self.record();
        if let Some(end) = record.line
            && (record.broken || self.width.is_some_and(|width| record.fields.len() != width))
        {
            self.at = end;
            record.broken = true;
        }
        Some(record)
    }
}

impl<'a> Records<'a> {
    fn record(&mut self) -> Record<'a> {
        let mut record = Record { fields: Vec::new(), offset: self.at, broken: false, line: None };
        loop {
            if self.peek() == Some(b'"') {
                self.at += 1;
                let from = self.at;
                let (field, closed) = self.quoted();
                if record.line.is_none() {
                    let taken = self.span(from, self.at);
                    record.line = memchr::memchr2(b'\r', b'\n', taken).map(|at| from + at);
                }
                record.broken |= !closed;
                record.fields.push(field);
            } else {
                let field = self.bare();
                record.fields.push(Cow::Borrowed(field));
            }
            if self.peek() != Some(self.delimiter) {
                return record;
            }
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, want: &[&[&str]], broken: &[usize]) {
        let records: Vec<_> = Records::new(text.as_bytes(), b',').collect();
        let fields: Vec<Vec<String>> = records
            .iter()
            .map(|r| r.fields.iter().map(|f| String::from_utf8_lossy(f).into_owned()).collect())
            .collect();
        assert_eq!(fields, want, "{text:?}");
        let found: Vec<usize> = (0..records.len()).filter(|&i| records[i].broken).collect();
        assert_eq!(found, broken, "{text:?}");
    }

    #[test]
    fn records_are_cut_as_rfc_4180_says() {
        check("a,b\r\n1,2\r\n", &[&["a", "b"], &["1", "2"]], &[]);
        check("a,\"b,\r\n\"\"c\"\"\",d\n", &[&["a", "b,\r\n\"c\"", "d"]], &[]);
        check("\u{FEFF}a,,\n\n\n,x", &[&["a", "", ""], &["", "x"]], &[]);
        check("\"\",\"\"\"\"", &[&["", "\""]], &[]);
        check("", &[], &[]);
    }

    #[test]
    fn a_record_of_the_wrong_width_gives_its_other_lines_back() {
        let text = b"\"open,1\n2,3\n4,\"5\"\n\"6\n\",7\n";
        let records: Vec<_> = Records::new(text, b',').of_width(2).collect();
        let seen: Vec<_> = records.iter().map(|r| (r.offset, r.broken, r.fields.len())).collect();
        // The line ends at 7, 11 and 17; the last record has a line end in its first field by right.
        assert_eq!(seen, [(0, true, 1), (8, false, 2), (12, false, 2), (18, false, 2)]);
        // The quote is closed as it should be, but one field is not two.
        let records = Records::new(b"\"open,1\n2,\"\n3,4\n", b',').of_width(2);
        let seen: Vec<_> = records.map(|r| (r.offset, r.broken)).collect();
        assert_eq!(seen, [(0, true), (8, true), (12, false)]);
    }

    #[test]
    fn a_broken_record_does_not_swallow_the_next() {
        check("\"open,1\n2,3\n", &[&["open", "1"], &["2", "3"]], &[0]);
        check("\"a\"b,1\n2,3\n", &[&["a", "1"], &["2", "3"]], &[0]);
    }
}
