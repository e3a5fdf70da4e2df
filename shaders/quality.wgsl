// Quality: the sums of a survey. Twin: src/pixel/quality.rs; how they lie in the buffer: src/pixel/quality/packed.rs.
//
// Formula: see the twin's Sums; every term is an integer, squares and sums have 64 bits in two words.
// From space, to space: stored values to steps (stored value less the lowest usable one) to sums.
// Edge cases: masked pixels, padding and what lies outside of the frame is not usable; the frame lies in one window.
// Tolerance: none: integers added in any order.

// The step of a pixel, or -1 if it is not usable.
fn step_at(block: Block, place: Place, x: i32, y: i32) -> i32 {
    if (x < 0 || y < 0 || x >= i32(block.columns) || y >= i32(block.rows)) {
        return -1;
    }
    if (masked(block, place.boxes_at, u32(x), u32(y))) {
        return -1;
    }
    let size = sample_bytes(block.sample_type);
    let stored = unpack(block.sample_type, place.source_byte + (u32(y) * block.columns + u32(x)) * size);
    if (padding(block, stored)) {
        return -1;
    }
    return stored - block.quality_origin;
}

// A square in two words; the number is below 2^20.
fn square(value: i32) -> vec2<u32> {
    let m = u32(abs(value));
    let h = m >> 10u;
    let l = m & 1023u;
    let rest = ((2u * h * l) << 10u) + l * l;
    let low = ((h * h) << 20u) + rest;
    return vec2<u32>(low, ((h * h) >> 12u) + select(0u, 1u, low < rest));
}

fn plus(a: vec2<u32>, b: vec2<u32>) -> vec2<u32> {
    let low = a.x + b.x;
    return vec2<u32>(low, a.y + b.y + select(0u, 1u, low < a.x));
}

// A number of either sign in two words.
fn wide(value: i32) -> vec2<u32> {
    return vec2<u32>(bitcast<u32>(value), select(0u, 0xffffffffu, value < 0));
}

// Adds to the two words at `at`; whoever overflows the lower one carries.
fn add_to(at: u32, value: vec2<u32>) {
    if (value.x == 0u && value.y == 0u) {
        return;
    }
    let before = atomicAdd(&bins[at], value.x);
    let high = value.y + select(0u, 1u, before + value.x < before);
    if (high != 0u) {
        atomicAdd(&bins[at + 1u], high);
    }
}

// Where the bends begin: behind rows, columns and cells.
fn bends_from(block: Block) -> u32 {
    return ROWS_AT + 5u * block.rows + 3u * (block.columns + CELLS * CELLS);
}

// The facts of one row of a run.
fn end_row(block: Block, place: Place, y: u32, row: vec4<u32>, down: vec2<u32>, bend: vec2<i32>) {
    if (row.x > 0u) {
        let at = place.bins_at + ROWS_AT + 5u * y;
        atomicAdd(&bins[at], row.x);
        // The lowest as the highest of its complement: the buffer begins cleared.
        atomicMax(&bins[at + 1u], BINS - row.y);
        atomicMax(&bins[at + 2u], row.z);
        add_to(at + 3u, vec2<u32>(row.w, 0u));
    }
    if (bend.y > 0) {
        let at = place.bins_at + bends_from(block) + 3u * y;
        add_to(at, wide(bend.x));
        atomicAdd(&bins[at + 2u], u32(bend.y));
    }
    if (down.y > 0u) {
        let at = place.bins_at + DOWN_AT + 4u * (y % BLOCK_SIDE);
        add_to(at, vec2<u32>(down.x, 0u));
        add_to(at + 2u, vec2<u32>(down.y, 0u));
    }
}

