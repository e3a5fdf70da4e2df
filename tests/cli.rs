//! Exit codes, streams and the small commands.

mod archive;

use archive::{Picture, corpus, ct, key, run, voxmill};
use std::process::Stdio;

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn help_and_tables_go_to_stdout() {
    for arguments in [&["--help"][..], &["prepare", "--help"], &["recipe"], &["rules"], &["--version"]] {
        let output = run(voxmill().args(arguments), 0);
        assert!(!output.stdout.is_empty() && output.stderr.is_empty(), "{arguments:?}");
    }
    let rules = text(&run(voxmill().arg("rules"), 0).stdout);
    for word in ["too-deep", "webdataset", "lung", "message_ordinal", "tensor_id"] {
        assert!(rules.contains(word), "{word}");
    }
    let devices = text(&run(voxmill().arg("devices"), 0).stdout);
    assert!(devices.starts_with("cpu"), "{devices}");
}

#[test]
fn wrong_words_are_answered_with_two() {
    for arguments in
        [&["prepare"][..], &["prepare", "x", "--out", "y", "--shard", "3/3"], &["dance"], &["recipe", "--preset", "x"]]
    {
        run(voxmill().args(arguments), 2);
    }
}

#[test]
fn a_closed_pipe_is_a_normal_end() {
    let mut child = voxmill().arg("rules").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty(), "{}", text(&output.stderr));
}

#[test]
fn scores_search_pixels_for_text_only_if_a_recipe_asks() {
    let folder = tempfile::tempdir().unwrap();
    archive::make(&folder.path().join("in"), 1, 2, 64);
    let recipe = folder.path().join("r.toml");
    std::fs::write(&recipe, "frames = \"all\"\n").unwrap();
    for (out, asked) in [("without", false), ("with", true)] {
        let mut command = voxmill();
        command.arg("score").arg(folder.path().join("in")).arg("--out").arg(folder.path().join(out));
        if asked {
            command.arg("--recipe").arg(&recipe);
        }
        run(command.args(["--engine", "cpu"]), 0);
        let card = std::fs::read_to_string(folder.path().join(out).join("dataset.json")).unwrap();
        let card: serde_json::Value = serde_json::from_str(&card).unwrap();
        let said = format!("detector = {asked}");
        assert!(card["recipe"].as_str().unwrap().lines().any(|line| line == said), "{}", card["recipe"]);
    }
}

#[test]
fn output_that_is_lost_is_said() {
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = voxmill().arg("rules").stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("standard output"));
}

#[test]
fn requests_that_make_no_sense_leave_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, ct(&Picture { patient: "M", name: "N", number: 0, rows: 4, columns: 5 })).unwrap();
    let empty = folder.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    run(voxmill().arg("prepare").arg(&file).arg("--out").arg(&file), 2);
    run(voxmill().arg("prepare").arg(&empty).arg("--out").arg(folder.path().join("o")), 2);
    run(voxmill().arg("prepare").arg(&file).args(["--jobs", "100000", "--out"]).arg(folder.path().join("o")), 2);
    run(voxmill().arg("prepare").arg(&file).args(["--software-gpu", "--out"]).arg(folder.path().join("o")), 2);
    // A folder that holds something else gets no private folder and no key beside it.
    std::fs::write(empty.join("mine"), "x").unwrap();
    run(voxmill().arg("prepare").arg(&file).arg("--out").arg(&empty), 2);
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn a_report_tells_times_with_or_without_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let (archive, set) = (folder.path().join("archive"), folder.path().join("set"));
    archive::make(&archive, 1, 1, 16);
    run(voxmill().arg("prepare").arg(&archive).arg("--out").arg(&set).args(["--engine", "cpu"]), 0);
    let page = || std::fs::read_to_string(set.join("report/index.html")).unwrap();
    let without = page();
    run(voxmill().arg("report").arg(&set).arg("--times"), 0);
    let with = page();
    assert_ne!(with, without);
    let private = format!("--times={}", folder.path().join("set.private").display());
    run(voxmill().args(["report", &private]).arg(&set), 0);
    assert_eq!(page(), with);
    run(voxmill().arg("report").arg(&set), 0);
    assert_eq!(page(), without);
}

