// What every pass shares: the buffers, and how a workgroup finds the piece of work it belongs to. No operation on
// pixels lives here. The program puts the constants and the structs Block, Place and Span before this text; it makes
// them from the Rust declarations, so that both sides have one source.

// Whether a pipeline is made for colour frames or for grey ones: the work is sorted by it, so that grey frames, by far
// the most, pay neither registers nor branches for colour.
override COLOURED: bool;

// One frame's operations.
@group(0) @binding(0) var<storage, read> blocks: array<Block>;
// Where work lies.
@group(0) @binding(1) var<storage, read> places: array<Place>;
// Which places this dispatch works on.
@group(0) @binding(2) var<uniform> span: Span;
// Packed stored samples of the frames, as they lie in the host's memory.
@group(0) @binding(3) var<storage, read> samples: array<u32>;
// Boxes, lookup tables and resize weights; floats as their bits.
@group(0) @binding(4) var<storage, read> tables: array<u32>;
// Rows after the resize across: planes of stored rows x image columns.
@group(0) @binding(5) var<storage, read_write> resized: array<f32>;
// Tensors, packed.
@group(0) @binding(6) var<storage, read_write> tensors: array<u32>;
// Histograms.
@group(0) @binding(7) var<storage, read_write> bins: array<atomic<u32>>;

// Workgroups beyond what one dimension of a dispatch holds continue in the second.
fn group_index(group: vec3<u32>, groups: vec3<u32>) -> u32 {
    return group.y * groups.x + group.x;
}

// The place that a workgroup belongs to: the last one whose first_group is not above it. Workgroups after the end of
// the last place belong to it too and find nothing to do there.
fn place_of(group: u32) -> u32 {
    var low = span.first_place;
    var high = span.first_place + span.place_count;
    while (high - low > 1u) {
        let middle = (low + high) / 2u;
        if (places[middle].first_group <= group) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}
