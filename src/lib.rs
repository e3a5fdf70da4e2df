//! voxmill turns a hospital archive into a de-identified, verified, AI-ready training set.
//!
//! The rooms and who may name whom are in docs/ARCHITECTURE.md; a test holds that map against the code.

#![deny(unsafe_code)]
#![warn(missing_docs)]

pub mod deid;
pub mod error;
pub mod model;
