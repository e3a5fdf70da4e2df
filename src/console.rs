//! Owns standard output and standard error: progress on a terminal, one JSON object a line with `--json`, the summary.
//!
//! Standard output is data, standard error is talk. A closed pipe is a normal end.

use crate::error::{Fault, Kind, Result};
use crate::model::InputId;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// The form of the JSON lines; it changes when their meaning does.
pub const EVENT_SCHEMA: u32 = 1;

/// What became of standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Output {
    Open,
    /// The reader has seen enough: a normal end.
    Closed,
    /// Data could not be written.
    Lost,
}

/// Where a run speaks.
pub struct Console {
    json: bool,
    show_paths: bool,
    bar: ProgressBar,
    began: Instant,
    images: AtomicU64,
    bytes: AtomicU64,
    refused: AtomicU64,
    output: Mutex<Output>,
}

impl Console {
    /// A console; progress is drawn only if standard error is a terminal and no JSON was asked for.
    /// `show_paths` lets paths of inputs onto the terminal.
    pub fn new(json: bool, show_paths: bool) -> Self {
        let bar = ProgressBar::hidden();
        if !json && std::io::stderr().is_terminal() {
            bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(8));
        }
        if let Ok(style) = ProgressStyle::with_template("{bar:24} {pos}/{len} files  {msg}  left {eta}") {
            bar.set_style(style);
        }
        Self {
            json,
            show_paths,
            bar,
            began: Instant::now(),
            images: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            output: Mutex::new(Output::Open),
        }
    }

    /// Says how much there is to do.
    pub fn begin(&self, inputs: u64, bytes: u64, parts: u64) {
        self.bar.set_length(inputs);
        self.event("start", json!({ "inputs": inputs, "bytes": bytes, "parts": parts }));
    }

    /// Counts one input as read.
    pub fn input_done(&self, bytes: u64, images: u64, refused: bool) {
        let seconds = self.began.elapsed().as_secs_f64().max(1e-3);
        let images = self.images.fetch_add(images, Ordering::Relaxed) + images;
        let bytes = self.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        let refused = self.refused.fetch_add(u64::from(refused), Ordering::Relaxed) + u64::from(refused);
        let (per_second, megabytes) = (images as f64 / seconds, bytes as f64 / 1e6 / seconds);
        if !self.bar.is_hidden() {
            self.bar.set_message(format!("{per_second:.0} images/s  {megabytes:.0} MB/s  {refused} refused"));
        }
        self.bar.inc(1);
    }

    /// Counts inputs of a part that an earlier run has committed.
    pub fn skip(&self, inputs: u64) {
        self.bar.inc(inputs);
    }

    /// Takes the progress line away.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }

    /// One JSON line with `event` and `schema`, if JSON was asked for.
    pub fn event(&self, event: &str, facts: Value) {
        if self.json {
            let mut line = json!({ "event": event, "schema": EVENT_SCHEMA });
            if let (Some(line), Value::Object(facts)) = (line.as_object_mut(), facts) {
                line.extend(facts);
            }
            self.data(&line.to_string());
        }
    }

    /// One line of data on standard output.
    pub fn data(&self, line: &str) {
        let Ok(mut output) = self.output.lock() else { return };
        if *output == Output::Open
            && let Err(error) = writeln!(std::io::stdout(), "{line}").and_then(|()| std::io::stdout().flush())
        {
            let closed = error.kind() == std::io::ErrorKind::BrokenPipe;
            *output = if closed { Output::Closed } else { Output::Lost };
        }
    }

    /// Fails if data for standard output was lost. A reader that went away lost nothing it wanted.
    pub fn delivered(&self) -> Result<()> {
        match self.output.lock().map(|output| *output) {
            Ok(Output::Lost) => Err(Fault::environment(
                "standard output",
                "not everything could be written",
                "the device is full or gone",
            )),
            _ => Ok(()),
        }
    }

    /// One line of talk on standard error; nothing under `--json`.
    pub fn say(&self, line: &str) {
        if !self.json {
            self.bar.suspend(|| {
                let _ = writeln!(std::io::stderr(), "{line}");
            });
        }
    }

    /// The path as it may be shown: only if the user asked for paths.
    pub fn path(&self, path: &Path) -> Option<String> {
        self.show_paths.then(|| path.display().to_string())
    }

    /// An input that did not become part of the data set.
    pub fn refused(&self, input: InputId, key: &str, fault: &Fault, path: Option<String>) {
        let mut facts = json!({
            "input": input.0, "key": key, "reason": fault.reason.code(), "place": fault.place, "cause": fault.cause,
        });
        if let (Some(path), Some(facts)) = (&path, facts.as_object_mut()) {
            facts.insert("path".into(), json!(path));
        }
        self.event("refused", facts);
        if let Some(path) = path {
            self.say(&format!("{input} refused ({}): {fault}: {path}", fault.reason.code()));
        }
    }

    /// A fault that ends the run.
    pub fn fault(&self, fault: &Fault) {
        let kind = match fault.kind {
            Kind::Input => "input",
            Kind::Config => "request",
            Kind::Environment => "machine",
            Kind::Bug => "defect",
        };
        self.event("fault", json!({ "kind": kind, "reason": fault.reason.code(), "message": fault.to_string() }));
        self.bar.suspend(|| {
            let _ = writeln!(std::io::stderr(), "voxmill: {kind}: {fault}");
        });
    }
}
