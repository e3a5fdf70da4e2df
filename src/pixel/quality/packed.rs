//! Sums as the shader lays them into a buffer of words: two words for each sum, the lower first.

use super::sums::{BLOCK, CELLS, LAGS, Mean, Row, Sums};

/// Single sums: spots, the four over spots, pairs, one for each lag.
const SINGLE: usize = 6 + LAGS.len();
/// Where the means across begin, in words: a sum and a count, two words each.
const ACROSS: usize = 2 * SINGLE;
/// Where the means down begin.
const DOWN: usize = ACROSS + 4 * BLOCK;
/// Where the rows begin: usable, complement of the lowest step, highest, two words of sum.
const ROWS: usize = DOWN + 4 * BLOCK;
/// Words of a row.
const ROW: usize = 5;
/// Words of a column, a cell or a bend: two of sum, one of count.
const MEAN: usize = 3;

/// The numbers that the shader shares, as it declares them.
pub fn constants_wgsl() -> String {
    let [first, second, third, fourth] = LAGS;
    format!(
        "const CELLS: u32 = {CELLS}u;\nconst BLOCK_SIDE: u32 = {BLOCK}u;\nconst ACROSS_AT: u32 = {ACROSS}u;\n\
         const DOWN_AT: u32 = {DOWN}u;\nconst ROWS_AT: u32 = {ROWS}u;\n\
         const LAG_0: i32 = {first};\nconst LAG_1: i32 = {second};\nconst LAG_2: i32 = {third};\nconst LAG_3: i32 = {fourth};\n"
    )
}

/// Words of the sums of a frame: single ones, means across and down, rows, columns, cells, bends by row and by column.
pub fn words(rows: u32, columns: u32) -> usize {
    let (rows, columns) = (rows as usize, columns as usize);
    ROWS + ROW * rows + MEAN * (columns + CELLS * CELLS + rows + columns)
}

/// Reads sums; `None` if there are not as many words as the shape has.
pub fn unpack(words: &[u32], rows: u32, columns: u32) -> Option<Sums> {
    if words.len() != self::words(rows, columns) {
        return None;
    }
    let (rows, columns) = (rows as usize, columns as usize);
    let wide = |at: usize| u64::from(words[at]) | u64::from(words[at + 1]) << 32;
    let single = |place: usize| wide(2 * place) as f64;
    let grid_of = |at: usize| -> [Mean; BLOCK] {
        std::array::from_fn(|k| [at + 4 * k, at + 4 * k + 2].map(|at| wide(at) as f64))
    };
    let mean = |at: usize| [wide(at) as f64, f64::from(words[at + 2])];
    let row = |y: usize| {
        let at = ROWS + ROW * y;
        let usable = words[at];
        let low = if usable == 0 { 0 } else { super::BINS - words[at + 1] };
        Row { usable, low, high: words[at + 2], sum: wide(at + 3) }
    };
    // A sum with a sign.
    let signed = |at: usize| [wide(at) as i64 as f64, f64::from(words[at + 2])];
    let columns_at = ROWS + ROW * rows;
    let bends_at = columns_at + MEAN * (columns + CELLS * CELLS);
    Some(Sums {
        spots: single(0),
        // A sum with a sign: two's complement.
        laplace: wide(2) as i64 as f64,
        laplace_squares: single(2),
        gradient_squares: single(3),
        noise: single(4),
        pairs: single(5),
        lags: std::array::from_fn(|lag| single(6 + lag)),
        across: grid_of(ACROSS),
        down: grid_of(DOWN),
        rows: (0..rows).map(row).collect(),
        columns: (0..columns).map(|x| mean(columns_at + MEAN * x)).collect(),
        cells: (0..CELLS * CELLS).map(|cell| mean(columns_at + MEAN * (columns + cell))).collect(),
        bends_down: (0..rows).map(|y| signed(bends_at + MEAN * y)).collect(),
        bends_across: (0..columns).map(|x| signed(bends_at + MEAN * (rows + x))).collect(),
    })
}
