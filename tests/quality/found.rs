//! A generated set of small pictures: are the blank, inverted, cut-off and doubled ones, and the series with a missing
//! slice, found, and nothing else?

use super::frames::{chance, interpretation, plan, rules};
use libjpeg_turbo_rs::{PixelFormat, Subsampling};
use std::collections::BTreeSet;
use voxmill::engine::cpu;
use voxmill::join::album::Album;
use voxmill::join::duplicates::{self, Picture};
use voxmill::join::series::{self, Slice};
use voxmill::model::*;
use voxmill::score::{self, METRICS, Rules, Subject, phash};

const SIDE: usize = 96;

/// A body on dark air: an ellipse with organs, at random places and of random brightness, in 12 bits.
fn body(seed: u64) -> Vec<f64> {
    let mut next = chance(seed);
    let mut between = move |low: f64, high: f64| low + (high - low) * (next() % 100_000) as f64 / 100_000.0;
    let ellipse = |between: &mut dyn FnMut(f64, f64) -> f64, reach: f64, sizes: (f64, f64)| {
        let (x, y) = (between(0.5 - reach, 0.5 + reach), between(0.5 - reach, 0.5 + reach));
        [x, y, between(sizes.0, sizes.1), between(sizes.0, sizes.1), between(0.0, std::f64::consts::PI)]
    };
    let trunk = ellipse(&mut between, 0.06, (0.28, 0.4));
    let organs: Vec<([f64; 5], f64)> =
        (0..7).map(|_| (ellipse(&mut between, 0.22, (0.04, 0.13)), between(-450.0, 500.0))).collect();
    let (tissue, air, grain) = (between(1100.0, 1800.0), between(20.0, 90.0), between(8.0, 30.0));
    let inside = |[cx, cy, a, b, turn]: [f64; 5], x: f64, y: f64| {
        let (dx, dy) = (x - cx, y - cy);
        let (u, v) = (dx * turn.cos() + dy * turn.sin(), dy * turn.cos() - dx * turn.sin());
        (u / a).powi(2) + (v / b).powi(2) < 1.0
    };
    let mut values = Vec::with_capacity(SIDE * SIDE);
    for place in 0..SIDE * SIDE {
        let (x, y) = ((place % SIDE) as f64 / SIDE as f64, (place / SIDE) as f64 / SIDE as f64);
        let mut value = air;
        if inside(trunk, x, y) {
            value = tissue + organs.iter().filter(|(shape, _)| inside(*shape, x, y)).map(|(_, by)| by).sum::<f64>();
        }
        values.push((value + grain * (between(-1.0, 1.0) + between(-1.0, 1.0))).clamp(0.0, 4095.0).round());
    }
    values
}

/// What was done to a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Made {
    Fine,
    Blank,
    Inverted,
    CutOff,
}

fn made(seed: u64) -> (Made, Vec<f64>) {
    let picture = body(seed);
    let mut next = chance(seed + 1_000_000);
    match seed % 10 {
        0 => {
            // Nothing, or nothing but a little noise.
            let (level, noise) = ((next() % 4000) as f64, if next().is_multiple_of(2) { 0 } else { 4 });
            (Made::Blank, (0..SIDE * SIDE).map(|_| level + (next() % (noise + 1)) as f64).collect())
        }
        1 | 2 => (Made::Inverted, picture.iter().map(|v| 4095.0 - v).collect()),
        3 | 4 => {
            // From somewhere between 35 and 75 % on, rows hold the value of missing data.
            let from = SIDE * (35 + (next() % 40) as usize) / 100;
            (Made::CutOff, picture.iter().enumerate().map(|(i, v)| if i / SIDE >= from { 0.0 } else { *v }).collect())
        }
        _ => (Made::Fine, picture),
    }
}

struct Judged {
    flags: BTreeSet<String>,
    hash: Option<phash::Hash>,
    thumbnail: Option<Box<phash::Thumbnail>>,
    digest: String,
}

