//! The MSH of messages that follow each other. But for its time and its control id it is mostly the same, and so is what
//! becomes of it: that is worked out once for each letterhead, unless it depends on the people of a message.

use super::Rewriter;
use super::plan::Plan;
use crate::model::Alike;
use crate::read::hl7::{Letterhead, Letterheads, Message, Segment};

/// The letterheads that were met, and what became of them.
#[derive(Default)]
pub(super) struct Heads {
    met: Letterheads,
    /// By number: what is written before the time, between it and the control id, and behind that.
    written: Vec<[Vec<u8>; 3]>,
}

impl Rewriter<'_> {
    /// Writes an MSH as [`Rewriter::segment`] does.
    pub(super) fn header(&mut self, msh: &Segment<'_>, message: &Message<'_>, out: &mut Vec<u8>) -> bool {
        let Some(plan) = Plan::shared().segment(msh.name()) else { return false };
        let [time, id] = Letterhead::OTHERS;
        let spans = (msh.field_span(time), msh.field_span(id));
        let alike = self.heads.met.of(message, msh).map(|head| &head.alike);
        let (Some(alike), (Some(at_time), Some(at_id))) = (alike, spans) else {
            return self.segment(msh, message, out);
        };
        let (number, known) = (alike.number, alike.remembered.get());
        let span = msh.span();
        let pieces = [
            (3..=time - 1, span.start..at_time.start),
            (time + 1..=id - 1, at_time.end..at_id.start),
            (id + 1..=msh.last_field(), at_id.end..span.end),
        ];
        let others = [Some((time..=time, at_time)), Some((id..=id, at_id)), None];
        let mut learned: [Vec<u8>; 3] = Default::default();
        let mut asked = false;
        for (place, (piece, other)) in pieces.into_iter().zip(others).enumerate() {
            match self.heads.written.get(number).filter(|_| known) {
                Some(written) => out.extend_from_slice(&written[place]),
                None => {
                    let start = out.len();
                    self.stretch(plan, msh, piece, message, out);
                    asked |= self.named.was_asked();
                    learned[place] = out.get(start..).unwrap_or_default().to_vec();
                }
            }
            if let Some(other) = other {
                self.stretch(plan, msh, other, message, out);
            }
        }
        if !known && !asked && number < Alike::MOST {
            if self.heads.written.len() <= number {
                self.heads.written.resize(number + 1, Default::default());
            }
            self.heads.written[number] = learned;
            if let Some(head) = self.heads.met.of(message, msh) {
                head.alike.remembered.set(true);
            }
        }
        true
    }
}
