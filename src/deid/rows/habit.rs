//! What became of short texts of one column, whoever they were about: most messages of a feed say the same of their sender,
//! type and version. What a person decides about is not kept here.

/// What a text becomes.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Becomes {
    /// It leaves as it stands.
    Same,
    /// It does not leave.
    Nothing,
    /// Another text.
    Other(Box<str>),
}

/// Texts that are kept at once; one pushes out another that falls into the same place.
const PLACES: usize = 16;

/// A text of at most 15 bytes as a number: its bytes, and how many they are. `None` for longer ones.
pub(super) fn key(text: &str) -> Option<u128> {
    let mut bytes = [0u8; 16];
    let length = u8::try_from(text.len()).ok().filter(|length| *length < 16)?;
    bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
    bytes[15] = length;
    Some(u128::from_le_bytes(bytes))
}

/// The texts of one column.
#[derive(Default)]
pub(super) struct Habit {
    /// As many as [`PLACES`], or none yet.
    places: Vec<Option<(u128, Becomes)>>,
}

fn place(key: u128) -> usize {
    let word = (key as u64) ^ ((key >> 64) as u64).rotate_left(29);
    (word.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 60) as usize % PLACES
}

impl Habit {
    /// What became of a text.
    #[inline]
    pub(super) fn get(&self, key: Option<u128>) -> Option<&Becomes> {
        let key = key?;
        let (held, becomes) = self.places.get(place(key))?.as_ref()?;
        (*held == key).then_some(becomes)
    }

    /// Keeps what became of one.
    pub(super) fn keep(&mut self, key: Option<u128>, becomes: Becomes) {
        let Some(key) = key else { return };
        if self.places.is_empty() {
            self.places.resize(PLACES, None);
        }
        if let Some(held) = self.places.get_mut(place(key)) {
            *held = Some((key, becomes));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_told_apart_by_their_bytes_and_their_length() {
        let mut habit = Habit::default();
        habit.keep(key("LAB"), Becomes::Same);
        assert_eq!(habit.get(key("LAB")), Some(&Becomes::Same));
        for other in ["LA", "LAB\0", "lab", "", "LABORATORY OF 16"] {
            assert_eq!(habit.get(key(other)), None, "{other}");
        }
        // 100 texts in 16 places: what is held is right, whoever pushed whom out.
        (0..100).for_each(|n| habit.keep(key(&format!("T{n}")), Becomes::Other(format!("P{n}").into())));
        let held = (0..100).filter_map(|n| habit.get(key(&format!("T{n}"))).map(|found| (n, found.clone())));
        let held: Vec<_> = held.collect();
        assert!((8..=PLACES).contains(&held.len()), "{}", held.len());
        assert!(held.iter().all(|(n, found)| *found == Becomes::Other(format!("P{n}").into())));
    }
}
