//! One job on its way: into which pieces it is cut, what the device is to do for each, and how its tensor is put
//! together again. Nothing here talks to the device.

use super::batch::Item;
use super::kernels::Pass;
use super::load::{Bytes, Extent, Limits, Piece, bands};
use super::notes::{Draft, runs, table_bytes};
use super::place::Place;
use super::slot::{Phase, Returned};
use crate::engine::{Done, Job, cpu};
use crate::error::{Fault, Result};
use crate::model::{Modality, SampleType, Tensor, Voi};
use crate::pixel::quality::plane::Plane;
use crate::pixel::quality::{self, Survey, packed};
use crate::pixel::resize::Taps;
use crate::pixel::stats::histogram_shape;
use crate::pixel::{Counts, Kernel, Plan, Quality, Stats};

/// Frames whose statistics are counted on the device stay whole up to this many bytes; larger ones are counted on the
/// CPU and cut.
const WHOLE: u64 = 512 << 20;
/// Entries of the longest lookup table over grey values.
const LOOKUP: usize = 1 << 16;

/// One job while its pieces are on their way.
pub struct Task {
    plan: Plan,
    /// Settled, or as far as it is known before the statistics are there.
    kernel: Kernel,
    counts: Option<Counts>,
    /// Whether `kernel` waits for the counts.
    waits: bool,
    data: Vec<u8>,
    /// The file's first view, for quality.
    voi: Option<Voi>,
    /// Words of the histogram and, behind it, of the sums of the survey; 0 if the device does not survey it.
    words: [usize; 2],
    survey: Option<Survey>,
    quality: Option<Quality>,
    pieces: usize,
    outcome: Option<Result<Done>>,
}

/// Whether an axis is copied as it is.
fn kept(taps: &Taps, source: u32) -> bool {
    taps.stride == 1
        && taps.spans.len() == source as usize
        && taps.spans.iter().zip(0u32..).all(|(span, i)| *span == [i, 1])
}

/// What the shaders have no exact words for: 64-bit floats, and padding limits that f32 cannot hold.
fn foreign(plan: &Plan, kernel: &Kernel) -> bool {
    let block = &kernel.block;
    let wide = |value: i32| value.unsigned_abs() > 1 << 24;
    let float = plan.shape().sample_type == SampleType::F32;
    plan.shape().sample_type == SampleType::F64
        || (float && block.padding == 1 && (wide(block.pad_low) || wide(block.pad_high)))
}

fn row_bytes(plan: &Plan) -> u64 {
    let shape = plan.shape();
    u64::from(shape.columns) * u64::from(shape.samples) * shape.sample_type.bytes() as u64
}

/// Makes the task of a job, and its pieces with what they need. A job that no piece can be made of is done at once: on
/// the CPU, if the shaders or the device cannot do it.
pub fn prepare(job: &Job, limits: &Limits) -> (Task, Vec<(Piece, Bytes)>) {
    let kernel = job.plan.constants();
    let mut task = Task {
        kernel,
        plan: job.plan.clone(),
        counts: None,
        waits: job.plan.needs_statistics(),
        data: Vec::new(),
        voi: job.frame.interpretation.voi.first().cloned(),
        words: [0; 2],
        survey: None,
        quality: None,
        pieces: 0,
        outcome: None,
    };
    match cut(job, &mut task, limits) {
        Ok(Some(pieces)) => {
            let ([channels, rows, columns], dtype) = job.plan.output();
            if job.plan.want().tensor() {
                let elements = [channels, rows, columns].iter().map(|n| *n as usize).product::<usize>();
                task.data = vec![0; elements * dtype.bytes()];
            }
            task.pieces = pieces.len();
            (task, pieces)
        }
        Ok(None) => {
            task.outcome = Some(cpu::run(job));
            (task, Vec::new())
        }
        Err(fault) => {
            task.outcome = Some(Err(fault));
            (task, Vec::new())
        }
    }
}

