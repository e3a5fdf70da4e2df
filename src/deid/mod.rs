//! The only room that opens sealed values: keys, pseudonyms, dates, rows, sheets, masks.
//!
//! It opens no file, names no GPU and knows no output format. What leaves it is [`seal::Clean`].

pub mod age;
pub mod burned_in;
pub mod changes;
pub mod codes;
pub mod dates;
pub mod dicom;
pub mod facts;
mod grams;
mod habit;
pub mod hl7;
pub mod identity;
pub mod key;
pub mod known;
pub mod last_days;
pub mod leaks;
pub mod linked;
pub mod manifest;
pub mod memory;
pub mod private;
mod question;
mod record;
pub mod rows;
pub mod same;
mod samples;
pub mod seal;
pub mod text;
pub mod traits;
