//! Sources become one patient: merges and crosswalks before anything is de-identified, links by id and by date, records,
//! alerts, scores and counts, through the program and read back from its Parquet files.

mod archive;

use archive::{Picture, ct, key, oru, run, voxmill};
use arrow::array::{Array, ArrayRef};
use arrow::util::display::{ArrayFormatter, FormatOptions};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

type Row = BTreeMap<String, String>;

/// Every row of a Parquet file, values as text, nulls left out.
fn rows(path: &Path) -> Vec<Row> {
    let file = std::fs::File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut all = Vec::new();
    for batch in ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap() {
        let batch = batch.unwrap();
        for at in 0..batch.num_rows() {
            let schema = batch.schema();
            let cell = |(field, array): (&arrow::datatypes::FieldRef, &ArrayRef)| {
                let text = ArrayFormatter::try_new(array, &FormatOptions::default()).unwrap().value(at).to_string();
                (!array.is_null(at)).then(|| (field.name().clone(), text))
            };
            all.push(schema.fields().iter().zip(batch.columns()).filter_map(cell).collect());
        }
    }
    all
}

/// Rows of a table of all parts.
fn table(set: &Path, folder: &str) -> Vec<Row> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(set.join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().flat_map(|file| rows(file)).collect()
}

fn merge(survivor: &str, prior: &str, event: &str) -> String {
    format!(
        "MSH|^~\\&|ADT|HOSPITAL|EMR|CLINIC|20240615120000||ADT^{event}|M{survivor}{prior}|P|2.5\r\
         EVN|{event}|20240615120000\r\
         PID|1||{survivor}^^^HOSP^MR||DOE^JANE||19630412|F\r\
         MRG|{prior}^^^HOSP^MR\r\n"
    )
}

const EHR: &[(&str, &str)] = &[
    (
        "encounters.csv",
        "Id,START,STOP,PATIENT,ENCOUNTERCLASS,CODE,DESCRIPTION\n\
         V1,2024-06-10T08:00:00Z,2024-06-12T08:00:00Z,MRN0003,inpatient,1,x\n\
         V2,2024-01-10T08:00:00Z,2024-01-12T08:00:00Z,MRN0003,inpatient,1,x\n",
    ),
    (
        "conditions.csv",
        "START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION\n\
         2020-01-01,,MRN0003,V2,44054006,Diabetes\n2021-01-01,,LAB7,V2,59621000,Hypertension\n",
    ),
    (
        "observations.csv",
        "DATE,PATIENT,ENCOUNTER,CATEGORY,CODE,DESCRIPTION,VALUE,UNITS,TYPE\n\
         2024-06-08T00:00:00Z,MRN0003,V1,laboratory,2160-0,Creatinine,1.0,mg/dL,numeric\n\
         2024-06-10T00:00:00Z,MRN0003,V1,laboratory,2160-0,Creatinine,1.5,mg/dL,numeric\n\
         2024-06-10T00:00:00Z,MRN0003,V1,vital-signs,8480-6,Systolic,200,mm[Hg],numeric\n\
         2023-06-10T00:00:00Z,MRN0003,V1,vital-signs,8480-6,Systolic,120,mm[Hg],numeric\n",
    ),
];

/// Images of MRN0000 to MRN0003; MRN0001 was merged into MRN0000, MRN0002 into MRN0001; MRN0003 is LAB7 elsewhere.
fn make(folder: &Path) -> PathBuf {
    let dir = folder.join("archive");
    std::fs::create_dir_all(&dir).unwrap();
    for number in 0..8 {
        let patient = format!("MRN{:04}", number % 4);
        let picture = archive::Picture { patient: &patient, name: "DOE^JANE", number, rows: 16, columns: 19 };
        std::fs::write(dir.join(format!("{number}.dcm")), ct(&picture)).unwrap();
    }
    let feed: String = (0..4).map(|n| oru(&format!("MRN{n:04}"), "DOE^JANE", n, 350 + n * 50) + "\r\n").collect();
    std::fs::write(dir.join("feed.hl7"), feed).unwrap();
    std::fs::write(dir.join("merge-1.hl7"), merge("MRN0000", "MRN0001", "A40")).unwrap();
    std::fs::write(dir.join("merge-2.hl7"), merge("MRN0001", "MRN0002", "A34")).unwrap();
    // A visit that moves from one patient to another makes no one of them.
    std::fs::write(dir.join("move.hl7"), merge("MRN0003", "MRN0000", "A45")).unwrap();
    for (name, text) in EHR {
        std::fs::write(dir.join(name), text).unwrap();
    }
    std::fs::write(folder.join("crosswalk.csv"), "id,issuer,id,issuer\nLAB7,LAB,MRN0003,HOSP\n").unwrap();
    dir
}

