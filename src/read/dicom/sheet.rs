//! The sheet: the attributes that later rooms need, decoded to Unicode and sealed. Which ones is a table; an
//! attribute that is not in it does not leave this room.

use super::charset::Charset;
use super::geometry::macro_item;
use super::limits::MAX_TEXT;
use super::tape::{Element, Scope, Tape};
use super::value::Ambiguous;
use super::words::{
    Attribute, CT_RECONSTRUCTION, FRAME_ANATOMY, FRAME_VOI, MR_ECHO, MR_TIMING, PIXEL_MEASURES, PLANE_ORIENTATION,
    PLANE_POSITION, SHARED_GROUPS, SPECIFIC_CHARACTER_SET, XRAY_DETAILS,
};
use crate::model::{Sheet, Tag};

/// Attributes of the top level that are kept, ascending by tag, with their keywords.
#[rustfmt::skip]
pub const SHEET_ATTRIBUTES: &[(Tag, &str)] = &[
    (Tag(0x0008, 0x0005), "SpecificCharacterSet"),
    (Tag(0x0008, 0x0008), "ImageType"),
    (Tag(0x0008, 0x0012), "InstanceCreationDate"),
    (Tag(0x0008, 0x0013), "InstanceCreationTime"),
    (Tag(0x0008, 0x0016), "SOPClassUID"),
    (Tag(0x0008, 0x0018), "SOPInstanceUID"),
    (Tag(0x0008, 0x0020), "StudyDate"),
    (Tag(0x0008, 0x0021), "SeriesDate"),
    (Tag(0x0008, 0x0022), "AcquisitionDate"),
    (Tag(0x0008, 0x0023), "ContentDate"),
    (Tag(0x0008, 0x002A), "AcquisitionDateTime"),
    (Tag(0x0008, 0x0030), "StudyTime"),
    (Tag(0x0008, 0x0031), "SeriesTime"),
    (Tag(0x0008, 0x0032), "AcquisitionTime"),
    (Tag(0x0008, 0x0033), "ContentTime"),
    (Tag(0x0008, 0x0050), "AccessionNumber"),
    (Tag(0x0008, 0x0060), "Modality"),
    (Tag(0x0008, 0x0061), "ModalitiesInStudy"),
    (Tag(0x0008, 0x0064), "ConversionType"),
    (Tag(0x0008, 0x0068), "PresentationIntentType"),
    (Tag(0x0008, 0x0070), "Manufacturer"),
    (Tag(0x0008, 0x0080), "InstitutionName"),
    (Tag(0x0008, 0x0081), "InstitutionAddress"),
    (Tag(0x0008, 0x0090), "ReferringPhysicianName"),
    (Tag(0x0008, 0x0092), "ReferringPhysicianAddress"),
    (Tag(0x0008, 0x0094), "ReferringPhysicianTelephoneNumbers"),
    (Tag(0x0008, 0x1010), "StationName"),
    (Tag(0x0008, 0x1030), "StudyDescription"),
    (Tag(0x0008, 0x103E), "SeriesDescription"),
    (Tag(0x0008, 0x1040), "InstitutionalDepartmentName"),
    (Tag(0x0008, 0x1048), "PhysiciansOfRecord"),
    (Tag(0x0008, 0x1050), "PerformingPhysicianName"),
    (Tag(0x0008, 0x1060), "NameOfPhysiciansReadingStudy"),
    (Tag(0x0008, 0x1070), "OperatorsName"),
    (Tag(0x0008, 0x1080), "AdmittingDiagnosesDescription"),
    (Tag(0x0008, 0x1090), "ManufacturerModelName"),
    (Tag(0x0008, 0x2111), "DerivationDescription"),
    (Tag(0x0010, 0x0010), "PatientName"),
    (Tag(0x0010, 0x0020), "PatientID"),
    (Tag(0x0010, 0x0021), "IssuerOfPatientID"),
    (Tag(0x0010, 0x0022), "TypeOfPatientID"),
    (Tag(0x0010, 0x0030), "PatientBirthDate"),
    (Tag(0x0010, 0x0032), "PatientBirthTime"),
    (Tag(0x0010, 0x0040), "PatientSex"),
    (Tag(0x0010, 0x1000), "OtherPatientIDs"),
    (Tag(0x0010, 0x1001), "OtherPatientNames"),
    (Tag(0x0010, 0x1005), "PatientBirthName"),
    (Tag(0x0010, 0x1010), "PatientAge"),
    (Tag(0x0010, 0x1020), "PatientSize"),
    (Tag(0x0010, 0x1030), "PatientWeight"),
    (Tag(0x0010, 0x1040), "PatientAddress"),
    (Tag(0x0010, 0x1060), "PatientMotherBirthName"),
    (Tag(0x0010, 0x1090), "MedicalRecordLocator"),
    (Tag(0x0010, 0x2154), "PatientTelephoneNumbers"),
    (Tag(0x0010, 0x2160), "EthnicGroup"),
    (Tag(0x0010, 0x2180), "Occupation"),
    (Tag(0x0010, 0x21B0), "AdditionalPatientHistory"),
    (Tag(0x0010, 0x2297), "ResponsiblePerson"),
    (Tag(0x0010, 0x4000), "PatientComments"),
    (Tag(0x0012, 0x0062), "PatientIdentityRemoved"),
    (Tag(0x0012, 0x0063), "DeidentificationMethod"),
    (Tag(0x0018, 0x0010), "ContrastBolusAgent"),
    (Tag(0x0018, 0x0015), "BodyPartExamined"),
    (Tag(0x0018, 0x0020), "ScanningSequence"),
    (Tag(0x0018, 0x0023), "MRAcquisitionType"),
    (Tag(0x0018, 0x0024), "SequenceName"),
    (Tag(0x0018, 0x0050), "SliceThickness"),
    (Tag(0x0018, 0x0060), "KVP"),
    (Tag(0x0018, 0x0080), "RepetitionTime"),
    (Tag(0x0018, 0x0081), "EchoTime"),
    (Tag(0x0018, 0x0087), "MagneticFieldStrength"),
    (Tag(0x0018, 0x0088), "SpacingBetweenSlices"),
    (Tag(0x0018, 0x1000), "DeviceSerialNumber"),
    (Tag(0x0018, 0x1020), "SoftwareVersions"),
    (Tag(0x0018, 0x1030), "ProtocolName"),
    (Tag(0x0018, 0x1120), "GantryDetectorTilt"),
    (Tag(0x0018, 0x1164), "ImagerPixelSpacing"),
    (Tag(0x0018, 0x1210), "ConvolutionKernel"),
    (Tag(0x0018, 0x5100), "PatientPosition"),
    (Tag(0x0018, 0x5101), "ViewPosition"),
    (Tag(0x0018, 0x9008), "EchoPulseSequence"),
    (Tag(0x0020, 0x000D), "StudyInstanceUID"),
    (Tag(0x0020, 0x000E), "SeriesInstanceUID"),
    (Tag(0x0020, 0x0010), "StudyID"),
    (Tag(0x0020, 0x0011), "SeriesNumber"),
    (Tag(0x0020, 0x0012), "AcquisitionNumber"),
    (Tag(0x0020, 0x0013), "InstanceNumber"),
    (Tag(0x0020, 0x0020), "PatientOrientation"),
    (Tag(0x0020, 0x0032), "ImagePositionPatient"),
    (Tag(0x0020, 0x0037), "ImageOrientationPatient"),
    (Tag(0x0020, 0x0052), "FrameOfReferenceUID"),
    (Tag(0x0020, 0x0060), "Laterality"),
    (Tag(0x0020, 0x0062), "ImageLaterality"),
    (Tag(0x0020, 0x1041), "SliceLocation"),
    (Tag(0x0020, 0x4000), "ImageComments"),
    (Tag(0x0028, 0x0004), "PhotometricInterpretation"),
    (Tag(0x0028, 0x0008), "NumberOfFrames"),
    (Tag(0x0028, 0x0010), "Rows"),
    (Tag(0x0028, 0x0011), "Columns"),
    (Tag(0x0028, 0x0030), "PixelSpacing"),
    (Tag(0x0028, 0x0101), "BitsStored"),
    (Tag(0x0028, 0x0301), "BurnedInAnnotation"),
    (Tag(0x0028, 0x0302), "RecognizableVisualFeatures"),
    (Tag(0x0028, 0x1050), "WindowCenter"),
    (Tag(0x0028, 0x1051), "WindowWidth"),
    (Tag(0x0028, 0x2110), "LossyImageCompression"),
    (Tag(0x0028, 0x2112), "LossyImageCompressionRatio"),
    (Tag(0x0028, 0x2114), "LossyImageCompressionMethod"),
    (Tag(0x0032, 0x000A), "StudyStatusID"),
    (Tag(0x0032, 0x1032), "RequestingPhysician"),
    (Tag(0x0032, 0x1033), "RequestingService"),
    (Tag(0x0032, 0x1060), "RequestedProcedureDescription"),
    (Tag(0x0032, 0x4000), "StudyComments"),
    (Tag(0x0038, 0x0010), "AdmissionID"),
    (Tag(0x0038, 0x0300), "CurrentPatientLocation"),
    (Tag(0x0038, 0x0500), "PatientState"),
    (Tag(0x0040, 0x0006), "ScheduledPerformingPhysicianName"),
    (Tag(0x0040, 0x0244), "PerformedProcedureStepStartDate"),
    (Tag(0x0040, 0x0245), "PerformedProcedureStepStartTime"),
    (Tag(0x0040, 0x0253), "PerformedProcedureStepID"),
    (Tag(0x0040, 0x0254), "PerformedProcedureStepDescription"),
    (Tag(0x0040, 0x1001), "RequestedProcedureID"),
    (Tag(0x0054, 0x1001), "Units"),
    (Tag(0x2050, 0x0020), "PresentationLUTShape"),
];

