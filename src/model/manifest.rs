//! The dataset's own tables, declared once: the manifest, the rejects and the patients. Writers, readers, cards and
//! docs derive from these declarations. HL7 and EHR tables are declared beside their readers.

use super::table::{Class, Column, ColumnType, Domain, Table};
use Class::{Code, Date, Keep, Number, Pseudonym};

const fn column(name: &'static str, kind: ColumnType, class: Class, doc: &'static str) -> Column {
    Column { name, kind, class, doc }
}

/// One row per tensor. The first eight columns are filled by `write` when the tensor is written.
pub const MANIFEST: Table = Table {
    name: "manifest",
    folder: "manifest",
    doc: "One row per tensor: where it lies, whose it is, how the image was stored and what was done to it.",
    columns: &[
        column(
            "tensor_id",
            ColumnType::Text,
            Keep,
            "Name of the tensor, unique in the dataset: the stem of its files in a tar, its name in a safetensors file.",
        ),
        column("tensor_file", ColumnType::Text, Keep, "File that holds the tensor, relative to the dataset directory."),
        column(
            "tensor_name",
            ColumnType::Text,
            Keep,
            "Name inside tensor_file: tar member, safetensors name, index on the first axis (npy), or row number (Parquet).",
        ),
        column(
            "offset",
            ColumnType::U64,
            Keep,
            "Where the array's first element lies in tensor_file, in bytes; null for Parquet formats, which hold no plain bytes.",
        ),
        column(
            "length",
            ColumnType::U64,
            Keep,
            "Bytes of the array's elements from offset on (row-major, little endian); null for Parquet formats.",
        ),
        column("dtype", ColumnType::Text, Keep, "Element type: f32, f16, u8 or u16."),
        column("shape", ColumnType::ListU32, Keep, "Channels, height, width."),
        column("split", ColumnType::Text, Keep, "train, validation or test; a patient is in one split only."),
        column(
            "patient_id",
            ColumnType::Text,
            Pseudonym(Domain::Patient),
            "Pseudonym of PatientID (0010,0020); the same in every source.",
        ),
        column("study_uid", ColumnType::Text, Pseudonym(Domain::Uid), "Replaced StudyInstanceUID (0020,000D)."),
        column("series_uid", ColumnType::Text, Pseudonym(Domain::Uid), "Replaced SeriesInstanceUID (0020,000E)."),
        column("sop_uid", ColumnType::Text, Pseudonym(Domain::Uid), "Replaced SOPInstanceUID (0008,0018)."),
        column(
            "accession_number",
            ColumnType::Text,
            Pseudonym(Domain::Accession),
            "Pseudonym of AccessionNumber (0008,0050): the link to HL7 orders.",
        ),
        column("frame", ColumnType::U32, Keep, "Frame of a multi-frame image, from 0."),
        column("modality", ColumnType::Text, Code, "Modality (0008,0060)."),
        column("body_part", ColumnType::Text, Code, "BodyPartExamined (0018,0015)."),
        column("laterality", ColumnType::Text, Code, "ImageLaterality (0020,0062), else Laterality (0020,0060)."),
        column("view_position", ColumnType::Text, Code, "ViewPosition (0018,5101)."),
        column("manufacturer", ColumnType::Text, Code, "Manufacturer (0008,0070), if it is one we know."),
        column("model", ColumnType::Text, Code, "ManufacturerModelName (0008,1090) of a manufacturer we know."),
        column("rows", ColumnType::U32, Number, "Rows (0028,0010) as stored."),
        column("columns", ColumnType::U32, Number, "Columns (0028,0011) as stored."),
        column("bits_stored", ColumnType::U8, Number, "BitsStored (0028,0101)."),
        column("photometric", ColumnType::Text, Code, "PhotometricInterpretation (0028,0004) as stored."),
        column("transfer_syntax", ColumnType::Text, Keep, "TransferSyntaxUID (0002,0010) the image was read from."),
        column(
            "lossy",
            ColumnType::Bool,
            Keep,
            "Whether the image has been through lossy compression (LossyImageCompression (0028,2110) or a lossy transfer syntax).",
        ),
        column(
            "pixel_spacing_mm",
            ColumnType::ListF32,
            Number,
            "PixelSpacing (0028,0030), else ImagerPixelSpacing (0018,1164): between rows, between columns, in millimetres, of the stored image.",
        ),
        column("slice_thickness_mm", ColumnType::F32, Number, "SliceThickness (0018,0050), millimetres."),
        column("image_position_patient", ColumnType::ListF32, Number, "ImagePositionPatient (0020,0032), millimetres."),
        column(
            "image_orientation_patient",
            ColumnType::ListF32,
            Number,
            "ImageOrientationPatient (0020,0037), six cosines.",
        ),
        column(
            "window_center",
            ColumnType::F32,
            Number,
            "Centre of the window that was applied, modality units; null if none was.",
        ),
        column(
            "window_width",
            ColumnType::F32,
            Number,
            "Width of the window that was applied, modality units; null if none was.",
        ),
        column(
            "voi",
            ColumnType::Text,
            Keep,
            "Which view of interest was applied: a word of the recipe's table (file, preset name, percentile, min-max, none).",
        ),
        column(
            "decoded",
            ColumnType::Text,
            Keep,
            "Size at which the image was decoded before it was resized: full, or 1/2, 1/4 and so on of the stored rows and columns.",
        ),
        column(
            "study_date",
            ColumnType::Date32,
            Date,
            "StudyDate (0008,0020), shifted by the patient's number of days.",
        ),
        column("patient_age_years", ColumnType::F32, Number, "Age at the study, years; everything above 89 is 90."),
        column("patient_sex", ColumnType::Text, Code, "PatientSex (0010,0040): F, M or O."),
        column(
            "masked",
            ColumnType::ListMask,
            Keep,
            "Boxes that were blanked, in stored pixel coordinates: x, y, w, h, reason; empty if none.",
        ),
        column(
            "released",
            ColumnType::ListMask,
            Keep,
            "Boxes of marks that the recipe allows, found and left readable: x, y, w, h, reason; empty if none.",
        ),
        column(
            "burned_in",
            ColumnType::Text,
            Keep,
            "What the search for burned-in text came to: none-found, masked, review, not-searched or masked-not-searched.",
        ),
        column(
            "warnings",
            ColumnType::Text,
            Keep,
            "What decoding repaired or lost, as stable words separated by spaces; null if nothing.",
        ),
        column("plan_digest", ColumnType::Text, Keep, "Digest of everything that decides about the tensor's values."),
        column(
            "source_digest",
            ColumnType::Text,
            Pseudonym(Domain::Other),
            "Keyed digest of the input; only a holder of the key can link it to a file.",
        ),
        column("engine", ColumnType::Text, Keep, "Engine that computed the tensor: cpu or gpu."),
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
            "Perceptual hash; copies differ in at most 7 bits, flips apart. Null for blank images.",
        ),
        column(
            "duplicate_of",
            ColumnType::Text,
            Keep,
            "Tensor that this one is a copy of, the first by order of the inputs; only with `[score] copies = \"mark\"`.",
        ),
        column(
            "quality_score",
            ColumnType::F32,
            Keep,
            "0 to 100 (profile simple: 0 to 3); null if the image was not measured.",
        ),
        column(
            "quality_reasons",
            ColumnType::ListText,
            Keep,
            "What lowered the score by 3 points or more, the worst first.",
        ),
        column("quality_flags", ColumnType::ListText, Keep, "Findings that a recipe can filter by."),
        column("quality_mean", ColumnType::F32, Keep, "Mean of all values; scores/ has every metric."),
        column("quality_deviation", ColumnType::F32, Keep, "Standard deviation of all values."),
        column("quality_entropy", ColumnType::F32, Keep, "Entropy over distinct values, bits."),
        column("quality_foreground", ColumnType::F32, Keep, "Share of the object."),
        column("quality_noise_ratio", ColumnType::F32, Keep, "Noise over the range of values."),
        column("quality_snr", ColumnType::F32, Keep, "MR: signal over noise of air."),
        column("quality_cnr", ColumnType::F32, Keep, "Contrast of object and air over noise."),
        column("quality_blur", ColumnType::F32, Keep, "Blur, not changed by noise: 7 for edges, 21 for smooth waves."),
        column(
            "quality_texture",
            ColumnType::F32,
            Keep,
            "Fine grain, 1 for white noise; low if smoothed or coded away.",
        ),
        column("quality_blockiness", ColumnType::F32, Keep, "Blocks of lossy compression."),
    ],
};

