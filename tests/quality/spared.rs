//! What good images have and must not be blamed for: windows of one tissue, what no ray has reached, frames, screens.
//! Each picture stands beside one that is blamed rightly.

use super::frames::{chance, interpretation, plan, rules};
use std::collections::BTreeMap;
use voxmill::engine::cpu;
use voxmill::model::*;
use voxmill::score::{self, METRICS, Subject, Verdict};

const SIDE: usize = 192;

/// A picture of 12 bits and how its file says to take it.
struct Made {
    modality: &'static str,
    photometric: Photometric,
    voi: Option<Voi>,
    values: Vec<f64>,
}

/// A picture of MR; `value` of column and row.
fn made(value: impl Fn(usize, usize) -> f64) -> Made {
    let values = (0..SIDE * SIDE).map(|place| value(place % SIDE, place / SIDE)).collect();
    Made { modality: "MR", photometric: Photometric::Monochrome2, voi: None, values }
}

fn judged(made: &Made) -> (BTreeMap<&'static str, f64>, Verdict) {
    let bytes = made.values.iter().flat_map(|v| (v.round().clamp(0.0, 4095.0) as u16).to_le_bytes()).collect();
    let mut how = interpretation(made.photometric, 12);
    how.modality_code = Some(made.modality);
    how.voi = made.voi.iter().cloned().collect();
    let frame = Frame::new(SIDE as u32, SIDE as u32, 1, SampleType::U16, bytes, how).unwrap();
    let quality = cpu::quality(&frame, &plan(&frame, &[])).unwrap().unwrap();
    let measured = score::measure(&Subject::new(&quality, Some(made.modality)));
    let metrics: BTreeMap<_, _> =
        METRICS.iter().zip(measured).filter_map(|(metric, value)| Some((metric.name, value?))).collect();
    let verdict = rules().judge("default", Some(made.modality), |name| metrics.get(name).copied());
    (metrics, verdict)
}

/// Grain of deviation 1, the same at each call.
fn grain() -> Vec<f64> {
    let mut next = chance(11);
    (0..SIDE * SIDE).map(|_| (0..12).map(|_| (next() % 4096) as f64 / 4096.0).sum::<f64>() - 6.0).collect()
}

/// Distance from the middle, 1 at the edges.
fn away(x: usize, y: usize) -> f64 {
    let off = |v: usize| (v as f64 + 0.5) / SIDE as f64 * 2.0 - 1.0;
    off(x).hypot(off(y))
}

/// A head of 0.8 of the side: air 24, brain 1060 with grain, a skull of 1800; the window shows brain, or nothing of it.
fn head(center: f64, width: f64) -> Made {
    let grain = grain();
    let picture = made(|x, y| match away(x, y) {
        r if r < 0.7 => 1060.0 + 15.0 * grain[y * SIDE + x],
        r if r < 0.8 => 1800.0 + 40.0 * grain[y * SIDE + x],
        _ => 24.0 + 5.0 * grain[y * SIDE + x],
    });
    Made { modality: "CT", voi: Some(Voi::Window { center, width, function: VoiFunction::Linear }), ..picture }
}

#[test]
fn a_window_for_the_brain_is_right_and_one_beyond_it_is_wrong() {
    let (metrics, verdict) = judged(&head(1060.0, 80.0));
    let blamed = verdict.reasons.contains(&"wrong-window".into());
    assert!(metrics["quality_window_loss"] < 0.5 && !blamed, "{metrics:?} {verdict:?}");
    let (metrics, verdict) = judged(&head(3000.0, 80.0));
    assert!(metrics["quality_window_loss"] > 0.9 && verdict.flags == ["wrong-window"], "{metrics:?} {verdict:?}");
}

/// A leg, 900 to 1300, in the middle third between air of 3900, displayed black; beside it what no ray has reached, 0.
fn leg(photometric: Photometric) -> Made {
    let grain = grain();
    let picture = made(|x, y| {
        let value = match x * 12 / SIDE {
            0 | 1 | 10 | 11 => 0.0,
            4..8 => 900.0 + 400.0 * (x as f64 / 9.0).sin().abs() + 20.0 * (y as f64 / 7.0).cos(),
            _ => 3900.0,
        };
        (value + 10.0 * grain[y * SIDE + x]).max(0.0)
    });
    Made { modality: "CR", photometric, ..picture }
}

