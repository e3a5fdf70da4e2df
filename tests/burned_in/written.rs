//! Files that `voxmill deid` writes after masking: every transfer syntax that it writes, what is outside the boxes sample by
//! sample, what the file says about itself, and files that stay as they are. Samples are a ramp that the tests compute.

use super::archive::{corpus, files, key, run, voxmill};
use super::dicom_files::{
    BIG, DEFLATED, ENCAPSULATED, EXPLICIT, Element, IMPLICIT, Spec, Style, Value, text, us, write,
};
use super::finder;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use voxmill::deid::identity::{Identity, Issuers, Shares};
use voxmill::deid::key::Key;
use voxmill::model::InputId;
use voxmill::read::dicom;
use voxmill::write::encode::{Picture, jpeg_lossless, jpeg_ls, jpeg2000, rle};

const DEFLATED_FRAME: &str = "1.2.840.10008.1.2.8.1";
const RLE: &str = "1.2.840.10008.1.2.5";
const JPEG_57: &str = "1.2.840.10008.1.2.4.57";
const JPEG_70: &str = "1.2.840.10008.1.2.4.70";
const JPEG_LS: &str = "1.2.840.10008.1.2.4.80";
const NEAR: &str = "1.2.840.10008.1.2.4.81";
const J2K: &str = "1.2.840.10008.1.2.4.90";
const J2K_LOSSY: &str = "1.2.840.10008.1.2.4.91";

const ROWS: u16 = 16;
const COLUMNS: u16 = 21;
const FRAMES: usize = 3;
/// x, y, w, h.
const BOX: [usize; 4] = [3, 2, 9, 5];
/// One box for everything, and nobody looks.
const RULE: &str = "[burned_in]\ndetector = false\nstatic_overlay = false\nsecondary_capture = 'search'\n\
                    [[mask]]\nboxes = [{ x = 3, y = 2, w = 9, h = 5 }]\n";

/// How samples lie: bits allocated and stored, whether signed, samples of a pixel.
#[derive(Clone, Copy, PartialEq)]
struct Kind {
    allocated: u16,
    stored: u16,
    signed: bool,
    samples: u16,
    photometric: &'static str,
}

const fn kind(allocated: u16, stored: u16, signed: bool, samples: u16, photometric: &'static str) -> Kind {
    Kind { allocated, stored, signed, samples, photometric }
}

const GREY: Kind = kind(16, 12, false, 1, "MONOCHROME2");
const SIGNED: Kind = kind(16, 12, true, 1, "MONOCHROME2");
const TURNED: Kind = kind(16, 8, false, 1, "MONOCHROME1");
const SMALL: Kind = kind(8, 8, false, 1, "MONOCHROME2");
const WIDE: Kind = kind(32, 20, false, 1, "MONOCHROME2");
const COLOUR: Kind = kind(8, 8, false, 3, "RGB");
const LUMA: Kind = kind(8, 8, false, 3, "YBR_FULL");
const KINDS: [Kind; 7] = [GREY, SIGNED, TURNED, SMALL, WIDE, COLOUR, LUMA];

/// Samples of all frames: a ramp over the whole range, other in each frame and channel.
fn ramp(kind: Kind) -> Vec<i64> {
    let (all, steps) = (usize::from(ROWS) * usize::from(COLUMNS), 1i64 << kind.stored);
    let low = if kind.signed { -steps / 2 } else { 0 };
    let sample = |at: usize| low + (at as i64 * 7919 + at as i64 / all as i64 * 31) % steps;
    (0..all * usize::from(kind.samples) * FRAMES).map(sample).collect()
}

fn bytes(samples: &[i64], width: u16) -> Vec<u8> {
    samples.iter().flat_map(|sample| sample.to_le_bytes().into_iter().take(usize::from(width) / 8)).collect()
}

