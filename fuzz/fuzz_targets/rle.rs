//! RLE (PS3.5 Annex G): rows, columns, samples and bits in the first four bytes, then the stream.
#![no_main]

use voxmill::read::codecs::rle;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Some((announced, stream)) = shape::by_prefix(data) {
        shape::decode(rle::decode, stream, &announced);
    }
});
