//! The tiles of [`super::super::tiles`] with AVX2 and FMA: inputs to spots, sums over channels, spots to outputs. No closure and
//! no adapter in here, as in `wide`.

use super::super::lanes::{BLOCK, Lanes, WIDE};
use super::super::tiles::{LANES, Room, SIDE, SPOTS, TILE, Tiled};
use bytemuck::cast;
use std::arch::x86_64::*;

#[target_feature(enable = "avx2,fma")]
pub fn tiles(tiled: &Tiled, rows: [&[f32]; SIDE], tiles: &[usize], room: &mut Room, out: &mut [&mut [f32]]) {
    let count = tiles.len().next_multiple_of(WIDE);
    let mut i = 0;
    while i < tiles.len() {
        enter(tiled.inputs, &rows, tiles[i], &mut room.before[i * tiled.inputs..], count * tiled.inputs);
        i += 1;
    }
    sum(tiled, count, &room.before, &mut room.after);
    let mut i = 0;
    while i < tiles.len() {
        leave(tiled, &room.after[i * tiled.outputs..], count * tiled.outputs, tiles[i], out);
        i += 1;
    }
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn load(from: &[f32], at: usize) -> __m256 {
    match <&[f32; LANES]>::try_from(&from[at..at + LANES]) {
        Ok(lanes) => cast(*lanes),
        Err(_) => _mm256_setzero_ps(),
    }
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn store(to: &mut [f32], at: usize, value: __m256) {
    if let Ok(lanes) = <&mut [f32; LANES]>::try_from(&mut to[at..at + LANES]) {
        *lanes = cast(value);
    }
}

/// Six values along an axis to six spots.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn spread([a, b, c, d, e, f]: [__m256; SIDE]) -> [__m256; SIDE] {
    let (two, four, five) = (_mm256_set1_ps(2.0), _mm256_set1_ps(4.0), _mm256_set1_ps(5.0));
    let (db, ec) = (_mm256_sub_ps(d, b), _mm256_sub_ps(e, c));
    [
        _mm256_fmadd_ps(four, a, _mm256_fnmadd_ps(five, c, e)),
        _mm256_fnmadd_ps(four, _mm256_add_ps(b, c), _mm256_add_ps(d, e)),
        _mm256_fmadd_ps(four, _mm256_sub_ps(b, c), _mm256_sub_ps(e, d)),
        _mm256_fmadd_ps(two, db, ec),
        _mm256_fnmadd_ps(two, db, ec),
        _mm256_fmadd_ps(four, b, _mm256_fnmadd_ps(five, d, f)),
    ]
}

/// Six spots along an axis to four outputs.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn gathered([a, b, c, d, e, f]: [__m256; SIDE]) -> [__m256; TILE] {
    let (two, four, eight) = (_mm256_set1_ps(2.0), _mm256_set1_ps(4.0), _mm256_set1_ps(8.0));
    let (bc, de) = (_mm256_add_ps(b, c), _mm256_add_ps(d, e));
    let (b_c, d_e) = (_mm256_sub_ps(b, c), _mm256_sub_ps(d, e));
    [
        _mm256_add_ps(_mm256_add_ps(a, bc), de),
        _mm256_fmadd_ps(two, d_e, b_c),
        _mm256_fmadd_ps(four, de, bc),
        _mm256_add_ps(_mm256_fmadd_ps(eight, d_e, b_c), f),
    ]
}

/// The spots of a tile along its columns, of one column of inputs.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn column([a, b, c, d, e, f]: [&[f32]; SIDE], at: usize) -> [__m256; SIDE] {
    spread([load(a, at), load(b, at), load(c, at), load(d, at), load(e, at), load(f, at)])
}

/// The spots of a tile, `step` floats from one to the next.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn enter(inputs: usize, [a, b, c, d, e, f]: &[&[f32]; SIDE], tile: usize, spots: &mut [f32], step: usize) {
    let (from, to) = (tile * TILE * inputs, (tile * TILE + SIDE) * inputs);
    let rows = [&a[from..to], &b[from..to], &c[from..to], &d[from..to], &e[from..to], &f[from..to]];
    let mut channel = 0;
    while channel < inputs {
        let a = column(rows, channel);
        let b = column(rows, channel + inputs);
        let c = column(rows, channel + 2 * inputs);
        let d = column(rows, channel + 3 * inputs);
        let e = column(rows, channel + 4 * inputs);
        let f = column(rows, channel + 5 * inputs);
        let mut y = 0;
        while y < SIDE {
            let [p, q, r, s, t, u] = spread([a[y], b[y], c[y], d[y], e[y], f[y]]);
            let at = y * SIDE * step + channel;
            store(spots, at, p);
            store(spots, at + step, q);
            store(spots, at + 2 * step, r);
            store(spots, at + 3 * step, s);
            store(spots, at + 4 * step, t);
            store(spots, at + 5 * step, u);
            y += 1;
        }
        channel += LANES;
    }
}

