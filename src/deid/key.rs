//! The one secret of a data set: 32 bytes, from which every pseudonym, date shift and split follows.

use crate::error::{Fault, Result};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use sha2::block_api::compress256;
use std::fmt;

/// The key of a data set. It is never printed and never written outside the private directory.
#[derive(Clone)]
pub struct Key {
    bytes: [u8; 32],
    /// The keyed state that every digest starts from.
    keyed: Hmac<Sha256>,
    /// The same for messages of one block: SHA-256 behind the key with the inner pad, and with the outer one (RFC 2104).
    pads: [[u32; 8]; 2],
}

/// The state that SHA-256 begins with (FIPS 180-4 5.3.3).
const BEGINNING: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// Bytes of the last block that are free for text: one byte and the length follow.
const ROOM: usize = 55;

/// The last block of a digest over one block before it and these bytes, at most [`ROOM`].
fn padded(mut block: [u8; 64], length: usize) -> [u8; 64] {
    block[length] = 0x80;
    block[56..].copy_from_slice(&((64 + length as u64) * 8).to_be_bytes());
    block
}

impl Key {
    fn of(bytes: [u8; 32]) -> Self {
        let pads = [0x36, 0x5c].map(|pad| {
            let (mut state, mut block) = (BEGINNING, [pad; 64]);
            block.iter_mut().zip(bytes).for_each(|(to, from)| *to ^= from);
            compress256(&mut state, &[block]);
            state
        });
        Self { bytes, keyed: Hmac::new_from_slice(&bytes).expect("HMAC takes a key of any length"), pads }
    }

    /// A fresh key from the operating system.
    pub fn generate() -> Result<Self> {
        let mut bytes = [0u8; 32];
        getrandom::fill(&mut bytes).map_err(|error| Fault::environment("key", "no random bytes", error.to_string()))?;
        Ok(Self::of(bytes))
    }

    /// Reads a key as people keep it: 64 hexadecimal digits (white space around them is fine) or 32 raw bytes.
    ///
    /// # Errors
    /// Anything shorter, longer or made of one repeated byte is refused: a weak key undoes the de-identification.
    pub fn parse(text: &[u8]) -> Result<Self> {
        let trimmed = text.trim_ascii();
        let bytes: Option<[u8; 32]> = match (trimmed.len(), text.len()) {
            (64, _) => unhex(trimmed),
            (_, 32) => text.try_into().ok(),
            _ => None,
        };
        let refuse = |cause| {
            Fault::config("key", cause, "expected 64 hexadecimal digits or 32 bytes")
                .number("found bytes", trimmed.len() as u64)
                .remedy("make one with: openssl rand -hex 32 > key")
        };
        let bytes = bytes.ok_or_else(|| refuse("not a key of 32 bytes"))?;
        if bytes.iter().all(|&b| b == bytes[0]) {
            return Err(refuse("a key of one repeated byte protects nobody"));
        }
        Ok(Self::of(bytes))
    }

    /// The key as it is kept in a file: 64 hexadecimal digits and a newline.
    pub fn to_file_text(&self) -> String {
        hex(&self.bytes) + "\n"
    }

    /// HMAC-SHA256 over the parts, each preceded by its length so that no two lists of parts look alike.
    pub fn mac(&self, domain: &str, parts: &[&[u8]]) -> [u8; 32] {
        let (mut block, mut length) = ([0u8; 64], 0);
        for part in std::iter::once(domain.as_bytes()).chain(parts.iter().copied()) {
            let end = length + 8 + part.len();
            if end > ROOM {
                return self.long_mac(domain, parts);
            }
            block[length..length + 8].copy_from_slice(&(part.len() as u64).to_le_bytes());
            block[length + 8..end].copy_from_slice(part);
            length = end;
        }
        let [mut inner, mut outer] = self.pads;
        compress256(&mut inner, &[padded(block, length)]);
        compress256(&mut outer, &[padded(digest(inner, [0; 64]), 32)]);
        let mut mac = [0; 32];
        mac.copy_from_slice(&digest(outer, [0; 64])[..32]);
        mac
    }

    fn long_mac(&self, domain: &str, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = self.keyed.clone();
        for part in std::iter::once(domain.as_bytes()).chain(parts.iter().copied()) {
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

/// The words of a state as the first bytes of a block.
fn digest(state: [u32; 8], mut block: [u8; 64]) -> [u8; 64] {
    block.as_chunks_mut::<4>().0.iter_mut().zip(state).for_each(|(to, word)| *to = word.to_be_bytes());
    block
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[key]")
    }
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &[u8]) -> Option<[u8; 32]> {
    let mut bytes = [0u8; 32];
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_block_and_many_are_the_same_hmac() {
        let key = Key::parse(&(0u8..32).collect::<Vec<_>>()).unwrap();
        let text: Vec<u8> = (0..100).collect();
        for length in 0..100 {
            for parts in [vec![&text[..length]], vec![&text[..length / 2], &text[length / 2..length]], vec![]] {
                assert_eq!(key.mac("message", &parts), key.long_mac("message", &parts), "{length}");
            }
        }
        // python: hmac.new(bytes(range(32)), b"\x01" + bytes(7) + b"a" + b"\x01" + bytes(7) + b"b", "sha256").hexdigest()
        assert_eq!(hex(&key.mac("a", &[b"b"])), "8e585ad4e52295708b223669512453094923522d1d849472f24e709c599f59f0");
    }

    #[test]
    fn weak_and_short_keys_are_refused() {
        for bad in [&b""[..], b"secret", &[b'0'; 64], &[7u8; 32], &[b'g'; 64]] {
            let fault = Key::parse(bad).unwrap_err();
            assert_eq!((fault.kind, fault.place), (crate::error::Kind::Config, "key"));
        }
    }

    #[test]
    fn a_key_survives_its_file() {
        let key = Key::generate().unwrap();
        let again = Key::parse(key.to_file_text().as_bytes()).unwrap();
        assert_eq!(key.mac("x", &[b"a"]), again.mac("x", &[b"a"]));
    }

    #[test]
    fn the_mac_is_hmac_sha256_over_length_prefixed_parts() {
        // python: hmac.new(bytes(range(32)), struct.pack('<Q',1)+b'd'+struct.pack('<Q',2)+b'ab', 'sha256').hexdigest()
        let key = Key::parse(&(0u8..32).collect::<Vec<_>>()).unwrap();
        assert_eq!(hex(&key.mac("d", &[b"ab"])), "f5e8aa493499ac9391fbafc46aad8537533b322f68eb15ccdb50448c058f6209");
        assert_ne!(key.mac("d", &[b"ab"]), key.mac("d", &[b"a", b"b"]));
    }
}
