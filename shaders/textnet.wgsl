// Textnet: one layer of the text finder. Twin: src/pixel/textnet/twin.rs.
//
// Formula: convolution with SIDE x SIDE weights and STRIDE, bias, ReLU, nearest upsampling, sum with an earlier layer.
// From space, to space: parts of pictures, each channel by channel and row by row, to the same.
// Edge cases: zeros around a part. Tolerance: 1e-3 on the probability, products are added in another order and fused.
//
// A workgroup makes 8 x 16 pixels of 16 outputs of one part: an implicit product of a matrix of weights with one of pixels.
// DEPTH inputs at a time are brought to workgroup memory with their weights; an invocation keeps 4 pixels x 8 outputs. The
// program puts SIDE, STRIDE and the struct Convolution before this text.

@group(0) @binding(0) var<storage, read> pictures: array<f32>;
// The earlier layer that is added; anything if none is.
@group(0) @binding(1) var<storage, read> terms: array<f32>;
// For each layer and block of 16 outputs: 16 weights for each input and place of its weights; the layer's biases after them.
@group(0) @binding(2) var<storage, read> weights: array<vec4<f32>>;
@group(0) @binding(3) var<uniform> layer: Convolution;
@group(0) @binding(4) var<storage, read_write> results: array<f32>;

const DEPTH: u32 = 4u;
const LANES: u32 = 64u;
const TILE_ROWS: u32 = 8u;
const TILE_COLUMNS: u32 = 16u;
const SEEN_ROWS: u32 = (TILE_ROWS - 1u) * STRIDE + SIDE;
const SEEN_COLUMNS: u32 = (TILE_COLUMNS - 1u) * STRIDE + SIDE;
const PLACES: u32 = SIDE * SIDE;
// Words of 4 weights in a block of 16 outputs.
const WORDS: u32 = 4u;

var<workgroup> seen: array<f32, DEPTH * SEEN_ROWS * SEEN_COLUMNS>;
var<workgroup> factors: array<vec4<f32>, DEPTH * PLACES * WORDS>;

// Brings the pixels under the workgroup's tile, of some inputs from `first` on.
fn bring_pixels(lane: u32, part: u32, first: u32, depth: u32, top: i32, left: i32) {
    for (var i = lane; i < depth * SEEN_ROWS * SEEN_COLUMNS; i += LANES) {
        let input = first + i / (SEEN_ROWS * SEEN_COLUMNS);
        let y = top + i32(i / SEEN_COLUMNS % SEEN_ROWS);
        let x = left + i32(i % SEEN_COLUMNS);
        var pixel = 0.0;
        if (y >= 0 && x >= 0 && y < i32(layer.rows) && x < i32(layer.columns)) {
            let row = (part * layer.inputs + input) * layer.rows + u32(y);
            pixel = pictures[row * layer.columns + u32(x)];
        }
        seen[i] = pixel;
    }
}

// Four pixels of the output, their inputs `STRIDE` apart.
fn four(at: u32) -> vec4<f32> {
    return vec4<f32>(seen[at], seen[at + STRIDE], seen[at + 2u * STRIDE], seen[at + 3u * STRIDE]);
}

// A column for each pixel, a row for each output.
fn products(outputs: vec4<f32>, pixels: vec4<f32>) -> mat4x4<f32> {
    return mat4x4<f32>(outputs * pixels.x, outputs * pixels.y, outputs * pixels.z, outputs * pixels.w);
}

fn put_one(channel: u32, row: u32, column: u32, rows: u32, columns: u32, value: f32) {
    let at = (channel * rows + row) * columns + column;
    var sum = value;
    if (layer.add == 1u) {
        sum += terms[at];
    }
    results[at] = sum;
}

