//! The network as its file describes it: layers in their order and the numbers of each. What a layer does to a picture is
//! in [`super::twin`].
//!
//! `weights.bin` (and `marks.bin`, [`super::marks`]), little endian: `VXTN`, version 1 (u32), length of the header (u32), the header (JSON, filled up with spaces
//! to whole words), and for each layer its weights as f16 `[out][in][ky][kx]` and its biases as f16 `[out]`. The header
//! names the layers and what boxes are made by; what else stands in it (where the weights come from) is for readers.

use super::rules::RuleSet;
use crate::error::{Fault, Result};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::ops::Range;

/// What a layer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Op {
    /// A convolution with 3x3 weights for each pair of channels, zeros around the picture.
    Conv3x3,
    /// A sum over channels.
    Conv1x1,
}

impl Op {
    /// Rows and columns of the weights.
    pub const fn side(self) -> usize {
        match self {
            Op::Conv3x3 => 3,
            Op::Conv1x1 => 1,
        }
    }
}

/// One layer. Its input is the output of the layer before it, the first one's the view.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// What it does.
    pub op: Op,
    /// Channels that go in.
    pub inputs: usize,
    /// Channels that come out.
    pub outputs: usize,
    /// 1, or 2 to halve rows and columns.
    pub stride: usize,
    /// Whether what is below 0 becomes 0, after the bias.
    pub relu: bool,
    /// Whether each pixel is repeated to 2x2, after that.
    pub upsample: bool,
    /// Which earlier layer's output is added at the end.
    pub add: Option<usize>,
    /// Columns of the view for one column of the output.
    pub scale: usize,
    /// `[out][in][ky][kx]`.
    pub weights: Vec<f32>,
    /// `[out]`.
    pub biases: Vec<f32>,
}

impl Layer {
    /// Which places along one axis of the input a place of the output is made of; the input has `length` places.
    pub fn needs(&self, place: usize, length: usize) -> Range<usize> {
        let place = if self.upsample { place / 2 } else { place } * self.stride;
        match self.op {
            Op::Conv3x3 => place.saturating_sub(1)..(place + 2).min(length),
            Op::Conv1x1 => place..(place + 1).min(length),
        }
    }
}

/// The network. Made only by [`Net::read`], so that its layers fit together.
#[derive(Clone, Debug, PartialEq)]
pub struct Net {
    layers: Vec<Layer>,
    multiple: usize,
    rules: RuleSet,
}

/// Most layers.
const LAYERS: usize = 64;
/// Most channels of a layer.
const CHANNELS: usize = 512;
/// Most bytes of the header.
const HEADER: usize = 1 << 20;
/// The smallest scale: 1/32 of the picture's rows and columns.
const SCALE: usize = 32;
/// Most rows and columns of the picture that one value of the map may stand for.
const CELL: usize = 8;

#[derive(Deserialize)]
struct Header<R> {
    layers: Vec<Row>,
    #[serde(flatten)]
    rest: R,
}

#[derive(Deserialize)]
struct Finding {
    postprocess: RuleSet,
}

#[derive(Deserialize)]
struct Row {
    name: String,
    op: Op,
    #[serde(rename = "in")]
    inputs: usize,
    #[serde(rename = "out")]
    outputs: usize,
    stride: usize,
    relu: bool,
    add: Option<String>,
    upsample: bool,
}

pub(super) fn broken(cause: &'static str) -> Fault {
    Fault::bug("weights.bin", cause)
}

impl Net {
    /// Reads a network. A fault of kind Bug for anything that is not one: the file is part of the program.
    pub fn read(file: &[u8]) -> Result<Self> {
        let (layers, rest) = read::<Finding>(file)?;
        if !layers.last().is_some_and(|head| head.outputs == 1 && head.scale <= CELL) {
            return Err(broken("the last layer gives one channel at an eighth of the size or more"));
        }
        let multiple = layers.iter().map(|layer| layer.scale).max().unwrap_or(1);
        let net = Self { layers, multiple, rules: rest.postprocess };
        net.rules.check(net.cell())?;
        Ok(net)
    }

    /// The layers in the order in which they run, at least one.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// Rows and columns of a view are filled up to a multiple of this.
    pub fn multiple(&self) -> usize {
        self.multiple
    }

    /// Rows and columns of the view that one value of the map stands for.
    pub fn cell(&self) -> usize {
        self.layers.last().map_or(1, |head| head.scale)
    }

    /// How boxes are made of the map.
    pub fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// What each stage (the view, then the layers) must have for the map's places `map` (at least one) along an axis of
    /// `length` pixels, a multiple of [`Net::multiple`]; of each layer whole groups of `side` places.
    pub fn reach(&self, map: Range<usize>, length: usize, side: &dyn Fn(usize) -> usize) -> Vec<Range<usize>> {
        let mut reach: Vec<Option<Range<usize>>> = vec![None; self.layers.len() + 1];
        let join = |range: &mut Option<Range<usize>>, more: Range<usize>| {
            let known = range.take().unwrap_or(more.clone());
            *range = Some(known.start.min(more.start)..known.end.max(more.end));
        };
        join(&mut reach[self.layers.len()], map);
        for (index, layer) in self.layers.iter().enumerate().rev() {
            let Some(own) = reach[index + 1].clone() else { continue };
            let (side, own_length) = (side(index), length / layer.scale);
            let own = own.start / side * side..own.end.next_multiple_of(side).min(own_length);
            reach[index + 1] = Some(own.clone());
            let length = length / index.checked_sub(1).map_or(1, |before| self.layers[before].scale);
            join(&mut reach[index], layer.needs(own.start, length).start..layer.needs(own.end - 1, length).end);
            if let Some(other) = layer.add {
                join(&mut reach[other + 1], own);
            }
        }
        // Every layer is read by the next one.
        reach.into_iter().map(Option::unwrap_or_default).collect()
    }

