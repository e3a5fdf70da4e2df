//! links.parquet: which image study belongs to which order, visit and result. Ids and dates link; names never do.

use super::parquet::{Row, day_of, text_cell};
use super::sources::{ENCOUNTERS, IMAGES, LISTED_STUDIES, OBSERVATIONS, ORDERS, Sources};
use crate::error::Result;
use crate::model::{Cell, Class, Column, ColumnType, Domain, Table};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

const fn text(name: &'static str, class: Class, doc: &'static str) -> Column {
    Column { name, kind: ColumnType::Text, class, doc }
}

const fn whole(name: &'static str, kind: ColumnType, doc: &'static str) -> Column {
    Column { name, kind, class: Class::Keep, doc }
}

/// One row for each thing that belongs to an image study, and each rule by which it does.
pub static LINKS: Table = Table {
    name: "links",
    folder: "",
    doc: "One row for each order, visit or result that belongs to an image study, with the rule that says so.",
    columns: &[
        text("patient_id", Class::Pseudonym(Domain::Patient), "Pseudonym of the patient of the images."),
        text("study_uid", Class::Pseudonym(Domain::Uid), "Replaced StudyInstanceUID, as in the manifest."),
        text("kind", Class::Keep, "What is linked: order, encounter or observation."),
        text(
            "rule",
            Class::Keep,
            "accession: both name the accession number; study-uid, series-uid: both name the study or series; patient-and-date: same patient, within the days of [join] in the recipe.",
        ),
        text(
            "accession_number",
            Class::Pseudonym(Domain::Accession),
            "Pseudonym of the accession number, where that links.",
        ),
        text(
            "linked_patient_id",
            Class::Pseudonym(Domain::Patient),
            "Pseudonym of the patient of what is linked; differs from patient_id where the sources disagree.",
        ),
        text("linked_table", Class::Keep, "Folder of the table that it stands in: hl7/orders, ehr/encounters…"),
        whole("message_ordinal", ColumnType::U64, "message_ordinal there; null for EHR tables."),
        whole("order_index", ColumnType::U32, "order_index there: the results of an order bear it too."),
        text("encounter_id", Class::Pseudonym(Domain::Encounter), "Pseudonym of the visit."),
        text("code", Class::Code, "Code of the order or result."),
        whole(
            "days",
            ColumnType::I64,
            "Day of what is linked minus day of the study; null if one of them is not dated.",
        ),
    ],
};

/// How far from a study's day something of the same patient may lie to be linked without an accession number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Windows {
    /// Days before the begin and after the end of a visit.
    pub encounter_days: u32,
    /// Days either side, for imaging orders.
    pub order_days: u32,
    /// Days either side, for results; of each code the nearest one is linked.
    pub observation_days: u32,
}

impl Default for Windows {
    fn default() -> Self {
        Self { encounter_days: 1, order_days: 1, observation_days: 7 }
    }
}

/// Sections of HL7 table 0074 whose orders are answered by images.
const IMAGING_SECTIONS: &[&str] =
    &["RAD", "RX", "XRC", "CT", "NMR", "NMS", "RUS", "VUS", "CUS", "OUS", "MG", "MR", "US", "NM", "PT", "XR"];

/// A study as the manifest knows it.
struct Study {
    uid: String,
    patient: String,
    day: Option<i32>,
    modalities: BTreeSet<String>,
}

/// Studies and the ways to find them.
#[derive(Default)]
struct Studies {
    all: Vec<Study>,
    by_uid: HashMap<String, usize>,
    by_series: HashMap<String, usize>,
    by_accession: HashMap<String, BTreeSet<usize>>,
    by_patient: HashMap<String, Vec<usize>>,
}

impl Studies {
    fn gather(sources: &Sources) -> Result<Self> {
        let mut studies = Self::default();
        sources.each(&IMAGES, &mut |_, row| {
            let (Some(patient), Some(uid)) = (row.text(1), row.text(2)) else { return };
            let next = studies.all.len();
            let place = match studies.by_uid.get(uid) {
                Some(place) => *place,
                None => {
                    studies.by_uid.insert(uid.to_owned(), next);
                    studies.by_patient.entry(patient.to_owned()).or_default().push(next);
                    let study = Study {
                        uid: uid.to_owned(),
                        patient: patient.to_owned(),
                        day: None,
                        modalities: BTreeSet::new(),
                    };
                    studies.all.push(study);
                    next
                }
            };
            if let Some(study) = studies.all.get_mut(place) {
                study.day = study.day.into_iter().chain(row.day(3)).min();
                if let Some(modality) = row.text(4).filter(|modality| !study.modalities.contains(*modality)) {
                    study.modalities.insert(modality.to_owned());
                }
            }
            if let Some(series) = row.text(5).filter(|series| !studies.by_series.contains_key(*series)) {
                studies.by_series.insert(series.to_owned(), place);
            }
            if let Some(accession) = row.text(0) {
                match studies.by_accession.get_mut(accession) {
                    Some(places) => drop(places.insert(place)),
                    None => drop(studies.by_accession.insert(accession.to_owned(), BTreeSet::from([place]))),
                }
            }
        })?;
        Ok(studies)
    }

