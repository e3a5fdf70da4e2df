//! What stays is byte for byte what it was: delimiters, escapes, line ends, frames, envelopes, nulls; values of OBX by
//! their type; and what odd delimiters cannot hide.

use voxmill::deid::dicom::profile::Dates;
use voxmill::deid::hl7::Rewriter;
use voxmill::deid::memory::Memory;

use super::{MSH, field, rewrite, segment, shifted, written};

#[test]
fn what_stays_is_byte_for_byte_what_it_was() {
    let day = shifted("20240301");
    let p = field(segment("MRG|4711").unwrap().as_str(), 1).to_owned();
    let text = "\u{b}MSH|^~\\&#|||||20240301120000||ORU^R01^ORU_R01|\"\"|P^T|2.5.1^DEU|||AL||||\r\n\
                PID|1|\"\"|4711^^^&&^MR~4711||DOE^JANE||||||^^^CA^94110^USA^H||||||\"\"|\n\
                OBX|1|SN|2345-7^Glucose \\T\\ more^LN^^^~||>^100.0^-^\"\"|mg/dL^^UCUM|70-110|A~\"\"~H|||F|||20240301||\r\
                ZXX|secret\r\n\
                OBX|2|NM|X||7.50|||||||\r\n\u{1c}\r";
    let want = format!(
        "\u{b}MSH|^~\\&#|||||{day}120000||ORU^R01^ORU_R01|\"\"|P^T|2.5.1^DEU|||AL||||\r\n\
         PID|1|\"\"|{p}^^^&&^MR~{p}||||||||^^^CA^941^USA^H||||||\"\"|\n\
         OBX|1|SN|2345-7^Glucose \\T\\ more^LN^^^~||>^100.0^-^\"\"|mg/dL^^UCUM|70-110|A~\"\"~H|||F|||{day}||\r\
         OBX|2|NM|X||7.50|||||||\r\n\u{1c}\r"
    );
    assert_eq!(rewrite(text), want);
}

#[test]
fn the_header_keeps_what_is_on_its_list() {
    let fields: Vec<String> = (13..=60).map(|n| format!("ZQCANARY{n}")).collect();
    let text = format!(
        "MSH|^~\\&|LABSYS|HOSP|EMR|CLINIC|20240301|HIDDEN8|ORU^R01|MSG1|P|2.5|{}\rPID|||4711\r",
        fields.join("|")
    );
    let out = rewrite(&text);
    let msh = out.split('\r').next().unwrap();
    // Codes in the shape of codes stay: acknowledgment types, country, language, profile, security and release codes.
    let left: Vec<usize> = (1..=60).filter(|n| field(msh, *n).contains("ZQCANARY")).collect();
    assert_eq!(left, [15, 16, 17, 19, 20, 21], "{msh}");
    assert!(msh.matches('|').count() == 59 && !msh.contains("HIDDEN8"));
    for (n, letter) in [(3, 'X'), (4, 'X'), (5, 'X'), (6, 'X'), (10, 'M'), (22, 'X'), (23, 'X')] {
        assert!(field(msh, n).starts_with(letter) && field(msh, n).len() == 22, "MSH-{n}");
    }
    assert_eq!((field(msh, 7), field(msh, 9), field(msh, 12)), (&*shifted("20240301"), "ORU^R01", "2.5"));
}

