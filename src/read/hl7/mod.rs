//! HL7 v2 messages: cut out of any mix of line ends, frames and envelopes, read without copying, and turned into
//! sealed rows. docs/HL7.md says what is read.
//!
//! No value leaves here but in a sealed row; which values are kept, shifted or replaced is said by the columns in
//! [`tables`] and done by `deid`.

mod bounds;
mod charset;
mod clinical;
mod delimiters;
mod edit;
mod envelope;
mod escape;
mod every;
mod identifiers;
#[cfg(test)]
mod kinds_test;
mod letterhead;
mod medication;
mod message;
mod observation;
mod patient;
mod range;
mod rows;
#[cfg(test)]
mod rows_test;
mod shape;
mod split;
pub mod tables;
mod take;
mod tape;
mod unit;
mod validity;
mod value;
mod walk;

pub use delimiters::Delimiters;
pub use edit::{Edit, replace_field, replace_fields};
pub use envelope::{Gap, gaps};
pub use every::every;
pub use identifiers::patients;
pub use letterhead::{Letterhead, Letterheads};
pub use message::{Message, Segment, Segments};
pub use patient::{patient_into, patient_of};
pub use rows::{Feed, Wanted, rows, rows_of};
pub use split::{Account, Messages, Stray, looks_like, may_hold, messages};
pub use take::decimal;
pub use value::{Parts, Presence, Value};
