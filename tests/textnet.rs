//! The text finder: the network's file, its plain twin against arithmetic, and the fast ways against the twin.

#![expect(clippy::print_stdout, reason = "a skipped test says why")]

#[path = "textnet/device.rs"]
mod device;
#[path = "textnet/golden.rs"]
mod golden;
mod made_frames;
#[path = "textnet/weights.rs"]
mod weights;

use voxmill::deid::burned_in::clip_to_frame;
use voxmill::engine::Search;
use voxmill::engine::cpu::textnet::{Fast, WIDTH, maps_of, probability};
use voxmill::error::Kind;
use voxmill::model::*;
use voxmill::pixel::textnet::{Net, Plane, twin, views};
use weights::*;

const ONE: &[Row] = &[("a", "conv3x3", 1, 1, 2, false, None, false)];

/// 3x3 weights 1 to 9 and a bias of 0.5, stride 2, over a picture of 3 x 5.
#[test]
fn the_twin_convolves_as_arithmetic_does() {
    let mut next = 0.0;
    let net = Net::read(&file(ONE, |_| {
        next += 1.0;
        if next > 9.0 { 0.5 } else { next / 64.0 }
    }))
    .unwrap();
    let values = (0..15).map(|i| i as f32).collect();
    let map = twin::probability(&net, &Plane { rows: 3, columns: 5, values });
    assert_eq!((map.rows, map.columns, net.cell(), net.multiple()), (2, 3, 2, 2));
    // The picture, a row and a column of zeros around it and at its end:
    //   0  1  2  3  4
    //   5  6  7  8  9
    //  10 11 12 13 14
    // Top left: 5x0 + 6x1 + 8x5 + 9x6 = 100. Top middle (column 2): 4x1 + 5x2 + 6x3 + 7x6 + 8x7 + 9x8 = 202.
    // Top right (column 4): 4x3 + 5x4 + 7x8 + 8x9 = 160.
    // Bottom left (row 2): 2x5 + 3x6 + 5x10 + 6x11 = 144. Bottom middle: 1x6 + 2x7 + 3x8 + 4x11 + 5x12 + 6x13 = 226.
    // Bottom right: 1x8 + 2x9 + 4x13 + 5x14 = 148.
    let logit = |p: f32| (p / (1.0 - p)).ln();
    for (found, want) in map.values.iter().zip([100.0, 202.0, 160.0, 144.0, 226.0, 148.0]) {
        let want = want / 64.0 + 0.5;
        assert!((logit(*found) - want).abs() < 2e-3, "{} is not {want}", logit(*found));
    }
}