    /// The studies of a patient whose day lies within `days` of the days `from` to `to`.
    fn near(&self, patient: &str, [from, to]: [i32; 2], days: u32) -> impl Iterator<Item = (usize, i32)> {
        let days = i64::from(days);
        let (from, to) = (i64::from(from) - days, i64::from(to) + days);
        let places = self.by_patient.get(patient).into_iter().flatten();
        places.filter_map(move |place| {
            let day = self.all.get(*place)?.day?;
            (from..=to).contains(&i64::from(day)).then_some((*place, day))
        })
    }
}

/// One link, in the order of the table's rows.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Link {
    study: usize,
    kind: &'static str,
    rule: &'static str,
    accession: Option<String>,
    patient: Option<String>,
    table: &'static str,
    message: Option<u64>,
    order: Option<u64>,
    encounter: Option<String>,
    code: Option<String>,
    days: Option<i64>,
}

fn days_between(study: &Study, day: Option<i32>) -> Option<i64> {
    Some(i64::from(day?) - i64::from(study.day?))
}

fn owned(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

/// Everything that belongs to the image studies of a data set, sorted by patient, study, kind and rule.
pub fn links(sources: &Sources, windows: &Windows) -> Result<Vec<Vec<Cell>>> {
    let studies = Studies::gather(sources)?;
    let mut found = BTreeSet::new();
    orders(sources, windows, &studies, &mut found)?;
    listed(sources, &studies, &mut found)?;
    encounters(sources, windows, &studies, &mut found)?;
    observations(sources, windows, &studies, &mut found)?;
    let mut rows: Vec<(&Study, &Link)> =
        found.iter().filter_map(|link| Some((studies.all.get(link.study)?, link))).collect();
    rows.sort_by(|(a, x), (b, y)| (&a.patient, &a.uid, x).cmp(&(&b.patient, &b.uid, y)));
    Ok(rows.into_iter().map(|(study, link)| cells(study, link)).collect())
}

fn cells(study: &Study, link: &Link) -> Vec<Cell> {
    let whole = |number: Option<u64>| number.map_or(Cell::Null, Cell::U64);
    vec![
        Cell::Text(study.patient.clone()),
        Cell::Text(study.uid.clone()),
        Cell::Text(link.kind.to_owned()),
        Cell::Text(link.rule.to_owned()),
        text_cell(link.accession.as_deref()),
        text_cell(link.patient.as_deref()),
        Cell::Text(link.table.to_owned()),
        whole(link.message),
        whole(link.order),
        text_cell(link.encounter.as_deref()),
        text_cell(link.code.as_deref()),
        link.days.map_or(Cell::Null, Cell::I64),
    ]
}

/// Orders by accession number or study, else imaging orders of the same patient and day.
fn orders(sources: &Sources, windows: &Windows, studies: &Studies, found: &mut BTreeSet<Link>) -> Result<()> {
    sources.each(&ORDERS, &mut |table, row| {
        let day = row.day(9).or_else(|| row.day(10)).or_else(|| row.day(11));
        let by_accession = row.text(0).and_then(|accession| studies.by_accession.get(accession));
        let by_uid = row.text(8).and_then(|uid| studies.by_uid.get(uid));
        let mut link = |study: usize, rule: &'static str| {
            let Some(known) = studies.all.get(study) else { return };
            found.insert(Link {
                study,
                kind: "order",
                rule,
                accession: owned(row.text(0)).filter(|_| rule == "accession"),
                patient: owned(row.text(1)),
                table,
                message: row.whole(2),
                order: row.whole(3),
                encounter: owned(row.text(4)),
                code: owned(row.text(5)),
                days: days_between(known, day),
            });
        };
        if let Some(places) = by_accession {
            places.iter().for_each(|place| link(*place, "accession"));
        } else if let Some(place) = by_uid {
            link(*place, "study-uid");
        } else if let (Some(patient), Some(day)) = (row.text(1), day) {
            for (place, _) in studies.near(patient, [day, day], windows.order_days) {
                if studies.all.get(place).is_some_and(|study| answers(study, row)) {
                    link(place, "patient-and-date");
                }
            }
        }
    })
}

