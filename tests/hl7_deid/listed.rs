//! Every row of the list on a message made for it, and every field that is not on the list.

use super::{field, segment, shifted};
use std::collections::HashSet;
use voxmill::deid::hl7::fields::SEGMENTS;
use voxmill::deid::hl7::rule::{Field, How, PartHow, Rule, Segment, Type};
use voxmill::deid::hl7::types::TYPES;
use voxmill::model::Domain;

fn segments() -> impl Iterator<Item = &'static Segment> {
    SEGMENTS.iter().copied().flatten()
}

fn name(segment: &Segment) -> &'static str {
    std::str::from_utf8(segment.id).unwrap()
}

/// A value that a rule lets pass, what becomes of it, and a value that it does not let pass. A pseudonym is known by its
/// first letter.
fn samples(rule: Rule, own: Domain) -> (&'static str, String, &'static str) {
    let pseudonym = |domain| {
        let letter = match domain {
            Domain::Patient => "P",
            // 16 signs, so that it fits the SH of DICOM's AccessionNumber.
            Domain::Accession => "",
            Domain::Encounter => "E",
            Domain::Message => "M",
            Domain::Order => "O",
            Domain::Uid => "2.25.",
            Domain::Staff => "S",
            Domain::Other => "X",
        };
        format!("{letter}…")
    };
    match rule {
        Rule::SetId => ("17", "17".into(), "17171"),
        Rule::Code => ("K7", "K7".into(), "19630412"),
        Rule::CharacterSet => ("UNICODE UTF-8", "UNICODE UTF-8".into(), "QWERTYIA"),
        Rule::Number => ("12.5", "12.5".into(), "QWERTYIA"),
        Rule::Term => ("Liver, normal", "Liver, normal".into(), "Dr. John Smith, 555-867-5309"),
        Rule::Text => ("Liver, normal", "Liver, normal".into(), "seen by Dr. Smith on 03/14/1977, call 555-867-5309"),
        Rule::Date => ("202403021530+0100", format!("{}1530+0100", shifted("20240302")), "20240231"),
        Rule::Time => ("1530", "1530".into(), "QWERTYIA"),
        Rule::Birth => ("19630815", shifted("19630815")[..4].to_owned(), "19630231"),
        Rule::Zip => ("94110-1234", "941".into(), "QWERTYIA"),
        Rule::State => ("CA", "CA".into(), "QWERTYIA"),
        Rule::Id(domain) => ("QX7788", pseudonym(domain), ""),
        Rule::OwnId => ("QX7788", pseudonym(own), ""),
        Rule::Oid => ("1.2.840.113619.2", pseudonym(Domain::Uid), ""),
    }
}

/// Asserts that a leaf is as wanted; `…` stands for the 21 signs of a pseudonym or the digits of a UID.
fn same(found: &str, want: &str, place: &str) {
    match want.strip_suffix('…') {
        None => assert_eq!(found, want, "{place}"),
        Some("2.25.") => {
            assert!(found.starts_with("2.25.") && found[5..].parse::<u128>().is_ok(), "{place}: {found}");
        }
        Some(letter) => {
            let signs = found.strip_prefix(letter).unwrap_or_else(|| panic!("{place}: {found}"));
            assert!(
                signs.len() == if letter.is_empty() { 16 } else { 21 }
                    && signs.bytes().all(|b| b.is_ascii_alphanumeric()),
                "{place}: {found}"
            );
        }
    }
}

/// Writes `leaf` at a place of a segment; the other parts are empty.
fn line(segment: &str, at: u8, component: u8, sub: u8, leaf: &str) -> String {
    let bars = usize::from(at) - usize::from(segment == "MSH" || segment == "FHS" || segment == "BHS");
    let field = format!("{}{}{leaf}", "^".repeat(usize::from(component) - 1), "&".repeat(usize::from(sub) - 1));
    match segment {
        "FHS" | "BHS" => format!("{segment}|^~\\&{}{field}", "|".repeat(bars - 1)),
        _ => format!("{segment}{}{field}", "|".repeat(bars)),
    }
}

