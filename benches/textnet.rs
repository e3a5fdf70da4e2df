//! What the text finder costs on one thread: `cargo bench --bench textnet`. The network has the trained one's shape; random
//! numbers cost what trained ones do. Times are CPU seconds for one view of one megapixel; the header line says how many
//! multiplications that is.

#[path = "../tests/textnet/weights.rs"]
mod weights;

use divan::{Bencher, black_box, counter::BytesCount};
use voxmill::engine::cpu::textnet::{Fast, WIDTH, probability};
use voxmill::pixel::textnet::Net;
use weights::*;

fn main() {
    divan::main();
}

/// Another network, whose channels are no multiples of a vector.
#[divan::bench]
fn awkward_network(bencher: Bencher) {
    let fast = Fast::new(&Net::read(&random(AWKWARD, 1)).expect("a network"));
    let view = view(512, 512);
    bencher.bench_local(|| probability(&fast, black_box(&view), 1, WIDTH));
}

/// Counted as bytes: one product is one byte, so that MB/s reads as million products a second.
#[divan::bench(args = [[1000, 1000], [512, 512], [2500, 2000], [64, 64]])]
fn map(bencher: Bencher, [rows, columns]: [usize; 2]) {
    let fast = Fast::new(&Net::read(&random(SHAPE, 1)).expect("a network"));
    let view = view(rows, columns);
    let products = fast.net().products() * (rows * columns) as f64;
    bencher.counter(BytesCount::new(products as u64)).bench_local(|| probability(&fast, black_box(&view), 1, WIDTH));
}
