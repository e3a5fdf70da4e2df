//! The scrubber of free text: what it finds in generated texts, and how fast it reads. `cargo bench --bench text`; a word
//! behind `--` chooses the texts that the rules were written with (`tuned`) and prints what was missed in them.

#[path = "../tests/scrubber/generator.rs"]
mod generator;
#[path = "../tests/scrubber/held_out.rs"]
mod held_out;
#[path = "../tests/scrubber/measure.rs"]
mod measure;
#[path = "../tests/scrubber/tuned.rs"]
mod tuned;

use std::time::Instant;
use voxmill::deid::text::{Scrubber, Shift};

fn main() {
    let asked = |word: &str| std::env::args().any(|argument| argument == word);
    let quick = asked("--test");
    let texts = if quick { 50 } else { 3000 };
    if asked("tuned") {
        let measured = measure::measure(&tuned::SOURCE, 1, texts);
        measured.remarks.iter().take(100).for_each(|remark| println!("{remark}"));
        return println!("{}", measured.table());
    }
    let measured = measure::measure(&held_out::SOURCE, 2, texts);
    println!("{}", measured.table());
    println!("precision {:.4}, clean words kept {:.4}", measured.precision(), measured.kept());
    let samples: Vec<_> = (0..texts).map(|n| generator::sample(&held_out::SOURCE, 3, n)).collect();
    let clean = generator::sample(&held_out::SOURCE, 3, 0);
    speed("texts with identifiers", &samples.iter().map(|s| (&*s.text, &s.known)).collect::<Vec<_>>(), quick);
    speed("sentences without", &held_out::SOURCE.plain.iter().map(|s| (*s, &clean.known)).collect::<Vec<_>>(), quick);
}

fn speed(name: &str, texts: &[(&str, &voxmill::deid::known::Known)], quick: bool) {
    let rounds = if quick { 1 } else { 20_000_000 / texts.iter().map(|(text, _)| text.len()).sum::<usize>() + 1 };
    let start = Instant::now();
    let mut bytes = 0;
    for _ in 0..rounds {
        for (text, known) in texts {
            std::hint::black_box(Scrubber::shared().scrub(text, known, Some(Shift(30))));
            bytes += text.len();
        }
    }
    println!("{name}: {:.0} MB/s", bytes as f64 / 1e6 / start.elapsed().as_secs_f64());
}
