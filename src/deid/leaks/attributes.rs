//! Which DICOM attributes hold identifiers, and which hold words that name nobody: by tag, wherever they are nested.
//! Person names, dates and UIDs are known by their value representation. From the texts of PS3.3 and PS3.6, not from the
//! rules of de-identification: this is what checks them.

use super::kind::Kind;
use crate::model::Tag;

/// What an attribute is to the harvest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// An identifier of this kind.
    Identifier(Kind),
    /// A word of the trade: maker, code, defined term.
    Trade,
    /// Prose, in which only shapes are harvested: telephone numbers, e-mail addresses, titles with names.
    Prose,
    /// Nothing to harvest: numbers, times.
    Nothing,
}

/// What the attribute with this tag and value representation is. Names, dates and UIDs are told by `vr` before.
pub fn says(tag: Tag, vr: [u8; 2]) -> Says {
    let row = ATTRIBUTES.binary_search_by_key(&tag, |row| row.0).ok().and_then(|at| ATTRIBUTES.get(at));
    match (row, &vr) {
        (Some((_, _, Some(kind))), _) => Says::Identifier(*kind),
        (Some((_, _, None)), _) => Says::Trade,
        _ if tag.0 % 2 == 1 => Says::Prose,
        (None, b"CS") => Says::Trade,
        (None, b"AE") => Says::Identifier(Kind::Device),
        (None, b"LO" | b"SH" | b"ST" | b"LT" | b"UT" | b"UC" | b"UN" | b"UR") => Says::Prose,
        _ => Says::Nothing,
    }
}

