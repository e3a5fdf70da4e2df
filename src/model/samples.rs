//! Where samples lie: a stretch of memory that is shared, and the room that is made for those of several frames at once.

use std::ops::Range;
use std::sync::Arc;

/// A stretch of bytes in memory: of a batch that was decoded into, or of a file. A clone shares it.
#[derive(Clone)]
pub struct Samples {
    bytes: Arc<Vec<u8>>,
    range: Range<usize>,
}

impl Samples {
    /// A stretch of these bytes; `None` if it does not lie in them.
    pub fn of(bytes: Arc<Vec<u8>>, range: Range<usize>) -> Option<Self> {
        bytes.get(range.clone())?;
        Some(Self { bytes, range })
    }

    /// All of these bytes.
    pub fn all(bytes: Vec<u8>) -> Self {
        let range = 0..bytes.len();
        Self { bytes: Arc::new(bytes), range }
    }

    /// The first `len` bytes of it; `None` if it has fewer.
    pub fn first(mut self, len: usize) -> Option<Self> {
        (len <= self.range.len()).then(|| {
            self.range.end = self.range.start + len;
            self
        })
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        // `Samples::of` checked the range, and nobody can shorten what is shared.
        &self.bytes[self.range.clone()]
    }

    /// The bytes, taken out: not copied if they are all there is and nobody shares them.
    pub fn into_bytes(self) -> Vec<u8> {
        if self.range != (0..self.bytes.len()) {
            return self.bytes().to_vec();
        }
        Arc::try_unwrap(self.bytes).unwrap_or_else(|shared| shared.to_vec())
    }

    /// Whether both are the same stretch of the same memory.
    pub fn same(&self, other: &Samples) -> bool {
        Arc::ptr_eq(&self.bytes, &other.bytes) && self.range == other.range
    }
}

/// Room for the samples of several frames in one buffer: zeros that are handed out in slices, one a frame, and then shared by
/// the frames. What a batch of frames is decoded into, and what an engine reads or brings to its device.
pub struct Room {
    bytes: Vec<u8>,
    ranges: Vec<Range<usize>>,
}

/// Each frame begins at a line of the processor's cache, so that no two threads write to one, and samples of any size lie
/// aligned.
const ALIGNMENT: usize = 64;

impl Room {
    /// Room for frames of these sizes in bytes.
    pub fn of(sizes: impl IntoIterator<Item = usize>) -> Self {
        let mut end = 0usize;
        let place = |size: usize| {
            let start = end.next_multiple_of(ALIGNMENT);
            // A frame that asks for nothing moves no other.
            end = if size == 0 { end } else { start.saturating_add(size) };
            if size == 0 { end..end } else { start..end }
        };
        let ranges: Vec<Range<usize>> = sizes.into_iter().map(place).collect();
        Self { bytes: vec![0; end], ranges }
    }

    /// The slices, in the order of the sizes.
    pub fn slices(&mut self) -> Vec<&mut [u8]> {
        let (mut rest, mut at) = (self.bytes.as_mut_slice(), 0);
        let cut = |range: &Range<usize>| {
            // Ranges ascend and lie in the buffer.
            let (slice, behind) = std::mem::take(&mut rest).split_at_mut(range.end - at);
            let slice = &mut slice[range.start - at..];
            (rest, at) = (behind, range.end);
            slice
        };
        self.ranges.iter().map(cut).collect()
    }

    /// The samples in each slice.
    pub fn shared(self) -> Vec<Samples> {
        let bytes = Arc::new(self.bytes);
        self.ranges.into_iter().map(|range| Samples { bytes: bytes.clone(), range }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_frame_has_its_own_room_and_keeps_what_was_put_there() {
        let mut room = Room::of([3, 0, 65, 1]);
        // 3 at 0; nothing at 3; 65 at 64; 1 at 192, behind 129.
        assert_eq!(room.bytes.len(), 193);
        let slices = room.slices();
        assert_eq!(slices.iter().map(|slice| slice.len()).collect::<Vec<_>>(), [3, 0, 65, 1]);
        slices.into_iter().zip(1..).for_each(|(slice, value)| slice.fill(value));
        let shared = room.shared();
        let want: [&[u8]; 4] = [&[1; 3], &[], &[3; 65], &[4]];
        assert_eq!(shared.iter().map(Samples::bytes).collect::<Vec<_>>(), want);
        assert!(shared[0].same(&shared[0].clone()) && !shared[0].same(&shared[3]));
        assert_eq!(shared[2].clone().first(2).map(Samples::into_bytes), Some(vec![3, 3]));
        assert!(shared[0].clone().first(4).is_none());
    }

    #[test]
    fn one_frame_is_taken_out_without_a_copy() {
        let room = Room::of([100]);
        let before = room.bytes.as_ptr();
        let after = room.shared().remove(0).into_bytes();
        assert_eq!((after.len(), after.as_ptr()), (100, before));
    }
}
