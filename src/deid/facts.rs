//! What a DICOM sheet says about one image, after de-identification: an allow-list, nothing passes that is not named here.

use super::codes;
use super::dates;
use super::identity::{Crosswalk, Identity, Person};
use super::known::Known;
use crate::model::sex::sex as sex_of;
use crate::model::table::PersonId;
use crate::model::{Clean, Domain, Phi, Sheet, Tag};

/// De-identified facts of one DICOM object.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The person, the shift and the split.
    pub person: Person,
    /// StudyInstanceUID, replaced.
    pub study_uid: Option<String>,
    /// SeriesInstanceUID, replaced.
    pub series_uid: Option<String>,
    /// SOPInstanceUID, replaced.
    pub sop_uid: Option<String>,
    /// AccessionNumber as a pseudonym: the link to HL7 orders.
    pub accession: Option<String>,
    /// StudyDate, shifted, days since 1970-01-01.
    pub study_date: Option<i32>,
    /// PatientAge, or from PatientBirthDate and StudyDate; capped at 90.
    pub patient_age_years: Option<f32>,
    /// F, M or O.
    pub patient_sex: Option<&'static str>,
    /// A defined term of Laterality or ImageLaterality.
    pub laterality: Option<&'static str>,
    /// A defined term of ViewPosition.
    pub view_position: Option<&'static str>,
    /// Manufacturer, if it is a maker we know and names no person of this sheet.
    pub manufacturer: Option<String>,
    /// ManufacturerModelName of a maker we know, unless it names a person of this sheet.
    pub model: Option<String>,
    /// The patient as other inputs speak of them; `None` if the object names no id.
    pub(in crate::deid) patient: Option<Phi<PersonId>>,
    /// What mask rules look at.
    pub(in crate::deid) device: Phi<Device>,
}

/// The device and the kind of image as the file has them, lower case, for mask rules: what may not leave can still say
/// where the names are. Absent attributes are empty.
#[derive(Clone, Default)]
pub(in crate::deid) struct Device {
    /// Modality.
    pub modality: String,
    /// Manufacturer.
    pub manufacturer: String,
    /// ManufacturerModelName.
    pub model: String,
    /// SoftwareVersions.
    pub software: String,
    /// SOPClassUID.
    pub sop_class: String,
    /// ImageType, its values joined by a backslash.
    pub image_type: String,
    /// ConversionType.
    pub conversion_type: String,
}

const PATIENT_ID: Tag = Tag(0x0010, 0x0020);
const ISSUER_OF_PATIENT_ID: Tag = Tag(0x0010, 0x0021);
const PATIENT_BIRTH_DATE: Tag = Tag(0x0010, 0x0030);
const PATIENT_SEX: Tag = Tag(0x0010, 0x0040);
const PATIENT_AGE: Tag = Tag(0x0010, 0x1010);
const STUDY_DATE: Tag = Tag(0x0008, 0x0020);
const ACCESSION_NUMBER: Tag = Tag(0x0008, 0x0050);
const MODALITY: Tag = Tag(0x0008, 0x0060);
const SOP_CLASS_UID: Tag = Tag(0x0008, 0x0016);
const IMAGE_TYPE: Tag = Tag(0x0008, 0x0008);
const CONVERSION_TYPE: Tag = Tag(0x0008, 0x0064);
const SOFTWARE_VERSIONS: Tag = Tag(0x0018, 0x1020);
const MANUFACTURER: Tag = Tag(0x0008, 0x0070);
const MANUFACTURER_MODEL_NAME: Tag = Tag(0x0008, 0x1090);
const SOP_INSTANCE_UID: Tag = Tag(0x0008, 0x0018);
const STUDY_INSTANCE_UID: Tag = Tag(0x0020, 0x000D);
const SERIES_INSTANCE_UID: Tag = Tag(0x0020, 0x000E);
const LATERALITY: Tag = Tag(0x0020, 0x0060);
const IMAGE_LATERALITY: Tag = Tag(0x0020, 0x0062);
const VIEW_POSITION: Tag = Tag(0x0018, 0x5101);

/// Attributes whose words name people and places: no code of the same sheet may contain one of them.
const NAMES: &[Tag] = &[
    PATIENT_ID,
    Tag(0x0010, 0x0010), // PatientName
    Tag(0x0010, 0x1000), // OtherPatientIDs
    Tag(0x0010, 0x1001), // OtherPatientNames
    Tag(0x0010, 0x1005), // PatientBirthName
    Tag(0x0010, 0x1040), // PatientAddress
    Tag(0x0010, 0x1060), // PatientMotherBirthName
    Tag(0x0010, 0x2154), // PatientTelephoneNumbers
    Tag(0x0008, 0x0080), // InstitutionName
    Tag(0x0008, 0x0081), // InstitutionAddress
    Tag(0x0008, 0x0090), // ReferringPhysicianName
    Tag(0x0008, 0x1010), // StationName
    Tag(0x0008, 0x1040), // InstitutionalDepartmentName
    Tag(0x0010, 0x2297), // ResponsiblePerson
    Tag(0x0010, 0x4000), // PatientComments
    Tag(0x0032, 0x1032), // RequestingPhysician
    Tag(0x0040, 0x0006), // ScheduledPerformingPhysicianName
    Tag(0x0008, 0x1048), // PhysiciansOfRecord
    Tag(0x0008, 0x1050), // PerformingPhysicianName
    Tag(0x0008, 0x1060), // NameOfPhysiciansReadingStudy
    Tag(0x0008, 0x1070), // OperatorsName
    ACCESSION_NUMBER,
];