/// Every input, frame or message that was read and did not become part of the dataset.
pub const REJECTS: Table = Table {
    name: "rejects",
    folder: "",
    doc: "One row for each thing that was read and not written, with a stable reason code.",
    columns: &[
        column("input", ColumnType::U64, Keep, "Ordinal of the input in the sorted list of inputs, from 0."),
        column(
            "input_id",
            ColumnType::Text,
            Pseudonym(Domain::Other),
            "Keyed id of the input; inputs.csv of the private directory links it to a path.",
        ),
        column(
            "unit",
            ColumnType::Text,
            Keep,
            "What was set aside: inputs (the whole of it), images, messages or rows.",
        ),
        column(
            "item",
            ColumnType::U64,
            Keep,
            "Which frame, message or row of the input, from 0; null for the whole input.",
        ),
        column(
            "outcome",
            ColumnType::Text,
            Keep,
            "refused (something is wrong with it) or skipped (it is not for this dataset).",
        ),
        column("reason", ColumnType::Text, Keep, "Stable reason code; `voxmill rules` lists them."),
        column("place", ColumnType::Text, Keep, "Attribute, field, column or stage it is about."),
        column("cause", ColumnType::Text, Keep, "What was expected and not so."),
        column("numbers", ColumnType::Text, Keep, "Limits and measures as a JSON object; null if there are none."),
        column("remedy", ColumnType::Text, Keep, "What to do about it; null if nothing but leaving it out."),
    ],
};

