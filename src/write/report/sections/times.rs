//! What runs took, by stage: only if the report was asked for it.

use super::super::Page;
use super::super::html::table;
use crate::write::times::RunTimes;

/// Seconds and bytes by run and by stage.
pub(super) fn times(html: &mut String, page: &Page) {
    let Some(runs) = page.times else {
        html.push_str(
            "<p class=note>Not recorded in the data set: it holds no clock, so that the same inputs give the same bytes. \
             <code>voxmill report DATASET --times</code> tells it from the private folder.</p>\n",
        );
        return;
    };
    html.push_str(
        "<p class=note>From times.jsonl of the private folder, one line for each run that committed parts. Reading is \
         summed over the threads, the other stages are by the clock on the wall.</p>\n",
    );
    let rows: Vec<Vec<String>> = runs.iter().enumerate().map(|(place, run)| whole(place, run)).collect();
    let head = ["run", "engine", "threads", "parts", "inputs", "bytes", "seconds", "MB/s", "inputs/s"];
    table(html, "runs-table", "Runs", &head, &rows);
    let stage = |place: usize, run: &RunTimes| {
        let all: f64 = run.stages.iter().map(|(_, seconds)| seconds).sum();
        let row = |(word, seconds): &(String, f64)| {
            let share = format!("{:.1}%", 100.0 * seconds / all.max(f64::MIN_POSITIVE));
            vec![
                (place + 1).to_string(),
                word.clone(),
                format!("{seconds:.2}"),
                share,
                rate(run.bytes as f64 / 1e6, *seconds),
            ]
        };
        run.stages.iter().map(row).collect::<Vec<_>>()
    };
    let rows: Vec<Vec<String>> = runs.iter().enumerate().flat_map(|(place, run)| stage(place, run)).collect();
    table(html, "stages-table", "Stages", &["run", "stage", "seconds", "share", "MB/s"], &rows);
}

fn whole(place: usize, run: &RunTimes) -> Vec<String> {
    let rates = [run.bytes as f64 / 1e6, run.inputs as f64].map(|count| rate(count, run.seconds));
    let counts = [run.threads, run.parts, run.inputs, run.bytes].map(|count| count.to_string());
    let first = [(place + 1).to_string(), run.engine.clone()];
    first.into_iter().chain(counts).chain([format!("{:.2}", run.seconds)]).chain(rates).collect()
}

/// So much a second; nothing where no time was measured.
fn rate(count: f64, seconds: f64) -> String {
    if seconds > 0.0 { format!("{:.1}", count / seconds) } else { String::new() }
}
