//! Names of transfer syntaxes (PS3.6 Table A-1, shortened to fit a chart): who owns an archive need not know UIDs.

/// The name of a transfer syntax; the UID itself if it is none of these.
pub(super) fn name(uid: &str) -> &str {
    NAMES.iter().find(|(known, _)| *known == uid).map_or(uid, |(_, name)| name)
}

const NAMES: &[(&str, &str)] = &[
    ("1.2.840.10008.1.2", "implicit little endian"),
    ("1.2.840.10008.1.2.1", "explicit little endian"),
    ("1.2.840.10008.1.2.1.99", "deflated little endian"),
    ("1.2.840.10008.1.2.2", "explicit big endian"),
    ("1.2.840.10008.1.2.5", "RLE lossless"),
    ("1.2.840.10008.1.2.8.1", "deflated frames"),
    ("1.2.840.10008.1.2.4.50", "JPEG baseline, lossy"),
    ("1.2.840.10008.1.2.4.51", "JPEG extended, lossy"),
    ("1.2.840.10008.1.2.4.57", "JPEG lossless"),
    ("1.2.840.10008.1.2.4.70", "JPEG lossless, SV1"),
    ("1.2.840.10008.1.2.4.80", "JPEG-LS lossless"),
    ("1.2.840.10008.1.2.4.81", "JPEG-LS near-lossless"),
    ("1.2.840.10008.1.2.4.90", "JPEG 2000 lossless"),
    ("1.2.840.10008.1.2.4.91", "JPEG 2000"),
    ("1.2.840.10008.1.2.4.92", "JPEG 2000 part 2 lossless"),
    ("1.2.840.10008.1.2.4.93", "JPEG 2000 part 2"),
    ("1.2.840.10008.1.2.4.100", "MPEG-2 main level"),
    ("1.2.840.10008.1.2.4.101", "MPEG-2 high level"),
    ("1.2.840.10008.1.2.4.102", "MPEG-4 AVC"),
    ("1.2.840.10008.1.2.4.103", "MPEG-4 AVC, BD"),
    ("1.2.840.10008.1.2.4.107", "HEVC main"),
    ("1.2.840.10008.1.2.4.108", "HEVC main 10"),
    ("1.2.840.10008.1.2.4.110", "JPEG XL lossless"),
    ("1.2.840.10008.1.2.4.111", "JPEG XL recompression"),
    ("1.2.840.10008.1.2.4.112", "JPEG XL"),
    ("1.2.840.10008.1.2.4.201", "HTJ2K lossless"),
    ("1.2.840.10008.1.2.4.202", "HTJ2K lossless, RPCL"),
    ("1.2.840.10008.1.2.4.203", "HTJ2K"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_have_one_name_and_all_fit_a_chart() {
        for (place, (uid, name)) in NAMES.iter().enumerate() {
            assert!(NAMES.iter().skip(place + 1).all(|(u, n)| u != uid && n != name), "{uid}");
            assert!(name.len() <= 26 && super::name(uid) == *name);
        }
        assert_eq!(name("1.2.3"), "1.2.3");
    }
}
