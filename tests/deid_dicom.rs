//! De-identification of DICOM objects, one rule at a time, on files made here: what goes, what stays, what is changed how.

mod archive;
mod deid;

use archive::{element, meta};
use deid::{deid, identity, text, values};
use voxmill::deid::dicom::Choice::{self, *};
use voxmill::error::Reason;

const BASIC: &[Choice] = &[ModifiedDates];

fn item(elements: &[Vec<u8>]) -> Vec<u8> {
    let inside = elements.concat();
    let mut bytes = vec![0xFE, 0xFF, 0x00, 0xE0];
    bytes.extend_from_slice(&(inside.len() as u32).to_le_bytes());
    bytes.extend(inside);
    bytes
}

fn sequence(tag: (u16, u16), items: &[Vec<u8>]) -> Vec<u8> {
    element(tag, "SQ", &items.concat())
}

/// A CT object with these elements, which must ascend, between its class and its pixels.
fn ct(elements: &[Vec<u8>]) -> Vec<u8> {
    let mut file = meta();
    file.extend(element((8, 0x16), "UI", b"1.2.840.10008.5.1.4.1.1.2"));
    file.extend(element((8, 0x18), "UI", b"1.2.3.4"));
    file.extend(elements.concat());
    file
}

fn patient() -> Vec<u8> {
    [element((0x10, 0x10), "PN", b"QUIMBY^ANNABEL"), element((0x10, 0x20), "LO", b"MRN77001")].concat()
}

fn cleaned(elements: &[Vec<u8>], choices: &[Choice]) -> std::collections::BTreeMap<String, Vec<u8>> {
    values(&deid(ct(elements), choices).unwrap())
}

#[test]
fn the_file_says_what_was_done_to_it() {
    let out = cleaned(&[element((8, 0x60), "CS", b"CT"), patient()], BASIC);
    assert_eq!(text(&out, "0012,0062"), "YES");
    assert_eq!(text(&out, "0012,0064/0/0008,0100"), "113100");
    assert_eq!(text(&out, "0012,0064/1/0008,0100"), "113107");
    assert_eq!(text(&out, "0028,0303"), "MODIFIED");
    assert_eq!(text(&out, "0002,0003"), text(&out, "0008,0018"));
    assert!(text(&out, "0008,0018").starts_with("2.25."));
    assert_eq!(text(&out, "0002,0010"), "1.2.840.10008.1.2.1");
    assert!(!out.contains_key("0002,0016"));
    assert_eq!(text(&out, "0010,0010"), text(&out, "0010,0020"), "both are the pseudonym");
    assert!(text(&out, "0010,0020").starts_with('P'));
}

#[test]
fn actions_of_the_table_are_done() {
    let out = cleaned(
        &[
            element((8, 0x20), "DA", b"20240611"),                   // Z, shifted
            element((8, 0x30), "TM", b"101523"),                     // Z, kept with modified dates
            element((8, 0x50), "SH", b"ACC1234567"),                 // Z
            element((8, 0x60), "CS", b"CT"),                         // not in the table
            element((8, 0x80), "LO", b"Mercy General Hospital"),     // X/Z/D, type 3 in CT
            element((8, 0x90), "PN", b"Smith^John"),                 // Z
            element((8, 0x1030), "LO", b"Chest for Annabel Quimby"), // X
            patient(),
            element((0x10, 0x30), "DA", b"19630412"),                // Z
            element((0x12, 0x20), "LO", b"TRIAL-7"),                 // D
            element((0x18, 0x1000), "LO", b"SN12345"),               // X/Z/D, type 3 in CT
            element((0x18, 0x9074), "DT", b"20240611101523.5+0100"), // D, shifted
            element((0x20, 0x0D), "UI", b"1.2.3"),                   // U
        ],
        BASIC,
    );
    assert!(out["0008,0020"].starts_with(b"202") && out["0008,0020"] != b"20240611");
    assert_eq!(text(&out, "0008,0030"), "101523");
    assert_eq!(text(&out, "0008,0050").len(), 16);
    assert_eq!(text(&out, "0008,0060"), "CT");
    for gone in ["0008,0080", "0008,1030", "0018,1000"] {
        assert!(!out.contains_key(gone), "{gone}");
    }
    for empty in ["0008,0090", "0010,0030"] {
        assert_eq!(out.get(empty).map(Vec::len), Some(0), "{empty}");
    }
    assert_eq!(text(&out, "0012,0020"), "ANONYMIZED");
    // The interval between the study and the frame is kept, and so are the time of day and the zone.
    assert_eq!(text(&out, "0018,9074"), format!("{}101523.5+0100", text(&out, "0008,0020")));
    assert!(text(&out, "0020,000D").starts_with("2.25."));
}

