//! A unique word in every attribute of the DICOM dictionary (at the top, nested, private), every HL7 field, every column and
//! every file name: whatever is run over it, refused inputs included, no such word comes out unless its rule says keep.

mod archive;
#[path = "standard/mod.rs"]
mod standard;

use archive::{key, run, voxmill};
use dicom_object::{InMemDicomObject, OpenFileOptions};
use standard::{attributes, element, image_module, meta, profile, sequence, sorted};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use voxmill::deid::hl7::fields;
use voxmill::deid::hl7::rule::{How, Part, PartHow, Rule};
use voxmill::model::Class;

/// What every canary begins with, in any case.
const STEM: &str = "zqcan";
/// The root of all UIDs here, and the day and the telephone number of all dates and numbers.
const UIDS: &str = "1.2.826.0.1.9191.";
const DAY: [&str; 2] = ["18230517", "1823-05-17"];
/// Somebody whom the records name: their name may stand nowhere, not in prose either.
const PERSON: &str = "Zqperson^Zqquilla";

/// UIDs that name a kind of thing, not a thing: SOP classes, transfer syntaxes, coding schemes. Table E.1-1 has none of them.
const CLASSES: &[(u16, u16)] = &[
    (0x0008, 0x001A), // RelatedGeneralSOPClassUID
    (0x0008, 0x001B), // OriginalSpecializedSOPClassUID
    (0x0008, 0x0062), // SOPClassesInStudy
    (0x0008, 0x010C), // CodingSchemeUID
    (0x0008, 0x0117), // ContextUID
    (0x0008, 0x0118), // MappingResourceUID
    (0x0008, 0x040E), // StoredInstanceTransferSyntaxUID
    (0x0008, 0x1150), // ReferencedSOPClassUID
    (0x0008, 0x115A), // SOPClassesSupported
    (0x0008, 0x3002), // AvailableTransferSyntaxUID
    (0x0034, 0x0003), // FlowTransferSyntaxUID
    (0x0400, 0x0010), // MACCalculationTransferSyntaxUID
    (0x0400, 0x0510), // EncryptedContentTransferSyntaxUID
    (0x3010, 0x0052), // PertinentSOPClassesInStudy
    (0x3010, 0x0053), // PertinentSOPClassesInSeries
];

/// The canary of a value representation; `None` for numbers, which are nobody's.
fn canary(vr: &str, number: usize) -> Option<Vec<u8>> {
    let text = match vr {
        "PN" => format!("Zqcan{number}a^Zqcan{number}b"),
        "UI" => format!("{UIDS}{number}"),
        "DA" => DAY[0].to_owned(),
        "DT" => format!("{}101500.123456", DAY[0]),
        "TM" => "101500.123456".to_owned(),
        "AS" => "033Y".to_owned(),
        "CS" => format!("ZQCAN_{number}"),
        "UR" => format!("http://zqcan{number}.example/x"),
        "AE" | "SH" | "LO" | "ST" | "LT" | "UT" | "UC" => format!("Zqcan{number}x"),
        "OB" | "OW" | "UN" => format!("Zqcan{number}xxxx"),
        _ => return None,
    };
    Some(text.into_bytes())
}

/// Elements with a canary in every attribute of the dictionary but those that make the picture.
fn everywhere(corpus: &Path) -> Vec<((u16, u16), Vec<u8>)> {
    let mut all = Vec::new();
    for (number, attribute) in attributes(corpus).iter().enumerate() {
        let tag = attribute.tag;
        let picture = tag.0 == 0x28 || tag.0 >= 0x5000 && tag.0 < 0x6100 || tag.0 >= 0x7FE0;
        let class = [(8, 5), (8, 0x16)].contains(&tag);
        if tag.0 < 8 || picture || class {
            continue;
        }
        if attribute.vr == "SQ" {
            let inside = [
                element((8, 0x1155), "UI", format!("{UIDS}{number}").as_bytes()),
                element((9, 0x10), "LO", b"ZQCAN CREATOR"),
                element((9, 0x1001), "LO", format!("Zqcan{number}p").as_bytes()),
                element((0x10, 0x10), "PN", format!("Zqcan{number}n").as_bytes()),
            ];
            all.push((tag, sequence(tag, &inside.concat())));
        } else if let Some(value) = canary(&attribute.vr, number) {
            all.push((tag, element(tag, &attribute.vr, &value)));
        }
    }
    for (number, vr) in ["LO", "PN", "UN", "OB", "DA", "UI", "LT", "UT"].iter().enumerate() {
        let tag = (0x19, 0x1001 + number as u16);
        all.push((tag, element(tag, vr, &canary(vr, 90_000 + number).unwrap())));
    }
    all.push(((0x19, 0x10), element((0x19, 0x10), "LO", b"ZQCAN MAKER 1")));
    all.push(((0x10, 0x10), element((0x10, 0x10), "PN", PERSON.as_bytes())));
    all
}

