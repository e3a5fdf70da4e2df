//! The profile of a run: Table E.1-1 with its options, worked out once, and what follows for one attribute of one object.

use super::iod::{BY_SOP_CLASS, CHOSEN, INSIDE, STRICTEST};
use super::options::{COLUMNS, Choice};
use super::safe_private::SAFE_PRIVATE;
use super::table::{PRIVATE, REPEATING, Row, TABLE};
use crate::model::Tag;

/// What is done with an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// X: it goes, with all that it holds.
    Remove,
    /// Z: it stays without a value, or with a pseudonym.
    Empty,
    /// D: a valid value that says nothing.
    Dummy,
    /// K: as it is; a sequence is cleaned inside.
    Keep,
    /// C: without the identifiers in it.
    Clean,
    /// C of a date: shifted by the patient's days, or what the second action says if it is no date.
    Shift(Otherwise),
    /// U: a UID by its pseudonym; a sequence with its UIDs replaced.
    Uid,
}

/// What becomes of a date that cannot be shifted, by the Basic Profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Otherwise {
    /// It goes.
    Remove,
    /// It stays without a value.
    Empty,
    /// A date that says nothing.
    Dummy,
}

/// Where dates are in the options.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dates {
    /// No date stays.
    Removed,
    /// Shifted.
    Modified,
    /// As they are.
    Full,
}

/// A row of the table under the options of a run.
#[derive(Clone, Copy, Debug)]
struct Worked {
    basic: &'static str,
    option: Option<Action>,
}

/// The profile of a run.
#[derive(Clone, Debug)]
pub struct Profile {
    choices: Vec<Choice>,
    rows: Vec<Worked>,
    repeating: Vec<Worked>,
}

