//! The value of an OBX, by its data type in OBX-2: what is measured stays, dates shift, text is scrubbed, and documents,
//! names, addresses and identifiers of people go. A type that the standard does not have is text.

use super::Rewriter;
use super::leaf::keep;
use super::rule::{Rule, Type};
use super::types::{CQ, CWE, DR, SN};
use crate::deid::dates;
use crate::deid::memory::Question;
use crate::deid::question::asks_who;
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

/// LOINC codes and words of OBX-3 under which an age is sent.
const AGES: &[&[u8]] = &[b"30525-0", b"21612-7", b"29553-5", b"30972-4", b"35659-2", b"63900-5", b"AGE"];

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
        match kind(obx.field(2).raw()) {
            Kind::Number if about(AGES) => age(value, out),
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

/// An age in years: 90 for who is older.
fn age(value: Value<'_>, out: &mut Vec<u8>) {
    let oldest = f64::from(dates::OLDEST_AGE_YEARS);
    match decimal(&value.leaf(1).text()) {
        Some(age) if age > oldest => out.extend_from_slice(b"90"),
        Some(age) if age >= 0.0 => keep(true, value.leaf(1), out),
        _ => {}
    }
}

/// The number behind a comparator.
fn number_of(text: &str) -> &str {
    text.trim().trim_start_matches(['<', '>', '=', '≤', '≥']).trim()
}

/// Whether a text is a number with or without a comparator.
fn is_measured(text: &str) -> bool {
    text.len() <= 32 && decimal(number_of(text)).is_some()
}