const CT: &str = "1.2.840.10008.5.1.4.1.1.2";
const EXPLICIT: &str = "1.2.840.10008.1.2.1";

/// An object whose picture is whole.
fn object(mut elements: Vec<((u16, u16), Vec<u8>)>, number: usize) -> Vec<u8> {
    let sop = format!("{UIDS}7.{number}");
    elements.insert(0, ((8, 0x16), element((8, 0x16), "UI", CT.as_bytes())));
    elements.insert(0, ((8, 0x18), element((8, 0x18), "UI", sop.as_bytes())));
    elements.insert(0, ((8, 0x60), element((8, 0x60), "CS", b"CT")));
    elements.splice(0..0, image_module());
    let samples: Vec<u8> = (0..72u16).flat_map(|n| (n * 11).to_le_bytes()).collect();
    elements.push(((0x7FE0, 0x10), element((0x7FE0, 0x10), "OW", &samples)));
    [meta(CT, &sop, EXPLICIT), sorted(elements)].concat()
}

/// Names of the segments that the guide of de-identification lists, and two that no standard has.
const SEGMENTS: &[&str] = &[
    "EVN", "PID", "PD1", "NK1", "GT1", "IN1", "IN2", "IN3", "MRG", "PV1", "PV2", "ORC", "OBR", "OBX", "NTE", "TXA",
    "AL1", "DG1", "PR1", "ROL", "SCH", "AIL", "AIP", "AIG", "AIS", "RXA", "RXE", "RXO", "RXD", "RXR", "SPM", "FT1",
    "ACC", "STF", "PRD", "CTD", "ARV", "ZZZ", "ZPI",
];

fn messages() -> String {
    let field = |segment: &str, n: usize| {
        let parts: Vec<String> = (1..9).map(|c| format!("Zqcan{segment}{n}c{c}&Zqcan{segment}{n}d{c}")).collect();
        parts.join("^")
    };
    let fields = |segment: &str, from: usize, to: usize| -> String {
        (from..=to).map(|n| format!("|{}", field(segment, n))).collect()
    };
    let mut all = format!("MSH|^~\\&{}\r{}", fields("MSH", 3, 25), "PID|1||Zqcanid0\r");
    for segment in SEGMENTS {
        let name = if *segment == "PID" { String::new() } else { format!("PID|1||Zqcanid1||{PERSON}\r") };
        let own = if *segment == "OBX" {
            format!("OBX|1|TX|Zqcancode^x||seen: {}|{}\r", "ZQPERSON, ZQQUILLA", fields("OBX", 7, 25))
        } else {
            format!("{segment}{}\r", fields(segment, 1, 60))
        };
        all += &format!("MSH|^~\\&|A|B|C|D|20240101||ADT^A08|1|P|2.5\r{name}{own}");
        all += "NTE|1||Zqperson called, says Zqquilla\r";
    }
    // Broken ones: no header fields, and lines that belong to nobody.
    all + "MSH\rZqcanbroken1\r\nMSH|^\rPID|Zqcanbroken2\r"
}

