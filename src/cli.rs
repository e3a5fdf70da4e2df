//! The words a user may type. Nothing is decided and nothing is opened here.

mod words;

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
pub use words::Shard;
use words::{parse_bytes, parse_shard};

/// Turns a hospital archive (DICOM, HL7 v2, EHR tables) into a de-identified, verified, AI-ready training set.
#[derive(Parser, Debug)]
#[command(name = "voxmill", version, max_term_width = 110, after_help = EXIT_CODES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 all done, 1 done but some inputs refused (see rejects.parquet), \
2 invalid request, 3 failure of the environment, 4 defect of this program. An interrupted run (130) is finished by the same command.";

/// What to do.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Archive in, training set out: tensors, tables, manifest, report.
    Prepare(Prepare),
    /// Archive in, de-identified DICOM and HL7 files out.
    ///
    /// Of the recipe, [deid] says what is kept and [burned_in] how pixels are searched; without one it is the Basic Profile with
    /// shifted dates.
    Deid(Deid),
    /// Quality scores of an archive, nothing else: metrics, reasons, series, duplicates, report.
    ///
    /// Pixels are searched for burned-in text only with a recipe that says so: the search takes far longer than the metrics.
    Score(Score),
    /// One image as NumPy sees it.
    Decode(Decode),
    /// Where burned-in text is found and blanked, and the picture after blanking.
    Mask(Mask),
    /// Look for wrong checksums, broken links and counts that do not add up in a data set, and for leaks of its inputs.
    Verify(Verify),
    /// Make the HTML report of a data set again.
    Report {
        /// The data set's folder.
        dataset: PathBuf,
        /// Also write each chart as a PNG file below report/png.
        #[arg(long)]
        png: bool,
        /// Also tell how long the runs took, from times.jsonl in the private folder [default: DATASET.private]. A page with
        /// times is another file for each run.
        #[arg(long, value_name = "DIR", num_args = 0..=1, require_equals = true)]
        times: Option<Option<PathBuf>>,
    },
    /// What a file is and what would be done to it, without any value from it.
    Inspect {
        /// The file.
        file: PathBuf,
        /// Recipe to look with; without it, the default.
        #[arg(long, value_name = "FILE")]
        recipe: Option<PathBuf>,
        /// Rules to look with.
        #[command(flatten)]
        rules: RulesArgs,
    },
    /// Print a commented recipe.
    Recipe {
        /// Which one; without it, the default.
        #[arg(long, value_name = "NAME")]
        preset: Option<String>,
    },
    /// Laboratory results and vital signs that somebody should be told of, from HL7 messages and EHR tables.
    Alerts(Alerts),
    /// List the tables that drive the program: operations, presets, formats, columns, reasons.
    Rules,
    /// List the engines this machine offers.
    Devices,
    /// Make a synthetic hospital archive and prepare it.
    Demo(Demo),
}

/// Options of `prepare`.
#[derive(Args, Debug)]
pub struct Prepare {
    /// What is read and written.
    #[command(flatten)]
    pub work: WorkArgs,
    /// Leave out images with a lower quality score, 0 to 100; each gets a row in rejects.parquet.
    #[arg(long, value_name = "N")]
    pub min_score: Option<f64>,
}

/// Options of `score`.
#[derive(Args, Debug)]
pub struct Score {
    /// What is read and written.
    #[command(flatten)]
    pub work: WorkArgs,
    /// How the score comes about; else the recipe's [score] profile.
    #[arg(long, value_enum)]
    pub profile: Option<ProfileWord>,
}

/// Words of `--profile`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProfileWord {
    /// Fit to learn from.
    Default,
    /// Fit to keep.
    Archive,
    /// Three points: for a large file, a series description, a completed study.
    Simple,
}

/// Rules of one's own.
#[derive(Args, Debug)]
pub struct RulesArgs {
    /// Folder with rule files (alerts.toml, population.toml, quality.toml, burned_in.toml); each replaces the built-in file of the same name.
    #[arg(long, value_name = "DIR")]
    pub rules: Option<PathBuf>,
}

