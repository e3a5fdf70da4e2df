// Stats: how often each value occurs. Twin: src/pixel/stats.rs, which also derives everything from the counts.
//
// Formula: bin = stored - least value of the type; colour floor(x 255 + 0.5).
// From space, to space: stored values (colour: converted values in 256 steps, one histogram for each plane) to counts.
// Edge cases: masked pixels are not counted; padding is, the host takes it out. Only integers of up to 16 bits.
// Tolerance: none for grey; colour at a border of two steps may count in either.

// The bin of a converted colour value.
fn step_of(unit: f32) -> u32 {
    return u32(floor(unit * 255.0 + 0.5));
}

// The bin of a stored integer in the histogram of its type.
fn bin_of(sample_type: u32, stored: i32) -> u32 {
    switch (sample_type) {
        case SAMPLE_I8: {
            return u32(stored + i32(BINS_SMALL / 2u));
        }
        case SAMPLE_I16: {
            return u32(stored + i32(BINS / 2u));
        }
        default: {
            return u32(stored);
        }
    }
}

// Counts RUN neighbouring pixels. Runs of equal values (background) are added at once: one atomic addition, not RUN.
fn count_run(block: Block, place: Place, start: u32, end: u32) {
    let columns = block.columns;
    let size = sample_bytes(block.sample_type);
    let planes = select(1u, block.planes, COLOURED);
    var last = vec3<u32>(0u);
    var runs = vec3<u32>(0u);
    for (var i = start; i < end; i++) {
        let x = i % columns;
        let y = place.first_row + i / columns;
        if (masked(block, place.boxes_at, x, y)) {
            continue;
        }
        var found = vec3<u32>(0u);
        if (!COLOURED) {
            let sample_type = block.sample_type;
            found.x = bin_of(sample_type, unpack(sample_type, place.source_byte + i * size));
        } else {
            let unit = colours(block, place, i);
            found = vec3<u32>(step_of(unit.x), step_of(unit.y), step_of(unit.z));
        }
        for (var plane = 0u; plane < planes; plane++) {
            if (found[plane] != last[plane] && runs[plane] > 0u) {
                atomicAdd(&bins[place.bins_at + plane * BINS_SMALL + last[plane]], runs[plane]);
                runs[plane] = 0u;
            }
            last[plane] = found[plane];
            runs[plane]++;
        }
    }
    for (var plane = 0u; plane < planes; plane++) {
        if (runs[plane] > 0u) {
            atomicAdd(&bins[place.bins_at + plane * BINS_SMALL + last[plane]], runs[plane]);
        }
    }
}
