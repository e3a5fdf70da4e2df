//! The components and sub-components that are on the list, by data type (HL7 v2.8.2 chapter 2A; where a type of an
//! older version has fewer components or another name, the numbers are the same). What is not here goes.

use super::rule::{Harbor, Part, PartHow, Rule, Type};
use crate::model::Domain;

const fn part(at: u8, name: &'static str, rule: Rule, class: Harbor, reason: &'static str) -> Part {
    Part { at, name, how: PartHow::Leaf(rule), class, reason }
}

const fn of(at: u8, name: &'static str, parts: &'static Type, class: Harbor, reason: &'static str) -> Part {
    Part { at, name, how: PartHow::Of(parts), class, reason }
}

const fn code(at: u8, name: &'static str) -> Part {
    part(at, name, Rule::Code, Harbor::None, "a code says what it is, not whose")
}

const fn term(at: u8, name: &'static str) -> Part {
    part(at, name, Rule::Term, Harbor::Names, "words may be a sentence about somebody: scrubbed")
}

const fn text(at: u8, name: &'static str) -> Part {
    part(at, name, Rule::Text, Harbor::Names, "somebody wrote it: only scrubbed text leaves")
}

const fn date(at: u8, name: &'static str) -> Part {
    part(at, name, Rule::Date, Harbor::Dates, "shifted with all dates of the patient")
}

const fn number(at: u8, name: &'static str) -> Part {
    part(at, name, Rule::Number, Harbor::None, "a quantity")
}

const fn site(at: u8, name: &'static str) -> Part {
    part(at, name, Rule::Id(Domain::Other), Harbor::Geography, "says where; becomes a pseudonym")
}

const fn oid(at: u8, name: &'static str) -> Part {
    part(at, name, Rule::Oid, Harbor::Geography, "the number of an organisation says where; becomes a pseudonym")
}

const fn own(at: u8, name: &'static str, class: Harbor) -> Part {
    part(at, name, Rule::OwnId, class, "a pseudonym: equal numbers stay equal")
}

/// Coded with exceptions; CE, CNE, CF, IS and ID are its first components.
pub static CWE: Type = Type {
    name: "CWE",
    parts: &[
        code(1, "Identifier"),
        term(2, "Text"),
        code(3, "Name of Coding System"),
        code(4, "Alternate Identifier"),
        term(5, "Alternate Text"),
        code(6, "Name of Alternate Coding System"),
        code(7, "Coding System Version ID"),
        code(8, "Alternate Coding System Version ID"),
        term(9, "Original Text"),
        code(10, "Second Alternate Identifier"),
        term(11, "Second Alternate Text"),
        code(12, "Name of Second Alternate Coding System"),
        code(13, "Second Alternate Coding System Version ID"),
    ],
};

/// Hierarchic designator: a system or facility.
pub static HD: Type =
    Type { name: "HD", parts: &[site(1, "Namespace ID"), oid(2, "Universal ID"), code(3, "Universal ID Type")] };

/// Extended composite id with check digit. Check digits are worked out from the id: they go.
pub static CX: Type = Type {
    name: "CX",
    parts: &[
        own(1, "ID Number", Harbor::RecordNumber),
        code(3, "Check Digit Scheme"),
        of(4, "Assigning Authority", &HD, Harbor::Geography, "says where; becomes a pseudonym"),
        code(5, "Identifier Type Code"),
        of(6, "Assigning Facility", &HD, Harbor::Geography, "says where; becomes a pseudonym"),
        date(7, "Effective Date"),
        date(8, "Expiration Date"),
    ],
};

/// Extended composite id number and name: a person who is not the patient. CN, CNN and PPN begin alike.
pub static XCN: Type = Type {
    name: "XCN",
    parts: &[
        own(1, "Person Identifier", Harbor::Licence),
        of(9, "Assigning Authority", &HD, Harbor::Geography, "says where; becomes a pseudonym"),
        code(10, "Name Type Code"),
        code(12, "Check Digit Scheme"),
        code(13, "Identifier Type Code"),
        of(14, "Assigning Facility", &HD, Harbor::Geography, "says where; becomes a pseudonym"),
        code(15, "Name Representation Code"),
    ],
};

/// Practitioner license or other id number.
pub static PLN: Type = Type {
    name: "PLN",
    parts: &[own(1, "ID Number", Harbor::Licence), code(2, "Type of ID Number"), date(4, "Expiration Date")],
};

