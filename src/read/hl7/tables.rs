//! The tables that HL7 messages become, as data: each column with its type, its de-identification class, the field it
//! comes from and how it is taken from there. What has no column here never leaves: names, addresses, telephone
//! numbers, account and social security numbers.

use super::shape::{is_letter, is_range, is_token, is_unit};
use super::take::{Made, Take, at, codes, int, lines, num};
use crate::model::{Class, Column, ColumnType, Domain, Table};

/// Declares tables: `column: Type, class, "source", "meaning" => how to take it;`. Every table begins with the patient
/// and the message that the row comes from.
macro_rules! tables {
    ($($table:ident $take:ident $name:literal $doc:literal {
        $($column:ident: $kind:ident, $class:expr, $source:literal, $meaning:literal => $how:expr;)*
    })*) => {
        $(
            #[doc = $doc]
            pub static $table: Table = Table {
                name: $name,
                folder: "hl7",
                doc: $doc,
                columns: &[
                    Column {
                        name: "patient_id",
                        kind: ColumnType::Text,
                        class: Class::Pseudonym(Domain::Patient),
                        doc: "PID-3.1: the repetition of type MR, else PI, else the first; PID-2 where PID-3 is empty",
                    },
                    Column {
                        name: "message_ordinal",
                        kind: ColumnType::U64,
                        class: Class::Keep,
                        doc: "number of the message, unique in the data set: the input's ordinal x 2^32 + the message's place in it; joins the rows of one message",
                    },
                    $(Column {
                        name: stringify!($column),
                        kind: ColumnType::$kind,
                        class: $class,
                        doc: concat!($source, ": ", $meaning),
                    },)*
                ],
            };
            pub(super) static $take: &[Take] = &[Take::Patient, Take::Ordinal, $($how,)*];
        )*
        /// Every HL7 table, in the order of the manual.
        pub static TABLES: &[&Table] = &[$(&$table,)*];
    };
}

const ENCOUNTER: Class = Class::Pseudonym(Domain::Encounter);
const ORDER: Class = Class::Pseudonym(Domain::Order);
const ACCESSION: Class = Class::Pseudonym(Domain::Accession);
const STAFF: Class = Class::Pseudonym(Domain::Staff);
const OTHER: Class = Class::Pseudonym(Domain::Other);

use Class::{BirthDate, Code, Date, DateTime, Keep, Number, Term, Text, Zip};