/// The types of the chosen attributes in one SOP class.
#[derive(Clone, Copy, Debug)]
pub struct Types(&'static str);

impl Types {
    /// Those of a SOP class; of an unknown one the strictest there are.
    pub fn of(sop_class: &str) -> Self {
        let row = BY_SOP_CLASS.binary_search_by(|row| row.0.cmp(sop_class)).ok();
        Self(row.and_then(|row| BY_SOP_CLASS.get(row)).map_or(STRICTEST, |row| row.1))
    }

    /// The type, 1 to 3, of an attribute at the top level (`inside` is `None`) or in a sequence.
    fn get(self, tag: u32, inside: Option<u32>) -> u8 {
        let Ok(column) = CHOSEN.binary_search(&tag) else { return 1 };
        let digit = |types: &str| types.as_bytes().get(column).map_or(1, |b| b - b'0');
        match inside {
            None => digit(self.0),
            Some(sequence) => INSIDE
                .iter()
                .find(|row| row.0 == sequence && row.1 == tag)
                .map_or_else(|| digit(STRICTEST), |row| row.2),
        }
    }
}

/// A tag as one number.
pub fn number(tag: Tag) -> u32 {
    u32::from(tag.0) << 16 | u32::from(tag.1)
}

impl Profile {
    /// The profile with these options.
    pub fn new(choices: &[Choice]) -> Self {
        let work = |row: &Row| Worked { basic: row.1, option: by_option(row, choices) };
        Self {
            choices: choices.to_vec(),
            rows: TABLE.iter().map(work).collect(),
            repeating: REPEATING.iter().map(|row| work(&row.1)).collect(),
        }
    }

    /// The options in force.
    pub fn choices(&self) -> &[Choice] {
        &self.choices
    }

    /// The options in force, in words.
    pub fn words(&self) -> String {
        let words: Vec<&str> = self.choices.iter().map(|choice| choice.word()).collect();
        if words.is_empty() { "without options".to_owned() } else { words.join(" ") }
    }

    /// Whether an option is in force.
    pub fn has(&self, choice: Choice) -> bool {
        self.choices.contains(&choice)
    }

    /// What becomes of dates.
    pub fn dates(&self) -> Dates {
        match (self.has(Choice::FullDates), self.has(Choice::ModifiedDates)) {
            (true, _) => Dates::Full,
            (_, true) => Dates::Modified,
            _ => Dates::Removed,
        }
    }

    /// What the table says of a public attribute; `None` if it does not know it.
    pub fn action(&self, tag: Tag, inside: Option<Tag>, types: Types) -> Option<Action> {
        let wanted = number(tag);
        let worked = match TABLE.binary_search_by(|row| row.0.cmp(&wanted)) {
            Ok(place) => self.rows.get(place)?,
            Err(_) => {
                let place = REPEATING.iter().position(|(bits, row)| wanted & bits == row.0)?;
                self.repeating.get(place)?
            }
        };
        let basic = basic(worked.basic, || types.get(wanted, inside.map(number)));
        Some(match worked.option {
            None => basic,
            Some(Action::Shift(_)) => Action::Shift(match basic {
                Action::Remove => Otherwise::Remove,
                Action::Empty => Otherwise::Empty,
                _ => Otherwise::Dummy,
            }),
            Some(action) => action,
        })
    }

    /// What the table says of a private attribute, by the creator of its block: safe ones are kept by option.
    pub fn private(&self, creator: &str, tag: Tag) -> Action {
        let element = (tag.1 & 0xFF) as u8;
        let safe = SAFE_PRIVATE
            .iter()
            .any(|(name, group, elements)| *name == creator && *group == tag.0 && elements.contains(&element));
        match by_option(&PRIVATE, &self.choices) {
            Some(action) if safe => action,
            _ => Action::Remove,
        }
    }
}

/// The action of the Basic Profile; where it leaves a choice, the type decides.
fn basic(code: &str, kind: impl Fn() -> u8) -> Action {
    match code {
        "X" => Action::Remove,
        "Z" => Action::Empty,
        "U" => Action::Uid,
        // References must resolve: the UIDs in them are replaced, whatever the type.
        "X/Z/U*" => Action::Uid,
        "X/Z" if kind() < 3 => Action::Empty,
        "X/D" if kind() < 3 => Action::Dummy,
        "X/Z/D" if kind() == 1 => Action::Dummy,
        "X/Z/D" if kind() == 2 => Action::Empty,
        "X/Z" | "X/D" | "X/Z/D" => Action::Remove,
        "Z/D" if kind() > 1 => Action::Empty,
        _ => Action::Dummy,
    }
}

/// What the options say. A date that one option keeps and another shifts is shifted; else keeping comes before cleaning.
fn by_option(row: &Row, choices: &[Choice]) -> Option<Action> {
    let code = |choice: Choice| {
        let column = Choice::ALL.iter().position(|c| *c == choice).filter(|column| *column < COLUMNS)?;
        row.2.as_bytes().get(column).copied().filter(|code| *code != b'.')
    };
    if choices.contains(&Choice::ModifiedDates) && code(Choice::ModifiedDates).is_some() {
        return Some(Action::Shift(Otherwise::Remove));
    }
    let found: Vec<u8> = choices.iter().filter_map(|choice| code(*choice)).collect();
    match found.contains(&b'K') {
        true => Some(Action::Keep),
        false => (!found.is_empty()).then_some(Action::Clean),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CT: &str = "1.2.840.10008.5.1.4.1.1.2";
    const ENHANCED_CT: &str = "1.2.840.10008.5.1.4.1.1.2.1";

    fn action(choices: &[Choice], group: u16, element: u16, class: &str) -> Option<Action> {
        Profile::new(choices).action(Tag(group, element), None, Types::of(class))
    }

    #[test]
    fn the_tables_ascend() {
        assert!(TABLE.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(BY_SOP_CLASS.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(CHOSEN.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(BY_SOP_CLASS.iter().all(|row| row.1.len() == CHOSEN.len()) && STRICTEST.len() == CHOSEN.len());
        let conditional = TABLE.iter().filter(|row| row.1.contains('/')).map(|row| row.0);
        assert_eq!(conditional.collect::<Vec<_>>(), CHOSEN);
    }

    #[test]
    fn each_code_is_its_action() {
        let none = [];
        assert_eq!(action(&none, 0x0018, 0x4000, CT), Some(Action::Remove));
        assert_eq!(action(&none, 0x0008, 0x0050, CT), Some(Action::Empty));
        assert_eq!(action(&none, 0x0012, 0x0020, CT), Some(Action::Dummy));
        assert_eq!(action(&none, 0x0020, 0x000D, CT), Some(Action::Uid));
        assert_eq!(action(&none, 0x0008, 0x0060, CT), None);
        assert_eq!(action(&none, 0x6002, 0x3000, CT), Some(Action::Remove));
        assert_eq!(action(&none, 0x5004, 0x0005, CT), Some(Action::Remove));
    }

    #[test]
    fn the_type_decides_where_the_table_leaves_a_choice() {
        // DeviceSerialNumber X/Z/D: type 3 in CT (General Equipment), type 1 in Enhanced CT (Enhanced General Equipment).
        assert_eq!(action(&[], 0x0018, 0x1000, CT), Some(Action::Remove));
        assert_eq!(action(&[], 0x0018, 0x1000, ENHANCED_CT), Some(Action::Dummy));
        assert_eq!(action(&[], 0x0018, 0x1000, "1.2.3"), Some(Action::Dummy), "unknown: the strictest");
        // ContentDate Z/D: 2C in CT, 1 in Enhanced CT.
        assert_eq!(action(&[], 0x0008, 0x0023, CT), Some(Action::Empty));
        assert_eq!(action(&[], 0x0008, 0x0023, ENHANCED_CT), Some(Action::Dummy));
    }

    #[test]
    fn options_change_actions() {
        let dates = [Choice::ModifiedDates];
        assert_eq!(action(&dates, 0x0008, 0x0020, CT), Some(Action::Shift(Otherwise::Empty)));
        assert_eq!(action(&dates, 0x0008, 0x0021, CT), Some(Action::Shift(Otherwise::Remove)));
        assert_eq!(action(&[Choice::FullDates], 0x0008, 0x0020, CT), Some(Action::Keep));
        // DateOfLastDetectorCalibration is kept by device identity and shifted by modified dates.
        let both = [Choice::DeviceIdentity, Choice::ModifiedDates];
        assert_eq!(action(&both, 0x0018, 0x700C, CT), Some(Action::Shift(Otherwise::Remove)));
        assert_eq!(action(&[Choice::Descriptors], 0x0008, 0x1030, CT), Some(Action::Clean));
        assert_eq!(action(&[Choice::Uids], 0x0020, 0x000D, CT), Some(Action::Keep));
        // Allergies: cleaned by either of two options.
        assert_eq!(action(&[Choice::PatientCharacteristics], 0x0010, 0x2110, CT), Some(Action::Clean));
    }

    #[test]
    fn private_attributes_stay_only_if_they_are_safe_and_wanted() {
        let tag = Tag(0x7053, 0x1009);
        let wanted = Profile::new(&[Choice::SafePrivate]);
        assert_eq!(wanted.private("Philips PET Private Group", tag), Action::Clean);
        assert_eq!(wanted.private("Philips PET Private Groups", tag), Action::Remove);
        assert_eq!(Profile::new(&[]).private("Philips PET Private Group", tag), Action::Remove);
    }
}