/// Name with date and location. In versions before 2.3 this was CN; its names are no dates and no wards.
pub static NDL: Type = Type {
    name: "NDL",
    parts: &[
        of(1, "Name", &CNN, Harbor::Names, "the id becomes a pseudonym, the name goes"),
        date(2, "Start Date/Time"),
        date(3, "End Date/Time"),
        of(7, "Facility", &HD, Harbor::Geography, "says where; becomes a pseudonym"),
        code(8, "Location Status"),
        code(9, "Patient Location Type"),
    ],
};

/// Composite id number and name, inside a component.
pub static CNN: Type = Type {
    name: "CNN",
    parts: &[own(1, "ID Number", Harbor::Licence), code(8, "Source Table"), site(9, "Assigning Authority")],
};

/// Entity identifier.
pub static EI: Type = Type {
    name: "EI",
    parts: &[
        own(1, "Entity Identifier", Harbor::Other),
        site(2, "Namespace ID"),
        oid(3, "Universal ID"),
        code(4, "Universal ID Type"),
    ],
};

/// Placer order number as an entity identifier inside a component.
pub static EI_PLACER: Type = Type {
    name: "EI (placer)",
    parts: &[
        part(1, "Entity Identifier", Rule::Id(Domain::Order), Harbor::Other, "the pseudonym of the order"),
        site(2, "Namespace ID"),
        oid(3, "Universal ID"),
        code(4, "Universal ID Type"),
    ],
};

/// Filler order number as an entity identifier inside a component: the accession number of images.
pub static EI_FILLER: Type = Type {
    name: "EI (filler)",
    parts: &[
        part(1, "Entity Identifier", Rule::Id(Domain::Accession), Harbor::Other, "the pseudonym of the accession"),
        site(2, "Namespace ID"),
        oid(3, "Universal ID"),
        code(4, "Universal ID Type"),
    ],
};

/// Entity identifier pair.
pub static EIP: Type = Type {
    name: "EIP",
    parts: &[
        of(1, "Placer Assigned Identifier", &EI_PLACER, Harbor::Other, "a pseudonym: equal numbers stay equal"),
        of(2, "Filler Assigned Identifier", &EI_FILLER, Harbor::Other, "a pseudonym: equal numbers stay equal"),
    ],
};

/// The identifier of a message profile: published names and object identifiers.
pub static PROFILE: Type = Type {
    name: "EI (profile)",
    parts: &[code(1, "Entity Identifier"), code(3, "Universal ID"), code(4, "Universal ID Type")],
};

/// Person location. Room, bed, building and floor are smaller than anything that may leave.
pub static PL: Type = Type {
    name: "PL",
    parts: &[
        site(1, "Point of Care"),
        of(4, "Facility", &HD, Harbor::Geography, "says where; becomes a pseudonym"),
        code(5, "Location Status"),
        code(6, "Person Location Type"),
    ],
};

/// Extended composite name and id of an organisation.
pub static XON: Type = Type {
    name: "XON",
    parts: &[
        site(1, "Organization Name"),
        code(2, "Organization Name Type Code"),
        site(3, "ID Number"),
        of(6, "Assigning Authority", &HD, Harbor::Geography, "says where; becomes a pseudonym"),
        code(7, "Identifier Type Code"),
        of(8, "Assigning Facility", &HD, Harbor::Geography, "says where; becomes a pseudonym"),
        code(9, "Name Representation Code"),
        site(10, "Organization Identifier"),
    ],
};

/// The patient's address.
pub static XAD: Type = Type {
    name: "XAD (patient)",
    parts: &[
        part(4, "State or Province", Rule::State, Harbor::None, "Safe Harbor lets states leave"),
        part(
            5,
            "Zip or Postal Code",
            Rule::Zip,
            Harbor::Geography,
            "three digits of an area, 000 of one with 20,000 people or fewer: 45 CFR 164.514(b)(2)(i)(B)",
        ),
        code(6, "Country"),
        code(7, "Address Type"),
    ],
};

/// Message type.
pub static MSG: Type =
    Type { name: "MSG", parts: &[code(1, "Message Code"), code(2, "Trigger Event"), code(3, "Message Structure")] };

/// Processing type.
pub static PT: Type = Type { name: "PT", parts: &[code(1, "Processing ID"), code(2, "Processing Mode")] };

/// Version identifier.
pub static VID: Type = Type {
    name: "VID",
    parts: &[
        code(1, "Version ID"),
        of(2, "Internationalization Code", &CWE, Harbor::None, "a country"),
        of(3, "International Version ID", &CWE, Harbor::None, "a version"),
    ],
};

