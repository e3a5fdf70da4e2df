//! duplicates.parquet: images that are there twice, to the last bit or to the eye, and where that tears a hole into the
//! wall between the splits.

use super::album::Album;
use crate::error::Result;
use crate::model::{Cell, Class, Column, ColumnType, Domain, Table};
use crate::score::phash::{self, Hash, Thumbnail};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

const fn column(name: &'static str, kind: ColumnType, class: Class, doc: &'static str) -> Column {
    Column { name, kind, class, doc }
}

/// One row for each image that is a copy of an earlier one.
pub static DUPLICATES: Table = Table {
    name: "duplicates",
    folder: "",
    doc: "One row for each image that is a copy of another: equal samples anywhere, or alike to the eye in another patient.",
    columns: &[
        column("tensor_id", ColumnType::Text, Class::Keep, "The copy, as in the manifest and the table of scores."),
        column(
            "duplicate_of",
            ColumnType::Text,
            Class::Keep,
            "The image that it is a copy of: the first by tensor_id.",
        ),
        column(
            "kind",
            ColumnType::Text,
            Class::Keep,
            "exact (equal shape and samples) or near (perceptual hashes at most 7 coarse and 18 finer bits apart, thumbnails that correlate at 0.97 or more, flips included).",
        ),
        column(
            "distance",
            ColumnType::U32,
            Class::Keep,
            "Coarse bits in which the perceptual hashes differ; null for exact copies without a hash.",
        ),
        column(
            "likeness",
            ColumnType::F32,
            Class::Keep,
            "Correlation of the thumbnails' finer waves, 1 for equal ones; null without thumbnails.",
        ),
        column("patient_id", ColumnType::Text, Class::Pseudonym(Domain::Patient), "Pseudonym of the copy's patient."),
        column(
            "other_patient_id",
            ColumnType::Text,
            Class::Pseudonym(Domain::Patient),
            "Pseudonym of the other image's patient.",
        ),
        column("same_patient", ColumnType::Bool, Class::Keep, "false: one image under two patients."),
        column("split", ColumnType::Text, Class::Keep, "Split of the copy."),
        column("other_split", ColumnType::Text, Class::Keep, "Split of the other image."),
        column("leak", ColumnType::Bool, Class::Keep, "Whether the two lie in different splits."),
    ],
};

/// What the search looks at in one image.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Its name.
    pub id: Box<str>,
    /// Its patient; images of one share the text.
    pub patient: Arc<str>,
    /// Its split, likewise.
    pub split: Arc<str>,
    /// Keyed digest of its samples.
    pub digest: Option<Box<str>>,
    /// Perceptual hash.
    pub hash: Option<Hash>,
    /// Page of its thumbnail, which judges what the hash finds.
    pub thumbnail: Option<u32>,
}

/// How alike the thumbnails on two pages are; `None` if one has none.
fn likeness(album: &mut Album, ours: Option<&Thumbnail>, page: Option<u32>) -> Result<Option<f64>> {
    let Some((ours, page)) = ours.zip(page) else { return Ok(None) };
    Ok(Some(phash::likeness(ours, &album.look(page)?)))
}

/// A copy, and what it is a copy of, by place in the list.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Copy {
    /// The copy.
    pub of: (usize, usize),
    /// Whether all samples are equal.
    pub exact: bool,
    /// Coarse bits in which the hashes differ.
    pub distance: Option<u32>,
    /// How alike the thumbnails are.
    pub likeness: Option<f64>,
}

/// Bits of a piece of a hash by which candidates are found: of 64 bits in four pieces at most 7 differ, so that one
/// piece differs in at most one.
const PIECE: u32 = 16;
/// Hashes that are kept for one value of a piece, the first by name: so that the work for an image is bounded however many
/// are alike. Of a million evenly spread ones 15 share a value.
const SHELF: usize = 1024;
/// Hashes that are looked at for one image on the shelves one bit beside its own pieces. Its own shelves, which hold every copy
/// that differs in at most three bits, are looked at whole before; of two million evenly spread hashes these are all.
const BESIDE: usize = 8192;
/// Thumbnails that are looked at for one image, those of the nearest hashes.
const JUDGED: usize = 32;

