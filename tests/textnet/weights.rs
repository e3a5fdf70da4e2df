//! Networks of random numbers in the format of weights.bin, and views with no symmetry. The shape is that of the trained
//! network, or any other.

use voxmill::pixel::textnet::Plane;

/// One row of the header: name, op, in, out, stride, relu, add, upsample.
pub type Row = (&'static str, &'static str, usize, usize, usize, bool, Option<&'static str>, bool);

/// The layers of the trained network.
pub const SHAPE: &[Row] = &[
    ("c0", "conv3x3", 1, 16, 2, true, None, false),
    ("c1", "conv3x3", 16, 16, 1, true, None, false),
    ("c2", "conv3x3", 16, 32, 2, true, None, false),
    ("c3", "conv3x3", 32, 32, 1, true, None, false),
    ("c5", "conv3x3", 32, 48, 2, true, None, false),
    ("c6", "conv3x3", 48, 48, 1, true, None, false),
    ("c7", "conv3x3", 48, 48, 1, true, None, false),
    ("c8", "conv3x3", 48, 64, 2, true, None, false),
    ("c9", "conv3x3", 64, 64, 1, true, None, false),
    ("c10", "conv3x3", 64, 64, 1, true, None, false),
    ("u0", "conv1x1", 64, 48, 1, false, Some("c7"), true),
    ("d0", "conv3x3", 48, 48, 1, true, None, false),
    ("u1", "conv1x1", 48, 32, 1, false, Some("c3"), true),
    ("d1", "conv3x3", 32, 32, 1, true, None, false),
    ("head", "conv1x1", 32, 1, 1, false, None, false),
];

/// A network that is small and awkward: channels that are no multiples of anything, a map at half the size, a sum without
/// upsampling, 1x1 with a stride.
pub const AWKWARD: &[Row] = &[
    ("a", "conv3x3", 1, 5, 2, true, None, false),
    ("b", "conv3x3", 5, 19, 2, false, None, false),
    ("c", "conv1x1", 19, 19, 1, true, Some("b"), false),
    ("d", "conv1x1", 19, 7, 2, true, None, false),
    ("e", "conv3x3", 7, 19, 1, false, Some("c"), true),
    ("f", "conv3x3", 19, 5, 1, true, Some("a"), true),
    ("g", "conv3x3", 5, 1, 1, false, None, false),
];

/// The file of a network with these layers and numbers.
pub fn file(rows: &[Row], mut number: impl FnMut(usize) -> f32) -> Vec<u8> {
    let row = |(name, op, inputs, outputs, stride, relu, add, upsample): &Row| {
        serde_json::json!({"name": name, "op": op, "in": inputs, "out": outputs, "stride": stride, "relu": relu,
            "add": add, "upsample": upsample})
    };
    let layers: Vec<_> = rows.iter().map(row).collect();
    let scale = rows.iter().fold(1, |scale, row| scale * row.4 / if row.7 { 2 } else { 1 });
    let postprocess = serde_json::json!({"cell": scale, "low": 0.35, "beside": 0.0, "high": 0.6, "least_cells": 3, "least_side": 1, "mean": 0.5,
        "mean_thick": 0.6, "thick": 18, "fill": 0.7, "min_split": 4, "grow": 1, "grow_share": 0.1, "grow_most": 8.0});
    let postprocess = serde_json::json!({"plain": postprocess, "relief": postprocess, "shrunk": postprocess});
    let header = serde_json::json!({"layers": layers, "postprocess": postprocess, "data": "random"});
    let mut numbers = Vec::new();
    for (_, op, inputs, outputs, ..) in rows {
        let fan_in = inputs * if *op == "conv3x3" { 9 } else { 1 };
        numbers.extend((0..fan_in * outputs).map(|_| number(fan_in)));
        numbers.extend((0..*outputs).map(|_| number(fan_in)));
    }
    packed(&header.to_string(), &numbers)
}

/// A file of this header and these numbers.
pub fn packed(header: &str, numbers: &[f32]) -> Vec<u8> {
    let mut header = header.as_bytes().to_vec();
    header.resize(header.len().next_multiple_of(4), b' ');
    let mut file = b"VXTN\x01\0\0\0".to_vec();
    file.extend_from_slice(&(header.len() as u32).to_le_bytes());
    file.extend_from_slice(&header);
    numbers.iter().for_each(|x| file.extend_from_slice(&half::f16::from_f32(*x).to_le_bytes()));
    file
}

/// Numbers between -1 and 1 in an order that looks random, the same every time.
pub fn chance(seed: u64) -> impl FnMut() -> f32 {
    let mut state = seed;
    move || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    }
}

/// Weights that keep the values of all layers near 1 (He et al. 2015: variance 2 / fan-in; ours are even, so sqrt(6 / n)).
pub fn random(rows: &[Row], seed: u64) -> Vec<u8> {
    let mut chance = chance(seed);
    file(rows, move |fan_in| chance() * (6.0 / fan_in as f32).sqrt())
}

/// A view with no symmetry: a ramp with a dent, and noise.
pub fn view(rows: usize, columns: usize) -> Plane {
    let mut chance = chance((rows * 70000 + columns) as u64);
    let at = |y: usize, x: usize| (y as f32 / rows as f32 + 2.0 * x as f32 / columns as f32) / 3.0;
    let dent = |y: usize, x: usize| if y < rows / 3 && x < columns / 4 { 0.3 } else { 0.0 };
    let mut values = Vec::with_capacity(rows * columns);
    for y in 0..rows {
        for x in 0..columns {
            values.push((at(y, x) + dent(y, x) + 0.2 * chance()).clamp(0.0, 1.0));
        }
    }
    Plane { rows, columns, values }
}
