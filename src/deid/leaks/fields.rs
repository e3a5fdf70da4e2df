//! Which HL7 fields hold identifiers and which hold codes: by segment and field, with the data type that says where in the
//! field names, numbers and streets stand (HL7 v2.5.1, chapter 2A).

use super::kind::Kind;

/// How a field is taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// XPN and PN: the first three components are names.
    Person,
    /// XCN: an id, then names.
    Staff,
    /// CX, EI, ST: the first component is an id.
    Id,
    /// XTN and TN: numbers and an address in the net.
    Telecom,
    /// XAD: street, other, city, state, postal code.
    Address,
    /// XON, HD, PL and ST: the first component names a place.
    Place,
    /// NDL: the first component is a [`Form::Staff`] of sub-components.
    Reader,
    /// CE, CWE, ID, IS: codes and their names.
    Code,
}

/// How a field is taken apart; `None` for what is neither identifier nor code.
pub fn form(segment: &[u8], field: usize) -> Option<Form> {
    let rows = FIELDS.iter().filter(|row| row.0.as_bytes() == segment);
    rows.filter(|row| row.2.contains(&field)).map(|row| row.1).next()
}

/// The kind of identifier that an id of a segment is.
pub fn kind_of_id(segment: &[u8]) -> Kind {
    if matches!(segment, b"OBX" | b"AIG") { Kind::Device } else { Kind::Id }
}

