//! The one secret of a data set: 32 bytes, from which every pseudonym, date shift and split follows.

use crate::error::{Fault, Result};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;

/// The key of DESIGN section 7. It is never printed and never written outside the private directory.
#[derive(Clone)]
pub struct Key {
    bytes: [u8; 32],
    /// The keyed state that every digest starts from.
    keyed: Hmac<Sha256>,
}

impl Key {
    fn of(bytes: [u8; 32]) -> Self {
        Self { bytes, keyed: Hmac::new_from_slice(&bytes).expect("HMAC takes a key of any length") }
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
        let mut mac = self.keyed.clone();
        for part in std::iter::once(domain.as_bytes()).chain(parts.iter().copied()) {
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
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