/// The streams of all frames as they lie in a file of the syntax; `None` if it has no such kind.
fn streams(syntax: &str, kind: Kind, frames: &[u8]) -> Option<Vec<Vec<u8>>> {
    let frame = frames.len() / FRAMES;
    let encode = |pixels: &[u8]| {
        let picture = |bits: u16| Picture {
            rows: ROWS.into(),
            columns: COLUMNS.into(),
            samples: kind.samples as u8,
            bits_stored: bits as u8,
            bytes: pixels,
        };
        let fits = kind.stored <= 16 && (kind.stored > 8) == (kind.allocated > 8);
        Some(match syntax {
            ENCAPSULATED => pixels.to_vec(),
            DEFLATED_FRAME => {
                let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
                encoder.write_all(pixels).unwrap();
                encoder.finish().unwrap()
            }
            RLE => rle::encode(&picture(kind.allocated)).unwrap(),
            JPEG_57 | JPEG_70 if fits => jpeg_lossless::encode(&picture(kind.stored)).unwrap(),
            JPEG_LS | NEAR if fits => jpeg_ls::encode(&picture(kind.stored), jpeg_ls::Interleave::Line).unwrap(),
            J2K if fits && kind != LUMA => jpeg2000::encode(&picture(kind.stored), kind.signed).unwrap(),
            J2K_LOSSY if fits && kind != LUMA => {
                jpeg2000::encode_lossy(&picture(kind.stored), kind.signed, 4.0).unwrap()
            }
            _ => return None,
        })
    };
    frames.chunks(frame).map(encode).collect()
}

/// A file of a kind in a syntax.
fn source(syntax: &'static str, kind: Kind) -> Option<Vec<u8>> {
    let samples = bytes(&ramp(kind), kind.allocated);
    let native = [EXPLICIT, IMPLICIT, BIG, DEFLATED].contains(&syntax);
    let pixels: Element = match native {
        true if kind.allocated == 16 => {
            let words = samples.chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
            (0x7FE0_0010, "OW", Value::Words(words))
        }
        // Longs in big endian are nobody's to write.
        true if kind.allocated == 32 && syntax == BIG => return None,
        true if kind.allocated == 8 && syntax != BIG => (0x7FE0_0010, "OW", Value::Bytes(samples)),
        true => (0x7FE0_0010, if kind.allocated == 8 { "OB" } else { "OW" }, Value::Bytes(samples)),
        false => {
            let mut items = vec![Vec::new()];
            for mut stream in streams(syntax, kind, &samples)? {
                stream.resize(stream.len().next_multiple_of(2), 0);
                items.push(stream);
            }
            (0x7FE0_0010, "OB", Value::Fragments(items))
        }
    };
    let told = if kind.samples == 3 && syntax.starts_with(J2K) { "YBR_RCT" } else { kind.photometric };
    let told = if kind.samples == 3 && syntax == J2K_LOSSY { "YBR_ICT" } else { told };
    let mut spec = Spec {
        rows: ROWS,
        columns: COLUMNS,
        samples: kind.samples,
        photometric: told,
        planar: (kind.samples == 3).then_some(0),
        frames: Some("3"),
        allocated: kind.allocated,
        stored: kind.stored,
        high: kind.stored - 1,
        signed: kind.signed.into(),
        pixels,
        extra: Vec::new(),
    };
    spec = spec.with(text(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.3.1"));
    spec = spec.with(text(0x0010_0010, "PN", "QWERTYIA^ANNABEL")).with(text(0x0028_0301, "CS", "YES"));
    if syntax != DEFLATED {
        return Some(spec.file(syntax));
    }
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&write(&spec.elements(), Style::of(EXPLICIT))).unwrap();
    Some([super::dicom_files::file(DEFLATED, &[]), encoder.finish().unwrap()].concat())
}

/// What became of each of these inputs, by name: the new file, or the reason why there is none.
fn deid(inputs: &BTreeMap<String, Vec<u8>>, recipe: &str, code: i32) -> BTreeMap<String, Result<Vec<u8>, String>> {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("in");
    std::fs::create_dir(&archive).unwrap();
    for (name, bytes) in inputs {
        std::fs::write(archive.join(name), bytes).unwrap();
    }
    let file = folder.path().join("recipe.toml");
    std::fs::write(&file, recipe).unwrap();
    let (key, out) = (key(folder.path()), folder.path().join("out"));
    let mut command = voxmill();
    command.arg("deid").arg(&archive).arg("--out").arg(&out).arg("--key-file").arg(&key).arg("--recipe").arg(&file);
    run(command.args(["--engine", "cpu"]), code);
    outcomes(&out, &key)
}

fn outcomes(out: &Path, key: &Path) -> BTreeMap<String, Result<Vec<u8>, String>> {
    let shares = Shares { train: 0.8, validation: 0.1 };
    let identity = Identity::new(Key::parse(&std::fs::read(key).unwrap()).unwrap(), Issuers::Merge, shares);
    let new: BTreeMap<String, PathBuf> = files(out)
        .into_keys()
        .filter(|name| name.ends_with(".dcm"))
        .map(|name| (name[name.len() - 12..name.len() - 4].to_owned(), out.join(name)))
        .collect();
    let private = out.with_extension("private").join("inputs.csv");
    let mut found = BTreeMap::new();
    for line in std::fs::read_to_string(private).unwrap().lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let name = fields[1].rsplit('/').next().unwrap().to_owned();
        let suffix = identity.tensor_id(fields[2], InputId(fields[0].parse().unwrap()), 0);
        let outcome = match fields[4] {
            "written" => Ok(std::fs::read(&new[&suffix[..8]]).unwrap()),
            _ => Err(fields[5].to_owned()),
        };
        found.insert(name, outcome);
    }
    assert_eq!(found.values().filter(|outcome| outcome.is_ok()).count(), new.len());
    found
}

