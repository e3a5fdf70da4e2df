//! Values that say nothing and are valid for their value representation (action D).

use crate::read::dicom::tape::Vr;

/// A date that says nothing.
pub const DATE: &str = "19000101";
/// A text that says nothing.
pub const TEXT: &str = "ANONYMIZED";

/// The dummy of a value representation; of sequences and unknown ones nothing.
pub fn dummy(vr: Vr) -> &'static [u8] {
    match &vr.0 {
        b"DA" => DATE.as_bytes(),
        b"TM" => b"000000",
        b"DT" => b"19000101000000",
        b"AS" => b"000Y",
        b"AE" | b"CS" | b"LO" | b"PN" | b"SH" | b"UC" | b"LT" | b"ST" | b"UT" => TEXT.as_bytes(),
        b"UR" => b"urn:anonymized",
        // PS3.5 B.2: the UUID of all zeros.
        b"UI" => b"2.25.0",
        b"DS" | b"IS" => b"0",
        b"AT" | b"FL" | b"OF" | b"OL" | b"SL" | b"UL" => &[0; 4],
        b"FD" | b"OD" | b"OV" | b"SV" | b"UV" => &[0; 8],
        b"OB" | b"OW" | b"SS" | b"UN" | b"US" => &[0; 2],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every VR but SQ, with the most bytes one value may have (PS3.5 Table 6.2-1).
    const LONGEST: &[(&[u8; 2], usize)] = &[
        (b"AE", 16),
        (b"AS", 4),
        (b"AT", 4),
        (b"CS", 16),
        (b"DA", 8),
        (b"DS", 16),
        (b"DT", 26),
        (b"FD", 8),
        (b"FL", 4),
        (b"IS", 12),
        (b"LO", 64),
        (b"LT", 10240),
        (b"OB", 2),
        (b"OD", 8),
        (b"OF", 4),
        (b"OL", 4),
        (b"OV", 8),
        (b"OW", 2),
        (b"PN", 64),
        (b"SH", 16),
        (b"SL", 4),
        (b"SS", 2),
        (b"ST", 1024),
        (b"SV", 8),
        (b"TM", 14),
        (b"UC", 64),
        (b"UI", 64),
        (b"UL", 4),
        (b"UN", 2),
        (b"UR", 64),
        (b"US", 2),
        (b"UT", 64),
        (b"UV", 8),
    ];

    #[test]
    fn every_representation_has_a_dummy_that_fits_it() {
        assert_eq!(LONGEST.len(), 33);
        for (vr, most) in LONGEST {
            let value = dummy(Vr(**vr));
            assert!(!value.is_empty() && value.len() <= *most, "{}", String::from_utf8_lossy(*vr));
        }
    }
}
