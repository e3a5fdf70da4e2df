//! Parquet files being written: a [`Table`] a row group at a time. Which rows there are is decided elsewhere.

use super::arrays::{arrays_of, arrays_of_batch, schema_of};
use super::files::{OutFile, Staged, Staging, io_fault};
use crate::error::{Fault, Result};
use crate::model::batch::{Batch, MOST_BYTES};
use crate::model::{Cell, Class, Clean, Domain, MaskBox, Table};
use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::{Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::schema::types::ColumnPath;
use std::sync::Arc;

/// Rows of a row group if they come one by one: what a table holds in memory at most.
pub const ROW_GROUP: usize = 10_000;

/// Bytes of text and lists after which a row group ends early.
const ROW_GROUP_BYTES: usize = MOST_BYTES;

pub(super) fn parquet_fault(name: &str, error: &ParquetError) -> Fault {
    match error {
        ParquetError::External(inner) => match inner.downcast_ref::<std::io::Error>() {
            Some(io) => io_fault(name, io),
            None => Fault::environment("output", "a Parquet file could not be written or read", name),
        },
        _ => Fault::environment("output", "a Parquet file could not be written or read", format!("{name}: {error}")),
    }
}

fn properties() -> WriterPropertiesBuilder {
    WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_created_by(concat!("voxmill version ", env!("CARGO_PKG_VERSION")).to_owned())
}

/// What a table's columns are best written as: a dictionary of values that do not come back is written in vain.
fn properties_of(table: &Table) -> WriterPropertiesBuilder {
    table.columns.iter().fold(properties(), |properties, column| {
        let path = ColumnPath::from(column.name);
        match (column.class, column.name) {
            (Class::Pseudonym(Domain::Message), _) => properties
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_statistics_enabled(path, EnabledStatistics::None),
            // Rising numbers.
            (_, "message_ordinal") => properties
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED),
            _ => properties,
        }
    })
}

/// A Parquet file being written: snappy, no clock, no host in it.
pub(super) struct ParquetFile {
    name: String,
    schema: SchemaRef,
    writer: ArrowWriter<OutFile>,
}

impl ParquetFile {
    pub(super) fn create(staging: &Staging, name: &str, schema: Schema) -> Result<Self> {
        Self::with(staging, name, schema, properties())
    }

    fn with(staging: &Staging, name: &str, schema: Schema, properties: WriterPropertiesBuilder) -> Result<Self> {
        let (schema, properties) = (Arc::new(schema), properties.build());
        let writer = ArrowWriter::try_new(staging.file(name)?, schema.clone(), Some(properties))
            .map_err(|e| parquet_fault(name, &e))?;
        Ok(Self { name: name.to_owned(), schema, writer })
    }

    /// Writes the columns as one row group.
    pub(super) fn row_group(&mut self, columns: Vec<ArrayRef>) -> Result<()> {
        let batch = RecordBatch::try_new(self.schema.clone(), columns)
            .map_err(|_| Fault::bug("write/table", "columns that do not make a batch"))?;
        self.writer.write(&batch).and_then(|()| self.writer.flush()).map_err(|e| parquet_fault(&self.name, &e))
    }

    pub(super) fn close(self) -> Result<Staged> {
        self.writer.into_inner().map_err(|e| parquet_fault(&self.name, &e))?.close()
    }
}

/// A table being written to one Parquet file, a row group at a time.
pub struct TableFile {
    table: &'static Table,
    file: ParquetFile,
    waiting: Vec<Vec<Cell>>,
    /// Those that do not fill a row group yet.
    batches: Vec<Batch>,
    waiting_bytes: usize,
    rows: u64,
}

impl TableFile {
    /// Begins the file `<dataset>/<name>`. A table without rows still has its columns.
    pub fn create(staging: &Staging, name: &str, table: &'static Table) -> Result<Self> {
        let file = ParquetFile::with(staging, name, schema_of(table), properties_of(table))?;
        Ok(Self { table, file, waiting: Vec::new(), batches: Vec::new(), waiting_bytes: 0, rows: 0 })
    }

    /// Adds a row.
    pub fn row(&mut self, row: Clean<Vec<Cell>>) -> Result<()> {
        self.plain_row(row.into_inner())
    }

    /// Adds a row of this program's own making: counts, reasons, places of tensors.
    pub(super) fn plain_row(&mut self, row: Vec<Cell>) -> Result<()> {
        if !self.batches.is_empty() {
            self.flush()?;
        }
        self.waiting_bytes += row.iter().map(bytes_of).sum::<usize>();
        self.waiting.push(row);
        self.rows += 1;
        if self.waiting.len() >= ROW_GROUP || self.waiting_bytes >= ROW_GROUP_BYTES { self.flush() } else { Ok(()) }
    }

    /// Adds rows of this table. Their place among rows added one by one is kept.
    pub(super) fn batch(&mut self, batch: Batch) -> Result<()> {
        if !self.waiting.is_empty() {
            self.flush()?;
        }
        self.rows += batch.rows() as u64;
        let mut next = Some(batch);
        while let Some(mut batch) = next {
            let held = |of: fn(&Batch) -> usize| self.batches.iter().map(of).sum();
            next = batch.overflow(held(Batch::rows), held(Batch::bytes));
            if batch.rows() > 0 {
                self.batches.push(batch);
            }
            if next.is_some() {
                self.flush()?;
            }
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        if let Some(batch) = Batch::join(std::mem::take(&mut self.batches)) {
            self.file.row_group(arrays_of_batch(batch)?)?;
        }
        if !self.waiting.is_empty() {
            self.file.row_group(arrays_of(self.table, &self.waiting)?)?;
            self.waiting.clear();
            self.waiting_bytes = 0;
        }
        Ok(())
    }

    /// Writes what waits and ends the file; the number of rows comes with it.
    pub fn close(mut self) -> Result<(Staged, u64)> {
        self.flush()?;
        Ok((self.file.close()?, self.rows))
    }
}

/// What a cell takes in memory, about.
fn bytes_of(cell: &Cell) -> usize {
    size_of::<Cell>()
        + match cell {
            Cell::Text(text) => text.len(),
            Cell::ListU32(list) => list.len() * 4,
            Cell::ListF32(list) => list.len() * 4,
            Cell::ListText(list) => list.iter().map(String::len).sum(),
            Cell::Masks(boxes) => boxes.len() * size_of::<MaskBox>(),
            _ => 0,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_seen_through_parquet() {
        let full = std::io::Error::from(std::io::ErrorKind::StorageFull);
        let fault = parquet_fault("x.parquet", &ParquetError::External(Box::new(full)));
        assert_eq!(fault.cause, "no space left for the output");
    }
}