/// Makes the archive; how many attributes and fields have a canary.
fn make(dir: &Path, corpus: &Path) -> (usize, usize) {
    let folder = dir.join("Zqcanfolder");
    std::fs::create_dir_all(&folder).unwrap();
    let everything = everywhere(corpus);
    let attributes = everything.len();
    let nested = |inside: &[u8]| {
        vec![((0x40, 0xA730), sequence((0x40, 0xA730), inside)), ((8, 0x1110), sequence((8, 0x1110), inside))]
    };
    let inside = sorted(everything.clone());
    std::fs::write(folder.join("Zqcanfile1.dcm"), object(everything.clone(), 1)).unwrap();
    std::fs::write(folder.join("Zqcanfile2.dcm"), object(nested(&inside), 2)).unwrap();
    std::fs::write(folder.join("Zqcanfile3.dcm"), object(nested(&sorted(nested(&inside))), 3)).unwrap();
    // Refused: cut short, no picture, neither this nor that, an archive that is none.
    let whole = object(everything, 4);
    std::fs::write(folder.join("Zqcanfile4.dcm"), &whole[..whole.len() / 2]).unwrap();
    std::fs::write(folder.join("Zqcanfile5"), [meta(CT, &format!("{UIDS}8"), EXPLICIT), inside].concat()).unwrap();
    std::fs::write(folder.join("Zqcanfile6.txt"), "Zqcantext of Zqperson\n").unwrap();
    std::fs::write(folder.join("Zqcanfile7.zip"), b"PK\x03\x04Zqcanzip").unwrap();
    std::fs::write(dir.join("Zqcanfeed.hl7"), messages()).unwrap();
    let tables = std::fs::read_dir(corpus.join("ehr/synthea-csv")).unwrap();
    for table in tables.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "csv")) {
        let text = std::fs::read_to_string(&table).unwrap();
        let head = text.lines().next().unwrap();
        let row: Vec<String> = head.split(',').map(|name| format!("Zqcan{}1", name.replace('_', ""))).collect();
        let name = format!("Zqcan-{}", table.file_name().unwrap().to_str().unwrap());
        std::fs::write(dir.join(name), format!("{head}\n{}\n{}\n", row.join(","), row.join(","))).unwrap();
    }
    (attributes, SEGMENTS.len() * 60)
}

/// Canaries in a text, each once.
fn canaries(text: &[u8]) -> BTreeSet<String> {
    let lower = String::from_utf8_lossy(text).to_lowercase();
    let mut found = BTreeSet::new();
    for stem in [STEM, UIDS, "zqperson", "zqquilla", DAY[0], DAY[1]] {
        for (at, _) in lower.match_indices(stem) {
            let word: String = lower[at..].chars().take_while(|c| c.is_alphanumeric() || ".-_".contains(*c)).collect();
            found.insert(word);
        }
    }
    found
}

#[test]
fn no_canary_leaves_a_prepared_set() {
    let Some(corpus) = archive::corpus() else { return };
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("Zqcanroot");
    let (attributes, fields) = make(&archive, &corpus);
    assert!(attributes > 3000 && fields > 2000, "{attributes} attributes, {fields} fields");
    let key = key(folder.path());
    let set = folder.path().join("set");
    let mut said = Vec::new();
    let mut told = |output: std::process::Output| {
        said.extend(output.stdout);
        said.extend(output.stderr);
    };
    told(run(
        voxmill()
            .arg("prepare")
            .arg(&archive)
            .arg("--out")
            .arg(&set)
            .args(["--engine", "cpu", "--json", "--key-file"])
            .arg(&key),
        1,
    ));
    told(run(voxmill().arg("verify").arg(&set), 0));
    told(run(voxmill().arg("verify").arg(&set).arg("--against").arg(&archive).arg("--key-file").arg(&key), 0));
    told(run(voxmill().arg("report").arg(&set), 0));
    let pictures = folder.path().join("pictures");
    let masked = voxmill().arg("mask").arg(&archive).arg("--json").arg("--png").arg(&pictures).output().unwrap();
    told(masked);
    for name in ["Zqcanfile1.dcm", "Zqcanfile4.dcm", "Zqcanfile5", "Zqcanfile6.txt", "Zqcanfile7.zip"] {
        let file = archive.join("Zqcanfolder").join(name);
        let inspected = voxmill().arg("inspect").arg(&file).output().unwrap();
        // The user's own word for the file may be repeated.
        let text = String::from_utf8_lossy(&[inspected.stdout, inspected.stderr].concat()).into_owned();
        said.extend(
            text.replace(archive.to_str().unwrap(), "").replace(name, "").replace("Zqcanfolder", "").into_bytes(),
        );
        let out = folder.path().join("one.npy");
        let decoded = voxmill().arg("decode").arg(&file).arg("--out").arg(&out).output().unwrap();
        let text = String::from_utf8_lossy(&[decoded.stdout, decoded.stderr].concat()).into_owned();
        said.extend(
            text.replace(archive.to_str().unwrap(), "").replace(name, "").replace("Zqcanfolder", "").into_bytes(),
        );
    }
    assert_eq!(canaries(&said), BTreeSet::new(), "on the terminal");
    let (mut files, mut tables) = (0, 0);
    let mut leaks: BTreeMap<(String, String), ()> = BTreeMap::new();
    let mut kept = BTreeSet::new();
    for folder in [&set, &pictures] {
        for (name, bytes) in archive::files(folder) {
            files += 1;
            let mut add = |found: BTreeSet<String>, place: &str| {
                leaks.extend(found.into_iter().map(|canary| ((canary, format!("{name} {place}")), ())));
            };
            add(canaries(name.as_bytes()), "(its name)");
            if name.ends_with(".parquet") {
                tables += 1;
                columns(&folder.join(&name), &mut |column, text| {
                    if may_keep(column) {
                        kept.extend(canaries(text.as_bytes()));
                    } else {
                        add(canaries(text.as_bytes()), column);
                    }
                });
            } else {
                add(canaries(&bytes), "");
            }
        }
    }
    // A code that a column keeps may be counted in a receipt; a name may not even be in a column that keeps words.
    leaks.retain(|(canary, _), ()| !kept.contains(canary));
    assert!(leaks.is_empty(), "{} leaks: {:#?}", leaks.len(), leaks.keys());
    assert!(kept.iter().all(|word| word.starts_with(STEM)), "{kept:?}");
    assert!(files > 40 && tables > 15, "{files} files, {tables} tables");
}