#[test]
fn strict_keeps_no_date_and_full_keeps_all() {
    let elements = [element((8, 0x20), "DA", b"20240611"), element((8, 0x22), "DA", b"20240611"), patient()];
    let strict = cleaned(&elements, &[]);
    assert_eq!((strict["0008,0020"].len(), strict.contains_key("0008,0022")), (0, false));
    assert_eq!(text(&strict, "0028,0303"), "REMOVED");
    let full = cleaned(&elements, &[FullDates]);
    assert_eq!((text(&full, "0008,0020"), text(&full, "0028,0303")), ("20240611".into(), "UNMODIFIED".into()));
}

#[test]
fn sequences_are_cleaned_inside_and_references_resolve() {
    let inner = sequence(
        (8, 0x1199),
        &[item(&[element((8, 0x1150), "UI", b"1.2.840.10008.5.1.4.1.1.2"), element((8, 0x1155), "UI", b"1.2.3.4")])],
    );
    let out = cleaned(
        &[
            sequence(
                (8, 0x1115),
                &[item(&[inner, element((8, 0x80), "LO", b"Mercy"), element((0x20, 0x0E), "UI", b"1.2.9")]), item(&[])],
            ),
            sequence((8, 0x1140), &[item(&[element((8, 0x1155), "UI", b"1.2.3.4")])]),
            patient(),
        ],
        BASIC,
    );
    assert_eq!(text(&out, "0008,1115"), "2");
    let own = text(&out, "0008,0018");
    assert_eq!(text(&out, "0008,1115/0/0008,1199/0/0008,1155"), own);
    assert_eq!(text(&out, "0008,1140/0/0008,1155"), own);
    assert_eq!(text(&out, "0008,1115/0/0008,1199/0/0008,1150"), "1.2.840.10008.5.1.4.1.1.2", "a class is nobody's");
    assert!(text(&out, "0008,1115/0/0020,000E").starts_with("2.25."));
}

#[test]
fn private_attributes_go_unless_they_are_safe_and_wanted() {
    let elements = [
        patient(),
        element((0x7053, 0x10), "LO", b"Philips PET Private Group"),
        element((0x7053, 0x11), "LO", b"QUIMBY PRIVATE"),
        element((0x7053, 0x1000), "DS", b"1.25"),
        element((0x7053, 0x1001), "LO", b"ANNABEL"),
        element((0x7053, 0x1109), "DS", b"7"),
    ];
    let basic = cleaned(&elements, BASIC);
    assert!(!basic.keys().any(|path| path.starts_with("7053")));
    let safe = cleaned(&elements, &[SafePrivate, ModifiedDates]);
    let kept: Vec<&str> = safe.keys().filter(|path| path.starts_with("7053")).map(String::as_str).collect();
    assert_eq!(kept, ["7053,0010", "7053,1000"]);
}

#[test]
fn private_blocks_are_known_by_their_creator_wherever_they_lie() {
    let safe = b"Philips PET Private Group";
    let inside = item(&[element((0x7053, 0xFF), "LO", safe), element((0x7053, 0xFF09), "DS", b"3")]);
    let out = cleaned(
        &[
            sequence((8, 0x1115), &[inside]),
            patient(),
            element((0x7053, 0x10), "LO", b"SOMEBODY ELSE"),
            element((0x7053, 0x42), "LO", safe),
            element((0x7053, 0x43), "LO", safe),
            element((0x7053, 0x1009), "DS", b"1"),
            element((0x7053, 0x4209), "DS", b"1.25"),
            element((0x7053, 0x4210), "LO", b"not in the list"),
            element((0x7053, 0x4300), "DS", b"7"),
            element((0x7053, 0x4409), "DS", b"8"),
        ],
        &[SafePrivate, ModifiedDates],
    );
    let kept: Vec<&str> = out.keys().filter(|path| path.contains("7053,")).map(String::as_str).collect();
    let wanted = ["0008,1115/0/7053,00FF", "0008,1115/0/7053,FF09", "7053,0042", "7053,0043", "7053,4209", "7053,4300"];
    assert_eq!(kept, wanted);
}

