//! De-identification scored as in the MIDI-B challenge: a generated archive with an answer for every attribute that was put into
//! it, and the share of answers that are right, by action. The answers follow from the standard's own tables (corpus) and
//! from construction, not from the program's rules.

mod archive;
#[path = "midi/descriptions.rs"]
mod descriptions;
#[path = "midi/generator.rs"]
mod generator;
#[path = "standard/mod.rs"]
mod standard;

use archive::{key, run, voxmill};
use dicom_core::Tag;
use dicom_object::{InMemDicomObject, OpenFileOptions};
use generator::{Answer, Want};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Least share of right answers, in percent.
const BAR: f64 = 99.9;

/// Old and new ids of a private map.
fn map(path: &Path) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().skip(1).map(|line| line.split_once(',').unwrap()).map(|(a, b)| (a.to_owned(), b.to_owned())).collect()
}

/// The new objects by their new SOPInstanceUID.
fn objects(set: &Path) -> BTreeMap<String, InMemDicomObject> {
    let mut all = BTreeMap::new();
    for (name, bytes) in archive::files(set) {
        if bytes.get(128..132) == Some(b"DICM") {
            let object = OpenFileOptions::new().open_file(set.join(name)).unwrap().into_inner();
            let uid = object.element(Tag(8, 0x18)).unwrap().to_str().unwrap().trim_end_matches('\0').to_owned();
            assert!(all.insert(uid, object).is_none(), "two objects of one UID");
        }
    }
    all
}

/// What is right and what is wrong, by action.
#[derive(Default)]
struct Score {
    actions: BTreeMap<&'static str, (u64, u64)>,
    wrong: Vec<String>,
}

impl Score {
    fn add(&mut self, action: &'static str, right: bool, place: &str) {
        let (all, good) = self.actions.entry(action).or_default();
        *all += 1;
        *good += u64::from(right);
        if !right {
            self.wrong.push(format!("{action} {place}"));
        }
    }
}

/// A value as text without padding; numbers by their bytes.
fn value(object: &InMemDicomObject, tag: (u16, u16)) -> Option<Vec<u8>> {
    let element = object.element(Tag(tag.0, tag.1)).ok()?;
    if element.items().is_some() {
        return Some(b"[items]".to_vec());
    }
    let bytes = element.to_bytes().ok()?.into_owned();
    let end = bytes.iter().rposition(|b| *b != b' ' && *b != 0).map_or(0, |at| at + 1);
    let text = !["US", "SS", "UL", "SL", "FL", "FD", "OW", "OB"].contains(&element.vr().to_string());
    Some(if text { bytes[..end].to_vec() } else { bytes })
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).to_lowercase()
}

/// Descriptions that name nobody stay as they are, and identifiers beside them go without them.
#[test]
fn descriptions_stay_and_identifiers_beside_them_go() {
    use voxmill::deid::known::Known;
    use voxmill::deid::text::{Scrubber, Shift};
    let scrub = |text: &str| Scrubber::shared().scrub(text, &Known::new(), Some(Shift(100))).text.into_owned();
    for (kind, list) in descriptions::WRITTEN {
        for text in *list {
            assert_eq!(scrub(text), *text, "{kind}");
        }
    }
    let mut chance = descriptions::Chance(20_261_123);
    let (all, mut changed, mut left, mut lost) = (4000, Vec::new(), Vec::new(), Vec::new());
    for _ in 0..all {
        let text = descriptions::description(&mut chance);
        if scrub(&text) != text {
            changed.push(text.clone());
        }
        let (identifier, goes) = descriptions::identifier(&mut chance);
        let both = format!("{text} - {identifier}");
        let clean = scrub(&both);
        if goes.iter().any(|part| clean.contains(part)) {
            left.push(format!("{both}: {clean}"));
        }
        if !clean.contains(&text) {
            lost.push(format!("{both}: {clean}"));
        }
    }
    println!("of {all}: {} changed, {} identifiers left, {} descriptions lost", changed.len(), left.len(), lost.len());
    let few = |list: &[String], per_mille: usize| list.len() * 1000 <= per_mille * all;
    assert!(few(&changed, 1), "{changed:#?}");
    assert!(few(&left, 1), "{left:#?}");
    assert!(few(&lost, 10), "{lost:#?}");
}

