//! What every step of a run may look at: the recipe, the identity and the limits. Nothing in it changes while it runs.

use super::copies;
use super::score::Judge;
use super::shelf;
use super::times::Times;
use crate::deid::identity::Identity;
use crate::deid::memory::Pool;
use crate::read::tables::Mappings;
use crate::recipe::Recipe;

/// Fixed facts of a run.
pub struct Context {
    /// What the user asked for.
    pub recipe: Recipe,
    /// Keys, shifts, splits.
    pub identity: Identity,
    /// The recipe's own names for files and columns of EHR tables.
    pub mappings: Mappings,
    /// What workers remember of people and codes, between two inputs.
    pub memories: Pool,
    /// Tables that HL7 messages become.
    pub hl7: crate::read::hl7::Wanted,
    /// Digest of everything that decides about the bytes of the data set.
    pub plan_digest: String,
    /// `cpu` or `gpu`, for the manifest.
    pub engine: String,
    /// Judges images; `None` if nothing is measured.
    pub judge: Option<Judge>,
    /// Copies that the recipe leaves out or marks.
    pub copies: copies::Found,
    /// What becomes of an input.
    pub purpose: Purpose,
    /// How long the stages take.
    pub times: Times,
    /// Bytes that inputs and frames in flight may take.
    pub memory: Budget,
}

/// What a run makes of its inputs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// Tensors and tables.
    #[default]
    Prepare,
    /// Scores of images, nothing else.
    Score,
}

/// How the memory of a run is shared out. All queues are bounded by bytes, whatever the size of the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Bytes of inputs that are read at once.
    pub window: u64,
    /// Bytes of decoded frames in one batch; two batches can be in flight.
    pub batch: u64,
    /// Bytes of decoded frames of one image that are kept from one look at them to the next.
    pub kept: u64,
}

/// Most inputs read at once, however small they are.
pub const WINDOW_INPUTS: usize = 2048;
/// Most frames in one batch, however small they are.
pub const BATCH_FRAMES: usize = 256;

impl Budget {
    /// Shares out `bytes` among the threads of the pool it is called in: a quarter for inputs, an eighth for a batch, the rest for decoders' own
    /// needs, tensors and rows. Above the constants below, more memory does not make a run faster: small batches stay in
    /// the processor's cache, while a GPU wants enough work to hide its transfers.
    pub fn of(bytes: u64, gpu: bool) -> Self {
        let threads = rayon::current_num_threads() as u64;
        let share = |most: u64| most.min(most / FULL_SHARE * threads);
        let (window, batch) =
            if gpu { (WINDOW_BYTES, GPU_BATCH_BYTES) } else { (share(WINDOW_BYTES), share(CPU_BATCH_BYTES)) };
        let kept = (bytes / 4).min(WINDOW_BYTES);
        Self { window: (bytes / 4).min(window), batch: (bytes / 8).min(batch), kept }
    }

    /// Of so many bytes, those of inputs that are read before their turn.
    pub fn shelf(bytes: u64) -> u64 {
        (bytes / 16).min(shelf::ROOM)
    }

    /// A quarter of the machine's memory, or 1 GiB if that is unknown.
    pub fn default_bytes() -> u64 {
        let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let kib = text.lines().find_map(|line| {
            let rest = line.strip_prefix("MemTotal:")?;
            rest.split_whitespace().next()?.parse::<u64>().ok()
        });
        kib.map_or(1 << 30, |kib| kib * 1024 / 4)
    }
}

/// So many threads have enough to do with the full window and batch; fewer get less, and their caches hold it.
const FULL_SHARE: u64 = 4;
const WINDOW_BYTES: u64 = 16 << 20;
const CPU_BATCH_BYTES: u64 = 8 << 20;
const GPU_BATCH_BYTES: u64 = 64 << 20;
