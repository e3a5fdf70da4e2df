//! Closes a data set: joins over the parts' tables, cards, report, checksums, and the private maps.

use super::commands::tables::dataset_tables;
use super::context::Context;
use super::rulebook::RuleBook;
use crate::deid::rows::reread;
use crate::error::Result;
use crate::join::cohort::{AGGREGATES, Aggregates, COHORT, cohort_row};
use crate::join::population::POPULATION;
use crate::join::records::{Record, records};
use crate::join::scores::{Scored, scored};
use crate::join::series::{self, Slice};
use crate::join::sources::Sources;
use crate::join::{alerts, duplicates, links};
use crate::model::Cell;
use crate::write::{Dataset, Finished, Finisher, Joined, private};
use std::path::Path;

/// People whose records are held at once: the tables are read once for so many.
const STRETCH: usize = 100_000;

/// Finishes a data set all of whose parts are committed. Doing it again makes the same bytes.
pub fn finish(context: &Context, rules: &RuleBook, dataset: &Dataset, private_dir: &Path) -> Result<Finished> {
    let known = dataset_tables();
    let parts = dataset.card().parts;
    let mut finisher = Finisher::open(dataset, &known)?;
    let sources = sources(dataset, parts)?;
    let linked = links::links(&sources, &context.recipe.join)?;
    finisher.table(&links::LINKS, linked.into_iter().map(reread))?;
    let told = alerts::alerts(&rules.alerts, &sources)?;
    finisher.table(&alerts::ALERTS, told.into_iter().map(reread))?;
    people(context, rules, &sources, &mut finisher)?;
    if context.judge.is_some() {
        images(&sources, &mut finisher)?;
    }
    let finished = finisher.finish()?;
    private::merge(private_dir, parts)?;
    Ok(finished)
}

/// Writes what the measured images say together: series, and copies.
fn images(sources: &Sources, finisher: &mut Finisher) -> Result<()> {
    let Scored { series, mut pictures } = scored(sources)?;
    let row = |(uid, ([study, patient, modality], slices)): (String, ([Cell; 3], Vec<Slice>))| {
        reread(series::row([Cell::Text(uid), study, patient, modality], &slices))
    };
    finisher.table(&series::SERIES, series.into_iter().map(row))?;
    let copies = duplicates::find(&mut pictures);
    finisher.table(&duplicates::DUPLICATES, copies.iter().map(|copy| reread(duplicates::row(&pictures, copy))))
}

/// Writes what is known of each person: patients, population scores, the cohort, and counts over all.
fn people(context: &Context, rules: &RuleBook, sources: &Sources, finisher: &mut Finisher) -> Result<()> {
    let weights = &rules.population;
    let mut population = finisher.begin(&POPULATION)?;
    let mut cohort = Vec::new();
    let mut aggregates = Aggregates::default();
    let everybody = finisher.people();
    for stretch in everybody.chunks(STRETCH) {
        let (Some(first), Some(last)) = (stretch.first(), stretch.last()) else { continue };
        let mut found = records(sources, (first, last))?;
        for patient in stretch {
            let record: Record = found.remove(patient.as_str()).unwrap_or_default();
            let joined =
                Joined { sex: record.sex().map(str::to_owned), age_years: record.age_years(), cells: record.cells() };
            let (age, sex) = finisher.person(patient, reread(joined))?;
            let sex = sex.as_deref();
            let row = weights.row(patient, age, sex, &record);
            let tier = if let Some(Cell::Text(tier)) = row.get(2) { Some(tier.clone()) } else { None };
            aggregates.see(age, sex, &record, weights, tier.as_deref());
            population.row(reread(row))?;
            cohort.push(cohort_row(context.identity.study_id(patient), age, sex, &record, weights));
        }
    }
    finisher.end(population)?;
    // In the order of the study ids: the order of the people would tell which is whose.
    cohort.sort_by(|a, b| id_of(a).cmp(id_of(b)));
    finisher.table(&COHORT, cohort.into_iter().map(reread))?;
    finisher.table(&AGGREGATES, aggregates.rows().into_iter().map(reread))
}

fn id_of(row: &[Cell]) -> &str {
    if let Some(Cell::Text(id)) = row.first() { id } else { "" }
}

/// The parts' files, by the folder of their table.
fn sources(dataset: &Dataset, parts: u32) -> Result<Sources> {
    let mut sources = Sources::default();
    for part in 0..parts {
        let Some(receipt) = dataset.receipt(part)? else { continue };
        for file in &receipt.files {
            if let Some((folder, _)) = file.name.rsplit_once('/') {
                sources.add(folder, dataset.root().join(&file.name));
            }
        }
    }
    Ok(sources)
}