/// One row per person of the dataset.
pub const PATIENTS: Table = Table {
    name: "patients",
    folder: "",
    doc: "One row per person: what the dataset holds of them.",
    columns: &[
        column("patient_id", ColumnType::Text, Pseudonym(Domain::Patient), "Pseudonym, as in every other table."),
        column(
            "split",
            ColumnType::Text,
            Keep,
            "train, validation or test: follows from the pseudonym, with or without images.",
        ),
        column(
            "sex",
            ColumnType::Text,
            Code,
            "F, M, O, or a word of the source that is none of these; from images first, else from the tables.",
        ),
        column(
            "age_years",
            ColumnType::F32,
            Number,
            "Age at the first dated study, else the highest age in the tables, years; everything above 89 is 90.",
        ),
        column("studies", ColumnType::U64, Keep, "Distinct image studies."),
        column("images", ColumnType::U64, Keep, "Tensors."),
        column(
            "images_by_modality",
            ColumnType::Text,
            Keep,
            "Tensors by modality as a JSON object; null if there are none.",
        ),
        column("hl7_messages", ColumnType::U64, Keep, "Rows of the messages table."),
        column("observations", ColumnType::U64, Keep, "Rows of the observations tables."),
        column("first_study_date", ColumnType::Date32, Date, "First study date, shifted."),
        column("last_study_date", ColumnType::Date32, Date, "Last study date, shifted."),
        column("rows_by_table", ColumnType::Text, Keep, "Rows by table as a JSON object; null if there are none."),
        column("first_message_date", ColumnType::Date32, Date, "Day of the first HL7 message (MSH-7), shifted."),
        column("last_message_date", ColumnType::Date32, Date, "Day of the last HL7 message, shifted."),
        column(
            "first_ehr_date",
            ColumnType::Date32,
            Date,
            "First day of a visit, diagnosis, result, medicine, procedure or vaccination in EHR tables, shifted.",
        ),
        column("last_ehr_date", ColumnType::Date32, Date, "Last day of these, shifted."),
        column(
            "conditions",
            ColumnType::Text,
            Code,
            "Codes of diagnoses with the first day each was named, shifted, as a JSON object; null if there are none.",
        ),
        column(
            "medications",
            ColumnType::Text,
            Code,
            "Codes of medicines with the last day each was named, shifted, as a JSON object; null if there are none.",
        ),
        column(
            "last_results",
            ColumnType::Text,
            Code,
            "Last numeric result of each code with unit and shifted day, as a JSON object; null if there are none.",
        ),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_unique_documented_and_in_snake_case() {
        let mut walked = 0;
        for table in [&MANIFEST, &REJECTS, &PATIENTS] {
            for (place, column) in table.columns.iter().enumerate() {
                assert_eq!(table.position(column.name), Some(place), "{} twice in {}", column.name, table.name);
                assert!(column.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'));
                assert!(column.doc.ends_with('.') && column.doc.len() > 3, "{}: a sentence", column.name);
                walked += 1;
            }
        }
        assert_eq!(walked, 60 + 10 + 19);
    }
}
