//! series.parquet: what the images of a series say together that none says alone: lost and doubled slices, uneven
//! spacing, mixed orientations and sizes, tilt, and how much of it is derived, captured or lossy.

use crate::model::{Cell, Class, Column, ColumnType, Domain, ImageKind, Table};
use std::collections::BTreeMap;

const fn column(name: &'static str, kind: ColumnType, class: Class, doc: &'static str) -> Column {
    Column { name, kind, class, doc }
}

/// One row for each image series that was measured.
pub static SERIES: Table = Table {
    name: "series",
    folder: "",
    doc: "One row for each image series: its slices, their spacing, and what is wrong with it.",
    columns: &[
        column(
            "series_uid",
            ColumnType::Text,
            Class::Pseudonym(Domain::Uid),
            "Replaced SeriesInstanceUID (0020,000E).",
        ),
        column("study_uid", ColumnType::Text, Class::Pseudonym(Domain::Uid), "Replaced StudyInstanceUID (0020,000D)."),
        column(
            "patient_id",
            ColumnType::Text,
            Class::Pseudonym(Domain::Patient),
            "Pseudonym of PatientID (0010,0020).",
        ),
        column("modality", ColumnType::Text, Class::Code, "Modality (0008,0060) of its first image."),
        column("images", ColumnType::U64, Class::Keep, "Images that were measured."),
        column(
            "positions",
            ColumnType::U64,
            Class::Keep,
            "Distinct slice positions along the normal of the commonest orientation.",
        ),
        column("spacing_mm", ColumnType::F32, Class::Number, "Median distance of neighbouring positions, millimetres."),
        column(
            "missing_slices",
            ColumnType::U64,
            Class::Keep,
            "Slices that fill the gaps between positions; without positions, gaps of InstanceNumber.",
        ),
        column(
            "duplicated_slices",
            ColumnType::U64,
            Class::Keep,
            "Images beyond the commonest number at one position.",
        ),
        column(
            "uneven",
            ColumnType::F32,
            Class::Keep,
            "Largest departure of a distance from a multiple of the spacing, as a share of it; null with fewer than 3 positions.",
        ),
        column(
            "orientations",
            ColumnType::U64,
            Class::Keep,
            "Distinct ImageOrientationPatient (0020,0037); cosines within 0.01 of each other are one.",
        ),
        column("matrix_sizes", ColumnType::U64, Class::Keep, "Distinct pairs of rows and columns."),
        column(
            "tilt_degrees",
            ColumnType::F32,
            Class::Number,
            "Angle between the slices' normal and the way they are stacked, or GantryDetectorTilt (0018,1120), the larger.",
        ),
        column("localizers", ColumnType::U64, Class::Keep, "Images that are localizers."),
        column("derived", ColumnType::U64, Class::Keep, "Images that are derived."),
        column("captured", ColumnType::U64, Class::Keep, "Secondary captures and screen saves."),
        column("lossy", ColumnType::U64, Class::Keep, "Images that have been through lossy compression."),
        column("bits_stored", ColumnType::U64, Class::Number, "BitsStored (0028,0101), the highest."),
        column("bits_used", ColumnType::U64, Class::Number, "Bits that its values need."),
        column(
            "required_present",
            ColumnType::F32,
            Class::Keep,
            "Share of the modality's required attributes that are there, of its poorest image.",
        ),
        column(
            "recommended_present",
            ColumnType::F32,
            Class::Keep,
            "Share of the recommended attributes, of its poorest image.",
        ),
        column(
            "findings",
            ColumnType::ListText,
            Class::Keep,
            "What is wrong: missing-slices, duplicated-slices, uneven-spacing, mixed-orientation, mixed-matrix, tilted, mixed-kinds, lossy, bits-unused, incomplete.",
        ),
    ],
};

/// What the check of a series looks at in one image.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Slice {
    /// ImagePositionPatient, millimetres.
    pub position: Option<[f32; 3]>,
    /// ImageOrientationPatient, six cosines.
    pub orientation: Option<[f32; 6]>,
    /// InstanceNumber.
    pub instance: Option<i64>,
    /// Rows and columns.
    pub matrix: (u32, u32),
    /// GantryDetectorTilt, degrees.
    pub tilt: Option<f32>,
    /// Kind of image: see the table of scores.
    pub kind: Option<ImageKind>,
    /// Lossy history.
    pub lossy: bool,
    /// BitsStored and bits used.
    pub bits: (u8, Option<u8>),
    /// Shares of required and recommended attributes.
    pub present: [f32; 2],
}

