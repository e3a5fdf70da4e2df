//! Real images that a radiologist would call good, or whose faults are slight: none of them scores below 75.

use super::archive::corpus;
use super::frames::{plan, rules};
use voxmill::engine::cpu;
use voxmill::read::dicom;
use voxmill::score::{self, METRICS, Subject};

/// Ordinary images of the corpus, looked at one by one (docs/QUALITY.md).
const GOOD: [&str; 32] = [
    "dicom/dcm_qa_ct/Philips/S21570/S2010/I10",
    "dicom/dcm_qa_ct/Philips/S21570/S2010/I70",
    "dicom/dcm_qa_ct/Philips/S21570/S2010/I120",
    "dicom/dcm_qa_ct/Philips/S21570/S2010/I220",
    "dicom/dcmqi/paramaps/701-ADCb500/000001.dcm",
    "dicom/dcmqi/paramaps/701-ADCb500/000019.dcm",
    "dicom/dcmqi/segmentations/ct-3slice/01.dcm",
    "dicom/ms-anonymizer/after/I290.dcm",
    "dicom/pydicom/J2K_pixelrep_mismatch.dcm",
    "dicom/pydicom/US1_UNCI.dcm",
    "dicom/pydicom/examples_overlay.dcm",
    "dicom/pydicom/examples_rgb_color.dcm",
    "dicom/pydicom/examples_ybr_color.dcm",
    "dicom/pydicom-data/693_J2KR.dcm",
    "dicom/pydicom-data/JPGLosslessP14SV1_1s_1f_8b.dcm",
    "dicom/pydicom-data/MR-SIEMENS-DICOM-WithOverlays.dcm",
    "dicom/pydicom-data/MR2_J2KR.dcm",
    "dicom/pydicom-data/RG1_J2KI.dcm",
    "dicom/pydicom-data/RG3_J2KR.dcm",
    "dicom/pydicom-data/US1_J2KI.dcm",
    "dicom/pydicom-data/bad_sequence.dcm",
    "dicom/pydicom-data/explicit_VR-UN.dcm",
    "dicom/pydicom-data/gdcm-US-ALOKA-16.dcm",
    "dicom/wg04/J2KR/CT1_J2KR",
    "dicom/wg04/J2KR/CT2_J2KR",
    "dicom/wg04/J2KR/MR1_J2KR",
    "dicom/wg04/J2KR/MR3_J2KR",
    "dicom/wg04/J2KR/MR4_J2KR",
    "dicom/wg04/J2KR/XA1_J2KR",
    "dicom/wg04/JLSN/RG2_JLSN",
    "dicom/wg04/JPLY/MR1_JPLY",
    "dicom/wg04/JPLY/RG2_JPLY",
];

#[test]
fn good_images_score_75_or_more_and_half_of_them_90() {
    let Some(corpus) = corpus() else { return };
    let rules = rules();
    let mut scores: Vec<f64> = Vec::new();
    for path in GOOD {
        let image = dicom::open(std::fs::read(corpus.join(path)).unwrap()).unwrap().image.unwrap();
        let frame = image.decode(0).unwrap();
        let modality = frame.interpretation.modality_code;
        let quality = cpu::quality(&frame, &plan(&frame, &[])).unwrap().unwrap();
        let measured = score::measure(&Subject::new(&quality, modality));
        let value = |name: &str| measured[METRICS.iter().position(|metric| metric.name == name)?];
        let verdict = rules.judge("default", modality, value);
        let score = verdict.score.unwrap();
        println!("{score:5.1} {path} {:?}", verdict.reasons);
        assert!(score >= 75.0 && !verdict.flags.iter().any(|flag| flag != "wrong-window"), "{path}: {verdict:?}");
        scores.push(score);
    }
    scores.sort_by(f64::total_cmp);
    assert!(scores.len() == 32 && scores[16] >= 90.0, "{scores:?}");
}
