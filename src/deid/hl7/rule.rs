//! The words in which the HL7 rules are written: what is done to a leaf, which identifier of HIPAA Safe Harbor it is
//! about, and the rows of the tables. Nothing is decided here; [`super::fields`] and [`super::types`] are the tables.

use crate::model::Domain;

/// The eighteen identifiers of 45 CFR 164.514(b)(2)(i), and none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Harbor {
    /// Says nothing about who it is.
    None,
    /// (A) Names.
    Names,
    /// (B) Geographic subdivisions smaller than a state.
    Geography,
    /// (C) Elements of dates but the year; ages over 89.
    Dates,
    /// (D) Telephone numbers.
    Phone,
    /// (E) Fax numbers.
    Fax,
    /// (F) Electronic mail addresses.
    Email,
    /// (G) Social security numbers.
    Ssn,
    /// (H) Medical record numbers.
    RecordNumber,
    /// (I) Health plan beneficiary numbers.
    Beneficiary,
    /// (J) Account numbers.
    Account,
    /// (K) Certificate and license numbers.
    Licence,
    /// (L) Vehicle identifiers and license plates.
    Vehicle,
    /// (M) Device identifiers and serial numbers.
    Device,
    /// (N) Web addresses.
    Url,
    /// (O) Internet protocol addresses.
    Ip,
    /// (P) Biometric identifiers.
    Biometric,
    /// (Q) Full-face photographs and comparable images.
    Photo,
    /// (R) Any other unique identifying number, characteristic or code.
    Other,
}

impl Harbor {
    /// The letter of the paragraph, `-` for none, and its words.
    pub fn words(self) -> &'static str {
        match self {
            Harbor::None => "-",
            Harbor::Names => "A names",
            Harbor::Geography => "B geography",
            Harbor::Dates => "C dates",
            Harbor::Phone => "D telephone",
            Harbor::Fax => "E fax",
            Harbor::Email => "F e-mail",
            Harbor::Ssn => "G social security",
            Harbor::RecordNumber => "H medical record",
            Harbor::Beneficiary => "I health plan",
            Harbor::Account => "J account",
            Harbor::Licence => "K licence",
            Harbor::Vehicle => "L vehicle",
            Harbor::Device => "M device",
            Harbor::Url => "N web address",
            Harbor::Ip => "O internet address",
            Harbor::Biometric => "P biometric",
            Harbor::Photo => "Q photograph",
            Harbor::Other => "R other",
        }
    }
}

/// What is done to a leaf: a field, component or sub-component that is not divided further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// A place in a list: kept if it is a whole number of at most four digits.
    SetId,
    /// Kept if it has the shape of a code and names nobody of the message.
    Code,
    /// Kept if it is a name that the reader knows a character set by.
    CharacterSet,
    /// Kept if it is a decimal number that is nobody's identifier.
    Number,
    /// The name of a code in words: kept if the scrubber finds nothing in it, else scrubbed.
    Term,
    /// Free text: scrubbed.
    Text,
    /// Shifted by the patient's days, precision and zone kept; what is no date goes.
    Date,
    /// A time of day: kept if it is one.
    Time,
    /// A birth date: the year of the shifted date; 90 years before the message for who is older.
    Birth,
    /// A postal code: three digits, or 000 where few people live.
    Zip,
    /// A state of the United States: kept; anything smaller or elsewhere goes.
    State,
    /// A keyed pseudonym of a kind.
    Id(Domain),
    /// A keyed pseudonym of the kind that the field says.
    OwnId,
    /// An object identifier, UUID or network name of an organisation: UIDs become UIDs, the rest a pseudonym.
    Oid,
}

impl Rule {
    /// What the manual says of it.
    pub fn words(self) -> &'static str {
        match self {
            Rule::SetId => "kept: set id",
            Rule::Code => "kept: code",
            Rule::CharacterSet => "kept: character set",
            Rule::Number => "kept: number",
            Rule::Term => "scrubbed: term",
            Rule::Text => "scrubbed: text",
            Rule::Date => "shifted",
            Rule::Time => "kept: time of day",
            Rule::Birth => "year",
            Rule::Zip => "three digits",
            Rule::State => "kept: state",
            Rule::Id(_) | Rule::OwnId | Rule::Oid => "pseudonym",
        }
    }
}

/// One component of a data type, or one sub-component of a component.
#[derive(Debug)]
pub struct Part {
    /// Its number, from 1.
    pub at: u8,
    /// Its name in the standard.
    pub name: &'static str,
    /// What is done to it.
    pub how: PartHow,
    /// What Safe Harbor calls it.
    pub class: Harbor,
    /// Why.
    pub reason: &'static str,
}

