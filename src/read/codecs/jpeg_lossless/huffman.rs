//! Huffman-coded differences (ITU-T T.81 annexes C, F.2.2 and H.1.2.2): the table that gives a whole difference in
//! one look-up, and the bits it is fed from.

use super::markers::{RST0, RST7};
use crate::error::{Fault, Reason, Result};

/// Bits of the first look-up.
const LOOK: u32 = 12;
/// Set in an entry that does not hold a whole difference: it holds the category, or nothing if its low byte is 0.
const CATEGORY: u32 = 1 << 8;
/// So many differences can follow one [`Bits::fill`]: none of them takes more bits than the first look-up, or it fills
/// again by itself.
pub const FILL: usize = 4;
const _: () = assert!(FILL as u32 * LOOK <= LEAST);
/// Bits that are held at least after a fill.
const LEAST: u32 = 56;
/// Code lengths are 1 to 16.
const LONGEST: usize = 16;

/// One table as DHT spells it: how many codes of each length, and their categories.
#[derive(Clone, Copy, Debug)]
pub struct Spelled<'a> {
    counts: &'a [u8],
    categories: &'a [u8],
}

/// Tables by class 0 destination, in the order of definition; a later definition replaces an earlier one.
pub type Destinations<'a> = [Option<Spelled<'a>>; 4];

/// Reads a DHT segment into `tables`. AC tables, which a lossless stream has no use for, are stepped over.
pub fn define<'a>(mut body: &'a [u8], tables: &mut Destinations<'a>, place: &'static str) -> Result<()> {
    let broken = |cause| Fault::input(Reason::DecodeFailed, place, cause);
    while let Some((&class, rest)) = body.split_first() {
        let cut = || broken("a Huffman table ends early");
        let counts = rest.get(..LONGEST).ok_or_else(cut)?;
        let total: usize = counts.iter().map(|&n| usize::from(n)).sum();
        if total > 256 {
            return Err(broken("a Huffman table with more than 256 codes").number("found", total as i128));
        }
        let categories = rest.get(LONGEST..LONGEST + total).ok_or_else(cut)?;
        body = rest.get(LONGEST + total..).unwrap_or(&[]);
        if class >> 4 == 0 {
            let slot = tables.get_mut(usize::from(class & 15));
            *slot.ok_or_else(|| broken("a Huffman table for a destination above 3"))? =
                Some(Spelled { counts, categories });
        }
    }
    Ok(())
}

/// A table ready for decoding.
#[derive(Debug)]
pub struct Table {
    /// By the next twelve bits: bits to drop in the low byte (0: look further), above [`CATEGORY`] a difference or,
    /// with that flag, the category whose bits follow the code.
    fast: Box<[u32; 1 << LOOK]>,
    /// Left-aligned to 16 bits, the first code that is longer than the index plus one.
    limits: [u32; LONGEST],
    /// Index into `categories` of the code that is all zeros before the first of this length, wrapping.
    bases: [u32; LONGEST],
    categories: [u8; 256],
}

impl Table {
    /// The first look-up.
    pub fn fast(&self) -> &[u32; 1 << LOOK] {
        &self.fast
    }

    /// Makes the look-ups; fails on codes that do not fit into their lengths or on a category above 16.
    pub fn new(spelled: &Spelled<'_>, place: &'static str) -> Result<Self> {
        let broken = |cause| Fault::input(Reason::DecodeFailed, place, cause);
        let mut table = Self {
            fast: Box::new([CATEGORY; 1 << LOOK]),
            limits: [0; LONGEST],
            bases: [0; LONGEST],
            categories: [0; 256],
        };
        let mut code = 0u32;
        let mut index = 0u32;
        for (bits, &count) in (1u32..).zip(spelled.counts) {
            let (at, shift) = (bits as usize - 1, LONGEST as u32 - bits);
            table.bases[at] = index.wrapping_sub(code);
            for _ in 0..count {
                let category = spelled.categories.get(index as usize).copied().unwrap_or(u8::MAX);
                if category > 16 {
                    return Err(broken("a difference category above 16").number("category", category));
                }
                if code >> bits != 0 {
                    return Err(broken("more Huffman codes than their lengths allow"));
                }
                table.categories[index as usize & 255] = category;
                if bits <= LOOK {
                    table.fill(code, bits, u32::from(category));
                }
                code += 1;
                index += 1;
            }
            table.limits[at] = code << shift;
            code <<= 1;
        }
        Ok(table)
    }

    /// Enters one code into the first look-up, once for each pattern of the bits that follow it.
    fn fill(&mut self, code: u32, bits: u32, category: u32) {
        let free = LOOK - bits;
        let first = (code << free) as usize;
        for (follow, entry) in (0u32..).zip(self.fast[first..first + (1 << free)].iter_mut()) {
            *entry = if category == 16 {
                // H.1.2.2: category 16 is the difference 32768 and has no bits of its own.
                bits | (0x8000 << 16)
            } else if category <= free {
                let extra = follow >> (free - category);
                (bits + category) | (u32::from(difference(extra, category)) << 16)
            } else {
                bits | CATEGORY | (category << 16)
            };
        }
    }
}

