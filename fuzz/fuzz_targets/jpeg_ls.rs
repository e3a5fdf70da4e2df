//! JPEG-LS (T.87): any stream with a frame header of up to 2^18 bytes of samples.
#![no_main]

use voxmill::read::codecs::jpeg_ls;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Some(announced) = shape::by_frame_header(data, 0xF7) {
        shape::decode(jpeg_ls::decode, data, &announced);
    }
});
