//! Whether tensors are where manifest rows say. One check per kind of file, told by its ending.

use super::files::{FileReceipt, io_fault};
use super::npy::{HEADER_BYTES, header};
use super::previews::dtype_of;
use super::reread::{Entry, elements_of, read_batches};
use super::verify::Finding;
use crate::error::Result;
use ::safetensors::tensor::SafeTensors;
use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// Bytes of a row's elements by its type and shape.
fn bytes_of(row: &Entry) -> Option<u64> {
    let elements = row.shape.iter().try_fold(1u64, |product, &n| product.checked_mul(u64::from(n)))?;
    elements.checked_mul(dtype_of(&row.dtype)?.bytes() as u64)
}

fn bytes_at(file: &mut File, offset: u64, length: usize) -> Option<Vec<u8>> {
    let mut bytes = vec![0; length];
    file.seek(SeekFrom::Start(offset)).ok()?;
    file.read_exact(&mut bytes).ok()?;
    Some(bytes)
}

/// The member header, the npy header and the elements lie where the row says.
fn in_tar(file: &mut File, row: &Entry) -> Option<()> {
    let (offset, _) = row.place?;
    let start = offset.checked_sub((512 + HEADER_BYTES) as u64)?;
    let found = bytes_at(file, start, 512 + HEADER_BYTES)?;
    let (member, array) = found.split_at(512);
    let name = member.split(|&b| b == 0).next()?;
    let shape: Vec<u64> = row.shape.iter().map(|&n| u64::from(n)).collect();
    (name == row.tensor_name.as_bytes() && array == header(dtype_of(&row.dtype)?.numpy(), &shape)).then_some(())
}

/// The row is the n-th of the stack.
fn in_stack(file: &mut File, row: &Entry, rows: usize) -> Option<()> {
    let (offset, length) = row.place?;
    let index: u64 = row.tensor_name.parse().ok()?;
    let shape: Vec<u64> = std::iter::once(rows as u64).chain(row.shape.iter().map(|&n| u64::from(n))).collect();
    let found = bytes_at(file, 0, HEADER_BYTES)?;
    let right =
        found == header(dtype_of(&row.dtype)?.numpy(), &shape) && offset == HEADER_BYTES as u64 + index * length;
    right.then_some(())
}

/// The file's own header says the same place, type and shape.
fn in_safetensors(bytes: &[u8], row: &Entry) -> Option<()> {
    let (header, metadata) = SafeTensors::read_metadata(bytes).ok()?;
    let info = metadata.info(&row.tensor_name)?;
    let (begin, end) = info.data_offsets;
    let shape: Vec<u32> = info.shape.iter().map(|&n| n as u32).collect();
    let dtype = format!("{:?}", info.dtype).to_lowercase();
    let place = ((8 + header + begin) as u64, (end - begin) as u64);
    (row.place == Some(place) && row.shape == shape && row.dtype == dtype).then_some(())
}

/// The rows of a Parquet file of tensors are those of the manifest, in its order.
fn in_parquet(root: &Path, receipt: &FileReceipt, rows: &[&Entry]) -> bool {
    let mut at = 0;
    let mut right = true;
    let read = read_batches(root, receipt, &["tensor_id", "tensor"], None, |batch| {
        use arrow::array::AsArray;
        let ids = batch.column_by_name("tensor_id").and_then(|c| c.as_string_opt::<i32>());
        let tensors = batch.column_by_name("tensor");
        for i in 0..batch.num_rows() {
            let fits = rows.get(at).zip(ids).zip(tensors).is_some_and(|((row, ids), tensors)| {
                row.tensor_name == at.to_string()
                    && ids.value(i) == row.tensor_id
                    && elements_of(tensors, i).map(|bytes| bytes.len() as u64) == bytes_of(row)
            });
            right &= fits;
            at += 1;
        }
        Ok(())
    });
    read.is_ok() && right && at == rows.len()
}

/// Checks the rows of one manifest file.
pub(super) fn check_tensors(
    root: &Path,
    files: &HashMap<&str, &FileReceipt>,
    manifest: &str,
    rows: &[Entry],
) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let mut by_file: Vec<(&str, Vec<&Entry>)> = Vec::new();
    for row in rows {
        match by_file.last_mut().filter(|(name, _)| *name == row.tensor_file) {
            Some((_, list)) => list.push(row),
            None => by_file.push((&row.tensor_file, vec![row])),
        }
    }
    for (name, rows) in by_file {
        let Some(receipt) = files.get(name) else {
            findings.push(Finding::new(manifest, "a row whose tensor_file is not of its part"));
            continue;
        };
        if name.ends_with(".parquet") {
            if !in_parquet(root, receipt, &rows) {
                findings.push(Finding::new(name, "other tensors than the manifest says"));
            }
            continue;
        }
        let mut file = File::open(root.join(name)).map_err(|e| io_fault(name, &e))?;
        let mut whole = Vec::new();
        if name.ends_with(".safetensors") {
            file.read_to_end(&mut whole).map_err(|e| io_fault(name, &e))?;
        }
        for row in &rows {
            let inside = row
                .place
                .and_then(|(offset, length)| offset.checked_add(length))
                .is_some_and(|end| end <= receipt.bytes);
            let sized = row.place.map(|place| place.1) == bytes_of(row);
            let there = match name.rsplit_once('.').map(|(_, ending)| ending) {
                Some("tar") => in_tar(&mut file, row),
                Some("npy") => in_stack(&mut file, row, rows.len()),
                Some("safetensors") => in_safetensors(&whole, row),
                _ => None,
            };
            if !(inside && sized && there.is_some()) {
                findings.push(Finding::new(name, "a tensor that is not where its row says"));
            }
        }
    }
    Ok(findings)
}
