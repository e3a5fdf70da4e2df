//! The only unsafe code of this room: OpenJPEG behind a safe face. Bytes in, planes of 32-bit samples out.
//!
//! Every handle is owned by a guard that frees it. OpenJPEG's own message callbacks stay at their defaults, which
//! print nothing (event.c), so that no word of a file reaches the terminal. Nothing here trusts a size: callers have
//! read the header with `jpeg2000_header` and compare what came out with it.

#![expect(unsafe_code, reason = "OpenJPEG is a C library; reviewed block by block, nothing else in this room needs it")]

use openjpeg_sys as opj;
use std::ffi::c_void;
use std::ptr::{self, NonNull};

/// One decoded component.
pub(super) struct Plane<'a> {
    /// Samples a row.
    pub columns: usize,
    /// Rows.
    pub rows: usize,
    /// `rows * columns` samples, row by row.
    pub samples: &'a [i32],
}

/// A decoded image; its memory is OpenJPEG's.
pub(super) struct Image(NonNull<opj::opj_image_t>);

impl Image {
    /// A component, or `None` if there is no such component or it has no samples.
    pub fn plane(&self, index: usize) -> Option<Plane<'_>> {
        // SAFETY: the pointer came from opj_read_header, is not null (NonNull) and is freed only in drop; no mutable
        // reference to the image exists while `self` is borrowed.
        let image = unsafe { self.0.as_ref() };
        if index >= image.numcomps as usize || image.comps.is_null() {
            return None;
        }
        // SAFETY: `comps` points to `numcomps` components (opj_image_create0, opj_j2k_read_siz), index is below that.
        let component = unsafe { &*image.comps.add(index) };
        let (columns, rows) = (component.w as usize, component.h as usize);
        if component.data.is_null() || columns == 0 || rows == 0 {
            return None;
        }
        // SAFETY: after a successful opj_decode `data` holds w * h initialised 32-bit samples (opj_j2k_update_image_data
        // allocates and clears or fills them, or takes over the tile's buffer of just that size), malloc-aligned.
        let samples = unsafe { std::slice::from_raw_parts(component.data, columns.checked_mul(rows)?) };
        Some(Plane { columns, rows, samples })
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        // SAFETY: the pointer is owned by this guard alone and came from OpenJPEG.
        unsafe { opj::opj_image_destroy(self.0.as_ptr()) }
    }
}

struct Codec(NonNull<opj::opj_codec_t>);

impl Drop for Codec {
    fn drop(&mut self) {
        // SAFETY: made by opj_create_decompress, freed once, here.
        unsafe { opj::opj_destroy_codec(self.0.as_ptr()) }
    }
}

struct Stream(NonNull<opj::opj_stream_t>);

impl Drop for Stream {
    fn drop(&mut self) {
        // SAFETY: made by opj_stream_create, freed once, here; the reader behind it is not OpenJPEG's to free.
        unsafe { opj::opj_stream_destroy(self.0.as_ptr()) }
    }
}

/// What the stream callbacks see.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// OpenJPEG's word for "no more bytes": (OPJ_SIZE_T)-1.
const END: usize = usize::MAX;

unsafe extern "C" fn read(buffer: *mut c_void, wanted: usize, reader: *mut c_void) -> usize {
    // SAFETY: `reader` is the Reader that `decode` handed over; it outlives the stream and nobody else holds a
    // reference to it while OpenJPEG runs.
    let reader = unsafe { &mut *reader.cast::<Reader<'_>>() };
    let rest = reader.bytes.get(reader.at..).unwrap_or_default();
    let count = rest.len().min(wanted);
    if count == 0 {
        return END;
    }
    // SAFETY: OpenJPEG gives a buffer of at least `wanted` bytes of its own; `count` is at most that and at most what
    // is left of our bytes; the two don't overlap.
    unsafe { ptr::copy_nonoverlapping(rest.as_ptr(), buffer.cast::<u8>(), count) };
    reader.at += count;
    count
}

unsafe extern "C" fn skip(count: i64, reader: *mut c_void) -> i64 {
    // SAFETY: as in `read`.
    let reader = unsafe { &mut *reader.cast::<Reader<'_>>() };
    let left = reader.bytes.len() - reader.at;
    match usize::try_from(count) {
        Ok(count) if left > 0 || count == 0 => {
            let step = count.min(left);
            reader.at += step;
            step as i64
        }
        _ => -1,
    }
}

unsafe extern "C" fn seek(to: i64, reader: *mut c_void) -> opj::OPJ_BOOL {
    // SAFETY: as in `read`.
    let reader = unsafe { &mut *reader.cast::<Reader<'_>>() };
    match usize::try_from(to) {
        Ok(to) if to <= reader.bytes.len() => {
            reader.at = to;
            1
        }
        _ => 0,
    }
}

/// Decodes a bare codestream, leaving out the `reduce` highest resolutions; `None` if OpenJPEG refuses it. Strict: a
/// codestream whose packets end early is refused.
pub(super) fn decode(codestream: &[u8], reduce: u32) -> Option<Image> {
    let mut reader = Reader { bytes: codestream, at: 0 };
    let chunk = codestream.len().clamp(64, opj::OPJ_J2K_STREAM_CHUNK_SIZE as usize);
    // SAFETY: plain constructors; null on failure, which `new` turns into None. The user data is `reader`, which
    // outlives `stream` (declared before it, so dropped after it), and needs no free function.
    let stream = Stream(NonNull::new(unsafe { opj::opj_stream_create(chunk, 1) })?);
    let handle = stream.0.as_ptr();
    // SAFETY: `handle` is a live stream; the callbacks have the signatures that OpenJPEG asks for and treat their
    // last argument as the Reader set here.
    unsafe {
        opj::opj_stream_set_read_function(handle, Some(read));
        opj::opj_stream_set_skip_function(handle, Some(skip));
        opj::opj_stream_set_seek_function(handle, Some(seek));
        opj::opj_stream_set_user_data(handle, (&raw mut reader).cast::<c_void>(), None);
        opj::opj_stream_set_user_data_length(handle, codestream.len() as u64);
    }
    // SAFETY: a plain constructor; null on failure.
    let codec = Codec(NonNull::new(unsafe { opj::opj_create_decompress(opj::OPJ_CODEC_FORMAT::OPJ_CODEC_J2K) })?);
    let mut parameters = std::mem::MaybeUninit::<opj::opj_dparameters_t>::zeroed();
    // SAFETY: the structure is plain old data for which zeroes are valid; opj_set_default_decoder_parameters writes
    // through the pointer only within it.
    let mut parameters = unsafe {
        opj::opj_set_default_decoder_parameters(parameters.as_mut_ptr());
        parameters.assume_init()
    };
    parameters.cp_reduce = reduce;
    // SAFETY: `codec` is a live decompressor; `parameters` is only read during the call.
    let ready = unsafe {
        opj::opj_setup_decoder(codec.0.as_ptr(), &raw mut parameters) != 0
            && opj::opj_decoder_set_strict_mode(codec.0.as_ptr(), 1) != 0
    };
    if !ready {
        return None;
    }
    let mut image = ptr::null_mut();
    // SAFETY: live stream and codec; OpenJPEG stores an image that is ours to destroy, or leaves null.
    let read = unsafe { opj::opj_read_header(handle, codec.0.as_ptr(), &raw mut image) };
    let image = Image(NonNull::new(image)?);
    // SAFETY: as above; the image was made by this codec's opj_read_header.
    let decoded = read != 0 && unsafe { opj::opj_decode(codec.0.as_ptr(), handle, image.0.as_ptr()) } != 0;
    decoded.then_some(image)
}