/// What the slices of a series say together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Check {
    /// Distinct positions.
    pub positions: u64,
    /// Median distance.
    pub spacing_mm: Option<f64>,
    /// Slices that fill the gaps.
    pub missing: u64,
    /// Images beyond the commonest number at a position.
    pub duplicated: u64,
    /// Largest departure from a multiple of the spacing, as a share of it.
    pub uneven: Option<f64>,
    /// Distinct orientations.
    pub orientations: u64,
    /// Distinct sizes.
    pub matrix_sizes: u64,
    /// Angle between normal and stacking.
    pub tilt_degrees: f64,
}

/// Positions closer than this are one.
const SAME_MM: f64 = 0.01;
/// Cosines of one orientation differ by no more: scanners round, and each slice on its own.
const SAME_COSINE: f32 = 0.01;
/// A departure from the spacing that is more than rounding.
const UNEVEN: f64 = 0.1;
/// An angle that is more than rounding.
const TILTED_DEGREES: f64 = 0.5;
/// Series of fewer positions have no spacing to speak of.
const FEWEST: usize = 3;

/// Checks the slices of one series. Localizers stand aside: they lie across.
pub fn check(slices: &[Slice]) -> Check {
    let ours: Vec<&Slice> = slices.iter().filter(|slice| slice.kind != Some(ImageKind::Localizer)).collect();
    let mut check = Check::default();
    let mut by_orientation: Vec<([f32; 6], Vec<&Slice>)> = Vec::new();
    let mut sizes: Vec<(u32, u32)> = ours.iter().map(|slice| slice.matrix).collect();
    sizes.sort_unstable();
    sizes.dedup();
    check.matrix_sizes = sizes.len() as u64;
    for slice in &ours {
        if let Some(orientation) = slice.orientation {
            let same = |(known, _): &&mut ([f32; 6], _)| {
                known.iter().zip(orientation).all(|(known, cosine)| (known - cosine).abs() <= SAME_COSINE)
            };
            match by_orientation.iter_mut().find(same) {
                Some((_, slices)) => slices.push(slice),
                None => by_orientation.push((orientation, vec![slice])),
            }
        }
    }
    check.orientations = by_orientation.len() as u64;
    let stated = ours.iter().filter_map(|slice| slice.tilt).map(|tilt| f64::from(tilt.abs())).fold(0.0, f64::max);
    check.tilt_degrees = stated;
    let commonest = by_orientation.into_iter().map(|(_, slices)| slices).max_by_key(Vec::len).unwrap_or_default();
    let stack: Option<Vec<(f64, [f64; 3])>> = normal(&commonest).and_then(|normal| {
        let along =
            |slice: &&Slice| Some((dot(normal, slice.position?.map(f64::from)), slice.position?.map(f64::from)));
        commonest.iter().map(along).collect()
    });
    match (stack, normal(&commonest)) {
        (Some(mut stack), Some(normal)) if stack.len() >= 2 => {
            stack.sort_by(|a, b| a.0.total_cmp(&b.0));
            check.stack(&stack, normal);
        }
        _ => check.numbers(&ours),
    }
    check
}

