//! Identifiers that prose itself marks: `Dr. Quillfeather`, `jane@example.org`, `555-0199`, `123-45-6789`. What has no such
//! mark is found only if a structured place of the inputs holds it too.

use super::kind::Kind;
use super::sieve::Sieve;

const TITLES: &[&str] = &["dr", "prof", "mr", "mrs", "ms", "miss", "herr", "frau", "dra", "mme"];

/// Learns what a text of prose marks as identifiers.
pub(super) fn learn(text: &str, sieve: &mut Sieve) {
    let mut titled = false;
    for token in text.split_whitespace() {
        let bare = token.trim_matches(|c: char| !c.is_alphanumeric());
        if titled && bare.chars().next().is_some_and(char::is_uppercase) && bare.chars().count() >= 4 {
            sieve.name(bare);
        }
        titled = TITLES.contains(&bare.to_lowercase().as_str()) || titled && bare.len() == 1;
        if is_mail(bare) {
            sieve.code(bare, Kind::Contact);
        }
    }
    let mut at = 0;
    let bytes = text.as_bytes();
    let number = |b: &u8| b.is_ascii_digit() || matches!(b, b'-' | b'(' | b')' | b' ' | b'.' | b'+' | b'/');
    while at < bytes.len() {
        let rest = bytes.get(at..).unwrap_or_default();
        let Some(from) = rest.iter().position(u8::is_ascii_digit) else { return };
        let run = rest.get(from..).unwrap_or_default();
        let long = run.iter().take(24).position(|b| !number(b)).unwrap_or(run.len().min(24));
        let shape = run.get(..long).unwrap_or_default();
        let lengths: Vec<usize> =
            shape.split(|b| !b.is_ascii_digit()).filter(|digits| !digits.is_empty()).map(<[u8]>::len).collect();
        // 3-3-4 and 3-4 of telephones, 3-2-4 of social security numbers.
        let kind = match *lengths {
            [3, 2, 4, ..] => Some((Kind::Id, 3)),
            [3, 3, 4, ..] => Some((Kind::Phone, 3)),
            [3, 4, ..] => Some((Kind::Phone, 2)),
            _ => None,
        };
        if let Some((kind, groups)) = kind {
            let digits: Vec<u8> = shape
                .split(|b| !b.is_ascii_digit())
                .filter(|d| !d.is_empty())
                .take(groups)
                .flatten()
                .copied()
                .collect();
            sieve.number(&String::from_utf8_lossy(&digits), kind);
        }
        at += from + long.max(1);
    }
}

/// `jane@example.org`: what stands in noise of bytes has no such form.
fn is_mail(text: &str) -> bool {
    let plain = |part: &str| part.bytes().all(|b| b.is_ascii_alphanumeric() || b"._%+-".contains(&b));
    let Some((user, domain)) = text.split_once('@') else { return false };
    let Some((host, top)) = domain.rsplit_once('.') else { return false };
    let country = (2..=24).contains(&top.len()) && top.bytes().all(|b| b.is_ascii_alphabetic());
    user.len() >= 2 && host.len() >= 2 && country && plain(user) && plain(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marked_names_and_numbers_are_learned() {
        let mut sieve = Sieve::default();
        learn("Seen by Dr. Quillfeather, call (212) 555-0199 or 123-45-6789, jane@example.org. T 36.5", &mut sieve);
        assert_eq!(sieve.number_of(2_125_550_199, 10), Some(Kind::Phone));
        assert_eq!(sieve.number_of(123_456_789, 9), Some(Kind::Id));
        learn("q@\u{1}..; a@b.c x@.. (@{z.0) @@.@@.", &mut sieve);
        // The name, two numbers and the address; nothing of the noise.
        assert_eq!(sieve.len(), 4);
    }
}