/// Tag, keyword, and the kind of identifier; `None` for words of the trade. Ascending.
#[rustfmt::skip]
const ATTRIBUTES: &[(Tag, &str, Option<Kind>)] = &[
    (Tag(0x0002, 0x0016), "SourceApplicationEntityTitle", Some(Kind::Device)),
    (Tag(0x0002, 0x0017), "SendingApplicationEntityTitle", Some(Kind::Device)),
    (Tag(0x0002, 0x0018), "ReceivingApplicationEntityTitle", Some(Kind::Device)),
    (Tag(0x0002, 0x0100), "PrivateInformationCreatorUID", Some(Kind::Device)),
    (Tag(0x0008, 0x0050), "AccessionNumber", Some(Kind::Id)),
    (Tag(0x0008, 0x0054), "RetrieveAETitle", Some(Kind::Device)),
    (Tag(0x0008, 0x0055), "StationAETitle", Some(Kind::Device)),
    (Tag(0x0008, 0x0060), "Modality", None),
    (Tag(0x0008, 0x0070), "Manufacturer", None),
    (Tag(0x0008, 0x0080), "InstitutionName", Some(Kind::Place)),
    (Tag(0x0008, 0x0081), "InstitutionAddress", Some(Kind::Place)),
    (Tag(0x0008, 0x0092), "ReferringPhysicianAddress", Some(Kind::Address)),
    (Tag(0x0008, 0x0094), "ReferringPhysicianTelephoneNumbers", Some(Kind::Phone)),
    (Tag(0x0008, 0x0100), "CodeValue", None),
    (Tag(0x0008, 0x0102), "CodingSchemeDesignator", None),
    (Tag(0x0008, 0x0103), "CodingSchemeVersion", None),
    (Tag(0x0008, 0x0104), "CodeMeaning", None),
    (Tag(0x0008, 0x0115), "CodingSchemeName", None),
    (Tag(0x0008, 0x0119), "LongCodeValue", None),
    (Tag(0x0008, 0x1000), "NetworkID", Some(Kind::Device)),
    (Tag(0x0008, 0x1010), "StationName", Some(Kind::Device)),
    (Tag(0x0008, 0x1040), "InstitutionalDepartmentName", Some(Kind::Place)),
    (Tag(0x0008, 0x1090), "ManufacturerModelName", None),
    (Tag(0x0008, 0x2208), "AnatomicStructure", None),
    (Tag(0x0010, 0x0020), "PatientID", Some(Kind::Id)),
    (Tag(0x0010, 0x0021), "IssuerOfPatientID", Some(Kind::Place)),
    (Tag(0x0010, 0x1000), "OtherPatientIDs", Some(Kind::Id)),
    (Tag(0x0010, 0x1040), "PatientAddress", Some(Kind::Address)),
    (Tag(0x0010, 0x1050), "InsurancePlanIdentification", Some(Kind::Id)),
    (Tag(0x0010, 0x1081), "BranchOfService", Some(Kind::Place)),
    (Tag(0x0010, 0x1090), "MedicalRecordLocator", Some(Kind::Id)),
    (Tag(0x0010, 0x2152), "RegionOfResidence", Some(Kind::Place)),
    (Tag(0x0010, 0x2154), "PatientTelephoneNumbers", Some(Kind::Phone)),
    (Tag(0x0010, 0x2155), "PatientTelecomInformation", Some(Kind::Contact)),
    (Tag(0x0010, 0x2201), "PatientSpeciesDescription", None),
    (Tag(0x0010, 0x2292), "PatientBreedDescription", None),
    (Tag(0x0010, 0x2299), "ResponsibleOrganization", Some(Kind::Place)),
    (Tag(0x0012, 0x0010), "ClinicalTrialSponsorName", Some(Kind::Place)),
    (Tag(0x0012, 0x0020), "ClinicalTrialProtocolID", Some(Kind::Id)),
    (Tag(0x0012, 0x0021), "ClinicalTrialProtocolName", Some(Kind::Place)),
    (Tag(0x0012, 0x0030), "ClinicalTrialSiteID", Some(Kind::Id)),
    (Tag(0x0012, 0x0031), "ClinicalTrialSiteName", Some(Kind::Place)),
    (Tag(0x0012, 0x0032), "IssuerOfClinicalTrialSiteID", Some(Kind::Place)),
    (Tag(0x0012, 0x0040), "ClinicalTrialSubjectID", Some(Kind::Id)),
    (Tag(0x0012, 0x0041), "IssuerOfClinicalTrialSubjectID", Some(Kind::Place)),
    (Tag(0x0012, 0x0042), "ClinicalTrialSubjectReadingID", Some(Kind::Id)),
    (Tag(0x0012, 0x0060), "ClinicalTrialCoordinatingCenterName", Some(Kind::Place)),
    (Tag(0x0012, 0x0071), "ClinicalTrialSeriesID", Some(Kind::Id)),
    (Tag(0x0012, 0x0081), "ClinicalTrialProtocolEthicsCommitteeName", Some(Kind::Place)),
    (Tag(0x0012, 0x0082), "ClinicalTrialProtocolEthicsCommitteeApprovalNumber", Some(Kind::Id)),
    (Tag(0x0016, 0x004D), "CameraOwnerName", Some(Kind::Name)),
    (Tag(0x0016, 0x0051), "LensSerialNumber", Some(Kind::Device)),
    (Tag(0x0018, 0x0015), "BodyPartExamined", None),
    (Tag(0x0018, 0x0024), "SequenceName", None),
    (Tag(0x0018, 0x1000), "DeviceSerialNumber", Some(Kind::Device)),
    (Tag(0x0018, 0x1004), "PlateID", Some(Kind::Device)),
    (Tag(0x0018, 0x1005), "GeneratorID", Some(Kind::Device)),
    (Tag(0x0018, 0x1007), "CassetteID", Some(Kind::Device)),
    (Tag(0x0018, 0x1008), "GantryID", Some(Kind::Device)),
    (Tag(0x0018, 0x1009), "UniqueDeviceIdentifier", Some(Kind::Device)),
    (Tag(0x0018, 0x1016), "SecondaryCaptureDeviceManufacturer", None),
    (Tag(0x0018, 0x1018), "SecondaryCaptureDeviceManufacturerModelName", None),
    (Tag(0x0018, 0x1019), "SecondaryCaptureDeviceSoftwareVersions", None),
    (Tag(0x0018, 0x1020), "SoftwareVersions", None),
    (Tag(0x0018, 0x1048), "ContrastBolusIngredient", None),
    (Tag(0x0018, 0x1155), "RadiationSetting", None),
    (Tag(0x0018, 0x1160), "FilterType", None),
    (Tag(0x0018, 0x1166), "Grid", None),
    (Tag(0x0018, 0x1181), "CollimatorType", None),
    (Tag(0x0018, 0x1190), "FocalSpots", None),
    (Tag(0x0018, 0x1210), "ConvolutionKernel", None),
    (Tag(0x0018, 0x1250), "ReceiveCoilName", None),
    (Tag(0x0018, 0x1251), "TransmitCoilName", None),
    (Tag(0x0018, 0x6031), "TransducerType", None),
    (Tag(0x0018, 0x700A), "DetectorID", Some(Kind::Device)),
    (Tag(0x0018, 0x7062), "ExposureControlModeDescription", None),
    (Tag(0x0018, 0x9367), "XRaySourceID", Some(Kind::Device)),
    (Tag(0x0018, 0x9371), "XRayDetectorID", Some(Kind::Device)),
    (Tag(0x0020, 0x0010), "StudyID", Some(Kind::Id)),
    (Tag(0x0020, 0x3401), "ModifyingDeviceID", Some(Kind::Device)),
    (Tag(0x0028, 0x1054), "RescaleType", None),
    (Tag(0x0028, 0x1055), "WindowCenterWidthExplanation", None),
    (Tag(0x0028, 0x3003), "LUTExplanation", None),
    (Tag(0x0032, 0x0012), "StudyIDIssuer", Some(Kind::Place)),
    (Tag(0x0032, 0x1020), "ScheduledStudyLocation", Some(Kind::Place)),
    (Tag(0x0032, 0x1021), "ScheduledStudyLocationAETitle", Some(Kind::Device)),
    (Tag(0x0032, 0x1033), "RequestingService", Some(Kind::Place)),
    (Tag(0x0038, 0x0010), "AdmissionID", Some(Kind::Id)),
    (Tag(0x0038, 0x0011), "IssuerOfAdmissionID", Some(Kind::Place)),
    (Tag(0x0038, 0x001E), "ScheduledPatientInstitutionResidence", Some(Kind::Place)),
    (Tag(0x0038, 0x0060), "ServiceEpisodeID", Some(Kind::Id)),
    (Tag(0x0038, 0x0061), "IssuerOfServiceEpisodeID", Some(Kind::Place)),
    (Tag(0x0038, 0x0300), "CurrentPatientLocation", Some(Kind::Place)),
    (Tag(0x0038, 0x0400), "PatientInstitutionResidence", Some(Kind::Place)),
    (Tag(0x0040, 0x0001), "ScheduledStationAETitle", Some(Kind::Device)),
    (Tag(0x0040, 0x0009), "ScheduledProcedureStepID", Some(Kind::Id)),
    (Tag(0x0040, 0x0010), "ScheduledStationName", Some(Kind::Device)),
    (Tag(0x0040, 0x0011), "ScheduledProcedureStepLocation", Some(Kind::Place)),
    (Tag(0x0040, 0x0031), "LocalNamespaceEntityID", Some(Kind::Id)),
    (Tag(0x0040, 0x0032), "UniversalEntityID", Some(Kind::Id)),
    (Tag(0x0040, 0x0241), "PerformedStationAETitle", Some(Kind::Device)),
    (Tag(0x0040, 0x0242), "PerformedStationName", Some(Kind::Device)),
    (Tag(0x0040, 0x0243), "PerformedLocation", Some(Kind::Place)),
    (Tag(0x0040, 0x0253), "PerformedProcedureStepID", Some(Kind::Id)),
    (Tag(0x0040, 0x050A), "SpecimenAccessionNumber", Some(Kind::Id)),
    (Tag(0x0040, 0x0512), "ContainerIdentifier", Some(Kind::Id)),
    (Tag(0x0040, 0x0551), "SpecimenIdentifier", Some(Kind::Id)),
    (Tag(0x0040, 0x06FA), "SlideIdentifier", Some(Kind::Id)),
    (Tag(0x0040, 0x1001), "RequestedProcedureID", Some(Kind::Id)),
    (Tag(0x0040, 0x1005), "RequestedProcedureLocation", Some(Kind::Place)),
    (Tag(0x0040, 0x1102), "PersonAddress", Some(Kind::Address)),
    (Tag(0x0040, 0x1103), "PersonTelephoneNumbers", Some(Kind::Phone)),
    (Tag(0x0040, 0x1104), "PersonTelecomInformation", Some(Kind::Contact)),
    (Tag(0x0040, 0x2009), "OrderEntererLocation", Some(Kind::Place)),
    (Tag(0x0040, 0x2010), "OrderCallbackPhoneNumber", Some(Kind::Phone)),
    (Tag(0x0040, 0x2011), "OrderCallbackTelecomInformation", Some(Kind::Contact)),
    (Tag(0x0040, 0x2016), "PlacerOrderNumberImagingServiceRequest", Some(Kind::Id)),
    (Tag(0x0040, 0x2017), "FillerOrderNumberImagingServiceRequest", Some(Kind::Id)),
    (Tag(0x0040, 0x4036), "HumanPerformerOrganization", Some(Kind::Place)),
    (Tag(0x0040, 0xA027), "VerifyingOrganization", Some(Kind::Place)),
    (Tag(0x0040, 0xA353), "AddressTrial", Some(Kind::Address)),
    (Tag(0x0040, 0xA354), "TelephoneNumberTrial", Some(Kind::Phone)),
    (Tag(0x0050, 0x001B), "ContainerComponentID", Some(Kind::Id)),
    (Tag(0x0062, 0x0005), "SegmentLabel", None),
    (Tag(0x0072, 0x005E), "SelectorAEValue", Some(Kind::Device)),
    (Tag(0x0074, 0x1234), "ReceivingAE", Some(Kind::Device)),
    (Tag(0x0074, 0x1236), "RequestingAE", Some(Kind::Device)),
    (Tag(0x0088, 0x0910), "TopicAuthor", Some(Kind::Name)),
    (Tag(0x0400, 0x0563), "ModifyingSystem", Some(Kind::Device)),
    (Tag(0x0400, 0x0564), "SourceOfPreviousValues", Some(Kind::Name)),
    (Tag(0x2100, 0x0070), "Originator", Some(Kind::Device)),
    (Tag(0x2100, 0x0140), "DestinationAE", Some(Kind::Device)),
    (Tag(0x2200, 0x0005), "BarcodeValue", Some(Kind::Id)),
    (Tag(0x3008, 0x0105), "SourceSerialNumber", Some(Kind::Device)),
    (Tag(0x300A, 0x00B2), "TreatmentMachineName", Some(Kind::Device)),
    (Tag(0x3010, 0x001B), "DeviceAlternateIdentifier", Some(Kind::Device)),
    (Tag(0x3010, 0x0043), "ManufacturerDeviceIdentifier", Some(Kind::Device)),
    (Tag(0x4008, 0x0040), "ResultsID", Some(Kind::Id)),
    (Tag(0x4008, 0x0042), "ResultsIDIssuer", Some(Kind::Place)),
    (Tag(0x4008, 0x011A), "DistributionAddress", Some(Kind::Address)),
    (Tag(0x4008, 0x0200), "InterpretationID", Some(Kind::Id)),
    (Tag(0x4008, 0x0202), "InterpretationIDIssuer", Some(Kind::Place)),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_ascends() {
        assert!(ATTRIBUTES.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert_eq!(says(Tag(0x0010, 0x0020), *b"LO"), Says::Identifier(Kind::Id));
        assert_eq!(says(Tag(0x0008, 0x0060), *b"CS"), Says::Trade);
        assert_eq!(says(Tag(0x0009, 0x1001), *b"LO"), Says::Prose);
    }
}
