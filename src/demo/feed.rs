//! HL7 messages as files: each department frames its messages in another way, as the interfaces of real hospitals do.

use super::hl7::{Message, Sender, message};
use super::plan::Archive;

/// How messages follow each other in a file.
#[derive(Clone, Copy)]
enum Framing {
    /// Segments end with CR, messages follow at once.
    Plain,
    /// Segments end with CR, a blank line CR LF CR LF between messages.
    BlankLine,
    /// Segments end with CR, messages in minimal lower layer frames: VT ... FS CR.
    Mllp,
    /// Text tools were here: segments end with LF, a blank line between messages.
    Lines,
}

/// File, sender, framing.
const FEEDS: &[(&str, Sender, Framing)] = &[
    ("hl7/adt.hl7", Sender::Admission, Framing::Plain),
    ("hl7/laboratory.hl7", Sender::Laboratory, Framing::BlankLine),
    ("hl7/pharmacy.mllp", Sender::Pharmacy, Framing::Mllp),
    ("hl7/radiology.hl7", Sender::Radiology, Framing::Plain),
    ("hl7/scheduling.hl7", Sender::Scheduling, Framing::Lines),
    ("hl7/ward.mllp", Sender::Ward, Framing::Mllp),
];

/// The feeds with their bytes; feeds without a message are left out.
pub(super) fn files(archive: &Archive, messages: u32) -> Vec<(String, Vec<u8>)> {
    let all: Vec<Message> = (0..messages).map(|number| message(archive, number)).collect();
    let mut files = Vec::new();
    for (name, sender, framing) in FEEDS {
        let mut bytes = Vec::new();
        for message in all.iter().filter(|message| message.sender == *sender) {
            frame(&mut bytes, message, *framing);
        }
        if !bytes.is_empty() {
            files.push((name.to_string(), bytes));
        }
    }
    files
}

fn frame(bytes: &mut Vec<u8>, message: &Message, framing: Framing) {
    let (before, between, after): (&[u8], &[u8], &[u8]) = match framing {
        Framing::Plain => (b"", b"\r", b"\r"),
        Framing::BlankLine => (b"", b"\r", b"\r\n\r\n"),
        Framing::Mllp => (b"\x0b", b"\r", b"\r\x1c\r"),
        Framing::Lines => (b"", b"\n", b"\n\n"),
    };
    bytes.extend_from_slice(before);
    for (place, segment) in message.segments.iter().enumerate() {
        if place > 0 {
            bytes.extend_from_slice(between);
        }
        bytes.extend_from_slice(segment.as_bytes());
    }
    bytes.extend_from_slice(after);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_lands_in_one_feed_in_its_frame() {
        let archive = Archive::new(1, 24);
        let files = files(&archive, 1000);
        assert_eq!(files.len(), 6);
        let count = |bytes: &[u8], what: &str| String::from_utf8_lossy(bytes).matches(what).count();
        let total: usize = files.iter().map(|(_, bytes)| count(bytes, "MSH|^~\\&|")).sum();
        assert_eq!(total, 1000);
        // Of twenty messages 7 are admissions, 4 laboratory, 3 pharmacy, 2 each radiology, scheduling and ward.
        let of = |name: &str| {
            files.iter().find(|(n, _)| n.contains(name)).map(|(_, bytes)| bytes.as_slice()).unwrap_or_default()
        };
        assert_eq!(count(of("adt"), "MSH|"), 350);
        assert_eq!(count(of("laboratory"), "\r\n\r\n"), 200);
        assert_eq!(count(of("pharmacy"), "\r\u{1c}\r"), 150);
        assert_eq!(count(of("ward"), "ZWD|"), 100);
        assert_eq!(count(of("scheduling"), "\r"), 0);
        // Every 31st message would carry glucose 447 mg/dL; 11 of those 33 come from the laboratory (numbers that leave
        // 1, 6, 10 or 14 when divided by 20) or a ward (8 or 17): 11 k mod 20 over k = 0..32 hits these 11 times.
        let critical = "2345-7^Glucose^LN||447|mg/dL^mg/dL^UCUM|70-99|HH|||F";
        assert_eq!(count(of("laboratory"), critical) + count(of("ward"), critical), 11);
        // 100 reports over 24 studies: each study's accession number is in the feed.
        let radiology = of("radiology");
        assert!(archive.studies.iter().all(|study| count(radiology, &study.accession) >= 4));
    }
}
