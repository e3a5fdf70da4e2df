//! Codes and defined terms: what may leave as it stands, because it says what was examined and not who.

use super::known::Known;

/// Signs that code systems and units use beside letters and digits.
const SIGNS: &str = ".,_/+-%()[]*#&<>=:{}^";

/// Codes of measures of health that are surnames too, in capitals as they are written: disability- and quality-adjusted
/// life years.
const MEASURES: &[&str] = &["DALY", "QALY"];

/// A code as it may leave: at most six tokens of at most 24 characters, no phrase, no person named, nothing in the shape
/// of a date, a telephone number or a personal number. Numbers of 8 to 18 digits must be SNOMED CT identifiers.
pub fn keep(code: &str, known: &[&Known]) -> Option<String> {
    let code = code.trim_matches([' ', '\0']);
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == ' ' || c == 'µ' || SIGNS.contains(c);
    let tokens: Vec<&str> = code.split(' ').filter(|token| !token.is_empty()).collect();
    let word = |token: &&str| token.len() > 3 && token.bytes().all(|b| b.is_ascii_alphabetic());
    let fits = (1..=6).contains(&tokens.len())
        && tokens.iter().all(|token| token.len() <= 24)
        && code.chars().all(allowed)
        // Several tokens of which one is a word are a phrase: somebody wrote it.
        && (tokens.len() == 1 || !tokens.iter().any(|token| word(&token.trim_matches([',', '.', ':', '(', ')']))));
    let name = |token: &&str| !MEASURES.contains(token) && super::text::Scrubber::shared().is_name(token);
    let named = || known.iter().any(|words| words.names(code)) || tokens.iter().any(name);
    (fits && !personal_shape(code) && !named()).then(|| code.to_owned())
}

/// A code of the US National Drug Code directory as it may leave: 10 or 11 digits, in one piece or in three (labeler,
/// product, package), or the 8 or 9 of labeler and product. Only for values that their source calls NDC: in other columns
/// such numbers are telephones and accounts.
pub fn keep_ndc(code: &str, known: &[&Known]) -> Option<String> {
    let code = code.trim_matches([' ', '\0']);
    let lengths: Vec<usize> = code.split('-').map(str::len).collect();
    let fits = matches!(*lengths, [8..=11] | [4, 4] | [5, 3] | [5, 4] | [4, 4, 2] | [5, 3, 2] | [5, 4, 1] | [5, 4, 2]);
    let digits = code.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    (fits && digits && !known.iter().any(|words| words.names(code))).then(|| code.to_owned())
}

/// The name of a maker or a model: at most 64 characters, no person of the same object named, no personal shape.
pub fn keep_device(name: &str, known: &Known) -> Option<String> {
    let name = name.trim_matches([' ', '\0']);
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == ' ' || c == '\'' || SIGNS.contains(c);
    let fits = !name.is_empty() && name.len() <= 64 && name.chars().all(allowed);
    (fits && !known.names(name) && !personal_shape(name)).then(|| name.to_owned())
}

/// The name of a maker, if it has the name of a maker we know in it: any other text could be a person's.
pub fn keep_maker(name: &str, known: &Known) -> Option<String> {
    let words = name.to_lowercase();
    let named = |maker: &&str| {
        words.split(|c: char| !c.is_alphanumeric()).any(|word| word == *maker)
            || (maker.len() > 4 && words.contains(*maker))
    };
    MAKERS.iter().any(named).then(|| keep_device(name, known)).flatten()
}

