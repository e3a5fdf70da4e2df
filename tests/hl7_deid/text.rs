//! Text in its character set: what is scrubbed is written back in the set that it was read by.

use super::{MSH, rewrite, shifted, written};

fn bytes(input: &[u8]) -> Vec<u8> {
    let written = written(input);
    assert_eq!((written.read, written.written), (1, 1));
    written.bytes.into_inner()
}

#[test]
fn comments_lose_the_people_of_the_message() {
    let out = rewrite(&format!(
        "{MSH}\rPID|1||4711||QWERTYIA^ANNABEL||19630412||||12 ELMTREE LANE^^SPRINGTOWN^CA^94110||(415)555-0199\r\
         PV1|1||||||77^STRANGEWORTH^PAUL\r\
         NTE|1||Annabel Qwertyia (MRN 4711) of Elmtree Lane seen 03/01/2024 by Strangeworth, no nodule.\r\
         OBX|1|TX|||QWERTYIA called 555-0199~on 20240301; liver normal\r"
    ));
    for gone in ["nnabel", "wertyia", "WERTYIA", "4711", "lmtree", "trangeworth", "0199", "03/01/2024"] {
        assert!(!out.contains(gone), "{gone}: {out}");
    }
    let day = shifted("20240301");
    let (year, month, date) = (&day[..4], &day[4..6], &day[6..8]);
    let as_written = format!("{month}/{date}/{year}");
    assert!(
        out.contains(&as_written) && out.contains("no nodule.") && out.contains("liver normal"),
        "{as_written}: {out}"
    );
    assert!(out.split('\r').nth(4).unwrap().contains('~'), "{out}");
}

/// Results in words of laboratories and reports in five languages, in messages of four versions: nobody is named, and every
/// byte stays.
#[test]
fn results_that_name_nobody_stay_byte_for_byte() {
    let results = [
        "ST|x^Blood group^L||Kell negative, Duffy a positive, Kidd b negative, Lewis a negative",
        "ST|x^Cells^L||Reed-Sternberg cells not seen; Howell-Jolly bodies present",
        "ST|x^Antibodies^L||Epstein-Barr VCA IgG",
        "ST|x^Protein^L||Bence Jones protein negative",
        "ST|x^Score^L||Child-Pugh A5, MELD 12",
        "ST|x^Stage^L||Ann Arbor stage II",
        "ST|x^Gene^L||chr7:117559590 G>A",
        "ST|x^Gene^L||NM_000546.6:c.215C>G",
        "ST|x^Device^L||Beckman Coulter DxH 900",
        "TX|x^Echo^L||LVEF 55 % (Simpson biplane), E/A 1.2, TAPSE 22 mm, PISA radius 0.6 cm",
        "TX|x^NM^L||Tc-99m MDP 740 MBq i.v.; MAG3 renogram",
        "TX|x^Befund^L||Kein Hinweis auf Pleuraerguss. Rechts basal Dystelektase. Herz normal gro\u{df}.",
        "TX|x^CR^L||Pas d'\u{e9}panchement pleural. Maladie de Crohn connue.",
        "TX|x^Inf^L||Sin derrame pleural. Enfermedad de Chagas descartada.",
        "TX|x^Laudo^L||Sem derrame pleural. Doen\u{e7}a de Chagas negativa.",
        "TX|x^JP^L||\u{53f3}\u{80ba}\u{4e0a}\u{8449}\u{306b}5mm\u{306e}\u{7d50}\u{7bc0}",
        "NM|4548-4^Hemoglobin A1c/Hemoglobin.total in Blood^LN||5.6|%|<5.7|N",
        "SN|5778-6^Titer^LN||^1^:^128||<1:8|A",
        "CWE|600-7^Bacteria identified^LN||112283007^Escherichia coli^SCT",
    ];
    for version in ["2.1", "2.3.1", "2.5.1", "2.8"] {
        let head =
            format!("MSH|^~\\&|||||20240301||ORU^R01|1|P|{version}||||||UNICODE UTF-8\rPID|||4711||ZWETTLER^JO\r");
        let text: String = results.iter().enumerate().map(|(n, one)| format!("OBX|{}|{one}\r", n + 1)).collect();
        let out = String::from_utf8(bytes(format!("{head}{text}").as_bytes())).unwrap();
        let segments: Vec<&str> = out.split('\r').filter(|segment| segment.starts_with("OBX")).collect();
        let wanted: Vec<&str> = text.split_terminator('\r').collect();
        assert_eq!(segments, wanted, "{version}");
    }
}

