//! What a JPEG stream (ITU-T T.81, and T.87 as far as its SOF goes) says about itself: process, size, components,
//! colour markers, scans, and whether it ends where it should. Markers only; no entropy-coded bit is decoded here.

use super::Announced;
use crate::error::{Fault, Reason, Result};

const PLACE: &str = "JPEG stream";

/// The coding process, as the SOF marker tells it (T.81 Table B.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Process {
    /// SOF0: baseline DCT.
    Baseline,
    /// SOF1: extended sequential DCT, Huffman.
    Extended,
    /// SOF2: progressive DCT (spectral selection, full progression), Huffman.
    Progressive,
    /// SOF3: lossless, Huffman.
    Lossless,
    /// SOF55: JPEG-LS.
    JpegLs,
    /// Arithmetic coding and hierarchical processes: retired from DICOM.
    Other,
}

impl Process {
    fn of(marker: u8) -> Self {
        match marker {
            0xC0 => Process::Baseline,
            0xC1 => Process::Extended,
            0xC2 => Process::Progressive,
            0xC3 => Process::Lossless,
            0xF7 => Process::JpegLs,
            _ => Process::Other,
        }
    }
}

/// One component of the frame header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Component {
    /// Component identifier.
    pub id: u8,
    /// Horizontal and vertical sampling factor.
    pub sampling: (u8, u8),
}

/// Everything the markers say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Coding process.
    pub process: Process,
    /// Bits a sample.
    pub precision: u8,
    /// Number of lines; 0 if a DNL marker was to tell, which no DICOM file does.
    pub rows: u32,
    /// Samples a line.
    pub columns: u32,
    /// In the order of the frame header.
    pub components: Vec<Component>,
    /// A JFIF APP0 marker is there.
    pub jfif: bool,
    /// The transform byte of a whole Adobe APP14 marker.
    pub adobe: Option<u8>,
    /// Number of scans.
    pub scans: u32,
    /// A sequential scan whose spectral selection is not 0..63: a known fault of old encoders, harmless.
    pub bad_selection: bool,
    /// EOI is there.
    pub ended: bool,
    /// Length of the stream up to and with EOI; padding and rubbish come after it.
    pub length: usize,
}

fn fault(reason: Reason, cause: &'static str) -> Fault {
    Fault::input(reason, PLACE, cause)
}

fn truncated() -> Fault {
    fault(Reason::Truncated, "the JPEG stream ends early")
}

fn byte(bytes: &[u8], at: usize) -> Result<u8> {
    bytes.get(at).copied().ok_or_else(truncated)
}

fn be16(bytes: &[u8], at: usize) -> Result<u32> {
    let two = bytes.get(at..).and_then(|rest| rest.first_chunk::<2>()).ok_or_else(truncated)?;
    Ok(u32::from(u16::from_be_bytes(*two)))
}

impl Header {
    /// Reads the markers of one stream. Fails with `DecodeFailed` if it is no JPEG, `Truncated` if a marker segment is
    /// cut off, no scan follows, a component is in no scan, or a progressive stream lacks its end.
    pub fn read(stream: &[u8]) -> Result<Self> {
        if !stream.starts_with(&[0xFF, 0xD8]) {
            return Err(fault(Reason::DecodeFailed, "not a JPEG stream"));
        }
        let mut frame: Option<Header> = None;
        let (mut jfif, mut adobe) = (false, None);
        let mut scanned: Vec<u8> = Vec::new();
        let mut at = 2;
        let end = loop {
            // Fill bytes and stray bytes before a marker are skipped, as libjpeg does.
            let Some(found) = stream.get(at..).and_then(|rest| memchr::memchr(0xFF, rest)) else { break None };
            let Some(&marker) = stream.get(at + found + 1) else { break None };
            at += found + 2;
            match marker {
                0xFF => {
                    at -= 1;
                    continue;
                }
                0xD9 => break Some(at),
                // Stuffed zeros and restarts belong to entropy-coded data; TEM and SOI carry nothing.
                0x00 | 0x01 | 0xD0..=0xD8 => continue,
                _ => {}
            }
            if frame.as_ref().is_some_and(|frame| frame.scans > 0) && stream.len() < at + 2 {
                break None;
            }
            let length = be16(stream, at)? as usize;
            let segment = stream.get(at + 2..at + length.max(2)).ok_or_else(truncated)?;
            match marker {
                0xE0 => jfif |= segment.starts_with(b"JFIF\0"),
                0xEE if segment.starts_with(b"Adobe") && segment.len() >= 12 => adobe = segment.get(11).copied(),
                0xDA => {
                    let frame =
                        frame.as_mut().ok_or_else(|| fault(Reason::Malformed, "a scan before the frame header"))?;
                    frame.scans += 1;
                    let count = usize::from(byte(segment, 0)?);
                    for index in 0..count {
                        scanned.push(byte(segment, 1 + 2 * index)?);
                    }
                    if matches!(frame.process, Process::Baseline | Process::Extended) {
                        let selection = (byte(segment, 1 + 2 * count)?, byte(segment, 2 + 2 * count)?);
                        frame.bad_selection |= selection != (0, 63);
                    }
                }
                // DHT, JPG, DAC: not frame headers although they lie between them.
                0xC4 | 0xC8 | 0xCC => {}
                0xC0..=0xCF | 0xF7 => {
                    if frame.is_some() {
                        return Err(fault(Reason::Malformed, "two frame headers in one stream"));
                    }
                    frame = Some(Header::frame(marker, segment)?);
                }
                _ => {}
            }
            at += length.max(2);
        };
        let mut header = frame.ok_or_else(truncated)?;
        if header.scans == 0 || header.components.iter().any(|component| !scanned.contains(&component.id)) {
            return Err(truncated());
        }
        header.jfif = jfif;
        header.adobe = adobe;
        header.ended = end.is_some();
        header.length = end.unwrap_or(stream.len());
        // The last scan of a progressive stream may be missing without any other trace.
        if header.process == Process::Progressive && !header.ended {
            return Err(truncated());
        }
        Ok(header)
    }