/// Words by which makers of imaging equipment call themselves in Manufacturer (0008,0070), lower case. The last two are
/// this program's own demo and test archives.
const MAKERS: &[&str] = &[
    "acuson",
    "adac",
    "agfa",
    "aloka",
    "analogic",
    "atl",
    "barco",
    "bruker",
    "canon",
    "carestream",
    "cerner",
    "dentsply",
    "elekta",
    "elscint",
    "esaote",
    "fischer",
    "fona",
    "fuji",
    "fujifilm",
    "ge",
    "gendex",
    "heidelberg",
    "hitachi",
    "hologic",
    "imatron",
    "instrumentarium",
    "kodak",
    "konica",
    "kretztechnik",
    "lorad",
    "lumedx",
    "lunar",
    "marconi",
    "mediso",
    "medtronic",
    "merge",
    "mindray",
    "minolta",
    "neusoft",
    "nidek",
    "olympus",
    "philips",
    "picker",
    "planmeca",
    "pms",
    "samsung",
    "medison",
    "sectra",
    "shimadzu",
    "siemens",
    "sirona",
    "sonosite",
    "storz",
    "supersonic",
    "swissray",
    "technicare",
    "terarecon",
    "topcon",
    "toshiba",
    "trex",
    "trophy",
    "united",
    "uih",
    "varian",
    "vidar",
    "villa",
    "vital",
    "zeiss",
    "ziehm",
    "zonare",
    "synthmed",
    "voxmill",
];

/// Dates, telephone and social security numbers, and long numbers that no code system has.
pub(in crate::deid) fn personal_shape(code: &str) -> bool {
    let runs: Vec<&str> = code.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty()).collect();
    let lengths: Vec<usize> = runs.iter().map(|run| run.len()).collect();
    let has = |shape: &[usize]| lengths.windows(shape.len()).any(|w| w == shape);
    let letters = code.bytes().any(|b| b.is_ascii_alphabetic());
    has(&[3, 2, 4])
        || has(&[3, 3, 4])
        || has(&[4, 2, 2])
        || has(&[2, 2, 4])
        || (lengths == [3, 4] && !letters)
        || (code.starts_with('+') && lengths.iter().sum::<usize>() >= 7)
        || (lengths.len() >= 3 && lengths.iter().all(|n| *n >= 2) && lengths.iter().sum::<usize>() >= 10 && !letters)
        || runs.iter().any(|run| run.len() >= 8 && (is_recent_day(run) || !is_sctid(run)))
}

/// Whether a number is a day on which somebody of an archive lived: 53741008, coronary arteriosclerosis, is none of them.
fn is_recent_day(digits: &str) -> bool {
    // 1850-01-01 to 2099-12-31.
    super::dates::parse(digits).is_some_and(|when| (-43_829..47_482).contains(&when.days))
}

/// Whether a plain decimal number is a moment or somebody's number rather than a quantity: 8, 10, 12 or 14 digits before
/// the point that begin with a day of the calendar (`20241020103516`: an unshifted date must not pass), or nine and more that
/// are not round, as social security, telephone and account numbers have and measurements have not.
pub(in crate::deid) fn is_no_quantity(number: &str) -> bool {
    let whole = number.split('.').next().unwrap_or_default().trim_start_matches(['+', '-']);
    if whole.len() < 8 || !whole.bytes().all(|b| b.is_ascii_digit()) {
        return false;
    }
    let day = whole.get(..8).filter(|_| matches!(whole.len(), 8 | 10 | 12 | 14));
    day.is_some_and(|day| super::dates::parse(day).is_some()) || (whole.len() >= 9 && !whole.ends_with("000"))
}

/// Message types (table 0076) that are in use.
const MESSAGE_TYPES: &[&str] = &[
    "ACK", "ADR", "ADT", "BAR", "CRM", "CSU", "DFT", "DOC", "DSR", "EDR", "MCF", "MDM", "MFD", "MFK", "MFN", "MFQ",
    "MFR", "NMD", "NMQ", "NMR", "OMB", "OMD", "OMG", "OMI", "OML", "OMN", "OMP", "OMS", "ORB", "ORD", "ORF", "ORG",
    "ORI", "ORL", "ORM", "ORN", "ORP", "ORR", "ORS", "ORU", "OSQ", "OSR", "OUL", "PEX", "PGL", "PIN", "PMU", "PPG",
    "PPP", "PPR", "PPT", "PPV", "PRR", "PTR", "QBP", "QCN", "QRY", "QSB", "QSX", "QVR", "RAR", "RAS", "RCI", "RCL",
    "RDE", "RDR", "RDS", "RDY", "REF", "RER", "RGR", "RGV", "ROR", "RPA", "RPI", "RPL", "RPR", "RQA", "RQC", "RQI",
    "RQP", "RRA", "RRD", "RRE", "RRG", "RRI", "RSP", "RTB", "SCN", "SDN", "SDR", "SIU", "SLN", "SLR", "SMD", "SQM",
    "SQR", "SRM", "SRR", "SSR", "SSU", "STC", "STI", "SUR", "TBR", "TCR", "TCU", "UDM", "VQQ", "VXQ", "VXR", "VXU",
    "VXX",
];

