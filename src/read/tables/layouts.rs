//! The EHR tables and the headers they are recognised by, as data. A header that no column here asks for is not read:
//! names, addresses, coordinates, social security and device numbers never get a cell.

use crate::model::Class::{BirthDate, Code, Date, DateTime, Number, Term, Text, Zip};
use crate::model::{Class, Column, ColumnType, Domain, Table};

/// One table and how it is found.
pub(super) struct Layout {
    pub table: &'static Table,
    /// For each column the headers it may stand under, lower case, blanks and hyphens as underscores.
    pub headers: &'static [&'static [&'static str]],
    /// Each group needs one of its headers for the layout to fit.
    pub needs: &'static [&'static [&'static str]],
    /// Place of the column that ages refer to, if there is one.
    pub reference: Option<usize>,
}

/// Headers of the patient's id in tables that are about something else.
const PATIENT: &[&str] = &["patient", "patient_id", "patientid", "subject_id", "person_id", "mrn"];
/// Headers of the visit's id.
const VISIT: &[&str] = &["encounter", "encounter_id", "visit_id", "hadm_id", "visit_occurrence_id"];

const ENCOUNTER: Class = Class::Pseudonym(Domain::Encounter);
const OTHER: Class = Class::Pseudonym(Domain::Other);
const STAFF: Class = Class::Pseudonym(Domain::Staff);
const UID: Class = Class::Pseudonym(Domain::Uid);

macro_rules! layouts {
    ($($name:literal $doc:literal, patient $patient:expr, needs $needs:expr, reference $reference:expr; {
        $($column:ident: $kind:ident, $class:expr, $headers:expr, $meaning:literal;)*
    })*) => {
        /// Every layout, in the order of the manual.
        pub(super) static LAYOUTS: &[Layout] = &[$(Layout {
            table: &Table {
                name: $name,
                folder: "ehr",
                doc: $doc,
                columns: &[
                    Column {
                        name: "patient_id",
                        kind: ColumnType::Text,
                        class: Class::Pseudonym(Domain::Patient),
                        doc: "id of the patient; the same person as the same id in DICOM and HL7",
                    },
                    $(Column { name: stringify!($column), kind: ColumnType::$kind, class: $class, doc: $meaning },)*
                ],
            },
            headers: &[$patient, $($headers,)*],
            needs: $needs,
            reference: $reference,
        },)*];
    };
}

layouts! {
    "patients" "Demographics, one row for each person.",
    patient &["id", "patient_id", "patientid", "patient", "subject_id", "person_id", "mrn"],
    needs &[&["id", "patient_id", "patientid", "patient", "subject_id", "person_id", "mrn"],
            &["birthdate", "birth_date", "dob", "date_of_birth", "anchor_age", "age", "birth_datetime"],
            &["gender", "sex", "gender_source_value"]],
    reference Some(2); {
        age_years: F32, BirthDate, &["birthdate", "birth_date", "dob", "date_of_birth", "birth_datetime"], "from the birth date: age at death_date, else at the recipe's [ehr] reference_date, else at the last day that the EHR tables have of the person; null if there is none";
        death_date: Date32, Date, &["deathdate", "death_date", "dod", "date_of_death"], "day of death";
        sex: Text, Code, &["gender", "sex", "gender_source_value"], "sex as the source writes it";
        race: Text, Code, &["race", "race_source_value"], "race as the source writes it";
        ethnicity: Text, Code, &["ethnicity", "ethnicity_source_value"], "ethnicity as the source writes it";
        marital_status: Text, Code, &["marital", "marital_status"], "marital status";
        language: Text, Code, &["language", "primary_language"], "language";
        state: Text, Code, &["state"], "state of residence";
        zip: Text, Zip, &["zip", "zip_code", "postal_code", "postcode"], "postal code";
        healthcare_expenses: F64, Number, &["healthcare_expenses"], "lifetime cost to the patient";
        healthcare_coverage: F64, Number, &["healthcare_coverage"], "lifetime cost covered";
    }
    "encounters" "Visits, one row each.",
    patient PATIENT,
    needs &[PATIENT, &["encounterclass", "encounter_class", "encounter_type", "visit_type", "patient_class", "admission_type", "admittime", "admit_date", "admission_date"]],
    reference Some(2); {
        encounter_id: Text, ENCOUNTER, &["id", "encounter_id", "visit_id", "hadm_id", "visit_occurrence_id"], "id of the visit";
        start_datetime: TimestampMs, DateTime, &["start", "start_date", "admittime", "admit_date", "admission_date", "encounter_date", "visit_date"], "beginning";
        end_datetime: TimestampMs, DateTime, &["stop", "end", "end_date", "dischtime", "discharge_date"], "end";
        encounter_class: Text, Code, &["encounterclass", "encounter_class", "encounter_type", "visit_type", "patient_class", "admission_type"], "class of the visit";
        code: Text, Code, &["code", "encounter_code"], "kind of visit; Synthea: SNOMED CT";
        code_text: Text, Term, &["description", "encounter_description"], "name of the code";
        organization_id: Text, OTHER, &["organization", "organization_id", "facility_id"], "where";
        provider_id: Text, STAFF, &["provider", "provider_id", "physician_id"], "with whom";
        reason_code: Text, Code, &["reasoncode", "reason_code"], "reason";
        reason_text: Text, Text, &["reasondescription", "reason", "reason_description"], "reason in words";
        base_cost: F64, Number, &["base_encounter_cost"], "cost without anything done";
        total_cost: F64, Number, &["total_claim_cost", "total_cost"], "cost";
    }
    "conditions" "Diagnoses and problems.",
    patient PATIENT,
    needs &[PATIENT, &["start", "onset", "onset_date", "condition_code", "diagnosis_code", "icd_code", "icd10", "icd9", "diagnosis_date"],
            &["code", "condition_code", "diagnosis_code", "icd_code", "icd10", "icd9"]],
    reference Some(1); {
        start_date: Date32, Date, &["start", "onset", "onset_date", "start_date", "diagnosis_date"], "beginning";
        end_date: Date32, Date, &["stop", "end", "end_date", "resolved_date"], "end; null while it lasts";
        encounter_id: Text, ENCOUNTER, VISIT, "visit of the diagnosis";
        code: Text, Code, &["code", "condition_code", "diagnosis_code", "icd_code", "icd10", "icd9"], "diagnosis; Synthea: SNOMED CT";
        code_system: Text, Code, &["system", "code_system", "icd_version", "vocabulary"], "coding system";
        code_text: Text, Term, &["description", "condition", "diagnosis", "diagnosis_description"], "name of the code";
    }
    "observations" "Measurements and findings.",
    patient PATIENT,
    needs &[PATIENT, &["value", "value_number", "valuenum", "result", "result_value"],
            &["code", "loinc", "loinc_code", "test_code", "lab_code", "itemid", "observation_code"]],
    reference Some(1); {
        observation_datetime: TimestampMs, DateTime, &["date", "observation_date", "charttime", "datetime", "collected", "result_date", "observation_datetime"], "when";
        encounter_id: Text, ENCOUNTER, VISIT, "visit";
        category: Text, Code, &["category"], "laboratory, vital-signs, survey…";
        code: Text, Code, &["code", "loinc", "loinc_code", "test_code", "lab_code", "itemid", "observation_code"], "what was observed; Synthea: LOINC";
        code_text: Text, Term, &["description", "test", "test_name", "label", "observation"], "name of the code";
        value_number: F64, Number, &["value_number", "valuenum", "value", "result", "result_value"], "the value, if it is a number";
        value_comparator: Text, Code, &["value_comparator", "comparator", "value_operator", "value", "result", "result_value"], "<, >, <=, >=, = or <> before the number, or in a column of its own";
        value_text: Text, Text, &["value_text", "value", "result", "result_value"], "the value, if it is not a number";
        unit: Text, Code, &["units", "unit", "valueuom", "uom"], "unit as given";
        value_type: Text, Code, &["type", "value_type"], "numeric or text, as the source says";
        reference_low: F64, Number, &["ref_range_lower", "reference_low", "low"], "lower limit";
        reference_high: F64, Number, &["ref_range_upper", "reference_high", "high"], "upper limit";
        abnormal_flag: Text, Code, &["flag", "abnormal_flag", "abnormal"], "abnormal flag";
    }
    "medications" "Prescriptions and administrations.",
    patient PATIENT,
    needs &[PATIENT, &["dispenses", "medication", "medication_code", "drug", "drug_code", "ndc", "rxnorm", "rxnorm_code"]],
    reference Some(1); {
        start_datetime: TimestampMs, DateTime, &["start", "start_date", "starttime", "date", "order_date"], "beginning";
        end_datetime: TimestampMs, DateTime, &["stop", "end", "end_date", "stoptime"], "end";
        encounter_id: Text, ENCOUNTER, VISIT, "visit";
        code: Text, Code, &["code", "medication_code", "drug_code", "ndc", "rxnorm", "rxnorm_code"], "medicine; Synthea: RxNorm";
        code_text: Text, Term, &["description", "medication", "drug", "drug_name"], "name of the code";
        dose: F64, Number, &["dose", "dose_val_rx", "dose_value"], "dose";
        dose_unit: Text, Code, &["dose_unit", "dose_unit_rx"], "unit of the dose";
        route: Text, Code, &["route"], "route";
        frequency: Text, Code, &["frequency"], "how often";
        instructions: Text, Text, &["sig", "instructions", "directions"], "how to take it, in words";
        dispenses: F64, Number, &["dispenses", "quantity"], "how many times it was dispensed";
        reason_code: Text, Code, &["reasoncode", "reason_code"], "reason";
        reason_text: Text, Text, &["reasondescription", "reason_description"], "reason in words";
        base_cost: F64, Number, &["base_cost"], "cost of one";
        total_cost: F64, Number, &["totalcost", "total_cost"], "cost of all";
    }
    "procedures" "Procedures.",
    patient PATIENT,
    needs &[PATIENT, &["base_cost", "procedure_code", "cpt", "cpt_code", "hcpcs"],
            &["reasoncode", "procedure_code", "cpt", "cpt_code", "hcpcs"]],
    reference Some(1); {
        start_datetime: TimestampMs, DateTime, &["start", "date", "procedure_date", "start_date"], "beginning";
        end_datetime: TimestampMs, DateTime, &["stop", "end", "end_date"], "end";
        encounter_id: Text, ENCOUNTER, VISIT, "visit";
        code: Text, Code, &["code", "procedure_code", "cpt", "cpt_code", "hcpcs"], "procedure; Synthea: SNOMED CT";
        code_system: Text, Code, &["system", "code_system"], "coding system";
        code_text: Text, Term, &["description", "procedure", "procedure_description"], "name of the code";
        reason_code: Text, Code, &["reasoncode", "reason_code"], "reason";
        reason_text: Text, Text, &["reasondescription", "reason_description"], "reason in words";
        base_cost: F64, Number, &["base_cost"], "cost";
    }
    "allergies" "Allergies.",
    patient PATIENT,
    needs &[PATIENT, &["reaction1", "severity1", "allergen", "allergy", "allergy_code", "allergen_code"]],
    reference Some(1); {
        start_date: Date32, Date, &["start", "onset_date", "recorded_date", "date"], "beginning";
        end_date: Date32, Date, &["stop", "end"], "end";
        encounter_id: Text, ENCOUNTER, VISIT, "visit";
        code: Text, Code, &["code", "allergy_code", "allergen_code"], "allergen; Synthea: SNOMED CT or RxNorm";
        code_system: Text, Code, &["system", "code_system"], "coding system";
        code_text: Text, Term, &["description", "allergen", "allergy"], "name of the code";
        allergy_type: Text, Code, &["type", "allergy_type"], "allergy or intolerance";
        category: Text, Code, &["category"], "medication, food, environment";
        reaction_code: Text, Code, &["reaction1", "reaction_code"], "first reaction";
        reaction_text: Text, Text, &["description1", "reaction"], "first reaction in words";
        severity: Text, Code, &["severity1", "severity"], "severity of the first reaction";
        reaction_2_code: Text, Code, &["reaction2"], "second reaction";
        reaction_2_text: Text, Text, &["description2"], "second reaction in words";
        severity_2: Text, Code, &["severity2"], "severity of the second reaction";
    }
    "immunizations" "Vaccinations.",
    patient PATIENT,
    needs &[PATIENT, &["date", "immunization_date", "administered_date"],
            &["base_cost", "cost", "cvx", "cvx_code", "vaccine", "vaccine_code"]],
    reference Some(1); {
        immunization_datetime: TimestampMs, DateTime, &["date", "immunization_date", "administered_date"], "when";
        encounter_id: Text, ENCOUNTER, VISIT, "visit";
        code: Text, Code, &["code", "cvx", "cvx_code", "vaccine_code"], "vaccine; CVX";
        code_text: Text, Term, &["description", "vaccine"], "name of the code";
        base_cost: F64, Number, &["base_cost", "cost"], "cost";
    }
    "imaging_studies" "Images that were taken, one row for each instance.",
    patient PATIENT,
    needs &[PATIENT, &["modality_code", "modality"]],
    reference Some(1); {
        study_datetime: TimestampMs, DateTime, &["date", "study_date"], "when";
        encounter_id: Text, ENCOUNTER, VISIT, "visit";
        study: Text, OTHER, &["id", "study_id"], "id of the study in the EHR";
        study_uid: Text, UID, &["study_uid", "study_instance_uid"], "DICOM study";
        series_uid: Text, UID, &["series_uid", "series_instance_uid"], "DICOM series";
        sop_uid: Text, UID, &["instance_uid", "sop_instance_uid", "sop_uid"], "DICOM instance";
        accession: Text, Class::Pseudonym(Domain::Accession), &["accession", "accession_number"], "accession number";
        body_site_code: Text, Code, &["bodysite_code", "body_site_code"], "body site; Synthea: SNOMED CT";
        body_site: Text, Term, &["bodysite_description", "body_site", "body_part"], "body site in words";
        modality: Text, Code, &["modality_code", "modality"], "DICOM modality";
        procedure_code: Text, Code, &["procedure_code"], "procedure";
    }
    "devices" "Devices in or on patients; their numbers are not kept.",
    patient PATIENT,
    needs &[PATIENT, &["udi", "device_code", "device"]],
    reference Some(1); {
        start_datetime: TimestampMs, DateTime, &["start", "start_date"], "beginning";
        end_datetime: TimestampMs, DateTime, &["stop", "end", "end_date"], "end";
        encounter_id: Text, ENCOUNTER, VISIT, "visit";
        code: Text, Code, &["code", "device_code"], "device; Synthea: SNOMED CT";
        code_text: Text, Term, &["description", "device"], "name of the code";
    }
    "careplans" "Care plans.",
    patient PATIENT,
    needs &[PATIENT, &["id", "careplan_id"], &["reasoncode"], &["start"], &["stop"]],
    reference Some(1); {
        start_date: Date32, Date, &["start"], "beginning";
        end_date: Date32, Date, &["stop"], "end";
        encounter_id: Text, ENCOUNTER, VISIT, "visit";
        careplan: Text, OTHER, &["id", "careplan_id"], "id of the plan";
        code: Text, Code, &["code"], "plan; Synthea: SNOMED CT";
        code_text: Text, Term, &["description"], "name of the code";
        reason_code: Text, Code, &["reasoncode"], "reason";
        reason_text: Text, Text, &["reasondescription"], "reason in words";
    }
    "supplies" "Supplies used.",
    patient PATIENT,
    needs &[PATIENT, &["date"], &["code"], &["quantity"]],
    reference Some(1); {
        supply_date: Date32, Date, &["date"], "when";
        encounter_id: Text, ENCOUNTER, VISIT, "visit";
        code: Text, Code, &["code"], "supply; Synthea: SNOMED CT";
        code_text: Text, Term, &["description"], "name of the code";
        quantity: F64, Number, &["quantity"], "how many";
    }
    "notes" "Notes and reports in words, scrubbed.",
    patient PATIENT,
    needs &[PATIENT, &["note_text", "report_text", "note", "report", "text", "narrative", "findings", "impression"],
            &["note_id", "note_type", "note_date", "note_datetime", "report_id", "report_type", "report_date", "charttime", "chartdate", "date", "datetime"]],
    reference Some(1); {
        note_datetime: TimestampMs, DateTime, &["note_datetime", "note_date", "report_date", "charttime", "chartdate", "datetime", "date"], "when";
        encounter_id: Text, ENCOUNTER, VISIT, "visit";
        note_id: Text, OTHER, &["note_id", "report_id", "row_id", "id"], "id of the note";
        note_type: Text, Code, &["note_type", "report_type", "category", "type"], "progress, radiology, discharge…, as the source says";
        accession: Text, Class::Pseudonym(Domain::Accession), &["accession", "accession_number"], "accession number of the images that it is about";
        title: Text, Text, &["note_title", "report_title", "title", "exam_description", "study_description", "description"], "what it is about";
        text: Text, Text, &["note_text", "report_text", "text", "narrative", "note", "report"], "the words, without what names people";
        indication: Text, Text, &["indication", "clinical_history", "history", "reason_for_exam", "reason"], "why the examination was done";
        findings: Text, Text, &["findings"], "what was found";
        impression: Text, Text, &["impression", "conclusion"], "what it means";
    }
}

/// Headers that mark tables which say nothing clinical of patients: money, addresses, people who are not patients.
pub(super) static REFUSED: &[(&[&str], &str)] = &[
    (&["claimid", "chargeid"], "claim transactions carry no clinical rows"),
    (&["primarypatientinsuranceid", "currentillnessdate"], "claims carry no clinical rows"),
    (&["memberid", "ownership"], "insurance periods carry no clinical rows"),
    (&["amount_covered", "amount_uncovered"], "payers are no patients"),
    (&["organization", "name", "utilization"], "providers are no patients"),
    (&["name", "address", "utilization"], "organisations are no patients"),
    (&["resourcetype"], "FHIR resources are not read"),
];

/// Ends of headers that no layout asks for and whose values still name nobody: prose, money and codes. Every other
/// column without a layout names people (names, addresses, telephones, numbers of passports and insurances, and what we
/// have never heard of): no code of the same record may repeat a word of it.
#[rustfmt::skip]
pub(super) static CLINICAL: &[&str] = &[
    "description", "comment", "comments", "note", "notes", "text", "code", "status", "type", "unit", "units", "flag",
    "cost", "coverage", "expenses", "amount", "price", "count", "level", "age", "result", "version", "display",
];

/// Words of headers under which a person's name or a part of it stands.
pub(super) static NAME_PARTS: &[&str] = &[
    "first",
    "last",
    "middle",
    "maiden",
    "name",
    "surname",
    "forename",
    "firstname",
    "lastname",
    "given",
    "family",
    "fullname",
    "patientname",
    "nickname",
    "alias",
];

/// Headers under which a whole address may stand, whose state may leave.
pub(super) static BIRTHPLACES: &[&str] = &["birthplace", "birth_place", "place_of_birth"];