#[test]
fn at_least_999_of_1000_answers_are_right() {
    let Some(corpus) = archive::corpus() else { return };
    let folder = tempfile::tempdir().unwrap();
    let answers = generator::make(&folder.path().join("in"), &corpus);
    let recipe = folder.path().join("recipe.toml");
    std::fs::write(&recipe, "[deid]\npreset = \"research\"\n").unwrap();
    let set = folder.path().join("set");
    let mut command = voxmill();
    command.arg("deid").arg(folder.path().join("in")).arg("--out").arg(&set).arg("--recipe").arg(recipe);
    run(command.arg("--key-file").arg(key(folder.path())), 0);
    let private = set.with_extension("private");
    let uids = map(&private.join("uids.csv"));
    let objects = objects(&set);
    assert!(objects.len() >= 200, "{} files", objects.len());

    let mut score = Score::default();
    let mut shifts: BTreeMap<String, BTreeSet<i64>> = BTreeMap::new();
    let mut people: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut seen_uids: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for Answer { sop, patient, tag, old, want } in &answers {
        let place = format!("({:04X},{:04X})", tag.0, tag.1);
        let Some(object) = uids.get(sop).and_then(|new| objects.get(new)) else {
            score.add("tag_retained", false, "the whole object");
            continue;
        };
        let new = value(object, *tag);
        match want {
            Want::Retained => score.add("tag_retained", new.as_deref() == Some(old), &place),
            Want::NotNull => score.add("text_notnull", new.as_ref().is_some_and(|new| !new.is_empty()), &place),
            Want::Gone => score.add("text_removed", new.is_none(), &place),
            Want::Changed => {
                score.add("text_removed", new.as_deref() != Some(old) || old.is_empty(), &place);
            }
            Want::Same => score.add("text_retained", new.as_deref() == Some(old), &place),
            Want::Cleaned { stays, goes } => {
                let new = new.as_deref().map(text).unwrap_or_default();
                score.add("text_retained", new.contains(&stays.to_lowercase()), &place);
                score.add("text_removed", !new.contains(&goes.to_lowercase()), &place);
            }
            Want::Shifted => {
                let day = |bytes: &[u8]| generator::day(std::str::from_utf8(bytes.get(..8)?).ok()?);
                let shift = new.as_deref().and_then(day).and_then(|new| Some(day(old)? - new));
                score.add("date_shifted", shift.is_some_and(|days| (1..=365).contains(&days)), &place);
                shifts.entry(patient.clone()).or_default().extend(shift);
            }
            Want::Uid => {
                let new = new.as_deref().map(text).unwrap_or_default();
                score.add("uid_changed", new.starts_with("2.25.") && new.as_bytes() != old, &place);
                seen_uids.entry(String::from_utf8(old.clone()).unwrap()).or_default().insert(new);
            }
            Want::Reference => {
                let items = object.element(Tag(tag.0, tag.1)).ok().and_then(|element| element.items());
                let new = items.and_then(|items| items.first()).and_then(|item| value(item, (8, 0x1155)));
                let new = new.as_deref().map(text).unwrap_or_default();
                score.add("uid_consistent", objects.contains_key(&new), &place);
                seen_uids.entry(String::from_utf8(old.clone()).unwrap()).or_default().insert(new);
            }
            Want::Patient => {
                let new = new.as_deref().map(text).unwrap_or_default();
                score.add("text_removed", new.as_bytes() != old && !new.is_empty(), &place);
                people.entry(patient.clone()).or_default().insert(new);
            }
            Want::Pixels => score.add("pixels_retained", new.as_deref() == Some(old), &place),
        }
    }
    for (patient, new) in &people {
        let others = people.iter().filter(|(other, ids)| *other != patient && !ids.is_disjoint(new)).count();
        score.add("patid_consistent", new.len() == 1 && others == 0, "PatientID");
    }
    for days in shifts.values() {
        score.add("date_shifted", days.len() == 1, "one shift for all dates of a patient");
    }
    let mut taken = BTreeSet::new();
    for new in seen_uids.values() {
        let own = new.iter().next().is_some_and(|uid| taken.insert(uid.clone()));
        score.add("uid_consistent", new.len() == 1 && own, "a UID in several files");
    }
    let actions: Vec<&str> = score.actions.keys().copied().collect();
    let expected = [
        "date_shifted",
        "patid_consistent",
        "pixels_retained",
        "tag_retained",
        "text_notnull",
        "text_removed",
        "text_retained",
        "uid_changed",
        "uid_consistent",
    ];
    assert_eq!(actions, expected);
    let (mut all, mut right) = (0, 0);
    for (action, (total, good)) in &score.actions {
        println!("{action:<18} {good:>6} of {total:>6}  {:.3} %", *good as f64 * 100.0 / *total as f64);
        (all, right) = (all + total, right + good);
    }
    let percent = right as f64 * 100.0 / all as f64;
    println!("{:<18} {right:>6} of {all:>6}  {percent:.3} %", "all actions");
    score.wrong.sort();
    score.wrong.dedup();
    assert!(all > 8000, "{all} answers");
    assert!(percent >= BAR, "{percent:.3} %: {:#?}", &score.wrong[..score.wrong.len().min(60)]);
}