#[test]
fn paths_of_files_go_whole() {
    let of = |text: &[u8]| {
        let out = cleaned(&[element((8, 0x103E), "LO", text), patient()], &[Descriptors, ModifiedDates]);
        text_of(&out)
    };
    fn text_of(out: &std::collections::BTreeMap<String, Vec<u8>>) -> String {
        text(out, "0008,103E").trim().to_owned()
    }
    // A backslash is between two values elsewhere.
    for path in ["C:\\Users\\zwettler\\ct.dcm", "\\\\srv7\\scans\\zwettler", "/home/zwettler/ct.nii", "~/zwettler/x"] {
        assert_eq!(of(path.as_bytes()), "[URL]", "{path}");
    }
    assert_eq!(of(b"AX T2\\SAG T1"), "AX T2\\SAG T1");
}

#[test]
fn safe_private_values_of_unknown_form_are_read_as_the_words_they_are() {
    let greek = |text: &str| [text.as_bytes(), &[0; 1][..text.len() % 2]].concat();
    let out = cleaned(
        &[
            element((8, 5), "CS", b"ISO_IR 192"),
            element((0x10, 0x10), "PN", "Παπαδοπούλου^Ελευθερία".as_bytes()),
            element((0x10, 0x20), "LO", b"MRN77001"),
            element((0x2001, 0x10), "LO", b"Philips Imaging DD 001"),
            element((0x2001, 0x1001), "UN", &1.5f32.to_le_bytes()),
            element((0x2001, 0x1002), "UN", &greek("scan of Παπαδοπούλου")),
            element((0x2001, 0x1004), "UN", b"I"),
            element((0x2001, 0x1006), "UN", b"ring 415-555-0132 "),
            element((0x2001, 0x1007), "UN", b"\x01\xFF\x80\x7F"),
        ],
        &[SafePrivate, ModifiedDates],
    );
    assert_eq!(out["2001,1001"], 1.5f32.to_le_bytes());
    assert!(!out.contains_key("2001,1002"), "{:?}", out.get("2001,1002"));
    assert_eq!(text(&out, "2001,1004").trim(), "I");
    assert_eq!(text(&out, "2001,1006").trim(), "ring [PHONE]");
    assert_eq!(out["2001,1007"], b"\x01\xFF\x80\x7F");
}

#[test]
fn a_code_string_that_names_somebody_is_no_code() {
    let out = cleaned(
        &[
            element((8, 8), "CS", b"ORIGINAL\\QUIMBY ANNABEL"),
            element((8, 0x60), "CS", b"CT"),
            element((8, 0x1090), "LO", b"Hill 4 at 17 Harborview Ct"),
            element((0x10, 0x10), "PN", b"QUIMBY^ANNABEL^HEADNECK"),
            element((0x10, 0x20), "LO", b"MRN77001"),
            element((0x10, 0x1040), "LO", b"17 Harborview Ct, Duxbury"),
            element((0x18, 0x15), "CS", b"HEADNECK"),
            element((0x18, 0x5100), "CS", b"HFS MRN-77001"),
            element((0x18, 0x5101), "CS", b"AP"),
        ],
        BASIC,
    );
    assert_eq!(text(&out, "0008,0008"), "ORIGINAL\\ANONYMIZED");
    assert_eq!((text(&out, "0018,0015"), text(&out, "0018,5101")), ("HEADNECK".into(), "AP".into()));
    assert_eq!(text(&out, "0018,5100"), "ANONYMIZED");
    assert!(!text(&out, "0008,1090").contains("Harborview"), "a line of an address is told in short texts too");
}

