//! `voxmill alerts`: results that somebody should be told of, straight from messages and tables. Nothing is kept.

use crate::console::Console;
use crate::deid::identity::Identity;
use crate::deid::key::Key;
use crate::deid::rows::Cleaner;
use crate::error::{Fault, Reason, Result};
use crate::join::alerts::{self, ALERTS, Changes, Coverage, Observation, Told};
use crate::model::{Cell, SealedRow};
use crate::read::hl7::{self, Message, Wanted, tables::MESSAGES, tables::OBSERVATIONS};
use crate::read::tables::{self, Mappings};
use crate::read::{self, InputKind};
use crate::recipe::Recipe;
use crate::run::plan::Inputs;
use crate::run::rulebook::RuleBook;
use crate::run::stream::each;
use crate::run::{guarded, people, private};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

/// What `alerts` was asked.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// What the user named.
    pub inputs: &'a [PathBuf],
    /// How patients are told apart.
    pub recipe: &'a Recipe,
    /// Where the key is, if not in the environment.
    pub key_file: Option<&'a Path>,
    /// CSV of ids that name the same person.
    pub crosswalk: Option<&'a Path>,
    /// Folder of rule files.
    pub rules: Option<&'a Path>,
    /// One JSON object a line.
    pub json: bool,
}

/// What became of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Alerts told.
    pub alerts: u64,
    /// Results looked at.
    pub results: u64,
    /// How often a rule saw a result in a unit that it cannot convert.
    pub unconverted: u64,
    /// How often a comparator left open whether a limit is passed.
    pub undecided: u64,
    /// Inputs, messages and records that could not be read.
    pub refused: u64,
    /// Inputs without results by their kind: images.
    pub passed: u64,
}

/// Looks at every result among the inputs.
///
/// # Errors
/// Of the request or the machine; inputs that cannot be read are counted and told.
pub fn run(request: &Request, console: &Console) -> Result<Summary> {
    let inputs = Inputs::list(request.inputs, &[], request.recipe)?;
    let mappings = Mappings::new(&request.recipe.ehr.tables)?;
    let rules = RuleBook::open(request.rules)?;
    let key = match private::given_key(request.key_file)? {
        Some(key) => key,
        None => {
            console.say("no key: patient and message pseudonyms are of this run only (--key-file, VOXMILL_KEY)");
            Key::generate()?
        }
    };
    let identity = people::identity(key, request.recipe, request.crosswalk, &inputs)?;
    let mut watch = Watch {
        rules: &rules.alerts,
        coverage: Coverage::new(&rules.alerts),
        held: Vec::new(),
        alerts: 0,
        json: request.json,
    };
    let mut summary = Summary::default();
    for (place, listed) in inputs.listed.iter().enumerate() {
        let id = Inputs::id(place);
        let mut refuse = |fault: &Fault, summary: &mut Summary| {
            summary.refused += 1;
            console.refused(id, "", fault, console.path(&listed.source.path));
        };
        let looked =
            guarded(|| input((&inputs, place), &identity, &mappings, &mut watch, &mut summary, console, &mut refuse));
        if let Err(fault) = looked {
            match fault.kind {
                crate::error::Kind::Input => refuse(&fault, &mut summary),
                _ => return Err(fault),
            }
        }
    }
    watch.finish(console)?;
    summary.alerts = watch.alerts;
    (summary.unconverted, summary.undecided) = watch.coverage.not_compared();
    console.say(&format!(
        "{} alerts in {} results; {} times a rule could not convert a unit, {} times a comparator left a limit open; \
         {} inputs hold no results, {} could not be read",
        summary.alerts, summary.results, summary.unconverted, summary.undecided, summary.passed, summary.refused
    ));
    Ok(summary)
}

/// Looks at results one after another. Changes are told at the end, when all results are known.
struct Watch<'a> {
    rules: &'a alerts::Rules,
    coverage: Coverage,
    held: Vec<(Vec<u8>, Vec<Cell>)>,
    alerts: u64,
    json: bool,
}

impl Watch<'_> {
    fn see(&mut self, seen: &Observation, console: &Console) {
        alerts::see(self.rules, &mut self.coverage, seen, &mut |told| match told {
            Told::Alert(row) => {
                self.alerts += 1;
                tell(&row, self.json, console);
            }
            Told::Held { key, row } => self.held.push((key, row)),
        });
    }

    fn finish(&mut self, console: &Console) -> Result<()> {
        let mut held = std::mem::take(&mut self.held);
        held.sort_by(|a, b| a.0.cmp(&b.0));
        let mut changes = Changes::new(self.rules);
        let (alerts, json) = (&mut self.alerts, self.json);
        let mut tell = |row: Vec<Cell>| {
            *alerts += 1;
            tell(&row, json, console);
            Ok(())
        };
        held.into_iter().try_for_each(|(_, row)| changes.see(row, &mut self.coverage, &mut tell))?;
        changes.finish(&mut self.coverage, &mut tell)
    }
}