// Four outputs of one pixel.
fn put(part: u32, output: u32, y: u32, x: u32, values: vec4<f32>) {
    if (y >= layer.out_rows || x >= layer.out_columns) {
        return;
    }
    let limited = select(values, max(values, vec4<f32>(0.0)), layer.relu == 1u);
    for (var i = 0u; i < min(4u, layer.outputs - min(output, layer.outputs)); i++) {
        let channel = part * layer.outputs + output + i;
        if (layer.upsample == 0u) {
            put_one(channel, y, x, layer.out_rows, layer.out_columns, limited[i]);
        } else {
            let rows = 2u * layer.out_rows;
            let columns = 2u * layer.out_columns;
            put_one(channel, 2u * y, 2u * x, rows, columns, limited[i]);
            put_one(channel, 2u * y, 2u * x + 1u, rows, columns, limited[i]);
            put_one(channel, 2u * y + 1u, 2u * x, rows, columns, limited[i]);
            put_one(channel, 2u * y + 1u, 2u * x + 1u, rows, columns, limited[i]);
        }
    }
}

@compute @workgroup_size(LANES)
fn textnet_pass(
    @builtin(workgroup_id) group: vec3<u32>,
    @builtin(num_workgroups) groups: vec3<u32>,
    @builtin(local_invocation_index) lane: u32,
) {
    let index = group.y * groups.x + group.x;
    let tiles_across = (layer.out_columns + TILE_COLUMNS - 1u) / TILE_COLUMNS;
    let tiles = tiles_across * ((layer.out_rows + TILE_ROWS - 1u) / TILE_ROWS);
    let blocks = (layer.outputs + 15u) / 16u;
    let tile = index % tiles;
    let block = index / tiles % blocks;
    // Workgroups after the last part find nothing to do; all invocations of one are told so alike.
    let part = index / tiles / blocks;
    if (part >= layer.parts) {
        return;
    }
    let top = tile / tiles_across * TILE_ROWS;
    let left = tile % tiles_across * TILE_COLUMNS;
    let half_word = lane % 2u * 2u;
    let row = lane / 8u;
    let column = lane / 2u % 4u * 4u;
    let biases = layer.biases_at + block * WORDS + half_word;
    let low_bias = weights[biases];
    let high_bias = weights[biases + 1u];
    var low = mat4x4<f32>(low_bias, low_bias, low_bias, low_bias);
    var high = mat4x4<f32>(high_bias, high_bias, high_bias, high_bias);
    for (var first = 0u; first < layer.inputs; first += DEPTH) {
        let depth = min(DEPTH, layer.inputs - first);
        workgroupBarrier();
        let edge = i32(SIDE / 2u);
        bring_pixels(lane, part, first, depth, i32(top * STRIDE) - edge, i32(left * STRIDE) - edge);
        let words = layer.weights_at + (block * layer.inputs + first) * PLACES * WORDS;
        for (var i = lane; i < depth * PLACES * WORDS; i += LANES) {
            factors[i] = weights[words + i];
        }
        workgroupBarrier();
        for (var k = 0u; k < depth * SIDE; k++) {
            let at = ((k / SIDE) * SEEN_ROWS + row * STRIDE + k % SIDE) * SEEN_COLUMNS + column * STRIDE;
            let word = k * SIDE * WORDS + half_word;
            let pixels = four(at);
            low += products(factors[word], pixels);
            high += products(factors[word + 1u], pixels);
            if (SIDE == 3u) {
                let second = four(at + 1u);
                low += products(factors[word + 4u], second);
                high += products(factors[word + 5u], second);
                let third = four(at + 2u);
                low += products(factors[word + 8u], third);
                high += products(factors[word + 9u], third);
            }
        }
    }
    let output = block * 16u + half_word * 4u;
    put(part, output, top + row, left + column, low[0]);
    put(part, output, top + row, left + column + 1u, low[1]);
    put(part, output, top + row, left + column + 2u, low[2]);
    put(part, output, top + row, left + column + 3u, low[3]);
    put(part, output + 4u, top + row, left + column, high[0]);
    put(part, output + 4u, top + row, left + column + 1u, high[1]);
    put(part, output + 4u, top + row, left + column + 2u, high[2]);
    put(part, output + 4u, top + row, left + column + 3u, high[3]);
}
