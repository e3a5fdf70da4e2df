//! The HL7 reader on awkward input: separators, frames, envelopes, character sets, broken and hostile bytes, rewriting;
//! and the manual's tables against the code.

use proptest::prelude::*;
use std::path::Path;
use voxmill::error::Reason;
use voxmill::read::hl7::{self, Edit, Message, Presence, Stray, messages, replace_field, replace_fields};

/// Reads everything; every byte must be accounted for.
fn read(bytes: &[u8]) -> (Vec<Message<'_>>, Vec<Stray>) {
    let mut walk = messages(bytes);
    let (mut found, mut strays) = (Vec::new(), Vec::new());
    for one in walk.by_ref() {
        match one {
            Ok(message) => found.push(message),
            Err(stray) => strays.push(stray),
        }
    }
    let account = walk.account();
    let sum = account.message_bytes + account.envelope_bytes + account.blank_bytes + account.stray_bytes;
    assert_eq!(sum, bytes.len() as u64, "{account:?}");
    assert_eq!((account.messages, account.strays), (found.len() as u64, strays.len() as u64));
    let spans = found.iter().map(|m| (m.offset, m.length)).chain(strays.iter().map(|s| (s.offset, s.length)));
    let mut spans: Vec<_> = spans.collect();
    spans.sort_unstable();
    assert!(spans.windows(2).all(|w| w[0].0 + w[0].1 <= w[1].0), "no two overlap");
    (found, strays)
}

/// Control ids of the messages, and reasons of the strays.
fn check(bytes: &[u8], ids: &[&str], reasons: &[Reason]) {
    let (found, strays) = read(bytes);
    let found: Vec<String> = found.iter().map(|m| m.segments().next().unwrap().field(10).text().into_owned()).collect();
    assert_eq!(found, ids);
    assert_eq!(strays.iter().map(|s| s.fault.reason).collect::<Vec<_>>(), reasons);
}

fn message(id: &str, end: &str) -> String {
    format!("MSH|^~\\&|A|B|||20240101||ADT^A01|{id}|P|2.5{end}PID|1||77^^^H^MR||DOE^JANE{end}OBX|1|TX|||a{end}")
}

#[test]
fn any_mix_of_line_ends_and_blank_lines() {
    let text = [
        message("1", "\r"),
        message("2", "\n"),
        message("3", "\r\n"),
        "\r\n\r\n".into(),
        message("4", "\r\n\r\n"),
        message("5", "\n \n"),
        " \t\r".into(),
        message("6", "\r"),
    ];
    let text = text.concat();
    check(text.as_bytes(), &["1", "2", "3", "4", "5", "6"], &[]);
    check(text.trim_end().as_bytes(), &["1", "2", "3", "4", "5", "6"], &[]);
    assert!(read(text.as_bytes()).0.iter().all(|m| m.segments().count() == 3));
}

#[test]
fn byte_order_marks_wherever_files_were_glued() {
    let text = format!("\u{FEFF}{}\u{FEFF}{}", message("1", "\r\n"), message("2", "\n"));
    check(text.as_bytes(), &["1", "2"], &[]);
}

#[test]
fn mllp_frames_back_to_back_and_noise_between() {
    let frame = |id: &str| format!("\x0B{}\x1C\r", message(id, "\r"));
    check([frame("1"), frame("2")].concat().as_bytes(), &["1", "2"], &[]);
    check(format!("{}noise\rmore{}", frame("1"), frame("2")).as_bytes(), &["1", "2"], &[Reason::NotHl7]);
    // The end of the first frame was lost; the second has no CR after its end.
    check(format!("\x0B{}\x0B{}\x1C", message("1", "\r"), message("2", "\r")).as_bytes(), &["1", "2"], &[]);
    // A vertical tab or a file separator inside a text is text.
    let (found, _) = read(b"MSH|^~\\&|||||||ADT^A01|1\rNTE|1||soft\x0Bbreak and \x1C here\r");
    assert_eq!(found[0].segments().nth(1).unwrap().field(3).text(), "soft\u{B}break and \u{1C} here");
}

#[test]
fn envelopes_are_no_messages() {
    let text = format!("FHS|^~\\&|A\rBHS|^~\\&|A\r{}{}BTS|2\rFTS|1\r", message("1", "\r"), message("2", "\r"));
    check(text.as_bytes(), &["1", "2"], &[]);
    check(b"FHS|^~\\&|A\rPID|1\rFTS|1\r", &[], &[Reason::NotHl7]);
}