/// Finds copies. Near ones only between patients: neighbouring slices of one patient look alike by nature. What the hashes
/// find is judged by the thumbnails. The list is put into the order of the names; each image is a copy of one earlier
/// image at most.
///
/// # Errors
/// An album that cannot be read back.
pub fn find(pictures: &mut [Picture], album: &mut Album) -> Result<Vec<Copy>> {
    pictures.sort_by(|a, b| a.id.cmp(&b.id));
    let mut first: BTreeMap<&str, usize> = BTreeMap::new();
    let mut found = Vec::new();
    let mut pool = Pool::new();
    for (place, picture) in pictures.iter().enumerate() {
        let original = picture.digest.as_deref().map(|digest| *first.entry(digest).or_insert(place));
        if let Some(original) = original.filter(|original| *original != place) {
            let both = picture.hash.zip(pictures[original].hash);
            let distance = both.map(|(a, b)| phash::distance(a, b).0);
            let ours = picture.thumbnail.map(|page| album.look(page)).transpose()?;
            let likeness = likeness(album, ours.as_ref(), pictures[original].thumbnail)?;
            found.push(Copy { of: (place, original), exact: true, distance, likeness });
            continue;
        }
        let Some(hash) = picture.hash else { continue };
        let candidates = pool.near(hash, |other| pictures[other].patient != picture.patient);
        if !candidates.is_empty() {
            let ours = picture.thumbnail.map(|page| album.look(page)).transpose()?;
            for (distance, original) in candidates {
                let likeness = likeness(album, ours.as_ref(), pictures[original].thumbnail)?;
                if likeness.is_some_and(|likeness| likeness >= phash::ALIKE) {
                    found.push(Copy { of: (place, original), exact: false, distance: Some(distance), likeness });
                    break;
                }
            }
        }
        pool.add(hash, &picture.patient, place);
    }
    Ok(found)
}

/// Hashes by their pieces.
struct Pool<'a> {
    pieces: Vec<Vec<(Hash, usize)>>,
    seen: HashSet<(Hash, &'a str)>,
}

impl<'a> Pool<'a> {
    fn new() -> Self {
        Self { pieces: vec![Vec::new(); 4 << PIECE], seen: HashSet::new() }
    }

    /// One image of a patient stands for all with the same hash.
    fn add(&mut self, hash: Hash, patient: &'a str, place: usize) {
        if self.seen.insert((hash, patient)) {
            for piece in 0..4 {
                let shelf = &mut self.pieces[slot(hash[0], piece)];
                if shelf.len() < SHELF {
                    shelf.push((hash, place));
                }
            }
        }
    }

    /// The images that are copies by their hashes and `fit`, the nearest first, of equally near ones the first by name.
    fn near(&self, hash: Hash, fit: impl Fn(usize) -> bool) -> Vec<(u32, usize)> {
        let mut nearest = Nearest { fit, found: BTreeSet::new() };
        let turned: [Hash; 4] = phash::flips().map(|flip| [hash[0] ^ flip[0], hash[1] ^ flip[1]]);
        let pieces = || turned.iter().flat_map(|turned| (0..4).map(move |piece| (*turned, piece)));
        for (turned, piece) in pieces() {
            nearest.look(turned, &self.pieces[slot(turned[0], piece)]);
        }
        let mut left = BESIDE;
        for (bit, (turned, piece)) in (0..PIECE).flat_map(|bit| pieces().map(move |at| (bit, at))) {
            let shelf = &self.pieces[slot(turned[0] ^ 1 << (piece * PIECE + bit), piece)];
            let some = &shelf[..shelf.len().min(left)];
            nearest.look(turned, some);
            left -= some.len();
        }
        nearest.found.into_iter().collect()
    }
}

/// The nearest hashes that were met, as far as they are judged.
struct Nearest<F> {
    fit: F,
    found: BTreeSet<(u32, usize)>,
}

impl<F: Fn(usize) -> bool> Nearest<F> {
    fn look(&mut self, turned: Hash, shelf: &[(Hash, usize)]) {
        for (candidate, place) in shelf {
            let coarse = (candidate[0] ^ turned[0]).count_ones();
            // Most end here: the rest costs as much again.
            if coarse > phash::NEAR {
                continue;
            }
            let apart = (coarse, (candidate[1] ^ turned[1]).count_ones());
            let full = self.found.len() >= JUDGED;
            let better = !full || self.found.last().is_some_and(|last| (apart.0, *place) < *last);
            if phash::near(apart) && better && (self.fit)(*place) {
                self.found.insert((apart.0, *place));
                if self.found.len() > JUDGED {
                    self.found.pop_last();
                }
            }
        }
    }
}

fn slot(hash: u64, piece: u32) -> usize {
    ((piece as usize) << PIECE) + ((hash >> (piece * PIECE)) & 0xffff) as usize
}

