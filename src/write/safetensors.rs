//! The format `safetensors`: files of about 32 MiB, `<split>-<part>-<nnn>.safetensors`, one tensor per image under its
//! tensor_id. What is in memory is bounded by one file; `offset` counts from the start of the file.

use super::files::{Staged, Staging};
use super::place::{Item, Place, Sink};
use crate::error::{Fault, Result};
use crate::model::{DType, Tensor};
use ::safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use std::sync::Arc;

/// Bytes of tensors after which a new file begins.
const FILE_BYTES: usize = 32 << 20;

/// Tensors after which a new file begins: the header is read as a whole.
const FILE_TENSORS: usize = 10_000;

pub(super) struct Files {
    staging: Arc<Staging>,
    stem: String,
    waiting: Vec<(String, Tensor)>,
    waiting_bytes: usize,
    files: Vec<Staged>,
    places: Vec<Place>,
}

impl Files {
    pub(super) fn new(staging: Arc<Staging>, stem: String) -> Self {
        Self { staging, stem, waiting: Vec::new(), waiting_bytes: 0, files: Vec::new(), places: Vec::new() }
    }

    fn roll(&mut self) -> Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let bug = || Fault::bug("write/safetensors", "tensors that do not make a file");
        let views = self.waiting.iter().map(|(key, tensor)| {
            let shape = tensor.shape().iter().map(|&n| n as usize).collect();
            TensorView::new(dtype_of(tensor.dtype), shape, &tensor.data).map(|view| (key.as_str(), view))
        });
        let views = views.collect::<std::result::Result<Vec<_>, _>>().map_err(|_| bug())?;
        let bytes = serialize(views, None).map_err(|_| bug())?;
        let (header, metadata) = SafeTensors::read_metadata(&bytes).map_err(|_| bug())?;
        let name = format!("{}-{:03}.safetensors", self.stem, self.files.len());
        for (key, _) in std::mem::take(&mut self.waiting) {
            let (begin, end) = metadata.info(&key).ok_or_else(bug)?.data_offsets;
            let bytes = Some(((8 + header + begin) as u64, (end - begin) as u64));
            self.places.push(Place { file: name.clone(), name: key, bytes });
        }
        self.waiting_bytes = 0;
        self.files.push(self.staging.whole(&name, &bytes)?);
        Ok(())
    }
}

fn dtype_of(dtype: DType) -> Dtype {
    match dtype {
        DType::F32 => Dtype::F32,
        DType::F16 => Dtype::F16,
        DType::U8 => Dtype::U8,
        DType::U16 => Dtype::U16,
    }
}

impl Sink for Files {
    fn put(&mut self, item: &Item<'_>) -> Result<()> {
        let bytes = item.tensor.data.len();
        if self.waiting_bytes + bytes > FILE_BYTES || self.waiting.len() >= FILE_TENSORS {
            self.roll()?;
        }
        self.waiting.push((item.key.to_owned(), item.tensor.clone()));
        self.waiting_bytes += bytes;
        Ok(())
    }

    fn places(&mut self) -> Vec<Place> {
        std::mem::take(&mut self.places)
    }

    fn close(mut self: Box<Self>) -> Result<(Vec<Place>, Vec<Staged>)> {
        self.roll()?;
        Ok((self.places, self.files))
    }
}