tables! {
    MESSAGES MESSAGES_TAKE "messages" "One row for each message that was read." {
        message_type: Text, Code, "MSH-9.1", "message type, table 0076" => at(0, 9, 1);
        trigger_event: Text, Code, "MSH-9.2", "trigger event, table 0003" => at(0, 9, 2);
        message_structure: Text, Code, "MSH-9.3", "message structure, table 0354" => at(0, 9, 3);
        control_id: Text, Class::Pseudonym(Domain::Message), "MSH-10", "message control id" => at(0, 10, 1);
        processing_id: Text, Code, "MSH-11.1", "P, T or D: production, training, debugging" => at(0, 11, 1);
        version: Text, Code, "MSH-12.1", "version of the standard" => at(0, 12, 1);
        sending_application: Text, OTHER, "MSH-3.1", "sending application" => at(0, 3, 1);
        sending_facility: Text, OTHER, "MSH-4.1", "sending facility" => at(0, 4, 1);
        receiving_application: Text, OTHER, "MSH-5.1", "receiving application" => at(0, 5, 1);
        receiving_facility: Text, OTHER, "MSH-6.1", "receiving facility" => at(0, 6, 1);
        message_datetime: TimestampMs, DateTime, "MSH-7.1", "time of the message" => at(0, 7, 1);
        event_datetime: TimestampMs, DateTime, "EVN-6.1 or EVN-2.1", "when the event happened, else when it was recorded" => Take::Or(&[at(1, 6, 1), at(1, 2, 1)]);
        character_set: Text, Keep, "MSH-18", "character set that the message was read by, our name for it" => Take::Made(Made::CharacterSet);
        segments: U32, Keep, "message", "number of segments" => Take::Made(Made::Segments);
        bytes: U64, Keep, "message", "length in the input" => Take::Made(Made::Bytes);
        structure_valid: Bool, Keep, "message", "every line is a segment with a name, and MSH-9, MSH-10, MSH-11 and MSH-12 are there" => Take::Made(Made::StructureValid);
        validation_score: F32, Keep, "message", "0.25 each for a patient identifier, a readable MSH-7, message type with trigger event, and the segments that the type needs" => Take::Made(Made::ValidationScore);
        valid: Bool, Keep, "message", "validation_score is at least 0.75" => Take::Made(Made::Valid);
    }
    PATIENTS PATIENTS_TAKE "patients" "Demographics, one row for each PID segment." {
        age_years: F32, BirthDate, "PID-7.1", "age at the time of the message" => at(0, 7, 1);
        sex: Text, Code, "PID-8.1", "administrative sex, table 0001" => at(0, 8, 1);
        race: Text, Code, "PID-10.1", "race, table 0005; repetitions separated by a blank" => codes(0, 10, 1);
        ethnic_group: Text, Code, "PID-22.1", "ethnic group, table 0189; repetitions separated by a blank" => codes(0, 22, 1);
        marital_status: Text, Code, "PID-16.1", "marital status, table 0002" => at(0, 16, 1);
        primary_language: Text, Code, "PID-15.1", "primary language" => at(0, 15, 1);
        zip: Text, Zip, "PID-11.5", "postal code of the first address" => at(0, 11, 5);
        country: Text, Code, "PID-11.6", "country of the first address" => at(0, 11, 6);
        death_datetime: TimestampMs, DateTime, "PID-29.1", "time of death" => at(0, 29, 1);
        death_indicator: Text, Code, "PID-30.1", "Y if the patient is dead" => at(0, 30, 1);
        multiple_birth: Text, Code, "PID-24.1", "multiple birth indicator" => at(0, 24, 1);
        trigger_event: Text, Code, "MSH-9.2", "trigger event that brought the row" => Take::Made(Made::Trigger);
        message_datetime: TimestampMs, DateTime, "MSH-7.1", "time of the message" => Take::Made(Made::MessageTime);
    }
    MERGES MERGES_TAKE "merges" "Identifiers that became one person (MRG of ADT^A18, A30, A34 to A36, A39 to A43, A47…): patient_id survives." {
        prior_patient_id: Text, Class::Pseudonym(Domain::Patient), "MRG-1.1", "the identifier that is given up, chosen as PID-3 is" => Take::Made(Made::PriorPatient);
        prior_encounter_id: Text, ENCOUNTER, "MRG-5.1", "the visit number that is given up" => at(0, 5, 1);
        trigger_event: Text, Code, "MSH-9.2", "trigger event" => Take::Made(Made::Trigger);
        message_datetime: TimestampMs, DateTime, "MSH-7.1", "time of the message" => Take::Made(Made::MessageTime);
    }
    ENCOUNTERS ENCOUNTERS_TAKE "encounters" "Visits, one row for each PV1 with its PV2." {
        encounter_id: Text, ENCOUNTER, "PV1-19.1", "visit number" => Take::Encounter;
        set_id: U32, Keep, "PV1-1", "set id, 1 to 9999" => int(0, 1);
        patient_class: Text, Code, "PV1-2.1", "patient class, table 0004" => at(0, 2, 1);
        admission_type: Text, Code, "PV1-4.1", "admission type, table 0007" => at(0, 4, 1);
        point_of_care: Text, OTHER, "PV1-3.1", "assigned ward or clinic" => at(0, 3, 1);
        hospital_service: Text, Code, "PV1-10.1", "hospital service, table 0069" => at(0, 10, 1);
        readmission: Text, Code, "PV1-13.1", "re-admission indicator, table 0092" => at(0, 13, 1);
        admit_source: Text, Code, "PV1-14.1", "admit source, table 0023" => at(0, 14, 1);
        patient_type: Text, Code, "PV1-18.1", "patient type, table 0018" => at(0, 18, 1);
        financial_class: Text, Code, "PV1-20.1", "financial class, table 0064" => at(0, 20, 1);
        discharge_disposition: Text, Code, "PV1-36.1", "discharge disposition, table 0112" => at(0, 36, 1);
        admit_datetime: TimestampMs, DateTime, "PV1-44.1", "admission" => at(0, 44, 1);
        discharge_datetime: TimestampMs, DateTime, "PV1-45.1", "discharge" => at(0, 45, 1);
        attending_id: Text, STAFF, "PV1-7.1", "attending doctor" => at(0, 7, 1);
        referring_id: Text, STAFF, "PV1-8.1", "referring doctor" => at(0, 8, 1);
        admit_reason_code: Text, Code, "PV2-3.1", "admit reason" => at(1, 3, 1);
        admit_reason_text: Text, Text, "PV2-3.2", "admit reason in words" => at(1, 3, 2);
        admit_reason_system: Text, Code, "PV2-3.3", "coding system of the admit reason" => at(1, 3, 3);
        expected_admit_datetime: TimestampMs, DateTime, "PV2-8.1", "expected admission" => at(1, 8, 1);
        expected_discharge_datetime: TimestampMs, DateTime, "PV2-9.1", "expected discharge" => at(1, 9, 1);
        length_of_stay_days: F64, Number, "PV2-11", "actual length of stay" => num(1, 11, 1);
        trigger_event: Text, Code, "MSH-9.2", "trigger event that brought the row" => Take::Made(Made::Trigger);
        message_datetime: TimestampMs, DateTime, "MSH-7.1", "time of the message" => Take::Made(Made::MessageTime);
    }
    OBSERVATIONS OBSERVATIONS_TAKE "observations" "Results, one row for each OBX and each repetition of its value." {
        encounter_id: Text, ENCOUNTER, "PV1-19.1", "visit number" => Take::Encounter;
        order_index: U32, Keep, "ORC, OBR", "which order of the message, from 1; joins orders; null outside an order" => Take::Order;
        set_id: U32, Keep, "OBX-1", "set id, 1 to 9999" => int(0, 1);
        sub_id: Text, Code, "OBX-4", "sub-id" => at(0, 4, 1);
        value_index: U32, Keep, "OBX-5", "which repetition of the value, from 1" => Take::Made(Made::ValueIndex);
        value_type: Text, Code, "OBX-2", "data type of the value, table 0125" => at(0, 2, 1);
        code: Text, Code, "OBX-3.1", "what was observed" => at(0, 3, 1);
        code_text: Text, Term, "OBX-3.2", "name of the code" => at(0, 3, 2);
        code_system: Text, Code, "OBX-3.3", "coding system, table 0396: LN is LOINC" => at(0, 3, 3);
        alternate_code: Text, Code, "OBX-3.4", "the same in another coding system" => at(0, 3, 4);
        alternate_code_text: Text, Term, "OBX-3.5", "name of the alternate code" => at(0, 3, 5);
        alternate_code_system: Text, Code, "OBX-3.6", "the other coding system" => at(0, 3, 6);
        value_number: F64, Number, "OBX-5", "value of NM and SN; of ST and TX if a unit, a range or a comparator says that it is a measurement" => Take::Made(Made::Number);
        value_comparator: Text, Code, "OBX-5", "<, >, <=, >=, = or <> before the number (SN-1)" => Take::Made(Made::Comparator);
        value_separator: Text, Code, "OBX-5.3", "- + / . or : between two numbers (SN-3)" => Take::Made(Made::Separator);
        value_number_2: F64, Number, "OBX-5.4", "second number (SN-4)" => Take::Made(Made::Number2);
        value_code: Text, Code, "OBX-5.1", "value of CWE, CNE, CE, CF, IS, ID" => Take::Made(Made::ValueCode);
        value_code_system: Text, Code, "OBX-5.3", "coding system of value_code" => Take::Made(Made::ValueCodeSystem);
        value_text: Text, Text, "OBX-5", "value of ST, TX, FT (repetitions of TX and FT as lines), name of value_code, numbers that cannot be read" => Take::Made(Made::ValueText);
        value_datetime: TimestampMs, DateTime, "OBX-5.1", "value of DT, DTM, TS" => Take::Made(Made::ValueTime);
        value_bytes: U64, Keep, "OBX-5", "length of an embedded document (ED); the document itself is not kept" => Take::Made(Made::ValueBytes);
        unit: Text, Code, "OBX-6.1", "unit as given; dropped if longer than 20 characters or of several words" => Take::If(is_unit, &at(0, 6, 1));
        unit_ucum: Text, Code, "OBX-6", "unit in UCUM, where OBX-6.3 says so or the table of units knows it" => Take::If(is_unit, &Take::Made(Made::Ucum));
        reference_range: Text, Code, "OBX-7", "reference range as given, if it is limits or negative, positive, normal" => Take::If(is_range, &at(0, 7, 1));
        reference_low: F64, Number, "OBX-7", "lower limit" => Take::Made(Made::Low);
        reference_high: F64, Number, "OBX-7", "upper limit" => Take::Made(Made::High);
        abnormal_flags: Text, Code, "OBX-8.1", "table 0078, repetitions separated by a blank" => codes(0, 8, 1);
        status: Text, Code, "OBX-11", "result status, table 0085" => at(0, 11, 1);
        observation_datetime: TimestampMs, DateTime, "OBX-14.1 or OBR-7.1", "when it was observed" => Take::Or(&[at(0, 14, 1), at(1, 7, 1)]);
        analysis_datetime: TimestampMs, DateTime, "OBX-19.1", "when it was analysed" => at(0, 19, 1);
        method: Text, Code, "OBX-17.1", "method" => at(0, 17, 1);
        message_datetime: TimestampMs, DateTime, "MSH-7.1", "time of the message" => Take::Made(Made::MessageTime);
    }
    ORDERS ORDERS_TAKE "orders" "Orders, one row for each OBR with its ORC, or for an ORC without one." {
        encounter_id: Text, ENCOUNTER, "PV1-19.1", "visit number" => Take::Encounter;
        order_index: U32, Keep, "ORC, OBR", "which order of the message, from 1" => Take::Order;
        order_control: Text, Code, "ORC-1", "order control, table 0119" => at(0, 1, 1);
        placer_order: Text, ORDER, "OBR-2.1 or ORC-2.1", "placer order number" => Take::Or(&[at(1, 2, 1), at(0, 2, 1)]);
        filler_order: Text, ACCESSION, "OBR-3.1 or ORC-3.1", "filler order number" => Take::Or(&[at(1, 3, 1), at(0, 3, 1)]);
        placer_group: Text, ORDER, "ORC-4.1", "placer group number" => at(0, 4, 1);
        accession: Text, ACCESSION, "IPC-1.1, OBR-18.1, OBR-3.1 or ORC-3.1", "accession number: the first of these that is there; the same number in DICOM gets the same pseudonym" => Take::Or(&[at(2, 1, 1), at(1, 18, 1), at(1, 3, 1), at(0, 3, 1)]);
        code: Text, Code, "OBR-4.1", "what was ordered" => at(1, 4, 1);
        code_text: Text, Term, "OBR-4.2", "name of the code" => at(1, 4, 2);
        code_system: Text, Code, "OBR-4.3", "coding system" => at(1, 4, 3);
        alternate_code: Text, Code, "OBR-4.4", "the same in another coding system" => at(1, 4, 4);
        alternate_code_system: Text, Code, "OBR-4.6", "the other coding system" => at(1, 4, 6);
        priority: Text, Code, "OBR-5 or OBR-27.6", "priority" => Take::Or(&[at(1, 5, 1), at(1, 27, 6)]);
        order_status: Text, Code, "ORC-5", "order status, table 0038" => at(0, 5, 1);
        order_datetime: TimestampMs, DateTime, "ORC-9.1", "when the order was entered" => at(0, 9, 1);
        requested_datetime: TimestampMs, DateTime, "OBR-6.1", "when it was asked for" => at(1, 6, 1);
        observation_datetime: TimestampMs, DateTime, "OBR-7.1", "start of the observation" => at(1, 7, 1);
        observation_end_datetime: TimestampMs, DateTime, "OBR-8.1", "end of the observation" => at(1, 8, 1);
        specimen_received_datetime: TimestampMs, DateTime, "OBR-14.1", "specimen received" => at(1, 14, 1);
        specimen_source: Text, Code, "OBR-15.1", "specimen source" => at(1, 15, 1);
        result_datetime: TimestampMs, DateTime, "OBR-22.1", "results reported or status changed" => at(1, 22, 1);
        diagnostic_service: Text, Code, "OBR-24", "section, table 0074: RAD, LAB…" => at(1, 24, 1);
        result_status: Text, Code, "OBR-25", "table 0123" => at(1, 25, 1);
        ordering_provider_id: Text, STAFF, "OBR-16.1 or ORC-12.1", "who ordered" => Take::Or(&[at(1, 16, 1), at(0, 12, 1)]);
        reason_code: Text, Code, "OBR-31.1", "reason for the study" => at(1, 31, 1);
        reason_text: Text, Text, "OBR-31.2", "reason in words" => at(1, 31, 2);
        procedure_code: Text, Code, "OBR-44.1", "procedure" => at(1, 44, 1);
        study_uid: Text, Class::Pseudonym(Domain::Uid), "IPC-3.1", "study instance UID" => at(2, 3, 1);
        modality: Text, Code, "IPC-5.1", "DICOM modality" => at(2, 5, 1);
        message_datetime: TimestampMs, DateTime, "MSH-7.1", "time of the message" => Take::Made(Made::MessageTime);
    }
    MEDICATIONS MEDICATIONS_TAKE "medications" "Medicines, one row for each RXO, RXE, RXD, RXG and RXA, and for each RXC of a compound." {
        encounter_id: Text, ENCOUNTER, "PV1-19.1", "visit number" => Take::Encounter;
        order_index: U32, Keep, "ORC", "which order of the message, from 1; joins orders" => Take::Order;
        stage: Text, Keep, "segment", "ordered (RXO), encoded (RXE), dispensed (RXD), given (RXG), administered (RXA) or component (RXC)" => Take::Made(Made::Stage);
        code: Text, Code, "RXO-1.1, RXE-2.1, RXD-2.1, RXG-4.1, RXA-5.1", "medicine" => Take::Made(Made::DrugCode);
        code_text: Text, Term, "the same, .2", "name of the code" => Take::Made(Made::DrugText);
        code_system: Text, Code, "the same, .3", "coding system" => Take::Made(Made::DrugSystem);
        amount: F64, Number, "RXO-2, RXE-3, RXD-4, RXG-5, RXA-6", "amount, or the lower limit" => Take::Made(Made::Amount);
        amount_maximum: F64, Number, "RXO-3, RXE-4, RXG-6", "upper limit" => Take::Made(Made::AmountMaximum);
        unit: Text, Code, "RXO-4.1, RXE-5.1, RXD-5.1, RXG-7.1, RXA-7.1", "unit of the amount" => Take::If(is_unit, &Take::Made(Made::DrugUnit));
        dosage_form: Text, Code, "RXO-5.1, RXE-6.1, RXD-6.1, RXG-8.1, RXA-8.1", "dosage form" => Take::Made(Made::Form);
        route: Text, Code, "RXR-1.1", "route, table 0162; of the RXR that follows" => at(1, 1, 1);
        site: Text, Code, "RXR-2.1", "site, table 0163" => at(1, 2, 1);
        frequency: Text, Code, "RXE-1.2 or TQ1-3.1", "repeat pattern" => Take::Or(&[Take::Made(Made::Interval), at(2, 3, 1)]);
        start_datetime: TimestampMs, DateTime, "RXE-1.4, RXD-3, RXG-3.4, RXA-3 or TQ1-7.1", "start, or when it was dispensed or given" => Take::Or(&[Take::Made(Made::Start), at(2, 7, 1)]);
        end_datetime: TimestampMs, DateTime, "RXE-1.5, RXG-3.5, RXA-4 or TQ1-8.1", "end" => Take::Or(&[Take::Made(Made::Stop), at(2, 8, 1)]);
        dispense_amount: F64, Number, "RXO-11, RXE-10", "amount to dispense" => Take::Made(Made::DispenseAmount);
        refills: F64, Number, "RXO-13, RXE-12", "number of refills" => Take::Made(Made::Refills);
        prescription: Text, ORDER, "RXE-15, RXD-7", "prescription number" => Take::Made(Made::Prescription);
        completion_status: Text, Code, "RXA-20", "completion status, table 0322" => Take::Made(Made::Completion);
        instructions: Text, Text, "RXO-7.2, RXE-7.2, RXD-9, RXA-9.2", "instructions and notes in words" => Take::Made(Made::Instructions);
        message_datetime: TimestampMs, DateTime, "MSH-7.1", "time of the message" => Take::Made(Made::MessageTime);
    }
    DIAGNOSES DIAGNOSES_TAKE "diagnoses" "Diagnoses, one row for each DG1, and problems, one for each PRB." {
        encounter_id: Text, ENCOUNTER, "PV1-19.1", "visit number" => Take::Encounter;
        set_id: U32, Keep, "DG1-1", "set id, 1 to 9999" => int(0, 1);
        code: Text, Code, "DG1-3.1, PRB-3.1", "diagnosis" => at(0, 3, 1);
        code_text: Text, Term, "DG1-3.2, PRB-3.2", "name of the code" => at(0, 3, 2);
        code_system: Text, Code, "DG1-3.3 or DG1-2, PRB-3.3", "coding system" => Take::Or(&[at(0, 3, 3), at(0, 2, 1)]);
        description: Text, Text, "DG1-4", "diagnosis in words" => at(0, 4, 1);
        diagnosis_datetime: TimestampMs, DateTime, "DG1-5.1; PRB-16.1, PRB-7.1 or PRB-2.1", "when it was made; of a problem its onset, else when it was established, else the time of the action" => at(0, 5, 1);
        diagnosis_type: Text, Code, "DG1-6.1", "admitting, working or final, table 0052" => at(0, 6, 1);
        priority: Text, Code, "DG1-15.1", "1 is the primary one" => at(0, 15, 1);
        clinician_id: Text, STAFF, "DG1-16.1", "who made it" => at(0, 16, 1);
        action_code: Text, Code, "DG1-21, PRB-1", "add, update or delete, tables 0206 and 0287" => at(0, 21, 1);
        message_datetime: TimestampMs, DateTime, "MSH-7.1", "time of the message" => Take::Made(Made::MessageTime);
    }
    PROCEDURES PROCEDURES_TAKE "procedures" "Procedures, one row for each PR1." {
        encounter_id: Text, ENCOUNTER, "PV1-19.1", "visit number" => Take::Encounter;
        set_id: U32, Keep, "PR1-1", "set id, 1 to 9999" => int(0, 1);
        code: Text, Code, "PR1-3.1", "procedure" => at(0, 3, 1);
        code_text: Text, Term, "PR1-3.2", "name of the code" => at(0, 3, 2);
        code_system: Text, Code, "PR1-3.3 or PR1-2", "coding system" => Take::Or(&[at(0, 3, 3), at(0, 2, 1)]);
        description: Text, Text, "PR1-4", "procedure in words" => at(0, 4, 1);
        procedure_datetime: TimestampMs, DateTime, "PR1-5.1", "when it was done" => at(0, 5, 1);
        functional_type: Text, Code, "PR1-6", "anaesthesia, diagnosis or treatment, table 0230" => at(0, 6, 1);
        minutes: F64, Number, "PR1-7", "duration" => num(0, 7, 1);
        anesthesia_code: Text, Code, "PR1-9", "anaesthesia, table 0019" => at(0, 9, 1);
        anesthesia_minutes: F64, Number, "PR1-10", "duration of the anaesthesia" => num(0, 10, 1);
        surgeon_id: Text, STAFF, "PR1-11.1", "surgeon" => at(0, 11, 1);
        priority: Text, Code, "PR1-14", "table 0418" => at(0, 14, 1);
        diagnosis_code: Text, Code, "PR1-15.1", "associated diagnosis" => at(0, 15, 1);
        modifier: Text, Code, "PR1-16.1", "procedure modifiers, separated by a blank" => codes(0, 16, 1);
        message_datetime: TimestampMs, DateTime, "MSH-7.1", "time of the message" => Take::Made(Made::MessageTime);
    }
    ALLERGIES ALLERGIES_TAKE "allergies" "Allergies, one row for each AL1 and IAM." {
        set_id: U32, Keep, "AL1-1, IAM-1", "set id, 1 to 9999" => int(0, 1);
        allergen_type: Text, Code, "AL1-2.1, IAM-2.1", "allergen type, table 0127" => at(0, 2, 1);
        code: Text, Code, "AL1-3.1, IAM-3.1", "allergen" => at(0, 3, 1);
        code_text: Text, Term, "AL1-3.2, IAM-3.2", "name of the code" => at(0, 3, 2);
        code_system: Text, Code, "AL1-3.3, IAM-3.3", "coding system" => at(0, 3, 3);
        severity: Text, Code, "AL1-4.1, IAM-4.1", "severity, table 0128" => at(0, 4, 1);
        reaction: Text, Text, "AL1-5, IAM-5", "reactions in words, one a line" => lines(0, 5);
        identified_date: Date32, Date, "AL1-6, IAM-11", "when it was seen" => Take::Made(Made::AllergyDate);
        action_code: Text, Code, "IAM-6.1", "add, update or delete, table 0206; null for AL1" => Take::Made(Made::AllergyAction);
        message_datetime: TimestampMs, DateTime, "MSH-7.1", "time of the message" => Take::Made(Made::MessageTime);
    }
    NOTES NOTES_TAKE "notes" "Notes and comments, one row for each NTE." {
        encounter_id: Text, ENCOUNTER, "PV1-19.1", "visit number" => Take::Encounter;
        order_index: U32, Keep, "ORC, OBR", "which order of the message, from 1; null outside an order" => Take::Order;
        about: Text, Keep, "segment", "the kind of segment that the note follows, if the standard knows it" => Take::Made(Made::About);
        about_set_id: U32, Keep, "segment", "set id of that segment" => Take::Made(Made::AboutSet);
        set_id: U32, Keep, "NTE-1", "set id, 1 to 9999" => int(0, 1);
        source: Text, Code, "NTE-2", "source, table 0105: one letter, everything else is dropped" => Take::If(is_letter, &at(0, 2, 1));
        note_type: Text, Code, "NTE-4.1", "type, table 0364" => at(0, 4, 1);
        note: Text, Text, "NTE-3", "the note, one line for each repetition" => lines(0, 3);
        message_datetime: TimestampMs, DateTime, "MSH-7.1", "time of the message" => Take::Made(Made::MessageTime);
    }
    APPOINTMENTS APPOINTMENTS_TAKE "appointments" "Appointments, one row for each AIS of a SCH, or for a SCH without one." {
        encounter_id: Text, ENCOUNTER, "PV1-19.1", "visit number" => Take::Encounter;
        placer_appointment: Text, ORDER, "SCH-1.1", "placer appointment id" => at(0, 1, 1);
        filler_appointment: Text, ORDER, "SCH-2.1", "filler appointment id" => at(0, 2, 1);
        trigger_event: Text, Code, "MSH-9.2", "S12 booked, S13 rescheduled, S15 cancelled…" => Take::Made(Made::Trigger);
        event_reason: Text, Code, "SCH-6.1", "event reason; one token of at most 20 characters" => Take::If(is_token, &at(0, 6, 1));
        appointment_reason: Text, Code, "SCH-7.1", "appointment reason, table 0276; one token of at most 20 characters" => Take::If(is_token, &at(0, 7, 1));
        appointment_type: Text, Code, "SCH-8.1", "appointment type, table 0277; one token of at most 20 characters" => Take::If(is_token, &at(0, 8, 1));
        duration: F64, Number, "SCH-9", "duration" => num(0, 9, 1);
        duration_unit: Text, Code, "SCH-10.1", "unit of the duration" => Take::If(is_unit, &at(0, 10, 1));
        start_datetime: TimestampMs, DateTime, "SCH-11.4 or TQ1-7.1", "start" => Take::Or(&[at(0, 11, 4), at(2, 7, 1)]);
        end_datetime: TimestampMs, DateTime, "SCH-11.5 or TQ1-8.1", "end" => Take::Or(&[at(0, 11, 5), at(2, 8, 1)]);
        status: Text, Code, "SCH-25.1", "filler status, table 0278" => at(0, 25, 1);
        service_set_id: U32, Keep, "AIS-1", "set id of the service" => int(1, 1);
        service_code: Text, Code, "AIS-3.1", "service" => at(1, 3, 1);
        service_text: Text, Term, "AIS-3.2", "name of the service" => at(1, 3, 2);
        service_system: Text, Code, "AIS-3.3", "coding system" => at(1, 3, 3);
        service_start_datetime: TimestampMs, DateTime, "AIS-4.1", "start of the service" => at(1, 4, 1);
        service_duration: F64, Number, "AIS-7", "duration of the service" => num(1, 7, 1);
        service_duration_unit: Text, Code, "AIS-8.1", "its unit" => Take::If(is_unit, &at(1, 8, 1));
        service_status: Text, Code, "AIS-10.1", "filler status of the service" => at(1, 10, 1);
        message_datetime: TimestampMs, DateTime, "MSH-7.1", "time of the message" => Take::Made(Made::MessageTime);
    }
    DOCUMENTS DOCUMENTS_TAKE "documents" "Documents, one row for each TXA; their text comes as observations." {
        encounter_id: Text, ENCOUNTER, "PV1-19.1", "visit number" => Take::Encounter;
        set_id: U32, Keep, "TXA-1", "set id, 1 to 9999" => int(0, 1);
        document_type: Text, Code, "TXA-2.1", "document type, table 0270" => at(0, 2, 1);
        content_presentation: Text, Code, "TXA-3", "form of the content, table 0191" => at(0, 3, 1);
        activity_datetime: TimestampMs, DateTime, "TXA-4.1", "when the documented activity took place" => at(0, 4, 1);
        origination_datetime: TimestampMs, DateTime, "TXA-6.1", "when it was written" => at(0, 6, 1);
        transcription_datetime: TimestampMs, DateTime, "TXA-7.1", "when it was transcribed" => at(0, 7, 1);
        edit_datetime: TimestampMs, DateTime, "TXA-8.1", "when it was edited" => at(0, 8, 1);
        document: Text, OTHER, "TXA-12.1", "unique document number" => at(0, 12, 1);
        parent_document: Text, OTHER, "TXA-13.1", "document that this one continues" => at(0, 13, 1);
        placer_order: Text, ORDER, "TXA-14.1", "placer order number" => at(0, 14, 1);
        filler_order: Text, ACCESSION, "TXA-15.1", "filler order number" => at(0, 15, 1);
        completion_status: Text, Code, "TXA-17", "table 0271" => at(0, 17, 1);
        confidentiality: Text, Code, "TXA-18", "table 0272" => at(0, 18, 1);
        availability: Text, Code, "TXA-19", "table 0273" => at(0, 19, 1);
        storage: Text, Code, "TXA-20", "table 0275" => at(0, 20, 1);
        message_datetime: TimestampMs, DateTime, "MSH-7.1", "time of the message" => Take::Made(Made::MessageTime);
    }
    TRANSACTIONS TRANSACTIONS_TAKE "transactions" "Charges of DFT messages, one row for each FT1; no amounts of money." {
        encounter_id: Text, ENCOUNTER, "PV1-19.1", "visit number" => Take::Encounter;
        set_id: U32, Keep, "FT1-1", "set id, 1 to 9999" => int(0, 1);
        transaction_datetime: TimestampMs, DateTime, "FT1-4.1", "when it was done" => at(0, 4, 1);
        transaction_type: Text, Code, "FT1-6", "charge or credit, table 0017" => at(0, 6, 1);
        code: Text, Code, "FT1-7.1", "what was done" => at(0, 7, 1);
        code_text: Text, Term, "FT1-7.2", "name of the code" => at(0, 7, 2);
        code_system: Text, Code, "FT1-7.3", "coding system" => at(0, 7, 3);
        quantity: F64, Number, "FT1-10", "how many" => num(0, 10, 1);
        diagnosis_code: Text, Code, "FT1-19.1", "diagnoses, separated by a blank" => codes(0, 19, 1);
        procedure_code: Text, Code, "FT1-25.1", "procedure" => at(0, 25, 1);
        procedure_system: Text, Code, "FT1-25.3", "coding system of the procedure" => at(0, 25, 3);
        message_datetime: TimestampMs, DateTime, "MSH-7.1", "time of the message" => Take::Made(Made::MessageTime);
    }
}

/// A problem (PRB) as a row of [`DIAGNOSES`].
pub(super) static PROBLEMS_TAKE: &[Take] = &[
    Take::Patient,
    Take::Ordinal,
    Take::Encounter,
    Take::Made(Made::Nothing),
    at(0, 3, 1),
    at(0, 3, 2),
    at(0, 3, 3),
    Take::Made(Made::Nothing),
    Take::Or(&[at(0, 16, 1), at(0, 7, 1), at(0, 2, 1)]),
    Take::Made(Made::Nothing),
    Take::Made(Made::Nothing),
    Take::Made(Made::Nothing),
    at(0, 1, 1),
    Take::Made(Made::MessageTime),
];