impl Check {
    /// From positions in order along the normal.
    fn stack(&mut self, stack: &[(f64, [f64; 3])], normal: [f64; 3]) {
        let mut places: Vec<(f64, u64)> = Vec::new();
        for (along, _) in stack {
            match places.last_mut() {
                Some((last, count)) if along - *last < SAME_MM => *count += 1,
                _ => places.push((*along, 1)),
            }
        }
        self.positions = places.len() as u64;
        let mut counts: BTreeMap<u64, u64> = BTreeMap::new();
        places.iter().for_each(|(_, count)| *counts.entry(*count).or_default() += 1);
        // The commonest number of images at a position; of equally common ones the smaller.
        let usual =
            counts.iter().max_by_key(|(count, times)| (**times, std::cmp::Reverse(**count))).map_or(1, |(c, _)| *c);
        self.duplicated = places.iter().map(|(_, count)| count.saturating_sub(usual)).sum();
        if places.len() < FEWEST {
            return;
        }
        let gaps: Vec<f64> = places.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
        let mut sorted = gaps.clone();
        sorted.sort_by(f64::total_cmp);
        let spacing = sorted[sorted.len() / 2];
        self.spacing_mm = Some(spacing);
        let mut uneven = 0.0f64;
        for gap in &gaps {
            let slices = (gap / spacing).round().max(1.0);
            uneven = uneven.max((gap / spacing - slices).abs());
            self.missing += slices as u64 - 1;
        }
        self.uneven = Some(uneven);
        if let (Some((_, first)), Some((_, last))) = (stack.first(), stack.last()) {
            let way: [f64; 3] = std::array::from_fn(|k| last[k] - first[k]);
            let length = dot(way, way).sqrt();
            if length > SAME_MM {
                let cosine = (dot(way, normal).abs() / length).min(1.0);
                self.tilt_degrees = self.tilt_degrees.max(cosine.acos().to_degrees());
            }
        }
    }

    /// Without positions: gaps and repeats of InstanceNumber.
    fn numbers(&mut self, slices: &[&Slice]) {
        let mut numbers: Vec<i64> = slices.iter().filter_map(|slice| slice.instance).collect();
        let all = numbers.len();
        numbers.sort_unstable();
        numbers.dedup();
        self.duplicated = (all - numbers.len()) as u64;
        if let (Some(first), Some(last)) = (numbers.first(), numbers.last()) {
            let span = last.saturating_sub(*first).saturating_add(1) as u64;
            // Numbers that jump about number something else.
            let missing = span.saturating_sub(numbers.len() as u64);
            self.missing = if missing <= numbers.len() as u64 { missing } else { 0 };
        }
    }

    /// Words for what is wrong.
    pub fn findings(&self) -> Vec<&'static str> {
        let words = [
            (self.missing > 0, "missing-slices"),
            (self.duplicated > 0, "duplicated-slices"),
            (self.uneven.is_some_and(|uneven| uneven > UNEVEN), "uneven-spacing"),
            (self.orientations > 1, "mixed-orientation"),
            (self.matrix_sizes > 1, "mixed-matrix"),
            (self.tilt_degrees > TILTED_DEGREES, "tilted"),
        ];
        words.iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect()
    }
}

