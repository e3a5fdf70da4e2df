//! How long the stages of a run took. A data set holds no clock (the same inputs give the same bytes): what is measured here
//! goes to `times.jsonl` in the private folder, and to the report only if somebody asks.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// What the time of a run goes into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Inputs read, hashed, opened and their headers de-identified; summed over the threads.
    Read,
    /// Frames decoded.
    Decode,
    /// Burned-in text looked for.
    Search,
    /// Tensors and statistics made.
    Engine,
    /// Metrics and scores.
    Score,
    /// Tensors and rows written.
    Write,
}

impl Stage {
    /// Every stage, in the order of the flow.
    pub const ALL: [Stage; 6] = [Stage::Read, Stage::Decode, Stage::Search, Stage::Engine, Stage::Score, Stage::Write];

    /// The word in `times.jsonl` and in the report.
    pub const fn word(self) -> &'static str {
        match self {
            Stage::Read => "read",
            Stage::Decode => "decode",
            Stage::Search => "search",
            Stage::Engine => "engine",
            Stage::Score => "score",
            Stage::Write => "write",
        }
    }
}

/// The clock of one run; threads may share it.
#[derive(Debug)]
pub struct Times {
    began: Instant,
    nanoseconds: [AtomicU64; Stage::ALL.len()],
}

impl Times {
    /// Begins.
    pub fn begin() -> Self {
        Self { began: Instant::now(), nanoseconds: Default::default() }
    }

    /// Does something and adds what it took to a stage.
    pub fn of<T>(&self, stage: Stage, work: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let made = work();
        // 2^64 nanoseconds are 584 years.
        self.nanoseconds[stage as usize].fetch_add(began.elapsed().as_nanos() as u64, Ordering::Relaxed);
        made
    }

    /// Seconds since the beginning.
    pub fn seconds(&self) -> f64 {
        self.began.elapsed().as_secs_f64()
    }

    /// Seconds by stage.
    pub fn stages(&self) -> Vec<(String, f64)> {
        let seconds = |stage: Stage| self.nanoseconds[stage as usize].load(Ordering::Relaxed) as f64 / 1e9;
        Stage::ALL.into_iter().map(|stage| (stage.word().to_owned(), seconds(stage))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_measured_is_added_to_its_stage() {
        let times = Times::begin();
        for _ in 0..2 {
            assert_eq!(
                times.of(Stage::Search, || (0..100_000u64).map(std::hint::black_box).sum::<u64>()),
                4_999_950_000
            );
        }
        let stages = times.stages();
        assert_eq!(stages.len(), 6);
        for (word, seconds) in stages {
            assert_eq!(seconds > 0.0, word == "search", "{word}: {seconds}");
            assert!(seconds <= times.seconds());
        }
    }
}