#[test]
fn what_is_no_message_is_handed_out_with_offset_and_reason() {
    let text = format!("junk line\r\n{}", message("1", "\r"));
    let (_, strays) = read(text.as_bytes());
    assert_eq!((strays[0].offset, strays[0].length), (0, 11));
    assert_eq!((strays[0].fault.reason, strays[0].fault.place), (Reason::NotHl7, "message"));
    let text = format!("{}MSH|^~^&|twice\rPID|1\r{}", message("1", "\r"), message("2", "\r"));
    check(text.as_bytes(), &["1", "2"], &[Reason::BadHeaderSegment]);
    check(b"MSH", &[], &[Reason::BadHeaderSegment]);
    check(b"MSH\rPID|1\r", &[], &[Reason::BadHeaderSegment]);
    check(b"", &[], &[]);
    check(b"PID|1||77\r", &[], &[Reason::NotHl7]);
    // A line of text that begins with the letters is not a header.
    let text = format!("{}MSH-7 is missing\r", message("1", "\r"));
    check(text.as_bytes(), &["1"], &[]);
}

#[test]
fn looks_like_hl7_by_content() {
    for yes in ["MSH|^~\\&|", "\u{FEFF}\r\nMSH|^~\\&|", "\x0BMSH|^~\\&|", "FHS|^~\\&|", "log\nMSH|^~\\&|", "MSH*:;?!*"]
    {
        assert!(hl7::looks_like(yes.as_bytes()), "{yes:?}");
    }
    let wide: Vec<u8> = "\u{FEFF}MSH|^~\\&|".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(hl7::looks_like(&wide) && hl7::looks_like(&wide[2..]));
    for no in ["", "MSH", "MSHELL", "a MSH|^~\\&|", "DICM", "patient,MSH|^~", "MSH is a word"] {
        assert!(!hl7::looks_like(no.as_bytes()), "{no:?}");
    }
}

#[test]
fn declared_delimiters_and_presence() {
    let (found, _) = read(b"MSH*:;?!*A*****ADT:A01**X*P*2.5\rPID*1**\"\"*a;b:c!d:*?F??T?\r");
    let pid = found[0].segments().nth(1).unwrap();
    let presences = [2, 3, 4, 5, 6].map(|n| pid.field(n).presence());
    assert_eq!(presences, [Presence::Empty, Presence::Null, Presence::Value, Presence::Value, Presence::Absent]);
    assert_eq!(pid.field(4).repetition(2).component(2).subcomponent(2).text(), "d");
    assert_eq!(pid.field(4).repetition(2).component(3).presence(), Presence::Empty);
    assert_eq!(pid.field(4).repetition(2).component(4).presence(), Presence::Absent);
    assert_eq!(pid.field(5).text(), "*!");
    let msh = found[0].segments().next().unwrap();
    assert_eq!(
        (msh.field(1).text(), msh.field(2).text(), msh.field(3).text()),
        ("*".into(), ":;?!".into(), "A".into())
    );
    assert_eq!(pid.field(0).presence(), Presence::Absent);
}

#[test]
fn a_byte_that_differs_from_a_delimiter_in_one_bit_is_no_delimiter() {
    // } is | with the last bit set; 0x0C and 0x1D have a line end and a frame end as neighbours.
    let (found, strays) = read(b"MSH|^~\\&|A\rPID|}|}}|||}}}}}}}}|\x0C\x1D|}\r}PI|}");
    assert_eq!((found.len(), strays.len()), (1, 0));
    let segments: Vec<_> = found[0].segments().collect();
    let fields: Vec<&[u8]> = (1..=7).map(|n| segments[1].field(n).raw()).collect();
    assert_eq!(fields, [&b"}"[..], b"}}", b"", b"", b"}}}}}}}}", b"\x0C\x1D", b"}"]);
    assert_eq!((segments.len(), segments[2].name(), segments[2].field(1).raw()), (3, &b"}PI"[..], &b"}"[..]));
}

