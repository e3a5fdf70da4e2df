//! What kind of object a DICOM sheet describes and how complete it is: fixed words, numbers and shares, nothing that a
//! person wrote.

use crate::model::{Clean, ImageKind, Phi, Sheet, Tag};

/// Traits of one DICOM object.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Traits {
    /// What it is a picture of.
    pub kind: Option<ImageKind>,
    /// InstanceNumber (0020,0013).
    pub instance_number: Option<i64>,
    /// GantryDetectorTilt (0018,1120), degrees.
    pub gantry_tilt_degrees: Option<f32>,
    /// Share of [`required`] attributes that have a value.
    pub required_present: f32,
    /// Share of [`recommended`] attributes that have a value.
    pub recommended_present: f32,
    /// Whether SeriesDescription (0008,103E) has more than 10 characters.
    pub described: bool,
    /// Whether StudyStatusID (0032,000A) is COMPLETED.
    pub completed: bool,
}

const IMAGE_TYPE: Tag = Tag(0x0008, 0x0008);
const MODALITY: Tag = Tag(0x0008, 0x0060);
const SERIES_DESCRIPTION: Tag = Tag(0x0008, 0x103E);
const GANTRY_DETECTOR_TILT: Tag = Tag(0x0018, 0x1120);
const INSTANCE_NUMBER: Tag = Tag(0x0020, 0x0013);
const STUDY_STATUS_ID: Tag = Tag(0x0032, 0x000A);

/// Attributes that an image of any modality needs to be placed (PS3.3 C.7: type 1 and 2).
const REQUIRED: &[Tag] = &[
    Tag(0x0008, 0x0016), // SOPClassUID
    Tag(0x0008, 0x0018), // SOPInstanceUID
    Tag(0x0008, 0x0020), // StudyDate
    Tag(0x0008, 0x0060), // Modality
    Tag(0x0010, 0x0020), // PatientID
    Tag(0x0020, 0x000D), // StudyInstanceUID
    Tag(0x0020, 0x000E), // SeriesInstanceUID
];

/// Attributes without which analysis has to guess, whatever the modality.
const RECOMMENDED: &[Tag] = &[
    Tag(0x0008, 0x0008), // ImageType
    Tag(0x0008, 0x0070), // Manufacturer
    Tag(0x0010, 0x0040), // PatientSex
    Tag(0x0018, 0x0015), // BodyPartExamined
    Tag(0x0020, 0x0013), // InstanceNumber
    Tag(0x0028, 0x1050), // WindowCenter
    Tag(0x0028, 0x0301), // BurnedInAnnotation
];

/// Modality; further required attributes (type 1 and 2 of its IOD); further recommended ones.
const BY_MODALITY: &[(&[&str], &[Tag], &[Tag])] = &[
    (
        &["CT"],
        // PixelSpacing, ImagePositionPatient, ImageOrientationPatient, FrameOfReferenceUID, SliceThickness, KVP
        &[
            Tag(0x0028, 0x0030),
            Tag(0x0020, 0x0032),
            Tag(0x0020, 0x0037),
            Tag(0x0020, 0x0052),
            Tag(0x0018, 0x0050),
            Tag(0x0018, 0x0060),
        ],
        // ConvolutionKernel, PatientPosition
        &[Tag(0x0018, 0x1210), Tag(0x0018, 0x5100)],
    ),
    (
        &["MR"],
        // PixelSpacing, position, orientation, frame of reference, SliceThickness, ScanningSequence, EchoTime
        &[
            Tag(0x0028, 0x0030),
            Tag(0x0020, 0x0032),
            Tag(0x0020, 0x0037),
            Tag(0x0020, 0x0052),
            Tag(0x0018, 0x0050),
            Tag(0x0018, 0x0020),
            Tag(0x0018, 0x0081),
        ],
        // RepetitionTime, MagneticFieldStrength, PatientPosition
        &[Tag(0x0018, 0x0080), Tag(0x0018, 0x0087), Tag(0x0018, 0x5100)],
    ),
    (
        &["PT", "NM"],
        // PixelSpacing; Units
        &[Tag(0x0028, 0x0030)],
        &[Tag(0x0054, 0x1001)],
    ),
    (
        &["CR", "DX", "RG"],
        // ViewPosition; ImagerPixelSpacing, KVP
        &[Tag(0x0018, 0x5101)],
        &[Tag(0x0018, 0x1164), Tag(0x0018, 0x0060)],
    ),
    (
        &["MG"],
        // ImageLaterality, ViewPosition, ImagerPixelSpacing; PresentationIntentType, KVP
        &[Tag(0x0020, 0x0062), Tag(0x0018, 0x5101), Tag(0x0018, 0x1164)],
        &[Tag(0x0008, 0x0068), Tag(0x0018, 0x0060)],
    ),
];

/// What enhanced objects call an attribute of the lists above (PS3.3 C.8.13.4, C.8.13.5.3, C.7.6.16.2.8).
const ENHANCED: &[(Tag, Tag)] = &[
    (Tag(0x0018, 0x0020), Tag(0x0018, 0x9008)), // ScanningSequence: EchoPulseSequence
    (Tag(0x0018, 0x0081), Tag(0x0018, 0x9082)), // EchoTime: EffectiveEchoTime
    (Tag(0x0020, 0x0062), Tag(0x0020, 0x9072)), // ImageLaterality: FrameLaterality
];