/// Whether a code is too short to name anybody: one letter, or fewer than four digits, which no identifier has.
pub(in crate::deid) fn is_nobodys(code: &str) -> bool {
    let (mut letters, mut digits) = (0, 0);
    for byte in code.bytes() {
        letters += usize::from(!byte.is_ascii() || byte.is_ascii_alphabetic());
        digits += usize::from(byte.is_ascii_digit());
    }
    (letters == 0 && digits < 4) || (letters == 1 && digits == 0)
}

/// Whether a value of MSH-9 is one of HL7's own: a message type, an event, or a structure made of both. Such a code says
/// what a message is, whoever has the same letters in a name.
pub(in crate::deid) fn is_message_code(code: &str) -> bool {
    let kind = |text: &str| MESSAGE_TYPES.binary_search(&text).is_ok();
    let event = |text: &str| matches!(text.as_bytes(), [b'A'..=b'Z', b'0'..=b'9', b'0'..=b'9']);
    kind(code) || event(code) || code.split_once('_').is_some_and(|(first, second)| kind(first) && event(second))
}

/// Whether a number is a SNOMED CT identifier: 6 to 18 digits, a known partition, and the right check digit.
fn is_sctid(digits: &str) -> bool {
    let partition = digits.len().checked_sub(3).and_then(|at| digits.get(at..at + 2));
    (6..=18).contains(&digits.len())
        && !digits.starts_with('0')
        && partition.is_some_and(|p| matches!(p, "00" | "01" | "02" | "10" | "11" | "12"))
        && verhoeff(digits)
}

/// The check of Verhoeff's dihedral scheme, as SNOMED CT uses it (TIG, "Check-digit computation").
fn verhoeff(digits: &str) -> bool {
    // Product in the dihedral group of order 10, and the permutation that is applied once for each place.
    let times = |a: u8, b: u8| match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => 5 + (a + b - 5) % 5,
        (false, true) => 5 + (a - 5 + 5 - b) % 5,
        (false, false) => (a - 5 + 5 - (b - 5)) % 5,
    };
    const STEP: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let place = |digit: u8, n: usize| (0..n % 8).fold(digit, |d, _| STEP[usize::from(d)]);
    digits.bytes().rev().enumerate().fold(0, |check, (n, byte)| times(check, place(byte - b'0', n))) == 0
}