/// How a component is treated.
#[derive(Clone, Copy, Debug)]
pub enum PartHow {
    /// Undivided: its first sub-component is treated, others go.
    Leaf(Rule),
    /// By its sub-components.
    Of(&'static Type),
}

/// A data type: the components that are on the list. All others go.
#[derive(Debug)]
pub struct Type {
    /// Its name in the standard, or ours where a type is used in a narrower sense.
    pub name: &'static str,
    /// In order.
    pub parts: &'static [Part],
}

/// How a field is treated.
#[derive(Clone, Copy, Debug)]
pub enum How {
    /// It goes.
    Gone,
    /// Undivided: its first leaf is treated, other components go.
    Leaf(Rule),
    /// By its components.
    Of(&'static Type),
    /// By its components; identifiers are of this kind.
    With(&'static Type, Domain),
    /// By the data type in OBX-2.
    Observed,
}

/// One field of a segment.
#[derive(Debug)]
pub struct Field {
    /// Its number, from 1.
    pub at: u8,
    /// Its name in the standard.
    pub name: &'static str,
    /// What is done to it.
    pub how: How,
    /// What Safe Harbor calls it.
    pub class: Harbor,
    /// Why.
    pub reason: &'static str,
}

/// One segment: the fields that are on the list. All others go.
#[derive(Debug)]
pub struct Segment {
    /// Its name.
    pub id: &'static [u8; 3],
    /// What it is.
    pub name: &'static str,
    /// In order.
    pub fields: &'static [Field],
}

const fn field(at: u8, name: &'static str, how: How, class: Harbor, reason: &'static str) -> Field {
    Field { at, name, how, class, reason }
}

/// Rows of one kind share their reason; these make them.
pub(super) mod row {
    use super::super::types::{CWE, CX, EI, EIP, HD, PL, XCN, XON};
    use super::{Field, Harbor, How, Rule, field};
    use crate::model::Domain;

    /// Place in a list.
    pub(in super::super) const fn set(at: u8) -> Field {
        field(at, "Set ID", How::Leaf(Rule::SetId), Harbor::None, "place in a list")
    }
    /// A code of a table, not divided.
    pub(in super::super) const fn code(at: u8, name: &'static str) -> Field {
        field(at, name, How::Leaf(Rule::Code), Harbor::None, "a code says what it is, not whose")
    }
    /// A code with its name and system.
    pub(in super::super) const fn coded(at: u8, name: &'static str) -> Field {
        field(at, name, How::Of(&CWE), Harbor::None, "code and system say what it is; its words are scrubbed")
    }
    /// A number.
    pub(in super::super) const fn number(at: u8, name: &'static str) -> Field {
        field(at, name, How::Leaf(Rule::Number), Harbor::None, "a quantity")
    }
    /// A date.
    pub(in super::super) const fn date(at: u8, name: &'static str) -> Field {
        field(at, name, How::Leaf(Rule::Date), Harbor::Dates, "shifted with all dates of the patient: intervals stay")
    }
    /// Free text.
    pub(in super::super) const fn text(at: u8, name: &'static str) -> Field {
        field(at, name, How::Leaf(Rule::Text), Harbor::Names, "somebody wrote it: only scrubbed text leaves")
    }
    /// A person who is not the patient.
    pub(in super::super) const fn staff(at: u8, name: &'static str) -> Field {
        field(at, name, How::With(&XCN, Domain::Staff), Harbor::Names, "the id becomes a pseudonym, the name goes")
    }
    /// A place in a hospital.
    pub(in super::super) const fn place(at: u8, name: &'static str) -> Field {
        field(at, name, How::Of(&PL), Harbor::Geography, "ward and facility become pseudonyms, room and bed go")
    }
    /// An organisation.
    pub(in super::super) const fn organisation(at: u8, name: &'static str) -> Field {
        field(at, name, How::Of(&XON), Harbor::Geography, "an organisation says where; it becomes a pseudonym")
    }
    /// A system or facility.
    pub(in super::super) const fn system(at: u8, name: &'static str) -> Field {
        field(at, name, How::Of(&HD), Harbor::Geography, "a sender says where; it becomes a pseudonym")
    }
    /// An identifier that links things: entity identifier.
    pub(in super::super) const fn entity(at: u8, name: &'static str, domain: Domain) -> Field {
        field(at, name, How::With(&EI, domain), Harbor::Other, "a pseudonym: equal numbers stay equal")
    }
    /// Placer and filler identifiers in one field.
    pub(in super::super) const fn pair(at: u8, name: &'static str) -> Field {
        field(at, name, How::Of(&EIP), Harbor::Other, "pseudonyms: equal numbers stay equal")
    }
    /// An undivided identifier that links things.
    pub(in super::super) const fn id(at: u8, name: &'static str, domain: Domain) -> Field {
        field(at, name, How::Leaf(Rule::Id(domain)), Harbor::Other, "a pseudonym: equal numbers stay equal")
    }
    /// The patient's own identifiers.
    pub(in super::super) const fn patient(at: u8, name: &'static str) -> Field {
        field(at, name, How::With(&CX, Domain::Patient), Harbor::RecordNumber, "the pseudonym of the patient")
    }
    /// A visit.
    pub(in super::super) const fn visit(at: u8, name: &'static str) -> Field {
        field(at, name, How::With(&CX, Domain::Encounter), Harbor::Account, "a pseudonym: equal visits stay equal")
    }
    /// Anything that a data type of its own describes.
    pub(in super::super) const fn of(
        at: u8,
        name: &'static str,
        how: How,
        class: Harbor,
        reason: &'static str,
    ) -> Field {
        field(at, name, how, class, reason)
    }
    /// What identifies people and goes.
    pub(in super::super) const fn gone(at: u8, name: &'static str, class: Harbor, reason: &'static str) -> Field {
        field(at, name, How::Gone, class, reason)
    }
    /// A person's name.
    pub(in super::super) const fn name(at: u8, name: &'static str) -> Field {
        field(at, name, How::Gone, Harbor::Names, "a name")
    }
    /// An address.
    pub(in super::super) const fn address(at: u8, name: &'static str) -> Field {
        field(at, name, How::Gone, Harbor::Geography, "an address")
    }
    /// A telephone number, fax number or electronic mail address.
    pub(in super::super) const fn phone(at: u8, name: &'static str) -> Field {
        field(at, name, How::Gone, Harbor::Phone, "telephone, fax or electronic mail")
    }
}