    /// The coding process of the first frame header, or `None` if there is none to be found.
    pub fn process(stream: &[u8]) -> Option<Process> {
        let mut at = 2;
        loop {
            match stream.get(at..at + 2)? {
                [0xFF, 0xFF] => at += 1,
                &[0xFF, marker @ (0xC0..=0xCF | 0xF7)] if !matches!(marker, 0xC4 | 0xC8 | 0xCC) => {
                    return Some(Process::of(marker));
                }
                [0xFF, 0x01..=0xBF | 0xD0..=0xD8] => at += 2,
                [0xFF, 0xDA | 0xD9] => return None,
                [0xFF, _] => at += 2 + be16(stream, at + 2).ok()? as usize,
                _ => at += 1,
            }
        }
    }

    fn frame(marker: u8, segment: &[u8]) -> Result<Self> {
        let count = usize::from(byte(segment, 5)?);
        let mut components = Vec::new();
        for index in 0..count {
            let factors = byte(segment, 7 + 3 * index)?;
            components.push(Component { id: byte(segment, 6 + 3 * index)?, sampling: (factors >> 4, factors & 15) });
        }
        Ok(Header {
            process: Process::of(marker),
            precision: byte(segment, 0)?,
            rows: be16(segment, 1)?,
            columns: be16(segment, 3)?,
            components,
            jfif: false,
            adobe: None,
            scans: 0,
            bad_selection: false,
            ended: false,
            length: 0,
        })
    }

    /// Compares size, components and bits with the DICOM header.
    pub fn compare(&self, announced: &Announced) -> Result<()> {
        let differs = |cause, announced: u32, found: u32| {
            Err(fault(Reason::Inconsistent, cause).number("announced", announced).number("found", found))
        };
        if self.rows != announced.rows {
            return differs("Rows differ from the JPEG frame header", announced.rows, self.rows);
        }
        if self.columns != announced.columns {
            return differs("Columns differ from the JPEG frame header", announced.columns, self.columns);
        }
        if self.components.len() != usize::from(announced.samples) {
            let found = self.components.len() as u32;
            return differs("SamplesPerPixel differs from the JPEG frame header", announced.samples.into(), found);
        }
        if u32::from(self.precision) > 8 * announced.sample_bytes() as u32 {
            let found = self.precision.into();
            return differs("BitsAllocated is less than the JPEG precision", announced.bits_allocated.into(), found);
        }
        Ok(())
    }

    /// Blocks of 8x8 samples over all components (T.81 A.2), 0 if a sampling factor is out of range.
    pub fn blocks(&self) -> u64 {
        let side = |pick: fn(&Component) -> u8| self.components.iter().map(pick).max().unwrap_or(1);
        let (high_h, high_v) = (side(|component| component.sampling.0), side(|component| component.sampling.1));
        let units = |extent: u32, factor: u8| u64::from(extent).div_ceil(8 * u64::from(factor.max(1)));
        let minimum_units = units(self.columns, high_h) * units(self.rows, high_v);
        self.components
            .iter()
            .map(|component| minimum_units * u64::from(component.sampling.0) * u64::from(component.sampling.1))
            .sum()
    }

    /// The second or third component has fewer samples than the first.
    pub fn subsampled(&self) -> bool {
        self.components.iter().any(|component| self.components.iter().any(|other| other.sampling != component.sampling))
    }
}