/// De-identifies a sheet. `source` stands for the study if the object names none, so that nobody is nobody.
pub fn clean(sheet: &Sheet, source: &str, identity: &Identity, crosswalk: &mut Crosswalk) -> Clean<Facts> {
    let text = |tag: Tag| {
        let value = sheet.get(tag).map(Phi::open)?.trim_matches([' ', '\0']);
        (!value.is_empty()).then(|| value.to_owned())
    };
    let mut known = Known::default();
    for tag in NAMES {
        if let Some(value) = text(*tag) {
            known.learn(&value);
        }
    }
    let patient = text(PATIENT_ID).map(|id| PersonId { id, issuer: text(ISSUER_OF_PATIENT_ID).unwrap_or_default() });
    let person = match &patient {
        Some(patient) => {
            let person = identity.person(patient);
            crosswalk.patient(&patient.id, &person);
            person
        }
        None => identity.person_of_study(text(STUDY_INSTANCE_UID).as_deref().unwrap_or(source)),
    };
    let mut uid = |tag| {
        let old = text(tag)?;
        let new = identity.pseudonym(Domain::Uid, &old);
        crosswalk.uids.insert(old, new.clone());
        Some(new)
    };
    let study_day = text(STUDY_DATE).and_then(|date| dates::parse(&date));
    let age = text(PATIENT_AGE).and_then(|age| dates::age_from_as(&age)).or_else(|| {
        let born = text(PATIENT_BIRTH_DATE).and_then(|date| dates::parse(&date))?;
        dates::age_years(born, study_day?)
    });
    let term = |tag, terms| text(tag).and_then(|value| codes::defined_term(&value, terms));
    let lower = |tag| text(tag).unwrap_or_default().to_lowercase();
    let maker = text(MANUFACTURER).and_then(|value| codes::keep_maker(&value, &known));
    Clean::vouch(Facts {
        study_uid: uid(STUDY_INSTANCE_UID),
        series_uid: uid(SERIES_INSTANCE_UID),
        sop_uid: uid(SOP_INSTANCE_UID),
        accession: text(ACCESSION_NUMBER).map(|number| identity.pseudonym(Domain::Accession, &number)),
        study_date: study_day.map(|day| person.shift(day).days),
        patient_age_years: age,
        patient_sex: text(PATIENT_SEX).and_then(|sex| sex_of(&sex)),
        laterality: term(IMAGE_LATERALITY, codes::LATERALITY).or_else(|| term(LATERALITY, codes::LATERALITY)),
        view_position: term(VIEW_POSITION, codes::VIEW_POSITION),
        model: maker
            .as_ref()
            .and_then(|_| text(MANUFACTURER_MODEL_NAME))
            .and_then(|value| codes::keep_device(&value, &known)),
        manufacturer: maker,
        patient: patient.map(Phi::seal),
        device: Phi::seal(Device {
            modality: lower(MODALITY),
            manufacturer: lower(MANUFACTURER),
            model: lower(MANUFACTURER_MODEL_NAME),
            software: lower(SOFTWARE_VERSIONS),
            sop_class: lower(SOP_CLASS_UID),
            image_type: lower(IMAGE_TYPE),
            conversion_type: lower(CONVERSION_TYPE),
        }),
        person,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deid::identity::{Issuers, Shares};
    use crate::deid::key::Key;

    fn facts(attributes: &[(Tag, &str)]) -> Facts {
        let key = Key::parse(&(0u8..32).collect::<Vec<_>>()).unwrap();
        let identity = Identity::new(key, Issuers::Merge, Shares { train: 0.8, validation: 0.1 });
        let mut sheet = Sheet::default();
        for (tag, value) in attributes {
            sheet.insert(*tag, (*value).into());
        }
        clean(&sheet, "source", &identity, &mut Crosswalk::default()).into_inner()
    }

    #[test]
    fn a_manufacturer_that_names_the_patient_goes() {
        let name = (Tag(0x0010, 0x0010), "DOE^JANE");
        assert_eq!(facts(&[name, (MANUFACTURER, "SIEMENS")]).manufacturer.as_deref(), Some("SIEMENS"));
        for other in ["Siemens for Doe", "Stranger, John"] {
            assert_eq!(facts(&[name, (MANUFACTURER, other)]).manufacturer, None);
        }
    }

    #[test]
    fn an_object_without_patient_is_kept_apart_by_its_study() {
        let (a, b) = (facts(&[(STUDY_INSTANCE_UID, "1.2")]), facts(&[(STUDY_INSTANCE_UID, "1.3")]));
        assert_ne!(a.person.key, b.person.key);
        assert_eq!(a.person, facts(&[(STUDY_INSTANCE_UID, "1.2"), (PATIENT_ID, " ")]).person);
    }

    #[test]
    fn the_age_is_the_age_on_the_study_day() {
        let f = facts(&[(PATIENT_BIRTH_DATE, "19630412"), (STUDY_DATE, "20240611"), (PATIENT_ID, "1")]);
        assert_eq!(f.patient_age_years, Some(61.0));
        // 2024-06-11 is day 19885 (python datetime).
        assert_eq!(f.study_date, Some(19885 - f.person.shift_days));
    }
}
