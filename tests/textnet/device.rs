//! The text finder on a software adapter against the twin, and frames that are brought to the device once. Without an adapter
//! a test prints a line that begins with `SKIP:` and passes, unless VOXMILL_NO_SKIP is set, as in CI: then it fails.

use super::apart;
use super::weights::*;
use voxmill::deid::burned_in::clip_to_frame;
use voxmill::engine::gpu::{self, GpuEngine};
use voxmill::engine::{Engine, Job, Search, cpu};
use voxmill::model::*;
use voxmill::pixel::textnet::{Net, views};
use voxmill::pixel::{Plan, PlanSpec, Shape};

fn engine() -> Option<GpuEngine> {
    let opened = gpu::open(true);
    if let Err(fault) = &opened {
        assert!(std::env::var_os("VOXMILL_NO_SKIP").is_none(), "skips are not allowed, but {fault}");
        println!("SKIP: {fault}");
    }
    opened.ok()
}

/// A frame of a ramp with noise, and how it is searched: nothing masked but a corner.
fn search(rows: u32, columns: u32, sample_type: SampleType, photometric: Photometric) -> Search {
    let samples = if photometric.grey() { 1 } else { 3 };
    let bits = if sample_type == SampleType::U8 { 8 } else { 12 };
    let mut chance = chance(u64::from(rows * columns));
    let mut data = Vec::new();
    for i in 0..rows * columns * samples {
        let (x, y) = (i / samples % columns, i / samples / columns);
        let unit = (x as f32 / columns as f32 + y as f32 / rows as f32) / 2.0 + 0.3 * chance();
        let value =
            (unit.clamp(0.0, 1.0) * ((1 << bits) - 1) as f32) as i32 - if sample_type.signed() { 2048 } else { 0 };
        data.extend_from_slice(&value.to_le_bytes()[..sample_type.bytes()]);
    }
    let interpretation = Interpretation {
        modality: Modality::Rescale { slope: 2.0, intercept: -5.0 },
        // A narrow window: the full range is a view of its own.
        voi: vec![Voi::Window { center: 200.0, width: 150.0, function: VoiFunction::Linear }],
        padding: Some((0, 100)),
        ..Interpretation::plain(photometric, bits)
    };
    let frame = Frame::new(rows, columns, samples as u8, sample_type, data, interpretation).unwrap();
    let corner = MaskBox { x: 3, y: 2, w: 9, h: 5, reason: "rule" };
    Search { masks: clip_to_frame(&[corner], rows, columns, "test"), frame, before: None }
}

/// The same after more was blanked: a piece in the middle.
fn again(search: Search) -> Search {
    let (rows, columns) = (search.frame.rows, search.frame.columns);
    let piece = MaskBox { x: columns / 2, y: rows / 2, w: 7, h: 5, reason: "text" };
    let boxes = [search.masks.boxes(), &[piece]].concat();
    Search { masks: clip_to_frame(&boxes, rows, columns, "test"), before: Some(search.masks), frame: search.frame }
}

#[test]
fn the_device_gives_the_maps_of_the_twin() {
    let Some(mut engine) = engine() else { return };
    let (mut maps, mut worst) = (0, 0.0f32);
    for shape in [SHAPE, AWKWARD] {
        let net = Net::read(&random(shape, 3)).unwrap();
        engine.look_with(&net).unwrap();
        let searches = [
            search(97, 161, SampleType::U8, Photometric::Monochrome2),
            search(1, 1, SampleType::U8, Photometric::Monochrome2),
            search(48, 30, SampleType::I16, Photometric::Monochrome1),
            search(97, 161, SampleType::U16, Photometric::Monochrome2),
            search(40, 99, SampleType::U8, Photometric::Rgb),
            search(40, 99, SampleType::U8, Photometric::YbrFull),
            search(5, 1501, SampleType::U8, Photometric::YbrFull),
            again(search(130, 240, SampleType::U8, Photometric::Rgb)),
            again(search(97, 161, SampleType::U16, Photometric::Monochrome2)),
        ];
        let found = engine.maps(&searches).unwrap();
        for (search, found) in searches.iter().zip(found) {
            let views = views::maps(&net, &search.frame, &search.masks, search.before.as_ref()).unwrap();
            let found = found.unwrap();
            assert_eq!(found.len(), views.len());
            for (found, view) in found.iter().zip(&views) {
                let what = format!("{:?} of {:?}", view.look, search.frame);
                assert_eq!((found.look, &found.part), (view.look, &view.part));
                let want = &view.plane;
                let spread = want.values.iter().fold(0.0f32, |s, p| s.max((p - want.values[0]).abs()));
                assert!(want.values.len() < 9 || spread > 0.01, "a map of nothing shows nothing");
                worst = worst.max(apart(&what, &found.plane, want, 1e-3));
                maps += 1;
            }
        }
    }
    // Grey frames have two views and a relief, colour ones and a single pixel one and a relief; from 1,501 pixels on there
    // is half of it too: 3 + 2 + 3 + 3 + 2 + 2 + 3, twice. A second look takes one part of each view but the relief: 1 + 2, twice.
    assert_eq!((maps, engine.delegated()), (42, 0));
    println!("{maps} maps, worst difference {worst:e}");
}