// Surveys RUN neighbouring pixels.
fn survey_run(block: Block, place: Place, start: u32, end: u32) {
    var scalars: array<vec2<u32>, 10>;
    var across: array<vec2<u32>, 8>;
    var row = vec4<u32>(0u, BINS, 0u, 0u);
    var down = vec2<u32>(0u);
    var bend = vec2<i32>(0);
    var last_row = start / block.columns;
    let cells_at = place.bins_at + ROWS_AT + 5u * block.rows + 3u * block.columns;
    for (var i = start; i < end; i++) {
        let x = i32(i % block.columns);
        let y = i32(i / block.columns);
        if (u32(y) != last_row) {
            end_row(block, place, last_row, row, down, bend);
            row = vec4<u32>(0u, BINS, 0u, 0u);
            down = vec2<u32>(0u);
            bend = vec2<i32>(0);
            last_row = u32(y);
        }
        let here = step_at(block, place, x, y);
        if (here < 0) {
            continue;
        }
        let step = u32(here);
        row = vec4<u32>(row.x + 1u, min(row.y, step), max(row.z, step), row.w + step);
        if (u32(y) % block.quality_stride != block.quality_stride / 2u) {
            continue;
        }
        let column = place.bins_at + ROWS_AT + 5u * block.rows + 3u * u32(x);
        let cell = cells_at + 3u * ((u32(y) * CELLS / block.rows) * CELLS + u32(x) * CELLS / block.columns);
        add_to(column, vec2<u32>(step, 0u));
        atomicAdd(&bins[column + 2u], 1u);
        add_to(cell, vec2<u32>(step, 0u));
        atomicAdd(&bins[cell + 2u], 1u);
        let cap = block.quality_cap;
        let n = step_at(block, place, x, y - 1);
        let w = step_at(block, place, x - 1, y);
        let e = step_at(block, place, x + 1, y);
        let s = step_at(block, place, x, y + 1);
        if (min(n, s) >= 0) {
            bend += vec2<i32>(clamp(n - 2 * here + s, -cap, cap), 1);
        }
        if (min(w, e) >= 0) {
            let at = place.bins_at + bends_from(block) + 3u * (block.rows + u32(x));
            add_to(at, wide(clamp(w - 2 * here + e, -cap, cap)));
            atomicAdd(&bins[at + 2u], 1u);
        }
        if (step < block.quality_low || step > block.quality_high) {
            continue;
        }
        let nw = step_at(block, place, x - 1, y - 1);
        let ne = step_at(block, place, x + 1, y - 1);
        let sw = step_at(block, place, x - 1, y + 1);
        let se = step_at(block, place, x + 1, y + 1);
        if (min(min(min(nw, n), min(ne, w)), min(min(e, sw), min(s, se))) >= 0) {
            let laplace = 4 * here - (n + s + w + e);
            let right = (ne + 2 * e + se) - (nw + 2 * w + sw);
            let below = (sw + 2 * s + se) - (nw + 2 * n + ne);
            let noise = (nw + ne + sw + se) - 2 * (n + s + w + e) + 4 * here;
            scalars[0] = plus(scalars[0], vec2<u32>(1u, 0u));
            scalars[1] = plus(scalars[1], wide(laplace));
            scalars[2] = plus(scalars[2], square(laplace));
            scalars[3] = plus(scalars[3], plus(square(right), square(below)));
            scalars[4] = plus(scalars[4], vec2<u32>(u32(abs(noise)), 0u));
            let place_across = u32(x) % BLOCK_SIDE;
            across[place_across] = across[place_across] + vec2<u32>(u32(min(abs(e - here), cap)), 1u);
            down = down + vec2<u32>(u32(min(abs(s - here), cap)), 1u);
        }
        let right = vec4<i32>(
            step_at(block, place, x + LAG_0, y), step_at(block, place, x + LAG_1, y),
            step_at(block, place, x + LAG_2, y), step_at(block, place, x + LAG_3, y),
        );
        let lower = vec4<i32>(
            step_at(block, place, x, y + LAG_0), step_at(block, place, x, y + LAG_1),
            step_at(block, place, x, y + LAG_2), step_at(block, place, x, y + LAG_3),
        );
        if (all(right >= vec4<i32>(0)) && all(lower >= vec4<i32>(0))) {
            scalars[5] = plus(scalars[5], vec2<u32>(1u, 0u));
            for (var lag = 0u; lag < 4u; lag++) {
                let both = plus(square(right[lag] - here), square(lower[lag] - here));
                scalars[6u + lag] = plus(scalars[6u + lag], both);
            }
        }
    }
    end_row(block, place, last_row, row, down, bend);
    for (var k = 0u; k < 10u; k++) {
        add_to(place.bins_at + 2u * k, scalars[k]);
    }
    for (var k = 0u; k < BLOCK_SIDE; k++) {
        let at = place.bins_at + ACROSS_AT + 4u * k;
        add_to(at, vec2<u32>(across[k].x, 0u));
        add_to(at + 2u, vec2<u32>(across[k].y, 0u));
    }
}
