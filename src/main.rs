//! Arguments in, exit code out.

use clap::Parser;
use std::path::Path;
use std::process::ExitCode;
use voxmill::cli::{Cli, Command, EngineArgs, EngineWord, ProfileWord, RulesArgs, WorkArgs};
use voxmill::console::Console;
use voxmill::deid::dicom::Choice as DeidChoice;
use voxmill::deid::private::Recipient;
use voxmill::engine::Choice;
use voxmill::error::{Fault, Result};
use voxmill::model::Split;
use voxmill::recipe::Recipe;
use voxmill::run::commands;
use voxmill::run::context::Purpose;
use voxmill::run::deid;
use voxmill::run::prepare::{self, Request};
use voxmill::run::rulebook::RuleBook;
use voxmill::run::shard::Outcome;
use voxmill::run::work::Work;
use voxmill::score::spec::Profile;
use voxmill::write::{Dataset, Finished};

/// Everything was done, but some inputs were refused.
const SOME_REFUSED: u8 = 1;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // A reader that closed the pipe has seen enough.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let (json, show_paths) = match &cli.command {
        Command::Deid(deid) => (deid.work.json, deid.work.show_paths),
        Command::Prepare(prepare) => (prepare.work.json, prepare.work.show_paths),
        Command::Score(score) => (score.work.json, score.work.show_paths),
        Command::Mask(mask) => (mask.json, mask.show_paths),
        Command::Verify(verify) => (verify.json, false),
        Command::Alerts(alerts) => (alerts.json, alerts.show_paths),
        _ => (false, false),
    };
    let console = Console::new(json, show_paths);
    quiet_panics();
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run(cli.command, &console)));
    let result = result.unwrap_or_else(|_| Err(Fault::bug("voxmill", "it stopped where it should not")));
    match result.and_then(|code| console.delivered().map(|()| code)) {
        Ok(code) => ExitCode::from(code),
        Err(fault) => {
            console.fault(&fault);
            ExitCode::from(fault.kind.exit_code())
        }
    }
}

/// A panic says where it happened and nothing else: its message could hold a value of a file.
fn quiet_panics() {
    std::panic::set_hook(Box::new(|panic| {
        if let Some(place) = panic.location() {
            use std::io::Write;
            let _ = writeln!(std::io::stderr(), "voxmill: stopped at {}:{}", place.file(), place.line());
        }
    }));
}

fn run(command: Command, console: &Console) -> Result<u8> {
    match command {
        Command::Prepare(options) => {
            let mut request = request(options.work, Purpose::Prepare)?;
            if let Some(least) = options.min_score {
                request.work.recipe.score.min_score = Some(least);
                request.work.recipe.check()?;
            }
            finished(prepare::run(&request, console)?, console)
        }
        Command::Score(options) => {
            let mut request = request(options.work, Purpose::Score)?;
            if let Some(profile) = options.profile {
                request.work.recipe.score.profile = match profile {
                    ProfileWord::Default => Profile::Default,
                    ProfileWord::Archive => Profile::Archive,
                    ProfileWord::Simple => Profile::Simple,
                };
            }
            finished(prepare::run(&request, console)?, console)
        }
        Command::Deid(options) => {
            let mut work = work(options.work, commands::recipe_of)?;
            if options.clean_pixel_data {
                work.recipe.deid.options.push(DeidChoice::PixelData);
                work.recipe.check()?;
            }
            finished(deid::run(&work, console)?, console)
        }
        Command::Decode(options) => {
            let recipe = looking(options.recipe.as_deref(), &options.rules, &options.engine)?;
            commands::decode::run(&commands::decode::Request {
                file: &options.file,
                out: &options.out,
                frame: options.frame,
                stage: options.stage,
                recipe: &recipe,
                engine: choice(&options.engine)?,
            })?;
            Ok(0)
        }
        Command::Mask(options) => {
            let recipe = looking(options.recipe.as_deref(), &options.rules, &options.engine)?;
            let request = commands::mask::Request {
                inputs: &options.inputs,
                recipe: &recipe,
                engine: choice(&options.engine)?,
                png: options.png.as_deref(),
                show_before: options.show_before,
            };
            let summary = commands::mask::run(&request, console)?;
            Ok(if summary.refused > 0 { SOME_REFUSED } else { 0 })
        }
        Command::Verify(options) => {
            let request = commands::verify::Request {
                dataset: &options.dataset,
                against: &options.against,
                key_file: options.key_file.as_deref(),
                private: options.private.as_deref(),
                crosswalk: options.crosswalk.as_deref(),
            };
            Ok(if commands::verify::run(&request, console)? > 0 { SOME_REFUSED } else { 0 })
        }
        Command::Report { dataset, png, times } => {
            let runs = commands::times_of(&dataset, times.as_ref().map(Option::as_deref))?;
            voxmill::write::write_report(&Dataset::existing(&dataset)?, png, runs.as_deref())?;
            Ok(0)
        }
        Command::Inspect { file, recipe, rules } => {
            let mut recipe = commands::recipe_of(recipe.as_deref())?;
            recipe.burned_in.own_rules = RuleBook::open(rules.rules.as_deref())?.burned_in;
            Ok(if commands::inspect::run(&file, &recipe, console)? { 0 } else { SOME_REFUSED })
        }
        Command::Recipe { preset } => {
            console.data(commands::recipe::text(preset.as_deref())?.trim_end());
            Ok(0)
        }
        Command::Alerts(options) => {
            let recipe = commands::recipe_of(options.recipe.as_deref())?;
            let summary = commands::alerts::run(
                &commands::alerts::Request {
                    inputs: &options.inputs,
                    recipe: &recipe,
                    key_file: options.key_file.as_deref(),
                    crosswalk: options.crosswalk.as_deref(),
                    rules: options.rules.as_deref(),
                    json: options.json,
                },
                console,
            )?;
            Ok(if summary.refused > 0 { SOME_REFUSED } else { 0 })
        }
        Command::Rules => {
            commands::tables::rules(console)?;
            Ok(0)
        }
        Command::Devices => {
            commands::tables::devices(console);
            Ok(0)
        }
        Command::Demo(options) => {
            let finished = commands::demo::run(&options.out, options.seed, choice(&options.engine)?, console)?;
            summary(&finished, console);
            Ok(0)
        }
    }
}