fn prepare(folder: &Path, out: &str, more: &[&str]) -> PathBuf {
    let set = folder.join(out);
    let mut command = voxmill();
    command.arg("prepare").arg(folder.join("archive")).arg("--out").arg(&set).args(["--engine", "cpu"]);
    run(command.arg("--key-file").arg(key(folder)).args(more), 0);
    set
}

fn get<'a>(row: &'a Row, column: &str) -> &'a str {
    row.get(column).map_or("", String::as_str)
}

#[test]
fn sources_become_one_patient() {
    let folder = tempfile::tempdir().unwrap();
    make(folder.path());
    let crosswalk = folder.path().join("crosswalk.csv");
    let set = prepare(folder.path(), "set", &["--crosswalk", crosswalk.to_str().unwrap()]);

    // MRN0000, 1 and 2 are one person, MRN0003 and LAB7 another.
    let patients = rows(&set.join("patients.parquet"));
    assert_eq!(patients.len(), 2);
    let images: BTreeMap<&str, &Row> = patients.iter().map(|row| (get(row, "images"), row)).collect();
    let [merged, other] = [images["6"], images["2"]];
    let manifest: Vec<Row> = table(&set, "manifest");
    assert_eq!(manifest.len(), 8);
    let splits: BTreeSet<_> = manifest.iter().map(|row| (get(row, "patient_id"), get(row, "split"))).collect();
    assert_eq!(splits.len(), 2, "a person is in one split only: {splits:?}");

    // One date shift for all of a person's ids: every image was taken on the same day.
    let days: BTreeSet<_> = manifest.iter().map(|row| (get(row, "patient_id"), get(row, "study_date"))).collect();
    assert_eq!(days.len(), 2);
    assert_eq!(get(merged, "first_study_date"), get(merged, "first_message_date"), "both on 2024-06-11");
    assert_eq!(get(merged, "hl7_messages"), "5", "three results and two merges");

    // The record of the person who has EHR tables. 2024-06-10 is the last day there, the day before the image.
    assert!(get(other, "conditions").contains("44054006") && get(other, "conditions").contains("59621000"));
    let results: serde_json::Value = serde_json::from_str(get(other, "last_results")).unwrap();
    assert_eq!(results["2160-0"]["value"], 1.5);
    assert_eq!(results["8480-6"]["value"], 200.0);
    assert_eq!(results["2345-7"]["value"], 500.0, "350 + 3 x 50, from HL7");
    assert!(get(other, "last_ehr_date") < get(other, "first_study_date"));

    // Links: each of 4 studies to its order; MRN0003's to a visit and to results of three codes.
    let links = rows(&set.join("links.parquet"));
    let count = |kind: &str, rule: &str| {
        links.iter().filter(|row| get(row, "kind") == kind && get(row, "rule") == rule).count()
    };
    assert_eq!(count("order", "accession"), 4);
    assert_eq!(count("encounter", "patient-and-date"), 1);
    let visit = links.iter().find(|row| get(row, "kind") == "encounter").unwrap();
    assert_eq!((get(visit, "linked_table"), get(visit, "days")), ("ehr/encounters", "-1"));
    // MRN0003: creatinine, systolic, glucose; the others: three studies near glucose of one person, one row each.
    assert_eq!(count("observation", "patient-and-date"), 3 + 3);
    assert_eq!(links.len(), 4 + 1 + 6);

    // Alerts: glucose 450 and 500 are above 400; creatinine rose by 0.5 in 48 h; systolic 200.
    let alerts = rows(&set.join("alerts.parquet"));
    let mut told: Vec<_> =
        alerts.iter().map(|row| (get(row, "rule"), get(row, "value"), !get(row, "message_id").is_empty())).collect();
    told.sort_unstable();
    let expected = [
        ("creatinine-rise", "1.5", false),
        ("glucose-high", "450.0", true),
        ("glucose-high", "500.0", true),
        ("systolic-high", "200.0", false),
    ];
    assert_eq!(told, expected);

    // Scores: diabetes 2 and hypertension 1; 1963 to 2024 is 61 years: 0.5.
    let scores = rows(&set.join("population.parquet"));
    let score = scores.iter().find(|row| get(row, "patient_id") == get(other, "patient_id")).unwrap();
    assert_eq!((get(score, "score"), get(score, "tier"), get(score, "age_band")), ("3.5", "medium", "45-64"));
    let cohort = rows(&set.join("cohort.parquet"));
    assert_eq!(cohort.len(), 2);
    assert!(cohort.iter().all(|row| patients.iter().all(|p| get(p, "patient_id") != get(row, "study_id"))));
    let aggregates = rows(&set.join("aggregates.parquet"));
    let shown: Vec<_> =
        aggregates.iter().filter(|row| row.contains_key("people")).map(|row| get(row, "measure")).collect();
    assert_eq!(shown, ["k_anonymity", "k_anonymity"], "two people are too few to be shown in any group");
}