/// What all commands that make a folder are told.
#[derive(Args, Debug)]
pub struct WorkArgs {
    /// Files, folders, .zip .gz .tar archives, or `-` for a list of paths on standard input.
    #[arg(required = true, value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    /// Folder to make; new, empty, or one that an interrupted run of the same job left.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Recipe in TOML; without it, the defaults apply, which `voxmill recipe` prints.
    #[arg(long, value_name = "FILE")]
    pub recipe: Option<PathBuf>,
    /// Rules that the run follows.
    #[command(flatten)]
    pub rules: RulesArgs,
    /// Where pixel operations run and burned-in text is searched for.
    #[command(flatten)]
    pub engine: EngineArgs,
    /// File with the key: 64 hexadecimal digits. Else VOXMILL_KEY, else made once in the private folder.
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// Folder for the key and the maps that undo the de-identification [default: OUT.private].
    #[arg(long, value_name = "DIR")]
    pub private: Option<PathBuf>,
    /// Seal the private maps, and the key if it was made here, to this age public key; only its holder can open them then.
    #[arg(long, value_name = "AGE-PUBLIC-KEY")]
    pub seal_to: Option<String>,
    /// CSV of ids that name the same person: id,issuer,id,issuer.
    #[arg(long, value_name = "FILE")]
    pub crosswalk: Option<PathBuf>,
    /// Threads [default: all cores].
    #[arg(long, value_name = "N")]
    pub jobs: Option<usize>,
    /// Memory for inputs and images in flight, such as 2GB or 500MiB [default: a quarter of the RAM].
    #[arg(long, value_name = "BYTES", value_parser = parse_bytes)]
    pub memory: Option<u64>,
    /// Do every n-th part only, such as 0/4; the last shard to finish completes the folder.
    #[arg(long, value_name = "I/N", value_parser = parse_shard)]
    pub shard: Option<Shard>,
    /// One JSON object a line on standard output.
    #[arg(long)]
    pub json: bool,
    /// Print paths of refused inputs to the terminal. Paths often name patients.
    #[arg(long)]
    pub show_paths: bool,
}

/// Options of `deid`.
#[derive(Args, Debug)]
pub struct Deid {
    /// What is read and written.
    #[command(flatten)]
    pub work: WorkArgs,
    /// Search every frame for burned-in text and blank it; the same as `[deid] options = ["clean-pixel-data"]`. Without it,
    /// pixels are blanked only where device rules, ultrasound regions and the recipe's boxes say so.
    #[arg(long)]
    pub clean_pixel_data: bool,
}

/// Options of `alerts`.
#[derive(Args, Debug)]
pub struct Alerts {
    /// Files, folders, .zip .gz .tar archives, or `-` for a list of paths on standard input.
    #[arg(required = true, value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    /// Recipe in TOML: how patients are told apart.
    #[arg(long, value_name = "FILE")]
    pub recipe: Option<PathBuf>,
    /// File with the key of a data set, so that pseudonyms are those of it. Else VOXMILL_KEY, else a key that is forgotten.
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// CSV of ids that name the same person: id,issuer,id,issuer.
    #[arg(long, value_name = "FILE")]
    pub crosswalk: Option<PathBuf>,
    /// Folder with an alerts.toml of one's own.
    #[arg(long, value_name = "DIR")]
    pub rules: Option<PathBuf>,
    /// One JSON object a line on standard output.
    #[arg(long)]
    pub json: bool,
    /// Print paths of refused inputs to the terminal. Paths often name patients.
    #[arg(long)]
    pub show_paths: bool,
}