#[test]
fn envelopes_are_on_the_list_and_strays_are_counted() {
    let text = format!(
        "FHS|^~\\&|LABSYS|HOSP|||20240301||doe_jane.hl7|about DOE|F1|\rBHS|^~\\&|LABSYS||||20240301|||c|B1\r{MSH}\rPID|||4711\r\
         lost bytes DOE\rBTS|1|of DOE|\rFTS|1|DOE\r\n"
    );
    let out = rewrite(&text);
    assert!(
        !out.contains("DOE") && !out.contains("doe") && !out.contains("LABSYS") && !out.contains("20240301"),
        "{out}"
    );
    let lines: Vec<&str> = out.split('\r').collect();
    assert_eq!(lines.len(), 7, "{out}");
    assert_eq!((lines[4], lines[5], lines[6]), ("BTS|1||", "FTS|1|", "\n"));
    assert_eq!(lines[0].matches('|').count(), 11);
    assert!(field(lines[0], 10).starts_with('M') && field(lines[0], 2).starts_with('X'), "{out}");

    let broken = format!("noise DOE\r{MSH}\rPID|||4711\r\rMSH\rPID|||DOE\r{MSH}\r");
    let written = written(broken.as_bytes());
    assert_eq!((written.read, written.written), (4, 2));
    let places: Vec<_> = written.refused.iter().map(|(item, fault)| (*item, fault.place)).collect();
    assert_eq!(places, [(0, "message"), (2, "MSH-1")]);
    let bytes = String::from_utf8(written.bytes.into_inner()).unwrap();
    assert!(!bytes.contains("DOE") && bytes.matches("MSH|").count() == 2, "{bytes}");
}

fn value(kind: &str, value: &str) -> String {
    let line = segment(&format!("OBX|1|{kind}|2345-7^Glucose^LN||{value}|||||||")).unwrap();
    field(&line, 5).to_owned()
}

#[test]
fn values_are_treated_by_their_type() {
    for (kind, given, want) in [
        ("NM", "5.5", "5.5"),
        ("NM", "5.5~6", "5.5~6"),
        ("NM", "DOE", ""),
        ("NM", "4711", ""),
        ("SN", ">^100", ">^100"),
        ("SN", "^1^:^128", "^1^:^128"),
        ("SN", "^DOE", "^"),
        ("NA", "1^2^3~4^DOE^6", "1^2^3~4^^6"),
        ("CWE", "27268008^Salmonella^SCT", "27268008^Salmonella^SCT"),
        ("CE", "A~B", "A~B"),
        ("TM", "1530", "1530"),
        ("TM", "DOE", ""),
        ("DT", "20240231", ""),
        ("CQ", "5^mL", "5^mL"),
        ("ED", "^TEXT^^Base64^SGVsbG8=", ""),
        ("RP", "https://host/doe", ""),
        ("XPN", "DOE^JANE", ""),
        ("CX", "4711", ""),
        ("XAD", "1 MAIN ST", ""),
        ("XTN", "555", ""),
        ("ST", "Negative", "Negative"),
        ("TX", "Liver, normal.", "Liver, normal."),
        ("FT", "one\\.br\\two", "one\\.br\\two"),
        ("", "Negative", "Negative"),
        ("QQQ", "Negative", "Negative"),
        ("NM", "\"\"", "\"\""),
    ] {
        assert_eq!(value(kind, given), want, "{kind} {given}");
    }
    assert_eq!(value("DT", "20240302"), shifted("20240302"));
    assert_eq!(value("DTM", "202403021530"), shifted("20240302") + "1530");
    assert_eq!(value("DR", "20240302^20240303"), format!("{}^{}", shifted("20240302"), shifted("20240303")));
}

#[test]
fn documents_in_disguise_go() {
    let base64 = "QWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXo".repeat(4);
    for document in [&*base64, "{\\rtf1 DOE", "<?xml version='1.0'?><a>DOE</a>", "%PDF-1.4"] {
        for kind in ["TX", "ST", "FT", ""] {
            assert_eq!(value(kind, document), "", "{kind} {document}");
        }
        assert_eq!(segment(&format!("NTE|1||{document}")).unwrap(), "NTE|1||");
    }
}

#[test]
fn ages_over_89_are_90_and_birth_dates_are_years() {
    for (code, given, want) in [
        ("30525-0", "95", "90"),
        ("30525-0", "89", "89"),
        ("30525-0", "DOE", ""),
        ("AGE", "103", "90"),
        ("2345-7", "95", "95"),
        ("21112-8", "19630815", &shifted("19630815")[..4]),
        ("21112-8", "19200101", &(shifted("20240301")[..4].parse::<i32>().unwrap() - 90).to_string()),
    ] {
        let kind = if code == "21112-8" { "DT" } else { "NM" };
        let line = segment(&format!("OBX|1|{kind}|{code}||{given}")).unwrap();
        assert_eq!(field(&line, 5), want, "{code} {given}");
    }
}