/// A message with one text in PID-5 in a character set, made by encoding_rs.
fn in_set(name: &str, set: &'static encoding_rs::Encoding, text: &str) -> (Vec<u8>, String) {
    let source = format!("MSH|^~\\&|A|B|||1||ADT^A01|1|P|2.5||||||{name}\rPID|1||77||{text}^{text}|after\r");
    let bytes = set.encode(&source).0.into_owned();
    let (found, strays) = read(&bytes);
    assert_eq!((found.len(), strays.len()), (1, 0), "{name}");
    let pid = found[0].segments().nth(1).unwrap();
    assert_eq!(pid.field(6).text(), "after", "{name}");
    assert_eq!(pid.last_field(), 6, "{name}");
    let read = pid.field(5).component(2).text().into_owned();
    assert_eq!(pid.field(5).component(1).text(), read, "{name}");
    (bytes.clone(), read)
}

#[test]
fn character_sets_of_msh_18() {
    for (name, set, text) in [
        ("8859/1", encoding_rs::WINDOWS_1252, "Müller"),
        ("8859/2", encoding_rs::ISO_8859_2, "Dvořák"),
        ("8859/5", encoding_rs::ISO_8859_5, "Иван"),
        ("8859/7", encoding_rs::ISO_8859_7, "Γιώργος"),
        ("8859/15", encoding_rs::ISO_8859_15, "€"),
        ("UNICODE UTF-8", encoding_rs::UTF_8, "山田"),
        ("", encoding_rs::UTF_8, "山田"),
        ("", encoding_rs::WINDOWS_1252, "Müller"),
        ("ASCII~ISO IR87", encoding_rs::ISO_2022_JP, "山田 太郎"),
        ("ISO IR87", encoding_rs::ISO_2022_JP, "ポ"),
        // The second byte of each is a delimiter: 0x837C is PO (|), 0x835C is SO (\), 0x905E is true (^), 0xE07C (|).
        ("SHIFT_JIS", encoding_rs::SHIFT_JIS, "ポソ真烟"),
        ("GB 18030-2000", encoding_rs::GB18030, "张伟"),
        ("GB 18030-2000", encoding_rs::GB18030, "亅亊亐"),
        ("BIG-5", encoding_rs::BIG5, "許功蓋"),
        ("KS X 1001", encoding_rs::EUC_KR, "김철수"),
    ] {
        assert_eq!(in_set(name, set, text).1, text, "{name}");
    }
}

#[test]
fn utf_16_with_and_without_a_mark() {
    let text = format!("{}\r\n{}", message("1", "\r").replace("DOE", "Дое😀"), message("2", "\r"));
    for mark in ["\u{FEFF}", ""] {
        for big in [false, true] {
            let pair = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
            let bytes: Vec<u8> = format!("{mark}{text}").encode_utf16().flat_map(pair).collect();
            check(&bytes, &["1", "2"], &[]);
            let (found, _) = read(&bytes);
            assert_eq!(found[0].segments().nth(1).unwrap().field(5).component(1).text(), "Дое😀");
            assert_eq!(found[0].character_set(), "UTF-16");
            // Rewriting gives UTF-16 of the same byte order back, every other unit as it was.
            let changed = replace_field(&found[0], 1, 5, "X".as_bytes()).unwrap();
            let want: Vec<u8> = message("1", "\r").replace("DOE^JANE", "X").encode_utf16().flat_map(pair).collect();
            assert_eq!(changed, want);
            check(&[&bytes[..], b"x"].concat(), &["1", "2"], &[Reason::Truncated]);
        }
    }
}

