//! The classes of what a text loses, and the marks that stand in its place.

/// What was found, and what stands in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mark {
    /// A person's name.
    Name,
    /// A date that could not be shifted, or must not be: a birth date.
    Date,
    /// A time of day without a date.
    Time,
    /// A telephone, fax or pager number.
    Phone,
    /// Numbers of persons, visits, orders, accounts, licences, devices.
    Id,
    /// An e-mail address.
    Email,
    /// A web, network or file address.
    Url,
    /// Streets, places, postal codes, institutions.
    Address,
    /// An age of 90 years or more.
    Age,
}

/// Every mark with the text that it writes, in the order of [`Mark`].
pub const MARKS: [(Mark, &str); 9] = [
    (Mark::Name, "[NAME]"),
    (Mark::Date, "[DATE]"),
    (Mark::Time, "[TIME]"),
    (Mark::Phone, "[PHONE]"),
    (Mark::Id, "[ID]"),
    (Mark::Email, "[EMAIL]"),
    (Mark::Url, "[URL]"),
    (Mark::Address, "[ADDRESS]"),
    (Mark::Age, "[AGE]"),
];

impl Mark {
    /// What stands in the text.
    pub fn text(self) -> &'static str {
        MARKS[self as usize].1
    }

    /// The mark that a text begins with, and its length in bytes.
    pub(super) fn at(text: &[u8]) -> Option<(Mark, usize)> {
        MARKS.iter().find(|(_, words)| text.starts_with(words.as_bytes())).map(|(mark, words)| (*mark, words.len()))
    }
}

/// How many were found of each class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found([u32; MARKS.len()]);

impl Found {
    /// Of one class.
    pub fn of(&self, mark: Mark) -> u32 {
        self.0[mark as usize]
    }

    /// Of all classes.
    pub fn total(&self) -> u32 {
        self.0.iter().sum()
    }

    pub(super) fn count(&mut self, mark: Mark) {
        self.0[mark as usize] += 1;
    }

    /// Adds what another text had.
    pub fn absorb(&mut self, other: Found) {
        self.0.iter_mut().zip(other.0).for_each(|(mine, theirs)| *mine += theirs);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_stands_in_the_order_of_the_marks() {
        for (place, (mark, text)) in MARKS.iter().enumerate() {
            assert_eq!(*mark as usize, place);
            assert_eq!(Mark::at(format!("{text}x").as_bytes()), Some((*mark, text.len())));
        }
        assert_eq!(Mark::at(b"[NAM]"), None);
    }
}
