//! The network, plainly: one layer after the other over the whole picture, one product after the other. Both engines are compared
//! with it.

use super::{Layer, Net, Op, Plane};

/// A picture of several channels, channel by channel, row by row.
struct Picture {
    rows: usize,
    columns: usize,
    channels: Vec<Vec<f32>>,
}

impl Picture {
    /// A value, 0 outside the picture.
    fn at(&self, channel: usize, y: isize, x: isize) -> f32 {
        if y < 0 || x < 0 || y >= self.rows as isize || x >= self.columns as isize {
            return 0.0;
        }
        self.channels[channel][y as usize * self.columns + x as usize]
    }
}

/// The probability that there is text, for every cell of a view.
pub fn probability(net: &Net, view: &Plane) -> Plane {
    let head = run(net.layers(), filled(view, net.multiple()));
    let (rows, columns) = (view.rows.div_ceil(net.cell()), view.columns.div_ceil(net.cell()));
    let values = (0..rows).flat_map(|y| (0..columns).map(move |x| (y, x)));
    let values = values.map(|(y, x)| logistic(head.at(0, y as isize, x as isize))).collect();
    Plane { rows, columns, values }
}

/// What the last layer gives at its middle pixel, channel by channel; rows and columns of the view are multiples of its scale.
pub fn middle(layers: &[Layer], view: &Plane) -> Vec<f32> {
    let head = run(layers, filled(view, 1));
    let (y, x) = (head.rows / 2, head.columns / 2);
    (0..head.channels.len()).map(|channel| head.at(channel, y as isize, x as isize)).collect()
}

/// The last layer's output.
fn run(layers: &[Layer], filled: Picture) -> Picture {
    let mut pictures: Vec<Picture> = Vec::new();
    for layer in layers {
        let input = pictures.last().unwrap_or(&filled);
        let mut output = convolved(layer, input);
        if layer.upsample {
            output = upsampled(&output);
        }
        if let Some(other) = layer.add {
            // The network was checked: the other picture has this one's shape.
            for (sum, term) in output.channels.iter_mut().zip(&pictures[other].channels) {
                sum.iter_mut().zip(term).for_each(|(sum, term)| *sum += term);
            }
        }
        pictures.push(output);
    }
    pictures.pop().unwrap_or(filled)
}

/// From the head's number to a probability.
pub fn logistic(x: f32) -> f32 {
    1.0 / (1.0 + (-x.clamp(-80.0, 80.0)).exp())
}

/// The view with zeros at its right and bottom up to a multiple of `multiple`.
fn filled(view: &Plane, multiple: usize) -> Picture {
    let (rows, columns) = (view.rows.next_multiple_of(multiple), view.columns.next_multiple_of(multiple));
    let mut values = vec![0.0; rows * columns];
    for (y, row) in view.values.chunks_exact(view.columns).enumerate() {
        values[y * columns..y * columns + view.columns].copy_from_slice(row);
    }
    Picture { rows, columns, channels: vec![values] }
}

/// Convolution, bias and ReLU.
fn convolved(layer: &Layer, input: &Picture) -> Picture {
    let (rows, columns) = (input.rows / layer.stride, input.columns / layer.stride);
    let side = layer.op.side();
    let edge = match layer.op {
        Op::Conv3x3 => 1,
        Op::Conv1x1 => 0,
    };
    let channel = |out: usize| {
        let mut values = Vec::with_capacity(rows * columns);
        for y in 0..rows {
            for x in 0..columns {
                let mut sum = layer.biases[out];
                for inp in 0..layer.inputs {
                    for ky in 0..side {
                        for kx in 0..side {
                            let weight = layer.weights[((out * layer.inputs + inp) * side + ky) * side + kx];
                            let (from_y, from_x) = (y * layer.stride + ky, x * layer.stride + kx);
                            sum += weight * input.at(inp, from_y as isize - edge, from_x as isize - edge);
                        }
                    }
                }
                values.push(if layer.relu { sum.max(0.0) } else { sum });
            }
        }
        values
    };
    Picture { rows, columns, channels: (0..layer.outputs).map(channel).collect() }
}

/// Every pixel four times.
fn upsampled(input: &Picture) -> Picture {
    let (rows, columns) = (input.rows * 2, input.columns * 2);
    let channel = |values: &Vec<f32>| {
        let pixel = |i: usize| values[i / columns / 2 * input.columns + i % columns / 2];
        (0..rows * columns).map(pixel).collect()
    };
    Picture { rows, columns, channels: input.channels.iter().map(channel).collect() }
}