/// The samples of every frame as numbers.
fn samples(bytes: &[u8]) -> Vec<i64> {
    let image = dicom::open(bytes.to_vec()).unwrap().image.unwrap();
    let sample_type = image.sample_type();
    let number = |cell: &[u8]| {
        let value = cell.iter().rev().fold(0i64, |value, byte| value << 8 | i64::from(*byte));
        let unused = 64 - 8 * cell.len() as u32;
        if sample_type.signed() { value << unused >> unused } else { value }
    };
    let frame = |frame| image.decode(frame).unwrap().into_bytes();
    (0..image.frames()).flat_map(frame).collect::<Vec<u8>>().chunks(sample_type.bytes()).map(number).collect()
}

/// Whether a sample of an array of frames lies under the box.
fn under(at: usize, kind: Kind) -> bool {
    let (columns, rows) = (usize::from(COLUMNS), usize::from(ROWS));
    let pixel = at / usize::from(kind.samples);
    let (x, y) = (pixel % columns, pixel / columns % rows);
    (BOX[0]..BOX[0] + BOX[2]).contains(&x) && (BOX[1]..BOX[1] + BOX[3]).contains(&y)
}

/// The text of an attribute of the file: explicit and implicit little endian alike.
fn said(bytes: &[u8], group: u16, element: u16) -> String {
    let head = [group.to_le_bytes(), element.to_le_bytes()].concat();
    let Some(at) = bytes.windows(4).position(|window| window == head) else { return String::new() };
    let explicit = bytes[at + 4].is_ascii_uppercase();
    let size = if explicit { &bytes[at + 6..at + 8] } else { &bytes[at + 4..at + 8] };
    let size = size.iter().rev().fold(0, |size, byte| size << 8 | usize::from(*byte));
    String::from_utf8_lossy(&bytes[at + 8..at + 8 + size]).trim_end_matches([' ', '\0']).to_owned()
}

/// Explicit and implicit data sets in the clear, whatever the transfer syntax.
fn clear(bytes: &[u8]) -> Vec<u8> {
    if said(bytes, 2, 0x10) != DEFLATED {
        return bytes.to_vec();
    }
    let start = 144 + usize::try_from(u32::from_le_bytes(bytes[140..144].try_into().unwrap())).unwrap();
    let mut clear = bytes[..start].to_vec();
    std::io::Read::read_to_end(&mut flate2::read::DeflateDecoder::new(&bytes[start..]), &mut clear).unwrap();
    clear
}

