//! One DICOM object of the archive before it is written: the data set, the picture, the transfer syntax; and the
//! modules that every object has: patient, study, series, equipment, SOP common (PS3.3 A.1.4). Names and numbers
//! of the patient are planted where real archives carry them, also in descriptions, private elements and nested
//! sequences.

use dicom_core::header::Tag;
use dicom_core::value::DataSetSequence;
use dicom_core::{DataElement, PrimitiveValue, VR};
use dicom_dictionary_std::tags;
use dicom_object::InMemDicomObject;

use super::people::{Day, HOSPITAL, HOSPITAL_STREET, ISSUER, Physician};
use super::plan::{Archive, Study};

/// How the object is coded in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Syntax {
    ImplicitLittle,
    ExplicitLittle,
    ExplicitBig,
    Deflated,
    Rle,
    JpegBaseline,
    JpegLossless,
    JpegLs,
    Jpeg2000,
}

/// Image Pixel module (PS3.3 C.7.6.3) of one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) rows: u16,
    pub(super) columns: u16,
    pub(super) frames: u32,
    pub(super) samples: u16,
    pub(super) bits_allocated: u16,
    pub(super) bits_stored: u16,
    pub(super) signed: bool,
    pub(super) photometric: &'static str,
}

impl Shape {
    /// A grey picture of one frame in 16 bits, of which some are used.
    pub(super) const fn grey16(rows: u16, columns: u16, bits_stored: u16) -> Self {
        Self {
            rows,
            columns,
            frames: 1,
            samples: 1,
            bits_allocated: 16,
            bits_stored,
            signed: false,
            photometric: "MONOCHROME2",
        }
    }

    /// A picture of one frame with 8 bits a sample.
    pub(super) const fn bytes(rows: u16, columns: u16, samples: u16, photometric: &'static str) -> Self {
        Self { rows, columns, frames: 1, samples, bits_allocated: 8, bits_stored: 8, signed: false, photometric }
    }

    /// Bytes of one frame.
    pub(super) fn frame_bytes(&self) -> usize {
        usize::from(self.rows)
            * usize::from(self.columns)
            * usize::from(self.samples)
            * usize::from(self.bits_allocated / 8)
    }
}

/// Stored samples, little endian, by pixel, frame after frame, and where identifying text was drawn.
pub(super) struct Pixels {
    pub(super) bytes: Vec<u8>,
    /// x, y, width, height of each line, the same in every frame.
    pub(super) burned: Vec<[u32; 4]>,
}

/// Draws the picture of an object when it is wanted: listing the archive draws nothing.
pub(super) type Draw<'a> = Box<dyn Fn() -> Pixels + 'a>;

/// One object and where it goes.
pub(super) struct Object<'a> {
    /// Relative to the archive, with `/`.
    pub(super) path: String,
    pub(super) data: InMemDicomObject,
    pub(super) picture: Option<(Shape, Draw<'a>)>,
    pub(super) syntax: Syntax,
}

/// One series of a study.
pub(super) struct Series<'a> {
    pub(super) archive: &'a Archive,
    pub(super) study: &'a Study,
    pub(super) number: u64,
    pub(super) class: &'static str,
    pub(super) modality: &'static str,
    pub(super) description: String,
}

/// Sets text elements; backslashes separate values.
pub(super) fn texts(data: &mut InMemDicomObject, rows: &[(Tag, VR, &str)]) {
    for (tag, vr, text) in rows {
        data.put(DataElement::new(*tag, *vr, PrimitiveValue::from(*text)));
    }
}

/// Sets one unsigned 16-bit element.
pub(super) fn short(data: &mut InMemDicomObject, tag: Tag, value: u16) {
    data.put(DataElement::new(tag, VR::US, PrimitiveValue::from(value)));
}

/// Sets a sequence.
pub(super) fn sequence(data: &mut InMemDicomObject, tag: Tag, items: Vec<InMemDicomObject>) {
    data.put(DataElement::new(tag, VR::SQ, DataSetSequence::from(items)));
}

/// A data set of text elements.
pub(super) fn item(rows: &[(Tag, VR, &str)]) -> InMemDicomObject {
    let mut data = InMemDicomObject::new_empty();
    texts(&mut data, rows);
    data
}

