//! JPEG 2000 lossless encoder (reversible wavelet, component transform for colour; DICOM .90) by OpenJPEG, which is a
//! C library: what is unsafe about it stays in this file. No bytes from outside come here, only pictures of our own.

#![expect(unsafe_code, reason = "OpenJPEG is a C library; reviewed block by block, nothing else in this room needs it")]

use super::Picture;
use crate::error::{Fault, Result};
use openjpeg_sys as opj;
use std::ffi::c_void;
use std::ptr::{self, NonNull};

const PLACE: &str = "JPEG 2000 encoder";

/// Encodes a picture of 1 or 2 bytes a sample as a bare codestream with up to five halvings; `signed` samples are two's
/// complement in `bits_stored` bits (PixelRepresentation 1). Fails on more than 16 bits, or without memory.
pub fn encode(picture: &Picture<'_>, signed: bool) -> Result<Vec<u8>> {
    encode_as(picture, signed, None)
}

/// The same with loss: the irreversible wavelet, cut off at one `ratio`-th of the picture's bytes. For pictures whose
/// loss is wanted, such as those that quality metrics are tried on. Fails likewise.
pub fn encode_lossy(picture: &Picture<'_>, signed: bool, ratio: f32) -> Result<Vec<u8>> {
    encode_as(picture, signed, Some(ratio))
}

fn encode_as(picture: &Picture<'_>, signed: bool, ratio: Option<f32>) -> Result<Vec<u8>> {
    picture.check(PLACE, 16)?;
    let unused = 32 - u32::from(picture.bits_stored);
    let value = |stored: u16| match i32::from(stored) {
        value if signed => (value << unused) >> unused,
        value => value,
    };
    let samples = picture.stored();
    let mut image = image(picture, signed)?;
    for (index, component) in image.components().iter_mut().enumerate() {
        // SAFETY: opj_image_create gave each component room for w * h samples, which are rows * columns here, and
        // cleared it (opj_calloc), so the slice is initialised; nothing else refers to it.
        let plane =
            unsafe { std::slice::from_raw_parts_mut(component.data, picture.rows as usize * picture.columns as usize) };
        let mine = samples.iter().skip(index).step_by(picture.samples.into());
        for (to, &stored) in plane.iter_mut().zip(mine) {
            *to = value(stored);
        }
    }
    let mut parameters = parameters(picture);
    if let Some(ratio) = ratio {
        parameters.tcp_rates[0] = ratio;
        parameters.irreversible = 1;
    }
    compress(&mut image, &parameters).ok_or_else(|| Fault::bug(PLACE, "OpenJPEG refused a picture"))
}

struct Image(NonNull<opj::opj_image_t>);

impl Image {
    fn components(&mut self) -> &mut [opj::opj_image_comp_t] {
        // SAFETY: the image is alive and ours alone; `comps` holds `numcomps` components (opj_image_create).
        unsafe {
            let image = self.0.as_mut();
            std::slice::from_raw_parts_mut(image.comps, image.numcomps as usize)
        }
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        // SAFETY: made by opj_image_create, freed once, here.
        unsafe { opj::opj_image_destroy(self.0.as_ptr()) }
    }
}

fn image(picture: &Picture<'_>, signed: bool) -> Result<Image> {
    let component = opj::opj_image_cmptparm_t {
        dx: 1,
        dy: 1,
        w: picture.columns,
        h: picture.rows,
        x0: 0,
        y0: 0,
        prec: picture.bits_stored.into(),
        bpp: picture.bits_stored.into(),
        sgnd: signed.into(),
    };
    let mut components = [component; 4];
    let space = match picture.samples {
        3 => opj::OPJ_COLOR_SPACE::OPJ_CLRSPC_SRGB,
        _ => opj::OPJ_COLOR_SPACE::OPJ_CLRSPC_GRAY,
    };
    // SAFETY: `components` holds at least `samples` (1 to 4, `Picture::check`) entries, which are only read.
    let made = unsafe { opj::opj_image_create(picture.samples.into(), components.as_mut_ptr(), space) };
    let image = NonNull::new(made).ok_or_else(no_memory)?;
    // SAFETY: the image is alive and ours alone.
    unsafe {
        (*image.as_ptr()).x1 = picture.columns;
        (*image.as_ptr()).y1 = picture.rows;
    }
    Ok(Image(image))
}

fn no_memory() -> Fault {
    Fault::environment(PLACE, "not enough memory for a picture", "")
}