/// The syntax in which a masked file is written: what is retired or can lose something becomes native.
fn written_in(syntax: &'static str) -> &'static str {
    match syntax {
        BIG | NEAR | J2K_LOSSY => EXPLICIT,
        own => own,
    }
}

#[test]
fn masked_files_of_every_syntax_keep_every_sample_beside_the_boxes() {
    let syntaxes = [
        EXPLICIT,
        IMPLICIT,
        BIG,
        DEFLATED,
        ENCAPSULATED,
        DEFLATED_FRAME,
        RLE,
        JPEG_57,
        JPEG_70,
        JPEG_LS,
        NEAR,
        J2K,
        J2K_LOSSY,
    ];
    let mut cases = BTreeMap::new();
    let mut inputs = BTreeMap::new();
    for syntax in syntaxes {
        for kind in KINDS {
            if let Some(file) = source(syntax, kind) {
                let name = format!("case{:03}", inputs.len());
                cases.insert(name.clone(), (syntax, kind));
                inputs.insert(name, file);
            }
        }
    }
    // 7 kinds in 6 syntaxes, 6 in big endian, and without 20 bits and 8 in 16: 5 in five syntaxes, 4 without YBR_FULL in two.
    assert_eq!(inputs.len(), 7 * 6 + 6 + 5 * 4 + 4 * 2);
    let outcomes = deid(&inputs, RULE, 0);
    // For tests/masked_check.py, which reads them with pydicom.
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("masked");
    let _ = std::fs::remove_dir_all(&kept);
    std::fs::create_dir_all(&kept).unwrap();
    for (name, outcome) in &outcomes {
        std::fs::write(kept.join(format!("{name}.old.dcm")), &inputs[name]).unwrap();
        std::fs::write(kept.join(format!("{name}.new.dcm")), outcome.as_ref().unwrap()).unwrap();
    }
    for (name, (syntax, kind)) in &cases {
        let (kind, what) = (*kind, format!("{name} {syntax} {}/{} {}", kind.allocated, kind.stored, kind.photometric));
        let new = outcomes[name].as_ref().unwrap_or_else(|reason| panic!("{what}: {reason}"));
        assert_eq!(said(new, 2, 0x10), written_in(syntax), "{what}");
        let lossy = *syntax == J2K_LOSSY;
        let (before, after) = (if lossy { samples(&inputs[name]) } else { ramp(kind) }, samples(new));
        assert_eq!(before.len(), after.len(), "{what}");
        let mut inside = 0;
        for (at, (old, new)) in before.iter().zip(&after).enumerate() {
            if under(at, kind) {
                inside += 1;
                let frame = before.len() / FRAMES;
                // The first pixel under the box in the same frame: (2 * 21 + 3) pixels from its beginning.
                let first = at / frame * frame + 45 * usize::from(kind.samples) + at % usize::from(kind.samples);
                assert_eq!(*new, after[first], "{what}: under the box at {at}");
            } else {
                assert_eq!(old, new, "{what}: beside the box at {at}");
            }
        }
        assert_eq!(inside, 9 * 5 * FRAMES * usize::from(kind.samples), "{what}");
        let clear = clear(new);
        assert!(!clear.windows(8).any(|w| w == b"QWERTYIA"));
        // Blanked by a rule, and nobody looked: the file goes on saying what its maker said.
        assert_eq!(said(&clear, 0x28, 0x301), "YES", "{what}");
        assert!(!clear.windows(6).any(|w| w == b"113101"), "{what}");
        assert!(said(&clear, 0x12, 0x63).ends_with("burned-in text: masked-not-searched"), "{what}");
        assert_eq!(said(&clear, 0x28, 0x2110), if lossy { "01" } else { "" }, "{what}");
        assert_eq!(said(&clear, 0x28, 0x2114), if lossy { "ISO_15444_1" } else { "" }, "{what}");
        fragments(new, &what);
    }
}

/// The Basic Offset Table has an entry for each frame, and each leads to an item.
fn fragments(bytes: &[u8], what: &str) {
    let head = [0xE0, 0x7F, 0x10, 0x00, b'O', b'B', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF];
    let Some(at) = bytes.windows(12).position(|window| window == head) else { return };
    let number = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    assert_eq!((number(at + 12), number(at + 16)), (0xE000_FFFE, 4 * FRAMES), "{what}");
    let first = at + 20 + 4 * FRAMES;
    let mut place = first;
    for frame in 0..FRAMES {
        assert_eq!((number(at + 20 + 4 * frame), number(place)), (place - first, 0xE000_FFFE), "{what}");
        assert_eq!(number(place + 4) % 2, 0, "{what}");
        place += 8 + number(place + 4);
    }
    assert_eq!((number(place), number(place + 4), place + 8), (0xE0DD_FFFE, 0, bytes.len()), "{what}");
}

#[test]
fn text_is_found_blanked_in_all_frames_and_the_file_says_so() {
    let plain = vec![finder::picture(); 2];
    let mut named = plain.clone();
    finder::write(&mut named[1], "JOHN DOE", 40, 90, 2000);
    let mut inputs = BTreeMap::from([
        ("plain".to_owned(), finder::file(&plain, None)),
        ("named".to_owned(), finder::file(&named, None)),
        // A file with more bytes than frames: what nobody looked at does not leave.
        ("longer".to_owned(), finder::file(&plain, None)),
        // A ramp of 12 x 20 holds no line of text, whatever it looks like.
        ("small".to_owned(), {
            let spec = Spec::grey(12, 20, &(0..240).map(|at| at * 17).collect::<Vec<_>>());
            spec.with(text(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.3.1")).file(EXPLICIT)
        }),
        // A structured report has no pixels, and nobody says anything about them.
        ("report".to_owned(), {
            let elements = [text(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.88.11"), text(0x0008_0060, "CS", "SR")];
            super::dicom_files::file(EXPLICIT, &elements)
        }),
        // Pixels that nobody can decode are not passed on.
        ("broken".to_owned(), {
            let mut spec = Spec::grey(200, 320, &[]).with(text(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.3.1"));
            spec.pixels = (0x7FE0_0010, "OB", Value::Fragments(vec![Vec::new(), vec![0xFF, 0xD8, 0xFF, 0xD9]]));
            spec.file(JPEG_LS)
        }),
    ]);
    let longer = inputs.get_mut("longer").unwrap();
    let head = [0xE0, 0x7F, 0x10, 0x00, b'O', b'W', 0, 0];
    let at = longer.windows(8).position(|window| window == head).unwrap() + 8;
    let size = u32::from_le_bytes(longer[at..at + 4].try_into().unwrap()) + 64;
    longer[at..at + 4].copy_from_slice(&size.to_le_bytes());
    longer.extend([0x77; 64]);

    let outcomes = deid(&inputs, "[deid]\noptions = ['clean-pixel-data']", 1);
    let value = |file: &[u8]| file[file.windows(8).position(|w| w == head).unwrap() + 12..].to_vec();
    let mut seen = 0;
    for (name, outcome) in &outcomes {
        let Ok(new) = outcome else {
            assert_eq!((name.as_str(), outcome.as_ref().err().unwrap().as_str()), ("broken", "truncated"));
            continue;
        };
        seen += 1;
        let image = name != "report";
        // In a frame of 8 x 8 no line of text fits: nobody looked, and nothing is said.
        let looked = image && name != "small";
        assert_eq!(said(new, 0x28, 0x301), if looked { "NO" } else { "" }, "{name}");
        assert_eq!(new.windows(6).any(|w| w == b"113101"), looked, "{name}");
        let word = match name.as_str() {
            "small" => "not-searched",
            "named" => "masked",
            "report" => "retain-modified-dates",
            _ => "none-found",
        };
        assert!(said(new, 0x12, 0x63).ends_with(word), "{name}: {}", said(new, 0x12, 0x63));
        match name.as_str() {
            "plain" | "small" => assert!(value(new) == value(&inputs[name]), "the pixels of {name} stay byte for byte"),
            "longer" => assert!(value(new) == value(&inputs["plain"]), "only the frames of {name} stay"),
            _ => {}
        }
    }
    assert_eq!(seen, 5);
    let (old, new) = (samples(&inputs["named"]), samples(outcomes["named"].as_ref().unwrap()));
    let changed: Vec<usize> = (0..old.len()).filter(|at| old[*at] != new[*at]).collect();
    // "JOHN DOE" at (40, 90) is 94 x 14 pixels; boxes are grown by three and lie in both frames.
    let near = |at: &usize| (20..160).contains(&(at % 320)) && (75..120).contains(&(at / 320 % 200));
    assert!(changed.iter().all(near) && changed.len() > 2 * 94 * 14 / 2, "{} changed", changed.len());
    for frame in 0..2 {
        for (x, y) in (40..134).flat_map(|x| (90..104).map(move |y| (x, y))) {
            assert_eq!(new[frame * 64_000 + y * 320 + x], 400, "the darkest of the frame, at {x}, {y}");
        }
    }
}

#[test]
fn pixels_are_searched_if_the_option_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut named = vec![finder::picture()];
    finder::write(&mut named[0], "JOHN DOE", 40, 90, 2000);
    std::fs::write(folder.path().join("named"), finder::file(&named, None)).unwrap();
    let (key, old) = (key(folder.path()), samples(&finder::file(&named, None)));
    for (flag, word, same) in [(None, "not-searched", true), (Some("--clean-pixel-data"), "masked", false)] {
        let out = folder.path().join(word);
        let mut command = voxmill();
        command.arg("deid").arg(folder.path().join("named")).arg("--out").arg(&out).arg("--key-file").arg(&key);
        let output = run(command.args(["--engine", "cpu"]).args(flag), 0);
        let warned = String::from_utf8_lossy(&output.stderr).contains("NOT searched for burned-in text");
        assert_eq!(warned, same, "who did not ask is told");
        let new = outcomes(&out, &key).into_values().next().unwrap().unwrap();
        assert_eq!(samples(&new) == old, same, "{word}");
        assert!(said(&new, 0x12, 0x63).ends_with(&format!("burned-in text: {word}")), "{word}");
    }
}

#[test]
fn overlays_in_unused_bits_go_and_nothing_else_changes() {
    let drawn: Vec<u16> = (0..336u16).map(|at| (at * 12) | ((at % 3) << 13)).collect();
    let clean: Vec<i64> = (0..336).map(|at| at * 12).collect();
    let bytes: Vec<u8> = drawn.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    let picture = Picture { rows: 16, columns: 21, samples: 1, bits_stored: 16, bytes: &bytes };
    let mut inputs = BTreeMap::new();
    for (name, syntax, pixels) in [
        ("native", EXPLICIT, (0x7FE0_0010, "OW", Value::Words(drawn.clone()))),
        ("rle", RLE, (0x7FE0_0010, "OB", Value::Fragments(vec![Vec::new(), rle::encode(&picture).unwrap()]))),
    ] {
        let spec = Spec { stored: 12, high: 11, pixels, ..Spec::grey(16, 21, &[]) };
        let spec = spec.with(us(0x6000_0100, 16)).with(us(0x6000_0102, 13)).with(us(0x6000_0010, 16));
        inputs.insert(name.to_owned(), spec.with(text(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.3.1")).file(syntax));
    }
    let outcomes = deid(&inputs, "[burned_in]\ndetector = false", 0);
    for (name, outcome) in &outcomes {
        let new = outcome.as_ref().unwrap();
        assert_eq!(samples(new), clean, "{name}");
        assert!(said(new, 0x12, 0x63).ends_with("burned-in text: not-searched"), "{name}");
        let value: Vec<u8> = clean.iter().flat_map(|sample| (*sample as u16).to_le_bytes()).collect();
        assert!(name != "native" || new.ends_with(&value), "the words themselves are without the overlay");
    }
    assert_eq!(outcomes.len(), 2);
}

#[test]
fn a_real_screen_is_written_without_its_names() {
    let Some(corpus) = corpus() else { return };
    let name = "pydicom-data/gdcm-US-ALOKA-16.dcm";
    let inputs = BTreeMap::from([("aloka".to_owned(), std::fs::read(corpus.join("dicom").join(name)).unwrap())]);
    let new = &deid(&inputs, "[deid]\noptions = ['clean-pixel-data']", 0)["aloka"];
    let new = new.as_ref().unwrap();
    // A palette of 16 bits: lines of docs/BURNEDIN.md, read by eye, hold one value each.
    let (image, all) = (dicom::open(new.clone()).unwrap().image.unwrap(), samples(new));
    for [x, y, w, h] in [[179, 0, 70, 11], [549, 0, 86, 12], [540, 13, 94, 11]] {
        let columns = image.columns() as usize;
        let line = |y: usize| &all[y * columns + x..y * columns + x + w];
        assert!((y..y + h).all(|y| line(y).iter().all(|sample| *sample == line(y)[0])), "{x}, {y}");
    }
    assert_eq!(said(new, 0x28, 0x301), "NO");
}
