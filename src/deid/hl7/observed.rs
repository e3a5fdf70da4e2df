//! The value of an OBX, by its data type in OBX-2: what is measured stays, dates shift, text is scrubbed, and documents,
//! names, addresses and identifiers of people go. A type that the standard does not have is text.

use super::Rewriter;
use super::leaf::keep;
use super::rule::{Rule, Type};
use super::types::{CQ, CWE, DR, SN};
use crate::deid::memory::Question;
use crate::deid::question::{asks_age, asks_who, oldest_age};
use crate::model::Domain;
use crate::read::hl7::{Message, Segment, Value, decimal};

/// What is done to OBX-5.
enum Kind {
    /// Numbers.
    Number,
    /// Undivided leaves.
    Leaf(Rule),
    /// By components.
    Of(&'static Type),
    /// Numbers in all components: arrays and waveforms.
    Numbers,
    /// Text, repetitions and all.
    Text,
    /// Nothing of it may leave.
    Gone,
}

fn kind(name: &[u8]) -> Kind {
    match name {
        b"NM" => Kind::Number,
        b"SI" => Kind::Number,
        b"SN" => Kind::Of(&SN),
        b"NA" | b"MA" => Kind::Numbers,
        b"CWE" | b"CNE" | b"CE" | b"CF" | b"IS" | b"ID" => Kind::Of(&CWE),
        b"CQ" => Kind::Of(&CQ),
        b"DT" | b"DTM" | b"TS" => Kind::Leaf(Rule::Date),
        b"DR" => Kind::Of(&DR),
        b"TM" => Kind::Leaf(Rule::Time),
        b"ED" | b"RP" | b"CX" | b"EI" | b"HD" | b"XPN" | b"PN" | b"PPN" | b"XCN" | b"CN" | b"CNN" | b"XAD" | b"AD"
        | b"SAD" | b"XTN" | b"TN" | b"XON" | b"PL" | b"CK" | b"DLN" | b"PLN" | b"SRT" | b"CD" | b"MO" | b"CP" => {
            Kind::Gone
        }
        _ => Kind::Text,
    }
}

/// LOINC codes of OBX-3 under which a birth date is sent.
const BIRTHS: &[&[u8]] = &[b"21112-8", b"DOB", b"BIRTHDATE"];

impl Rewriter<'_> {
    /// Writes what becomes of OBX-5.
    pub(super) fn observed(&mut self, obx: &Segment<'_>, value: Value<'_>, message: &Message<'_>, out: &mut Vec<u8>) {
        let asked = obx.field(3).leaf(1);
        let about = |codes: &[&[u8]]| codes.iter().any(|code| code.eq_ignore_ascii_case(asked.raw()));
        if about(BIRTHS) {
            return self.leaf(Rule::Birth, Domain::Other, value.leaf(1), message, out);
        }
        if self.asks_who(obx) {
            return;
        }
        if asks_age(&asked.text()) && age(value, oldest_age(&obx.field(6).leaf(1).text()), message, out) {
            return;
        }
        match kind(obx.field(2).raw()) {
            Kind::Number => self.each(value, message, out, |this, one, out| {
                this.leaf(Rule::Number, Domain::Other, one.leaf(1), message, out);
            }),
            Kind::Leaf(rule) => self.each(value, message, out, |this, one, out| {
                this.leaf(rule, Domain::Other, one.leaf(1), message, out);
            }),
            Kind::Of(parts) => self.composite(parts, Domain::Other, value, message, out),
            Kind::Numbers => self.numbers(value, message, out),
            Kind::Text => {
                let measured = !obx.field(6).is_blank() || !obx.field(7).is_blank();
                let text = value.text();
                if measured && is_measured(&text) && self.is_number(number_of(&text), message) {
                    return keep(true, value, out);
                }
                self.text(Rule::Text, &text, value, message, out);
            }
            Kind::Gone => {}
        }
    }

    /// Whether OBX-3 asks, in its own or in other words, for what identifies somebody: "What address do you live at?"
    fn asks_who(&mut self, obx: &Segment<'_>) -> bool {
        let question = obx.field(3);
        [2, 5, 9].into_iter().any(|n| {
            let text = question.component(n);
            !text.is_blank() && self.memory.verdict(Question::Who, &text.text(), asks_who)
        })
    }

    /// Numbers in repetitions and components; what is none goes.
    fn numbers(&mut self, value: Value<'_>, message: &Message<'_>, out: &mut Vec<u8>) {
        self.each(value, message, out, |_, one, out| {
            for (at, part) in one.components().enumerate() {
                if at > 0 {
                    out.push(message.delimiters().component);
                }
                let text = part.text();
                let text = text.trim();
                keep(text.is_empty() || (decimal(text).is_some() && text.len() <= 24), part, out);
            }
        });
    }
}

/// Writes the oldest age for who is older; false, and nothing written, if nobody is. It is the first number of a value of any
/// type: `102`, `^102` (SN), `> 95`, `102 years`.
fn age(value: Value<'_>, oldest: f64, message: &Message<'_>, out: &mut Vec<u8>) -> bool {
    let older = |text: &str| {
        let text = number_of(text);
        let number = text.find(|c: char| !c.is_ascii_digit() && c != '.').and_then(|end| text.get(..end));
        decimal(number.unwrap_or(text)).is_some_and(|age| age > oldest)
    };
    let parts: Vec<_> = value.repetitions().flat_map(|one| one.components().collect::<Vec<_>>()).collect();
    if !parts.iter().any(|part| older(&part.text())) {
        return false;
    }
    if parts.first().is_some_and(|first| !older(&first.text())) {
        out.push(message.delimiters().component);
    }
    out.extend_from_slice(format!("{oldest}").as_bytes());
    true
}

/// The number behind a comparator.
fn number_of(text: &str) -> &str {
    text.trim().trim_start_matches(['<', '>', '=', '≤', '≥']).trim()
}

/// Whether a text is a number with or without a comparator.
fn is_measured(text: &str) -> bool {
    text.len() <= 32 && decimal(number_of(text)).is_some()
}