#[test]
fn what_no_ray_has_reached_is_bright_and_the_radiograph_not_inverted() {
    let (metrics, verdict) = judged(&leg(Photometric::Monochrome1));
    assert!(metrics["quality_polarity"] < 0.0 && verdict.flags.is_empty(), "{metrics:?} {verdict:?}");
    // Displayed the other way round the air beside the leg is bright, and nothing at the edges is.
    let mut inverted = leg(Photometric::Monochrome2);
    inverted.values = inverted.values.iter().map(|v| if *v < 100.0 { 3900.0 } else { *v }).collect();
    let (metrics, verdict) = judged(&inverted);
    assert!(metrics["quality_polarity"] > 0.4 && verdict.flags.contains(&"inverted".into()), "{metrics:?} {verdict:?}");
}

#[test]
fn the_edges_of_a_frame_are_no_ghost() {
    let grain = grain();
    let inside = |x: usize| (SIDE / 8..SIDE * 7 / 8).contains(&x);
    let body = |x: usize, y: usize| if away(x, y) < 0.4 { 500.0 } else { 0.0 };
    let framed = |x: usize, y: usize| {
        if inside(x) { 2000.0 + body(x, y) + 30.0 * grain[y * SIDE + x] } else { 0.0 }
    };
    let (metrics, _) = judged(&made(framed));
    assert!(metrics["quality_ghosting"] < 0.2, "{metrics:?}");
    let half = SIDE / 2;
    let (metrics, _) = judged(&made(|x, y| 0.6 * framed(x, y) + 0.5 * framed(x, (y + half) % SIDE)));
    assert!(metrics["quality_ghosting"] > 0.4, "{metrics:?}");
}

/// Rows from 40 % on hold nothing, 12 % of them, or another share.
fn without_rows(share: f64, value: impl Fn(usize, usize) -> f64) -> Made {
    let (first, count) = (SIDE * 2 / 5, (SIDE as f64 * share) as usize);
    made(move |x, y| if (first..first + count).contains(&y) { 0.0 } else { value(x, y) })
}

#[test]
fn gaps_between_lines_of_text_and_uneven_frames_are_no_missing_rows() {
    let grain = grain();
    let missing = |made: &Made| judged(made).0["quality_missing_rows"];
    // A picture in rows 60 to 160, three lines of text above, each over six columns, one below.
    let screen = |x: usize, y: usize| match y {
        10..14 | 20..24 | 30..34 | 180..184 if x < 6 => 4000.0,
        60..160 if away(x, y) < 0.9 => 900.0 + 600.0 * away(x, y) + 100.0 * grain[y * SIDE + x],
        _ => 0.0,
    };
    // Of the gaps only those that meet the picture count: rows 34 to 60 and 160 to 180 of 192.
    assert!((missing(&made(screen)) - 46.0 / 192.0).abs() < 1e-9, "{}", missing(&made(screen)));
    // A brain without its skull: 20 rows above it, 12 below.
    let brain = |x: usize, y: usize| if (20..180).contains(&y) && away(x, y) < 0.9 { 3000.0 } else { 0.0 };
    assert_eq!(missing(&made(brain)), 0.0);
    // floor(0.12 x 192) = 23 rows of the brain are lost, and of air that is grainy.
    assert!((missing(&without_rows(0.12, brain)) - 23.0 / 192.0).abs() < 1e-9);
    let head = |x: usize, y: usize| {
        let body = if away(x, y.min(SIDE / 3)) < 0.5 && y < SIDE / 3 { 3000.0 } else { 100.0 };
        body + 20.0 * grain[y * SIDE + x]
    };
    assert_eq!(missing(&made(head)), 0.0);
    assert!((missing(&without_rows(0.12, head)) - 23.0 / 192.0).abs() < 1e-9);
}

#[test]
fn blocks_have_one_border_in_eight() {
    let grain = grain();
    let steps = |every: usize| {
        judged(&made(|x, y| {
            let level = 100.0 * ((x / every) % 2) as f64 + 100.0 * ((y / every) % 2) as f64;
            2000.0 * f64::from(u8::from(away(x, y) < 0.9)) + level + 20.0 * grain[y * SIDE + x]
        }))
        .0["quality_blockiness"]
    };
    assert!(steps(8) > 0.01 && steps(4) < 0.003, "{} {}", steps(8), steps(4));
}