/// Picks the defined term that a CS value equals, so that what leaves is ours and not the file's.
pub fn defined_term(text: &str, terms: &[&'static str]) -> Option<&'static str> {
    let text = text.trim_matches([' ', '\0']);
    terms.iter().copied().find(|term| term.eq_ignore_ascii_case(text))
}

/// Laterality (0020,0060) and ImageLaterality (0020,0062).
pub const LATERALITY: &[&str] = &["R", "L", "U", "B"];

/// View Position (0018,5101): PS3.3 C.8.7.1.1.1 and C.8.11.5, and the words mammography and chest units really write.
pub const VIEW_POSITION: &[&str] = &[
    "AP", "PA", "LL", "RL", "RLD", "LLD", "RLO", "LLO", "CC", "MLO", "ML", "LM", "LMO", "XCCL", "XCCM", "XCC", "FB",
    "SIO", "ISO", "CV", "AT", "LAT", "LATERAL", "OBL", "AXIAL", "SWIMMER", "SKYLINE", "TOWNE", "WATERS",
];

/// A postal code as three digits (45 CFR 164.514(b)(2)(i)(B)); `None` if it does not begin with three digits, or is four:
/// a code of a country where three digits are a town, or a ZIP code that a table of numbers robbed of its zero (2139 is in
/// 021, not in 213).
pub fn zip3(text: &str) -> Option<String> {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let zip = text.get(0..3).filter(|_| digits == 3 || digits >= 5)?;
    Some(if SPARSE_ZIP3.contains(&zip) { "000".to_owned() } else { zip.to_owned() })
}

/// ZIP prefixes with at most 20,000 people (HHS guidance on de-identification, 2000 census).
const SPARSE_ZIP3: &[&str] = &[
    "036", "059", "063", "102", "203", "556", "692", "790", "821", "823", "830", "831", "878", "879", "884", "890",
    "893",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_pass_and_people_do_not() {
        let mut known = Known::default();
        known.learn("DOE^JANE^Q");
        known.learn("MRN0012");
        let keep = |code: &str| keep(code, &[&known]);
        let codes = [
            "2345-7",
            "44054006",
            "422504002",
            "GLU",
            "mg/dL",
            "70-110",
            "CT PA",
            "E11.9",
            ">500",
            "A B",
            "Married",
            "12",
            "2106-3 2028-9",
            "10*3/uL",
            "1049221",
            // SNOMED CT identifiers that are days of years far away.
            "53741008",
            "73761001",
            "40701008",
        ];
        for code in codes {
            assert_eq!(keep(code).as_deref(), Some(code));
        }
        let people = [
            "Doe CT",
            "seen by JANE",
            "MRN0012",
            "mrn0012",
            "123-45-6789",
            "555-1234",
            "a@b.org",
            "",
            "DÖE",
            "Jane Stranger",
            "Stranger, John",
            "Patient did not come.",
            "5551234567",
            "123456789",
            "19310203",
            "1931-02-03",
            "02/03/1931",
            "+44 20 7946 0958",
            "Call daughter Mary Smith",
            "Kowalski",
        ];
        for person in people {
            assert_eq!(keep(person), None, "{person}");
        }
        assert_eq!(keep_device("GE MEDICAL SYSTEMS", &known).as_deref(), Some("GE MEDICAL SYSTEMS"));
        assert_eq!(keep_device("Doe Imaging", &known), None);
        assert_eq!(keep_maker("Philips Medical Systems", &known).as_deref(), Some("Philips Medical Systems"));
        for person in ["Stranger, John", "Siemens for Doe", "Georgette", ""] {
            assert_eq!(keep_maker(person, &known), None, "{person}");
        }
    }

    #[test]
    fn drug_codes_are_kept_where_they_are_called_so() {
        let mut known = Known::default();
        known.learn("5551234567");
        let keep = |code: &str| keep_ndc(code, &[&known]);
        for code in ["00006491725", "0115-1327-01", "49281-0215-88", "49281-215-88", "0143963401", "01151327"] {
            assert_eq!(keep(code).as_deref(), Some(code));
        }
        for other in ["555-123-4567", "5551234567", "1234567", "123456789012", "123-45-6789", "0115-1327-AB", ""] {
            assert_eq!(keep(other), None, "{other}");
        }
    }

    #[test]
    fn snomed_identifiers_have_their_check_digit() {
        // From the SNOMED CT browser: diabetes type 2, chest pain, ischaemic stroke; and the same with one digit changed.
        for id in ["44054006", "29857009", "422504002"] {
            assert!(is_sctid(id), "{id}");
        }
        for id in ["44054007", "29857008", "422504012", "123456789"] {
            assert!(!is_sctid(id), "{id}");
        }
    }

    #[test]
    fn sparse_regions_vanish() {
        assert_eq!(zip3("03601-1234").as_deref(), Some("000"));
        assert_eq!(zip3("94110").as_deref(), Some("941"));
        assert_eq!((zip3("EC1A"), zip3("2139"), zip3("3601")), (None, None, None));
        assert_eq!(zip3("213").as_deref(), Some("213"));
    }

    #[test]
    fn terms_leave_as_ours() {
        assert_eq!(defined_term("mlo ", VIEW_POSITION), Some("MLO"));
        assert_eq!(defined_term("DOE", VIEW_POSITION), None);
    }
}