/// Attributes required of a modality.
fn required(modality: Option<&str>) -> impl Iterator<Item = Tag> {
    REQUIRED.iter().copied().chain(further(modality).map(|row| row.1).unwrap_or_default().iter().copied())
}

/// Attributes recommended for a modality.
fn recommended(modality: Option<&str>) -> impl Iterator<Item = Tag> {
    RECOMMENDED.iter().copied().chain(further(modality).map(|row| row.2).unwrap_or_default().iter().copied())
}

fn further(modality: Option<&str>) -> Option<&'static (&'static [&'static str], &'static [Tag], &'static [Tag])> {
    BY_MODALITY.iter().find(|(words, ..)| modality.is_some_and(|modality| words.contains(&modality)))
}

/// Reads the traits of a sheet. `text_kind` is the kind that the rules about burned-in text tell it to be, which goes before what
/// ImageType says.
pub fn traits(sheet: &Sheet, text_kind: Option<ImageKind>) -> Clean<Traits> {
    let text = |tag: Tag| {
        let value = sheet.get(tag).map(Phi::open)?.trim_matches([' ', '\0']);
        (!value.is_empty()).then_some(value)
    };
    let modality = text(MODALITY);
    // Multi-frame objects keep much in their functional groups.
    let there = |tag: Tag| text(tag).is_some() || sheet.in_groups(tag);
    let share = |mut tags: Vec<Tag>| {
        let all = tags.len() as f32;
        tags.retain(|tag| there(*tag) || ENHANCED.iter().any(|(plain, enhanced)| plain == tag && there(*enhanced)));
        tags.len() as f32 / all
    };
    let number = |tag| text(tag).and_then(|value| value.split('\\').next()).and_then(|value| value.trim().parse().ok());
    Clean::vouch(Traits {
        kind: text_kind.or_else(|| kind(text(IMAGE_TYPE))),
        instance_number: text(INSTANCE_NUMBER).and_then(|value| value.parse().ok()),
        gantry_tilt_degrees: number(GANTRY_DETECTOR_TILT).filter(|degrees: &f32| degrees.abs() <= 90.0),
        required_present: share(required(modality).collect()),
        recommended_present: share(recommended(modality).collect()),
        described: text(SERIES_DESCRIPTION).is_some_and(|value| value.chars().count() > 10),
        completed: text(STUDY_STATUS_ID).is_some_and(|value| value.eq_ignore_ascii_case("COMPLETED")),
    })
}

/// ImageType (PS3.3 C.7.6.1.1.2) first tells what the pixels are, then what they are for.
fn kind(image_type: Option<&str>) -> Option<ImageKind> {
    let words: Vec<String> =
        image_type.unwrap_or_default().split('\\').map(|word| word.trim().to_uppercase()).collect();
    let says = |wanted: &str| words.iter().any(|word| word.contains(wanted));
    match words.first()?.as_str() {
        _ if says("LOCALIZER") || says("SCOUT") => Some(ImageKind::Localizer),
        "DERIVED" => Some(ImageKind::Derived),
        "ORIGINAL" => Some(ImageKind::Original),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_by_image_type() {
        assert_eq!(kind(Some("ORIGINAL\\PRIMARY\\LOCALIZER")), Some(ImageKind::Localizer));
        assert_eq!(kind(Some("derived\\PRIMARY")), Some(ImageKind::Derived));
        assert_eq!(kind(Some("ORIGINAL\\PRIMARY")), Some(ImageKind::Original));
        assert_eq!((kind(Some("")), kind(None)), (None, None));
    }

    #[test]
    fn completeness_is_a_share_of_what_the_modality_needs() {
        let mut sheet = Sheet::default();
        for tag in REQUIRED {
            sheet.insert(*tag, "1".into());
        }
        sheet.insert(SERIES_DESCRIPTION, "ABDOMEN 5MM".into());
        sheet.insert(GANTRY_DETECTOR_TILT, "-12.5".into());
        let of = |sheet: &Sheet| traits(sheet, None).into_inner();
        assert_eq!((of(&sheet).required_present, of(&sheet).recommended_present), (1.0, 0.0));
        // 11 characters.
        assert!(of(&sheet).described && !of(&sheet).completed);
        assert_eq!(of(&sheet).gantry_tilt_degrees, Some(-12.5));
        sheet.insert(MODALITY, "CT".into());
        // 7 of the 13 that a CT needs.
        assert_eq!(of(&sheet).required_present, 7.0 / 13.0);
        // PixelSpacing and position of an enhanced CT.
        [Tag(0x0028, 0x0030), Tag(0x0020, 0x0032)].into_iter().for_each(|tag| sheet.note_group(tag));
        assert_eq!(of(&sheet).required_present, 9.0 / 13.0);
        // An enhanced MR: the same two of 14, and an echo time under its other name.
        sheet.insert(MODALITY, "MR".into());
        sheet.note_group(Tag(0x0018, 0x9082));
        assert_eq!(of(&sheet).required_present, 10.0 / 14.0);
    }
}
