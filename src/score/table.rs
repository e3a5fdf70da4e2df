//! scores/<part>.parquet: one row for each image that was measured. The columns of the metrics come from their table.

use super::METRICS;
use crate::model::{Class, Column, ColumnType, Domain, Table};
use Class::{Code, Date, Keep, Number, Pseudonym};

const fn column(name: &'static str, kind: ColumnType, class: Class, doc: &'static str) -> Column {
    Column { name, kind, class, doc }
}

/// What is known of the image beside its metrics.
const IMAGE: &[Column] = &[
    column("tensor_id", ColumnType::Text, Keep, "Name of the image: the tensor's in a data set with tensors."),
    column("source_digest", ColumnType::Text, Pseudonym(Domain::Other), "Keyed digest of the input."),
    column("frame", ColumnType::U32, Keep, "Frame of a multi-frame image, from 0."),
    column("patient_id", ColumnType::Text, Pseudonym(Domain::Patient), "Pseudonym of PatientID (0010,0020)."),
    column("study_uid", ColumnType::Text, Pseudonym(Domain::Uid), "Replaced StudyInstanceUID (0020,000D)."),
    column("series_uid", ColumnType::Text, Pseudonym(Domain::Uid), "Replaced SeriesInstanceUID (0020,000E)."),
    column("sop_uid", ColumnType::Text, Pseudonym(Domain::Uid), "Replaced SOPInstanceUID (0008,0018)."),
    column("split", ColumnType::Text, Keep, "train, validation or test."),
    column("study_date", ColumnType::Date32, Date, "StudyDate (0008,0020), shifted by the patient's number of days."),
    column("patient_age_years", ColumnType::F32, Number, "Age at the study, years; everything above 89 is 90."),
    column("patient_sex", ColumnType::Text, Code, "PatientSex (0010,0040): F, M or O."),
    column("modality", ColumnType::Text, Code, "Modality (0008,0060)."),
    column("body_part", ColumnType::Text, Code, "BodyPartExamined (0018,0015)."),
    column("manufacturer", ColumnType::Text, Code, "Manufacturer (0008,0070), if it is one we know."),
    column("rows", ColumnType::U32, Number, "Rows (0028,0010)."),
    column("columns", ColumnType::U32, Number, "Columns (0028,0011)."),
    column("bits_stored", ColumnType::U8, Number, "BitsStored (0028,0101)."),
    column("bits_used", ColumnType::U8, Number, "Bits that the largest stored magnitude needs; null for floats."),
    column("photometric", ColumnType::Text, Code, "PhotometricInterpretation (0028,0004)."),
    column("transfer_syntax", ColumnType::Text, Keep, "TransferSyntaxUID (0002,0010)."),
    column("lossy", ColumnType::Bool, Keep, "Whether the image has been through lossy compression."),
    column(
        "kind",
        ColumnType::Text,
        Keep,
        "original, derived or localizer by ImageType, or what the rules of burned_in.toml call text by nature: secondary-capture, screen-save, dose-report, scanned-document; null if the header does not tell.",
    ),
    column("instance_number", ColumnType::I64, Number, "InstanceNumber (0020,0013)."),
    column("gantry_tilt_degrees", ColumnType::F32, Number, "GantryDetectorTilt (0018,1120), degrees."),
    column("pixel_spacing_mm", ColumnType::ListF32, Number, "Between rows, between columns, millimetres."),
    column("slice_thickness_mm", ColumnType::F32, Number, "SliceThickness (0018,0050), millimetres."),
    column("image_position_patient", ColumnType::ListF32, Number, "ImagePositionPatient (0020,0032), millimetres."),
    column(
        "image_orientation_patient",
        ColumnType::ListF32,
        Number,
        "ImageOrientationPatient (0020,0037), six cosines.",
    ),
    column(
        "required_present",
        ColumnType::F32,
        Keep,
        "Share of the attributes required of this modality that have a value.",
    ),
    column(
        "recommended_present",
        ColumnType::F32,
        Keep,
        "Share of the attributes recommended for this modality that have a value.",
    ),
    column(
        "pixel_digest",
        ColumnType::Text,
        Pseudonym(Domain::Other),
        "Keyed digest (HMAC-SHA-256 over XXH3) of shape and decoded samples: equal for equal images, whatever their compression.",
    ),
    column(
        "phash",
        ColumnType::U64,
        Keep,
        "Perceptual hash; copies differ in at most 7 bits, flips apart, and phash_fine decides. Null for blank images.",
    ),
    column(
        "phash_fine",
        ColumnType::U64,
        Keep,
        "Finer bits of the perceptual hash, which tell images of one kind apart; those of copies differ in at most 18.",
    ),
    column(
        "thumbnail",
        ColumnType::ListU32,
        Keep,
        "16 x 16 means of the masked pixels in 8 bits, four to a word, the first lowest: near copies correlate in it.",
    ),
    column(
        "quality_score",
        ColumnType::F32,
        Keep,
        "0 to 100 (profile simple: 0 to 3); null if nothing could be measured.",
    ),
    column(
        "quality_reasons",
        ColumnType::ListText,
        Keep,
        "What lowered the score by 3 points or more, the worst first.",
    ),
    column("quality_flags", ColumnType::ListText, Keep, "Findings that a recipe can filter by."),
];

const COUNT: usize = IMAGE.len() + METRICS.len();

const COLUMNS: [Column; COUNT] = {
    let mut all = [IMAGE[0]; COUNT];
    let mut place = 0;
    while place < COUNT {
        all[place] = if place < IMAGE.len() {
            IMAGE[place]
        } else {
            let metric = &METRICS[place - IMAGE.len()];
            column(metric.name, ColumnType::F32, Keep, metric.doc)
        };
        place += 1;
    }
    all
};

/// One row for each measured image.
pub static SCORES: Table = Table {
    name: "scores",
    folder: "scores",
    doc: "One row for each image that was measured: its metrics, its score and why, and what series checks need.",
    columns: &COLUMNS,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_unique_and_the_metrics_are_among_them() {
        for (place, column) in SCORES.columns.iter().enumerate() {
            assert_eq!(SCORES.position(column.name), Some(place), "{} twice", column.name);
        }
        assert!(METRICS.iter().all(|metric| SCORES.position(metric.name).is_some()));
    }
}
