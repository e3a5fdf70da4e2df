//! The only room that opens sealed values: pseudonyms, dates, rows, masks.

pub mod burned_in;
pub mod seal;