fn judged(values: &[f64], columns: usize, modality: &'static str, rules: &Rules) -> Judged {
    let bytes: Vec<u8> = values.iter().flat_map(|v| (*v as u16).to_le_bytes()).collect();
    let mut how = interpretation(Photometric::Monochrome2, 12);
    how.modality_code = Some(modality);
    let rows = (values.len() / columns) as u32;
    let frame = Frame::new(rows, columns as u32, 1, SampleType::U16, bytes, how).unwrap();
    let quality = cpu::quality(&frame, &plan(&frame, &[])).unwrap().unwrap();
    let measured = score::measure(&Subject::new(&quality, Some(modality)));
    let value = |name: &str| measured[METRICS.iter().position(|metric| metric.name == name)?];
    let verdict = rules.judge("default", Some(modality), value);
    let digest = format!("{values:?}");
    let (sums, bright) = (&quality.sums, quality.bright);
    let thumbnail = phash::thumbnail(sums, bright).map(Box::new);
    Judged { flags: verdict.flags.into_iter().collect(), hash: phash::phash(sums, bright), thumbnail, digest }
}

/// Recall and precision of what was found among what there is.
fn rates(what: &str, found: &BTreeSet<usize>, there: &BTreeSet<usize>) {
    let right = found.intersection(there).count() as f64;
    let (recall, precision) = (right / there.len() as f64, right / found.len() as f64);
    println!(
        "{what:<15} {:>5} there, {:>5} found: recall {recall:.4}, precision {precision:.4}",
        there.len(),
        found.len()
    );
    assert!(there.len() >= 100, "{what}: {} cases", there.len());
    if recall < 0.99 || precision < 0.99 {
        let (missed, wrong) = (there.difference(found), found.difference(there));
        panic!(
            "{what}: missed {:?}, wrong {:?}",
            missed.take(9).collect::<Vec<_>>(),
            wrong.take(9).collect::<Vec<_>>()
        );
    }
}

#[test]
fn blank_inverted_and_cut_off_pictures_are_found() {
    let rules = rules();
    let set: Vec<(Made, Judged)> = (0..2000)
        .map(|seed| {
            let (made, values) = made(seed);
            (made, judged(&values, SIDE, ["CT", "MR", "CR"][seed as usize % 3], &rules))
        })
        .collect();
    let flagged = |words: &[&str]| -> BTreeSet<usize> {
        let carries = |judged: &Judged| words.iter().any(|word| judged.flags.contains(*word));
        set.iter().enumerate().filter(|(_, (_, judged))| carries(judged)).map(|(place, _)| place).collect()
    };
    let there = |made: Made| -> BTreeSet<usize> {
        set.iter().enumerate().filter(|(_, (other, _))| *other == made).map(|(place, _)| place).collect()
    };
    rates("blank", &flagged(&["blank", "no-structure"]), &there(Made::Blank));
    rates("inverted", &flagged(&["inverted"]), &there(Made::Inverted));
    rates("cut off", &flagged(&["missing-rows"]), &there(Made::CutOff));
}

/// A picture looked at otherwise: flipped, windowed, scaled, squeezed into 64 grey levels, through JPEG of quality 60.
fn copy(values: &[f64], how: u64) -> (Vec<f64>, usize) {
    let at = |x: usize, y: usize| values[y.min(SIDE - 1) * SIDE + x.min(SIDE - 1)];
    let all = |value: &dyn Fn(usize, usize) -> f64| (0..SIDE * SIDE).map(|i| value(i % SIDE, i / SIDE)).collect();
    match how % 6 {
        0 => (all(&|x, y| at(SIDE - 1 - x, y)), SIDE),
        1 => (all(&|x, y| at(x, SIDE - 1 - y)), SIDE),
        // A window from 300 to 2300.
        2 => (all(&|x, y| ((at(x, y) - 300.0) * 4095.0 / 2000.0).clamp(0.0, 4095.0).round()), SIDE),
        3 => (all(&|x, y| (at(x, y) / 64.0).round() * 64.0), SIDE),
        4 => {
            let bytes: Vec<u8> = values.iter().map(|v| (v / 16.0) as u8).collect();
            let grey = PixelFormat::Grayscale;
            let stream = libjpeg_turbo_rs::compress(&bytes, SIDE, SIDE, grey, 60, Subsampling::S444).unwrap();
            let back = libjpeg_turbo_rs::decompress_to(&stream, grey).unwrap();
            (back.data.iter().map(|v| f64::from(*v) * 16.0).collect(), SIDE)
        }
        _ => {
            let side = SIDE * 3 / 4;
            let mean = |x: usize, y: usize| {
                let (x, y) = (x as f64 * 4.0 / 3.0, y as f64 * 4.0 / 3.0);
                let (i, j, s, t) = (x as usize, y as usize, x.fract(), y.fract());
                let row = |j| at(i, j) * (1.0 - s) + at(i + 1, j) * s;
                (row(j) * (1.0 - t) + row(j + 1) * t).round()
            };
            ((0..side * side).map(|i| mean(i % side, i / side)).collect(), side)
        }
    }
}