/// For each spot, the sums over channels of all tiles.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn sum(tiled: &Tiled, count: usize, before: &[f32], after: &mut [f32]) {
    let (inputs, outputs) = (tiled.inputs, tiled.outputs);
    let mut spot = 0;
    while spot < SPOTS {
        let before = &before[spot * count * inputs..][..count * inputs];
        let after = &mut after[spot * count * outputs..][..count * outputs];
        let mut first = 0;
        while first < outputs {
            let weights = &tiled.weights[(spot * outputs + first) / BLOCK * inputs..][..inputs];
            let mut i = 0;
            while i < count {
                wide(weights, &before[i * inputs..][..WIDE * inputs], &mut after[i * outputs + first..], outputs);
                i += WIDE;
            }
            first += BLOCK;
        }
        spot += 1;
    }
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn add(sums: &mut [__m256; 2], input: f32, [low, high]: [__m256; 2]) {
    let input = _mm256_set1_ps(input);
    *sums = [_mm256_fmadd_ps(input, low, sums[0]), _mm256_fmadd_ps(input, high, sums[1])];
}

/// Six tiles times one block of outputs.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn wide(weights: &[Lanes], before: &[f32], after: &mut [f32], step: usize) {
    let run = weights.len();
    let (r0, rest) = before.split_at(run);
    let (r1, rest) = rest.split_at(run);
    let (r2, rest) = rest.split_at(run);
    let (r3, rest) = rest.split_at(run);
    let (r4, rest) = rest.split_at(run);
    let r5 = &rest[..run];
    let none = [_mm256_setzero_ps(); 2];
    let (mut s0, mut s1, mut s2, mut s3, mut s4, mut s5) = (none, none, none, none, none, none);
    let mut at = 0;
    while at < run {
        let weights: [__m256; 2] = cast(weights[at]);
        add(&mut s0, r0[at], weights);
        add(&mut s1, r1[at], weights);
        add(&mut s2, r2[at], weights);
        add(&mut s3, r3[at], weights);
        add(&mut s4, r4[at], weights);
        add(&mut s5, r5[at], weights);
        at += 1;
    }
    let sums = [s0, s1, s2, s3, s4, s5];
    let mut i = 0;
    while i < WIDE {
        store(after, i * step, sums[i][0]);
        store(after, i * step + LANES, sums[i][1]);
        i += 1;
    }
}

/// The outputs of a tile along its columns, of one column of spots.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn down(spots: &[f32], at: usize, step: usize) -> [__m256; TILE] {
    let row = SIDE * step;
    gathered([
        load(spots, at),
        load(spots, at + row),
        load(spots, at + 2 * row),
        load(spots, at + 3 * row),
        load(spots, at + 4 * row),
        load(spots, at + 5 * row),
    ])
}

/// The outputs of a tile.
#[inline]
#[target_feature(enable = "avx2,fma")]
fn leave(tiled: &Tiled, spots: &[f32], step: usize, tile: usize, out: &mut [&mut [f32]]) {
    let none = _mm256_setzero_ps();
    let mut channel = 0;
    while channel < tiled.outputs {
        let bias = load(&tiled.biases[channel / BLOCK], channel % BLOCK);
        let a = down(spots, channel, step);
        let b = down(spots, channel + step, step);
        let c = down(spots, channel + 2 * step, step);
        let d = down(spots, channel + 3 * step, step);
        let e = down(spots, channel + 4 * step, step);
        let f = down(spots, channel + 5 * step, step);
        let mut y = 0;
        while y < out.len() && y < TILE {
            let row = gathered([a[y], b[y], c[y], d[y], e[y], f[y]]);
            let mut x = 0;
            while x < TILE {
                let at = (tile * TILE + x) * tiled.outputs + channel;
                let value = _mm256_add_ps(row[x], bias);
                let value = if tiled.relu { _mm256_max_ps(value, none) } else { value };
                if at + LANES <= out[y].len() {
                    store(out[y], at, value);
                }
                x += 1;
            }
            y += 1;
        }
        channel += LANES;
    }
}