#[test]
fn without_a_crosswalk_and_with_merges_recorded_each_id_is_a_person() {
    let folder = tempfile::tempdir().unwrap();
    make(folder.path());
    let recipe = folder.path().join("recipe.toml");
    std::fs::write(&recipe, "[identity]\nmerges = 'record'\n").unwrap();
    let set = prepare(folder.path(), "set", &["--recipe", recipe.to_str().unwrap()]);
    // MRN0000 to MRN0003 and LAB7.
    assert_eq!(rows(&set.join("patients.parquet")).len(), 5);
    let merges = table(&set, "hl7/merges");
    assert_eq!(merges.len(), 3);
    assert!(merges.iter().all(|row| get(row, "patient_id") != get(row, "prior_patient_id")));
}

#[test]
fn issuers_that_count_do_so_in_merges_too() {
    let folder = tempfile::tempdir().unwrap();
    make(folder.path());
    let recipe = folder.path().join("recipe.toml");
    std::fs::write(&recipe, "[identity]\nissuers = 'separate'\n").unwrap();
    let set = prepare(folder.path(), "set", &["--recipe", recipe.to_str().unwrap()]);
    // MRN0000, 1 and 2 of HOSP are one, MRN0003 of HOSP another; the images name no issuer: 4 more; LAB7 and MRN0003 of
    // the EHR: LAB7 is new, MRN0003 without issuer is that of the images.
    assert_eq!(rows(&set.join("patients.parquet")).len(), 2 + 4 + 1);
    let merges = table(&set, "hl7/merges");
    let same = merges.iter().filter(|row| get(row, "patient_id") == get(row, "prior_patient_id")).count();
    assert_eq!((merges.len(), same), (3, 2), "the two merges name one person, the move two");
}

#[test]
fn alerts_come_straight_from_the_inputs_too() {
    let folder = tempfile::tempdir().unwrap();
    let dir = make(folder.path());
    let crosswalk = folder.path().join("crosswalk.csv");
    let set = prepare(folder.path(), "set", &["--crosswalk", crosswalk.to_str().unwrap()]);
    let mut command = voxmill();
    command
        .args(["alerts", "--json"])
        .arg(&dir)
        .arg("--key-file")
        .arg(key(folder.path()))
        .arg("--crosswalk")
        .arg(&crosswalk);
    let output = run(&mut command, 0);
    let mut lines: Vec<Row> = Vec::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!((&event["event"], &event["schema"]), (&"alert".into(), &1.into()));
        let text = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let facts = event
            .as_object()
            .unwrap()
            .iter()
            .filter(|(name, value)| !value.is_null() && !["event", "schema"].contains(&name.as_str()));
        lines.push(facts.map(|(name, value)| (name.clone(), text(value))).collect());
    }
    let columns = ["rule", "severity", "patient_id", "code", "value", "unit", "limit", "message_id"];
    let shown = |row: &Row| columns.map(|column| get(row, column).to_owned());
    let mut from_inputs: Vec<_> = lines.iter().map(shown).collect();
    let mut from_set: Vec<_> = rows(&set.join("alerts.parquet")).iter().map(shown).collect();
    from_inputs.sort_unstable();
    from_set.sort_unstable();
    assert_eq!(from_inputs.len(), 4);
    assert_eq!(from_inputs, from_set, "one schema, one truth");
}

