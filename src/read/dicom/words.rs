//! The attributes that reading depends on, with their keywords (the places of faults), the sequences that the tape
//! keeps, and the standard's dictionary for implicit files.

use super::tape::Vr;
use crate::model::Tag;
use dicom_core::VR;
use dicom_core::dictionary::{DataDictionary, DataDictionaryEntry, VirtualVr};
use dicom_dictionary_std::StandardDataDictionary;

/// One attribute: its tag and its keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Group and element.
    pub tag: Tag,
    /// PS3.6 keyword.
    pub keyword: &'static str,
}

macro_rules! attributes {
    ($($name:ident $group:literal $element:literal $keyword:literal;)*) => {
        $(#[doc = $keyword] pub const $name: Attribute =
            Attribute { tag: Tag($group, $element), keyword: $keyword };)*
    };
}

attributes! {
    SPECIFIC_CHARACTER_SET 0x0008 0x0005 "SpecificCharacterSet";
    MODALITY 0x0008 0x0060 "Modality";
    BODY_PART 0x0018 0x0015 "BodyPartExamined";
    SLICE_THICKNESS 0x0018 0x0050 "SliceThickness";
    IMAGER_SPACING 0x0018 0x1164 "ImagerPixelSpacing";
    SPACING_BETWEEN 0x0018 0x0088 "SpacingBetweenSlices";
    POSITION 0x0020 0x0032 "ImagePositionPatient";
    ORIENTATION 0x0020 0x0037 "ImageOrientationPatient";
    PLANE_POSITION 0x0020 0x9113 "PlanePositionSequence";
    PLANE_ORIENTATION 0x0020 0x9116 "PlaneOrientationSequence";
    ULTRASOUND_REGIONS 0x0018 0x6011 "SequenceOfUltrasoundRegions";
    REGION_X0 0x0018 0x6018 "RegionLocationMinX0";
    REGION_Y0 0x0018 0x601A "RegionLocationMinY0";
    REGION_X1 0x0018 0x601C "RegionLocationMaxX1";
    REGION_Y1 0x0018 0x601E "RegionLocationMaxY1";
    SAMPLES 0x0028 0x0002 "SamplesPerPixel";
    PHOTOMETRIC 0x0028 0x0004 "PhotometricInterpretation";
    PLANAR 0x0028 0x0006 "PlanarConfiguration";
    FRAMES 0x0028 0x0008 "NumberOfFrames";
    ROWS 0x0028 0x0010 "Rows";
    COLUMNS 0x0028 0x0011 "Columns";
    PIXEL_SPACING 0x0028 0x0030 "PixelSpacing";
    BITS_ALLOCATED 0x0028 0x0100 "BitsAllocated";
    BITS_STORED 0x0028 0x0101 "BitsStored";
    HIGH_BIT 0x0028 0x0102 "HighBit";
    REPRESENTATION 0x0028 0x0103 "PixelRepresentation";
    PADDING 0x0028 0x0120 "PixelPaddingValue";
    PADDING_LIMIT 0x0028 0x0121 "PixelPaddingRangeLimit";
    FLOAT_PADDING 0x0028 0x0122 "FloatPixelPaddingValue";
    DOUBLE_PADDING 0x0028 0x0123 "DoubleFloatPixelPaddingValue";
    FLOAT_PADDING_LIMIT 0x0028 0x0124 "FloatPixelPaddingRangeLimit";
    DOUBLE_PADDING_LIMIT 0x0028 0x0125 "DoubleFloatPixelPaddingRangeLimit";
    BURNED_IN 0x0028 0x0301 "BurnedInAnnotation";
    WINDOW_CENTER 0x0028 0x1050 "WindowCenter";
    WINDOW_WIDTH 0x0028 0x1051 "WindowWidth";
    INTERCEPT 0x0028 0x1052 "RescaleIntercept";
    SLOPE 0x0028 0x1053 "RescaleSlope";
    VOI_FUNCTION 0x0028 0x1056 "VOILUTFunction";
    RED_DESCRIPTOR 0x0028 0x1101 "RedPaletteColorLookupTableDescriptor";
    GREEN_DESCRIPTOR 0x0028 0x1102 "GreenPaletteColorLookupTableDescriptor";
    BLUE_DESCRIPTOR 0x0028 0x1103 "BluePaletteColorLookupTableDescriptor";
    RED_DATA 0x0028 0x1201 "RedPaletteColorLookupTableData";
    GREEN_DATA 0x0028 0x1202 "GreenPaletteColorLookupTableData";
    BLUE_DATA 0x0028 0x1203 "BluePaletteColorLookupTableData";
    RED_SEGMENTS 0x0028 0x1221 "SegmentedRedPaletteColorLookupTableData";
    GREEN_SEGMENTS 0x0028 0x1222 "SegmentedGreenPaletteColorLookupTableData";
    BLUE_SEGMENTS 0x0028 0x1223 "SegmentedBluePaletteColorLookupTableData";
    LOSSY 0x0028 0x2110 "LossyImageCompression";
    MODALITY_LUT 0x0028 0x3000 "ModalityLUTSequence";
    LUT_DESCRIPTOR 0x0028 0x3002 "LUTDescriptor";
    LUT_DATA 0x0028 0x3006 "LUTData";
    VOI_LUT 0x0028 0x3010 "VOILUTSequence";
    PIXEL_MEASURES 0x0028 0x9110 "PixelMeasuresSequence";
    FRAME_VOI 0x0028 0x9132 "FrameVOILUTSequence";
    TRANSFORMATION 0x0028 0x9145 "PixelValueTransformationSequence";
    FRAME_OFFSETS 0x3004 0x000C "GridFrameOffsetVector";
    DOSE_SCALING 0x3004 0x000E "DoseGridScaling";
    SHARED_GROUPS 0x5200 0x9229 "SharedFunctionalGroupsSequence";
    PER_FRAME_GROUPS 0x5200 0x9230 "PerFrameFunctionalGroupsSequence";
    XRAY_DETAILS 0x0018 0x9325 "CTXRayDetailsSequence";
    CT_RECONSTRUCTION 0x0018 0x9314 "CTReconstructionSequence";
    MR_TIMING 0x0018 0x9112 "MRTimingAndRelatedParametersSequence";
    MR_ECHO 0x0018 0x9114 "MREchoSequence";
    FRAME_ANATOMY 0x0020 0x9071 "FrameAnatomySequence";
    EXTENDED_OFFSETS 0x7FE0 0x0001 "ExtendedOffsetTable";
    EXTENDED_LENGTHS 0x7FE0 0x0002 "ExtendedOffsetTableLengths";
    TRANSFER_SYNTAX 0x0002 0x0010 "TransferSyntaxUID";
}