#[test]
fn parts_on_the_device_give_the_map_of_the_whole() {
    let Some(engine) = engine() else { return };
    let net = Net::read(&random(SHAPE, 8)).unwrap();
    // 16 bytes for a pixel in the largest buffer: parts of 105,625 pixels, 320 x 320, of which 320 - 2 x halo are kept.
    let mut engine = engine.limited(105_625 * 16, 1 << 20, u32::MAX);
    engine.look_with(&net).unwrap();
    let searches = [
        search(500, 400, SampleType::U8, Photometric::Monochrome2),
        search(60, 2000, SampleType::U8, Photometric::Rgb),
        search(330, 320, SampleType::U8, Photometric::Rgb),
    ];
    let found = engine.maps(&searches).unwrap();
    for (search, found) in searches.iter().zip(found) {
        let want = cpu::textnet::maps_of(&net, search).unwrap();
        for (found, want) in found.unwrap().iter().zip(&want) {
            apart(&format!("{:?}", search.frame), &found.plane, &want.plane, 1e-3);
        }
    }
    assert_eq!((engine.delegated(), net.halo() < 160), (0, true));
    // A part that is all halo: the CPU does it.
    let mut small = engine.limited(100 << 10, 1 << 20, u32::MAX);
    let found = small.maps(&searches[..1]).unwrap().remove(0).unwrap();
    let want = cpu::textnet::maps_of(&net, &searches[0]).unwrap();
    apart("delegated", &found[0].plane, &want[0].plane, 1e-5);
    assert_eq!(small.delegated(), 1);
}

#[test]
fn a_searched_frame_is_brought_to_the_device_once() {
    let (Some(mut engine), Some(mut plain)) = (engine(), engine()) else { return };
    let searches: Vec<Search> = (0..5)
        .map(|i| search(64 + i, 80, [SampleType::U8, SampleType::I16][i as usize % 2], Photometric::Monochrome2))
        .collect();
    let jobs = || -> Vec<Job> {
        let job = |search: &Search| {
            let (frame, spec) = (search.frame.clone(), PlanSpec::default());
            let plan = Plan::new(&spec, Shape::of(&frame), &frame.interpretation, search.masks.clone()).unwrap();
            Job { frame, plan }
        };
        searches.iter().map(job).collect()
    };
    assert_eq!(engine.find_text(&searches).unwrap().len(), 5);
    assert_eq!(engine.uploads(), 1);
    // Four of the frames, in another order, and one that was not searched: one more load.
    let mut batch = jobs();
    batch.swap(0, 3);
    let bytes = batch[4].frame.bytes().to_vec();
    let (rows, columns) = (batch[4].frame.rows, batch[4].frame.columns);
    let interpretation = batch[4].frame.interpretation.clone();
    batch[4].frame = Frame::new(rows, columns, 1, SampleType::U8, bytes, interpretation).unwrap();
    plain.submit(batch.clone()).unwrap();
    engine.submit(batch).unwrap();
    assert_eq!(engine.uploads(), 2);
    let tensors = |engine: &mut GpuEngine| -> Vec<_> {
        engine.collect().unwrap().into_iter().map(|done| done.unwrap().tensor).collect()
    };
    let want = tensors(&mut plain);
    assert_eq!((tensors(&mut engine), want.len()), (want, 5));
    // What was let go is brought again; a search lets go of the frames of the one before.
    engine.submit(jobs()).unwrap();
    assert_eq!(engine.uploads(), 3);
    for _ in 0..3 {
        engine.find_text(&searches).unwrap();
    }
    engine.submit(jobs()).unwrap();
    assert_eq!(engine.uploads(), 6);
    assert_eq!(engine.collect().unwrap().len() + engine.collect().unwrap().len(), 10);
}
