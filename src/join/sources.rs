//! Which tables say the same thing, as data: HL7 and EHR tables under common columns, so that every join reads both.

use super::parquet::{self, Row};
use crate::error::Result;
use crate::model::Table;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The files of a data set's tables, by folder (`hl7/observations`, `manifest`), in the order of the parts.
#[derive(Clone, Debug, Default)]
pub struct Sources(BTreeMap<String, Vec<PathBuf>>);

impl Sources {
    /// Adds a file to the folder that it lies in.
    pub fn add(&mut self, folder: &str, file: PathBuf) {
        self.0.entry(folder.to_owned()).or_default().push(file);
    }

    /// The files of one table.
    pub(super) fn files(&self, folder: &str) -> &[PathBuf] {
        self.0.get(folder).map_or(&[], Vec::as_slice)
    }

    /// Whether some table says more of people than that there was something: visits, diagnoses, medicines, results, who they
    /// are. Without one nobody has a score, and no group is one.
    pub fn describe_people(&self) -> bool {
        let views = [&PEOPLE, &CONDITIONS, &MEDICATIONS, &OBSERVATIONS, &ENCOUNTERS];
        views.iter().flat_map(|view| view.0).any(|(folder, _)| !self.files(folder).is_empty())
    }

    /// Hands every row of a view to `take`, table by table, with the table's folder.
    pub(super) fn each(&self, view: &View, take: &mut dyn FnMut(&'static str, &Row)) -> Result<()> {
        for (folder, columns) in view.0 {
            for path in self.files(folder) {
                parquet::rows(path, columns, &mut |row| take(folder, row))?;
            }
        }
        Ok(())
    }
}

/// Tables under common columns: for each table, where each of the columns stands.
pub(super) struct View(&'static [(&'static str, &'static [Option<&'static str>])]);

impl View {
    /// Where a column of the view stands in a table.
    pub(super) fn place(&self, table: &Table, column: usize) -> Option<usize> {
        let is = |name: &str| name.split_once('/') == Some((table.folder, table.name));
        let (_, columns) = self.0.iter().find(|(name, _)| is(name))?;
        table.position(columns.get(column).copied().flatten()?)
    }
}

/// Image instances: accession, patient, study, day, modality, series.
pub(super) static IMAGES: View = View(&[(
    "manifest",
    &[
        Some("accession_number"),
        Some("patient_id"),
        Some("study_uid"),
        Some("study_date"),
        Some("modality"),
        Some("series_uid"),
    ],
)]);

/// Measured images, for the checks of series and the search for copies: name, series, study, patient, split, modality,
/// rows, columns, position, orientation, instance number, tilt, kind, lossy, bits used, digest, hash, bits stored,
/// required and recommended attributes, finer hash, thumbnail.
pub(super) static SCORED: View = View(&[(
    "scores",
    &[
        Some("tensor_id"),
        Some("series_uid"),
        Some("study_uid"),
        Some("patient_id"),
        Some("split"),
        Some("modality"),
        Some("rows"),
        Some("columns"),
        Some("image_position_patient"),
        Some("image_orientation_patient"),
        Some("instance_number"),
        Some("gantry_tilt_degrees"),
        Some("kind"),
        Some("lossy"),
        Some("bits_used"),
        Some("pixel_digest"),
        Some("phash"),
        Some("bits_stored"),
        Some("required_present"),
        Some("recommended_present"),
        Some("phash_fine"),
        Some("thumbnail"),
    ],
)]);

/// Orders: accession, patient, message, index, encounter, code, service, modality, study, and the times by which an
/// order is dated, best first.
pub(super) static ORDERS: View = View(&[(
    "hl7/orders",
    &[
        Some("accession"),
        Some("patient_id"),
        Some("message_ordinal"),
        Some("order_index"),
        Some("encounter_id"),
        Some("code"),
        Some("diagnostic_service"),
        Some("modality"),
        Some("study_uid"),
        Some("observation_datetime"),
        Some("requested_datetime"),
        Some("order_datetime"),
    ],
)]);

/// Studies as an EHR lists them: accession, patient, study, encounter, time, series.
pub(super) static LISTED_STUDIES: View = View(&[(
    "ehr/imaging_studies",
    &[
        Some("accession"),
        Some("patient_id"),
        Some("study_uid"),
        Some("encounter_id"),
        Some("study_datetime"),
        Some("series_uid"),
    ],
)]);

/// Visits: patient, encounter, begin, end, class, message, disposition.
pub(super) static ENCOUNTERS: View = View(&[
    (
        "hl7/encounters",
        &[
            Some("patient_id"),
            Some("encounter_id"),
            Some("admit_datetime"),
            Some("discharge_datetime"),
            Some("patient_class"),
            Some("message_ordinal"),
            Some("discharge_disposition"),
        ],
    ),
    (
        "ehr/encounters",
        &[
            Some("patient_id"),
            Some("encounter_id"),
            Some("start_datetime"),
            Some("end_datetime"),
            Some("encounter_class"),
            None,
            None,
        ],
    ),
]);

/// Results: patient, code, alternate code, number, comparator, unit, unit in UCUM, time, message, encounter, separator of a
/// ratio or a range.
pub(super) static OBSERVATIONS: View = View(&[
    (
        "hl7/observations",
        &[
            Some("patient_id"),
            Some("code"),
            Some("alternate_code"),
            Some("value_number"),
            Some("value_comparator"),
            Some("unit"),
            Some("unit_ucum"),
            Some("observation_datetime"),
            Some("message_ordinal"),
            Some("encounter_id"),
            Some("value_separator"),
        ],
    ),
    (
        "ehr/observations",
        &[
            Some("patient_id"),
            Some("code"),
            None,
            Some("value_number"),
            Some("value_comparator"),
            Some("unit"),
            None,
            Some("observation_datetime"),
            None,
            Some("encounter_id"),
            None,
        ],
    ),
]);

/// Diagnoses: patient, code, time, priority, type.
pub(super) static CONDITIONS: View = View(&[
    (
        "hl7/diagnoses",
        &[Some("patient_id"), Some("code"), Some("diagnosis_datetime"), Some("priority"), Some("diagnosis_type")],
    ),
    ("ehr/conditions", &[Some("patient_id"), Some("code"), Some("start_date"), None, None]),
]);

/// Medicines: patient, code, name, time.
pub(super) static MEDICATIONS: View = View(&[
    ("hl7/medications", &[Some("patient_id"), Some("code"), Some("code_text"), Some("start_datetime")]),
    ("ehr/medications", &[Some("patient_id"), Some("code"), Some("code_text"), Some("start_datetime")]),
]);

/// Demographics: patient, sex, age, ZIP3, death, death indicator.
pub(super) static PEOPLE: View = View(&[
    (
        "hl7/patients",
        &[
            Some("patient_id"),
            Some("sex"),
            Some("age_years"),
            Some("zip"),
            Some("death_datetime"),
            Some("death_indicator"),
        ],
    ),
    ("ehr/patients", &[Some("patient_id"), Some("sex"), Some("age_years"), Some("zip"), Some("death_date"), None]),
    ("manifest", &[Some("patient_id"), Some("patient_sex"), Some("patient_age_years"), None, None, None]),
]);
