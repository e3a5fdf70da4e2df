//! The codecs taken from others (JPEG with a DCT, JPEG 2000, HTJ2K, JPEG XL, deflate) against real files, against
//! streams and arrays made by other programs, and against damage.
//!
//! Where the corpus is: VOXMILL_CORPUS, else ../shared/corpus beside the repository. What is expected of it was
//! computed by other decoders (its SOURCES.md says which); the fixtures were made by fixtures/codecs/make_foreign.py.

#[path = "codecs_foreign/corpus.rs"]
mod corpus;
#[path = "codecs_foreign/damage.rs"]
mod damage;
#[path = "codecs_foreign/fixtures.rs"]
mod fixtures;
mod real_files;
#[path = "codecs_foreign/round_trip.rs"]
mod round_trip;