/// The row of a copy.
pub fn row(pictures: &[Picture], copy: &Copy) -> Vec<Cell> {
    let (a, b) = (&pictures[copy.of.0], &pictures[copy.of.1]);
    let text = |text: &str| Cell::Text(text.to_owned());
    vec![
        text(&a.id),
        text(&b.id),
        text(if copy.exact { "exact" } else { "near" }),
        copy.distance.map_or(Cell::Null, |distance| Cell::U64(u64::from(distance))),
        copy.likeness.map_or(Cell::Null, Cell::F64),
        text(&a.patient),
        text(&b.patient),
        Cell::Bool(a.patient == b.patient),
        text(&a.split),
        text(&b.split),
        Cell::Bool(a.split != b.split),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(id: &str, patient: &str, digest: &str, hash: u64) -> Picture {
        Picture {
            id: id.into(),
            patient: patient.into(),
            split: if patient == "P1" { "train" } else { "test" }.into(),
            digest: Some(digest.into()),
            hash: Some([hash, 0]),
            thumbnail: Some(0),
        }
    }

    /// A thumbnail of grain: multiples of an odd number modulo 251 have all frequencies.
    fn grain(step: u8) -> Thumbnail {
        std::array::from_fn(|place| (place * place * usize::from(step) % 251) as u8)
    }

    /// Copies among pictures whose thumbnails are grain of these kinds.
    fn found(pictures: &mut [Picture], kinds: &[u8]) -> Vec<Copy> {
        let mut album = Album::in_memory();
        for kind in kinds {
            album.add(&grain(*kind)).unwrap();
        }
        find(pictures, &mut album).unwrap()
    }

    #[test]
    fn exact_copies_anywhere_and_near_ones_between_patients() {
        let flip = phash::flips()[1];
        let mut pictures = [
            Picture { hash: Some([0xFF ^ flip[0] ^ 0b1100, flip[1] ^ 0b11]), ..picture("d", "P2", "z", 0) },
            picture("a", "P1", "x", 0xFF),
            picture("b", "P1", "x", 0xFF),
            picture("c", "P1", "y", 0xFE),
        ];
        let found = found(&mut pictures, &[1]);
        // b equals a; c is alike but of the same patient; d is a turned over, two bits off.
        let places: Vec<_> = found.iter().map(|copy| (copy.of, copy.exact, copy.distance)).collect();
        assert_eq!(places, [((1, 0), true, Some(0)), ((3, 0), false, Some(2))]);
        assert!(found.iter().all(|copy| copy.likeness.is_some_and(|likeness| likeness > 0.999_999)));
        assert_eq!(row(&pictures, &found[1])[10], Cell::Bool(true), "train and test");
    }

    #[test]
    fn hashes_alone_make_no_copy() {
        let of = |thumbnail: Option<u32>| {
            let mut pictures = [picture("a", "P1", "x", 0), Picture { thumbnail, ..picture("b", "P2", "y", 0) }];
            found(&mut pictures, &[1, 7]).len()
        };
        assert_eq!([of(Some(0)), of(Some(1)), of(None)], [1, 0, 0]);
    }

    #[test]
    fn a_crowd_of_alike_hashes_is_looked_at_as_far_as_the_bounds_go() {
        // 2,000 images of as many patients with one hash and other grain: none is a copy, and the copy of the first is
        // still found, because the first are kept.
        let name = |n: usize| format!("{n:05}");
        let mut pictures: Vec<Picture> = (0..2000)
            .map(|n| Picture { thumbnail: Some(u32::from(n > 0)), ..picture(&name(n), &name(n), &name(n), 0) })
            .collect();
        pictures.push(picture(&name(2000), "P", "y", 0));
        let copies = found(&mut pictures, &[1, 7]);
        // Of equal grain is each from the third on, a copy of the second.
        let near: Vec<_> = copies.iter().map(|copy| copy.of.1).collect();
        assert_eq!((near.len(), near.iter().filter(|of| **of == 1).count(), near.last()), (1999, 1998, Some(&0)));
    }

    #[test]
    fn work_for_one_image_is_bounded_and_what_a_crowd_then_hides_is_known() {
        // Four bits apart, the highest of each piece: found on a shelf beside its own, one of those that are looked at last.
        let far = 0x8000_8000_8000_8000;
        let copy = || [picture("y", "P1", "y", far), picture("z", "P2", "z", 0)];
        assert_eq!(found(&mut copy(), &[1]).len(), 1);
        // 512 others on each of the 16 shelves that are looked at first, unlike it in the other pieces: 8,192 in all.
        let mut pictures: Vec<Picture> = copy().into();
        for (flip, piece, one) in (0..4).flat_map(|f| (0..4).flat_map(move |p| (0..512).map(move |one| (f, p, one)))) {
            let turned = phash::flips()[flip][0];
            let ours = 0xffff << (piece * PIECE);
            let hash = (!turned & !ours) | ((turned ^ 1 << (piece * PIECE)) & ours);
            let name = format!("a{flip}{piece}{one:03}");
            pictures.push(Picture { thumbnail: None, ..picture(&name, &name, &name, hash) });
        }
        assert_eq!(pictures.len(), 2 + BESIDE);
        assert_eq!(found(&mut pictures, &[1]).len(), 0);
    }

    #[test]
    fn seven_bits_apart_are_found_wherever_they_lie_and_eight_are_not() {
        let far = |bits: u64| {
            let mut pictures = [picture("a", "P1", "x", 0), picture("b", "P2", "y", bits)];
            found(&mut pictures, &[1]).len()
        };
        // Two bits in each of three pieces, one in the fourth; then one more.
        assert_eq!(far(0x0001_0003_0003_0003), 1);
        assert_eq!(far(0x0003_0003_0003_0003), 0);
    }
}
