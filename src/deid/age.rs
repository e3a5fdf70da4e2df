//! Sealing in the age format, version 1 (age-encryption.org/v1, C2SP), to one X25519 public key: what leaves can be opened
//! by whoever has the private key and by nobody else, this program included. Only writing is here; `age`, `rage` and
//! pyrage read it.

use crate::error::{Fault, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use x25519_dalek::{X25519_BASEPOINT_BYTES, x25519};

/// Ending of sealed files.
pub const ENDING: &str = "age";

/// Bytes of a chunk of the payload before it is sealed.
const CHUNK: usize = 64 << 10;

/// A public key to seal to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipient([u8; 32]);

/// The random numbers of one sealing.
struct Chance {
    file_key: [u8; 16],
    secret: [u8; 32],
    nonce: [u8; 16],
}

impl Recipient {
    /// Reads a public key as age prints it: `age1` and 58 characters of Bech32.
    ///
    /// # Errors
    /// Anything else is a fault of the request. A private key (`AGE-SECRET-KEY-1…`) is not repeated in the message.
    pub fn parse(text: &str) -> Result<Self> {
        let refuse = |cause| {
            Fault::config("--seal-to", cause, "expected age1 and 58 letters and digits")
                .remedy("age-keygen -o key.txt prints one")
        };
        let text = text.trim();
        if text.to_ascii_uppercase().starts_with("AGE-SECRET-KEY-") {
            return Err(refuse("this is a private key: give the public one, and keep this one elsewhere"));
        }
        let data = text.strip_prefix("age1").and_then(bech32_data).ok_or_else(|| refuse("not an age public key"))?;
        let recipient = Self(data);
        // Points of small order give a shared secret that everybody knows.
        if x25519([9; 32], recipient.0) == [0; 32] {
            return Err(refuse("a public key that protects nothing"));
        }
        Ok(recipient)
    }

    /// The whole file: header and payload.
    ///
    /// # Errors
    /// The operating system gives no random numbers.
    pub fn seal(&self, bytes: &[u8]) -> Result<Vec<u8>> {
        let mut chance = Chance { file_key: [0; 16], secret: [0; 32], nonce: [0; 16] };
        for part in [&mut chance.file_key[..], &mut chance.secret, &mut chance.nonce] {
            getrandom::fill(part)
                .map_err(|error| Fault::environment("--seal-to", "no random bytes", error.to_string()))?;
        }
        self.seal_with(bytes, &chance).ok_or_else(|| Fault::bug("deid/age", "a chunk that cannot be sealed"))
    }

    fn seal_with(&self, bytes: &[u8], chance: &Chance) -> Option<Vec<u8>> {
        let share = x25519(chance.secret, X25519_BASEPOINT_BYTES);
        let shared = x25519(chance.secret, self.0);
        let wrap = derive(&shared, &[&share[..], &self.0].concat(), b"age-encryption.org/v1/X25519");
        let body = cipher(&wrap).encrypt(&nonce(0, 0), &chance.file_key[..]).ok()?;
        let header = format!(
            "age-encryption.org/v1\n-> X25519 {}\n{}\n---",
            STANDARD_NO_PAD.encode(share),
            STANDARD_NO_PAD.encode(body)
        );
        let mac = hmac(&derive(&chance.file_key, b"", b"header"), &[header.as_bytes()]);
        let mut out = format!("{header} {}\n", STANDARD_NO_PAD.encode(mac)).into_bytes();
        out.extend_from_slice(&chance.nonce);
        let payload = cipher(&derive(&chance.file_key, &chance.nonce, b"payload"));
        let mut chunks = bytes.chunks(CHUNK).peekable();
        let mut number = 0u64;
        loop {
            // An empty file is one empty chunk.
            let chunk = chunks.next().unwrap_or_default();
            let last = chunks.peek().is_none();
            out.extend(payload.encrypt(&nonce(number, u8::from(last)), chunk).ok()?);
            number += 1;
            if last {
                return Some(out);
            }
        }
    }
}

fn cipher(key: &[u8; 32]) -> ChaCha20Poly1305 {
    ChaCha20Poly1305::new(&(*key).into())
}

/// The nonce of a chunk: its number in eleven bytes, big endian, and whether it is the last.
fn nonce(number: u64, last: u8) -> Nonce {
    let mut bytes = [0; 12];
    bytes[3..11].copy_from_slice(&number.to_be_bytes());
    bytes[11] = last;
    bytes.into()
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("HMAC takes a key of any length");
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

/// HKDF-SHA256 (RFC 5869) for one block of output.
fn derive(secret: &[u8], salt: &[u8], info: &[u8]) -> [u8; 32] {
    // An absent salt is as many zeros as the hash is long, which HMAC's padding makes of an empty key.
    hmac(&hmac(salt, &[secret]), &[info, &[1]])
}

/// The 32 bytes behind `age1` (BIP 173): 52 characters of five bits and six of check sum.
fn bech32_data(text: &str) -> Option<[u8; 32]> {
    const ALPHABET: &str = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    let values: Vec<u32> = text.chars().map(|c| ALPHABET.find(c).map(|n| n as u32)).collect::<Option<_>>()?;
    // The prefix `age`, spread over the check sum: high bits, zero, low bits.
    let prefix = [3, 3, 3, 0, 1, 7, 5];
    if values.len() != 58 || checksum(prefix.iter().chain(&values)) != 1 {
        return None;
    }
    let (mut bits, mut held, mut bytes) = (0u32, 0u32, Vec::with_capacity(32));
    for value in values.iter().take(52) {
        bits = (bits << 5 | value) & 0xFFF;
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    // 260 bits hold 32 bytes and four bits that must be zero.
    if bits & ((1 << held) - 1) != 0 { None } else { bytes.try_into().ok() }
}

fn checksum<'v>(values: impl Iterator<Item = &'v u32>) -> u32 {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    values.fold(1, |check, value| {
        let top = check >> 25;
        let check = (check & 0x01ff_ffff) << 5 ^ value;
        GENERATOR.iter().enumerate().filter(|(n, _)| top >> n & 1 == 1).fold(check, |check, (_, g)| check ^ g)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    use sha2::Digest;

    /// Its private key is AGE-SECRET-KEY-1QQQSYQCYQ5RQWZQFPG9SCRGWPUGPZYSNZS23V9CCRYDPK8QARC0SWRYDWG, the bytes 0 to 31.
    const PUBLIC: &str = "age13aqvttdk3ujkyjh9kg2w5an6dmy5mq5a84a4uxk3hfhnugfc9p0sy5p2wh";

    #[test]
    fn what_is_sealed_is_the_age_format() {
        // Made by a Python program on `cryptography` with these numbers in place of random ones, and opened by pyrage 1.3
        // (the reader of rage): length and SHA-256 of the sealed 0, 14, 131072 and 131328 bytes.
        let chance = Chance { file_key: [1; 16], secret: [2; 32], nonce: [3; 16] };
        let recipient = Recipient::parse(PUBLIC).unwrap();
        let bytes = |times| (0..=255u8).collect::<Vec<_>>().repeat(times);
        for (plain, length, digest) in [
            (Vec::new(), 200, "a2e151b28a2145033b59cf8a90b13fcfed99ce35869fc2bcdf447b231e195823"),
            (b"id_old,id_new\n".to_vec(), 214, "fb9f884b97dce3cabeef495a7626a6a78729a517233300893501b76c1a82f3ec"),
            (bytes(512), 131_288, "3589074cfc87525f53a1106818ea4ac1a6ea938bd4163428f1be5ce1a1a7b737"),
            (bytes(513), 131_560, "a87cf388b78f8a3f9141ebff685e0efa17b1da269e14bb712711f0aa890b1353"),
        ] {
            let sealed = recipient.seal_with(&plain, &chance).unwrap();
            assert_eq!(
                (sealed.len(), crate::deid::key::hex(&sha2::Sha256::digest(&sealed)).as_str()),
                (length, digest)
            );
        }
        assert_ne!(recipient.seal(b"x").unwrap(), recipient.seal(b"x").unwrap(), "never the same file key twice");
    }

    #[test]
    fn what_is_no_public_key_is_refused() {
        let typo = PUBLIC.replace("age13aq", "age13ap");
        let secret = "AGE-SECRET-KEY-1QQQSYQCYQ5RQWZQFPG9SCRGWPUGPZYSNZS23V9CCRYDPK8QARC0SWRYDWG";
        // 32 zero bytes are a point of small order.
        let zeros = "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqsz5vwyx";
        for bad in ["", "age1", "ssh-ed25519 AAAA", PUBLIC.trim_end_matches('h'), &typo, secret, zeros] {
            let fault = Recipient::parse(bad).unwrap_err();
            assert_eq!((fault.kind, fault.place), (crate::error::Kind::Config, "--seal-to"), "{bad}");
            assert!(!fault.to_string().contains("QQQSY"));
        }
    }
}
