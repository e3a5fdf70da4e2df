//! NumPy's file format, version 1.0, and the format `npy`: one stacked array per split and part.

use super::files::{OutFile, Staged, Staging};
use super::place::{Item, Place, Sink, other_shape};
use crate::error::{Fault, Result};
use crate::model::DType;
use std::sync::Arc;

/// Length of every header made here: NumPy asks for a multiple of 64, and 128 hold any shape of up to four axes.
pub const HEADER_BYTES: usize = 128;

/// The header of a C-ordered array: `descr` is NumPy's name of the element type (`<f4`).
///
/// ```
/// let header = voxmill::write::npy::header("<f4", &[1, 2, 3]);
/// assert_eq!(header.len(), 128);
/// assert!(header.starts_with(b"\x93NUMPY\x01\x00\x76\x00{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 3), }"));
/// ```
pub fn header(descr: &str, shape: &[u64]) -> Vec<u8> {
    let axes: String = shape.iter().map(|n| format!("{n}, ")).collect();
    // A tuple of one keeps its comma: (3,).
    let axes = if shape.len() == 1 { axes.trim_end() } else { axes.trim_end_matches(", ") };
    let dict = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({axes}), }}");
    let total = (10 + dict.len() + 1).next_multiple_of(64).max(HEADER_BYTES);
    let mut bytes = Vec::with_capacity(total);
    bytes.extend_from_slice(b"\x93NUMPY\x01\x00");
    bytes.extend_from_slice(&((total - 10) as u16).to_le_bytes());
    bytes.extend_from_slice(dict.as_bytes());
    bytes.resize(total - 1, b' ');
    bytes.push(b'\n');
    bytes
}

/// The sink of the format `npy`. The number of tensors is known at the end: the header is written twice.
pub(super) struct Stack {
    staging: Arc<Staging>,
    name: String,
    file: Option<(OutFile, DType, [u32; 3])>,
    count: u64,
    places: Vec<Place>,
}

impl Stack {
    pub(super) fn new(staging: Arc<Staging>, stem: String) -> Self {
        Self { staging, name: format!("{stem}.npy"), file: None, count: 0, places: Vec::new() }
    }
}

fn stack_header(count: u64, dtype: DType, shape: [u32; 3]) -> Result<Vec<u8>> {
    let [c, h, w] = shape.map(u64::from);
    let bytes = header(dtype.numpy(), &[count, c, h, w]);
    if bytes.len() == HEADER_BYTES { Ok(bytes) } else { Err(Fault::bug("write/npy", "a header that outgrew its room")) }
}

impl Sink for Stack {
    fn put(&mut self, item: &Item<'_>) -> Result<()> {
        let (dtype, shape) = (item.tensor.dtype, item.tensor.shape());
        if self.file.is_none() {
            let mut file = self.staging.file(&self.name)?;
            file.put(&stack_header(0, dtype, shape)?)?;
            self.file = Some((file, dtype, shape));
        }
        let Some((file, first_dtype, first)) = &mut self.file else { return Ok(()) };
        if (*first_dtype, *first) != (dtype, shape) {
            return Err(other_shape(*first, shape));
        }
        let bytes = Some((file.position(), item.tensor.data.len() as u64));
        file.put(&item.tensor.data)?;
        self.places.push(Place { file: self.name.clone(), name: self.count.to_string(), bytes });
        self.count += 1;
        Ok(())
    }

    fn places(&mut self) -> Vec<Place> {
        std::mem::take(&mut self.places)
    }

    fn close(mut self: Box<Self>) -> Result<(Vec<Place>, Vec<Staged>)> {
        let mut files = Vec::new();
        if let Some((mut file, dtype, shape)) = self.file.take() {
            file.patch_front(&stack_header(self.count, dtype, shape)?)?;
            files.push(file.close()?);
        }
        Ok((self.places, files))
    }
}