/// EXTEND of F.2.2.1: the difference of a category from its bits, modulo 65536.
fn difference(extra: u32, category: u32) -> u16 {
    let negative = category > 0 && extra >> (category - 1) == 0;
    (if negative { extra.wrapping_sub((1 << category) - 1) } else { extra }) as u16
}

/// The bits of one restart interval, without stuffing.
#[derive(Debug, Default)]
pub struct Interval {
    bytes: Vec<u8>,
}

impl Interval {
    /// Takes the interval at the head of `data`, dropping stuffed zeros and fill bytes; gives what follows it and
    /// the restart marker that ended it.
    pub fn take<'a>(&mut self, data: &'a [u8]) -> (&'a [u8], Option<u8>) {
        self.bytes.clear();
        self.bytes.reserve(data.len());
        let mut rest = data;
        while let Some(at) = memchr::memchr(0xFF, rest) {
            let (plain, marked) = rest.split_at(at);
            self.bytes.extend_from_slice(plain);
            match marked {
                [_, 0, behind @ ..] => {
                    self.bytes.push(0xFF);
                    rest = behind;
                }
                [_, code @ RST0..=RST7, behind @ ..] => return (behind, Some(*code)),
                [_, behind @ ..] => rest = behind,
                [] => break,
            }
        }
        self.bytes.extend_from_slice(rest);
        (&[], None)
    }

    /// A reader at the first bit.
    pub fn bits(&self) -> Bits<'_> {
        Bits { bytes: &self.bytes, at: 0, held: 0, count: 0, bad: false }
    }
}

/// Reads differences. Behind the end it gives zeros and remembers it, so that a row can be decoded without a branch.
#[derive(Clone, Copy, Debug)]
pub struct Bits<'a> {
    bytes: &'a [u8],
    /// Next byte to hold; may run past the end.
    at: usize,
    /// Bits not yet used, the next one on top. Below `count` there may be bits of the byte at `at`.
    held: u64,
    count: u32,
    bad: bool,
}

impl Bits<'_> {
    /// The next difference, modulo 65536; at most [`FILL`] of them between two calls of [`Bits::fill`]. `fast` is that
    /// of `table`: a row looks it up once.
    #[inline(always)]
    pub fn difference(&mut self, fast: &[u32; 1 << LOOK], table: &Table) -> u16 {
        let entry = fast[(self.held >> (64 - LOOK)) as usize];
        if entry & CATEGORY != 0 {
            let (bits, difference) = self.long(entry, table);
            *self = bits;
            return difference;
        }
        self.drop(entry & 0xFF);
        (entry >> 16) as u16
    }

    /// A difference whose code and bits do not fit into the first look-up: at most 32 bits. By value, so that the reader
    /// of a row stays in registers.
    #[cold]
    #[inline(never)]
    fn long(mut self, entry: u32, table: &Table) -> (Self, u16) {
        self.fill();
        let category = match entry & 0xFF {
            0 => self.long_code(table),
            bits => {
                self.drop(bits);
                entry >> 16
            }
        };
        let difference = if category == 16 {
            0x8000
        } else {
            // Category 0 with a long code: a shift by 64 in two steps.
            let extra = (self.held >> 1 >> (63 - category)) as u32;
            self.drop(category);
            difference(extra, category)
        };
        self.fill();
        (self, difference)
    }

    /// The category of a code that is longer than the first look-up.
    fn long_code(&mut self, table: &Table) -> u32 {
        let next = (self.held >> 48) as u32;
        for (bits, (limit, base)) in (1u32..).zip(table.limits.iter().zip(&table.bases)) {
            if next < *limit {
                self.drop(bits);
                let index = base.wrapping_add(next >> (16 - bits));
                return u32::from(table.categories[index as usize & 255]);
            }
        }
        self.bad = true;
        self.drop(16);
        0
    }

    #[inline(always)]
    fn drop(&mut self, bits: u32) {
        self.held <<= bits;
        self.count -= bits;
    }

    /// Holds 56 bits or more.
    #[inline(always)]
    pub fn fill(&mut self) {
        let word = match self.bytes.get(self.at..).and_then(<[u8]>::first_chunk) {
            Some(eight) => u64::from_be_bytes(*eight),
            None => last_bytes(self.bytes, self.at),
        };
        self.held |= word >> self.count;
        self.at += ((63 - self.count) >> 3) as usize;
        self.count |= LEAST;
    }

    /// Whether more bits were used than the interval has.
    pub fn exhausted(&self) -> bool {
        self.at * 8 - self.count as usize > self.bytes.len() * 8
    }

    /// Whether a code was met that the table does not have.
    pub fn bad(&self) -> bool {
        self.bad
    }
}

/// Eight bytes from `at` on, zeros behind the end.
#[cold]
#[inline(never)]
fn last_bytes(bytes: &[u8], at: usize) -> u64 {
    let tail = bytes.get(at..).unwrap_or(&[]);
    (0..8).fold(0, |word, index| word << 8 | u64::from(tail.get(index).copied().unwrap_or(0)))
}