/// Columns whose rule keeps words: codes, and texts out of which only what identifies somebody is taken.
fn may_keep(column: &str) -> bool {
    let all = voxmill::run::tables::dataset_tables();
    let mut classes = all.iter().flat_map(|t| t.columns).filter(|c| c.name == column).map(|c| c.class).peekable();
    classes.peek().is_some() && classes.any(|class| matches!(class, Class::Code | Class::Term | Class::Text))
}

/// Every cell of a Parquet file as text, by column.
fn columns(path: &Path, each: &mut dyn FnMut(&str, &str)) {
    let file = std::fs::File::open(path).unwrap();
    let builder = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    for batch in builder.build().unwrap() {
        let batch = batch.unwrap();
        for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
            let one = arrow::record_batch::RecordBatch::try_from_iter([(field.name(), column.clone())]).unwrap();
            let mut writer = arrow::json::LineDelimitedWriter::new(Vec::new());
            writer.write(&one).unwrap();
            writer.finish().unwrap();
            each(field.name(), &String::from_utf8(writer.into_inner()).unwrap());
        }
    }
}

#[test]
fn no_canary_leaves_de_identified_files() {
    let Some(corpus) = archive::corpus() else { return };
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("Zqcanroot");
    make(&archive, &corpus);
    let set = folder.path().join("set");
    let key = key(folder.path());
    let mut said = Vec::new();
    for mut command in [
        {
            let mut command = voxmill();
            command.arg("deid").arg(&archive).arg("--out").arg(&set).arg("--json").arg("--key-file").arg(&key);
            command
        },
        {
            let mut command = voxmill();
            command.arg("verify").arg(&set).arg("--json");
            command
        },
    ] {
        let output = command.output().unwrap();
        assert!(output.status.code().is_some_and(|code| code < 2), "{}", String::from_utf8_lossy(&output.stderr));
        said.extend([output.stdout, output.stderr].concat());
    }
    assert_eq!(canaries(&said), BTreeSet::new(), "on the terminal");
    let listed: BTreeSet<(u16, u16)> = profile(&corpus).iter().map(|row| row.tag).collect();
    assert!(listed.len() > 600);
    let (mut objects, mut values, mut leaves) = (0, 0, 0);
    let mut leaks = BTreeSet::new();
    for (name, bytes) in archive::files(&set) {
        leaks.extend(canaries(name.as_bytes()).into_iter().map(|canary| format!("{canary} is a name")));
        if bytes.get(128..132) == Some(b"DICM") {
            objects += 1;
            let object = OpenFileOptions::new().open_file(set.join(&name)).unwrap();
            let head = &bytes[..bytes.len().min(700)];
            leaks.extend(canaries(&head[..132]).into_iter().map(|canary| format!("{canary} in a preamble")));
            let ui = object.meta().media_storage_sop_instance_uid().to_owned();
            leaks.extend(canaries(ui.as_bytes()).into_iter().map(|canary| format!("{canary} in group 0002")));
            visit(&object, &mut |tag, vr, text| {
                values += 1;
                // What the table names goes, whatever its value; what it does not name stays unless it says who somebody is.
                let identifies =
                    listed.contains(&tag) || tag.0 % 2 == 1 || ["PN", "DA", "DT", "UI", "AE", "UN"].contains(&vr);
                let found = canaries(text.as_bytes());
                let person = found.iter().any(|word| word.starts_with("zqp") || word.starts_with("zqq"));
                if !found.is_empty() && (identifies || person) && !CLASSES.contains(&tag) {
                    leaks.insert(format!(
                        "{} in ({:04X},{:04X}) {vr}",
                        found.into_iter().next().unwrap(),
                        tag.0,
                        tag.1
                    ));
                }
            });
        } else if name.ends_with(".hl7") {
            leaves += in_messages(&bytes, &mut leaks);
        } else {
            leaks.extend(canaries(&bytes).into_iter().map(|canary| format!("{canary} in {name}")));
        }
    }
    assert!(leaks.is_empty(), "{} leaks: {leaks:#?}", leaks.len());
    assert!(objects >= 3 && values > 1000, "{objects} objects, {values} values");
    assert!(leaves > 500, "{leaves} leaves of messages");
}

