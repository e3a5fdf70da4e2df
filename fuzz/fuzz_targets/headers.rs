//! What is read before a foreign decoder sees a stream, or before pixels are: headers of JPEG and of JPEG 2000 with its JP2
//! wrapper, and DICOM files that are skimmed.
#![no_main]

use voxmill::error::Kind;
use voxmill::read::codecs::{jpeg_header, jpeg2000_header};
use voxmill::read::dicom;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let jpeg = jpeg_header::Header::read(data).map(|_| ());
    let jpeg2000 = jpeg2000_header::read(data).map(|_| ());
    let all = dicom::every(data.to_vec());
    let skimmed = dicom::skim(&mut std::io::Cursor::new(data)).expect("memory can be read");
    if let (Ok(all), Some(skimmed)) = (&all, skimmed) {
        let part = dicom::every(skimmed).expect("what opened whole");
        assert!(all.broken || part.values.len() == all.values.len(), "values were lost with the pixels");
    }
    for fault in [jpeg, jpeg2000, all.map(|_| ())].into_iter().filter_map(Result::err) {
        assert_eq!(fault.kind, Kind::Input, "{fault}");
    }
});