/// What is found at that place afterwards.
fn leaf_of(line: &str, at: u8, component: u8, sub: u8) -> String {
    let head = line.starts_with("FHS") || line.starts_with("BHS");
    let field = field(line, usize::from(at) - usize::from(head));
    let component = field.split('^').nth(usize::from(component) - 1).unwrap_or_default();
    component.split('&').nth(usize::from(sub) - 1).unwrap_or_default().to_owned()
}

/// Rewrites one segment, in the envelope or message that it needs.
fn rewritten(name: &str, line: &str) -> String {
    match name {
        "FHS" | "BHS" | "BTS" | "FTS" => {
            let text = super::rewrite(&format!("{line}\r{}\rPID|1||4711\r", super::MSH));
            text.split('\r').next().unwrap().to_owned()
        }
        "PID" => {
            let text = super::rewrite(&format!("{}\r{line}\r", super::MSH));
            text.split('\r').nth(1).unwrap().to_owned()
        }
        _ => segment(line).unwrap(),
    }
}

struct Walk {
    checked: usize,
}

impl Walk {
    fn leaf(&mut self, segment: &Segment, at: u8, component: u8, sub: u8, rule: Rule, own: Domain) {
        let name = name(segment);
        let place = format!("{name}-{at}.{component}.{sub}");
        let (good, want, bad) = samples(rule, own);
        // Without the patient there is no shift, and envelopes have none.
        let nobody = name == "PID" && (at, component) != (3, 1);
        for (value, want) in [(good, want.as_str()), (bad, "")] {
            let mut made = line(name, at, component, sub, value);
            if nobody {
                made = with_patient(&made);
            }
            let found = leaf_of(&rewritten(name, &made), at, component, sub);
            if matches!(rule, Rule::Term | Rule::Text) && want.is_empty() {
                assert!(
                    !found.to_lowercase().contains("smith") && !found.contains("5309") && !found.contains("1977"),
                    "{place}: {found}"
                );
            } else {
                same(&found, want, &place);
            }
        }
        // Absent and null stay what they are.
        let mut made = line(name, at, component, sub, "\"\"");
        if nobody {
            made = with_patient(&made);
        }
        assert_eq!(leaf_of(&rewritten(name, &made), at, component, sub), "\"\"", "{place}");
        self.checked += 1;
    }

    fn parts(&mut self, segment: &Segment, at: u8, parts: &'static Type, own: Domain) {
        let listed: HashSet<u8> = parts.parts.iter().map(|part| part.at).collect();
        for part in parts.parts {
            match part.how {
                PartHow::Leaf(rule) => self.leaf(segment, at, part.at, 1, rule, own),
                PartHow::Of(inner) => {
                    let inside: HashSet<u8> = inner.parts.iter().map(|part| part.at).collect();
                    for deep in inner.parts {
                        if let PartHow::Leaf(rule) = deep.how {
                            self.leaf(segment, at, part.at, deep.at, rule, own);
                        }
                    }
                    for sub in (1..=20).filter(|sub| !inside.contains(sub)) {
                        self.gone(segment, at, part.at, sub);
                    }
                }
            }
        }
        for component in (1..=30).filter(|component| !listed.contains(component)) {
            self.gone(segment, at, component, 1);
        }
    }

    /// A canary at a place that is not on the list is not written.
    fn gone(&mut self, segment: &Segment, at: u8, component: u8, sub: u8) {
        let name = name(segment);
        let mut made = line(name, at, component, sub, "ZQCANARY77");
        if name == "PID" && (at, component) != (3, 1) {
            made = with_patient(&made);
        }
        let found = rewritten(name, &made);
        assert!(!found.contains("ZQCANARY77"), "{name}-{at}.{component}.{sub}");
        self.checked += 1;
    }

    fn field(&mut self, segment: &Segment, row: &Field) {
        match row.how {
            How::Gone => self.gone(segment, row.at, 1, 1),
            How::Leaf(rule) => self.leaf(segment, row.at, 1, 1, rule, Domain::Other),
            How::Of(parts) => self.parts(segment, row.at, parts, Domain::Other),
            How::With(parts, domain) => self.parts(segment, row.at, parts, domain),
            How::Observed => {}
        }
    }
}

