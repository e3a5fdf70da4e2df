//! Closes a dataset when all its parts are committed: tables over all parts, cards, lists, report, audit trail and,
//! last of all, the checksums. Doing it again makes the same bytes.

use super::dataset::Dataset;
use super::files::{Busy, FileReceipt, Staged, Staging, TEMPORARY, io_fault};
use super::patients::{Joined, patient_row};
use super::receipt::{Count, Unit};
use super::sorter::Sorter;
use super::summary::{Summary, TableFacts};
use super::table::TableFile;
use super::{card, checksums, croissant, monai, previews, readme, report};
use crate::error::{Fault, Result};
use crate::model::manifest::{MANIFEST, PATIENTS, REJECTS};
use crate::model::{Cell, Clean, Table};
use std::collections::BTreeMap;
use std::fs::File;
use std::sync::Arc;

/// What a finished dataset holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Finished {
    /// What was read and what became of it.
    pub counts: BTreeMap<Unit, Count>,
    /// Tensors by split.
    pub tensors: BTreeMap<String, u64>,
    /// Rows by table, the tables of the root among them.
    pub rows: BTreeMap<String, u64>,
    /// How often each reason occurs.
    pub reasons: BTreeMap<String, u64>,
    /// Persons.
    pub patients: u64,
    /// Files, SHA256SUMS among them.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Finishes a dataset. One process at a time: a second one waits and then makes the same bytes again.
pub struct Finisher {
    dataset: Dataset,
    staging: Arc<Staging>,
    summary: Summary,
    tables: Vec<TableFacts>,
    staged: Vec<Staged>,
    people: Option<OpenTable>,
}

/// A table over all parts that is being written, row by row.
pub struct OpenTable {
    table: &'static Table,
    file: TableFile,
}

impl OpenTable {
    /// Adds a row.
    pub fn row(&mut self, row: Clean<Vec<Cell>>) -> Result<()> {
        self.file.plain_row(row.into_inner())
    }
}

impl Finisher {
    /// Begins. `known` are the tables that parts may have rows of. Fails with a Config fault if parts are missing.
    pub fn open(dataset: &Dataset, known: &[&'static Table]) -> Result<Self> {
        let staging = Arc::new(Staging::open(dataset.root(), "finish", dataset.durability(), Busy::Wait)?);
        let summary = Summary::gather(dataset)?;
        let mut tables = vec![TableFacts { table: &MANIFEST, rows: summary.images() }];
        for (name, rows) in &summary.rows {
            let table = known.iter().find(|table| table.path() == *name);
            let table = *table.ok_or_else(|| Fault::bug("write/finish", "a part with a table nobody knows"))?;
            tables.push(TableFacts { table, rows: *rows });
        }
        Ok(Self { dataset: dataset.clone(), staging, summary, tables, staged: Vec::new(), people: None })
    }

    /// Writes a table over all parts, `<folder>/<name>.parquet`: links, alerts. Without rows it still has its columns.
    pub fn table(&mut self, table: &'static Table, rows: impl IntoIterator<Item = Clean<Vec<Cell>>>) -> Result<()> {
        self.plain_table(table, rows.into_iter().map(Clean::into_inner))
    }

    fn plain_table(&mut self, table: &'static Table, rows: impl IntoIterator<Item = Vec<Cell>>) -> Result<()> {
        let mut open = self.begin(table)?;
        for row in rows {
            open.file.plain_row(row)?;
        }
        self.end(open)
    }

    /// Begins a table over all parts that is too long to be held as a whole.
    pub fn begin(&self, table: &'static Table) -> Result<OpenTable> {
        let folder = if table.folder.is_empty() { String::new() } else { format!("{}/", table.folder) };
        let file = TableFile::create(&self.staging, &format!("{folder}{}.parquet", table.name), table)?;
        Ok(OpenTable { table, file })
    }

    /// Ends it.
    pub fn end(&mut self, open: OpenTable) -> Result<()> {
        let (staged, rows) = open.file.close()?;
        self.staged.push(staged);
        self.tables.push(TableFacts { table: open.table, rows });
        Ok(())
    }

    /// A place to collect rows that have to be put in order.
    pub fn sorter(&self) -> Sorter {
        Sorter::new(self.staging.clone())
    }

    /// A file to be written and read again, gone when the data set is finished.
    ///
    /// # Errors
    /// A staging folder that takes no more files.
    pub fn scratch(&self) -> Result<File> {
        self.staging.scratch()
    }

    /// Writes a table whose rows a sorter holds.
    pub fn sorted_table(&mut self, table: &'static Table, rows: Sorter) -> Result<()> {
        let mut open = self.begin(table)?;
        rows.sorted(&mut |row| open.file.plain_row(row))?;
        self.end(open)
    }

    /// The pseudonyms of all persons, sorted, and how many rows of tables each of them has.
    pub fn people(&self) -> Vec<(String, u64)> {
        self.summary.patients.iter().map(|(patient, facts)| (patient.to_owned(), facts.rows.sum())).collect()
    }

    /// The files of the parts, by their names in the data set.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.summary.files.iter().map(|file| file.name.as_str())
    }