/// Whether an order without accession number asks for images such as those of the study.
fn answers(study: &Study, order: &Row) -> bool {
    match order.text(7) {
        Some(modality) => study.modalities.contains(modality),
        None => order.text(6).is_some_and(|section| IMAGING_SECTIONS.contains(&section)),
    }
}

/// Visits of studies that an EHR lists by study, series or accession number.
fn listed(sources: &Sources, studies: &Studies, found: &mut BTreeSet<Link>) -> Result<()> {
    sources.each(&LISTED_STUDIES, &mut |table, row| {
        let by_uid = row.text(2).and_then(|uid| studies.by_uid.get(uid)).map(|place| (*place, "study-uid"));
        let by_series = || row.text(5).and_then(|uid| studies.by_series.get(uid)).map(|place| (*place, "series-uid"));
        let by_uid = by_uid.or_else(by_series);
        let by_accession = row.text(0).and_then(|accession| studies.by_accession.get(accession));
        let by_accession = by_accession.into_iter().flatten().map(|place| (*place, "accession"));
        let places: Vec<_> = if by_uid.is_some() { by_uid.into_iter().collect() } else { by_accession.collect() };
        for (study, rule) in places {
            let Some(known) = studies.all.get(study) else { continue };
            found.insert(Link {
                study,
                kind: "encounter",
                rule,
                accession: owned(row.text(0)).filter(|_| rule == "accession"),
                patient: owned(row.text(1)),
                table,
                message: None,
                order: None,
                encounter: owned(row.text(3)),
                code: None,
                days: days_between(known, row.day(4)),
            });
        }
    })
}

/// Visits of the same patient that a study's day falls into; of many messages about one visit, the first that tells.
fn encounters(sources: &Sources, windows: &Windows, studies: &Studies, found: &mut BTreeSet<Link>) -> Result<()> {
    let mut told: HashSet<(usize, String)> = HashSet::new();
    sources.each(&ENCOUNTERS, &mut |table, row| {
        let (Some(patient), Some(begin)) = (row.text(0), row.day(2)) else { return };
        let end = row.day(3).filter(|end| *end >= begin).unwrap_or(begin);
        for (study, day) in studies.near(patient, [begin, end], windows.encounter_days) {
            if row.text(1).is_some_and(|visit| !told.insert((study, visit.to_owned()))) {
                continue;
            }
            found.insert(Link {
                study,
                kind: "encounter",
                rule: "patient-and-date",
                accession: None,
                patient: owned(row.text(0)),
                table,
                message: row.whole(5),
                order: None,
                encounter: owned(row.text(1)),
                code: None,
                days: Some(i64::from(begin) - i64::from(day)),
            });
        }
    })
}

/// Of each code of the same patient, the result that lies nearest to the study; of two equally near, the earlier.
fn observations(sources: &Sources, windows: &Windows, studies: &Studies, found: &mut BTreeSet<Link>) -> Result<()> {
    let mut nearest: BTreeMap<(usize, String), (i64, i64, Link)> = BTreeMap::new();
    sources.each(&OBSERVATIONS, &mut |table, row| {
        let (Some(patient), Some(code), Some(time)) = (row.text(0), row.text(1), row.time(7)) else { return };
        let Some(day) = day_of(time) else { return };
        for (study, at) in studies.near(patient, [day, day], windows.observation_days) {
            let days = i64::from(day) - i64::from(at);
            let key = (study, code.to_owned());
            let rank = (days.abs(), time);
            if nearest.get(&key).is_some_and(|(distance, earlier, _)| (*distance, *earlier) <= rank) {
                continue;
            }
            let link = Link {
                study,
                kind: "observation",
                rule: "patient-and-date",
                accession: None,
                patient: owned(row.text(0)),
                table,
                message: row.whole(8),
                order: None,
                encounter: owned(row.text(9)),
                code: Some(code.to_owned()),
                days: Some(days),
            };
            nearest.insert(key, (rank.0, rank.1, link));
        }
    })?;
    found.extend(nearest.into_values().map(|(_, _, link)| link));
    Ok(())
}
