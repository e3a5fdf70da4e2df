//! One leaf treated as its rule says: kept, shifted, replaced, scrubbed, or gone. What is kept is written byte for byte as
//! it stood; what is judged is the text behind its escape sequences, in the character set of the message.

use super::Rewriter;
use super::day;
use super::prose::{is_code, is_document, is_phrase};
use super::rule::Rule;
use crate::deid::codes;
use crate::deid::habit::{self, Becomes};
use crate::deid::memory::Question;
use crate::model::Domain;
use crate::model::table::PersonId;
use crate::read::hl7::{Message, Presence, Value, decimal};

impl Rewriter<'_> {
    /// Writes what becomes of a leaf; nothing if it goes. An empty value stays empty, a null stays a null.
    pub(super) fn leaf(&mut self, rule: Rule, own: Domain, value: Value<'_>, message: &Message<'_>, out: &mut Vec<u8>) {
        match value.presence() {
            Presence::Absent | Presence::Empty => return,
            Presence::Null => return out.extend_from_slice(value.raw()),
            Presence::Value => {}
        }
        match value.plain() {
            Some(text) => self.plain_leaf(rule, own, value, text, message, out),
            None => self.judged(rule, own, value, (&value.text(), false), message, out),
        }
    }

    /// The same for a value that stands for itself: `text` is what [`Value::plain`] says of it.
    #[inline]
    pub(super) fn plain_leaf(
        &mut self,
        rule: Rule,
        own: Domain,
        value: Value<'_>,
        text: &str,
        message: &Message<'_>,
        out: &mut Vec<u8>,
    ) {
        self.judged(rule, own, value, (text, true), message, out);
    }

    /// Writes what becomes of a value of this text, which is its bytes if it is `plain`.
    fn judged(
        &mut self,
        rule: Rule,
        own: Domain,
        value: Value<'_>,
        (text, plain): (&str, bool),
        message: &Message<'_>,
        out: &mut Vec<u8>,
    ) {
        let trimmed = text.trim_matches([' ', '\0']);
        if trimmed.is_empty() {
            return;
        }
        match rule {
            Rule::SetId => {
                let number = trimmed.len() <= 4 && trimmed.bytes().all(|b| b.is_ascii_digit());
                keep(number, value, out);
            }
            Rule::Code => self.code(text, plain, value, message, out),
            Rule::CharacterSet => keep(Message::knows_character_set(value.raw()), value, out),
            Rule::Number => keep(self.is_number(trimmed, message), value, out),
            Rule::Term | Rule::Text => self.text(rule, text, value, message, out),
            Rule::Date => {
                if let Some(days) = self.shift_days {
                    day::shift(trimmed, days, out);
                }
            }
            Rule::Time => keep(day::is_time(trimmed), value, out),
            Rule::Birth => {
                if let (Some(days), Some(at), Some(born)) = (self.shift_days, self.reference, day::born(trimmed)) {
                    day::birth_year(born, at, days, out);
                }
            }
            Rule::Zip => out.extend_from_slice(codes::zip3(trimmed).unwrap_or_default().as_bytes()),
            Rule::State => keep(STATES.contains(&trimmed), value, out),
            Rule::Id(domain) => self.pseudonym(domain, trimmed, message, out),
            Rule::OwnId => self.pseudonym(own, trimmed, message, out),
            Rule::Oid => {
                let oid = trimmed.contains('.') && trimmed.bytes().all(|b| b.is_ascii_digit() || b == b'.');
                self.pseudonym(if oid { Domain::Uid } else { Domain::Other }, trimmed, message, out);
            }
        }
    }

    /// A code is kept if it has the shape of one, or is a phrase in which the scrubber finds nothing (`METFORMIN 500MG`),
    /// and names nobody of the message.
    fn code(&mut self, text: &str, plain: bool, value: Value<'_>, message: &Message<'_>, out: &mut Vec<u8>) {
        // Of a text that stands for itself, the same is always said.
        let key = if plain { habit::key(text) } else { None };
        let becomes = match self.memory.codes.get(key) {
            Some(becomes) => becomes.clone(),
            None => {
                let becomes = self.becomes(text, value);
                self.memory.codes.keep(key, becomes.clone());
                becomes
            }
        };
        let kept = match becomes {
            Becomes::Same => true,
            Becomes::Unnamed => !self.named.names(text, message),
            Becomes::Nothing | Becomes::Other(_) => false,
        };
        keep(kept, value, out);
    }

    /// What becomes of a code, whoever the message is about.
    fn becomes(&mut self, text: &str, value: Value<'_>) -> Becomes {
        if codes::is_message_code(text) {
            return Becomes::Same;
        }
        let fits = self.memory.verdict(Question::Code, text, is_code)
            || (!is_document(value.raw()) && self.memory.verdict(Question::Phrase, text, is_phrase));
        match fits {
            true if codes::is_nobodys(text) => Becomes::Same,
            true => Becomes::Unnamed,
            false => Becomes::Nothing,
        }
    }

    /// A plain decimal number of at most 24 signs that is a quantity and nobody's identifier.
    pub(super) fn is_number(&mut self, text: &str, message: &Message<'_>) -> bool {
        let plain = text.len() <= 24 && decimal(text).is_some();
        plain && !codes::is_no_quantity(text) && (codes::is_nobodys(text) || !self.named.names(text, message))
    }

    /// Writes a pseudonym; signs in it that act as delimiters are escaped.
    pub(super) fn pseudonym(&mut self, domain: Domain, text: &str, message: &Message<'_>, out: &mut Vec<u8>) {
        if domain == Domain::Patient {
            let id = PersonId { id: text.to_owned(), issuer: String::new() };
            return self.patient(&id, out);
        }
        let pseudonym = self.memory.pseudonym(domain, text, self.identity);
        if domain == Domain::Uid {
            self.crosswalk.uids.insert(text.to_owned(), pseudonym.clone().into_owned());
        }
        if message.is_usual() {
            out.extend_from_slice(pseudonym.as_bytes());
        } else {
            out.extend_from_slice(&message.escape(&pseudonym));
        }
    }
}

/// Writes a value as it stood, or nothing.
#[inline]
pub(super) fn keep(kept: bool, value: Value<'_>, out: &mut Vec<u8>) {
    if kept {
        out.extend_from_slice(value.raw());
    }
}

/// States, districts and territories of the United States, by their postal abbreviations.
const STATES: &[&str] = &[
    "AK", "AL", "AR", "AS", "AZ", "CA", "CO", "CT", "DC", "DE", "FL", "GA", "GU", "HI", "IA", "ID", "IL", "IN", "KS",
    "KY", "LA", "MA", "MD", "ME", "MI", "MN", "MO", "MP", "MS", "MT", "NC", "ND", "NE", "NH", "NJ", "NM", "NV", "NY",
    "OH", "OK", "OR", "PA", "PR", "RI", "SC", "SD", "TN", "TX", "UT", "VA", "VI", "VT", "WA", "WI", "WV", "WY",
];