/// The pieces of a job; `None` if the CPU has to do it.
fn cut(job: &Job, task: &mut Task, limits: &Limits) -> Result<Option<Vec<(Piece, Bytes)>>> {
    job.plan.fits(&job.frame)?;
    if foreign(&job.plan, &task.kernel) {
        return Ok(None);
    }
    let shape = job.plan.shape();
    let whole = job.frame.bytes().len() as u64 <= WHOLE;
    let histogram = histogram_shape(&job.plan).map_or(0, |(length, planes, _)| length * planes);
    // A survey looks at neighbours up and down: the frame has to lie in one window.
    let one_window = (job.frame.bytes().len() as u64) < limits.binding.saturating_sub(limits.alignment);
    let surveys = job.plan.want().quality() && quality::on_device(&job.plan) && whole && one_window;
    task.words = [histogram, if surveys { packed::words(shape.rows, shape.columns) } else { 0 }];
    task.waits |= surveys;
    if !task.waits {
        task.kernel = job.plan.resolve(None)?;
    }
    let block = task.kernel.block;
    let down = task.kernel.down.clone();
    let needs = |row: u32| match down.spans.get(row.wrapping_sub(block.image_top) as usize) {
        Some([first, count]) => *first..*first + *count,
        None => 0..0,
    };
    let direct = kept(&task.kernel.across, block.columns) && kept(&down, block.rows);
    // The one table that is made only when the statistics are there: a view after a Modality LUT.
    let tabled = task.waits && matches!(job.frame.interpretation.modality, Modality::Lut(_));
    let ([channels, rows, columns], dtype) = job.plan.output();
    let words: usize = task.words.iter().sum();
    let mut extent = Extent {
        rows: block.rows,
        row_bytes: row_bytes(&job.plan),
        resized_floats: if direct { 0 } else { u64::from(block.planes) * u64::from(block.image_columns) },
        tensor_elements: u64::from(channels) * u64::from(columns),
        element_bytes: dtype.bytes() as u64,
        tensor_rows: rows,
        table_bytes: table_bytes(&task.kernel, if tabled { LOOKUP } else { 0 }),
        bins_bytes: if whole { 4 * words as u64 } else { 0 },
        needs: &needs,
    };
    let counted = if extent.bins_bytes > 0 { extent.pieces(limits) } else { None };
    let pieces = match counted {
        Some(pieces) => Some(pieces),
        None => {
            extent.bins_bytes = 0;
            task.words = [0; 2];
            let counts = Counts::of(&job.frame, &job.plan)?;
            task.kernel = job.plan.resolve(Some(&counts))?;
            task.counts = Some(counts);
            task.waits = false;
            extent.pieces(limits)
        }
    };
    if job.plan.want().quality() && task.words[1] == 0 {
        task.quality = cpu::quality(&job.frame, &job.plan)?;
    }
    Ok(pieces.map(|pieces| {
        let sized = |piece: Piece| {
            let bytes = extent.bytes(&piece);
            (piece, bytes)
        };
        pieces.into_iter().map(sized).collect()
    }))
}

/// The part of a job's samples that a piece needs.
pub fn samples<'a>(job: &'a Job, piece: &Piece) -> &'a [u8] {
    let row = row_bytes(&job.plan) as usize;
    // The frame has as many rows as the plan it was cut by.
    job.frame.bytes().get(piece.stored.start as usize * row..piece.stored.end as usize * row).unwrap_or_default()
}

impl Task {
    /// Whether its tensor waits for its own histogram.
    pub fn waits(&self) -> bool {
        self.waits
    }

    /// Whether the device surveys it.
    pub fn surveyed(&self) -> bool {
        self.words[1] > 0
    }

    /// Whether it is done or has failed.
    pub fn ended(&self) -> bool {
        self.outcome.is_some()
    }

    /// Whether the CPU has made its tensor.
    pub fn delegated(&self) -> bool {
        self.pieces == 0 && matches!(self.outcome, Some(Ok(_)))
    }

    /// Ends it with a fault, unless it has ended.
    pub fn fail(&mut self, fault: &Fault) {
        self.outcome.get_or_insert_with(|| Err(fault.clone()));
    }

    /// What became of it; a fault of kind Bug if it never ended.
    pub fn into_outcome(self) -> Result<Done> {
        self.outcome.unwrap_or_else(|| Err(Fault::bug("gpu", "a job was left behind")))
    }

