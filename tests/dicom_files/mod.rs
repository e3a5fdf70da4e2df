//! Small DICOM files made in memory, right ones and wrong ones. What they hold is spelled out by the tests.

#![allow(dead_code, reason = "each test binary uses its own part")]

/// A value, written in the byte order of the file.
#[derive(Clone)]
pub enum Value {
    /// As it is, padded to an even length with a space.
    Text(&'static str),
    /// As it is, not padded.
    Bytes(Vec<u8>),
    /// 16-bit words.
    Words(Vec<u16>),
    /// 32-bit words.
    Longs(Vec<u32>),
    /// Items, of undefined length if `true`.
    Items(Vec<Vec<Element>>, bool),
    /// Offset table and fragments.
    Fragments(Vec<Vec<u8>>),
}

/// Tag, value representation, value.
pub type Element = (u32, &'static str, Value);

pub fn us(tag: u32, value: u16) -> Element {
    (tag, "US", Value::Words(vec![value]))
}

pub fn text(tag: u32, vr: &'static str, value: &'static str) -> Element {
    (tag, vr, Value::Text(value))
}

pub const EXPLICIT: &str = "1.2.840.10008.1.2.1";
pub const IMPLICIT: &str = "1.2.840.10008.1.2";
pub const BIG: &str = "1.2.840.10008.1.2.2";
pub const DEFLATED: &str = "1.2.840.10008.1.2.1.99";
/// Encapsulated Uncompressed: fragments without a codec.
pub const ENCAPSULATED: &str = "1.2.840.10008.1.2.1.98";

/// How elements are written.
#[derive(Clone, Copy)]
pub struct Style {
    pub implicit: bool,
    pub big: bool,
}

impl Style {
    pub fn of(syntax: &str) -> Self {
        Self { implicit: syntax == IMPLICIT, big: syntax == BIG }
    }

    pub fn u16(self, v: u16) -> [u8; 2] {
        if self.big { v.to_be_bytes() } else { v.to_le_bytes() }
    }

    pub fn u32(self, v: u32) -> [u8; 4] {
        if self.big { v.to_be_bytes() } else { v.to_le_bytes() }
    }
}

pub fn write(elements: &[Element], style: Style) -> Vec<u8> {
    let mut out = Vec::new();
    for (tag, vr, value) in elements {
        let (bytes, undefined) = value_bytes(value, style);
        out.extend(style.u16((tag >> 16) as u16));
        out.extend(style.u16(*tag as u16));
        let len = if undefined { u32::MAX } else { bytes.len() as u32 };
        if style.implicit {
            out.extend(style.u32(len));
        } else {
            out.extend(vr.bytes());
            if matches!(*vr, "OB" | "OW" | "OF" | "OD" | "OV" | "SQ" | "UN" | "UT") {
                out.extend([0, 0]);
                out.extend(style.u32(len));
            } else {
                out.extend(style.u16(len as u16));
            }
        }
        out.extend(bytes);
    }
    out
}

fn value_bytes(value: &Value, style: Style) -> (Vec<u8>, bool) {
    let item = |out: &mut Vec<u8>, element: u16, len: u32| {
        out.extend(style.u16(0xFFFE));
        out.extend(style.u16(element));
        out.extend(style.u32(len));
    };
    let mut out = Vec::new();
    match value {
        Value::Text(text) => {
            out.extend(text.bytes());
            if out.len() % 2 == 1 {
                out.push(b' ');
            }
        }
        Value::Bytes(bytes) => out.extend(bytes),
        Value::Words(words) => out.extend(words.iter().flat_map(|w| style.u16(*w))),
        Value::Longs(longs) => out.extend(longs.iter().flat_map(|w| style.u32(*w))),
        Value::Items(items, undefined) => {
            for elements in items {
                let bytes = write(elements, style);
                item(&mut out, 0xE000, if *undefined { u32::MAX } else { bytes.len() as u32 });
                out.extend(bytes);
                if *undefined {
                    item(&mut out, 0xE00D, 0);
                }
            }
            if *undefined {
                item(&mut out, 0xE0DD, 0);
            }
            return (out, *undefined);
        }
        Value::Fragments(fragments) => {
            for fragment in fragments {
                item(&mut out, 0xE000, fragment.len() as u32);
                out.extend(fragment);
            }
            item(&mut out, 0xE0DD, 0);
            return (out, true);
        }
    }
    (out, false)
}

/// Preamble, file meta and a data set.
pub fn file(syntax: &'static str, elements: &[Element]) -> Vec<u8> {
    let meta = write(
        &[(0x0002_0001, "OB", Value::Bytes(vec![0, 1])), (0x0002_0010, "UI", Value::Text(syntax))],
        Style::of(EXPLICIT),
    );
    let mut out = vec![0; 128];
    out.extend(b"DICM");
    out.extend(write(&[(0x0002_0000, "UL", Value::Longs(vec![meta.len() as u32]))], Style::of(EXPLICIT)));
    out.extend(meta);
    out.extend(write(elements, Style::of(syntax)));
    out
}

/// An image that tests change in one place.
#[derive(Clone)]
pub struct Spec {
    pub rows: u16,
    pub columns: u16,
    pub samples: u16,
    pub photometric: &'static str,
    pub planar: Option<u16>,
    pub frames: Option<&'static str>,
    pub allocated: u16,
    pub stored: u16,
    pub high: u16,
    pub signed: u16,
    pub pixels: Element,
    /// Replaces an element with the same tag, or comes in at its place.
    pub extra: Vec<Element>,
}

impl Spec {
    /// Unsigned grey of 16 bits.
    pub fn grey(rows: u16, columns: u16, words: &[u16]) -> Self {
        Self {
            rows,
            columns,
            samples: 1,
            photometric: "MONOCHROME2",
            planar: None,
            frames: None,
            allocated: 16,
            stored: 16,
            high: 15,
            signed: 0,
            pixels: (0x7FE0_0010, "OW", Value::Words(words.to_vec())),
            extra: Vec::new(),
        }
    }

    /// Unsigned samples of 8 bits.
    pub fn bytes(rows: u16, columns: u16, bytes: &[u8]) -> Self {
        let pixels = (0x7FE0_0010, "OB", Value::Bytes(bytes.to_vec()));
        Self { allocated: 8, stored: 8, high: 7, pixels, ..Self::grey(rows, columns, &[]) }
    }

    pub fn with(mut self, extra: Element) -> Self {
        self.extra.push(extra);
        self
    }

    pub fn elements(&self) -> Vec<Element> {
        let mut all = vec![
            text(0x0008_0005, "CS", "ISO_IR 100"),
            text(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.7"),
            text(0x0008_0060, "CS", "OT"),
            us(0x0028_0002, self.samples),
            text(0x0028_0004, "CS", self.photometric),
            us(0x0028_0010, self.rows),
            us(0x0028_0011, self.columns),
            us(0x0028_0100, self.allocated),
            us(0x0028_0101, self.stored),
            us(0x0028_0102, self.high),
            us(0x0028_0103, self.signed),
        ];
        all.extend(self.planar.map(|v| us(0x0028_0006, v)));
        all.extend(self.frames.map(|v| text(0x0028_0008, "IS", v)));
        all.push(self.pixels.clone());
        for extra in &self.extra {
            all.retain(|e| e.0 != extra.0);
            all.push(extra.clone());
        }
        all.sort_by_key(|e| e.0);
        all
    }

    pub fn file(&self, syntax: &'static str) -> Vec<u8> {
        file(syntax, &self.elements())
    }
}
