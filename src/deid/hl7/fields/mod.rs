//! The list of fields, segment by segment, for HL7 2.1 to 2.8: what is not on it goes. Segments that are not here go
//! with their line, and so do Z segments. Numbers and names are those of version 2.8.2; where a field meant something
//! else in an older version, the row fits both.

mod clinical;
mod medicines;
mod orders;
mod people;
mod system;
mod visits;

use super::rule::Segment;

/// Every segment on the list, by room of the standard.
pub static SEGMENTS: &[&[Segment]] =
    &[system::SEGMENTS, people::SEGMENTS, visits::SEGMENTS, clinical::SEGMENTS, orders::SEGMENTS, medicines::SEGMENTS];