/// The engine that was asked for; a kind of GPU goes with no other one.
fn choice(engine: &EngineArgs) -> Result<Choice> {
    match engine.engine {
        EngineWord::Gpu => Ok(Choice::Gpu { software: engine.software_gpu }),
        _ if engine.software_gpu => Err(Fault::config("--software-gpu", "goes with --engine gpu only", "")),
        EngineWord::Auto => Ok(Choice::Auto),
        EngineWord::Cpu => Ok(Choice::Cpu),
    }
}

/// The recipe of a command that looks at single images, with the rules and the second reader that it is told.
fn looking(recipe: Option<&Path>, rules: &RulesArgs, engine: &EngineArgs) -> Result<Recipe> {
    let mut recipe = commands::recipe_of(recipe)?;
    recipe.burned_in.text_model = engine.text_model.clone();
    recipe.burned_in.own_rules = RuleBook::open(rules.rules.as_deref())?.burned_in;
    Ok(recipe)
}

fn work(options: WorkArgs, recipe_of: fn(Option<&Path>) -> Result<Recipe>) -> Result<Work> {
    let mut recipe = recipe_of(options.recipe.as_deref())?;
    recipe.burned_in.text_model = options.engine.text_model.clone();
    Ok(Work {
        recipe,
        rules: options.rules.rules,
        inputs: options.inputs,
        out: options.out,
        engine: choice(&options.engine)?,
        key_file: options.key_file,
        private: options.private,
        seal_to: options.seal_to.as_deref().map(Recipient::parse).transpose()?,
        crosswalk: options.crosswalk,
        jobs: options.jobs,
        memory: options.memory,
        shard: options.shard,
    })
}

fn request(options: WorkArgs, purpose: Purpose) -> Result<Request> {
    let recipe_of = match purpose {
        Purpose::Prepare => commands::recipe_of,
        Purpose::Score => commands::recipe_of_scores,
    };
    Ok(Request { work: work(options, recipe_of)?, purpose })
}

fn finished(outcome: Outcome, console: &Console) -> Result<u8> {
    match outcome {
        Outcome::Waiting { done, parts } => {
            console.event("waiting", serde_json::json!({ "done": done, "parts": parts }));
            console.say(&format!("{done} of {parts} parts are done; the shard that finishes last closes the data set"));
            Ok(0)
        }
        Outcome::Finished(finished) => {
            summary(&finished, console);
            let refused: u64 = finished.counts.values().map(|count| count.refused).sum();
            match finished.counts.values().find(|count| !count.adds_up()) {
                Some(count) => {
                    Err(Fault::bug("counts", "read is not written + refused + skipped").number("read", count.read))
                }
                None => Ok(if refused > 0 { SOME_REFUSED } else { 0 }),
            }
        }
    }
}

fn summary(finished: &Finished, console: &Console) {
    for (unit, count) in &finished.counts {
        console.say(&format!(
            "{:<9} read {:>8}   written {:>8}   refused {:>6}   skipped {:>6}",
            unit.word(),
            count.read,
            count.written,
            count.refused,
            count.skipped
        ));
    }
    if !finished.tensors.is_empty() {
        let of = |split: &Split| format!("{} {}", split.name(), finished.tensors.get(split.name()).unwrap_or(&0));
        console.say(&format!("images by split: {}", Split::ALL.iter().map(of).collect::<Vec<_>>().join(", ")));
    }
    for (reason, count) in &finished.reasons {
        console.say(&format!("  {count:>6} {reason}"));
    }
    let counts: serde_json::Map<String, serde_json::Value> = finished
        .counts
        .iter()
        .map(|(unit, c)| {
            let value =
                serde_json::json!({ "read": c.read, "written": c.written, "refused": c.refused, "skipped": c.skipped });
            (unit.word().to_owned(), value)
        })
        .collect();
    console.event(
        "done",
        serde_json::json!({
            "counts": counts, "reasons": finished.reasons, "tensors": finished.tensors, "rows": finished.rows,
            "patients": finished.patients, "files": finished.files, "bytes": finished.bytes,
        }),
    );
    console.say(&format!(
        "{} patients, {} files, {:.1} MB",
        finished.patients,
        finished.files,
        finished.bytes as f64 / 1e6
    ));
}
