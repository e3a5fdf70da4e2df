//! Closes a data set: joins over the parts' tables, cards, report, checksums, and the private maps.

use super::context::Context;
use super::rulebook::RuleBook;
use super::tables::dataset_tables;
use crate::deid::rows::reread;
use crate::error::Result;
use crate::join::aggregates::{AGGREGATES, Aggregates};
use crate::join::album::Album;
use crate::join::alerts::{Changes, Told};
use crate::join::cohort::{COHORT, cohort_row};
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
const STRETCH_PEOPLE: usize = 100_000;
/// Rows that they may have together: no record has more codes than rows.
const STRETCH_ROWS: u64 = 5_000_000;

/// Finishes a data set all of whose parts are committed. Doing it again makes the same bytes.
pub fn finish(context: &Context, rules: &RuleBook, dataset: &Dataset, private_dir: &Path) -> Result<Finished> {
    let known = dataset_tables();
    let parts = dataset.card().parts;
    let mut finisher = Finisher::open(dataset, &known)?;
    let sources = sources(dataset, &finisher);
    let linked = links::links(&sources, &context.recipe.join)?;
    finisher.table(&links::LINKS, linked.into_iter().map(reread))?;
    critical(&rules.alerts, &sources, &mut finisher)?;
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
    let mut album = Album::on(finisher.scratch()?);
    let Scored { series, mut pictures, .. } = scored(sources, &mut album)?;
    let row = |(uid, ([study, patient, modality], slices)): (String, ([Cell; 3], Vec<Slice>))| {
        reread(series::row([Cell::Text(uid), study, patient, modality], &slices))
    };
    finisher.table(&series::SERIES, series.into_iter().map(row))?;
    let copies = duplicates::find(&mut pictures, &mut album)?;
    finisher.table(&duplicates::DUPLICATES, copies.iter().map(|copy| reread(duplicates::row(&pictures, copy))))
}

/// Writes the results that break rules: limits in the order of the results, then changes by rule and patient; and what
/// each rule saw.
fn critical(rules: &alerts::Rules, sources: &Sources, finisher: &mut Finisher) -> Result<()> {
    let mut coverage = alerts::Coverage::new(rules);
    let mut table = finisher.begin(&alerts::ALERTS)?;
    let mut held = finisher.sorter();
    alerts::alerts(rules, sources, &mut coverage, &mut |told| match told {
        Told::Alert(row) => table.row(reread(row)),
        Told::Held { key, row } => held.row(key, &reread(row)),
    })?;
    let mut changes = Changes::new(rules);
    let mut tell = |row| table.row(reread(row));
    held.sorted(&mut |row| changes.see(row, &mut coverage, &mut tell))?;
    changes.finish(&mut coverage, &mut tell)?;
    finisher.end(table)?;
    finisher.table(&alerts::ALERT_RULES, coverage.rows(rules).into_iter().map(reread))
}

/// Writes what is known of each person: patients, population scores, the cohort, and counts over all.
fn people(context: &Context, rules: &RuleBook, sources: &Sources, finisher: &mut Finisher) -> Result<()> {
    let weights = &rules.population;
    let mut population = finisher.begin(&POPULATION)?;
    let mut cohort = finisher.sorter();
    let mut aggregates = Aggregates::default();
    let everybody = if sources.describe_people() { finisher.people() } else { Vec::new() };
    let mut place = 0;
    for stretch in stretches(&everybody, STRETCH_PEOPLE, STRETCH_ROWS) {
        let (Some((first, _)), Some((last, _))) = (stretch.first(), stretch.last()) else { continue };
        let mut found = records(sources, (first, last))?;
        for (patient, _) in stretch {
            let record: Record = found.remove(patient.as_str()).unwrap_or_default();
            let joined =
                Joined { sex: record.sex().map(str::to_owned), age_years: record.age_years(), cells: record.cells() };
            let (age, sex) = finisher.person(place, reread(joined))?;
            place += 1;
            let sex = sex.as_deref();
            let row = weights.row(patient, age, sex, &record);
            let tier = if let Some(Cell::Text(tier)) = row.get(2) { Some(tier.clone()) } else { None };
            aggregates.see(age, sex, &record, weights, tier.as_deref());
            population.row(reread(row))?;
            // In the order of the study ids: the order of the people would tell which is whose.
            let id = context.identity.study_id(patient);
            cohort.row(id.clone().into_bytes(), &reread(cohort_row(id, age, sex, &record, weights)))?;
        }
    }
    finisher.end(population)?;
    finisher.sorted_table(&COHORT, cohort)?;
    finisher.table(&AGGREGATES, aggregates.rows().into_iter().map(reread))
}

/// Everybody in stretches of at most so many people, who have at most so many rows together, or of one person.
fn stretches(everybody: &[(String, u64)], most_people: usize, most_rows: u64) -> Vec<&[(String, u64)]> {
    let (mut all, mut rest) = (Vec::new(), everybody);
    while !rest.is_empty() {
        let mut rows = 0u64;
        let fits = |(_, own): &&(String, u64)| {
            rows = rows.saturating_add(*own);
            rows <= most_rows
        };
        let people = rest.iter().take_while(fits).count().clamp(1, most_people);
        let (stretch, others) = rest.split_at(people.min(rest.len()));
        all.push(stretch);
        rest = others;
    }
    all
}

/// The parts' files, by the folder of their table.
fn sources(dataset: &Dataset, finisher: &Finisher) -> Sources {
    let mut sources = Sources::default();
    for name in finisher.files() {
        if let Some((folder, _)) = name.rsplit_once('/') {
            sources.add(folder, dataset.root().join(name));
        }
    }
    sources
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_ends_at_its_people_or_at_their_rows() {
        let people: Vec<(String, u64)> =
            [3, 3, 3, 50, 1, 1, 1, 1].iter().enumerate().map(|(n, rows)| (format!("P{n}"), *rows)).collect();
        let lengths = |people, rows| stretches(people, 3, rows).iter().map(|s| s.len()).collect::<Vec<_>>();
        // 3 + 3 fit in 8, a third 3 does not; 50 stands alone; then three people, then one.
        assert_eq!(lengths(&people, 8), [2, 1, 1, 3, 1]);
        assert_eq!(lengths(&people, u64::MAX), [3, 3, 2]);
        assert_eq!(lengths(&[], 8), [0usize; 0]);
    }
}
