//! The manifest row of one tensor: de-identified facts of the sheet and measures of the image, nothing else.

use super::facts::Facts;
use super::traits::Traits;
use crate::model::manifest::MANIFEST;
use crate::model::{Cell, Clean, MaskBox, Masks, Table};

/// What is known of an image without looking at a person's values: numbers, defined terms and words of ours.
#[derive(Clone, Debug)]
pub struct ImageFacts<'a> {
    /// Frame, from 0.
    pub frame: u32,
    /// Modality, a defined term.
    pub modality: Option<&'static str>,
    /// Body part, a defined term.
    pub body_part: Option<&'static str>,
    /// Rows as stored.
    pub rows: u32,
    /// Columns as stored.
    pub columns: u32,
    /// BitsStored.
    pub bits_stored: u8,
    /// PhotometricInterpretation as stored, a defined term.
    pub photometric: &'static str,
    /// TransferSyntaxUID of the registry.
    pub transfer_syntax: &'static str,
    /// Lossy by attribute or syntax.
    pub lossy: Option<bool>,
    /// Between rows, between columns.
    pub pixel_spacing_mm: Option<[f32; 2]>,
    /// Millimetres.
    pub slice_thickness_mm: Option<f32>,
    /// Millimetres.
    pub image_position_patient: Option<[f32; 3]>,
    /// Six cosines.
    pub image_orientation_patient: Option<[f32; 6]>,
    /// The view that was applied.
    pub voi: &'a str,
    /// Its center, modality units.
    pub window_center: Option<f64>,
    /// Its width, modality units.
    pub window_width: Option<f64>,
    /// Size of the frame that the engine saw: `full`, `1/2` and so on.
    pub decoded: &'a str,
    /// What was blanked and why.
    pub masks: &'a Masks,
    /// Marks that the recipe allows, left readable.
    pub released: &'a [MaskBox],
    /// Stable words.
    pub warnings: &'a [&'static str],
    /// Digest of the run's plan.
    pub plan_digest: &'a str,
    /// Keyed digest of the input.
    pub source_digest: &'a str,
    /// Engine's kind.
    pub engine: &'a str,
}