fn parameters(picture: &Picture<'_>) -> Box<opj::opj_cparameters_t> {
    let mut parameters = Box::new(std::mem::MaybeUninit::<opj::opj_cparameters_t>::zeroed());
    // SAFETY: plain old data for which zeroes are valid; opj_set_default_encoder_parameters writes within it only.
    let mut parameters = unsafe {
        opj::opj_set_default_encoder_parameters(parameters.as_mut_ptr());
        parameters.assume_init()
    };
    parameters.tcp_numlayers = 1;
    parameters.tcp_rates[0] = 0.0;
    parameters.cp_disto_alloc = 1;
    parameters.irreversible = 0;
    parameters.tcp_mct = (picture.samples == 3).into();
    // OpenJPEG refuses more resolutions than the shorter side has bits.
    let shorter = picture.rows.min(picture.columns);
    parameters.numresolution = (shorter.ilog2() + 1).min(6) as i32;
    parameters
}

struct Codec(NonNull<opj::opj_codec_t>);

impl Drop for Codec {
    fn drop(&mut self) {
        // SAFETY: made by opj_create_compress, freed once, here.
        unsafe { opj::opj_destroy_codec(self.0.as_ptr()) }
    }
}

struct Stream(NonNull<opj::opj_stream_t>);

impl Drop for Stream {
    fn drop(&mut self) {
        // SAFETY: made by opj_stream_create, freed once, here; the writer behind it is not OpenJPEG's to free.
        unsafe { opj::opj_stream_destroy(self.0.as_ptr()) }
    }
}

/// What the stream callbacks see.
#[derive(Default)]
struct Writer {
    bytes: Vec<u8>,
    at: usize,
}

impl Writer {
    /// The place `to`, with zeroes up to it if it lies beyond the end.
    fn go(&mut self, to: usize) {
        if to > self.bytes.len() {
            self.bytes.resize(to, 0);
        }
        self.at = to;
    }
}

unsafe extern "C" fn write(buffer: *mut c_void, count: usize, writer: *mut c_void) -> usize {
    // SAFETY: `writer` is the Writer that `compress` handed over and nobody else uses while OpenJPEG runs; OpenJPEG
    // gives `count` initialised bytes.
    let (writer, new) =
        unsafe { (&mut *writer.cast::<Writer>(), std::slice::from_raw_parts(buffer.cast::<u8>(), count)) };
    let end = writer.at + count;
    if end > writer.bytes.len() {
        writer.bytes.resize(end, 0);
    }
    if let Some(place) = writer.bytes.get_mut(writer.at..end) {
        place.copy_from_slice(new);
    }
    writer.at = end;
    count
}

unsafe extern "C" fn skip(count: i64, writer: *mut c_void) -> i64 {
    // SAFETY: as in `write`.
    let writer = unsafe { &mut *writer.cast::<Writer>() };
    match usize::try_from(count) {
        Ok(step) => {
            writer.go(writer.at + step);
            count
        }
        Err(_) => -1,
    }
}

unsafe extern "C" fn seek(to: i64, writer: *mut c_void) -> opj::OPJ_BOOL {
    // SAFETY: as in `write`.
    let writer = unsafe { &mut *writer.cast::<Writer>() };
    match usize::try_from(to) {
        Ok(to) => {
            writer.go(to);
            1
        }
        Err(_) => 0,
    }
}

fn compress(image: &mut Image, parameters: &opj::opj_cparameters_t) -> Option<Vec<u8>> {
    let mut parameters = Box::new(*parameters);
    let mut writer = Writer::default();
    // SAFETY: a plain constructor; null on failure. The user data is `writer`, which is declared before the stream and
    // so outlives it.
    let stream = Stream(NonNull::new(unsafe { opj::opj_stream_create(1 << 16, 0) })?);
    let handle = stream.0.as_ptr();
    // SAFETY: `handle` is a live stream; the callbacks have the signatures OpenJPEG asks for and treat their last
    // argument as the Writer set here.
    unsafe {
        opj::opj_stream_set_write_function(handle, Some(write));
        opj::opj_stream_set_skip_function(handle, Some(skip));
        opj::opj_stream_set_seek_function(handle, Some(seek));
        opj::opj_stream_set_user_data(handle, ptr::from_mut(&mut writer).cast::<c_void>(), None);
    }
    // SAFETY: a plain constructor; null on failure.
    let codec = Codec(NonNull::new(unsafe { opj::opj_create_compress(opj::OPJ_CODEC_FORMAT::OPJ_CODEC_J2K) })?);
    let (codec_handle, image_handle) = (codec.0.as_ptr(), image.0.as_ptr());
    // SAFETY: codec, image and stream are alive through all four calls; OpenJPEG copies what it keeps of `parameters`.
    let done = unsafe {
        opj::opj_setup_encoder(codec_handle, &raw mut *parameters, image_handle) != 0
            && opj::opj_start_compress(codec_handle, image_handle, handle) != 0
            && opj::opj_encode(codec_handle, handle) != 0
            && opj::opj_end_compress(codec_handle, handle) != 0
    };
    drop(stream);
    drop(codec);
    done.then_some(writer.bytes)
}