/// Attributes that enhanced objects keep in functional groups (PS3.3 C.7.6.16.2, C.8.13.5, C.8.15.3) and whose presence is
/// noted: the macro's sequence, and what of it.
const IN_GROUPS: &[(Attribute, &[Tag])] = &[
    (PIXEL_MEASURES, &[Tag(0x0018, 0x0050), Tag(0x0018, 0x0088), Tag(0x0028, 0x0030)]),
    (PLANE_POSITION, &[Tag(0x0020, 0x0032)]),
    (PLANE_ORIENTATION, &[Tag(0x0020, 0x0037)]),
    (FRAME_VOI, &[Tag(0x0028, 0x1050), Tag(0x0028, 0x1051)]),
    (XRAY_DETAILS, &[Tag(0x0018, 0x0060)]),
    (CT_RECONSTRUCTION, &[Tag(0x0018, 0x1210)]),
    (MR_TIMING, &[Tag(0x0018, 0x0080)]),
    // EffectiveEchoTime: what EchoTime is elsewhere.
    (MR_ECHO, &[Tag(0x0018, 0x9082)]),
    // FrameLaterality: what ImageLaterality is elsewhere.
    (FRAME_ANATOMY, &[Tag(0x0020, 0x9072)]),
];

/// Fills a sheet from the tape.
pub fn sheet(tape: &Tape) -> Sheet {
    let mut sheet = Sheet::default();
    for (tag, text) in texts(tape) {
        sheet.insert(tag, text);
    }
    for (sequence, tags) in IN_GROUPS {
        // A macro stands in the groups of every frame or in the shared ones: the first frame tells.
        if let Some(item) = macro_item(tape, sequence.tag, 0) {
            let told = |tag: &&Tag| tape.find(item, **tag).is_some_and(|e| !blank(tape.bytes(e)));
            tags.iter().filter(told).for_each(|tag| sheet.note_group(*tag));
        }
    }
    sheet
}

