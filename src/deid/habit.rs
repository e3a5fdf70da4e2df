//! What became of short texts of one kind, whoever they were about: most messages of a feed say the same of their sender,
//! type and version. What a person decides about is not kept here.

/// What a text becomes.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::deid) enum Becomes {
    /// It leaves as it stands.
    Same,
    /// It leaves as it stands unless it names somebody.
    Unnamed,
    /// It does not leave.
    Nothing,
    /// Another text.
    Other(Box<str>),
}

/// Texts of one column that are kept at once, as a power of two; one pushes out another that falls into the same place.
const COLUMN: u32 = 4;

/// A text of at most 15 bytes as a number: its bytes, and how many they are. `None` for longer ones.
pub(in crate::deid) fn key(text: &str) -> Option<u128> {
    let mut bytes = [0u8; 16];
    let length = u8::try_from(text.len()).ok().filter(|length| *length < 16)?;
    bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
    bytes[15] = length;
    Some(u128::from_le_bytes(bytes))
}

/// The texts of one column, or of more.
pub(in crate::deid) struct Habit {
    /// As many as there may be, or none yet.
    places: Vec<Option<(u128, Becomes)>>,
    /// How many, as a power of two.
    bits: u32,
}

impl Default for Habit {
    fn default() -> Self {
        Self::of(COLUMN)
    }
}

impl Habit {
    /// Room for two to the power of so many texts, 1 to 16.
    pub(in crate::deid) fn of(bits: u32) -> Self {
        Self { places: Vec::new(), bits: bits.clamp(1, 16) }
    }

    fn place(&self, key: u128) -> usize {
        let word = (key as u64) ^ ((key >> 64) as u64).rotate_left(29);
        (word.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - self.bits)) as usize
    }

    /// What became of a text.
    #[inline]
    pub(in crate::deid) fn get(&self, key: Option<u128>) -> Option<&Becomes> {
        let key = key?;
        let (held, becomes) = self.places.get(self.place(key))?.as_ref()?;
        (*held == key).then_some(becomes)
    }

    /// Keeps what became of one.
    pub(in crate::deid) fn keep(&mut self, key: Option<u128>, becomes: Becomes) {
        let Some(key) = key else { return };
        if self.places.is_empty() {
            self.places.resize(1 << self.bits, None);
        }
        let place = self.place(key);
        if let Some(held) = self.places.get_mut(place) {
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
        assert!((8..=16).contains(&held.len()), "{}", held.len());
        assert!(held.iter().all(|(n, found)| *found == Becomes::Other(format!("P{n}").into())));
    }
}