/// Sequences whose content the tape keeps; all others are walked and checked, and forgotten.
const WANTED: &[Attribute] = &[
    ULTRASOUND_REGIONS,
    PLANE_POSITION,
    PLANE_ORIENTATION,
    MODALITY_LUT,
    VOI_LUT,
    PIXEL_MEASURES,
    FRAME_VOI,
    TRANSFORMATION,
    SHARED_GROUPS,
    PER_FRAME_GROUPS,
    XRAY_DETAILS,
    CT_RECONSTRUCTION,
    MR_TIMING,
    MR_ECHO,
    FRAME_ANATOMY,
];

/// Whether the tape keeps the content of this sequence.
pub fn wanted_sequence(tag: Tag) -> bool {
    WANTED.iter().any(|a| a.tag == tag)
}

/// What the standard's dictionary says about a tag: `XS` where US or SS depends on PixelRepresentation.
pub fn standard_vr(tag: Tag) -> Option<Vr> {
    let entry = StandardDataDictionary.by_tag(dicom_core::Tag(tag.0, tag.1))?;
    let letters = match entry.vr() {
        VirtualVr::Exact(vr) => VR::to_string(vr),
        VirtualVr::Xs => "XS",
        _ => "OW",
    };
    letters.as_bytes().try_into().ok().map(Vr)
}

/// The dictionary's keyword, or the tag in hexadecimal where it has none. Neither says anything about a person.
pub fn keyword(tag: Tag) -> String {
    let known = StandardDataDictionary.by_tag(dicom_core::Tag(tag.0, tag.1)).map(|entry| entry.alias().to_owned());
    known.unwrap_or_else(|| format!("({:04X},{:04X})", tag.0, tag.1))
}

/// The dictionary's keyword.
#[cfg(test)]
pub fn standard_keyword(tag: Tag) -> Option<&'static str> {
    StandardDataDictionary.by_tag(dicom_core::Tag(tag.0, tag.1)).map(|entry| entry.alias())
}
