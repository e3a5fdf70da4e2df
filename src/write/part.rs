//! One part of a dataset: its tensors, manifest, tables, rejects and counts are committed as a whole. All files are
//! made under temporary names; on commit they get their names and the receipt gets its name last.

use super::audit::{Entry, Fact};
use super::dataset::Dataset;
use super::everybody::Everybody;
use super::files::{Busy, Staged, Staging};
use super::noted::{Noted, Patients};
use super::place::{Item, Place, Sink};
pub use super::receipt::PartId;
use super::receipt::{Outcome, PartReceipt, Reject, RejectRow, SCHEMA, Unit};
use super::scores::Scores;
use super::table::TableFile;
use super::tally::{TALLIED, tally};
use crate::error::{Fault, Result};
use crate::model::manifest::MANIFEST;
use crate::model::{Batch, Cell, Clean, NewFile, PatientKey, Split, Table, Tensor};
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::Arc;

struct OpenSplit {
    sink: Box<dyn Sink>,
    rows: Waiting,
}

/// Manifest rows on their way: some formats know a tensor's place only when a file is full.
struct Waiting {
    manifest: TableFile,
    pending: VecDeque<Vec<Cell>>,
}

impl OpenSplit {
    fn close(mut self) -> Result<Vec<Staged>> {
        let (places, mut files) = self.sink.close()?;
        self.rows.settle(places)?;
        if !self.rows.pending.is_empty() {
            return Err(Fault::bug("write/part", "rows whose tensors have no place"));
        }
        files.push(self.rows.manifest.close()?.0);
        Ok(files)
    }
}

impl Waiting {
    fn settle(&mut self, places: Vec<Place>) -> Result<()> {
        for place in places {
            let bug = || Fault::bug("write/part", "a place without a row");
            let mut row = self.pending.pop_front().ok_or_else(bug)?;
            set(&mut row, "tensor_file", Cell::Text(place.file))?;
            set(&mut row, "tensor_name", Cell::Text(place.name))?;
            set(&mut row, "offset", place.bytes.map_or(Cell::Null, |b| Cell::U64(b.0)))?;
            set(&mut row, "length", place.bytes.map_or(Cell::Null, |b| Cell::U64(b.1)))?;
            self.manifest.plain_row(row)?;
        }
        Ok(())
    }
}

struct OpenTable {
    path: String,
    file: TableFile,
    noted: Noted,
}

/// Makes whole files of a part, from several threads at once.
#[derive(Clone)]
pub struct FileMaker(Arc<Staging>);

impl FileMaker {
    /// Writes a file under its temporary name. It belongs to the part when [`PartWriter::file`] takes it.
    pub fn make(&self, file: &Clean<NewFile>) -> Result<Staged> {
        let file = file.get();
        let mut out = self.0.file(&file.name)?;
        file.stretches().try_for_each(|stretch| out.put(stretch))?;
        out.close()
    }
}

/// Writes a part. Dropped without [`commit`](PartWriter::commit), it leaves nothing behind.
pub struct PartWriter {
    dataset: Dataset,
    staging: Arc<Staging>,
    splits: BTreeMap<Split, OpenSplit>,
    tables: BTreeMap<(&'static str, &'static str), OpenTable>,
    files: Vec<Staged>,
    keys: HashSet<String>,
    /// By pseudonym; the receipt has them in order.
    patients: Patients,
    receipt: PartReceipt,
}

fn set(row: &mut [Cell], column: &'static str, value: Cell) -> Result<()> {
    let cell = MANIFEST.position(column).and_then(|place| row.get_mut(place));
    *cell.ok_or_else(|| Fault::bug(column, "a manifest row without this column"))? = value;
    Ok(())
}

/// Whether a key can be a file name in a tar and a name in every other format: webdataset splits names at the first
/// dot, ustar holds 100 bytes.
fn is_key(key: &str) -> bool {
    (1..=90).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// The file of a table, begun when the first of its rows comes.
fn open<'t>(
    tables: &'t mut BTreeMap<(&'static str, &'static str), OpenTable>,
    staging: &Staging,
    part: PartId,
    table: &'static Table,
) -> Result<&'t mut OpenTable> {
    match tables.entry((table.folder, table.name)) {
        std::collections::btree_map::Entry::Occupied(open) => Ok(open.into_mut()),
        std::collections::btree_map::Entry::Vacant(free) => {
            let name = format!("{}/{}.parquet", table.path(), part.label());
            let file = TableFile::create(staging, &name, table)?;
            Ok(free.insert(OpenTable { file, noted: Noted::of(table), path: table.path() }))
        }
    }
}