#[test]
fn unknown_to_the_table_is_treated_by_content() {
    let out = cleaned(
        &[
            element((8, 8), "CS", b"ORIGINAL\\PRIMARY"),
            element((8, 0x70), "LO", b"ACME"),
            element((8, 0x1090), "LO", b"for Annabel Quimby"),
            patient(),
            element((0x14, 0x104), "PN", b"REVIEWER^RUTH"), // SecondaryReviewerName
            element((0x18, 0x24), "SH", b"*tfl3d1"),
            element((0x18, 0x50), "DS", b"1.25"),
            element((0x18, 0x60), "DS", b"QUIMBY"),
            element((0x28, 0x10), "US", &[4, 0]),
            element((0x28, 0x30), "DS", b"0.5\\0.5"),
        ],
        BASIC,
    );
    for (path, same) in
        [("0008,0008", "ORIGINAL\\PRIMARY"), ("0008,0070", "ACME"), ("0018,0024", "*tfl3d1"), ("0028,0030", "0.5\\0.5")]
    {
        assert_eq!(text(&out, path), same);
    }
    assert_eq!(out["0028,0010"], [4, 0]);
    assert!(!text(&out, "0008,1090").contains("Quimby"));
    assert_eq!((text(&out, "0014,0104"), text(&out, "0018,0060")), ("ANONYMIZED".into(), "0".into()));
}

#[test]
fn clean_descriptors_keeps_the_words_that_name_nobody() {
    let out = cleaned(
        &[element((8, 0x1030), "LO", b"CT chest for Annabel Quimby"), patient()],
        &[ModifiedDates, Descriptors],
    );
    let description = text(&out, "0008,1030");
    assert!(description.starts_with("CT chest") && !description.contains("Quimby"), "{description}");
}

#[test]
fn patient_characteristics_stay_and_ninety_is_the_oldest() {
    let elements = [
        patient(),
        element((0x10, 0x40), "CS", b"F"),
        element((0x10, 0x1010), "AS", b"097Y"),
        element((0x10, 0x1030), "DS", b"61.5"),
    ];
    let out = cleaned(&elements, &[PatientCharacteristics]);
    assert_eq!(["0010,0040", "0010,1010", "0010,1030"].map(|path| text(&out, path)), ["F", "090Y", "61.5"]);
    let basic = cleaned(&elements, BASIC);
    assert_eq!((basic["0010,0040"].len(), basic.contains_key("0010,1010")), (0, false));
}

#[test]
fn bad_dates_do_not_pass() {
    for bad in ["20240231", "QUIMBY", "20240105-20240106"] {
        let out = cleaned(
            &[element((8, 0x20), "DA", bad.as_bytes()), element((8, 0x21), "DA", bad.as_bytes()), patient()],
            BASIC,
        );
        assert_eq!((out["0008,0020"].len(), out.contains_key("0008,0021")), (0, false), "{bad}");
    }
    let old = cleaned(&[element((8, 0x20), "DA", b"2024.01.02"), patient()], BASIC);
    let new = cleaned(&[element((8, 0x20), "DA", b"20240102"), patient()], BASIC);
    assert_eq!(old["0008,0020"], new["0008,0020"]);
}

