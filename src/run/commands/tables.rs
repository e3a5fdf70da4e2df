//! `voxmill rules` and `voxmill devices`: the tables that drive the program, as they are in the code.

use crate::console::Console;
use crate::deid::burned_in;
use crate::deid::dicom::Choice;
use crate::deid::dicom::options::PRESETS as PRESETS_OF_DEID;
use crate::deid::dicom::table::{PRIVATE, REPEATING, TABLE};
use crate::deid::dicom::unlisted::BEYOND;
use crate::engine;
use crate::error::{REASONS, Result};
use crate::model::ColumnType;
use crate::pixel::{OPS, PRESETS};
use crate::read::INPUT_KINDS;
use crate::run::tables::dataset_tables;
use crate::score::{self, METRICS};
use crate::write::FORMATS;

/// Prints all tables.
pub fn rules(console: &Console) -> Result<()> {
    let heading = |text: &str| console.data(&format!("\n# {text}"));
    let row = |word: &str, help: &str| console.data(&format!("{word:<26} {help}"));
    heading("Input kinds, told apart by content");
    INPUT_KINDS.iter().for_each(|kind| row(kind.word, kind.help));
    heading("Pixel operations, in their order");
    OPS.iter().for_each(|(word, help, _)| row(word, help));
    heading("Window presets: center and width in Hounsfield units");
    for preset in PRESETS {
        row(preset.name, &format!("{} / {}", preset.center, preset.width));
    }
    heading("Output formats");
    FORMATS.iter().for_each(|format| row(format.word, format.help));
    heading("Reasons of masks");
    burned_in::REASONS.iter().for_each(|(word, help)| row(word, help));
    heading("Words of the manifest's burned_in column");
    burned_in::STATES.iter().for_each(|(word, help)| row(word, help));
    heading("Rules for burned-in text: rules/burned_in.toml");
    for rule in burned_in::rules::shipped()? {
        row(rule.does(), rule.why.as_deref().unwrap_or_default());
    }
    deid_rules(console);
    heading("Quality metrics: unit, range, better");
    for metric in METRICS {
        row(
            metric.name,
            &format!("{:<10} {:<6} {:<7} {}", metric.unit, metric.range, metric.better.word(), metric.doc),
        );
    }
    heading("Quality rules: metric, side, costs from, half of the points at, points, flag at (rules/quality.toml)");
    for rule in &score::Rules::shipped()?.penalties {
        let flag = rule.flag.map_or(String::new(), |flag| format!("flag {flag}"));
        let numbers = format!("{} {} {}", rule.from, rule.half, rule.points);
        row(&rule.reason, &format!("{:<24} {:?} {numbers} {flag}", rule.metric, rule.worse));
    }
    heading("Facts that quality rules can name");
    score::rules::FACTS.iter().for_each(|(word, help)| row(word, help));
    heading("Reasons of rejects");
    REASONS.iter().for_each(|(_, code, help)| row(code, help));
    heading("Alerts: rules/alerts.toml");
    crate::join::alerts::Rules::shipped()?.lines().for_each(|(name, line)| row(name, &line));
    for table in dataset_tables() {
        heading(&format!("Table {}/{}: {}", table.folder, table.name, table.doc));
        for column in table.columns {
            row(
                column.name,
                &format!("{:<12} {:<24} {}", type_word(column.kind), format!("{:?}", column.class), column.doc),
            );
        }
    }
    Ok(())
}

/// What `deid` does with DICOM attributes: the options and what each keeps, and the rows beyond the standard's table.
fn deid_rules(console: &Console) {
    let row = |word: &str, help: &str| console.data(&format!("{word:<34} {help}"));
    console.data("\n# Presets of [deid]: the Basic Profile of PS3.15 Table E.1-1 and these options");
    for (_, word, choices) in PRESETS_OF_DEID {
        row(word, &choices.iter().map(|choice| choice.word()).collect::<Vec<_>>().join(" "));
    }
    for (column, choice) in Choice::ALL.iter().enumerate() {
        console.data(&format!("\n# Option {} (DCM {}): {}", choice.word(), choice.code(), choice.help()));
        let rows = TABLE.iter().map(|row| (None, row)).chain(REPEATING.iter().map(|(bits, row)| (Some(*bits), row)));
        for (bits, (tag, _, options, name)) in rows.chain([(Some(0), &PRIVATE)]) {
            let does = match options.as_bytes().get(column) {
                Some(b'K') => "keeps",
                Some(b'C') if *choice == Choice::ModifiedDates => "shifts",
                Some(b'C') => "cleans",
                _ => continue,
            };
            row(&format!("{} {does}", shown(*tag, bits)), name);
        }
    }
    console.data("\n# Attributes that Table E.1-1 does not name and that may identify");
    for (tag, action, why) in BEYOND {
        row(&format!("{} {}", shown(*tag, None), format!("{action:?}").to_lowercase()), why);
    }
}

/// A tag as people write it; digits that do not count are x.
fn shown(tag: u32, bits: Option<u32>) -> String {
    let digit = |place: u32| match bits.is_none_or(|bits| bits >> place & 0xF == 0xF) {
        true => char::from_digit(tag >> place & 0xF, 16).unwrap_or('x').to_ascii_uppercase(),
        false => 'x',
    };
    let half = |from: u32| [12, 8, 4, 0].map(|place| digit(from + place)).iter().collect::<String>();
    format!("({},{})", half(16), half(0))
}

fn type_word(kind: ColumnType) -> String {
    format!("{kind:?}").to_lowercase()
}

/// Prints what engines can run on.
pub fn devices(console: &Console) {
    for device in engine::devices() {
        let limits: Vec<String> = device.limits.iter().map(|(name, value)| format!("{name} {value}")).collect();
        console.data(&format!(
            "{}\t{}\t{}\t{}\t{}\t{}",
            device.name,
            device.kind,
            device.backend,
            device.driver,
            device.usable,
            limits.join(", ")
        ));
    }
}
