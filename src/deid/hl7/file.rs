//! A whole input: messages rewritten, envelopes rewritten, blanks and frame bytes copied, strays left out and said.

use super::Rewriter;
use super::head::Heads;
use crate::deid::identity::{Crosswalk, Identity};
use crate::error::Fault;
use crate::model::new_file::NewFile;
use crate::model::{Clean, InputId, PatientKey, Split};
use crate::read::hl7::{Gap, Stray, gaps, messages};

/// What became of an input.
#[derive(Debug)]
pub struct Written {
    /// The bytes of the new file.
    pub bytes: Clean<Vec<u8>>,
    /// Messages and stray stretches that were there; one each.
    pub read: u64,
    /// Messages that were written.
    pub written: u64,
    /// Messages and stray stretches that were not: place in the input, from 0, and why. `written` and these add up to
    /// `read`.
    pub refused: Vec<(u64, Fault)>,
    /// Everybody the messages are about, and their splits, in the order of the messages: somebody may come again.
    pub people: Vec<(PatientKey, Split)>,
    /// Old and new ids that were met.
    pub crosswalk: Crosswalk,
}

impl Written {
    /// The new file. Its name is that of the input's bytes, by the key.
    pub fn into_file(self, identity: &Identity, sha256: &str, input: InputId) -> Clean<NewFile> {
        let name = format!("hl7/{}.hl7", identity.tensor_id(sha256, input, 0));
        Clean::vouch(NewFile::made(name, self.bytes.into_inner()))
    }
}

impl Rewriter<'_> {
    /// Rewrites an input. Messages keep their order, framing and line ends; UTF-16 stays UTF-16.
    pub fn input(&mut self, input: &[u8]) -> Written {
        self.turn_to(None);
        // What it means to the crosswalk is said once in each input.
        self.heads = Heads::default();
        let mut out = Vec::with_capacity(input.len() + input.len() / 8);
        let mut refused = Vec::new();
        let (mut read, mut written) = (0, 0);
        let mut at = 0;
        let mut last = None;
        let mut stream = messages(input);
        for item in stream.by_ref() {
            let item_number = read;
            read += 1;
            let (offset, length) = match &item {
                Ok(message) => (message.offset, message.length),
                Err(stray) => (stray.offset, stray.length),
            };
            self.between(input, at, offset as usize, &mut last, &mut out);
            at = (offset + length) as usize;
            let fault = match item {
                Ok(message) => {
                    let fits = if message.is_wide() {
                        let mut bytes = Vec::with_capacity(message.bytes().len());
                        self.message(&message, &mut bytes);
                        message.in_encoding_of_input(bytes).map(|bytes| out.extend_from_slice(&bytes))
                    } else {
                        self.message(&message, &mut out);
                        Ok(())
                    };
                    match fits {
                        Ok(()) => {
                            written += 1;
                            continue;
                        }
                        Err(fault) => fault.number("offset", offset).number("length", length),
                    }
                }
                Err(Stray { fault, .. }) => fault.number("offset", offset).number("length", length),
            };
            refused.push((item_number, fault));
        }
        self.between(input, at, input.len(), &mut last, &mut out);
        let people = self.people.drain(..).map(|person| (person.key, person.split)).collect();
        let crosswalk = std::mem::take(&mut self.crosswalk);
        Written { bytes: Clean::vouch(out), read, written, refused, people, crosswalk }
    }

    fn between(
        &mut self,
        input: &[u8],
        start: usize,
        end: usize,
        last: &mut Option<crate::read::hl7::Delimiters>,
        out: &mut Vec<u8>,
    ) {
        // Between most messages there are a few blank bytes: nothing to cut.
        let stretch = input.get(start..end).unwrap_or_default();
        if stretch.len() <= 4 && stretch.iter().all(|b| matches!(b, b'\r' | b'\n' | b' ')) {
            return out.extend_from_slice(stretch);
        }
        for gap in gaps(input, start..end, last) {
            match gap {
                Gap::Blank(range) => out.extend_from_slice(input.get(range).unwrap_or_default()),
                Gap::Envelope(line) => {
                    let mut bytes = Vec::new();
                    self.envelope(&line, &mut bytes);
                    // An envelope that cannot be written again is left out: it frames messages, it is none.
                    out.extend(line.in_encoding_of_input(bytes).unwrap_or_default());
                }
            }
        }
    }

    /// Writes the line of an envelope. It is about no patient: dates go.
    fn envelope(&mut self, line: &crate::read::hl7::Message<'_>, out: &mut Vec<u8>) {
        self.turn_to(None);
        self.reference = None;
        self.named.begin();
        for segment in line.segments() {
            self.segment(&segment, line, out);
        }
    }
}