#[test]
fn bad_representations_and_repeated_tags_do_not_pass() {
    // PatientName as OB and as UN; StudyDescription twice; Rows as a text; StudyDate as LO.
    let out = cleaned(
        &[
            element((8, 0x20), "LO", b"20240611"),
            element((8, 0x1030), "LO", b"QUIMBY ONE"),
            element((8, 0x1030), "LO", b"second"),
            element((0x10, 0x10), "OB", b"QUIMBY^ANNABEL"),
            element((0x10, 0x20), "UN", b"MRN77001"),
            element((0x28, 0x10), "LO", b"QUIMBY"),
        ],
        &[ModifiedDates, Descriptors],
    );
    assert_eq!(text(&out, "0010,0010"), text(&out, "0010,0020"));
    assert_eq!(text(&out, "0008,1030"), "second");
    assert_eq!(text(&out, "0008,0020").len(), 8);
    assert!(!out.contains_key("0028,0010"));
    // Five component groups where PS3.5 6.2.1 has three: each is somebody's name, also in a text and in a kept person.
    let five = b"A=B=C=D=QUIMBY";
    let whole = deid(
        ct(&[
            element((8, 0x1048), "PN", five),
            element((0x10, 0x10), "PN", five),
            element((0x10, 0x4000), "LT", b"QUIMBY"),
        ]),
        &[Descriptors],
    );
    assert!(!contains(&whole.unwrap(), b"QUIMBY"));
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

#[test]
fn text_is_read_by_its_character_set_and_stays_valid() {
    // Latin-1: the name is found in the description, whose other words keep their set.
    let latin = ct(&[
        element((8, 5), "CS", b"ISO_IR 100"),
        element((8, 0x1030), "LO", b"Sch\xE4del von M\xFCller"),
        element((0x10, 0x10), "PN", b"M\xFCller^J\xF6rg"),
    ]);
    let out = deid(latin, &[Descriptors]).unwrap();
    let description = values(&out)["0008,1030"].clone();
    assert!(description.starts_with(b"Sch\xE4del von") && !contains(&out, b"M\xFCller"), "{description:?}");
    // Bytes that are not what the set says are not passed on.
    for (set, bytes) in [(&b"ISO_IR 192"[..], &b"CT \xFF\xFEQ"[..]), (b"ISO_IR 999", b"CT \xE4\xF6"), (b"", b"CT \xE4")]
    {
        let file = ct(&[element((8, 5), "CS", set), element((8, 0x1030), "LO", bytes), patient()]);
        assert_eq!(values(&deid(file, &[Descriptors]).unwrap())["0008,1030"], b"", "{set:?}");
    }
    // Neither does a name in bytes of another set than the file says, wherever it stands.
    let latin = b"M\xFCller^J\xF6rg";
    for set in [&b"ISO_IR 192"[..], b"ISO 2022 IR 87", b"", b"no set"] {
        let file = ct(&[
            element((8, 5), "CS", set),
            element((8, 0x90), "PN", latin),
            element((8, 0x1030), "LO", b"after M\xFCller"),
            element((0x10, 0x10), "PN", latin),
            element((0x40, 0x275), "SQ", &[]),
        ]);
        let out = deid(file, &[Descriptors]).unwrap();
        assert!(!contains(&out, b"ller") && !contains(&out, b"rg"), "{set:?}");
    }
    // UTF-8 that the file calls something else, as Latin-1 read "Å½ofie", is found, too.
    for set in [&b"ISO_IR 100"[..], b"ISO_IR 101", b"ISO_IR 126", b"ISO 2022 IR 100"] {
        let file = ct(&[
            element((8, 5), "CS", set),
            element((8, 0x1030), "LO", "of Žofie Přibylová".as_bytes()),
            element((0x10, 0x10), "PN", "Přibylová^Žofie".as_bytes()),
        ]);
        let out = deid(file, &[Descriptors]).unwrap();
        assert_eq!(text(&values(&out), "0008,1030").trim_end(), "of [NAME]", "{set:?}");
    }
    // UTF-8 without a character set is read, and the set is written.
    let file = ct(&[element((8, 0x1030), "LO", "Schädel".as_bytes()), patient()]);
    let out = values(&deid(file, &[Descriptors]).unwrap());
    assert_eq!((text(&out, "0008,0005"), text(&out, "0008,1030")), ("ISO_IR 192".into(), "Schädel".into()));
}

#[test]
fn a_name_escaped_once_is_read_behind_its_delimiters_too() {
    // KS X 1001: 홍^길동, one escape sequence for both parts; PS3.5 6.1.2.5.3 wants one for each.
    let name = b"Hong^Gildong=\x1B$)C\xC8\xAB^\xB1\xE6\xB5\xBF";
    let words = b"CT \x1B$)C\xC8\xAB\xB1\xE6\xB5\xBF chest";
    let elements = [
        element((8, 5), "CS", b"\\ISO 2022 IR 149"),
        element((8, 0x1030), "LO", words),
        element((0x10, 0x10), "PN", name),
        element((0x10, 0x20), "LO", b"MRN77001"),
    ];
    let out = cleaned(&elements, &[ModifiedDates, Descriptors]);
    let description = text(&out, "0008,1030");
    assert!(!contains(&out["0008,1030"], b"\xB1\xE6\xB5\xBF") && description.contains("chest"), "{description}");
}

#[test]
fn a_text_of_two_bytes_a_letter_does_not_pass() {
    let wide: Vec<u8> = "CT of Quimby".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let elements = [
        element((8, 0x1030), "LO", &wide),
        element((8, 0x103E), "LO", b"chest\0"),
        element((8, 0x1090), "LO", &wide),
        patient(),
    ];
    let out = cleaned(&elements, &[ModifiedDates, Descriptors]);
    assert!(out["0008,1030"].is_empty() && out["0008,1090"].is_empty());
    assert!(text(&out, "0008,103E").starts_with("chest"), "padding with NUL is no letter");
}

#[test]
fn a_kept_text_does_not_tell_the_objects_own_days() {
    let elements = [
        element((8, 0x20), "DA", b"20240305"),
        element((8, 0x1090), "LO", b"Hill 4 of 5 Mar 2024"),
        patient(),
        element((0x18, 0x1020), "LO", b"2019.03.12"),
    ];
    let model = |choices: &[Choice]| text(&cleaned(&elements, choices), "0008,1090").trim().to_owned();
    let modified = model(BASIC);
    assert!(modified.starts_with("Hill 4 of ") && !modified.contains("5 Mar 2024"), "{modified}");
    assert_eq!(model(&[]), "Hill 4 of [DATE]");
    assert_eq!(model(&[FullDates]), "Hill 4 of 5 Mar 2024");
    assert_eq!(text(&cleaned(&elements, BASIC), "0018,1020"), "2019.03.12", "a day of the software's");
}

#[test]
fn reports_keep_their_tree_without_names() {
    let code = |value: &[u8], scheme: &[u8], meaning: &[u8]| {
        item(&[element((8, 0x100), "SH", value), element((8, 0x102), "SH", scheme), element((8, 0x104), "LO", meaning)])
    };
    let content = |choices: &[Choice]| {
        let concept = sequence((0x40, 0xA043), &[code(b"121071", b"DCM", b"Finding")]);
        let texts = item(&[
            element((0x40, 0xA040), "CS", b"TEXT"),
            concept,
            element((0x40, 0xA160), "UT", b"Nodule, seen with Annabel Quimby"),
        ]);
        let name = item(&[element((0x40, 0xA040), "CS", b"PNAME"), element((0x40, 0xA123), "PN", b"Smith^John")]);
        let uid = item(&[element((0x40, 0xA040), "CS", b"UIDREF"), element((0x40, 0xA124), "UI", b"1.2.3.4")]);
        let date = item(&[element((0x40, 0xA040), "CS", b"DATE"), element((0x40, 0xA121), "DA", b"20240611")]);
        cleaned(
            &[element((8, 0x20), "DA", b"20240611"), patient(), sequence((0x40, 0xA730), &[texts, name, uid, date])],
            choices,
        )
    };
    let out = content(&[ModifiedDates, StructuredContent]);
    assert_eq!(text(&out, "0040,A730"), "4");
    let words = text(&out, "0040,A730/0/0040,A160");
    assert!(words.starts_with("Nodule") && !words.contains("Quimby"), "{words}");
    assert_eq!(text(&out, "0040,A730/0/0040,A043/0/0008,0104"), "Finding");
    assert_eq!(text(&out, "0040,A730/1/0040,A123"), "ANONYMIZED");
    assert_eq!(text(&out, "0040,A730/2/0040,A124"), text(&out, "0008,0018"));
    assert_eq!(text(&out, "0040,A730/3/0040,A121"), text(&out, "0008,0020"));
    assert_eq!(text(&content(BASIC), "0040,A730/0/0040,A160"), "ANONYMIZED");
}

#[test]
fn items_about_people_go_by_their_concept() {
    let content = |date: &[u8], choices: &[Choice]| {
        let concept = |code: &[u8]| {
            let name = item(&[element((8, 0x100), "SH", code), element((8, 0x102), "SH", b"DCM")]);
            sequence((0x40, 0xA043), &[name])
        };
        let words = |code: &[u8], text: &[u8]| item(&[concept(code), element((0x40, 0xA160), "UT", text)]);
        let day = |code: &[u8], day: &[u8]| item(&[element((0x40, 0xA121), "DA", day), concept(code)]);
        let items = [
            words(b"121009", b"Tollhaus"),         // Person Observer's Organization Name
            words(b"121071", b"Tollhaus is full"), // Finding: no dictionary knows the word, nobody of the file has it
            day(b"121031", b"19530418"),           // Subject Birth Date
            day(b"111060", b"20240611"),           // Study Date
            day(b"111060", b"19530417"),           // the patient's birth date, whatever it is called
        ];
        let birth = [element((8, 0x20), "DA", date), patient(), element((0x10, 0x30), "DA", b"19530417")];
        cleaned(&[birth.concat(), sequence((0x40, 0xA730), &items)], choices)
    };
    let out = content(b"20240611", &[FullDates, StructuredContent]);
    assert_eq!(text(&out, "0040,A730/0/0040,A160"), "ANONYMIZED");
    assert_eq!(text(&out, "0040,A730/1/0040,A160"), "Tollhaus is full");
    let days = |out: &std::collections::BTreeMap<String, Vec<u8>>| {
        [2, 3, 4].map(|at| text(out, &format!("0040,A730/{at}/0040,A121")))
    };
    assert_eq!(days(&out), ["19000101", "20240611", "19000101"]);
    // Table E.1-1, Date (0040,A121): C with modified dates. Shifted, all by the same days.
    let day = |text: &String| voxmill::deid::dates::parse(text).unwrap().days;
    let [born, made, again] = days(&content(b"20240611", BASIC)).each_ref().map(day);
    // 1953-04-18, 1953-04-17 and 2024-06-11 are 1, 0 and 25988 days apart (71 * 365 + 18 leap days + 55).
    assert_eq!((born - again, made - again), (1, 71 * 365 + 18 + 55));
    assert_ne!(again, day(&"19530417".to_owned()));
    // Not of somebody of 90 years and more.
    let old = days(&content(b"20430611", BASIC));
    assert_eq!([&old[0], &old[2]], ["19000101", "19000101"]);
    // A newborn's study: its date is no birth date.
    assert_eq!(days(&content(b"19530417", &[FullDates]))[2], "19530417");
}

#[test]
fn devices_and_institutions_leave_texts_unless_an_option_keeps_them() {
    let elements = [
        element((8, 0x80), "LO", b"Quellbach"),
        element((8, 0x1010), "SH", b"QXSTAT07"),
        element((8, 0x103E), "LO", b"AX at QXSTAT07 in Quellbach"),
        element((8, 0x1090), "LO", b"Quellbach Scanner"),
        patient(),
    ];
    let of = |choices: &[Choice]| {
        let out = cleaned(&elements, choices);
        ["0008,0080", "0008,1010", "0008,103E", "0008,1090"]
            .map(|path| out.get(path).map(|_| text(&out, path).trim().to_owned()).unwrap_or_default())
    };
    let [place, station, series, model] = of(&[Descriptors]);
    assert_eq!((place.as_str(), station.as_str()), ("", ""));
    assert!(!series.contains("QXSTAT") && !series.contains("Quellbach") && series.starts_with("AX"), "{series}");
    assert!(!model.contains("Quellbach") && model.contains("Scanner"), "{model}");
    let kept = of(&[Descriptors, DeviceIdentity, InstitutionIdentity]);
    assert_eq!((kept[0].as_str(), kept[1].as_str()), ("Quellbach", "QXSTAT07"));
    assert_eq!(kept[3], "Quellbach Scanner");
}

#[test]
fn ids_do_not_pass_as_numbers_and_names_not_as_terms_of_pixels() {
    let out = cleaned(
        &[
            patient(),
            element((0x20, 0x11), "IS", b"77001"),
            element((0x20, 0x13), "IS", b"7700177"),
            element((0x28, 4), "CS", b"MONOCHROME2"),
            element((0x28, 0x40), "CS", b"QUIMBY"), // ImageFormat (retired)
        ],
        BASIC,
    );
    assert_eq!([text(&out, "0020,0011"), text(&out, "0020,0013")], ["77001", "7700177"], "five digits, and others");
    assert_eq!([text(&out, "0028,0004"), text(&out, "0028,0040")], ["MONOCHROME2", "ANONYMIZED"]);
    let id = element((0x10, 0x20), "LO", b"MRN7734512");
    // Exposure may be any number, and not the patient's; SeriesNumber says which images are one series.
    let numbers = [element((0x18, 0x1152), "IS", b"7734512"), element((0x20, 0x11), "IS", b"7734512")];
    let out = cleaned(&[&[id], &numbers[..]].concat(), BASIC);
    assert_eq!([text(&out, "0018,1152"), text(&out, "0020,0011")], ["0", "7734512"]);
}

#[test]
fn bytes_behind_the_last_frame_do_not_leave() {
    let pixels = |behind: &[u8], frames: &[u8]| {
        let size = |at: u16, value: u8| element((0x28, at), "US", &[value, 0]);
        let samples: Vec<u8> = (0..12).chain(behind.iter().copied()).collect();
        let frames = element((0x28, 8), "IS", frames);
        let head = [size(2, 1), frames, size(0x10, 2), size(0x11, 3), size(0x100, 8)];
        cleaned(&[patient(), head.concat(), element((0x7FE0, 0x10), "OW", &samples)], BASIC)["7FE0,0010"].clone()
    };
    let samples: Vec<u8> = (0..12).collect();
    assert_eq!(pixels(b"QUIMBY", b"2 "), samples);
    assert_eq!(pixels(b"QUIM", b"3 ").len(), 16, "of a third frame four bytes: broken, but pixels");
    assert_eq!(pixels(&[0; 6], b"2 ").len(), 18, "padding stays byte for byte");
    assert_eq!(pixels(b"QUIMBY", b"0 ").len(), 18, "nobody knows where the frames end");
}

#[test]
fn comments_of_compressed_streams_name_nobody() {
    let fragment = |bytes: &[u8]| {
        let length = (bytes.len() as u32).to_le_bytes();
        [&[0xFE, 0xFF, 0x00, 0xE0][..], &length, bytes].concat()
    };
    let stream = |comment: &[u8]| {
        let length = (comment.len() as u16 + 2).to_be_bytes();
        [&b"\xFF\xD8\xFF\xFE"[..], &length, comment, b"\xFF\xDA\x00\x04QUIMBY"].concat()
    };
    let file = |comment: &[u8]| {
        let syntax = element((2, 0x10), "UI", b"1.2.840.10008.1.2.4.50");
        let mut file = [&[0; 128][..], b"DICM"].concat();
        file.extend(element((2, 0), "UL", &(syntax.len() as u32).to_le_bytes()));
        file.extend(syntax);
        file.extend(element((8, 0x16), "UI", b"1.2.840.10008.5.1.4.1.1.2"));
        file.extend(patient());
        file.extend(b"\xE0\x7F\x10\x00OB\0\0\xFF\xFF\xFF\xFF");
        file.extend([fragment(b""), fragment(&stream(comment)), b"\xFE\xFF\xDD\xE0\0\0\0\0".to_vec()].concat());
        file
    };
    let written = |comment: &[u8]| deid(file(comment), BASIC).unwrap();
    let named = written(b"by Annabel Quimby");
    assert!(contains(&named, &stream(b"                 ")), "the comment is blank, and nothing else is changed");
    let maker = stream(b"LEAD Technologies Inc. V1.01");
    assert!(contains(&written(b"LEAD Technologies Inc. V1.01"), &maker), "what names nobody stays byte for byte");
}

#[test]
fn overlays_curves_icons_and_padding_go() {
    let out = cleaned(
        &[
            patient(),
            sequence((0x88, 0x200), &[item(&[element((0x7FE0, 0x10), "OB", &[1, 2])])]),
            element((0x5000, 0x3000), "OW", &[1, 2]),
            element((0x6000, 0x10), "US", &[4, 0]),
            element((0x6000, 0x3000), "OW", &[1, 2]),
            element((0x7FE0, 0x10), "OW", &[1, 2, 3, 4]),
            element((0xFFFC, 0xFFFC), "OB", b"QUIMBY"),
        ],
        BASIC,
    );
    for gone in ["0088,0200", "5000,3000", "6000,3000", "FFFC,FFFC"] {
        assert!(!out.contains_key(gone), "{gone}");
    }
    assert_eq!(out["7FE0,0010"], [1, 2, 3, 4]);
    assert_eq!(out["6000,0010"], [4, 0], "what the table does not name stays");
}

#[test]
fn what_breaks_off_is_refused() {
    let mut file = ct(&[patient(), element((0x7FE0, 0x10), "OW", &[0; 64])]);
    file.truncate(file.len() - 9);
    assert_eq!(deid(file, BASIC).unwrap_err().reason, Reason::Truncated);
}

#[test]
fn the_same_person_has_the_same_pseudonym_as_in_other_sources() {
    // The pseudonym of the library's own identity, which HL7 and tables use.
    let out = cleaned(&[element((8, 0x50), "SH", b"ACC1"), patient()], BASIC);
    let again = cleaned(&[patient()], BASIC);
    assert_eq!(text(&out, "0010,0020"), text(&again, "0010,0020"));
    assert_eq!(identity().tensor_id("00", voxmill::model::InputId(0), 0).len(), 27);
}
