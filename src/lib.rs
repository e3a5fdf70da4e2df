//! voxmill turns a hospital archive into a de-identified, verified, AI-ready training set.
//!
//! The rooms and who may name whom are in docs/ARCHITECTURE.md; a test holds that map against the code.

#![warn(clippy::print_stdout, clippy::print_stderr, clippy::allow_attributes)]

pub mod cli;
pub mod console;
pub mod deid;
pub mod demo;
pub mod engine;
pub mod error;
pub mod join;
pub mod model;
pub mod pixel;
pub mod read;
pub mod recipe;
pub mod run;
pub mod score;
pub mod write;
