//! Deflated frames (PS3.5 A.4.12): two bytes of size, then a raw deflate stream.
#![no_main]

use voxmill::error::Kind;
use voxmill::read::codecs::deflated;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((size, stream)) = data.split_first_chunk::<2>() else { return };
    let mut out = vec![0; usize::from(u16::from_le_bytes(*size))];
    if let Err(fault) = deflated::inflate_frame(stream, &mut out) {
        assert_eq!(fault.kind, Kind::Input, "{fault}");
    }
});