#[test]
fn latin_1_stays_latin_1() {
    let head = "MSH|^~\\&|||||20240301||ADT^A01|1|P|2.5||||||8859/1\rPID|||4711||";
    let input = [head.as_bytes(), b"M\xFCLLER^J\xD6RG\rNTE|1||M\xFCller hat \xFCbel\r"].concat();
    let out = bytes(&input);
    assert!(out.ends_with(b"NTE|1||[NAME] hat \xFCbel\r"), "{}", String::from_utf8_lossy(&out));
    // The set is not declared, and the bytes are not UTF-8: what is written is the same set.
    let bare = [MSH.as_bytes(), b"\rPID|||4711||M\xFCLLER^J\xD6RG\rNTE|1||M\xFCller hat \xFCbel\r"].concat();
    assert!(bytes(&bare).ends_with(b"NTE|1||[NAME] hat \xFCbel\r"));
}

#[test]
fn japanese_and_chinese_stay_what_they_were() {
    for (name, set) in [
        ("ISO IR87", encoding_rs::ISO_2022_JP),
        ("SHIFT-JIS", encoding_rs::SHIFT_JIS),
        ("GB 18030-2000", encoding_rs::GB18030),
    ] {
        let text = format!(
            "MSH|^~\\&|||||20240301||ADT^A01|1|P|2.5||||||{name}\rPID|||4711||山田^太郎\rNTE|1||患者は山田です|RE^山田^L\rDG1|1||K7^肝臓^L\r"
        );
        let input = set.encode(&text).0;
        let out = bytes(&input);
        let (back, _, broken) = set.decode(&out);
        assert!(!broken && !back.contains("山田") && !back.contains("太郎"), "{name}: {back}");
        assert!(back.contains("NTE|1||[NAME]|RE^[NAME]^L\r") && back.contains("DG1|1||K7^肝臓^L\r"), "{name}: {back}");
    }
}

#[test]
fn utf_16_stays_utf_16() {
    let text = format!("\u{feff}FHS|^~\\&|S\r{MSH}\rPID|1||4711||MÜLLER^JÖRG\rNTE|1||Müller: übel\r");
    for little in [true, false] {
        let wide = |text: &str| -> Vec<u8> {
            text.encode_utf16().flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
        };
        let out = bytes(&wide(&text));
        let units: Vec<u16> =
            out.chunks(2)
                .map(|pair| {
                    if little { u16::from_le_bytes([pair[0], pair[1]]) } else { u16::from_be_bytes([pair[0], pair[1]]) }
                })
                .collect();
        let back = String::from_utf16(&units).unwrap();
        assert!(back.starts_with("\u{feff}FHS|^~\\&|X") && back.ends_with("NTE|1||[NAME]: übel\r"), "{back}");
        assert!(!back.contains("MÜLLER"), "{back}");
    }
}

#[test]
fn text_that_names_nobody_keeps_its_bytes() {
    for text in ["liver\\.br\\\\H\\normal\\N\\", "a \\T\\ b", "5 ^ 3 & 2", "100% ~ 90%", "grade \\X49\\"] {
        let out = rewrite(&format!("{MSH}\rPID|||4711\rNTE|1||{text}\r"));
        assert!(out.ends_with(&format!("NTE|1||{text}\r")), "{text}: {out}");
    }
}

#[test]
fn latin_1_that_is_declared_chinese_is_read_as_what_it_is() {
    // Read as GB 18030, the letter above 127 takes the letter or the delimiter behind it along: Ren\xE9 and Ren\xE9^ differ.
    for set in ["GB 18030-2000", "GB2312", "KS X 1001"] {
        let head = format!("MSH|^~\\&|||||20240301||ADT^A01|1|P|2.5||||||{set}\rPID|||4711||");
        let rest: &[u8] = b"LEFEVR\xC9^REN\xC9\rNTE|1||Ren\xE9 Lefevr\xE9 sagt, Ren\xE9\rNTE|2||LEFEVR\xC9|x\r";
        let out = bytes(&[head.as_bytes(), rest].concat());
        let shown: String = out.iter().map(|b| *b as char).collect();
        assert!(shown.contains("NTE|1||[NAME] sagt, [NAME]\rNTE|2||[NAME]|x\r"), "{set}: {shown}");
    }
}

