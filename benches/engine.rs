//! What the CPU engine and its twin cost on one frame, one thread: `cargo bench --bench engine`. Frames are synthetic: a
//! body-like disc with noise on an even background, so that the histogram has the runs and peaks of real ones.

use divan::{Bencher, black_box};
use voxmill::deid::burned_in::clip_to_frame;
use voxmill::engine::{Job, cpu};
use voxmill::model::*;
use voxmill::pixel::spec::{Filter, Size, VoiSpec};
use voxmill::pixel::{Plan, PlanSpec, Shape, twin};

fn main() {
    divan::main();
}

fn disc(rows: u32, columns: u32, sample_type: SampleType, samples: u8, how: Interpretation) -> Frame {
    let mut state = 1u64;
    let peak = f64::from(1u32 << (u32::from(how.bits_stored).min(16) - u32::from(sample_type.signed())));
    let mut data = Vec::new();
    for y in 0..rows {
        for x in 0..columns {
            let (dx, dy) = (f64::from(x) / f64::from(columns) - 0.5, f64::from(y) / f64::from(rows) - 0.45);
            let inside = (1.0 - 5.0 * (dx * dx + dy * dy)).max(0.0);
            for sample in 0..samples {
                state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                let noise = (state >> 40) as f64 / f64::from(1 << 24) * 0.1;
                let value = if inside > 0.0 { (inside * 0.8 + noise) * peak / f64::from(1 + sample) } else { 0.0 };
                match sample_type {
                    SampleType::F32 => data.extend_from_slice(&(value as f32).to_le_bytes()),
                    _ => data.extend_from_slice(&(value as i64).to_le_bytes()[..sample_type.bytes()]),
                }
            }
        }
    }
    Frame::new(rows, columns, samples, sample_type, data, how).expect("the shape fits the data")
}

fn job(kind: &str, spec: &PlanSpec) -> Job {
    let how = |photometric, bits_stored, modality| Interpretation {
        modality,
        voi: vec![Voi::Window { center: 40.0, width: 400.0, function: VoiFunction::Linear }],
        ..Interpretation::plain(photometric, bits_stored)
    };
    let hounsfield = Modality::Rescale { slope: 1.0, intercept: -1024.0 };
    let frame = match kind {
        "ct-512" => disc(512, 512, SampleType::I16, 1, how(Photometric::Monochrome2, 13, hounsfield)),
        "cr-2500x2000" => disc(2500, 2000, SampleType::U16, 1, how(Photometric::Monochrome1, 14, Modality::Identity)),
        "us-rgb-768x1024" => disc(768, 1024, SampleType::U8, 3, how(Photometric::Rgb, 8, Modality::Identity)),
        _ => disc(256, 256, SampleType::F32, 1, how(Photometric::Monochrome2, 32, Modality::Identity)),
    };
    let masks = clip_to_frame(&[], frame.rows, frame.columns, "bench");
    let plan = Plan::new(spec, Shape::of(&frame), &frame.interpretation, masks).expect("a plan");
    Job { frame, plan }
}

const KINDS: [&str; 4] = ["ct-512", "cr-2500x2000", "us-rgb-768x1024", "float-256"];

#[divan::bench(args = KINDS)]
fn cpu_triangle_224(bencher: Bencher, kind: &str) {
    let job = job(kind, &PlanSpec::default());
    bencher.bench_local(|| cpu::run(black_box(&job)));
}

#[divan::bench(args = KINDS)]
fn cpu_box_224_percentile(bencher: Bencher, kind: &str) {
    let spec = PlanSpec { filter: Filter::Box, voi: VoiSpec::Percentile(1.0, 99.0), ..PlanSpec::default() };
    let job = job(kind, &spec);
    bencher.bench_local(|| cpu::run(black_box(&job)));
}

#[divan::bench(args = ["ct-512"])]
fn cpu_lanczos_384(bencher: Bencher, kind: &str) {
    let job = job(kind, &PlanSpec { filter: Filter::Lanczos3, size: Size::Side(384), ..PlanSpec::default() });
    bencher.bench_local(|| cpu::run(black_box(&job)));
}

#[divan::bench(args = KINDS)]
fn twin_triangle_224(bencher: Bencher, kind: &str) {
    let job = job(kind, &PlanSpec::default());
    bencher.bench_local(|| twin(black_box(&job.frame), &job.plan));
}

#[divan::bench(args = KINDS)]
fn plan(bencher: Bencher, kind: &str) {
    let job = job(kind, &PlanSpec::default());
    let masks = job.plan.masks().clone();
    let spec = PlanSpec::default();
    bencher
        .bench_local(|| Plan::new(&spec, Shape::of(&job.frame), &job.frame.interpretation, black_box(masks.clone())));
}