#[test]
fn a_field_is_rewritten_and_nothing_else() {
    let text = message("1", "\r\n");
    let (found, _) = read(text.as_bytes());
    let rewritten = |edits: &[Edit<'_>]| String::from_utf8(replace_fields(&found[0], edits).unwrap()).unwrap();
    let edit = |segment, field, value: &'static str| Edit { segment, field, value: value.as_bytes() };
    assert_eq!(rewritten(&[edit(1, 5, "X^Y")]), text.replace("DOE^JANE", "X^Y"));
    assert_eq!(rewritten(&[edit(1, 8, "F"), edit(1, 3, "")]), text.replace("|77^^^H^MR||DOE^JANE", "|||DOE^JANE|||F"));
    assert_eq!(rewritten(&[edit(1, 7, "G"), edit(1, 9, "I")]), text.replace("JANE", "JANE||G||I"));
    assert_eq!(rewritten(&[edit(0, 3, "Z")]), text.replace("|A|B|", "|Z|B|"));
    assert_eq!(rewritten(&[]), text);
    assert_eq!(found[0].escape("a|b&c"), b"a\\F\\b\\T\\c");
    for bad in
        [edit(0, 2, "^"), edit(9, 1, "x"), edit(1, 0, "x"), edit(1, 3, "a|b"), edit(1, 3, "a\rb"), edit(1, 9999, "x")]
    {
        assert_eq!(replace_fields(&found[0], &[bad]).unwrap_err().place, "HL7 field");
    }
    assert!(replace_fields(&found[0], &[edit(1, 3, "a"), edit(1, 3, "b")]).is_err());
}

#[test]
fn a_message_of_50_mb_is_not_copied_and_not_walked_twice_a_field() {
    let document = "QUJD".repeat(50 << 18);
    let text = format!("{}OBX|2|ED|PDF||^application^pdf^Base64^{document}||||||F\r", message("1", "\r"));
    let (found, _) = read(text.as_bytes());
    let obx = found[0].segments().nth(3).unwrap();
    assert_eq!(obx.field(11).text(), "F");
    // The document lies where it lay in the input.
    let data = obx.field(5).component(5).raw();
    assert!(text.as_bytes().as_ptr_range().contains(&data.as_ptr()) && data.len() == document.len());
    let mut rows = 0;
    hl7::rows(&found[0], 0, &mut |_| rows += 1);
    // messages, patients, two observations.
    assert_eq!(rows, 4);
}

#[test]
fn a_message_of_too_many_rows_is_one_reject() {
    let obx = |kind: &str, values: usize| format!("OBX|1|{kind}|||{}\r", vec!["5"; values].join("~"));
    let with = |more: &str| format!("{}{more}{}", message("1", "\r"), message("2", "\r"));
    let refused = |more: &str, place: &str, found: i128| {
        let text = with(more);
        let (found_messages, strays) = read(text.as_bytes());
        assert_eq!((found_messages.len(), strays.len()), (1, 1), "{place}");
        let fault = &strays[0].fault;
        assert_eq!((fault.reason, fault.place), (Reason::TooLarge, place));
        assert_eq!(fault.numbers.last(), Some(&("found", found)), "{place}");
    };
    refused(&obx("NM", 500_000), "OBX-5", 500_000);
    refused(&obx("NM", 1001), "OBX-5", 1001);
    refused(&format!("PID|2||{}\r", "7".repeat(1001)), "PID-3", 1001);
    refused(&format!("PV1|1{}{}\r", "|".repeat(18), "7".repeat(1001)), "PV1-19", 1001);
    // MSH, PID, OBX and 132 times 1000 values.
    refused(&obx("NM", 1000).repeat(132), "message", 132_003);
    for fine in [obx("NM", 1000), obx("NM", 1000).repeat(131), obx("TX", 5000)] {
        check(with(&fine).as_bytes(), &["1", "2"], &[]);
    }
}

/// Quadratic work on 100,000 segments would not end while anybody waits.
#[test]
fn many_segments_of_every_kind_cost_no_quadratic_work() {
    for segment in ["PID|1||7", "OBR|1", "ORC|1", "RXE|1", "SCH|1", "AIS|1", "PV1|1", "NTE|1||x", "TQ1|1", "MRG|1"] {
        let text = format!("MSH|^~\\&|A\r{}", format!("{segment}\r").repeat(100_000));
        let (found, _) = read(text.as_bytes());
        let mut rows = 0;
        hl7::rows(&found[0], 0, &mut |_| rows += 1);
        assert!(rows > 0, "{segment}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Any bytes at all: no panic, every byte accounted for, segments rejoin to the bytes of their message.
    #[test]
    fn every_byte_belongs_somewhere(
        pieces in proptest::collection::vec(
            prop_oneof![
                Just(b"MSH|^~\\&|A|B|||1||ADT^A01|1|P|2.5".to_vec()),
                Just(b"MSH|^~\\&|A|B|||1||ADT^A01|1|P|2.5||||||GB 18030-2000".to_vec()),
                Just(b"MSH".to_vec()), Just(b"PID|1||77".to_vec()), Just(b"OBX|1|NM|||5~6".to_vec()),
                Just(b"\r".to_vec()), Just(b"\n".to_vec()), Just(b"\r\n\r\n".to_vec()), Just(b"\x0B".to_vec()),
                Just(b"\x1C\r".to_vec()), Just(b"FHS|".to_vec()), Just(b"BTS|1".to_vec()), Just(b"\xEF\xBB\xBF".to_vec()),
                Just(b"\xFF\xFE".to_vec()), Just(b"\x1B$B".to_vec()), Just(b" ".to_vec()),
                proptest::collection::vec(any::<u8>(), 0..12),
            ],
            0..24,
        ),
    ) {
        let bytes = pieces.concat();
        let (found, _) = read(&bytes);
        for message in &found {
            let mut rest = message.bytes();
            for segment in message.segments() {
                let at = rest.len() - (message.bytes().len() - segment.span().start);
                prop_assert!(rest[..at].iter().all(|b| matches!(b, b'\r' | b'\n' | b' ' | b'\t' | 0 | 0x1A)));
                prop_assert!(rest[at..].starts_with(segment.bytes()));
                rest = &rest[at + segment.bytes().len()..];
            }
            prop_assert!(rest.iter().all(|b| matches!(b, b'\r' | b'\n')));
            let mut rows = Vec::new();
            hl7::rows(message, 7, &mut |row| rows.push(row.table.name));
            prop_assert_eq!(rows.iter().filter(|name| **name == "messages").count(), 1);
        }
        hl7::looks_like(&bytes);
    }

    /// A field is replaced by another value and back: the bytes are the old ones, and no other field has moved.
    #[test]
    fn replacing_touches_nothing_else(segment in 0usize..3, field in 1usize..14, value in "[a-z^~&\\\\]{0,9}") {
        let text = message("1", "\r\n");
        let (found, _) = read(text.as_bytes());
        let Ok(changed) = replace_field(&found[0], segment, field, value.as_bytes()) else {
            prop_assert!(segment == 0 && field < 3);
            return Ok(());
        };
        let (again, _) = read(&changed);
        for (s, (old, new)) in found[0].segments().zip(again[0].segments()).enumerate() {
            for n in (1..=20).filter(|n| (s, *n) != (segment, field)) {
                prop_assert_eq!(old.field(n).raw(), new.field(n).raw());
            }
        }
        prop_assert_eq!(again[0].segments().nth(segment).unwrap().field(field).raw(), value.as_bytes());
        let old = found[0].segments().nth(segment).unwrap();
        if field <= old.last_field() {
            prop_assert_eq!(replace_field(&again[0], segment, field, old.field(field).raw()).unwrap(), text.as_bytes());
        }
    }
}

/// Real messages, broken in every way a byte can be: no panic, every byte accounted for, one row of messages each.
#[test]
fn mutated_corpus_files_never_panic() {
    let root = std::env::var_os("VOXMILL_CORPUS").map(std::path::PathBuf::from);
    let root = root.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"));
    let folder = root.join("hl7/microsoft-fhir-converter");
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).expect("the corpus is there").map(|e| e.unwrap().path()).collect();
    paths.sort();
    assert_eq!(paths.len(), 139);
    let mut state = 0x9E37_79B9_7F4A_7C15u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below.max(1) as u64) as usize
    };
    const NASTY: [u8; 16] = *b"|^~\\&\r\n\x0B\x1C\0\xFF\x1B\"MS ";
    let mut mutants = 0;
    for path in paths {
        let original = std::fs::read(path).unwrap();
        for _ in 0..20 {
            let mut bytes = original.clone();
            for _ in 0..1 + random(8) {
                let at = random(bytes.len());
                match random(4) {
                    0 => bytes[at] = NASTY[random(16)],
                    1 => bytes.truncate(at.max(1)),
                    2 => bytes.insert(at, NASTY[random(16)]),
                    _ => drop(bytes.drain(at..(at + random(40)).min(bytes.len()))),
                }
                if bytes.is_empty() {
                    bytes.push(b'M');
                }
            }
            let (found, _) = read(&bytes);
            for message in &found {
                let mut own = 0;
                hl7::rows(message, 0, &mut |row| own += usize::from(row.table.name == "messages"));
                assert_eq!(own, 1);
            }
            mutants += 1;
        }
    }
    assert_eq!(mutants, 139 * 20);
}
