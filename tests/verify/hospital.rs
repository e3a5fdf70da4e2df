//! Three patients with identifiers of every kind, as DICOM, HL7 and tables.

use crate::archive::{element, meta};
use std::path::Path;

pub const MRN: &str = "MRN0012345";

/// What must never be printed.
pub const SECRETS: &[&str] = &[
    "Fauxworth",
    "Annelise",
    "Müsterling",
    "山田",
    "MRN0012345",
    "ACC550091",
    "Quillfeather",
    "SN99812X7",
    "Crumbleton",
    "987-65-4321",
    "413-555-0142",
    "Quillimore Lane",
    "V8800123",
    "Placeholm",
    "1.2.826.0.1.55.7",
];

struct Patient<'a> {
    name: &'a str,
    id: &'a str,
    born: &'a str,
    days: [&'a str; 2],
    charset: &'a str,
}

const PATIENTS: [Patient<'static>; 3] = [
    Patient { name: "Fauxworth^Annelise^Q", id: MRN, born: "19630412", days: ["20240611", "20240702"], charset: "" },
    Patient {
        name: "Müsterling^Jörg",
        id: "B-77812",
        born: "19510930",
        days: ["20240518", "20240519"],
        charset: "ISO_IR 192",
    },
    Patient {
        name: "Yamada^Tarou=山田^太郎",
        id: "7714410",
        born: "20010207",
        days: ["20240129", "20240911"],
        charset: "ISO_IR 192",
    },
];

/// A CT object of a patient, explicit little endian, with a nested sequence and a reference to its neighbour.
fn ct(patient: &Patient, place: usize, number: usize) -> Vec<u8> {
    let mut bytes = meta();
    let mut put = |tag, vr: &str, value: &[u8]| bytes.extend(element(tag, vr, value));
    let uid = |n: usize| format!("1.2.826.0.1.55.7.{place}.{n}");
    if !patient.charset.is_empty() {
        put((8, 5), "CS", patient.charset.as_bytes());
    }
    put((8, 0x16), "UI", b"1.2.840.10008.5.1.4.1.1.2");
    put((8, 0x18), "UI", uid(number).as_bytes());
    put((8, 0x20), "DA", patient.days[number].as_bytes());
    put((8, 0x2A), "DT", format!("{}103000.5", patient.days[number]).as_bytes());
    put((8, 0x50), "SH", format!("ACC55009{place}").as_bytes());
    put((8, 0x60), "CS", b"CT");
    put((8, 0x70), "LO", b"SynthMed");
    put((8, 0x80), "LO", b"Mercy Gardens Clinic");
    put((8, 0x81), "ST", b"1 Synthetic Hospital Parkway");
    put((8, 0x90), "PN", b"Quillfeather^Rosalind");
    put((8, 0x1010), "SH", b"ROOM7CTSCAN");
    put((8, 0x1030), "LO", b"CT chest");
    // Somebody went through the archive before.
    put((8, 0x1048), "PN", b"ANONYMIZED^NAME\\Headneck^Rtdose");
    let mut item = element((8, 0x1150), "UI", b"1.2.840.10008.5.1.4.1.1.2");
    item.extend(element((8, 0x1155), "UI", uid(1 - number).as_bytes()));
    let mut items = vec![0xFE, 0xFF, 0x00, 0xE0];
    items.extend((item.len() as u32).to_le_bytes());
    items.extend(item);
    put((8, 0x1140), "SQ", &items);
    put((0x10, 0x10), "PN", patient.name.as_bytes());
    put((0x10, 0x20), "LO", patient.id.as_bytes());
    put((0x10, 0x30), "DA", patient.born.as_bytes());
    put((0x10, 0x40), "CS", b"F");
    put((0x18, 0x15), "CS", b"CHEST");
    put((0x18, 0x1000), "LO", format!("SN99812X{}", 7 + place).as_bytes());
    put((0x20, 0x0D), "UI", format!("1.2.826.0.1.55.7.{place}").as_bytes());
    put((0x20, 0x0E), "UI", format!("1.2.826.0.1.55.7.{place}.0.1").as_bytes());
    put((0x28, 2), "US", &1u16.to_le_bytes());
    put((0x28, 4), "CS", b"MONOCHROME2");
    put((0x28, 0x10), "US", &8u16.to_le_bytes());
    put((0x28, 0x11), "US", &9u16.to_le_bytes());
    for (tag, value) in [(0x100, 16u16), (0x101, 16), (0x102, 15), (0x103, 0)] {
        put((0x28, tag), "US", &value.to_le_bytes());
    }
    put((0x28, 0x1052), "DS", b"-1024");
    put((0x28, 0x1053), "DS", b"1");
    let samples: Vec<u8> = (0..72u16).flat_map(|n| (900 + n * 3).to_le_bytes()).collect();
    put((0x7FE0, 0x10), "OW", &samples);
    bytes
}

