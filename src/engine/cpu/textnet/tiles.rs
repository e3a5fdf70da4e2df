//! 3x3 convolutions in tiles of 4 x 4 outputs (Winograd's minimal filtering F(4x4, 3x3)): 36 products for each pair of channels
//! where the sum itself takes 144. A tile of 6 x 6 inputs becomes 36 spots, each spot is a sum over channels, and the 36
//! sums become 4 x 4 outputs. Tiles lie at multiples of 4 of the layer's rows and columns, whatever is searched.
//!
//! In a tile of one value the spot (1, 1) alone is not 0, and all outputs are the same number to the last bit: [`super::levels`]
//! stands on that. Processors without AVX2 and FMA take [`super::lanes`] for all layers.

use super::avx2;
use super::lanes::{BLOCK, Lanes, WIDE};
use crate::pixel::textnet::{Layer, Op};

/// Outputs along a side of a tile.
pub const TILE: usize = 4;
/// Inputs along a side of a tile.
pub const SIDE: usize = TILE + 2;
/// Spots of a tile.
pub const SPOTS: usize = SIDE * SIDE;
/// Tiles that are computed together: their spots and the weights of one fit into the first caches.
pub const TOGETHER: usize = 2 * WIDE;
/// Inputs that are turned into spots together: one register.
pub const LANES: usize = 8;

/// Weights of three taps for each of six spots.
const SPREAD: [[f64; 3]; SIDE] = [
    [1.0 / 4.0, 0.0, 0.0],
    [-1.0 / 6.0, -1.0 / 6.0, -1.0 / 6.0],
    [-1.0 / 6.0, 1.0 / 6.0, -1.0 / 6.0],
    [1.0 / 24.0, 1.0 / 12.0, 1.0 / 6.0],
    [1.0 / 24.0, -1.0 / 12.0, 1.0 / 6.0],
    [0.0, 0.0, 1.0],
];

/// The numbers of a layer in the order in which tiles read them.
pub struct Tiled {
    /// For each spot: for each block of outputs and each input, the weights of the block's outputs.
    pub weights: Vec<Lanes>,
    /// For each block of outputs.
    pub biases: Vec<Lanes>,
    /// Channels that go in, a multiple of [`LANES`].
    pub inputs: usize,
    /// Channels that come out, a multiple of [`BLOCK`].
    pub outputs: usize,
    /// Whether what is below 0 becomes 0.
    pub relu: bool,
}

/// Room for the spots of the tiles that are computed together, before and after the sums.
#[derive(Default)]
pub struct Room {
    /// Spot by spot, tile by tile, input by input.
    pub before: Vec<f32>,
    /// Spot by spot, tile by tile, output by output.
    pub after: Vec<f32>,
}

impl Tiled {
    /// Sorts the numbers of a layer, if it can be computed so: plain 3x3 weights on whole registers, on a processor that has them, not so
    /// small that a tile reaches over more of the view than it is worth.
    pub fn new(layer: &Layer) -> Option<Self> {
        let plain = layer.op == Op::Conv3x3 && layer.stride == 1 && !layer.upsample;
        let whole = layer.inputs.is_multiple_of(LANES) && layer.outputs.is_multiple_of(BLOCK);
        if !(plain && whole && layer.scale <= 16 && avx2::able()) {
            return None;
        }
        let (inputs, outputs) = (layer.inputs, layer.outputs);
        let spot = |down: &[f64; 3], across: &[f64; 3], out: usize, input: usize| {
            let taps = &layer.weights[(out * inputs + input) * 9..][..9];
            let rows = taps.chunks_exact(3).zip(down);
            let row = |taps: &[f32]| taps.iter().zip(across).map(|(tap, part)| f64::from(*tap) * part).sum::<f64>();
            rows.map(|(taps, part)| row(taps) * part).sum::<f64>() as f32
        };
        let mut weights = Vec::with_capacity(SPOTS * inputs * outputs / BLOCK);
        for (down, across) in SPREAD.iter().flat_map(|down| SPREAD.iter().map(move |across| (down, across))) {
            for first in (0..outputs).step_by(BLOCK) {
                let lanes = |input: usize| std::array::from_fn(|lane| spot(down, across, first + lane, input));
                weights.extend((0..inputs).map(lanes));
            }
        }
        let biases = layer.biases.as_chunks::<BLOCK>().0.to_vec();
        Some(Self { weights, biases, inputs, outputs, relu: layer.relu })
    }