#[test]
fn copies_are_found_and_other_pictures_are_not() {
    let rules = rules();
    let mut album = Album::on(tempfile::tempfile().unwrap());
    let (mut pictures, mut exact, mut near) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    for seed in 0..1000u64 {
        let values = body(seed + 50_000);
        let mut add = |values: &[f64], columns: usize, patient: String| {
            let judged = judged(values, columns, "CT", &rules);
            let id = format!("{:05}", pictures.len());
            let split = if patient.len().is_multiple_of(2) { "train" } else { "test" }.into();
            let Judged { hash, thumbnail, digest, .. } = judged;
            let thumbnail = thumbnail.map(|thumbnail| album.add(&thumbnail).unwrap());
            let (id, patient, digest) = (id.into(), patient.into(), Some(digest.into()));
            pictures.push(Picture { id, patient, split, digest, hash, thumbnail });
            pictures.len() - 1
        };
        add(&values, SIDE, format!("P{seed}"));
        if seed % 5 == 0 {
            exact.insert(add(&values, SIDE, format!("Q{seed}")));
        }
        if seed % 2 == 1 {
            let (values, columns) = copy(&values, seed / 2);
            near.insert(add(&values, columns, format!("R{seed}")));
        }
    }
    let copies = duplicates::find(&mut pictures, &mut album).unwrap();
    let of = |wanted: bool| copies.iter().filter(|copy| copy.exact == wanted).map(|copy| copy.of.0).collect();
    rates("exact copies", &of(true), &exact);
    let found: BTreeSet<usize> = of(false);
    let right = found.intersection(&near).count();
    println!("near copies: {} there, {} found, {right} right", near.len(), found.len());
    assert_eq!(near.len(), 500);
    assert!(right * 100 >= near.len() * 98 && right * 100 >= found.len() * 95);
}

#[test]
fn missing_slices_are_found() {
    let mut next = chance(3);
    let (mut found, mut there, mut images) = (BTreeSet::new(), BTreeSet::new(), 0);
    for series in 0..400usize {
        let (count, spacing) = (12 + next() % 20, [0.7, 1.0, 2.5, 5.0][series % 4]);
        // A third loses one to three slices inside, a fifth is tilted, positions are rounded as files round them.
        let lost: Vec<u64> =
            if series % 3 == 0 { (0..1 + next() % 3).map(|_| 2 + next() % (count - 4)).collect() } else { Vec::new() };
        if !lost.is_empty() {
            there.insert(series);
        }
        let lean = if series % 5 == 0 { 0.3 } else { 0.0 };
        let slices: Vec<Slice> = (0..count)
            .filter(|n| !lost.contains(n))
            .map(|n| {
                let z = n as f64 * spacing;
                let rounded = |v: f64| ((v * 100.0).round() / 100.0) as f32;
                Slice {
                    position: Some([-120.5, rounded(z * lean), rounded(z)]),
                    orientation: Some([1.0, 0.0, 0.0, 0.0, 1.0, 0.0]),
                    matrix: (512, 512),
                    ..Slice::default()
                }
            })
            .collect();
        images += slices.len();
        if series::check(&slices).findings().contains(&"missing-slices") {
            found.insert(series);
        }
    }
    assert!(images > 2000, "{images} images");
    rates("missing slices", &found, &there);
}