#[test]
fn names_join_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("archive");
    std::fs::create_dir_all(&dir).unwrap();
    // One name, one birth date, one day: an image of one id, results of a second, a row of a third.
    let picture = archive::Picture { patient: "MRN0000", name: "DOE^JANE", number: 0, rows: 16, columns: 19 };
    std::fs::write(dir.join("0.dcm"), ct(&picture)).unwrap();
    std::fs::write(dir.join("feed.hl7"), oru("OTHER77", "DOE^JANE", 0, 100)).unwrap();
    std::fs::write(dir.join("p.csv"), "patient_id,last,first,birth_date,sex\nTHIRD88,DOE,JANE,1963-04-12,F\n").unwrap();
    let set = prepare(folder.path(), "set", &[]);
    assert_eq!(rows(&set.join("patients.parquet")).len(), 3);
    assert_eq!(rows(&set.join("links.parquet")).len(), 0);
    // The same results under the image's id do link: by accession the order, by date the result.
    std::fs::write(dir.join("feed.hl7"), oru("MRN0000", "DOE^JANE", 0, 100)).unwrap();
    let set = prepare(folder.path(), "linked", &[]);
    assert_eq!(rows(&set.join("patients.parquet")).len(), 2);
    let kinds: Vec<_> = rows(&set.join("links.parquet")).iter().map(|row| get(row, "rule").to_owned()).collect();
    assert_eq!(kinds, ["patient-and-date", "accession"]);
}

#[test]
fn rules_of_ones_own_stand_for_the_shipped_ones() {
    let folder = tempfile::tempdir().unwrap();
    let dir = make(folder.path());
    let rules = folder.path().join("rules");
    std::fs::create_dir(&rules).unwrap();
    let rule = "[[rule]]\nname='any-glucose'\nseverity='MEDIUM'\ncodes=['2345-7']\nunit='mg/dL'\nabove=0\n";
    std::fs::write(rules.join("alerts.toml"), rule).unwrap();
    let mut command = voxmill();
    let output = run(command.args(["alerts"]).arg(&dir).arg("--rules").arg(&rules), 0);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.lines().filter(|line| line.starts_with("MEDIUM\tany-glucose\tP")).count(), 4);
    assert_eq!(text.lines().count(), 4);
    std::fs::write(rules.join("alert.toml"), rule).unwrap();
    let mut command = voxmill();
    run(command.args(["alerts"]).arg(&dir).arg("--rules").arg(&rules), 2);
}

#[test]
fn texts_lose_the_names_that_only_records_of_other_inputs_have() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in");
    std::fs::create_dir_all(&input).unwrap();
    let put = |name: &str, bytes: &[u8]| std::fs::write(input.join(name), bytes).unwrap();
    // The names stand in a table of people, in a PID and in a DICOM header; the texts come with nothing but an id.
    put("patients.csv", b"patient_id,first_name,last_name,birth_date,sex\nMRN0001,Zwetlana,Quorbitz,1980-02-03,F\n");
    put("m.hl7", oru("LAB7", "STEMMRICH^OSWINE", 1, 90).as_bytes());
    let picture = Picture { patient: "MRN0003", name: "VOGELHUBER^IRMTRAUT", number: 1, rows: 16, columns: 16 };
    put("c.dcm", &ct(&picture));
    put(
        "observations.csv",
        b"DATE,PATIENT,ENCOUNTER,CODE,DESCRIPTION,VALUE,UNITS,TYPE\n\
          2024-03-01,MRN0001,V1,1-1,Remark,quorbitz walks and zwetlana sleeps,,text\n\
          2024-03-01,LAB7,V2,1-1,Remark,stemmrich walks,,text\n\
          2024-03-01,MRN0003,V3,1-1,Remark,vogelhuber walks and irmtraut sleeps,,text\n\
          2024-03-01,MRN0004,V4,1-1,Remark,nobody walks,,text\n",
    );
    put(
        "reports.csv",
        b"patient_id,accession_number,report_date,report_type,findings,impression\n\
          MRN0003,ACCMRN0003,2024-06-12,radiology,\"Lungs are clear,\nseen 2024-06-11 with irmtraut.\",Vogelhuber is well\n",
    );
    let set = folder.path().join("set");
    let mut command = voxmill();
    command.arg("prepare").arg(&input).arg("--out").arg(&set);
    run(command.args(["--engine", "cpu", "--key-file"]).arg(key(folder.path())), 0);
    let texts: Vec<String> =
        table(&set, "ehr/observations").into_iter().map(|mut row| row.remove("value_text").unwrap()).collect();
    assert_eq!(
        texts,
        ["[NAME] walks and [NAME] sleeps", "[NAME] walks", "[NAME] walks and [NAME] sleeps", "nobody walks"]
    );
    // The report stays with its images: by the accession number, and by the days between.
    let (report, image) = (&table(&set, "ehr/notes")[0], &table(&set, "manifest")[0]);
    assert_eq!((&report["accession"], &report["patient_id"]), (&image["accession_number"], &image["patient_id"]));
    assert_eq!(report["impression"], "[NAME] is well");
    let study_day = &image["study_date"];
    assert_eq!(report["findings"], format!("Lungs are clear,\nseen {study_day} with [NAME]."));
}