impl PartWriter {
    /// Begins a part, or begins it again: what an earlier try left unfinished is removed.
    pub fn begin(dataset: &Dataset, part: PartId) -> Result<Self> {
        if part.count != dataset.card().parts || part.index >= part.count {
            return Err(Fault::bug("write/part", "a part that the run does not have").number("index", part.index));
        }
        let staging = Staging::open(dataset.root(), &part.label(), dataset.durability(), Busy::Refuse)?;
        let receipt = PartReceipt {
            schema: SCHEMA,
            part,
            plan_digest: dataset.card().plan_digest.clone(),
            files: Vec::new(),
            counts: BTreeMap::new(),
            tensors: BTreeMap::new(),
            rows: BTreeMap::new(),
            tallies: BTreeMap::new(),
            boxes: 0,
            scores: Scores::default(),
            rejects: Vec::new(),
            patients: Everybody::default(),
            audit: Vec::new(),
        };
        Ok(Self {
            dataset: dataset.clone(),
            staging: Arc::new(staging),
            splits: BTreeMap::new(),
            tables: BTreeMap::new(),
            files: Vec::new(),
            keys: HashSet::new(),
            patients: Patients::default(),
            receipt,
        })
    }

    /// Writes one tensor and its manifest row, and counts an image as written. The place, key, type, shape and split
    /// of the row are filled in here. `key` becomes tensor_id: letters, digits, `-` and `_`, unique in the dataset.
    ///
    /// # Errors
    /// A fault of the input if the format cannot hold its shape beside the others: nothing of it was written.
    pub fn tensor(&mut self, split: Split, key: &str, tensor: &Tensor, row: Clean<Vec<Cell>>) -> Result<()> {
        let mut row = row.into_inner();
        let elements = tensor.shape().iter().map(|&n| u64::from(n)).product::<u64>();
        if elements == 0 || elements * tensor.dtype.bytes() as u64 != tensor.data.len() as u64 {
            return Err(Fault::bug("write/part", "a tensor whose bytes are not those of its shape"));
        }
        if row.len() != MANIFEST.columns.len() {
            return Err(Fault::bug("write/part", "a manifest row of another length").number("found", row.len() as i128));
        }
        if !is_key(key) || !self.keys.insert(key.to_owned()) {
            return Err(Fault::bug("tensor_id", "a key that is not plain or comes twice in a part"));
        }
        set(&mut row, "tensor_id", Cell::Text(key.to_owned()))?;
        set(&mut row, "dtype", Cell::Text(tensor.dtype.name().to_owned()))?;
        set(&mut row, "shape", Cell::ListU32(tensor.shape().to_vec()))?;
        set(&mut row, "split", Cell::Text(split.name().to_owned()))?;
        let open = match self.splits.entry(split) {
            std::collections::btree_map::Entry::Occupied(open) => open.into_mut(),
            std::collections::btree_map::Entry::Vacant(free) => {
                let stem = format!("{}-{}", split.name(), self.receipt.part.label());
                let sink = self.dataset.format()?.open(self.staging.clone(), format!("data/{stem}"));
                let name = format!("{}/{stem}.parquet", MANIFEST.folder);
                let manifest = TableFile::create(&self.staging, &name, &MANIFEST)?;
                free.insert(OpenSplit { sink, rows: Waiting { manifest, pending: VecDeque::new() } })
            }
        };
        open.sink.put(&Item { key, tensor, row: &row })?;
        open.rows.pending.push_back(row.clone());
        open.rows.settle(open.sink.places())?;
        self.note(&row)?;
        *self.receipt.tensors.entry(split.name().to_owned()).or_default() += 1;
        self.written(Unit::Images, 1);
        Ok(())
    }

    /// Takes note of a manifest row for counts and patients.
    fn note(&mut self, row: &[Cell]) -> Result<()> {
        for column in TALLIED {
            if let Some(cell) = MANIFEST.position(column).and_then(|place| row.get(place)) {
                tally(&mut self.receipt.tallies, column, cell);
            }
        }
        let get = |name| MANIFEST.position(name).and_then(|place| row.get(place));
        if let Some(Cell::Masks(boxes)) = get("masked") {
            self.receipt.boxes += boxes.len() as u64;
        }
        if let Some(Cell::Text(patient)) = get("patient_id") {
            self.patients.named(patient)?.see_image(&MANIFEST, row);
        }
        Ok(())
    }