/// A PID with the patient's id beside what is tested.
fn with_patient(pid: &str) -> String {
    let mut fields: Vec<&str> = pid.split('|').collect();
    fields.resize(fields.len().max(4), "");
    let first = if fields[3].is_empty() || fields[3].starts_with('^') { "4711" } else { "" };
    let id = format!("{first}{}", fields[3]);
    fields[3] = &id;
    fields.join("|")
}

#[test]
fn every_row_of_the_list_does_what_it_says() {
    let mut walk = Walk { checked: 0 };
    let (mut rows, mut named) = (0, 0);
    for segment in segments() {
        named += 1;
        for row in segment.fields {
            rows += 1;
            // The header cannot be tested beside itself; tests of the rest read it whole.
            if segment.id != b"MSH" {
                walk.field(segment, row);
            }
        }
    }
    assert_eq!((named, rows), (70, 1103));
    assert!(walk.checked > 10_000, "{}", walk.checked);
}

#[test]
fn fields_that_are_not_on_the_list_go() {
    let mut checked = 0;
    for segment in segments().filter(|segment| !matches!(segment.id, b"MSH" | b"FHS" | b"BHS")) {
        let listed: HashSet<u8> = segment.fields.iter().map(|row| row.at).collect();
        for at in (1..=60).filter(|at| !listed.contains(at)) {
            let mut made = line(name(segment), at, 1, 1, "ZQCANARY77");
            if segment.id == b"PID" {
                made = with_patient(&made);
            }
            let found = rewritten(name(segment), &made);
            assert!(!found.contains("ZQCANARY77"), "{}-{at}", name(segment));
            assert_eq!(found.matches('|').count(), made.matches('|').count(), "{}-{at}: places stay", name(segment));
            checked += 1;
        }
    }
    assert!(checked > 2900, "{checked}");
}

#[test]
fn segments_that_are_not_on_the_list_go_with_their_line() {
    let known: HashSet<&str> = segments().map(name).collect();
    let mut gone = 0;
    for other in
        ["ZPI", "Z01", "DSP", "UAC", "CON", "VAR", "XYZ", "PES", "EDU", "BPO", "some text that lost its segment", "pid"]
    {
        assert!(!known.contains(other));
        assert_eq!(segment(&format!("{other}|ZQCANARY77|DOE^JANE")), None, "{other}");
        gone += 1;
    }
    assert_eq!(gone, 12);
}

#[test]
fn rows_are_in_order_and_every_type_is_used() {
    let mut used = HashSet::new();
    let mut take = |parts: &'static Type| {
        used.insert(parts.name);
        for part in parts.parts {
            if let PartHow::Of(inner) = part.how {
                used.insert(inner.name);
            }
        }
        assert!(parts.parts.windows(2).all(|two| two[0].at < two[1].at), "{}", parts.name);
        assert!(parts.parts.iter().all(|part| !part.reason.is_empty() && !part.name.is_empty()));
    };
    let mut names = HashSet::new();
    for segment in segments() {
        assert!(names.insert(segment.id), "{} twice", name(segment));
        assert!(segment.fields.windows(2).all(|two| two[0].at < two[1].at), "{}", name(segment));
        for row in segment.fields {
            assert!(!row.reason.is_empty() && !row.name.is_empty(), "{}-{}", name(segment), row.at);
            if let How::Of(parts) | How::With(parts, _) = row.how {
                take(parts);
            }
        }
    }
    // SN is used by OBX-5, whose type is OBX-2.
    used.insert("SN");
    used.insert("EI (placer)");
    let all: HashSet<&str> = TYPES.iter().map(|parts| parts.name).collect();
    assert_eq!(used, all);
    // The segments that de-identification of HL7 is asked for by name.
    for wanted in "PID PD1 NK1 GT1 IN1 IN2 IN3 PV1 PV2 MRG ORC OBR OBX NTE TXA EVN AL1 DG1 PR1 ROL SCH AIL AIP RXA RXE SPM FT1 ACC STF PRD MSH"
        .split(' ')
    {
        assert!(segments().any(|segment| name(segment) == wanted), "{wanted}");
    }
}
