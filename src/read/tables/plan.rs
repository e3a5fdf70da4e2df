//! From a table's column names to its layout, and from a record's fields to a sealed row.

use super::Asked;
use super::days::{self, Order, Seen};
use super::layouts::{BIRTHPLACES, CLINICAL, LAYOUTS, Layout, NAME_PARTS, REFUSED};
use super::mapping::Mapping;
use crate::error::{Fault, Reason, Result};
use crate::model::table::PersonId;
use crate::model::{Cell, Class, ColumnType, Domain, Naming, Phi, SealedRow};
use crate::read::decimal::{comma, comparator, decimal};
use std::borrow::Cow;
use std::sync::Arc;

/// A header as layouts spell it.
pub(super) fn spell(name: &str) -> String {
    name.trim().to_lowercase().replace([' ', '-'], "_")
}

impl Layout {
    pub(super) fn knows(&self, name: &str) -> bool {
        self.headers.iter().chain(self.needs).any(|headers| headers.contains(&name))
    }
}

/// The layout that a row of headers fits best: every need met, and the most headers known.
pub(super) fn find_layout(names: &[String]) -> Result<&'static Layout> {
    let has = |header: &&str| names.iter().any(|name| name == *header);
    let unknown = |cause| {
        Fault::input(Reason::UnknownKind, "header row", cause)
            .remedy("docs/HL7.md lists the tables and headers that are read")
    };
    if let Some((_, cause)) = REFUSED.iter().find(|(marks, _)| marks.iter().all(has)) {
        return Err(unknown(cause));
    }
    let fits = LAYOUTS.iter().filter(|layout| layout.needs.iter().all(|group| group.iter().any(has)));
    let known = |layout: &Layout| names.iter().filter(|name| layout.knows(name)).count();
    let best = fits.clone().map(known).max().ok_or_else(|| unknown("no table we know has these columns"))?;
    let mut first = fits.filter(|layout| known(layout) == best);
    match (first.next(), first.next()) {
        (Some(layout), None) => Ok(layout),
        _ => Err(unknown("the columns fit more than one table")),
    }
}

/// The column that the fitting layout would read from a nested one, if the nested ones were not.
pub(super) fn nested_column(flat: &[String], nested: &[String]) -> Option<&'static str> {
    let all: Vec<String> = flat.iter().chain(nested).cloned().collect();
    let layout = find_layout(&all).ok()?;
    let is_in = |names: &[String], header: &str| names.iter().any(|name| name == header);
    let mut columns = layout.headers.iter().zip(layout.table.columns);
    let is_nested =
        |headers: &[&str]| headers.iter().find(|header| is_in(&all, header)).is_some_and(|h| is_in(nested, h));
    columns.find(|(headers, _)| is_nested(headers)).map(|(_, column)| column.name)
}

/// The column that takes the comparator of a value.
const COMPARATOR: &str = "value_comparator";

/// Whether a layout reads birth dates.
pub(super) fn has_births(layout: &Layout) -> bool {
    layout.table.columns.iter().any(|column| column.class == Class::BirthDate)
}

/// Which header each column of a layout is read from.
pub(super) struct Plan {
    layout: &'static Layout,
    /// Place among the headers, for each column.
    places: Vec<Option<usize>>,
    /// Headers whose values name people.
    naming: Vec<usize>,
    /// How dates with slashes are meant, if the user or the table says so.
    order: Option<Order>,
    seen: Seen,
}

/// Whether the values under a header name people: ids of all kinds, birth dates and postal codes that a layout knows, and
/// every header that none knows and that is not clinical by its last word.
pub(super) fn names_people(name: &str) -> bool {
    let columns = || LAYOUTS.iter().flat_map(|layout| layout.headers.iter().zip(layout.table.columns));
    let mut classes =
        columns().filter(|(headers, _)| headers.contains(&name)).map(|(_, column)| column.class).peekable();
    if classes.peek().is_none() {
        return !name.rsplit('_').next().is_some_and(|end| CLINICAL.contains(&end));
    }
    classes.all(|class| matches!(class, Class::Pseudonym(_) | Class::BirthDate | Class::Zip))
}

impl Plan {
    /// Which columns to read of a table with these column names, by the user's mapping or by the layout that fits.
    pub(super) fn new(mapping: Option<&Mapping>, names: &[String], asked: Asked) -> Result<Self> {
        let layout = mapping.map_or_else(|| find_layout(names), |mapping| Ok(mapping.layout))?;
        let place = |headers: &&[&str]| headers.iter().find_map(|header| names.iter().position(|name| name == header));
        let mut places: Vec<_> = layout.headers.iter().map(place).collect();
        for (column, header) in mapping.into_iter().flat_map(|mapping| &mapping.columns) {
            let found = names.iter().position(|name| name == header);
            if found.is_none() {
                let fault = Fault::input(
                    Reason::UnknownKind,
                    "header row",
                    "a column that the recipe's mapping names is not there",
                );
                return Err(fault.number("column", *column as u64));
            }
            if let Some(place) = places.get_mut(*column) {
                *place = found;
            }
        }
        // The patient's id is known by itself; a second column of a header that is read is not read.
        let own = places.first().copied().flatten();
        let unread = |place: &usize, name: &String| {
            names_people(name)
                || (!places.contains(&Some(*place)) && names.iter().position(|n| n == name) != Some(*place))
        };
        let naming = names.iter().enumerate().filter(|(place, name)| Some(*place) != own && unread(place, name));
        let mut naming: Vec<usize> = naming.map(|(place, _)| place).collect();
        if asked == Asked::People {
            if !has_births(layout) {
                naming.clear();
            }
            let needed = |column: usize| column == 0 || Some(column) == layout.reference;
            places.iter_mut().enumerate().filter(|(column, _)| !needed(*column)).for_each(|(_, place)| *place = None);
        }
        let order = mapping.and_then(|mapping| mapping.order);
        Ok(Self { layout, places, naming, order, seen: Seen::default() })
    }

