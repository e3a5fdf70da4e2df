//! docs/QUALITY.md against the code.

use voxmill::score::{METRICS, Rules};

#[test]
fn the_manual_lists_every_metric_as_the_table_has_it() {
    let manual = include_str!("../../docs/QUALITY.md");
    for metric in METRICS {
        let (unit, range, better) = (metric.unit, metric.range, metric.better.word());
        let line = format!("| {} | {unit} | {range} | {better} | {} |", metric.name, metric.doc);
        assert!(manual.contains(&line), "docs/QUALITY.md lacks:\n{line}");
    }
    let listed = manual.lines().filter(|line| line.starts_with("| quality_")).count();
    assert_eq!((listed, METRICS.len()), (42, 42));
    assert!(Rules::shipped().unwrap().flags().len() >= 10);
}