#[test]
fn files_that_are_no_network_are_refused() {
    let good = file(AWKWARD, |_| 0.25);
    assert!(Net::read(&good).is_ok());
    let mut refused = 0;
    let mut refuse = |what: &str, file: &[u8]| {
        assert_eq!(Net::read(file).map(|_| ()).unwrap_err().kind, Kind::Bug, "{what}");
        refused += 1;
    };
    for length in (0..good.len()).step_by(7).chain([good.len() - 1]) {
        refuse("cut off", &good[..length]);
    }
    refuse("a number too many", &[good.clone(), vec![0, 0]].concat());
    refuse("another version", &[&good[..4], &[2], &good[5..]].concat());
    refuse("an endless header", &[&good[..8], &[255, 255, 255, 127], &good[12..]].concat());
    refuse("a weight that is no number", &[&good[..good.len() - 2], &[0, 0x7c]].concat());
    let with = |change: fn(&mut Row)| {
        let mut rows = AWKWARD.to_vec();
        rows.iter_mut().for_each(change);
        file(&rows, |_| 0.25)
    };
    refuse("channels that do not fit", &with(|row| row.2 += usize::from(row.0 == "c")));
    refuse("a sum with a layer that is not there", &with(|row| row.6 = row.6.map(|_| "z")));
    refuse("a sum with a later layer", &with(|row| row.6 = row.6.map(|_| "g")));
    refuse("a sum of two sizes", &with(|row| row.6 = row.6.map(|_| "a")));
    refuse("two layers of one name", &with(|row| row.0 = "a"));
    refuse("a stride of 3", &with(|row| row.4 = 3));
    refuse("another operation", &with(|row| row.1 = "conv5x5"));
    refuse("larger than the picture", &with(|row| row.7 = true));
    refuse("no end", &file(&AWKWARD[..6], |_| 0.25));
    refuse("nothing", &file(&[], |_| 0.25));
    let many: Vec<Row> = (0..65).map(|_| ONE[0]).collect();
    refuse("too many", &file(&many, |_| 0.25));
    refuse("too wide", &file(&[("a", "conv3x3", 1, 100_000, 2, false, None, false)], |_| 0.25));
    refuse("no rules for boxes", &packed(r#"{"layers": [], "postprocess": {}}"#, &[]));
    let cells = good.windows(8).position(|w| w == b"\"cell\":2").unwrap();
    refuse("cells of another size", &[&good[..cells + 7], b"4", &good[cells + 8..]].concat());
    assert!(refused > 100, "{refused}");
}

#[test]
fn a_picture_of_any_size_has_a_map() {
    for rows in [SHAPE, AWKWARD] {
        let net = Net::read(&random(rows, 7)).unwrap();
        let cell = net.cell();
        for [rows, columns] in [[1, 1], [15, 17], [16, 16], [40, 3]] {
            let map = twin::probability(&net, &view(rows, columns));
            assert_eq!([map.rows, map.columns], [rows.div_ceil(cell), columns.div_ceil(cell)]);
            assert_eq!(map.values.len(), map.rows * map.columns);
            assert!(map.values.iter().all(|p| (0.0..=1.0).contains(p)));
        }
    }
}

/// The largest difference between two maps, which must have one shape.
fn apart(what: &str, found: &Plane, want: &Plane, tolerance: f32) -> f32 {
    assert_eq!([found.rows, found.columns], [want.rows, want.columns], "{what}");
    let gap = |i: &usize| (found.values[*i] - want.values[*i]).abs();
    let worst = (0..want.values.len()).max_by(|a, b| gap(a).total_cmp(&gap(b))).unwrap();
    assert!(
        gap(&worst) <= tolerance,
        "{what}: value {worst} of {}x{}: {} is not {}",
        want.rows,
        want.columns,
        found.values[worst],
        want.values[worst]
    );
    gap(&worst)
}

#[test]
fn the_fast_way_gives_the_map_of_the_twin() {
    let mut compared = 0;
    for shape in [SHAPE, AWKWARD] {
        let net = Net::read(&random(shape, 11)).unwrap();
        let fast = Fast::new(&net);
        for [rows, columns] in
            [[1, 1], [1, 200], [130, 1], [15, 17], [16, 32], [33, 100], [97, 161], [700, 20], [9, 1500]]
        {
            let view = view(rows, columns);
            let want = twin::probability(&net, &view);
            let spread = want.values.iter().fold(0.0f32, |s, p| s.max((p - 0.5).abs()));
            assert!(rows * columns < 200 || spread > 0.01, "a map of nothing shows nothing");
            let what = format!("{rows}x{columns}");
            apart(&what, &probability(&fast, &view, 1, WIDTH), &want, 1e-5);
            compared += 1;
        }
    }
    assert_eq!(compared, 18);
}

#[test]
fn bands_and_parts_change_nothing() {
    let fast = Fast::new(&Net::read(&random(SHAPE, 5)).unwrap());
    let view = view(500, 700);
    let want = probability(&fast, &view, 1, WIDTH);
    for (bands, width) in [(2, WIDTH), (7, WIDTH), (1000, WIDTH), (1, 128), (3, 300), (1, 4)] {
        let found = probability(&fast, &view, bands, width);
        assert_eq!(apart("bands", &found, &want, 0.0), 0.0, "{bands} bands, parts of {width}");
    }
}

#[test]
fn even_grounds_are_computed_once_and_quiet_blocks_not_at_all() {
    // Noise in the middle of grounds of three values, wider than what a cell of the map looks at.
    let noise = view(80, 60);
    let at = |y: usize, x: usize| match (y, x) {
        (60..140, 120..180) => (noise.values[(y - 60) * 60 + x - 120] * 255.0) as u8,
        (_, 0..90) => 0,
        (_, 90..270) => 64,
        _ => 255,
    };
    let (rows, columns) = (240, 360);
    let data: Vec<u8> = (0..rows * columns).map(|i| at(i / columns, i % columns)).collect();
    let values = data.iter().map(|value| f32::from(*value) / 255.0).collect();
    let plane = Plane { rows, columns, values };
    let interpretation = made_frames::interpretation(Photometric::Monochrome2, 8);
    let frame = Frame::new(rows as u32, columns as u32, 1, SampleType::U8, data, interpretation).unwrap();
    let search = Search { frame, masks: clip_to_frame(&[], rows as u32, columns as u32, "test"), before: None };
    for shape in [SHAPE, AWKWARD] {
        let net = Net::read(&random(shape, 13)).unwrap();
        apart("grounds", &probability(&Fast::new(&net), &plane, 1, WIDTH), &twin::probability(&net, &plane), 1e-5);
        let want = views::maps(&net, &search.frame, &search.masks, None).unwrap();
        let found = maps_of(&net, &search).unwrap();
        assert_eq!((found.len(), want.len()), (2, 2));
        for (found, want) in found.iter().zip(&want) {
            apart("gated", &found.plane, &want.plane, 1e-5);
            let closed = |map: &Plane| map.values.iter().filter(|chance| **chance == 0.0).count();
            assert_eq!(closed(&found.plane), closed(&want.plane));
            // More than half of the picture is quiet; random weights give no cell of the rest 0.
            let share = closed(&found.plane) as f64 / found.plane.values.len() as f64;
            assert!((0.5..0.95).contains(&share), "{share}");
        }
    }
}