fn input(
    (inputs, place): (&Inputs, usize),
    identity: &Identity,
    mappings: &Mappings,
    watch: &mut Watch,
    summary: &mut Summary,
    console: &Console,
    refuse: &mut dyn FnMut(&Fault, &mut Summary),
) -> Result<()> {
    let Some(bytes) = inputs.read_if(place, |head| read::kind_of(head) != Some(InputKind::Dicom))? else {
        summary.passed += 1;
        return Ok(());
    };
    let mut cleaner = Cleaner::new(identity);
    let mut message_id = None;
    let mut see = |row: &SealedRow, summary: &mut Summary| {
        let clean = cleaner.clean(row);
        let cells = clean.cells.get();
        if std::ptr::eq(row.table, &MESSAGES) {
            let place = MESSAGES.position("control_id");
            message_id = place.and_then(|place| cells.get(place)).and_then(text).map(str::to_owned);
        }
        if let Some(mut seen) = Observation::of_cells(row.table, cells) {
            seen.message_id = message_id.clone();
            summary.results += 1;
            watch.see(&seen, console);
        }
    };
    let mapping = inputs.listed.get(place).and_then(|listed| mappings.of(&listed.source.path));
    match read::kind_with(&bytes, mapping) {
        Some(InputKind::Hl7) => {
            let wanted = Wanted::only(&[&MESSAGES, &OBSERVATIONS]);
            let mut strays = Vec::new();
            let mut one = |number, message: &Message<'_>| {
                let ordinal = Inputs::id(place).0 << 32 | number;
                hl7::rows_of(message, ordinal, wanted, &mut |row| see(&row, summary));
            };
            each(hl7::messages(&bytes), bytes.len(), &mut one, &mut |stray| strays.push(stray));
            strays.into_iter().for_each(|stray| refuse(&stray.fault.number("offset", stray.offset), summary));
            Ok(())
        }
        Some(InputKind::Table) => {
            tables::rows(&bytes, mapping, &mut |record| match record {
                Ok(row) => see(&row, summary),
                Err(bad) => refuse(&bad.fault.number("offset", bad.offset), summary),
            })?;
            Ok(())
        }
        Some(InputKind::Dicom) => {
            Err(Fault::input(Reason::UnknownKind, "file", "alerts come from messages and tables, not from images"))
        }
        None => Err(read::unknown(&bytes)),
    }
}

fn text(cell: &Cell) -> Option<&str> {
    if let Cell::Text(text) = cell { Some(text) } else { None }
}

/// One alert: the columns of alerts.parquet by their names, or a line for people.
fn tell(row: &[Cell], json: bool, console: &Console) {
    let facts: Map<String, Value> =
        ALERTS.columns.iter().zip(row).map(|(column, cell)| (column.name.to_owned(), value(cell))).collect();
    if json {
        console.event("alert", Value::Object(facts));
    } else {
        let shown = |name: &str| match facts.get(name) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) | None => String::new(),
            // Nine digits are more than any laboratory has; units that were converted have noise behind them.
            Some(Value::Number(number)) => number.as_f64().map_or(number.to_string(), |number| {
                format!("{number:.8e}").parse::<f64>().unwrap_or(number).to_string()
            }),
            Some(other) => other.to_string(),
        };
        console.data(&format!(
            "{}\t{}\t{}\t{}{} {}\tlimit {}\t{}\t{}",
            shown("severity"),
            shown("rule"),
            shown("patient_id"),
            shown("comparator"),
            shown("value"),
            shown("unit"),
            shown("limit"),
            shown("observation_datetime"),
            shown("message_id"),
        ));
    }
}

fn value(cell: &Cell) -> Value {
    match cell {
        Cell::Text(text) => json!(text),
        Cell::F64(number) => json!(number),
        Cell::U64(number) => json!(number),
        Cell::Timestamp(ms) => {
            let time = chrono::DateTime::from_timestamp_millis(*ms);
            time.map_or(Value::Null, |time| json!(time.format("%Y-%m-%dT%H:%M:%S%.3f").to_string()))
        }
        _ => Value::Null,
    }
}