    /// Adds a row to a table. What was counted as read is counted as written by [`written`](PartWriter::written): a message
    /// makes rows in several tables.
    pub fn row(&mut self, table: &'static Table, row: Clean<Vec<Cell>>) -> Result<()> {
        let open = open(&mut self.tables, &self.staging, self.receipt.part, table)?;
        self.patients.see_row(&open.noted, row.get())?;
        open.file.row(row)
    }

    /// Adds the rows of a batch to its table, and takes note of whose they are.
    pub fn batch(&mut self, batch: Clean<Batch>) -> Result<()> {
        let batch = batch.into_inner();
        let open = open(&mut self.tables, &self.staging, self.receipt.part, batch.table())?;
        self.patients.see_batch(&open.noted, &batch);
        open.file.batch(batch)
    }

    /// What makes whole files of this part.
    pub fn maker(&self) -> FileMaker {
        FileMaker(self.staging.clone())
    }

    /// Takes a whole file into the part. Its name must be its own in the data set.
    pub fn file(&mut self, file: Staged) {
        self.files.push(file);
    }

    /// Adds the row of a measured image to the table of scores, and takes note of its score.
    pub fn score(&mut self, table: &'static Table, row: Clean<Vec<Cell>>) -> Result<()> {
        let get = |name: &str| table.position(name).and_then(|place| row.get().get(place)).cloned();
        self.receipt.scores.see(get);
        self.row(table, row)
    }

    /// Takes note of the split of a person who may have no images in this part.
    pub fn person(&mut self, person: &PatientKey, split: Split) {
        let facts = self.patients.of(person);
        facts.split = facts.split.or(Some(split));
    }

    /// Counts what was looked at.
    pub fn read(&mut self, unit: Unit, how_many: u64) {
        self.receipt.counts.entry(unit).or_default().read += how_many;
    }

    /// Counts what became part of the dataset. Images are counted by [`tensor`](PartWriter::tensor).
    pub fn written(&mut self, unit: Unit, how_many: u64) {
        self.receipt.counts.entry(unit).or_default().written += how_many;
    }

    /// Sets something aside: a row of rejects.parquet, counted as refused or skipped.
    pub fn reject(&mut self, reject: &Reject<'_>) {
        let count = self.receipt.counts.entry(reject.unit).or_default();
        match reject.outcome {
            Outcome::Refused => count.refused += 1,
            Outcome::Skipped => count.skipped += 1,
        }
        self.receipt.rejects.push(RejectRow::of(reject));
    }

    /// Adds an entry to the audit trail: which rule or stage did what, in numbers and fixed words.
    pub fn audit(&mut self, event: &'static str, facts: &[(&'static str, Fact)]) {
        self.receipt.audit.push(Entry::new(event, facts));
    }

    /// Ends all files, checks that read = written + refused + skipped, and commits: files first, receipt last.
    pub fn commit(mut self) -> Result<PartReceipt> {
        if let Some((unit, count)) = self.receipt.counts.iter().find(|(_, count)| !count.adds_up()) {
            return Err(Fault::bug(unit.word(), "counts that do not add up")
                .number("read", count.read)
                .number("written", count.written)
                .number("refused", count.refused)
                .number("skipped", count.skipped));
        }
        let mut staged = std::mem::take(&mut self.files);
        for (_, open) in std::mem::take(&mut self.splits) {
            staged.extend(open.close()?);
        }
        for (_, open) in std::mem::take(&mut self.tables) {
            let (file, rows) = open.file.close()?;
            staged.push(file);
            self.receipt.rows.insert(open.path, rows);
        }
        self.receipt.patients = std::mem::take(&mut self.patients).sorted();
        self.receipt.files = staged.iter().map(|file| file.receipt().clone()).collect();
        self.receipt.files.sort_by(|a, b| a.name.cmp(&b.name));
        self.receipt.rejects.sort();
        let bytes = serde_json::to_vec(&self.receipt).map_err(|_| Fault::bug("write/part", "a receipt"))?;
        let receipt = self.staging.whole(&self.receipt.part.receipt_name(), &bytes)?;
        for file in staged {
            file.publish()?;
        }
        receipt.publish()?;
        Ok(self.receipt)
    }
}
