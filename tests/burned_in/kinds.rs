//! Kinds of images that are text by nature.

use super::archive::{corpus, key, run, voxmill};
use super::dicom_files::{EXPLICIT, Spec, text};
use super::{loaded, mask};
use std::collections::BTreeMap;
use voxmill::recipe::Recipe;

#[test]
fn real_secondary_captures_and_dose_pages_are_refused_by_their_kind() {
    let Some(corpus) = corpus() else { return };
    let recipe = Recipe::default();
    let mut kinds: BTreeMap<&str, u32> = BTreeMap::new();
    let mut images = 0;
    let list = std::fs::read_to_string(corpus.join("expected.csv")).unwrap();
    for line in list.lines().skip(1).filter(|line| line.split(',').nth(1) == Some("OK")) {
        images += 1;
        let file = loaded(std::fs::read(corpus.join(line.split(',').next().unwrap())).unwrap());
        let word = file.accept(&recipe).err().map_or("taken", |fault| fault.reason.code());
        *kinds.entry(word).or_default() += 1;
    }
    // Counted with pydicom over the same 343 files: SOP class 1.2.840.10008.5.1.4.1.1.7, and ImageType DOSE_INFO or
    // PATIENT_INFO.
    let expected = BTreeMap::from([("dose-report", 2), ("secondary-capture", SECONDARY), ("taken", 341 - SECONDARY)]);
    assert_eq!((images, kinds), (343, expected));
}

/// Secondary captures among them.
const SECONDARY: u32 = 120;

#[test]
fn a_refused_kind_is_a_row_of_the_rejects_and_no_tensor() {
    let folder = tempfile::tempdir().unwrap();
    let (input, out) = (folder.path().join("in"), folder.path().join("out"));
    std::fs::create_dir(&input).unwrap();
    // `Spec` makes secondary captures; the second file is a page of doses that says it is a CT.
    let page = Spec::bytes(8, 8, &[9; 64]);
    std::fs::write(input.join("a.dcm"), page.file(EXPLICIT)).unwrap();
    let dose = page.with(text(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.2")).with(text(
        0x0008_0008,
        "CS",
        "DERIVED\\SECONDARY\\DOSE_INFO",
    ));
    std::fs::write(input.join("b.dcm"), dose.file(EXPLICIT)).unwrap();
    let mut command = voxmill();
    command.args(["prepare", "--engine", "cpu", "--json", "--key-file"]).arg(key(folder.path()));
    let output = run(command.arg(&input).arg("--out").arg(&out), 1);
    let talk = String::from_utf8(output.stdout).unwrap();
    let reasons: Vec<String> = talk
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .filter(|event| event["event"] == "refused")
        .map(|event| format!("{} {}", event["reason"].as_str().unwrap(), event["place"].as_str().unwrap()))
        .collect();
    assert_eq!(reasons, ["secondary-capture SOPClassUID", "dose-report ImageType"]);
    run(voxmill().arg("verify").arg(&out), 0);

    // `mask` shows them all the same, and says what becomes of them.
    let word = |recipe: &str| -> Vec<serde_json::Value> {
        mask(&input, recipe, 0).into_iter().map(|line| line["refused"].clone()).collect()
    };
    assert_eq!(word(""), ["secondary-capture", "dose-report"]);
    assert_eq!(
        word("[burned_in]\nsecondary_capture = 'search'\ndose_report = 'search'"),
        [(), ()].map(|()| serde_json::Value::Null)
    );
}