    /// Writes a person's row of patients.parquet with what a join adds, and returns the age and sex that it shows. Called
    /// for every person in the order of [`Finisher::people`], by the place there, or for nobody.
    pub fn person(&mut self, place: usize, joined: Clean<Joined>) -> Result<(Option<f64>, Option<String>)> {
        let joined = joined.into_inner();
        let (patient, facts) =
            self.summary.patients.at(place).ok_or_else(|| Fault::bug("write/finish", "a person that no part knows"))?;
        let shown = facts.shown(&joined);
        let row = patient_row(patient, facts, &joined);
        let mut open = match self.people.take() {
            Some(open) => open,
            None => self.begin(&PATIENTS)?,
        };
        open.file.plain_row(row)?;
        self.people = Some(open);
        Ok(shown)
    }

    fn file(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        self.staged.push(self.staging.whole(name, bytes)?);
        Ok(())
    }

    /// Writes everything that is left and gives all files their names, SHA256SUMS last.
    pub fn finish(mut self) -> Result<Finished> {
        let rejects = std::mem::take(&mut self.summary.rejects);
        self.plain_table(&REJECTS, rejects.iter().cloned().map(super::RejectRow::cells))?;
        self.summary.rejects = rejects;
        match self.people.take() {
            Some(open) => self.end(open)?,
            None => {
                let patients = std::mem::take(&mut self.summary.patients);
                let plain = Joined::default();
                let rows = patients.iter().map(|(patient, facts)| patient_row(patient, facts, &plain));
                self.plain_table(&PATIENTS, rows)?;
                self.summary.patients = patients;
            }
        }

        let root = self.dataset.root().to_path_buf();
        let mut pictures = previews::Chooser::new(&root, &self.summary);
        self.staged.push(monai::write(&self.staging, &root, &self.summary, |entry| pictures.look(entry))?);
        let pictures = pictures.done();
        for picture in &pictures.first {
            self.file(&picture.name, &picture.png)?;
        }
        let json = card::json(&self.summary, &self.tables)?;
        self.file("dataset.json", json.as_bytes())?;
        let text = readme::text(&self.summary, &self.tables, self.dataset.format()?);
        self.file("README.md", text.as_bytes())?;
        let json = croissant::json(&self.summary, &self.tables, &self.staged)?;
        self.file("croissant.json", json.as_bytes())?;
        let trail = std::mem::replace(&mut self.summary.trail, super::audit::Trail::new());
        self.file("audit.jsonl", trail.text().as_bytes())?;
        let html = report::html(&root, &self.summary, &self.tables, &self.staged, &pictures)?;
        self.file(report::NAME, html.as_bytes())?;
        self.publish(&root)
    }

    /// Closes a run that wrote files instead of tensors: rejects, patients, card, audit trail, checksums.
    pub fn finish_files(mut self) -> Result<Finished> {
        self.tables.retain(|facts| facts.table.name != MANIFEST.name);
        let rejects = std::mem::take(&mut self.summary.rejects);
        self.plain_table(&REJECTS, rejects.iter().cloned().map(super::RejectRow::cells))?;
        self.summary.rejects = rejects;
        let patients = std::mem::take(&mut self.summary.patients);
        self.plain_table(
            &PATIENTS,
            patients.iter().map(|(patient, facts)| patient_row(patient, facts, &Joined::default())),
        )?;
        self.summary.patients = patients;
        let json = card::json(&self.summary, &self.tables)?;
        self.file("dataset.json", json.as_bytes())?;
        let trail = std::mem::replace(&mut self.summary.trail, super::audit::Trail::new());
        self.file("audit.jsonl", trail.text().as_bytes())?;
        let root = self.dataset.root().to_path_buf();
        self.publish(&root)
    }

    fn publish(self, root: &std::path::Path) -> Result<Finished> {
        let mut files: Vec<FileReceipt> = self.summary.files.clone();
        files.extend(self.staged.iter().map(|file| file.receipt().clone()));
        let sums = self.staging.whole(checksums::NAME, checksums::text(&files).as_bytes())?;
        files.push(sums.receipt().clone());
        for file in self.staged {
            file.publish()?;
        }
        remove_left_overs(root)?;
        sums.publish()?;
        let mut reasons = BTreeMap::new();
        for reject in &self.summary.rejects {
            *reasons.entry(reject.reason.clone()).or_default() += 1;
        }
        Ok(Finished {
            rows: self.tables.iter().map(|t| (card::name_of(t.table), t.rows)).collect(),
            reasons,
            patients: self.summary.patients.len() as u64,
            files: files.len() as u64,
            bytes: files.iter().map(|file| file.bytes).sum(),
            counts: self.summary.counts,
            tensors: self.summary.tensors,
        })
    }
}

/// Removes what killed runs left of parts that were committed since.
fn remove_left_overs(root: &std::path::Path) -> Result<()> {
    let fault = |e: std::io::Error| io_fault(&root.display().to_string(), &e);
    for entry in std::fs::read_dir(root).map_err(fault)? {
        let entry = entry.map_err(fault)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(TEMPORARY) && name != format!("{TEMPORARY}finish") {
            // A folder that another process still works in is its own business.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
    Ok(())
}
