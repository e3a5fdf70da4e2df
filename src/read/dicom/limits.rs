//! Every bound that a data set is held to before anything of it is believed, in one place.

/// Open sequences and items, one in the other: 32 nested sequences. Real objects stay below ten.
pub const MAX_DEPTH: usize = 64;
/// Elements and items that one data set may hold.
pub const MAX_ELEMENTS: u64 = 1 << 25;
/// Elements that the tape keeps (24 bytes each): the top level and the sequences that pixels depend on.
pub const MAX_KEPT: usize = 1 << 22;
/// A deflated data set may grow to this many times its size…
pub const INFLATE_RATIO: u64 = 256;
/// …and to this size whatever its own.
pub const INFLATE_FLOOR: u64 = 16 << 20;
/// No data set is inflated beyond this.
pub const INFLATE_CEILING: u64 = 2 << 30;
/// A compressed frame may claim this many decoded bytes whatever its size (black images compress without limit)…
pub const FRAME_FLOOR: u64 = 64 << 20;
/// …and this many times the size of its stream beyond that…
pub const FRAME_RATIO: u64 = 1000;
/// …but never more than this.
pub const FRAME_CEILING: u64 = 2 << 30;
/// Values that one multi-valued number attribute may hold.
pub const MAX_NUMBERS: usize = 1 << 17;
/// Bytes of one text attribute that are decoded; longer ones are cut.
pub const MAX_TEXT: usize = 1 << 16;
