//! Frames with no symmetry, and the comparison of a result with the twin of its job.

use std::time::Instant;
use voxmill::deid::burned_in::clip_to_frame;
use voxmill::engine::gpu::{self, GpuEngine};
use voxmill::engine::{Done, Engine, Job};
use voxmill::error::Kind;
use voxmill::model::*;
use voxmill::pixel::spec::{FunctionSpec, Size, VoiSpec};
use voxmill::pixel::{Plan, PlanSpec, Shape, Stats, Want, twin};

/// The engine, or `None` after saying why not.
pub fn engine() -> Option<GpuEngine> {
    match gpu::open(true) {
        Ok(engine) => Some(engine),
        Err(fault) => {
            assert_eq!(fault.kind, Kind::Environment, "{fault}");
            assert!(!fault.remedy.is_empty(), "{fault}");
            assert!(std::env::var_os("VOXMILL_NO_SKIP").is_none(), "skips are not allowed, but {fault}");
            println!("SKIP: {fault}");
            None
        }
    }
}

/// A ramp with a dent in one corner and some noise: no symmetry, all bits of the type in use up to `bits`.
pub fn samples(rows: u32, columns: u32, samples: u32, sample_type: SampleType, bits: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    for y in 0..u64::from(rows) {
        for x in 0..u64::from(columns) {
            for c in 0..u64::from(samples) {
                let dent = if x < u64::from(columns) / 3 && y < u64::from(rows) / 4 { 90 } else { 0 };
                let noise = (x * 2_654_435_761 + y * 40_503 + c * 977) >> 5;
                // Sixteen bits of picture; wider samples get noise below them.
                let (picture, rest) = (bits.min(16), bits - bits.min(16));
                let value = (x * 37 + y * 101 + (x * y) % 23 * 5 + c * 59 + dent + (noise % 7) * 3001) % (1 << picture);
                let value = (value << rest) + noise % (1 << rest);
                let signed = value as i64 - if sample_type.signed() { 1 << (bits - 1) } else { 0 };
                match sample_type {
                    SampleType::F32 => bytes.extend_from_slice(&(signed as f32 * 0.37).to_le_bytes()),
                    SampleType::F64 => bytes.extend_from_slice(&(signed as f64 * 0.37).to_le_bytes()),
                    _ => bytes.extend_from_slice(&signed.to_le_bytes()[..sample_type.bytes()]),
                }
            }
        }
    }
    bytes
}

pub fn interpretation(photometric: Photometric, bits_stored: u8) -> Interpretation {
    Interpretation {
        modality: Modality::Rescale { slope: 1.25, intercept: -300.5 },
        ..Interpretation::plain(photometric, bits_stored)
    }
}

pub fn grey(rows: u32, columns: u32, sample_type: SampleType, bits: u8) -> Frame {
    let data = samples(rows, columns, 1, sample_type, u32::from(bits.min(32)));
    Frame::new(rows, columns, 1, sample_type, data, interpretation(Photometric::Monochrome2, bits)).unwrap()
}

pub fn masks(frame: &Frame, boxes: &[[u32; 4]]) -> Masks {
    let boxes: Vec<_> =
        boxes.iter().map(|[x, y, w, h]| MaskBox { x: *x, y: *y, w: *w, h: *h, reason: "rule" }).collect();
    clip_to_frame(&boxes, frame.rows, frame.columns, "test")
}

pub fn job(frame: Frame, spec: &PlanSpec, boxes: &[[u32; 4]]) -> Job {
    let masks = masks(&frame, boxes);
    // Samples are counted for every plan only if quality is asked for.
    let plan = Plan::new(spec, Shape::of(&frame), &frame.interpretation, masks).unwrap().wanting(Want::Both);
    Job { frame, plan }
}

pub fn window(center: f64, width: f64, function: FunctionSpec) -> VoiSpec {
    VoiSpec::Window { center, width, function }
}

pub const LINEAR: FunctionSpec = FunctionSpec::Linear;