#[test]
fn decode_gives_what_numpy_expects_at_every_stage() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ct.dcm");
    std::fs::write(&file, ct(&Picture { patient: "M", name: "N", number: 0, rows: 4, columns: 5 })).unwrap();
    let decode = |stage: &str| {
        let out = folder.path().join(format!("{stage}.npy"));
        run(voxmill().arg("decode").arg(&file).arg("--out").arg(&out).args(["--stage", stage, "--engine", "cpu"]), 0);
        let bytes = std::fs::read(out).unwrap();
        let end = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
        (text(&bytes[10..end]), bytes[end..].to_vec())
    };
    // The pixel at row 1, column 4: stored 900 + 4*3 + 1*5 = 917; minus 1024 is -107 HU.
    let (header, data) = decode("stored");
    assert!(header.contains("'<u2'") && header.contains("(4, 5)"), "{header}");
    assert_eq!(u16::from_le_bytes([data[18], data[19]]), 917);
    let (header, data) = decode("modality");
    assert!(header.contains("'<f8'"), "{header}");
    assert_eq!(f64::from_le_bytes(data[72..80].try_into().unwrap()), -107.0);
    // Window 40/400 over 16 unsigned bits, PS3.3 C.11.2.1.2.1. The output range in modality units is -1024 to 64511:
    // ((-107 - 39.5) / 399 + 0.5) * 65535 - 1024 = 7681.2...
    let (header, data) = decode("display");
    assert!(header.contains("'<f8'") && header.contains("(4, 5)"), "{header}");
    let value = f64::from_le_bytes(data[72..80].try_into().unwrap());
    assert!((value - (((-107.0 - 39.5) / 399.0 + 0.5) * 65535.0 - 1024.0)).abs() < 1e-6, "{value}");
    let (header, data) = decode("tensor");
    assert!(header.contains("(1, 224, 224)") && data.len() == 224 * 224 * 4, "{header}");
}

#[test]
fn mask_reports_boxes_and_blanks_the_picture() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ct.dcm");
    std::fs::write(&file, ct(&Picture { patient: "M", name: "N", number: 0, rows: 20, columns: 30 })).unwrap();
    let recipe = folder.path().join("recipe.toml");
    std::fs::write(&recipe, "[burned_in]\ndetector=false\n[[mask]]\nmodality='CT'\nboxes=[{x=0,y=0,w=10,h=5}]\n")
        .unwrap();
    let png = folder.path().join("png");
    let mut command = voxmill();
    command.arg("mask").arg(&file).arg("--json").arg("--recipe").arg(&recipe).arg("--png").arg(&png);
    let event: serde_json::Value = serde_json::from_slice(&run(&mut command, 0).stdout).unwrap();
    assert_eq!(
        event["boxes"],
        serde_json::json!([{ "x": 0, "y": 0, "w": 10, "h": 5, "reason": "rule", "score": null }])
    );
    assert_eq!(
        (&event["burned_in"], &event["left"]),
        (&serde_json::json!("masked-not-searched"), &serde_json::json!([]))
    );
    let picture = image::open(png.join("input-0000000-frame-00000.png")).unwrap().to_luma8();
    assert_eq!(picture.dimensions(), (30, 20));
    let dark = picture.enumerate_pixels().filter(|(x, y, p)| *x < 10 && *y < 5 && p.0[0] == 0).count();
    assert_eq!(dark, 50);
    assert!(picture.enumerate_pixels().any(|(x, y, p)| (x >= 10 || y >= 5) && p.0[0] > 0));
}