/// Cells by the name of their column: measures and words of ours, which say nothing of a person.
pub type Measured = [(&'static str, Cell)];

/// The row, without the columns that `write` fills when it places the tensor. Of what was measured it takes what it has
/// columns for.
pub fn row(facts: &Clean<Facts>, image: &ImageFacts, measured: &Measured) -> Clean<Vec<Cell>> {
    Clean::vouch(cells(&MANIFEST, named(facts, image), measured))
}

/// The row of the image in the table of scores.
pub fn score_row(
    table: &'static Table,
    facts: &Clean<Facts>,
    traits: &Clean<Traits>,
    image: &ImageFacts,
    measured: &Measured,
) -> Clean<Vec<Cell>> {
    let traits = traits.get();
    let share = |value: f32| Cell::F64(f64::from(value));
    let of_object = [
        ("kind", traits.kind.map_or(Cell::Null, |kind| Cell::Text(kind.word().to_owned()))),
        ("instance_number", traits.instance_number.map_or(Cell::Null, Cell::I64)),
        ("gantry_tilt_degrees", traits.gantry_tilt_degrees.map_or(Cell::Null, share)),
        ("required_present", share(traits.required_present)),
        ("recommended_present", share(traits.recommended_present)),
        ("split", Cell::Text(facts.get().person.split.name().to_owned())),
    ];
    Clean::vouch(cells(table, named(facts, image).chain(of_object), measured))
}

/// Puts values into their columns; a table takes what it has columns for.
fn cells(table: &'static Table, values: impl Iterator<Item = (&'static str, Cell)>, measured: &Measured) -> Vec<Cell> {
    let mut cells = vec![Cell::Null; table.columns.len()];
    for (name, value) in values.chain(measured.iter().cloned()) {
        if let Some(cell) = table.position(name).and_then(|place| cells.get_mut(place)) {
            *cell = value;
        }
    }
    cells
}

/// What facts and image say, by column.
fn named(facts: &Clean<Facts>, image: &ImageFacts) -> impl Iterator<Item = (&'static str, Cell)> {
    let facts = facts.get();
    let text = |value: Option<&str>| value.map_or(Cell::Null, |v| Cell::Text(v.to_owned()));
    let number = |value: Option<f64>| value.map_or(Cell::Null, Cell::F64);
    let floats = |value: Option<&[f32]>| value.map_or(Cell::Null, |v| Cell::ListF32(v.to_vec()));
    let unsigned = |value: u32| Cell::U64(u64::from(value));
    let warnings = (!image.warnings.is_empty()).then(|| image.warnings.join(" "));
    let values = [
        ("patient_id", text(Some(facts.person.key.as_str()))),
        ("study_uid", text(facts.study_uid.as_deref())),
        ("series_uid", text(facts.series_uid.as_deref())),
        ("sop_uid", text(facts.sop_uid.as_deref())),
        ("accession_number", text(facts.accession.as_deref())),
        ("frame", unsigned(image.frame)),
        ("modality", text(image.modality)),
        ("body_part", text(image.body_part)),
        ("laterality", text(facts.laterality)),
        ("view_position", text(facts.view_position)),
        ("manufacturer", text(facts.manufacturer.as_deref())),
        ("model", text(facts.model.as_deref())),
        ("rows", unsigned(image.rows)),
        ("columns", unsigned(image.columns)),
        ("bits_stored", unsigned(u32::from(image.bits_stored))),
        ("photometric", text(Some(image.photometric))),
        ("transfer_syntax", text(Some(image.transfer_syntax))),
        ("lossy", image.lossy.map_or(Cell::Null, Cell::Bool)),
        ("pixel_spacing_mm", floats(image.pixel_spacing_mm.as_ref().map(|v| v.as_slice()))),
        ("slice_thickness_mm", number(image.slice_thickness_mm.map(f64::from))),
        ("image_position_patient", floats(image.image_position_patient.as_ref().map(|v| v.as_slice()))),
        ("image_orientation_patient", floats(image.image_orientation_patient.as_ref().map(|v| v.as_slice()))),
        ("window_center", number(image.window_center)),
        ("window_width", number(image.window_width)),
        ("voi", text(Some(image.voi))),
        ("decoded", text(Some(image.decoded))),
        ("study_date", facts.study_date.map_or(Cell::Null, Cell::Date)),
        ("patient_age_years", number(facts.patient_age_years.map(f64::from))),
        ("patient_sex", text(facts.patient_sex)),
        ("masked", Cell::Masks(image.masks.boxes().to_vec())),
        ("released", Cell::Masks(image.released.to_vec())),
        ("burned_in", text(Some(image.masks.because()))),
        ("warnings", text(warnings.as_deref())),
        ("plan_digest", text(Some(image.plan_digest))),
        ("source_digest", text(Some(image.source_digest))),
        ("engine", text(Some(image.engine))),
    ];
    values.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deid::burned_in;
    use crate::deid::facts;
    use crate::deid::identity::{Crosswalk, Identity, Issuers, Shares};
    use crate::deid::key::Key;
    use crate::model::{Sheet, Tag};

    #[test]
    fn every_column_but_the_tensors_place_is_filled() {
        let key = Key::parse(&(0u8..32).collect::<Vec<_>>()).unwrap();
        let identity = Identity::new(key, Issuers::Merge, Shares { train: 1.0, validation: 0.0 });
        let mut sheet = Sheet::default();
        for (group, element, value) in [
            (0x0010, 0x0020, "MRN1"),
            (0x0020, 0x000D, "1.2"),
            (0x0020, 0x000E, "1.3"),
            (0x0008, 0x0018, "1.4"),
            (0x0008, 0x0050, "ACC"),
            (0x0020, 0x0060, "L"),
            (0x0018, 0x5101, "PA"),
            (0x0008, 0x0070, "SIEMENS"),
            (0x0008, 0x1090, "M1"),
            (0x0008, 0x0020, "20240102"),
            (0x0010, 0x1010, "061Y"),
            (0x0010, 0x0040, "F"),
        ] {
            sheet.insert(Tag(group, element), value.into());
        }
        let facts = facts::clean(&sheet, "s", &identity, &mut Crosswalk::default());
        let one = MaskBox { x: 0, y: 0, w: 1, h: 1, reason: "rule" };
        let masks = burned_in::clip_to_frame(&[one], 4, 4, "masked-by-rule");
        let image = ImageFacts {
            frame: 0,
            modality: Some("CT"),
            body_part: Some("chest"),
            rows: 4,
            columns: 4,
            bits_stored: 12,
            photometric: "MONOCHROME2",
            transfer_syntax: "1.2.840.10008.1.2.1",
            lossy: Some(false),
            pixel_spacing_mm: Some([0.5, 0.5]),
            slice_thickness_mm: Some(1.0),
            image_position_patient: Some([0.0; 3]),
            image_orientation_patient: Some([0.0; 6]),
            voi: "file-window",
            window_center: Some(40.0),
            window_width: Some(400.0),
            decoded: "1/2",
            masks: &masks,
            released: &[],
            warnings: &["padding-at-end"],
            plan_digest: "p",
            source_digest: "s",
            engine: "cpu",
        };
        let of_score =
            |name: &str| name.starts_with("quality_") || ["phash", "pixel_digest", "duplicate_of"].contains(&name);
        let names = MANIFEST.columns.iter().map(|column| column.name).filter(|name| of_score(name));
        let measured: Vec<_> = names.map(|name| (name, Cell::F64(1.0))).collect();
        assert_eq!(measured.len(), 16);
        let row = row(&facts, &image, &measured);
        let by_write = ["tensor_id", "tensor_file", "tensor_name", "offset", "length", "dtype", "shape", "split"];
        for (column, cell) in MANIFEST.columns.iter().zip(row.get()) {
            assert_eq!(*cell == Cell::Null, by_write.contains(&column.name), "{}", column.name);
        }
    }
}