fn blank(bytes: &[u8]) -> bool {
    bytes.is_empty() || bytes.iter().all(|byte| *byte == b' ')
}

/// What a sheet gets, before it is sealed; the last of equal tags counts.
pub(super) fn texts(tape: &Tape) -> Vec<(Tag, String)> {
    let charset = Charset::new(tape.term(Scope::Root, SPECIFIC_CHARACTER_SET.tag));
    let mut texts = Vec::new();
    let mut fill = |scope: Scope, tag: Tag| {
        texts.extend(tape.find(scope, tag).and_then(|e| text(tape, e, charset)).map(|text| (tag, text)));
    };
    if let Some(shared) = tape.first_item(Scope::Root, SHARED_GROUPS.tag) {
        for sequence in [PIXEL_MEASURES, PLANE_ORIENTATION] {
            if let Some(item) = tape.first_item(shared, sequence.tag) {
                for tag in [Tag(0x0018, 0x0050), Tag(0x0018, 0x0088), Tag(0x0020, 0x0037), Tag(0x0028, 0x0030)] {
                    fill(item, tag);
                }
            }
        }
    }
    for (tag, _) in SHEET_ATTRIBUTES {
        fill(Scope::Root, *tag);
    }
    texts
}

/// A value as text: several values joined by a backslash, each without its padding. `None` if nothing is left.
fn text(tape: &Tape, element: &Element, charset: Charset) -> Option<String> {
    let bytes = tape.bytes(element);
    let bytes = bytes.get(..bytes.len().min(MAX_TEXT))?;
    let text = match &element.vr.0 {
        b"LO" | b"SH" | b"UC" | b"PN" | b"UN" => joined(&charset.decode(bytes, element.vr.0 == *b"PN")),
        b"LT" | b"ST" | b"UT" => trimmed_end(&charset.decode(bytes, false)).to_owned(),
        b"AE" | b"AS" | b"CS" | b"DA" | b"DS" | b"DT" | b"IS" | b"TM" | b"UI" | b"UR" => {
            joined(&String::from_utf8_lossy(bytes))
        }
        _ => {
            let numbers = tape.numbers(element, Ambiguous::Unsigned)?;
            numbers.iter().map(f64::to_string).collect::<Vec<_>>().join("\\")
        }
    };
    (!text.is_empty()).then_some(text)
}

fn joined(text: &str) -> String {
    let values: Vec<&str> = text.split('\\').map(|v| v.trim_matches(|c| c == ' ' || c == '\0')).collect();
    if values.iter().all(|v| v.is_empty()) { String::new() } else { values.join("\\") }
}

fn trimmed_end(text: &str) -> &str {
    text.trim_end_matches([' ', '\0'])
}

#[cfg(test)]
mod tests {
    use super::super::words::standard_keyword;
    use super::*;

    #[test]
    fn the_table_ascends_and_spells_keywords_as_the_dictionary_does() {
        assert!(SHEET_ATTRIBUTES.windows(2).all(|pair| pair[0].0 < pair[1].0));
        for (tag, keyword) in SHEET_ATTRIBUTES {
            assert_eq!(standard_keyword(*tag), Some(*keyword));
        }
    }
}