/// Small files of messages, one that is more than its worker may do in one go, one with bytes that are no message.
fn feeds(folder: &Path) {
    let dir = folder.join("archive");
    std::fs::create_dir_all(&dir).unwrap();
    let feed = |first: u32, count: u32| -> String {
        (first..first + count).map(|n| oru(&format!("MRN{:04}", n % 50), "DOE^JANE", n, 350) + "\r\n").collect()
    };
    for file in 0..40 {
        std::fs::write(dir.join(format!("feed-{file:02}.hl7")), feed(file * 20, 20)).unwrap();
    }
    // 3,000 messages of some 390 bytes are above the megabyte that is done whole.
    std::fs::write(dir.join("feed-17-large.hl7"), feed(10_000, 3000)).unwrap();
    std::fs::write(dir.join("feed-30.hl7"), format!("no message\r\n{}", feed(600, 20))).unwrap();
}

#[test]
fn messages_alone_describe_nobody_and_their_rows_stay_in_order() {
    let folder = tempfile::tempdir().unwrap();
    feeds(folder.path());
    let recipe = folder.path().join("recipe.toml");
    std::fs::write(&recipe, "[hl7]\ntables = [\"messages\"]\n").unwrap();
    let recipe = recipe.to_str().unwrap();
    let prepare = |out: &str, more: &[&str]| {
        let set = folder.path().join(out);
        let mut command = voxmill();
        command.arg("prepare").arg(folder.path().join("archive")).arg("--out").arg(&set).args(["--recipe", recipe]);
        // Some of it is refused.
        run(command.args(["--engine", "cpu"]).arg("--key-file").arg(key(folder.path())).args(more), 1);
        set
    };
    let set = prepare("set", &["--jobs", "1"]);
    let ordinals: Vec<u64> =
        table(&set, "hl7/messages").iter().map(|row| get(row, "message_ordinal").parse().unwrap()).collect();
    assert_eq!(ordinals.len(), 40 * 20 + 3000);
    assert!(ordinals.is_sorted_by(|a, b| a < b));
    let rejects = rows(&set.join("rejects.parquet"));
    assert_eq!(rejects.iter().map(|row| get(row, "unit")).collect::<Vec<_>>(), ["messages"]);
    let people = rows(&set.join("patients.parquet"));
    assert_eq!(people.len(), 50);
    let counted: u64 = people.iter().map(|row| get(row, "hl7_messages").parse::<u64>().unwrap()).sum();
    assert_eq!(counted, 3800);
    // One day for everybody, moved by each one's own shift; nobody is known beyond that.
    let days = |row: &Row| (get(row, "first_message_date").to_owned(), get(row, "last_message_date").to_owned());
    assert!(people.iter().map(days).all(|(first, last)| !first.is_empty() && first == last));
    assert!(people.iter().map(|row| get(row, "first_message_date")).collect::<BTreeSet<_>>().len() > 20);
    for name in ["population", "cohort", "aggregates", "links", "alerts"] {
        assert_eq!(rows(&set.join(format!("{name}.parquet"))).len(), 0, "{name}");
    }
    // Who did what beside whom shows nowhere: other windows, three threads.
    let other = prepare("other", &["--jobs", "3", "--memory", "32MiB"]);
    let sums = |set: &Path| std::fs::read_to_string(set.join("SHA256SUMS")).unwrap();
    assert_eq!(sums(&set), sums(&other));
}
