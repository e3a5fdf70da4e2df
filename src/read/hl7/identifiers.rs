//! Words by which a message names people: no code of the same message may leave if it contains one of them. Which
//! fields name people is a table.

use super::message::Message;

/// Segment and its fields that hold names, addresses, telephone numbers and ids of people.
const NAMING: &[(&[u8], &[usize])] = &[
    (b"PID", &[2, 3, 4, 5, 6, 9, 11, 13, 14, 18, 19, 20, 21, 23]),
    (b"NK1", &[2, 4, 5, 6, 30, 31, 32, 33]),
    (b"GT1", &[2, 3, 4, 5, 6, 7, 12, 16, 17, 18, 19]),
    (b"IN1", &[2, 16, 19, 36, 49]),
    (b"IN2", &[1, 2, 6, 7, 61]),
    (b"MRG", &[1, 2, 3, 4, 5, 7]),
    (b"PV1", &[7, 8, 9, 17, 19, 50, 52]),
    (b"OBR", &[10, 16, 17, 28, 32, 33, 34, 35]),
    (b"ORC", &[10, 11, 12, 14, 19]),
    (b"OBX", &[16, 25]),
    (b"ROL", &[4]),
    (b"PRD", &[2, 3, 5, 7]),
];

/// Every component of the naming fields, decoded; empty ones left out.
pub(super) fn identifiers(message: &Message<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for segment in message.segments() {
        let Some((_, fields)) = NAMING.iter().find(|(name, _)| *name == segment.name()) else { continue };
        for field in fields.iter().map(|n| segment.field(*n)).filter(|field| !field.is_blank()) {
            if let Some(pieces) = field.undecoded_pieces() {
                found.extend(pieces.map(str::to_owned));
                continue;
            }
            for repetition in field.repetitions() {
                for component in repetition.components().filter(|component| !component.is_blank()) {
                    found.extend(component.subcomponents().map(|part| part.text().into_owned()));
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::messages;
    use super::*;

    #[test]
    fn names_are_found_in_every_repetition_and_component() {
        let text = b"MSH|^~\\&|A|B|C|D|20240101||ADT^A01|1|P|2.5\rPID|1||7^^^H~8||DOE&VAN^JANE~ROE^J\rNK1|1|POE^ANN\r";
        let message = messages(text).next().unwrap().unwrap();
        assert_eq!(identifiers(&message), ["7", "H", "8", "DOE", "VAN", "JANE", "ROE", "J", "POE", "ANN"]);
    }
}