#[test]
fn inspect_says_what_a_file_is_without_its_values() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x");
    std::fs::write(&file, ct(&Picture { patient: "MRN4711", name: "DOE^JANE", number: 0, rows: 4, columns: 5 }))
        .unwrap();
    let said = text(&run(voxmill().arg("inspect").arg(&file), 0).stdout);
    assert!(said.contains("kind\tdicom") && said.contains("rows\t4"), "{said}");
    assert!(!said.contains("DOE") && !said.contains("4711"), "{said}");
    // PS3.15 Table E.1-1: PatientName Z, StudyDate Z/D shifted by the option, SOPInstanceUID U; Modality is not in it.
    for line in [
        "prepare\t1 x 1 x 224 x 224 <f4",
        "deid\tBasic Profile retain-modified-dates",
        "deid\t0008,0018 SOPInstanceUID\treplaced",
        "deid\t0008,0020 StudyDate\treplaced",
        "deid\t0008,0060 Modality\tkept",
        "deid\t0010,0010 PatientName\treplaced",
        "deid\t0012,0062 PatientIdentityRemoved\tadded",
        "deid\t7FE0,0010 PixelData\tkept",
    ] {
        assert!(said.lines().any(|said| said == line), "{line}\n{said}");
    }
    let recipe = folder.path().join("recipe.toml");
    std::fs::write(&recipe, "schema = 1\n[image]\nsize = [16, 32]\n[deid]\npreset = 'strict'\n").unwrap();
    let said = text(&run(voxmill().arg("inspect").arg(&file).arg("--recipe").arg(&recipe), 0).stdout);
    for line in
        ["prepare\t1 x 1 x 16 x 32 <f4", "deid\tBasic Profile without options", "deid\t0008,0020 StudyDate\temptied"]
    {
        assert!(said.lines().any(|said| said == line), "{line}\n{said}");
    }
}

#[test]
fn inspect_says_what_leaves_of_a_message() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x");
    let message = "MSH|^~\\&|LAB|HOSPITAL|||20240102030405||ORU^R01^ORU_R01|77|P|2.5.1\r\
        PID|1||4711^^^HOSPITAL^MR||DOE^JANE||19700102|F|||1 MAIN ST^^TOWN^OH^44101\r\
        DOE|JANE|4711\r\
        OBX|1|NM|2345-7^Glucose^LN||99|mg/dL|||||F\r\
        OBX|2|NM|2823-3^Potassium^LN||4.1|mmol/L|||||F\r";
    std::fs::write(&file, message).unwrap();
    let said = text(&run(voxmill().arg("inspect").arg(&file), 0).stdout);
    for line in [
        "messages\t1",
        "prepare\thl7/observations\t2 rows",
        "deid\tPID-3.1\treplaced",
        "deid\tPID-5\tremoved",
        "deid\tPID-7\treplaced",
        "deid\tPID-8\tkept",
        "deid\tPID-11.4\tkept",
        "deid\tPID-11.5\treplaced",
        "deid\tOBX-5\tkept 2",
        "deid\tsegments that are not listed\tremoved",
    ] {
        assert!(said.lines().any(|said| said == line), "{line}\n{said}");
    }
    assert!(!said.contains("DOE") && !said.contains("4711") && !said.contains("JANE"), "{said}");
}

#[test]
fn rules_and_mappings_of_ones_own_are_those_of_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("x"), ct(&Picture { patient: "M", name: "N", number: 0, rows: 16, columns: 32 })).unwrap();
    std::fs::create_dir(at("rules")).unwrap();
    std::fs::write(at("rules/burned_in.toml"), "[[mask]]\nwhy = 'x'\nmodality = 'CT'\nrefuse = 'dose-report'\n")
        .unwrap();
    let said = |command: &str, code: i32, more: &[&str]| {
        let mut command_line = voxmill();
        command_line.arg(command).arg(at("x")).arg("--rules").arg(at("rules")).args(more);
        let output = run(&mut command_line, code);
        format!("{}{}", text(&output.stdout), text(&output.stderr))
    };
    for (command, code, more) in [
        ("inspect", 1, &[][..]),
        ("mask", 0, &["--json", "--engine", "cpu"]),
        ("decode", 1, &["--stage", "tensor", "--engine", "cpu", "--out", at("y.npy").to_str().unwrap()]),
        ("deid", 1, &["--out", at("files").to_str().unwrap()]),
        ("prepare", 1, &["--engine", "cpu", "--out", at("set").to_str().unwrap()]),
    ] {
        // Commands about one file tell the fault, the others its code.
        let said = said(command, code, more);
        assert!(said.contains("dose-report") || said.contains("a page of doses"), "{command}");
    }
    std::fs::write(at("odd.csv"), "wer,was\nM,1\n").unwrap();
    let mapping = "schema = 1\n[ehr.observations]\nfile = 'odd.csv'\npatient_id = 'wer'\nvalue = 'was'\n";
    std::fs::write(at("recipe.toml"), mapping).unwrap();
    let said = |code, more: &[&std::ffi::OsStr]| {
        text(&run(voxmill().arg("inspect").arg(at("odd.csv")).args(more), code).stdout)
    };
    assert!(said(1, &[]).contains("kind\tunknown"));
    let said = said(0, &["--recipe".as_ref(), at("recipe.toml").as_os_str()]);
    assert!(said.contains("kind\ttable") && said.contains("rows\t1"), "{said}");
}