/// The normal of the first slice's plane; `None` if its cosines span none.
fn normal(slices: &[&Slice]) -> Option<[f64; 3]> {
    let [a, b, c, d, e, f] = slices.first()?.orientation?.map(f64::from);
    let cross = [b * f - c * e, c * d - a * f, a * e - b * d];
    let length = dot(cross, cross).sqrt();
    (length > 0.5).then(|| cross.map(|x| x / length))
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The row of a series. `ids` are series, study, patient and modality.
pub fn row(ids: [Cell; 4], slices: &[Slice]) -> Vec<Cell> {
    let check = check(slices);
    let how_many = |is: &dyn Fn(&Slice) -> bool| slices.iter().filter(|slice| is(slice)).count() as u64;
    let kind = |wanted| how_many(&|slice| slice.kind == Some(wanted));
    let captured = how_many(&|slice| slice.kind.is_some_and(ImageKind::is_text));
    let (derived, localizers) = (kind(ImageKind::Derived), kind(ImageKind::Localizer));
    let lossy = how_many(&|slice| slice.lossy);
    let bits_stored = slices.iter().map(|slice| slice.bits.0).max().unwrap_or_default();
    let bits_used = slices.iter().filter_map(|slice| slice.bits.1).max();
    let poorest = |place: usize| slices.iter().map(|slice| slice.present[place]).fold(1.0f32, f32::min);
    let images = slices.len() as u64;
    let some = |count: u64| count > 0 && count < images;
    let mut findings = check.findings();
    findings.extend((some(localizers) || some(derived) || some(captured)).then_some("mixed-kinds"));
    findings.extend((lossy > 0).then_some("lossy"));
    findings.extend(bits_used.is_some_and(|used| used + 2 < bits_stored).then_some("bits-unused"));
    findings.extend((poorest(0) < 1.0).then_some("incomplete"));
    let number = |value: Option<f64>| value.map_or(Cell::Null, Cell::F64);
    let mut cells: Vec<Cell> = ids.into();
    cells.extend([
        Cell::U64(images),
        Cell::U64(check.positions),
        number(check.spacing_mm),
        Cell::U64(check.missing),
        Cell::U64(check.duplicated),
        number(check.uneven),
        Cell::U64(check.orientations),
        Cell::U64(check.matrix_sizes),
        Cell::F64(check.tilt_degrees),
        Cell::U64(localizers),
        Cell::U64(derived),
        Cell::U64(captured),
        Cell::U64(lossy),
        Cell::U64(u64::from(bits_stored)),
        bits_used.map_or(Cell::Null, |bits| Cell::U64(u64::from(bits))),
        Cell::F64(f64::from(poorest(0))),
        Cell::F64(f64::from(poorest(1))),
        Cell::ListText(findings.into_iter().map(str::to_owned).collect()),
    ]);
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(places: &[f32]) -> Vec<Slice> {
        let slice = |z: &f32| Slice {
            position: Some([0.0, 0.0, *z]),
            orientation: Some([1.0, 0.0, 0.0, 0.0, 1.0, 0.0]),
            matrix: (512, 512),
            ..Slice::default()
        };
        places.iter().map(slice).collect()
    }

    #[test]
    fn gaps_repeats_and_departures() {
        let fine = check(&stack(&[0.0, 2.5, 5.0, 7.5]));
        assert_eq!((fine.positions, fine.spacing_mm, fine.findings()), (4, Some(2.5), vec![]));
        let gap = check(&stack(&[10.0, 0.0, 2.5, 5.0]));
        assert_eq!((gap.missing, gap.findings()), (1, vec!["missing-slices"]));
        assert_eq!(check(&stack(&[0.0, 2.5, 2.5, 5.0])).findings(), ["duplicated-slices"]);
        // Every position twice is a second phase, not a mistake.
        assert!(check(&stack(&[0.0, 0.0, 1.0, 1.0, 2.0, 2.0])).findings().is_empty());
        assert_eq!(check(&stack(&[0.0, 2.5, 5.0, 8.1])).findings(), ["uneven-spacing"]);
    }

    #[test]
    fn cosines_that_differ_by_rounding_are_one_orientation() {
        let lean = |cosine: f32| Slice {
            orientation: Some([1.0, 0.0, 0.0, 0.0, cosine, (1.0 - cosine * cosine).sqrt()]),
            position: Some([0.0, 0.0, 0.0]),
            ..Slice::default()
        };
        // 0.994999 and 0.995001 round to 0.99 and 1.00.
        assert_eq!(check(&[lean(0.994_999), lean(0.995_001), lean(0.994_999)]).orientations, 1);
        assert_eq!(check(&[lean(0.96), lean(1.0)]).orientations, 2);
    }

    #[test]
    fn tilt_is_the_angle_between_normal_and_stack() {
        let mut slices = stack(&[0.0, 1.0, 2.0]);
        // Each slice lies 1 further along y: the stack leans by 45 degrees.
        slices.iter_mut().zip([0.0, 1.0, 2.0]).for_each(|(slice, y)| slice.position = Some([0.0, y, y]));
        assert!((check(&slices).tilt_degrees - 45.0).abs() < 1e-6);
        assert_eq!(check(&slices).findings(), ["tilted"]);
    }

    #[test]
    fn localizers_stand_aside_and_numbers_serve_without_positions() {
        let mut slices = stack(&[0.0, 1.0, 2.0]);
        slices.push(Slice {
            kind: Some(ImageKind::Localizer),
            orientation: Some([0.0, 1.0, 0.0, 0.0, 0.0, -1.0]),
            ..slices[0].clone()
        });
        assert!(check(&slices).findings().is_empty());
        let numbered = |numbers: &[i64]| {
            numbers.iter().map(|n| Slice { instance: Some(*n), ..Slice::default() }).collect::<Vec<_>>()
        };
        assert_eq!(check(&numbered(&[1, 2, 4])).missing, 1);
        assert_eq!(check(&numbered(&[1, 2, 2])).duplicated, 1);
    }
}
