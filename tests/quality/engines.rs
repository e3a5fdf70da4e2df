//! The survey of the CPU engine against its twin: every sum of every frame, over sample types, masks, padding, colour.

use super::frames::{Case, cases};
use voxmill::engine::{Engine, Job, cpu, gpu};
use voxmill::pixel::quality::sums::Sums;
use voxmill::pixel::quality::{Quality, on_device};
use voxmill::pixel::{Counts, Want};

/// f32 lanes against integers: see `pixel::quality`.
const TOLERANCE: f64 = 1e-5;

fn numbers(sums: &Sums) -> Vec<(&'static str, f64)> {
    let Sums { spots, laplace, laplace_squares, gradient_squares, noise, pairs, lags, across, down, .. } = sums;
    let bends = [("bend down", &sums.bends_down), ("bend across", &sums.bends_across)];
    let mut all = vec![
        ("spots", *spots),
        // A sum of differences of both signs: compared on the scale of their size.
        ("laplace", *laplace / (spots * laplace_squares).sqrt().max(1.0)),
        ("laplace squares", *laplace_squares),
        ("gradient squares", *gradient_squares),
        ("noise", *noise),
        ("pairs", *pairs),
    ];
    all.extend(lags.iter().map(|lag| ("lag", *lag)));
    for (name, means) in [("across", &across[..]), ("down", down), ("column", &sums.columns), ("cell", &sums.cells)] {
        all.extend(means.iter().flatten().map(|number| (name, *number)));
    }
    all.extend(bends.into_iter().flat_map(|(name, means)| means.iter().flatten().map(move |number| (name, *number))));
    all
}

/// Compares a survey with the twin's: integers equal, sums within the tolerance.
fn compare(what: &str, found: &Quality, wanted: &Quality, tolerance: f64) -> usize {
    assert_eq!(found.values, wanted.values, "{what}: values");
    assert_eq!(found.sums.rows, wanted.sums.rows, "{what}: rows");
    assert_eq!((found.unit, found.display), (wanted.unit, wanted.display), "{what}");
    let (found, wanted) = (numbers(&found.sums), numbers(&wanted.sums));
    assert_eq!(found.len(), wanted.len());
    for ((name, found), (_, wanted)) in found.iter().zip(&wanted) {
        let off = (found - wanted).abs();
        assert!(off <= tolerance * wanted.abs().max(1.0), "{what}: {name}: {found}, the twin has {wanted}");
    }
    found.len()
}

#[test]
fn the_cpu_engine_surveys_as_its_twin() {
    let (mut walked, mut numbers) = (0, 0);
    for Case { what, frame, plan } in cases() {
        let counts = Counts::of(&frame, &plan).unwrap();
        let wanted = Quality::of(&frame, &plan, &counts);
        let found = cpu::quality(&frame, &plan).unwrap();
        match (&found, &wanted) {
            (Some(found), Some(wanted)) => numbers += compare(&what, found, wanted, TOLERANCE),
            (None, None) => {}
            _ => panic!("{what}: {} and {}", found.is_some(), wanted.is_some()),
        }
        walked += 1;
    }
    assert!(walked >= 60 && numbers > 100_000, "{walked} frames, {numbers} numbers");
}

#[test]
fn the_gpu_engine_surveys_as_its_twin() {
    let mut engine = match gpu::open(true) {
        Ok(engine) => engine,
        Err(fault) => {
            assert!(std::env::var_os("VOXMILL_NO_SKIP").is_none(), "skips are not allowed, but {fault}");
            return println!("SKIP: {fault}");
        }
    };
    let (mut walked, mut numbers) = (0, 0);
    for want in [Want::Both, Want::Quality] {
        let cases = cases();
        let jobs: Vec<Job> =
            cases.iter().map(|case| Job { frame: case.frame.clone(), plan: case.plan.clone().wanting(want) }).collect();
        engine.submit(jobs).unwrap();
        let results = engine.collect().unwrap();
        assert_eq!(results.len(), cases.len());
        for (Case { what, frame, plan }, done) in cases.iter().zip(results) {
            let done = done.unwrap();
            assert_eq!(done.tensor.data.is_empty(), want == Want::Quality, "{what}");
            let counts = Counts::of(frame, plan).unwrap();
            // Integers on the device: equal. What it has no words for was surveyed on the CPU.
            let tolerance = if on_device(plan) { 0.0 } else { TOLERANCE };
            match (&done.quality, &Quality::of(frame, plan, &counts)) {
                (Some(found), Some(wanted)) => numbers += compare(what, found, wanted, tolerance),
                (None, None) => {}
                _ => panic!("{what}: one engine finds no pixel"),
            }
            walked += 1;
        }
    }
    assert!(walked >= 120 && numbers > 200_000, "{walked} frames, {numbers} numbers");
}