/// A code of Code Sequence Macro (PS3.3 8.8).
pub(super) fn code(value: &str, scheme: &str, meaning: &str) -> InMemDicomObject {
    item(&[
        (tags::CODE_VALUE, VR::SH, value),
        (tags::CODING_SCHEME_DESIGNATOR, VR::SH, scheme),
        (tags::CODE_MEANING, VR::LO, meaning),
    ])
}

fn staff(who: Physician) -> String {
    format!("{}^{}^^Dr", who.0, who.1)
}

impl Series<'_> {
    /// Where object number `instance` of this series lies: names of people in paths, as in real archives.
    pub(super) fn path(&self, instance: u64) -> String {
        let folder = self.archive.person(self.study).folder();
        let study = format!("{}_{}", self.study.day.digits(), self.study.row.code);
        format!("dicom/{folder}/{study}/S{:02}/{}{instance:04}.dcm", self.number, self.modality)
    }

    /// The data set of object number `instance` with all common modules.
    pub(super) fn data(&self, instance: u64) -> InMemDicomObject {
        let mut data = InMemDicomObject::new_empty();
        self.put_patient(&mut data);
        self.put_study(&mut data);
        self.put_series(&mut data, instance);
        self.put_hidden(&mut data);
        data
    }

    fn put_patient(&self, data: &mut InMemDicomObject) {
        let person = self.archive.person(self.study);
        let age = format!("{:03}Y", person.birth.years_until(self.study.day));
        let remark = format!(
            "SYNTHETIC. {} called from {} on {}, lives at {}.",
            person.spoken(),
            person.phone_dashed(),
            self.study.day.slashed(),
            person.address()
        );
        texts(
            data,
            &[
                (tags::PATIENT_NAME, VR::PN, &person.dicom_name()),
                (tags::PATIENT_ID, VR::LO, &person.mrn),
                (tags::ISSUER_OF_PATIENT_ID, VR::LO, ISSUER),
                (tags::PATIENT_BIRTH_DATE, VR::DA, &person.birth.digits()),
                (tags::PATIENT_SEX, VR::CS, person.sex()),
                (tags::PATIENT_AGE, VR::AS, &age),
                (tags::PATIENT_ADDRESS, VR::LO, &person.address()),
                (tags::PATIENT_TELEPHONE_NUMBERS, VR::SH, &person.phone_dashed()),
                (tags::PATIENT_COMMENTS, VR::LT, &remark),
            ],
        );
        let other = item(&[
            (tags::PATIENT_ID, VR::LO, &person.ssn),
            (tags::ISSUER_OF_PATIENT_ID, VR::LO, "USSSA"),
            (tags::TYPE_OF_PATIENT_ID, VR::CS, "TEXT"),
        ]);
        sequence(data, tags::OTHER_PATIENT_I_DS_SEQUENCE, vec![other]);
    }

    fn put_study(&self, data: &mut InMemDicomObject) {
        let (study, person) = (self.study, self.archive.person(self.study));
        let words = format!("{} {}", study.row.words, person.family);
        texts(
            data,
            &[
                (tags::STUDY_INSTANCE_UID, VR::UI, &study.uid),
                (tags::STUDY_DATE, VR::DA, &study.day.digits()),
                (tags::STUDY_TIME, VR::TM, &study.time),
                (tags::STUDY_ID, VR::SH, &study.order),
                (tags::ACCESSION_NUMBER, VR::SH, &study.accession),
                (tags::REFERRING_PHYSICIAN_NAME, VR::PN, &staff(study.referring)),
                (tags::NAME_OF_PHYSICIANS_READING_STUDY, VR::PN, &staff(study.reading)),
                (tags::STUDY_DESCRIPTION, VR::LO, &words),
            ],
        );
        sequence(data, tags::PROCEDURE_CODE_SEQUENCE, vec![code(study.row.code, "99DEMO", study.row.words)]);
    }

    fn put_series(&self, data: &mut InMemDicomObject, instance: u64) {
        let study = self.study;
        let (station, serial) = Archive::device(study.row.modality);
        let series_uid = self.archive.uid(study, self.number, 0);
        let uid = self.archive.uid(study, self.number, instance);
        let day = study.day.digits();
        texts(
            data,
            &[
                (tags::SPECIFIC_CHARACTER_SET, VR::CS, "ISO_IR 192"),
                (tags::SOP_CLASS_UID, VR::UI, self.class),
                (tags::SOP_INSTANCE_UID, VR::UI, &uid),
                (tags::INSTANCE_CREATION_DATE, VR::DA, &day),
                (tags::INSTANCE_CREATION_TIME, VR::TM, &study.time),
                (tags::MODALITY, VR::CS, self.modality),
                (tags::SERIES_INSTANCE_UID, VR::UI, &series_uid),
                (tags::SERIES_NUMBER, VR::IS, &self.number.to_string()),
                (tags::SERIES_DATE, VR::DA, &day),
                (tags::SERIES_TIME, VR::TM, &study.time),
                (tags::SERIES_DESCRIPTION, VR::LO, &self.description),
                (tags::OPERATORS_NAME, VR::PN, &staff(study.operator)),
                (tags::MANUFACTURER, VR::LO, "VOXMILL DEMO"),
                (tags::MANUFACTURER_MODEL_NAME, VR::LO, "Synthesizer"),
                (tags::SOFTWARE_VERSIONS, VR::LO, "1.0"),
                (tags::DEVICE_SERIAL_NUMBER, VR::LO, &serial),
                (tags::STATION_NAME, VR::SH, &station),
                (tags::INSTITUTION_NAME, VR::LO, HOSPITAL),
                (tags::INSTITUTION_ADDRESS, VR::ST, HOSPITAL_STREET),
                (tags::INSTANCE_NUMBER, VR::IS, &instance.to_string()),
                (tags::CONTENT_DATE, VR::DA, &day),
                (tags::CONTENT_TIME, VR::TM, &study.time),
            ],
        );
        if !study.row.body_part.is_empty() {
            texts(data, &[(tags::BODY_PART_EXAMINED, VR::CS, study.row.body_part)]);
        }
    }

    /// Names two sequences deep, and in private elements that no dictionary knows.
    fn put_hidden(&self, data: &mut InMemDicomObject) {
        let (study, person) = (self.study, self.archive.person(self.study));
        let reason = format!("Follow-up of {}, Dr. {}", person.spoken(), study.referring.0);
        let mut step = item(&[
            (tags::ACCESSION_NUMBER, VR::SH, &study.accession),
            (tags::REQUESTED_PROCEDURE_ID, VR::SH, &study.order),
            (tags::REQUESTED_PROCEDURE_DESCRIPTION, VR::LO, study.row.words),
            (tags::REASON_FOR_THE_REQUESTED_PROCEDURE, VR::LO, &reason),
        ]);
        let mut asked = code(study.row.code, "99DEMO", study.row.words);
        texts(&mut asked, &[(tags::CODE_MEANING, VR::LO, &format!("{} {}", study.row.words, person.family))]);
        sequence(&mut step, tags::SCHEDULED_PROTOCOL_CODE_SEQUENCE, vec![asked]);
        sequence(data, tags::REQUEST_ATTRIBUTES_SEQUENCE, vec![step]);

        let nested = item(&[
            (Tag(0x0009, 0x0010), VR::LO, "VOXMILL DEMO 1.0"),
            (Tag(0x0009, 0x1004), VR::PN, &person.dicom_name()),
        ]);
        texts(
            data,
            &[
                (Tag(0x0009, 0x0010), VR::LO, "VOXMILL DEMO 1.0"),
                (Tag(0x0009, 0x1001), VR::LO, &person.spoken()),
                (Tag(0x0009, 0x1002), VR::DS, "1.5"),
            ],
        );
        sequence(data, Tag(0x0009, 0x1003), vec![nested]);
    }
}

/// Sets the date and time of the acquisition, which some modalities require.
pub(super) fn acquired(data: &mut InMemDicomObject, day: Day, time: &str) {
    texts(data, &[(tags::ACQUISITION_DATE, VR::DA, &day.digits()), (tags::ACQUISITION_TIME, VR::TM, time)]);
}
