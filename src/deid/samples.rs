//! The keyed digest of an image's samples, by which equal images are found whatever their compression.
//!
//! XXH3 of 128 bits under a secret that is made from the key, then HMAC-SHA-256 under the key. Two different images get one
//! digest with a chance of 2^-128, and who has no key can neither compute it nor look for images that share one. SHA-256 of
//! the samples would cost more than all metrics together; this costs a twentieth of it.

use super::key::Key;
use std::fmt;
use xxhash_rust::xxh3::xxh3_128_with_secret;

/// Bytes of a secret: as many as XXH3's own has.
const SECRET: usize = 192;

/// Makes digests.
#[derive(Clone)]
pub(super) struct Samples {
    secret: [u8; SECRET],
}

impl fmt::Debug for Samples {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Samples")
    }
}

impl Samples {
    /// Digests under a key.
    pub(super) fn new(key: &Key) -> Self {
        let mut secret = [0; SECRET];
        for (place, piece) in secret.chunks_mut(32).enumerate() {
            let mac = key.mac("secret of samples", &[&(place as u64).to_le_bytes()]);
            piece.iter_mut().zip(mac).for_each(|(byte, of_mac)| *byte = of_mac);
        }
        Self { secret }
    }

    /// The digest of an image: `shape` tells images apart whose bytes are the same.
    pub(super) fn digest(&self, key: &Key, shape: &[u8], samples: &[u8]) -> [u8; 32] {
        let of_samples = xxh3_128_with_secret(samples, &self.secret);
        key.mac("pixels", &[shape, &(samples.len() as u64).to_le_bytes(), &of_samples.to_le_bytes()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_samples_of_one_shape_under_one_key_have_one_digest() {
        let keys = ["0123456789abcdef", "fedcba9876543210"].map(|half| Key::parse(half.repeat(4).as_bytes()).unwrap());
        let of = |key: &Key, shape: &[u8], samples: &[u8]| Samples::new(key).digest(key, shape, samples);
        let image: Vec<u8> = (0..100_000u32).map(|n| ((n * n) >> 3) as u8).collect();
        let one = of(&keys[0], b"2 x 50000", &image);
        assert_eq!(one, of(&keys[0], b"2 x 50000", &image));
        let mut other = image.clone();
        other[77_777] ^= 1;
        let (cut, longer) = (&image[..99_999], [image.as_slice(), &[0]].concat());
        let others = [
            of(&keys[0], b"2 x 50000", &other),
            of(&keys[0], b"50000 x 2", &image),
            of(&keys[1], b"2 x 50000", &image),
            of(&keys[0], b"2 x 50000", cut),
            of(&keys[0], b"2 x 50000", &longer),
        ];
        assert!(others.iter().all(|digest| *digest != one));
        assert!(!format!("{:?}", Samples::new(&keys[0])).contains("secret"));
    }
}
