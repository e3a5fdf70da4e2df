//! JPEG Lossless (T.81 process 14): any stream with a frame header of up to 2^18 bytes of samples.
#![no_main]

use voxmill::read::codecs::jpeg_lossless;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Some(announced) = shape::by_frame_header(data, 0xC3) {
        shape::decode(jpeg_lossless::decode, data, &announced);
    }
});