/// Composite quantity with units.
pub static CQ: Type =
    Type { name: "CQ", parts: &[number(1, "Quantity"), of(2, "Units", &CWE, Harbor::None, "a unit")] };

/// Date range.
pub static DR: Type = Type { name: "DR", parts: &[date(1, "Range Start Date/Time"), date(2, "Range End Date/Time")] };

/// Repeat interval.
pub static RI: Type = Type {
    name: "RI",
    parts: &[
        of(1, "Repeat Pattern", &CWE, Harbor::None, "a pattern of the day"),
        part(2, "Explicit Time Interval", Rule::Time, Harbor::None, "a time of day"),
    ],
};

/// Repeat pattern.
pub static RPT: Type = Type {
    name: "RPT",
    parts: &[
        of(1, "Repeat Pattern Code", &CWE, Harbor::None, "a pattern of the day"),
        code(2, "Calendar Alignment"),
        number(3, "Phase Range Begin Value"),
        number(4, "Phase Range End Value"),
        number(5, "Period Quantity"),
        code(6, "Period Units"),
        code(7, "Institution Specified Time"),
        code(8, "Event"),
        number(9, "Event Offset Quantity"),
        code(10, "Event Offset Units"),
    ],
};

/// Timing and quantity.
pub static TQ: Type = Type {
    name: "TQ",
    parts: &[
        of(1, "Quantity", &CQ, Harbor::None, "a quantity"),
        of(2, "Interval", &RI, Harbor::None, "a pattern of the day"),
        code(3, "Duration"),
        date(4, "Start Date/Time"),
        date(5, "End Date/Time"),
        code(6, "Priority"),
        text(7, "Condition"),
        text(8, "Text"),
        code(9, "Conjunction"),
    ],
};

/// Specimen source.
pub static SPS: Type = Type {
    name: "SPS",
    parts: &[
        of(1, "Specimen Source Name or Code", &CWE, Harbor::None, "what the specimen is"),
        of(2, "Additives", &CWE, Harbor::None, "what was added"),
        text(3, "Specimen Collection Method"),
        of(4, "Body Site", &CWE, Harbor::None, "a part of the body"),
        of(5, "Site Modifier", &CWE, Harbor::None, "a part of the body"),
        of(6, "Collection Method Modifier Code", &CWE, Harbor::None, "a method"),
        of(7, "Specimen Role", &CWE, Harbor::None, "a role"),
    ],
};

/// Parent result link.
pub static PRL: Type = Type {
    name: "PRL",
    parts: &[
        of(1, "Parent Observation Identifier", &CWE, Harbor::None, "what was observed"),
        code(2, "Parent Observation Sub-identifier"),
        text(3, "Parent Observation Value Descriptor"),
    ],
};

/// Financial class.
pub static FC: Type = Type { name: "FC", parts: &[code(1, "Financial Class Code"), date(2, "Effective Date")] };

/// Discharge to location and date.
pub static DLD: Type = Type { name: "DLD", parts: &[site(1, "Discharge to Location"), date(2, "Effective Date")] };

/// Charge code and date.
pub static CCD: Type = Type { name: "CCD", parts: &[code(1, "Invocation Event"), date(2, "Date/time")] };

/// Error location and description, before version 2.5.
pub static ELD: Type = Type {
    name: "ELD",
    parts: &[
        code(1, "Segment ID"),
        number(2, "Segment Sequence"),
        number(3, "Field Position"),
        of(4, "Code Identifying Error", &CWE, Harbor::None, "a kind of error"),
    ],
};

/// Error location.
pub static ERL: Type = Type {
    name: "ERL",
    parts: &[
        code(1, "Segment ID"),
        number(2, "Segment Sequence"),
        number(3, "Field Position"),
        number(4, "Field Repetition"),
        number(5, "Component Number"),
        number(6, "Sub-component Number"),
    ],
};

/// Structured numeric: comparator, number, separator, number.
pub static SN: Type = Type {
    name: "SN",
    parts: &[code(1, "Comparator"), number(2, "Num1"), code(3, "Separator/Suffix"), number(4, "Num2")],
};

/// Every type that is used by a field, for the manual and the tests.
pub static TYPES: &[&Type] = &[
    &CCD, &CNN, &CQ, &CWE, &CX, &DLD, &DR, &EI, &EI_FILLER, &EI_PLACER, &EIP, &ELD, &ERL, &FC, &HD, &MSG, &NDL, &PL,
    &PLN, &PRL, &PROFILE, &PT, &RI, &RPT, &SN, &SPS, &TQ, &VID, &XAD, &XCN, &XON,
];
