//! A DICOM file up to samples: opened, and its first and last frame decoded, whole and reduced.
#![no_main]

use voxmill::error::{Fault, Kind, Reason};
use voxmill::read::dicom;

fn refused(fault: &Fault) {
    assert_eq!(fault.kind, Kind::Input, "{fault}");
    assert_ne!(fault.reason, Reason::DecoderPanicked, "{fault}");
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let image = match dicom::open(data.to_vec()).and_then(|opened| opened.image) {
        Ok(image) => image,
        Err(fault) => return refused(&fault),
    };
    for frame in [0, image.frames() - 1] {
        match image.decode(frame) {
            Ok(decoded) => assert_eq!(decoded.bytes().len() as u64, image.frame_bytes()),
            Err(fault) => refused(&fault),
        }
        match image.decode_reduced(frame, 2) {
            Ok((decoded, reduction)) => {
                assert!(decoded.rows <= image.rows() && decoded.columns <= image.columns());
                assert_eq!(reduction.is_some(), (decoded.rows, decoded.columns) != (image.rows(), image.columns()));
            }
            Err(fault) => refused(&fault),
        }
    }
});