/// Where pixel operations run.
#[derive(Args, Debug, Clone)]
pub struct EngineArgs {
    /// auto takes a hardware GPU if there is one, else the CPU.
    #[arg(long, value_enum, default_value_t = EngineWord::Auto)]
    pub engine: EngineWord,
    /// With --engine gpu: take a software Vulkan adapter (slow; for tests).
    #[arg(long)]
    pub software_gpu: bool,
    /// Let a text detection model (ONNX, PP-OCR's kind) look for burned-in text too; what it finds is blanked as well.
    #[arg(long, value_name = "FILE.onnx")]
    pub text_model: Option<PathBuf>,
}

/// Words of `--engine`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EngineWord {
    /// Best there is.
    Auto,
    /// Processor.
    Cpu,
    /// Vulkan.
    Gpu,
}

/// Options of `decode`.
#[derive(Args, Debug)]
pub struct Decode {
    /// The DICOM file.
    pub file: PathBuf,
    /// The .npy file to make.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// One frame, counted from 0; without it, all.
    #[arg(long, value_name = "N")]
    pub frame: Option<u32>,
    /// stored: samples as they are; modality: after rescale or Modality LUT (f64); display: after the file's first window
    /// or VOI LUT, colour as RGB, in the numbers of pydicom (f64); tensor: what prepare makes.
    #[arg(long, value_enum, default_value_t = Stage::Stored)]
    pub stage: Stage,
    /// Recipe that `--stage tensor` follows.
    #[arg(long, value_name = "FILE")]
    pub recipe: Option<PathBuf>,
    /// Rules that `--stage tensor` follows.
    #[command(flatten)]
    pub rules: RulesArgs,
    /// Where `--stage tensor` runs.
    #[command(flatten)]
    pub engine: EngineArgs,
}

/// How far `decode` goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Stage {
    /// Stored samples.
    Stored,
    /// Modality values.
    Modality,
    /// Display values.
    Display,
    /// Tensor.
    Tensor,
}

/// Options of `mask`.
#[derive(Args, Debug)]
pub struct Mask {
    /// Files, folders, archives, or `-`.
    #[arg(required = true, value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    /// Recipe whose layers and mask rules are used.
    #[arg(long, value_name = "FILE")]
    pub recipe: Option<PathBuf>,
    /// Rules for burned-in text.
    #[command(flatten)]
    pub rules: RulesArgs,
    /// One JSON object a frame on standard output.
    #[arg(long)]
    pub json: bool,
    /// Folder for pictures: each frame after masking, the same with the boxes outlined, contact sheets, boxes.json.
    #[arg(long, value_name = "DIR")]
    pub png: Option<PathBuf>,
    /// With --png: each frame before masking too. These pictures can show names.
    #[arg(long)]
    pub show_before: bool,
    /// Where the text finder runs.
    #[command(flatten)]
    pub engine: EngineArgs,
    /// Print paths to the terminal. Paths often name patients.
    #[arg(long)]
    pub show_paths: bool,
}

/// Options of `verify`.
#[derive(Args, Debug)]
pub struct Verify {
    /// The data set's folder.
    pub dataset: PathBuf,
    /// What it was made from: every identifier in there is looked for in every file of the data set.
    #[arg(long, value_name = "INPUT", num_args = 1..)]
    pub against: Vec<PathBuf>,
    /// File with the key of the data set. Else VOXMILL_KEY, else the one in the private folder; without a key, dates and
    /// references are not checked.
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// The data set's private folder [default: DATASET.private].
    #[arg(long, value_name = "DIR")]
    pub private: Option<PathBuf>,
    /// The crosswalk that the data set was made with.
    #[arg(long, value_name = "FILE")]
    pub crosswalk: Option<PathBuf>,
    /// One JSON object a finding on standard output.
    #[arg(long)]
    pub json: bool,
}

/// Options of `demo`.
#[derive(Args, Debug)]
pub struct Demo {
    /// Folder to make: archive/ and dataset/ go below it.
    #[arg(long, value_name = "DIR", default_value = "voxmill-demo")]
    pub out: PathBuf,
    /// Seed of the synthetic archive.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Where pixel operations run.
    #[command(flatten)]
    pub engine: EngineArgs,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_fit_together() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }
}