    /// Writes down what the device is to do for one piece in one phase.
    pub fn describe(&self, item: &Item, phase: Phase, limits: &Limits, window: &mut u64, draft: &mut Draft) {
        let block = &self.kernel.block;
        let stored = &item.piece.stored;
        let place = Place {
            row_count: stored.len() as u32,
            first_row: stored.start,
            resized_at: (item.at.resized / 4) as u32,
            resized_row: stored.start,
            resized_rows: stored.len() as u32,
            tensor_at: (item.at.tensors / 4) as u32,
            tensor_row: item.piece.tensor.start,
            tensor_rows: item.piece.tensor.len() as u32,
            bins_at: (item.at.bins / 4) as u32,
            ..draft.frame(&self.kernel)
        };
        let direct = item.bytes.resized == 0;
        let words = item.bytes.tensors / 4;
        let wanted = self.plan.want().tensor();
        let bands = bands(*window, item.at.stored, stored, row_bytes(&self.plan), limits);
        for band in &bands {
            *window = band.window;
            let rows = band.rows.len() as u64;
            let at =
                Place { source_byte: band.byte as u32, first_row: band.rows.start, row_count: rows as u32, ..place };
            if phase.bins && item.bytes.bins > 0 {
                draft.ask(Pass::Histogram, band.window, at, runs(rows * u64::from(block.columns)));
            }
            if phase.tensors && !wanted {
                continue;
            }
            if phase.tensors && direct {
                // A piece without a resize is one band: see `Extent::pieces`.
                draft.ask(Pass::Direct, band.window, at, words);
            } else if phase.tensors {
                draft.ask(Pass::Rows, band.window, at, rows * u64::from(block.image_columns));
            }
        }
        if phase.tensors && self.survey.is_some() {
            let words = u64::from(block.rows) * u64::from(block.columns);
            let at = Place {
                bins_at: place.bins_at + self.words[0] as u32,
                source_byte: bands.first().map_or(0, |band| band.byte as u32),
                ..place
            };
            let window = bands.first().map_or(0, |band| band.window);
            draft.ask(Pass::Quality, window, at, runs(words));
        }
        if phase.tensors && wanted && (!direct || bands.is_empty()) {
            // All letterbox, or from the resized rows: no samples are read.
            draft.ask(Pass::Tensors, 0, place, words);
        }
    }

    /// Takes what came back for one piece.
    pub fn take(&mut self, item: &Item, phase: Phase, returned: &Returned<'_>) -> Result<()> {
        if phase.bins && item.bytes.bins > 0 {
            let bytes = section(returned.bins, item.at.bins, 4 * self.words[0] as u64)?;
            let counts = Counts::from_bins(&self.plan, &bytemuck::pod_collect_to_vec::<u8, u32>(bytes))?;
            if self.waits {
                self.kernel = self.plan.resolve(Some(&counts))?;
            }
            if let Some(population) = counts.populations.first().filter(|_| self.words[1] > 0) {
                self.survey = Survey::of(&self.plan, population);
                self.survey.iter().for_each(|survey| survey.write(&mut self.kernel.block));
            }
            self.counts = Some(counts);
        }
        if phase.tensors {
            if self.plan.want().tensor() {
                self.place(item, section(returned.tensors, item.at.tensors, item.bytes.tensors)?)?;
            }
            if let (Some(survey), Some(counts)) = (self.survey.take(), &self.counts) {
                let [histogram, words] = self.words.map(|words| 4 * words as u64);
                let bytes = section(returned.bins, item.at.bins + histogram, words)?;
                let shape = self.plan.shape();
                let sums = packed::unpack(&bytemuck::pod_collect_to_vec::<u8, u32>(bytes), shape.rows, shape.columns)
                    .ok_or_else(|| Fault::bug("gpu", "sums of another shape came back"))?;
                let assemble = Quality::assemble;
                self.quality = Some(assemble(self.voi.as_ref(), &self.plan, counts, &Plane::Stored, &survey, sums));
            }
            self.pieces = self.pieces.saturating_sub(1);
            if self.pieces == 0 {
                self.outcome = Some(self.finished());
            }
        }
        Ok(())
    }

    /// Puts a piece's rows where they belong: a piece holds its rows of every channel.
    fn place(&mut self, item: &Item, bytes: &[u8]) -> Result<()> {
        let ([channels, rows, columns], dtype) = self.plan.output();
        let row = columns as usize * dtype.bytes();
        let part = item.piece.tensor.len() * row;
        for channel in 0..channels as usize {
            let to = (channel * rows as usize + item.piece.tensor.start as usize) * row;
            let target = self.data.get_mut(to..to + part);
            let source = bytes.get(channel * part..(channel + 1) * part);
            match (target, source) {
                (Some(target), Some(source)) => target.copy_from_slice(source),
                _ => return Err(Fault::bug("gpu", "a piece lies outside its tensor")),
            }
        }
        Ok(())
    }

    fn finished(&mut self) -> Result<Done> {
        let ([channels, height, width], dtype) = self.plan.output();
        let counts = self.counts.take().ok_or_else(|| Fault::bug("gpu", "a frame was not counted"))?;
        Ok(Done {
            tensor: match self.plan.want().tensor() {
                true => Tensor { channels, height, width, dtype, data: std::mem::take(&mut self.data) },
                false => Tensor::empty(),
            },
            stats: match self.plan.want().tensor() && self.plan.counts() {
                true => counts.stats(&self.plan),
                false => Stats::default(),
            },
            view: self.kernel.view.clone(),
            quality: self.quality.take(),
        })
    }
}

fn section(bytes: &[u8], at: u64, length: u64) -> Result<&[u8]> {
    bytes.get(at as usize..(at + length) as usize).ok_or_else(|| Fault::bug("gpu", "less came back than was asked for"))
}
