//! Makes every file that others keep: tensors, tables, cards, audit trail, report. It takes only what `deid` let
//! through ([`Clean`](crate::model::Clean)) and tensors that a masked plan made; it never sees a sealed value.
//!
//! The order of a run: [`Dataset::open`] says whose folder it is, a [`PartWriter`] writes each part, [`Finisher`]
//! closes the dataset when all parts are committed, [`verify`] looks at the result.
//!
//! A new output format is one file implementing the sink trait and one row of [`FORMATS`].

mod arrays;
mod audit;
mod card;
mod checksums;
mod contact;
mod croissant;
mod dataset;
pub mod encode;
mod everybody;
pub mod evidence;
pub mod files;
mod finish;
mod monai;
mod noted;
pub mod npy;
mod parquet_hf;
mod parquet_ray;
mod parquet_tensors;
pub mod part;
mod patients;
pub mod picture;
mod place;
mod previews;
pub mod private;
mod readme;
mod receipt;
mod report;
mod reread;
mod runs;
mod safetensors;
mod scores;
mod sorter;
mod staging;
mod summary;
mod table;
mod tally;
pub mod texts;
pub mod times;
pub mod verify;
mod verify_tensors;
mod webdataset;

pub use arrays::schema_of;
pub use audit::Fact;
pub use dataset::{Dataset, RunCard};
pub use finish::{Finished, Finisher, OpenTable};
pub use part::{FileMaker, PartWriter};
pub use patients::Joined;
pub use receipt::{Count, Outcome, PartId, PartReceipt, Reject, RejectRow, Unit};
pub use report::write_report;
pub use reread::read_batches;
pub use sorter::Sorter;
pub use table::TableFile;

use crate::error::{Fault, Result};
use files::Staging;
use place::Sink;
use std::sync::Arc;

/// How tensors are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Format {
    /// Tar shards of `<key>.npy` and `<key>.json`.
    #[default]
    WebDataset,
    /// safetensors files.
    SafeTensors,
    /// One stacked array N,C,H,W per split and part.
    Npy,
    /// Parquet with nested lists.
    ParquetHf,
    /// Parquet with the extension type arrow.fixed_shape_tensor.
    ParquetRay,
}

/// One row of [`FORMATS`].
#[derive(Debug)]
pub struct FormatRow {
    /// Which.
    pub format: Format,
    /// The word in a recipe.
    pub word: &'static str,
    /// Ending of its files.
    pub extension: &'static str,
    /// Whether all tensors must have one shape.
    pub one_shape: bool,
    /// One sentence for the manual.
    pub help: &'static str,
    open: fn(Arc<Staging>, String) -> Box<dyn Sink>,
}

/// Every format, the default first.
pub const FORMATS: &[FormatRow] = &[
    FormatRow {
        format: Format::WebDataset,
        word: "webdataset",
        extension: "tar",
        one_shape: false,
        help: "Uncompressed tar shards of <key>.npy and <key>.json: webdataset, Hugging Face and Ray read them, and numpy maps each tensor by its offset.",
        open: |staging, stem| Box::new(webdataset::Tar::new(staging, stem)),
    },
    FormatRow {
        format: Format::SafeTensors,
        word: "safetensors",
        extension: "safetensors",
        one_shape: false,
        help: "safetensors files of about 32 MiB, one tensor per image by its tensor_id.",
        open: |staging, stem| Box::new(safetensors::Files::new(staging, stem)),
    },
    FormatRow {
        format: Format::Npy,
        word: "npy",
        extension: "npy",
        one_shape: true,
        help: "One stacked NumPy array N,C,H,W per split and part; all tensors must have one shape.",
        open: |staging, stem| Box::new(npy::Stack::new(staging, stem)),
    },
    FormatRow {
        format: Format::ParquetHf,
        word: "parquet-hf",
        extension: "parquet",
        one_shape: false,
        help: "Parquet with the tensor as nested lists beside its metadata: best for Hugging Face datasets.",
        open: |staging, stem| Box::new(parquet_tensors::Rows::new(staging, stem, parquet_hf::LAYOUT)),
    },
    FormatRow {
        format: Format::ParquetRay,
        word: "parquet-ray",
        extension: "parquet",
        one_shape: true,
        help: "Parquet with the tensor as arrow.fixed_shape_tensor beside its metadata: best for Ray Data; all tensors must have one shape.",
        open: |staging, stem| Box::new(parquet_tensors::Rows::new(staging, stem, parquet_ray::LAYOUT)),
    },
];

impl Format {
    /// Its row.
    pub fn row(self) -> &'static FormatRow {
        // The table has a row for each variant; a test walks them.
        FORMATS.iter().find(|row| row.format == self).unwrap_or(&FORMATS[0])
    }

    /// The word in a recipe.
    pub fn word(self) -> &'static str {
        self.row().word
    }

    /// By the word in a recipe.
    pub fn from_word(word: &str) -> Option<Self> {
        FORMATS.iter().find(|row| row.word == word).map(|row| row.format)
    }

    /// Refuses a format that needs one shape for a plan whose tensors keep the size of their image. To be asked before
    /// the first decode.
    pub fn check_shapes(self, one_shape: bool) -> Result<()> {
        if self.row().one_shape && !one_shape {
            return Err(Fault::config("output.format", "this format needs all tensors to have one shape", self.word())
                .remedy("set a size with resize, or choose webdataset, safetensors or parquet-hf"));
        }
        Ok(())
    }

    pub(crate) fn open(self, staging: Arc<Staging>, stem: String) -> Box<dyn Sink> {
        (self.row().open)(staging, stem)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_has_one_row_and_one_word() {
        let all = [Format::WebDataset, Format::SafeTensors, Format::Npy, Format::ParquetHf, Format::ParquetRay];
        assert_eq!(FORMATS.len(), all.len());
        for format in all {
            assert_eq!(format.row().format, format);
            assert_eq!(Format::from_word(format.word()), Some(format));
        }
        assert_eq!(Format::from_word("zarr"), None);
    }

    #[test]
    fn a_stack_of_unequal_images_is_refused_before_work_begins() {
        let fault = Format::Npy.check_shapes(false).unwrap_err();
        assert_eq!((fault.kind, fault.place), (crate::error::Kind::Config, "output.format"));
        assert!(Format::Npy.check_shapes(true).is_ok() && Format::WebDataset.check_shapes(false).is_ok());
    }
}