    /// Takes note of how a record writes dates; [`Plan::row`] reads those that could be meant either way as the others.
    pub(super) fn sample<'r>(&mut self, field: impl Fn(usize) -> Cow<'r, str>) {
        for (place, column) in self.places.iter().zip(self.layout.table.columns) {
            if let (Some(place), Class::Date | Class::DateTime | Class::BirthDate) = (place, column.class) {
                self.seen.note(&field(*place));
            }
        }
    }

    /// Places of the columns whose values name people.
    pub(super) fn naming(&self) -> &[usize] {
        &self.naming
    }

    /// One record. `naming`: headers and values that name people; `issuer`: who issued the patient's id, or empty.
    pub(super) fn row<'r>(
        &self,
        field: impl Fn(usize) -> Cow<'r, str>,
        naming: impl Iterator<Item = (&'r str, Cow<'r, str>)>,
        issuer: &str,
    ) -> Result<SealedRow> {
        let text = |column: usize| self.places.get(column).copied().flatten().map(&field).unwrap_or_default();
        let id = text(0).trim().to_owned();
        if id.is_empty() {
            return Err(Fault::input(Reason::BadTable, "patient_id", "a record that names no patient"));
        }
        let table = self.layout.table;
        let numeric =
            table.position("value_number").filter(|&n| number(&text(n)).is_some()).map(|n| self.places.get(n));
        let order = self.order.or_else(|| self.seen.order());
        let cell = |(column, declared): (usize, &crate::model::Column)| {
            let value = text(column);
            let value = value.trim();
            match (declared.class, declared.kind) {
                _ if value.is_empty() => Cell::Null,
                _ if declared.name == COMPARATOR => {
                    // `<5` has one, `<none` has not.
                    let (sign, rest) = comparator(value);
                    let fits = rest.is_empty() || number(value).is_some();
                    sign.filter(|_| fits).map_or(Cell::Null, |sign| Cell::Text(sign.to_owned()))
                }
                (Class::Number, ColumnType::F64) => number(value).map_or(Cell::Null, Cell::F64),
                (Class::Date | Class::DateTime | Class::BirthDate, _) => {
                    Cell::Text(days::iso(value, order).into_owned())
                }
                // One header for numbers and words: a number is not repeated as text.
                (Class::Text, _) if numeric.is_some() && numeric == Some(self.places.get(column)) => Cell::Null,
                (Class::Pseudonym(Domain::Patient), _) => Cell::Text(id.clone()),
                _ => Cell::Text(value.to_owned()),
            }
        };
        let cells = table.columns.iter().enumerate().map(cell).collect();
        let state = table.position("state").map(&text).unwrap_or_default();
        let naming: Vec<Naming> = naming.filter_map(|(name, value)| naming_words(name, &value, state.trim())).collect();
        let reference = self.layout.reference.map(text).filter(|date| !date.trim().is_empty());
        Ok(SealedRow {
            table,
            naming: (!naming.is_empty()).then(|| Arc::new(Phi::seal(naming))),
            cells: Phi::seal(cells),
            reference_date: reference.map(|date| Phi::seal(days::iso(&date, order).into_owned())),
            person: Some(Phi::seal(PersonId { id, issuer: issuer.to_owned() })),
        })
    }
}

/// What a value that names people is known by. Of a birthplace the state is left out: it may leave, and most people are
/// born where they live. Of a date only the whole counts: its year is in many codes.
fn naming_words(name: &str, value: &str, state: &str) -> Option<Naming> {
    let value = value.trim();
    let signs = |b: u8| matches!(b, b'-' | b'/' | b'.');
    let numbers: Vec<usize> = value.as_bytes().split(|b| signs(*b)).map(<[u8]>::len).collect();
    let is_date = matches!(*numbers, [4, 2, 2] | [2, 2, 4]) && value.bytes().all(|b| b.is_ascii_digit() || signs(b));
    let words = if is_date {
        value.chars().filter(char::is_ascii_digit).collect()
    } else if BIRTHPLACES.contains(&name) && !state.is_empty() {
        value.replace(state, "")
    } else {
        value.to_owned()
    };
    let has = |wanted: fn(&str) -> bool| name.split('_').any(wanted);
    Some(match () {
        _ if words.is_empty() => return None,
        _ if is_date && has(|part| part.starts_with("birth") || part == "dob") => Naming::BirthDate(words),
        _ if has(|part| NAME_PARTS.contains(&part)) => Naming::Name(words),
        _ => Naming::Other(words),
    })
}

/// A number with a point, or with a comma where that can be nothing else, behind a comparator or not.
fn number(text: &str) -> Option<f64> {
    let (_, rest) = comparator(text);
    decimal(rest).or_else(|| comma(rest))
}