#[rustfmt::skip]
const FIELDS: &[(&str, Form, &[usize])] = &[
    ("MSH", Form::Place, &[4, 6]), ("MSH", Form::Id, &[10]), ("MSH", Form::Code, &[9, 11, 12]),
    ("EVN", Form::Staff, &[5]), ("EVN", Form::Place, &[7]), ("EVN", Form::Code, &[1, 4]),
    ("PID", Form::Id, &[2, 3, 4, 18, 19, 20, 21]), ("PID", Form::Person, &[5, 6, 9]), ("PID", Form::Address, &[11]),
    ("PID", Form::Telecom, &[13, 14]), ("PID", Form::Place, &[23]), ("PID", Form::Code, &[8, 10, 15, 16, 17, 22]),
    ("PD1", Form::Place, &[3]), ("PD1", Form::Staff, &[4]),
    ("NK1", Form::Person, &[2, 26, 30]), ("NK1", Form::Address, &[4, 32]), ("NK1", Form::Telecom, &[5, 6, 31]),
    ("NK1", Form::Id, &[12, 33, 37]), ("NK1", Form::Place, &[13]), ("NK1", Form::Code, &[3, 7, 14, 15]),
    ("GT1", Form::Id, &[2, 12, 19]), ("GT1", Form::Person, &[3, 4, 16]), ("GT1", Form::Address, &[5, 17]),
    ("GT1", Form::Telecom, &[6, 7, 18]), ("GT1", Form::Place, &[21]), ("GT1", Form::Code, &[9, 10, 11]),
    ("IN1", Form::Id, &[3, 8, 10, 36, 49]), ("IN1", Form::Place, &[4, 9, 11]), ("IN1", Form::Address, &[5, 19, 44]),
    ("IN1", Form::Person, &[6, 16]), ("IN1", Form::Telecom, &[7]), ("IN1", Form::Code, &[2, 15, 17]),
    ("IN2", Form::Id, &[1, 2, 6, 8, 61]), ("IN2", Form::Staff, &[3]), ("IN2", Form::Person, &[7, 9, 40, 49]),
    ("IN3", Form::Id, &[2]), ("IN3", Form::Staff, &[3, 8, 14, 25]), ("IN3", Form::Telecom, &[16, 19]),
    ("MRG", Form::Id, &[1, 2, 3, 4, 5, 6]), ("MRG", Form::Person, &[7]),
    ("PV1", Form::Id, &[5, 19, 50]), ("PV1", Form::Staff, &[7, 8, 9, 17, 52]), ("PV1", Form::Place, &[39]),
    ("PV1", Form::Code, &[2, 4, 10, 14, 18]),
    ("PV2", Form::Staff, &[13]), ("PV2", Form::Place, &[23]), ("PV2", Form::Code, &[3]),
    ("ORC", Form::Id, &[2, 3, 4]), ("ORC", Form::Staff, &[10, 11, 12, 19]), ("ORC", Form::Telecom, &[14, 23]),
    ("ORC", Form::Place, &[17, 21]), ("ORC", Form::Address, &[22, 24]), ("ORC", Form::Code, &[1, 5]),
    ("OBR", Form::Id, &[2, 3, 18, 19, 20, 21]), ("OBR", Form::Staff, &[10, 16, 28]), ("OBR", Form::Telecom, &[17]),
    ("OBR", Form::Reader, &[32, 33, 34, 35]), ("OBR", Form::Code, &[4, 15, 24, 25, 31, 44]),
    ("OBX", Form::Staff, &[16, 25]), ("OBX", Form::Id, &[18]), ("OBX", Form::Place, &[23]),
    ("OBX", Form::Address, &[24]), ("OBX", Form::Code, &[2, 3, 6, 8, 11, 17]),
    ("NTE", Form::Staff, &[5]), ("DG1", Form::Staff, &[16]), ("DG1", Form::Code, &[2, 3, 6]),
    ("PR1", Form::Staff, &[8, 11, 12]), ("PR1", Form::Code, &[2, 3, 6]), ("AL1", Form::Code, &[2, 3, 4, 5]),
    ("TXA", Form::Staff, &[5, 9, 10, 11, 22, 23]), ("TXA", Form::Id, &[12, 13, 14, 15, 16]),
    ("TXA", Form::Code, &[2, 3, 17, 18, 19]),
    ("SCH", Form::Id, &[1, 2, 4, 26, 27]), ("SCH", Form::Staff, &[12, 16, 20]), ("SCH", Form::Telecom, &[13, 17, 21]),
    ("SCH", Form::Address, &[14, 18]), ("SCH", Form::Code, &[6, 7, 8]),
    ("AIP", Form::Staff, &[3]), ("AIL", Form::Place, &[3]), ("AIG", Form::Id, &[3]), ("AIS", Form::Code, &[3]),
    ("ARV", Form::Code, &[2, 3, 4]),
    ("ROL", Form::Id, &[1]), ("ROL", Form::Staff, &[4]), ("ROL", Form::Address, &[11]), ("ROL", Form::Telecom, &[12]),
    ("STF", Form::Id, &[1, 2]), ("STF", Form::Person, &[3]), ("STF", Form::Telecom, &[10, 15]),
    ("STF", Form::Address, &[11]), ("PRD", Form::Person, &[2]), ("PRD", Form::Address, &[3]),
    ("PRD", Form::Telecom, &[5]), ("PRD", Form::Id, &[7]), ("CTD", Form::Person, &[2]), ("CTD", Form::Address, &[3]),
    ("CTD", Form::Telecom, &[5]), ("CTD", Form::Id, &[7]),
    ("RXA", Form::Staff, &[10]), ("RXA", Form::Code, &[5, 7, 9]), ("RXE", Form::Staff, &[13]), ("RXE", Form::Id, &[15]),
    ("RXE", Form::Code, &[2, 5, 6]), ("RXO", Form::Staff, &[14]), ("RXO", Form::Code, &[1, 4, 5]),
    ("RXD", Form::Id, &[7]), ("RXD", Form::Staff, &[10]), ("RXR", Form::Code, &[1, 2]),
    ("FT1", Form::Id, &[2, 23]), ("FT1", Form::Staff, &[20, 21, 24]), ("FT1", Form::Code, &[6, 7, 25]),
    ("ACC", Form::Place, &[11]), ("SPM", Form::Id, &[2, 3]), ("SPM", Form::Code, &[4, 8]), ("SAC", Form::Id, &[1, 2, 3, 4]),
    ("CON", Form::Person, &[2]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_has_one_form() {
        let mut seen = std::collections::BTreeSet::new();
        for (segment, _, fields) in FIELDS {
            assert!(fields.iter().all(|field| seen.insert((*segment, *field))), "{segment}");
        }
        assert!(seen.len() > 230, "{}", seen.len());
        assert_eq!(form(b"PID", 5), Some(Form::Person));
        assert_eq!(form(b"OBX", 5), None);
    }
}
