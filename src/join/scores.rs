//! Reads the table of scores once and hands its images to the checks of series and the search for copies.

use super::album::Album;
use super::duplicates::Picture;
use super::parquet::Row;
use super::series::Slice;
use super::sources::{SCORED, Sources};
use crate::error::{Fault, Result};
use crate::model::{Cell, ImageKind};
use crate::score::phash;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// Images by series, and all of them.
#[derive(Default)]
pub struct Scored {
    /// By series: study, patient and modality of its first image, and its slices.
    pub series: BTreeMap<String, ([Cell; 3], Vec<Slice>)>,
    /// Every image.
    pub pictures: Vec<Picture>,
    /// Texts that many pictures share.
    shared: HashSet<Arc<str>>,
}

/// Reads every row of the tables of scores; thumbnails go into the album.
///
/// # Errors
/// Tables that cannot be read, an album that cannot be written.
pub fn scored(sources: &Sources, album: &mut Album) -> Result<Scored> {
    let mut scored = Scored::default();
    let mut failed = None;
    sources.each(&SCORED, &mut |_, row| {
        if failed.is_none() {
            failed = scored.take(row, album).err();
        }
    })?;
    match failed {
        Some(fault) => Err(fault),
        None => Ok(scored),
    }
}

impl Scored {
    fn share(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.shared.get(text) {
            return known.clone();
        }
        let new: Arc<str> = text.into();
        self.shared.insert(new.clone());
        new
    }

    fn take(&mut self, row: &Row, album: &mut Album) -> Result<()> {
        let text = |column| row.text(column).unwrap_or_default();
        let hash = row.whole(16).zip(row.whole(20)).map(|(coarse, fine)| [coarse, fine]);
        let thumbnail = row.words(21).and_then(|words| phash::from_words(&words));
        let picture = Picture {
            id: text(0).into(),
            patient: self.share(text(3)),
            split: self.share(text(4)),
            digest: row.text(15).map(Box::from),
            hash,
            thumbnail: thumbnail.map(|thumbnail| album.add(&thumbnail)).transpose()?,
        };
        self.pictures.push(picture);
        let Some(series) = row.text(1) else { return Ok(()) };
        let text = |column| row.text(column).map_or(Cell::Null, |text| Cell::Text(text.to_owned()));
        let (_, slices) =
            self.series.entry(series.to_owned()).or_insert_with(|| ([text(2), text(3), text(5)], Vec::new()));
        // Every row of the table has them.
        let missing =
            || Fault::environment("scores", "a row without its counts", "this is not a table of this program");
        let share = |column| row.number(column).map(|share| share as f32).ok_or_else(missing);
        let side = |column| row.whole(column).map(|side| side as u32).ok_or_else(missing);
        slices.push(Slice {
            position: row.floats(8).and_then(|list| list.try_into().ok()),
            orientation: row.floats(9).and_then(|list| list.try_into().ok()),
            instance: row.signed(10),
            matrix: (side(6)?, side(7)?),
            tilt: row.number(11).map(|tilt| tilt as f32),
            kind: row.text(12).and_then(ImageKind::of),
            lossy: row.truth(13).unwrap_or_default(),
            bits: (side(17)? as u8, row.whole(14).map(|bits| bits as u8)),
            present: [share(18)?, share(19)?],
        });
        Ok(())
    }
}