#[test]
fn a_list_of_paths_comes_on_standard_input() {
    use std::io::Write;
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("a");
    archive::make(&archive, 1, 2, 16);
    let mut command = voxmill();
    command.args(["prepare", "-", "--json", "--engine", "cpu", "--out"]).arg(folder.path().join("out"));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{}", archive.display()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let last: serde_json::Value = serde_json::from_str(text(&output.stdout).lines().last().unwrap()).unwrap();
    assert_eq!(last["counts"]["inputs"]["written"], 3);
    assert_eq!(last["schema"], 1);
}

#[test]
fn one_person_is_one_pseudonym_in_images_and_messages() {
    let folder = tempfile::tempdir().unwrap();
    let (archive, out) = (folder.path().join("a"), folder.path().join("out"));
    archive::make(&archive, 3, 6, 16);
    let mut command = voxmill();
    command.arg("prepare").arg(&archive).arg("--out").arg(&out).args(["--json", "--engine", "cpu", "--key-file"]);
    let output = run(command.arg(key(folder.path())), 0);
    let last: serde_json::Value = serde_json::from_str(text(&output.stdout).lines().last().unwrap()).unwrap();
    // 3 patients, not 6: the messages name the same ones. Every study has its order and, of the same day, its result.
    assert_eq!(last["patients"], 3);
    assert_eq!(last["rows"]["links"], 6);
    let map = std::fs::read_to_string(folder.path().join("out.private/patients.csv")).unwrap();
    assert_eq!(map.lines().count(), 4);
    assert!(map.contains("MRN0001,P"));
}

#[test]
fn a_mask_rule_that_matches_nothing_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("x"), ct(&Picture { patient: "M", name: "N", number: 0, rows: 16, columns: 32 })).unwrap();
    let rule = |modality| format!("[[mask]]\nmodality = '{modality}'\nboxes = [{{ x = 0, y = 0, w = 9, h = 9 }}]\n");
    let recipe = format!("schema = 1\n[burned_in]\ndetector = false\n{}{}", rule("CT"), rule("CX"));
    std::fs::write(at("recipe.toml"), recipe).unwrap();
    for (command, out) in [("prepare", "set"), ("deid", "files")] {
        let mut command_line = voxmill();
        command_line.arg(command).arg(at("x")).arg("--out").arg(at(out)).args(["--engine", "cpu", "--recipe"]);
        let said = text(&run(command_line.arg(at("recipe.toml")), 0).stderr);
        assert!(said.contains("rule 2 of the recipe matched no image") && !said.contains("rule 1"), "{said}");
    }
}

#[test]
fn a_recipe_that_is_another_file_is_refused_without_its_lines() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("patients.csv");
    std::fs::write(&table, "id,name\n4711,Quandt\n").unwrap();
    let mut command = voxmill();
    command.args(["prepare", "x", "--out"]).arg(folder.path().join("out")).arg("--recipe").arg(&table);
    let output = run(&mut command, 2);
    let said = text(&output.stderr);
    assert!(said.contains("line 1") && !said.contains("4711") && !said.contains("Quandt"), "{said}");
}

#[test]
fn decode_refuses_what_is_no_dicom_file() {
    let Some(corpus) = corpus() else { return };
    let out = tempfile::tempdir().unwrap();
    let mut command = voxmill();
    command.arg("decode").arg(corpus.join("SOURCES.md")).arg("--out").arg(out.path().join("x.npy"));
    let output = run(&mut command, 1);
    assert!(text(&output.stderr).contains("not a DICOM file"));
    assert!(!out.path().join("x.npy").exists());
}
