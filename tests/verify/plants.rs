//! Leaks, one per place, encoding and kind: each in a file of its own, below `planted/`.

use crate::archive::element;
use arrow::array::{ArrayRef, BinaryArray, Date32Array, Float64Array, StringArray};
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use std::io::Write;
use std::sync::Arc;

/// One leak.
pub struct Plant {
    /// Where, below the data set.
    pub file: String,
    pub bytes: Vec<u8>,
    /// What must be said of it.
    pub what: &'static str,
    /// The leak is in the name.
    pub named: bool,
}

const NAME: &str = "a person's name";
const ID: &str = "an id";
const UID: &str = "a UID";
const PHONE: &str = "a telephone number";
const CONTACT: &str = "an e-mail or web address";
const ADDRESS: &str = "an address";
const PLACE: &str = "an institution or place";
const DEVICE: &str = "a device";
const FILE: &str = "a file name";
const DATE: &str = "a date as it stood in the inputs";
const INTERVAL: &str = "a date that no date of this patient's inputs becomes by the patient's shift";
const NOBODY: &str = "a patient that no input names";

fn utf16(text: &str, big: bool) -> Vec<u8> {
    text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

fn percent(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

/// Every leak; `pseudonym` is that of Annelise Fauxworth.
pub fn all(pseudonym: &str) -> Vec<Plant> {
    let mut plants = Vec::new();
    let mut put = |name: &str, bytes: Vec<u8>, what| {
        plants.push(Plant { file: format!("planted/{name}"), bytes, what, named: false });
    };
    for (name, text, what) in [
        ("name-upper.txt", "report of FAUXWORTH today", NAME),
        ("name-given-family.txt", "x annelise fauxworth y", NAME),
        ("name-given-alone.log", "seen: Annelise", NAME),
        ("name-glued.txt", "id=fauxworthannelise;", NAME),
        ("name-camel.txt", "ctFauxworthAnnelise", NAME),
        ("name-underscored.txt", "export_fauxworth_ct", NAME),
        ("name-ue.txt", "MUESTERLING", NAME),
        ("name-u.txt", "Musterling", NAME),
        ("name-decomposed.txt", "Mu\u{308}sterling", NAME),
        ("name-full-width.txt", "ＦＡＵＸＷＯＲＴＨ", NAME),
        ("name-kanji.txt", "患者は山田太郎さん", NAME),
        ("name-romaji.txt", "Tarou Yamada", NAME),
        ("name-percent.txt", "q=Annelise%20Fauxw%6Frth", NAME),
        ("name-entity.html", "<p title=\"&#70;auxwo&#x72;th\"></p>", NAME),
        ("name-escape.txt", "a\\u0046auxworth", NAME),
        ("name-base64.txt", "blob: RmF1eHdvcnRoLCBBbm5lbGlzZQ==", NAME),
        ("name-base64url.txt", "RmF1eHdvcnRoLCBBbm5lbGlzZQ", NAME),
        ("name-hex.txt", "0x466175 466175 466175 46617578776f7274682c20416e6e656c697365", NAME),
        ("name-hex-upper.txt", "46617578776F7274682C20416E6E656C697365", NAME),
        ("name-hl7-escape.txt", "\\X46617578776F7274682C20416E6E656C697365\\", NAME),
        ("name-physician.md", "# Quillfeather", NAME),
        ("name-kin.csv", "a,b\n1,Placeholm", NAME),
        ("name-in-prose.txt", "ask Wimplestock", NAME),
        ("id-mrn.txt", "mrn: MRN0012345.", ID),
        ("id-mrn-signs.txt", "MRN 0012345", ID),
        ("id-mrn-digits.txt", "patient7714410", ID),
        ("id-other.txt", "see B 77812", ID),
        ("id-accession.json", "{\"a\": [1, \"ACC550091\"]}", ID),
        ("id-account.txt", "AC771001", ID),
        ("id-visit.txt", "V8800121", ID),
        ("id-order.txt", "PLC66001", ID),
        ("id-message.txt", "control id MSGZ44121", ID),
        ("id-encounter.txt", "0d3c9a1e-77aa-4bd0-9f10-1f2f3f4f5f6f", ID),
        ("id-driver.txt", "S9988812X", ID),
        ("id-ssn.txt", "ssn 987-65-4321", ID),
        ("id-ssn-digits.txt", "ssn 987654321", ID),
        ("uid-study.txt", "study 1.2.826.0.1.55.7.1,", UID),
        ("uid-glued.txt", "uid1.2.826.0.1.55.7.1.1x", UID),
        ("phone-dashed.txt", "413-555-0141", PHONE),
        ("phone-digits.txt", "4135550141", PHONE),
        ("phone-bracketed.txt", "tel (413) 555 0141", PHONE),
        ("phone-dotted.txt", "413.555.0177", PHONE),
        ("phone-in-prose.txt", "4135550188", PHONE),
        ("mail.txt", "<beatrix1@example.org>", CONTACT),
        ("street.txt", "12 quillimore lane", ADDRESS),
        ("street-without-number.txt", "QUILLIMORE LANE", ADDRESS),
        ("town.txt", "of Crumbleton", PLACE),
        ("institution.txt", "Mercy Gardens Clinic", PLACE),
        ("sender.txt", "MERCYGARDENS", PLACE),
        ("serial.txt", "SN99812X8", DEVICE),
        ("station.txt", "ROOM7CTSCAN", DEVICE),
        ("input-file.txt", "scan_MRN0012345_0", FILE),
        ("input-folder.txt", "zqfolder-ulmenkind", FILE),
        ("born-iso.txt", "born 1963-04-12", DATE),
        ("born-us.txt", "born 4/12/1963", DATE),
        ("born-words.txt", "12 April 1963", DATE),
        ("born-compact.txt", "19630412", DATE),
        ("key.json", "{\"Fauxworth\": 1}", NAME),
        ("lines.jsonl", "{\"a\": 1}\n{\"b\": {\"c\": \"Annelise Fauxworth\"}}\n", NAME),
        ("hl7-name.hl7", "MSH|^~\\&|A|B|C|D|20200101||ADT^A01|1|P|2.5\rPID|1||X||Fauxworth^A\r", NAME),
        ("hl7-note.hl7", "MSH|^~\\&|A|B|C|D|20200101||ADT^A01|1|P|2.5\rNTE|1||call 413-555-0141\r", PHONE),
        ("hl7-custom.hl7", "MSH|^~\\&|A|B|C|D|20200101||ADT^A01|1|P|2.5\rZZZ|1|MRN0012345\r", ID),
        ("hl7-escape.hl7", "MSH|^~\\&|A|B|C|D|20200101||ADT^A01|1|P|2.5\rZZZ|1|\\X46617578776F727468\\\r", NAME),
    ] {
        put(name, text.as_bytes().to_vec(), what);
    }
    put("utf16-little.txt", utf16("see Fauxworth, Annelise", false), NAME);
    put("utf16-big.bin", [vec![0xFE, 0xFF], utf16("see Fauxworth, Annelise", true)].concat(), NAME);
    put("latin1.txt", b"Herr M\xFCsterling".to_vec(), NAME);
    put("all-percent.txt", percent("Annelise Fauxworth").into_bytes(), NAME);
    put(
        "study-date.json",
        format!("{{\"patient_id\": \"{pseudonym}\", \"study_date\": \"2024-06-11\"}}").into_bytes(),
        DATE,
    );
    put(
        "tables-text.parquet",
        parquet("note", Arc::new(StringArray::from(vec!["ok", "Fauxworth"])), pseudonym, &[]),
        NAME,
    );
    put(
        "tables-bytes.parquet",
        parquet("blob", Arc::new(BinaryArray::from(vec![&b"ok"[..], b"\xFF\x00Fauxworth\x00"])), pseudonym, &[]),
        NAME,
    );
    // 2024-06-11 is day 19885, 1963-04-12 day -2456 (python datetime).
    put("tables-date.parquet", parquet("day", Arc::new(Date32Array::from(vec![19885, 19885])), pseudonym, &[]), DATE);
    put("tables-interval.parquet", parquet("day", Arc::new(Date32Array::from(vec![3, 3])), pseudonym, &[]), INTERVAL);
    put(
        "tables-number.parquet",
        parquet("value_number", Arc::new(Float64Array::from(vec![1.0, 987_654_321.0])), pseudonym, &[]),
        ID,
    );
    put(
        "tables-stranger.parquet",
        parquet("x", Arc::new(StringArray::from(vec!["", ""])), "Paaaaaaaaaaaaaaaaaaaaa", &[]),
        NOBODY,
    );
    put("tables-column.parquet", parquet("Fauxworth", Arc::new(StringArray::from(vec!["", ""])), pseudonym, &[]), NAME);
    put(
        "tables-metadata.parquet",
        parquet("x", Arc::new(StringArray::from(vec!["", ""])), pseudonym, &[("author", "Annelise Fauxworth")]),
        NAME,
    );
    put("member-name.tar", tar("fauxworth.json", b"{}", ""), NAME);
    put("member-text.tar", tar("a.json", b"{\"note\": \"Fauxworth\"}", ""), NAME);
    put("member-owner.tar", tar("a.json", b"{}", "fauxworth"), NAME);
    put("member-array.tar", tar("a.npy", &npy("Fauxworth"), ""), NAME);
    put("behind-the-end.tar", [tar("a.json", b"{}", ""), b"Fauxworth, Annelise".to_vec()].concat(), NAME);
    put("array.npy", npy("MRN0012345"), ID);
    let header = b"{\"__metadata__\":{\"who\":\"Annelise Fauxworth\"}}";
    put("tensors.safetensors", [&(header.len() as u64).to_le_bytes()[..], header, &[0; 16]].concat(), NAME);
    put("text.png", png(b"tEXt", b"Author\0Fauxworth"), NAME);
    let mut packed = flate2::write::ZlibEncoder::new(b"Author\0\0".to_vec(), flate2::Compression::best());
    packed.write_all(b"written for Annelise Fauxworth").unwrap();
    put("packed-text.png", png(b"zTXt", &packed.finish().unwrap()), NAME);
    put("behind-the-end.png", [png(b"tEXt", b"a\0b"), b"Fauxworth, Annelise".to_vec()].concat(), NAME);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(b"Fauxworth, Annelise").unwrap();
    put("packed.gz", packed.finish().unwrap(), NAME);
    let part10 = |elements: &[Vec<u8>]| [crate::archive::meta(), elements.concat()].concat();
    let sequence = |inside: Vec<u8>| {
        let mut item = vec![0xFE, 0xFF, 0x00, 0xE0];
        item.extend((inside.len() as u32).to_le_bytes());
        item.extend(inside);
        item
    };
    let id = || element((0x10, 0x20), "LO", pseudonym.as_bytes());
    let name = || element((0x10, 0x10), "PN", b"Fauxworth^A");
    put("dicom-name.dcm", part10(&[name(), id()]), NAME);
    put("dicom-nested.dcm", part10(&[element((8, 0x1140), "SQ", &sequence(name())), id()]), NAME);
    put(
        "dicom-private.dcm",
        part10(&[element((9, 0x10), "LO", b"MAKER"), element((9, 0x1001), "LO", b"Fauxworth"), id()]),
        NAME,
    );
    put("dicom-unknown.dcm", part10(&[element((9, 0x1001), "UN", b"\x01\x02Fauxworth\x00\xFF"), id()]), NAME);
    put("dicom-description.dcm", part10(&[element((8, 0x1030), "LO", b"CT for MRN0012345"), id()]), ID);
    put("dicom-date.dcm", part10(&[element((8, 0x20), "DA", b"20240611"), id()]), DATE);
    put("dicom-date-time.dcm", part10(&[element((8, 0x2A), "DT", b"20240611103000.5"), id()]), DATE);
    put("dicom-reference.dcm", part10(&[element((8, 0x1155), "UI", b"1.2.826.0.1.55.7.1.0"), id()]), UID);
    put("dicom-stranger.dcm", part10(&[element((0x10, 0x20), "LO", b"Paaaaaaaaaaaaaaaaaaaaa")]), NOBODY);
    put(
        "dicom-charset.dcm",
        part10(&[element((8, 5), "CS", b"ISO_IR 100"), element((8, 0x1030), "LO", b"M\xFCsterling"), id()]),
        NAME,
    );
    let mut preamble = part10(&[id()]);
    preamble[..19].copy_from_slice(b"Annelise  Fauxworth");
    put("dicom-preamble.dcm", preamble, NAME);
    let mut meta = crate::archive::meta();
    meta.extend(element((2, 0x16), "AE", b"ROOM7CTSCAN"));
    put("dicom-meta.dcm", [meta, id()].concat(), DEVICE);
    for (file, bytes, what) in [
        ("name-of-fauxworth.txt", &b""[..], NAME),
        ("MRN0012345/empty.txt", b"", ID),
        ("day-2024-06-11.txt", b"", DATE),
    ] {
        plants.push(Plant { file: format!("planted/{file}"), bytes: bytes.to_vec(), what, named: true });
    }
    plants
}

/// What looks like a leak and is none.
pub fn harmless() -> Vec<(&'static str, &'static [u8])> {
    vec![
        ("planted/ok-digest.txt", b"3f7714410a3f7714410a3f7714410a3f7714410a3f7714410a3f7714410a3f77"),
        ("planted/ok-uid.txt", b"1.2.7714410.5.6"),
        ("planted/ok-words.txt", b"CT chest, glucose in mg/dL, clinic, road, lane, general hospital of the patient"),
        ("planted/ok-code.txt", b"71045 and 2345-7 and 01103 as part of a sentence"),
        ("planted/ok-parts.txt", b"fauxworthy MRN00123456 Cr"),
        ("planted/ok-initial.txt", b"Q 12 W7"),
        ("planted/ok-marks.txt", b"ANONYMIZED seen by [NAME], RTDOSE of HEADNECK"),
    ]
}

fn parquet(name: &str, column: ArrayRef, pseudonym: &str, metadata: &[(&str, &str)]) -> Vec<u8> {
    let people: ArrayRef = Arc::new(StringArray::from(vec![pseudonym, pseudonym]));
    let batch = RecordBatch::try_from_iter([("patient_id", people), (name, column)]).unwrap();
    let pairs = metadata.iter().map(|(key, value)| KeyValue::new((*key).to_owned(), (*value).to_owned())).collect();
    let properties = WriterProperties::builder().set_key_value_metadata(Some(pairs)).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.into_inner().unwrap()
}

fn tar(name: &str, content: &[u8], owner: &str) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_ustar();
    header.set_size(content.len() as u64);
    header.set_mode(0o644);
    header.set_username(owner).unwrap();
    builder.append_data(&mut header, name, content).unwrap();
    builder.into_inner().unwrap()
}

fn npy(secret: &str) -> Vec<u8> {
    let text = format!("{{'descr': '<f4', 'who': '{secret}', 'shape': (1,), }}\n");
    [&b"\x93NUMPY\x01\x00"[..], &(text.len() as u16).to_le_bytes(), text.as_bytes(), &[0; 4]].concat()
}

/// A PNG of one chunk more than none; the check sums are not looked at.
fn png(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let chunk = |kind: &[u8; 4], data: &[u8]| [&(data.len() as u32).to_be_bytes()[..], kind, data, &[0; 4]].concat();
    [&b"\x89PNG\r\n\x1a\n"[..], &chunk(b"IHDR", &[0; 13]), &chunk(kind, data), &chunk(b"IEND", &[])].concat()
}