#[test]
fn utf8_that_is_declared_latin_1_is_read_as_what_it_is() {
    // Read as Latin-1 the name is "Å½ofie": no word, and found nowhere.
    for set in ["8859/1", "8859/2", "8859/15"] {
        let out = rewrite(&format!(
            "MSH|^~\\&|||||20240301||ADT^A01|1|P|2.5||||||{set}\rPID|||4711||Přibylová^Žofie\rNTE|1||see Žofie PŘIBYLOVÁ\r"
        ));
        assert!(out.ends_with("NTE|1||see [NAME]\r"), "{set}: {out}");
    }
}

#[test]
fn what_a_term_has_behind_an_ampersand_leaves_only_if_nothing_is_in_it() {
    let line = super::segment("DG1|1||K7^Liver & bile duct^L&x^M&y^Head&Dr. Smith").unwrap();
    assert_eq!(line, "DG1|1||K7^Liver & bile duct^L^M^Head");
}

#[test]
fn who_is_asked_for_in_obx_3_is_not_answered_in_obx_5() {
    for (question, kind, answer) in [
        ("56799-0^What address do you live at?^LN", "TX", "1068 Heathcote Wall"),
        ("X1^Contact^L^X2^Home phone^LN", "ST", "next door"),
        ("X1^Mother's name^L", "CWE", "A1^ANY^L"),
        ("X1^Zip code^L", "NM", "94110"),
    ] {
        let line = super::segment(&format!("OBX|1|{kind}|{question}||{answer}||||||F")).unwrap();
        assert_eq!(super::field(&line, 5), "", "{line}");
        assert_eq!(super::field(&line, 11), "F");
    }
    let line = super::segment("OBX|1|TX|X1^Housing status^L||stable||||||F").unwrap();
    assert_eq!(super::field(&line, 5), "stable");
}

#[test]
fn what_nobody_sees_inside_a_name_does_not_hide_it() {
    for unseen in ["\0", "\u{ad}", "\u{200b}", "\u{2060}", "\u{feff}"] {
        let name = format!("QUE{unseen}ZADA");
        for (known, said) in [("QUEZADA", name.as_str()), (name.as_str(), "QUEZADA"), (name.as_str(), name.as_str())] {
            let out = rewrite(&format!("{MSH}\rPID|||4711||{known}^ANA\rNTE|1||seen, {said}!\r"));
            assert!(out.ends_with("NTE|1||seen, [NAME]!\r"), "{unseen:?} {out:?}");
        }
        // Where nobody is named, it stays with the rest.
        let out = rewrite(&format!("{MSH}\rPID|||4711\rNTE|1||liver nor{unseen}mal\r"));
        assert!(out.ends_with(&format!("NTE|1||liver nor{unseen}mal\r")), "{out:?}");
    }
}

#[test]
fn days_without_a_century_do_not_pass_as_months_of_far_years() {
    // 610412 is the 12th of April 1961 to who writes it, and the twelfth month of the year 6104 to who does not.
    for day in ["610412", "61041215", "6104121530"] {
        let out =
            rewrite(&format!("{MSH}\rPID|||4711||||{day}\rPV1||||||||||||||||||||||||||||||||||||||||||||{day}\r"));
        assert!(!out.contains("61"), "{day}: {out}");
    }
}

#[test]
fn nobody_is_older_than_ninety_in_a_result_of_any_type() {
    // OBX-2, OBX-5, OBX-6, what is left of OBX-5. 1,080 months are 90 years.
    for (kind, value, unit, left) in [
        ("NM", "102", "a", "90"),
        ("NM", "90", "a", "90"),
        ("NM", "61", "a", "61"),
        ("NM", "102", "mo", "102"),
        ("NM", "1200", "mo", "1080"),
        ("SN", "^102", "a", "^90"),
        ("SN", ">^95", "a", "^90"),
        ("SN", "^61", "a", "^61"),
        ("ST", "102 years", "", "90"),
        ("TX", "102", "a", "90"),
    ] {
        let line = super::segment(&format!("OBX|1|{kind}|30525-0^Age^LN||{value}|{unit}")).unwrap();
        assert_eq!(super::field(&line, 5), left, "{kind} {value} {unit}");
    }
}
