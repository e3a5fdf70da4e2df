//! The default format: uncompressed ustar shards of `<key>.npy` and `<key>.json`.
//!
//! Meaning of a manifest row: `tensor_file` is the tar, `tensor_name` the member (`<key>.npy`), `offset` the first
//! byte of the array's elements in the tar (member start + the 128 bytes of the npy header, so a multiple of 64) and
//! `length` the bytes of the elements: `np.memmap(tensor_file, dtype, "r", offset, shape)` is the tensor.
//! The JSON holds the manifest row without its place; keys that are null are left out.

use super::files::{OutFile, Staged, Staging};
use super::npy;
use super::place::{Item, Place, Sink, json_of, side_columns};
use crate::error::{Fault, Result};
use crate::model::ColumnType;
use std::sync::Arc;

const BLOCK: usize = 512;

/// The sink: nothing but the tar's own buffer is held in memory.
pub(super) struct Tar {
    staging: Arc<Staging>,
    name: String,
    file: Option<OutFile>,
    places: Vec<Place>,
}

impl Tar {
    pub(super) fn new(staging: Arc<Staging>, stem: String) -> Self {
        Self { staging, name: format!("{stem}.tar"), file: None, places: Vec::new() }
    }
}

/// Adds one member made of `pieces`; no clock, user or host is in its header.
fn member(file: &mut OutFile, name: &str, pieces: &[&[u8]]) -> Result<()> {
    let length: usize = pieces.iter().map(|piece| piece.len()).sum();
    let mut header = tar::Header::new_ustar();
    header.set_path(name).map_err(|_| Fault::bug("write/webdataset", "a key that does not fit a tar header"))?;
    header.set_size(length as u64);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_cksum();
    file.put(header.as_bytes())?;
    for piece in pieces {
        file.put(piece)?;
    }
    let padding = length.next_multiple_of(BLOCK) - length;
    file.put(&[0; BLOCK][..padding])
}

impl Sink for Tar {
    fn put(&mut self, item: &Item<'_>) -> Result<()> {
        if self.file.is_none() {
            self.file = Some(self.staging.file(&self.name)?);
        }
        let Some(file) = &mut self.file else { return Ok(()) };
        let tensor = item.tensor;
        let header = npy::header(tensor.dtype.numpy(), &tensor.shape().map(u64::from));
        let offset = file.position() + (BLOCK + header.len()) as u64;
        let name = format!("{}.npy", item.key);
        member(file, &name, &[&header, &tensor.data])?;
        let side: serde_json::Map<_, _> = side_columns()
            .filter_map(|(place, column)| {
                let single = matches!(column.kind, ColumnType::F32 | ColumnType::ListF32);
                Some((column.name.to_owned(), json_of(item.row.get(place)?, single)?))
            })
            .collect();
        let json = serde_json::Value::Object(side).to_string();
        member(file, &format!("{}.json", item.key), &[json.as_bytes()])?;
        self.places.push(Place { file: self.name.clone(), name, bytes: Some((offset, tensor.data.len() as u64)) });
        Ok(())
    }

    fn places(&mut self) -> Vec<Place> {
        std::mem::take(&mut self.places)
    }

    fn close(mut self: Box<Self>) -> Result<(Vec<Place>, Vec<Staged>)> {
        let mut files = Vec::new();
        if let Some(mut file) = self.file.take() {
            // POSIX: two blocks of zeros end an archive.
            file.put(&[0; 2 * BLOCK])?;
            files.push(file.close()?);
        }
        Ok((self.places, files))
    }
}
