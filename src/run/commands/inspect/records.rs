//! HL7 messages and tables: how many there are, the rows they would become, and each field after de-identification.

use super::Look;
use crate::deid::changes;
use crate::deid::hl7::Rewriter;
use crate::deid::memory::Memory;
use crate::error::Result;
use crate::model::Table;
use crate::read::hl7::{self, Message};
use crate::read::tables::{self, Mapping};
use crate::run::guarded;
use crate::run::stream::each;
use std::collections::BTreeMap;

/// Rows of each table.
#[derive(Default)]
struct Rows(BTreeMap<(&'static str, &'static str), u64>);

impl Rows {
    fn add(&mut self, table: &'static Table) {
        *self.0.entry((table.folder, table.name)).or_default() += 1;
    }

    fn say(&self, look: &Look<'_>) {
        for ((folder, name), rows) in &self.0 {
            look.say("prepare", format!("{folder}/{name}\t{rows} rows"));
        }
    }
}

pub(super) fn messages(look: &Look<'_>, bytes: &[u8]) -> Result<bool> {
    let (mut read, mut refused, mut rows) = (0u64, 0u64, Rows::default());
    let mut one = |place, message: &Message<'_>| {
        let mut tables = Vec::new();
        hl7::rows(message, place, &mut |row| tables.push(row.table));
        tables.into_iter().for_each(|table| rows.add(table));
        read += 1;
    };
    each(hl7::messages(bytes), bytes.len(), &mut one, &mut |_| refused += 1);
    look.say("messages", read);
    look.say("refused pieces", refused);
    rows.say(look);
    let rewritten = guarded(|| {
        let written = Rewriter::with(&look.identity, look.profile.dates(), Memory::default()).input(bytes);
        Ok(changes::of_messages(bytes, &written))
    });
    match rewritten {
        Ok(changes) => look.changes(&changes),
        Err(fault) => look.refused("deid", &fault),
    }
    Ok(read > 0)
}

pub(super) fn table(look: &Look<'_>, bytes: &[u8], mapping: Option<&Mapping>) -> Result<bool> {
    let mut rows = Rows::default();
    let counts = guarded(|| tables::rows(bytes, mapping, &mut |row| row.iter().for_each(|row| rows.add(row.table))))?;
    look.say("rows", counts.rows);
    look.say("refused rows", counts.rejects);
    rows.say(look);
    look.say("deid", "refused: tables go through prepare");
    Ok(counts.rows > 0)
}
