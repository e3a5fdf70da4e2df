//! The kinds of identifiers, and the words that findings call them by.

/// What an identifier is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A person's name, or a part of it.
    Name,
    /// An id of a patient, a visit, an order, an account.
    Id,
    /// A UID that an input made up.
    Uid,
    /// A telephone or fax number.
    Phone,
    /// An e-mail or web address.
    Contact,
    /// A street or a postal code.
    Address,
    /// An institution, a department, a town.
    Place,
    /// A serial number or a name of a machine.
    Device,
    /// A name of a file or folder.
    FileName,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 9] = [
        Kind::Name,
        Kind::Id,
        Kind::Uid,
        Kind::Phone,
        Kind::Contact,
        Kind::Address,
        Kind::Place,
        Kind::Device,
        Kind::FileName,
    ];

    /// The word in findings.
    pub const fn word(self) -> &'static str {
        match self {
            Kind::Name => "a person's name",
            Kind::Id => "an id",
            Kind::Uid => "a UID",
            Kind::Phone => "a telephone number",
            Kind::Contact => "an e-mail or web address",
            Kind::Address => "an address",
            Kind::Place => "an institution or place",
            Kind::Device => "a device",
            Kind::FileName => "a file name",
        }
    }
}