fn oru(patient: &Patient, place: usize) -> String {
    let name = patient.name.split('=').next().unwrap();
    let (id, born, day) = (patient.id, patient.born, patient.days[0]);
    format!(
        "MSH|^~\\&|LABSYS9|MERCYGARDENS|EMR|CLINICNORTH|{day}120000||ORU^R01|MSGZ4412{place}|P|2.5||||||UNICODE UTF-8\r\
         PID|1||{id}^^^MERCYGARDENS^MR||{name}||{born}|F|||12 Quillimore Lane^^Crumbleton^MA^01103||413-555-014{place}^^^beatrix{place}@example.org|||||AC77100{place}|987-65-432{place}\r\
         NK1|1|Placeholm^Beatrix|SPO|14 Nowhere Terrace^^Crumbleton^MA|(413) 555-0177\r\
         PV1|1|I|W7^12^3||||19900{place}1^Quillfeather^Rosalind||||||||||||V880012{place}\r\
         ORC|RE|PLC6600{place}|FIL6600{place}\r\
         OBR|1|PLC6600{place}|FIL6600{place}|71045^CHEST^C4|||{day}110000|||||||||||ACC55009{place}\r\
         OBX|1|NM|2345-7^Glucose^LN||95|mg/dL|70-110|N|||F|||{day}113000\r\
         OBX|2|TX|18748-4^Report^LN||Seen by Dr. Wimplestock, call 413-555-0188.||||||F|||{day}113000\r"
    )
}

/// Makes the archive.
pub fn make(dir: &Path) {
    for (place, patient) in PATIENTS.iter().enumerate() {
        let folder = dir.join(format!("dicom/zqfolder-{}", ["ulmenkind", "birkenrode", "tannhagen"][place]));
        std::fs::create_dir_all(&folder).unwrap();
        for number in 0..2 {
            std::fs::write(folder.join(format!("scan_{}_{number}.dcm", patient.id)), ct(patient, place + 1, number))
                .unwrap();
        }
    }
    let feed: String = PATIENTS.iter().enumerate().map(|(place, patient)| oru(patient, place + 1)).collect();
    std::fs::write(dir.join("feed.hl7"), feed).unwrap();
    std::fs::write(
        dir.join("patients.csv"),
        "id,birthdate,gender,first,last,ssn,drivers,address,city,state,zip\n\
         MRN0012345,1963-04-12,F,Annelise,Fauxworth,987-65-4321,S9988812X,12 Quillimore Lane,Crumbleton,MA,01103\n\
         B-77812,1951-09-30,M,Jörg,Müsterling,987-65-4322,S9988813X,9 Phantom Hollow Road,Crumbleton,MA,01103\n",
    )
    .unwrap();
    std::fs::write(
        dir.join("encounters.csv"),
        "id,patient,encounterclass,start,stop,description\n\
         0d3c9a1e-77aa-4bd0-9f10-1f2f3f4f5f6f,MRN0012345,ambulatory,2024-06-11T10:00:00Z,2024-06-11T11:00:00Z,Check\n",
    )
    .unwrap();
}
