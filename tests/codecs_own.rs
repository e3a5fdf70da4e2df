//! The codecs of our own (RLE, JPEG Lossless, JPEG-LS) against real files, against streams of other encoders, against
//! our own encoders, and against damage.
//!
//! Where the corpus is: VOXMILL_CORPUS, else ../shared/corpus beside the repository. What is expected of it was
//! computed by other decoders (its SOURCES.md says which).

#[path = "codecs_own/corpus.rs"]
mod corpus;
#[path = "codecs_own/damage.rs"]
mod damage;
#[path = "codecs_own/fixtures.rs"]
mod fixtures;
mod real_files;
#[path = "codecs_own/round_trip.rs"]
mod round_trip;

use voxmill::error::Result;
use voxmill::read::codecs::{Announced, Coded, Decoder};

/// Decodes into a fresh buffer.
fn decoded(decoder: Decoder, stream: &[u8], announced: &Announced) -> Result<(Coded, Vec<u8>)> {
    let mut out = vec![0; announced.frame_bytes()];
    decoder(stream, announced, &mut out).map(|coded| (coded, out))
}

/// The digest as the corpus writes it.
fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A deterministic source of damage and noise (Marsaglia's xorshift64).
struct Xorshift(u64);

impl Xorshift {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }
}