/// Looks at every leaf of messages that were written again, and says how many there are. A canary may stand where the rule
/// of the place keeps codes or words; what names the person, a day or an object stands nowhere.
fn in_messages(bytes: &[u8], leaks: &mut BTreeSet<String>) -> usize {
    let text = String::from_utf8_lossy(bytes);
    let mut leaves = 0;
    for segment in text.split(['\r', '\n']).filter(|segment| segment.len() > 3) {
        let name = &segment[..3];
        // MSH-1 is the delimiter itself.
        let first = if name == "MSH" { 1 } else { 0 };
        for (n, field) in segment.split('|').enumerate().skip(1) {
            for (place, leaf) in field.split('~').flat_map(|whole| whole.split('^').enumerate()) {
                for (at, part) in leaf.split('&').enumerate() {
                    leaves += 1;
                    let kept = keeps(name, n + first, place + 1, at + 1);
                    let found = canaries(part.as_bytes());
                    let bad = found.iter().filter(|word| !kept || !word.starts_with(STEM));
                    leaks.extend(bad.map(|word| format!("{word} in {name}-{}.{}.{}", n + first, place + 1, at + 1)));
                }
            }
        }
    }
    leaves
}

/// Whether the rule of a leaf of a message keeps words of any kind.
fn keeps(segment: &str, field: usize, component: usize, part: usize) -> bool {
    let words = |rule: Rule| matches!(rule, Rule::Code | Rule::Term | Rule::Text);
    // Prose is scrubbed as a whole, whatever it is divided into.
    let prose = |rule: Rule| matches!(rule, Rule::Term | Rule::Text);
    let within = |parts: &'static [Part], at: usize| parts.iter().find(|part| usize::from(part.at) == at);
    let segments = fields::SEGMENTS.iter().copied().flatten();
    let Some(segment) = segments.into_iter().find(|row| row.id == segment.as_bytes()) else { return false };
    let Some(field) = segment.fields.iter().find(|row| usize::from(row.at) == field) else { return false };
    match field.how {
        How::Gone => false,
        How::Leaf(rule) => prose(rule) || component == 1 && part == 1 && words(rule),
        How::Of(parts) | How::With(parts, _) => match within(parts.parts, component).map(|row| row.how) {
            Some(PartHow::Leaf(rule)) => prose(rule) || part == 1 && words(rule),
            Some(PartHow::Of(inner)) => {
                matches!(within(inner.parts, part).map(|row| row.how), Some(PartHow::Leaf(rule)) if words(rule))
            }
            None => false,
        },
        // OBX-2 is TX here.
        How::Observed => true,
    }
}

/// What [`visit`] hands out: tag, VR, value.
type Each<'e> = dyn FnMut((u16, u16), &str, &str) + 'e;

/// Every value of an object as text.
fn visit(object: &InMemDicomObject, each: &mut Each) {
    for element in object {
        let tag = element.header().tag;
        let tag = (tag.group(), tag.element());
        match element.items() {
            Some(items) => items.iter().for_each(|item| visit(item, each)),
            None => {
                let vr = element.vr().to_string().to_owned();
                let text = match element.to_bytes() {
                    Ok(bytes) if tag.0 != 0x7FE0 => String::from_utf8_lossy(&bytes).into_owned(),
                    _ => String::new(),
                };
                each(tag, &vr, &text);
            }
        }
    }
}