pub fn spec(rows: u32, columns: u32) -> PlanSpec {
    PlanSpec { voi: window(200.0, 900.0, LINEAR), size: Size::Sides([rows, columns]), ..PlanSpec::default() }
}

/// How far engines may be apart, and what was found.
#[derive(Default)]
pub struct Found {
    pub tensors: usize,
    pub elements: usize,
    pub steps: usize,
    pub worst: f64,
    pub seconds: f64,
}

/// One element in the unit in which engines are compared: for f32 its value, else the place of its bits on the line.
pub fn on_the_line(tensor: &Tensor) -> Vec<f64> {
    match tensor.dtype {
        DType::F16 => {
            let half = |b: &[u8]| i32::from(u16::from_le_bytes([b[0], b[1]]));
            let place = |bits: i32| if bits & 0x8000 == 0 { bits } else { -(bits & 0x7fff) };
            tensor.data.chunks_exact(2).map(|b| f64::from(place(half(b)))).collect()
        }
        _ => tensor.to_f32().iter().map(|x| f64::from(*x)).collect(),
    }
}

impl Found {
    /// Compares a result with the twin of its job: f32 within 1e-5 of the output's range, all others within one step.
    pub fn compare(&mut self, what: &str, adapter: &str, job: &Job, done: &Done) {
        let (want, stats) = twin(&job.frame, &job.plan).unwrap();
        assert_eq!((done.tensor.shape(), done.tensor.dtype), (want.shape(), want.dtype), "{what}: shape");
        assert_eq!(done.tensor.data.len(), want.data.len(), "{what}: bytes");
        if job.frame.interpretation.photometric.grey() {
            assert_eq!(done.stats, stats, "{what}: statistics");
        }
        // Of colour a value at the border of two steps may count in either: the number of pixels is exact.
        let numbers = |stats: &Stats| (stats.channels.len(), stats.counted, stats.masked, stats.padding);
        assert_eq!(numbers(&done.stats), numbers(&stats), "{what}: pixels counted");
        let (got, want_line) = (on_the_line(&done.tensor), on_the_line(&want));
        let range = want_line.iter().fold(0.0f64, |range, x| range.max(x.abs())).max(1.0);
        let tolerance = if want.dtype == DType::F32 { 1e-5 * range } else { 1.0 };
        let apart = |i: &usize| if got[*i] == want_line[*i] { 0.0 } else { (got[*i] - want_line[*i]).abs() };
        let worst = (0..got.len()).max_by(|a, b| apart(a).total_cmp(&apart(b))).unwrap();
        assert!(
            apart(&worst) <= tolerance,
            "{what} on {adapter}: worst at element {worst} of {:?}: GPU {}, twin {}, tolerance {tolerance}",
            want.shape(),
            got[worst],
            want_line[worst]
        );
        assert!(got.iter().all(|x| x.is_finite()), "{what}: not a number");
        self.tensors += 1;
        self.elements += got.len();
        self.steps += (0..got.len()).filter(|i| apart(i) > 0.0).count();
        self.worst = self.worst.max(apart(&worst) / tolerance);
    }

    pub fn print(&self, what: &str) {
        println!(
            "{what}: {} tensors, {} elements, {} of them not equal, worst {:.3} of the tolerance, engine {:.1} s",
            self.tensors, self.elements, self.steps, self.worst, self.seconds
        );
    }
}

/// Runs named jobs as one batch and compares each.
pub fn check(engine: &mut GpuEngine, jobs: Vec<(String, Job)>) -> Found {
    let batch: Vec<Job> = jobs.iter().map(|(_, job)| job.clone()).collect();
    let started = Instant::now();
    engine.submit(batch).unwrap();
    let results = engine.collect().unwrap();
    let mut found = Found { seconds: started.elapsed().as_secs_f64(), ..Found::default() };
    assert_eq!(results.len(), jobs.len());
    let adapter = engine.name();
    for ((what, job), done) in jobs.iter().zip(results) {
        found.compare(what, &adapter, job, &done.unwrap_or_else(|fault| panic!("{what}: {fault}")));
    }
    found
}