#[test]
fn a_message_without_a_patient_keeps_no_dates() {
    let out = rewrite("MSH|^~\\&|||||20240301||MFN^M02|1|P|2.5\rEVN||20240301\r");
    assert!(!out.contains("2024"), "{out}");
}

#[test]
fn each_patient_of_a_message_has_its_own_shift() {
    let out = rewrite(&format!(
        "{MSH}\rPID|||4711\rPV1||||||||||||||||||||||||||||||||||||||||||||20240301\rPID|||4712\rPV1||||||||||||||||||||||||||||||||||||||||||||20240301\r"
    ));
    let lines: Vec<&str> = out.split('\r').collect();
    assert_eq!(field(lines[2], 44), shifted("20240301"));
    let alone = rewrite(&format!("{MSH}\rPID|||4712\r"));
    assert_eq!(field(lines[4], 44), &field(alone.split('\r').next().unwrap(), 7)[..8]);
    assert_ne!(field(lines[2], 44), field(lines[4], 44));
}

#[test]
fn delimiters_cannot_hide_a_date_or_a_name() {
    // The day, a telephone number and a name lie across components and repetitions of fields that hold codes.
    for (msh, code) in [
        ("MSH|.-\\&", "19.63-04.12"),
        ("MSH|/-\\&", "03/14/1977"),
        ("MSH|^-\\&", "555-867-5309"),
        ("MSH|^~\\.", "19.63.04.12"),
        ("MSH|'~\\&", "O'QWERTYIA"),
    ] {
        let c = &msh[4..5];
        let text = format!("{msh}|||||20240301||ADT|1|P|2.5\rPID|||4711||OQWERTYIA{c}ANN\rPV1|1|{code}\r");
        let out = rewrite(&text);
        let pv1 = out.split('\r').nth(2).unwrap();
        assert_eq!(pv1, "PV1|1|", "{msh}");
    }
    // The same delimiters with nothing to hide keep what they should.
    let out =
        rewrite("MSH*:;?!*****20240301**ORU:R01*1*P*2.5\rPID***4711\rOBX*1*CWE*2345-7:Glucose:LN**K7:Liver:L;K8\r");
    assert!(out.contains("OBX*1*CWE*2345-7:Glucose:LN**K7:Liver:L;K8\r"), "{out}");
}

#[test]
fn escapes_are_decoded_before_a_value_is_judged() {
    // \X51574552545949 41\ is QWERTYIA, the patient's name; \X3139...\ is 19630412.
    let out = rewrite(&format!(
        "{MSH}\rPID|||4711||QWERTYIA^ANN\rDG1|1||\\X5157455254594941\\^\\X5157455254594941\\|see \\X5157455254594941\\ there\rPV1||\\X3139363330343132\\\r"
    ));
    let lines: Vec<&str> = out.split('\r').collect();
    assert!(!out.contains("X5157"), "{out}");
    assert_eq!(lines[2], "DG1|1||^[NAME]|see [NAME] there");
    assert!(!lines[3].contains("X3139"), "{out}");
}

#[test]
fn dates_follow_the_options_of_the_recipe() {
    let text = format!("{MSH}\rPID|||4711||||19630815\rNTE|1||seen 03/02/2024\r");
    let identity = super::identity();
    let out = |dates| {
        let written = Rewriter::with(&identity, dates, Memory::default()).input(text.as_bytes());
        String::from_utf8(written.bytes.into_inner()).unwrap()
    };
    let full = out(Dates::Full);
    assert!(
        full.contains("|20240301120000|") && full.contains("|1963\r") && full.contains("seen 03/02/2024"),
        "{full}"
    );
    let none = out(Dates::Removed);
    assert!(!none.contains("2024") && !none.contains("1963") && none.contains("seen [DATE]"), "{none}");
}