    /// How far a cell of the map looks beyond its own pixels, at most; a multiple of [`Net::multiple`].
    pub fn halo(&self) -> usize {
        let (multiple, cell) = (self.multiple, self.cell());
        // In the middle of an axis that no one sees the ends of: a layer looks at most three of its own pixels far.
        let middle = 4 * multiple * self.layers.len();
        let beyond = |place: usize| {
            let view = self.reach(place..place + 1, 2 * middle, &|_| 1)[0].clone();
            (place * cell - view.start.min(place * cell)).max(view.end.saturating_sub((place + 1) * cell))
        };
        let halo = (middle / cell..(middle + multiple) / cell).map(beyond).max();
        halo.unwrap_or(0).next_multiple_of(multiple)
    }

    /// Multiplications for one pixel of the view.
    pub fn products(&self) -> f64 {
        let of = |layer: &Layer| {
            let scale = if layer.upsample { layer.scale * 2 } else { layer.scale };
            layer.weights.len() as f64 / (scale * scale) as f64
        };
        self.layers.iter().map(of).sum()
    }
}

/// The layers of a file, at least one, and what else its header says. A fault of kind Bug if that does not fit together.
pub(super) fn read<R: DeserializeOwned>(file: &[u8]) -> Result<(Vec<Layer>, R)> {
    let word = |at: usize| file.get(at..at + 4).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes);
    if file.get(..4) != Some(b"VXTN") || word(4) != Some(1) {
        return Err(broken("not a network of version 1"));
    }
    let length = word(8).map_or(usize::MAX, |length| length as usize);
    if length > HEADER || length % 4 != 0 {
        return Err(broken("the header has no possible length"));
    }
    let text = file.get(12..12 + length).ok_or_else(|| broken("the header is cut off"))?;
    let header: Header<R> = serde_json::from_slice(text).map_err(|_| broken("the header cannot be read"))?;
    let (numbers, []) = file.get(12 + length..).unwrap_or_default().as_chunks::<2>() else {
        return Err(broken("half a number at the end"));
    };
    let mut numbers = numbers.iter().map(|bytes| half::f16::from_le_bytes(*bytes).to_f32());
    let layers = layers(&header.layers, &mut numbers)?;
    if numbers.next().is_some() {
        return Err(broken("more numbers than the layers have"));
    }
    Ok((layers, header.rest))
}

/// Checks that the rows fit together and gives each its numbers.
fn layers(rows: &[Row], numbers: &mut impl Iterator<Item = f32>) -> Result<Vec<Layer>> {
    if rows.is_empty() || rows.len() > LAYERS {
        return Err(broken("expected 1 to 64 layers"));
    }
    let mut layers: Vec<Layer> = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let (channels, scale) = layers.last().map_or((1, 1), |layer| (layer.outputs, layer.scale));
        let earlier = rows.get(..index).unwrap_or_default();
        if earlier.iter().any(|other| other.name == row.name) {
            return Err(broken("two layers have one name"));
        }
        if row.inputs != channels || !(1..=CHANNELS).contains(&row.outputs) {
            return Err(broken("the channels of two layers do not fit"));
        }
        if !matches!(row.stride, 1 | 2) {
            return Err(broken("a stride is 1 or 2"));
        }
        let scale = scale * row.stride;
        if scale > SCALE || (row.upsample && scale % 2 != 0) {
            return Err(broken("a layer is too small or larger than the picture"));
        }
        let scale = if row.upsample { scale / 2 } else { scale };
        let add = match &row.add {
            None => None,
            Some(name) => {
                let place = earlier.iter().position(|other| other.name == *name);
                let fits = |place: &usize| {
                    layers.get(*place).is_some_and(|other| other.outputs == row.outputs && other.scale == scale)
                };
                Some(place.filter(fits).ok_or_else(|| broken("a sum with a layer that does not fit"))?)
            }
        };
        let count = row.outputs * row.inputs * row.op.side() * row.op.side();
        let weights: Vec<f32> = numbers.take(count).collect();
        let biases: Vec<f32> = numbers.take(row.outputs).collect();
        if weights.len() != count || biases.len() != row.outputs {
            return Err(broken("fewer numbers than the layers have"));
        }
        if weights.iter().chain(&biases).any(|number| !number.is_finite()) {
            return Err(broken("a weight that is no number"));
        }
        let (op, inputs, outputs, stride) = (row.op, row.inputs, row.outputs, row.stride);
        layers.push(Layer {
            op,
            inputs,
            outputs,
            stride,
            relu: row.relu,
            upsample: row.upsample,
            add,
            scale,
            weights,
            biases,
        });
    }
    Ok(layers)
}