    /// Computes tiles, by their numbers from the left, of the rows `out` from six rows of the input (a pixel of zeros before the first, and zeros after
    /// the last up to whole tiles and one pixel more). `out` are up to four rows that begin with their first pixel and end with their last one.
    pub fn tiles(&self, rows: [&[f32]; SIDE], tiles: &[usize], room: &mut Room, out: &mut [&mut [f32]]) {
        for tiles in tiles.chunks(TOGETHER) {
            // Whole tiles of registers; what the last ones hold is of no use.
            let count = tiles.len().next_multiple_of(WIDE);
            for (room, channels) in [(&mut room.before, self.inputs), (&mut room.after, self.outputs)] {
                room.resize(room.len().max(SPOTS * count * channels), 0.0);
            }
            avx2::tiles(self, rows, tiles, room, out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::lanes::Packed;
    use super::*;

    fn layer(weight: impl Fn(usize) -> f32) -> Layer {
        Layer {
            op: Op::Conv3x3,
            inputs: 16,
            outputs: 32,
            stride: 1,
            relu: true,
            upsample: false,
            add: None,
            scale: 4,
            weights: (0..16 * 32 * 9).map(weight).collect(),
            biases: (0..32).map(|i| i as f32 / 64.0).collect(),
        }
    }

    /// Numbers between -1 and 1 without order.
    fn number(i: usize) -> f32 {
        (i.wrapping_mul(2_654_435_761) >> 7 & 1023) as f32 / 512.0 - 1.0
    }

    #[test]
    fn a_tile_is_what_the_sum_gives_and_of_one_value_the_same_everywhere() {
        let layer = layer(|i| number(i) / 8.0);
        let Some(tiled) = Tiled::new(&layer) else {
            // A processor without AVX2 has no tiles.
            assert!(!avx2::able());
            return;
        };
        // Two tiles of which the second is cut off after three pixels: 7 columns, a pixel of zeros before and, up to whole tiles, after them.
        let (columns, sums) = (7, Packed::new(&layer));
        let made = |value: &dyn Fn(usize) -> f32| {
            let pixel = |y: usize, at: usize| {
                let inside = (16..16 * (columns + 1)).contains(&at);
                if inside { value(y * 1000 + at) } else { 0.0 }
            };
            let rows: Vec<Vec<f32>> = (0..SIDE).map(|y| (0..160).map(|at| pixel(y, at)).collect()).collect();
            let mut out = vec![vec![0.0; columns * 32]; TILE];
            let mut slices: Vec<&mut [f32]> = out.iter_mut().map(Vec::as_mut_slice).collect();
            let six = std::array::from_fn(|y| rows[y].as_slice());
            tiled.tiles(six, &[0, 1], &mut Room::default(), &mut slices);
            (rows, out)
        };
        let (rows, out) = made(&number);
        let mut compared = 0;
        for (y, out) in out.iter().enumerate() {
            let three: Vec<&[f32]> = rows[y..y + 3].iter().map(Vec::as_slice).collect();
            let mut want = vec![0.0; columns * 32];
            sums.row(&three, 0..columns, &mut want);
            for (found, want) in out.iter().zip(&want) {
                assert!((found - want).abs() < 2e-5, "{found} is not {want}");
                compared += 1;
            }
        }
        assert_eq!(compared, 4 * 7 * 32);
        // A tile of one value: one pixel, to the last bit.
        let row = vec![0.3; SIDE * 16];
        let mut whole = vec![vec![0.0; TILE * 32]; TILE];
        let mut slices: Vec<&mut [f32]> = whole.iter_mut().map(Vec::as_mut_slice).collect();
        tiled.tiles([&row; SIDE], &[0], &mut Room::default(), &mut slices);
        for pixel in whole.iter().flat_map(|row| row.chunks_exact(32)) {
            assert_eq!(pixel, &whole[0][..32]);
        }
    }
}
