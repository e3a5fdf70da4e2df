//! One image as a file stores it: packed samples and how to interpret them. No display values live here.

use super::Samples;

/// How one stored sample lies in memory, little endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SampleType {
    /// 8-bit unsigned; 1-bit images arrive as 0 and 1.
    U8,
    /// 8-bit signed.
    I8,
    /// 16-bit unsigned.
    U16,
    /// 16-bit signed.
    I16,
    /// 32-bit unsigned.
    U32,
    /// 32-bit signed.
    I32,
    /// Float Pixel Data (7FE0,0008).
    F32,
    /// Double Float Pixel Data (7FE0,0009).
    F64,
}

impl SampleType {
    /// Bytes of one sample.
    pub const fn bytes(self) -> usize {
        match self {
            SampleType::U8 | SampleType::I8 => 1,
            SampleType::U16 | SampleType::I16 => 2,
            SampleType::U32 | SampleType::I32 | SampleType::F32 => 4,
            SampleType::F64 => 8,
        }
    }

    /// Whether negative values can occur.
    pub const fn signed(self) -> bool {
        matches!(self, SampleType::I8 | SampleType::I16 | SampleType::I32 | SampleType::F32 | SampleType::F64)
    }

    /// Whether samples are integers of at most 16 bits, so that a table over all values is small.
    pub const fn tabulable(self) -> bool {
        matches!(self, SampleType::U8 | SampleType::I8 | SampleType::U16 | SampleType::I16)
    }

    /// The name numpy gives it, little endian.
    pub const fn numpy(self) -> &'static str {
        match self {
            SampleType::U8 => "|u1",
            SampleType::I8 => "|i1",
            SampleType::U16 => "<u2",
            SampleType::I16 => "<i2",
            SampleType::U32 => "<u4",
            SampleType::I32 => "<i4",
            SampleType::F32 => "<f4",
            SampleType::F64 => "<f8",
        }
    }
}

/// Photometric Interpretation (0028,0004), PS3.3 C.7.6.3.1.2, of the samples as they lie in the [`Frame`]: what a
/// decoder converted already (the component transforms of JPEG 2000, say) is not said again here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Photometric {
    /// Lowest value is white.
    Monochrome1,
    /// Lowest value is black.
    Monochrome2,
    /// Index into a palette.
    Palette,
    /// Red, green, blue.
    Rgb,
    /// Full-range YCbCr (ITU-T T.871); chroma already repeated to 4:4:4. Also what YBR_FULL_422 becomes.
    YbrFull,
    /// Partial-range YCbCr (retired YBR_PARTIAL_420/422), 16..235.
    YbrPartial,
    /// Irreversible component transform of JPEG 2000, not yet undone.
    YbrIct,
    /// Reversible component transform of JPEG 2000, not yet undone.
    YbrRct,
}

impl Photometric {
    /// Whether a pixel is one grey sample.
    pub const fn grey(self) -> bool {
        matches!(self, Photometric::Monochrome1 | Photometric::Monochrome2)
    }

    /// The defined term of the standard.
    pub const fn keyword(self) -> &'static str {
        match self {
            Photometric::Monochrome1 => "MONOCHROME1",
            Photometric::Monochrome2 => "MONOCHROME2",
            Photometric::Palette => "PALETTE COLOR",
            Photometric::Rgb => "RGB",
            Photometric::YbrFull => "YBR_FULL",
            Photometric::YbrPartial => "YBR_PARTIAL_422",
            Photometric::YbrIct => "YBR_ICT",
            Photometric::YbrRct => "YBR_RCT",
        }
    }
}

/// A table from integer input to integer output: Modality LUT, VOI LUT or one channel of a palette
/// (PS3.3 C.11.1.1, C.11.2.1.1, C.7.6.3.1.5). Inputs below `first` take the first entry, inputs past the end the last.
#[derive(Clone, Debug, PartialEq)]
pub struct Lut {
    /// The stored value that maps to the first entry.
    pub first: i32,
    /// At least one entry.
    pub entries: Vec<u16>,
    /// Bits of an entry, 8 to 16: the output range is 0 to 2^bits - 1.
    pub bits: u8,
}

/// Red, green and blue tables; segmented palettes are expanded before they get here.
#[derive(Clone, Debug, PartialEq)]
pub struct Palette {
    /// Red, green, blue.
    pub channels: [Lut; 3],
}

/// From stored values to modality values (Hounsfield units for CT), PS3.3 C.11.1.
#[derive(Clone, Debug, PartialEq)]
pub enum Modality {
    /// The file gives none: stored values are the values.
    Identity,
    /// value = slope x stored + intercept. The slope is finite and not 0.
    Rescale {
        /// RescaleSlope (0028,1053).
        slope: f64,
        /// RescaleIntercept (0028,1052).
        intercept: f64,
    },
    /// Modality LUT Sequence (0028,3000).
    Lut(Lut),
}

/// VOI LUT Function (0028,1056), PS3.3 C.11.2.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VoiFunction {
    /// C.11.2.1.2.1, the default.
    Linear,
    /// C.11.2.1.3.2.
    LinearExact,
    /// C.11.2.1.3.1.
    Sigmoid,
}

/// One view of interest that the file offers.
#[derive(Clone, Debug, PartialEq)]
pub enum Voi {
    /// Window Center and Width with their function. Width is at least 1 for Linear, above 0 for the others.
    Window {
        /// WindowCenter (0028,1050), modality units.
        center: f64,
        /// WindowWidth (0028,1051), modality units.
        width: f64,
        /// VOILUTFunction (0028,1056).
        function: VoiFunction,
    },
    /// VOI LUT Sequence (0028,3010).
    Lut(Lut),
}

/// How the stored samples of one frame are to be read. Built by `read`; every value has been checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Interpretation {
    /// Colour space of the samples in the frame.
    pub photometric: Photometric,
    /// BitsStored (0028,0101), 1 to 32, or 32/64 for float pixels.
    pub bits_stored: u8,
    /// Stored to modality values.
    pub modality: Modality,
    /// Views the file offers, in its order; empty if none.
    pub voi: Vec<Voi>,
    /// Pixel Padding Value to Pixel Padding Range Limit (0028,0120/0121), stored units, lower first, both inclusive.
    pub padding: Option<(i32, i32)>,
    /// DoseGridScaling (3004,000E) of a dose grid: what its stored values are multiplied with to be doses. Above 0.
    pub dose_grid_scaling: Option<f64>,
    /// Present exactly if `photometric` is Palette.
    pub palette: Option<Palette>,
    /// Modality (0008,0060) if it is a defined term: chooses presets. Not a person's value.
    pub modality_code: Option<&'static str>,
    /// Body part in lower case if BodyPartExamined is a defined term: chooses presets.
    pub body_part: Option<&'static str>,
}

impl Interpretation {
    /// Whether the samples are labels (a segmentation, PS3.3 C.8.20): numbers that name something, of which there is no mean.
    pub fn labels(&self) -> bool {
        self.modality_code == Some("SEG")
    }

    /// Whether modality values are Hounsfield units: a CT with a rescale (PS3.3 C.8.2.1).
    pub fn hounsfield(&self) -> bool {
        self.modality_code == Some("CT") && matches!(self.modality, Modality::Rescale { .. })
    }

    /// Stored values that mean themselves: no rescale, no view, no padding.
    pub fn plain(photometric: Photometric, bits_stored: u8) -> Self {
        Self {
            photometric,
            bits_stored,
            modality: Modality::Identity,
            voi: Vec::new(),
            padding: None,
            dose_grid_scaling: None,
            palette: None,
            modality_code: None,
            body_part: None,
        }
    }

    /// From stored values to the numbers that a tensor is made of: modality values, doses of a dose grid.
    pub fn values(&self) -> Modality {
        match (&self.modality, self.dose_grid_scaling) {
            (Modality::Identity, Some(slope)) => Modality::Rescale { slope, intercept: 0.0 },
            (modality, _) => modality.clone(),
        }
    }
}

/// One image: `rows` x `columns` pixels of `samples` interleaved samples, little endian, without row padding.
#[derive(Clone)]
pub struct Frame {
    /// Rows (0028,0010), at least 1.
    pub rows: u32,
    /// Columns (0028,0011), at least 1.
    pub columns: u32,
    /// SamplesPerPixel after decoding, 1 or 3.
    pub samples: u8,
    /// How one sample lies in `data`. Sign-extended: bits above BitsStored hold no rubbish.
    pub sample_type: SampleType,
    /// `rows * columns * samples * sample_type.bytes()` bytes. Sealed: a face or a name can be in the picture; the
    /// engines read it through [`Frame::bytes`], and nothing but a masked tensor comes out of them.
    data: Samples,
    /// How to read the samples.
    pub interpretation: Interpretation,
    /// What a decoder lost or repaired on the way, as stable words for the manifest.
    pub warnings: Vec<&'static str>,
    /// Whether the stream that it was decoded from shows that its coding lost something.
    pub lossy: bool,
}

impl Frame {
    /// Puts a frame together; `None` if the number of bytes is not what the shape needs.
    pub fn new(
        rows: u32,
        columns: u32,
        samples: u8,
        sample_type: SampleType,
        data: Vec<u8>,
        interpretation: Interpretation,
    ) -> Option<Self> {
        Self::shared(rows, columns, samples, sample_type, Samples::all(data), interpretation)
    }

    /// Puts a frame together over samples in a batch or in a file, without a copy; `None` as for [`Frame::new`].
    pub fn shared(
        rows: u32,
        columns: u32,
        samples: u8,
        sample_type: SampleType,
        data: Samples,
        interpretation: Interpretation,
    ) -> Option<Self> {
        let expected = (rows as usize)
            .checked_mul(columns as usize)?
            .checked_mul(samples as usize)?
            .checked_mul(sample_type.bytes())?;
        if rows == 0 || columns == 0 || !matches!(samples, 1 | 3) || data.bytes().len() != expected {
            return None;
        }
        Some(Self { rows, columns, samples, sample_type, data, interpretation, warnings: Vec::new(), lossy: false })
    }

    /// The packed samples.
    pub fn bytes(&self) -> &[u8] {
        self.data.bytes()
    }

    /// The packed samples, taken out, for reuse or for `decode --stage stored`.
    pub fn into_bytes(self) -> Vec<u8> {
        self.data.into_bytes()
    }

    /// Whether both are over the same bytes in memory, so that what was brought to a device for one serves the other.
    pub fn same_bytes(&self, other: &Frame) -> bool {
        self.data.same(&other.data)
    }

    /// Number of pixels.
    pub fn pixels(&self) -> usize {
        self.rows as usize * self.columns as usize
    }

    /// The samples as an array of rows x columns x samples, if `T` is the type they are stored in and they lie
    /// aligned for it.
    pub fn view<T: bytemuck::Pod>(&self) -> Option<ndarray::ArrayView3<'_, T>> {
        if std::mem::size_of::<T>() != self.sample_type.bytes() {
            return None;
        }
        let values = bytemuck::try_cast_slice::<u8, T>(self.bytes()).ok()?;
        ndarray::ArrayView3::from_shape((self.rows as usize, self.columns as usize, self.samples as usize), values).ok()
    }
}

impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Frame {}x{}x{} {:?}", self.rows, self.columns, self.samples, self.sample_type)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ops::Range;
    use std::sync::Arc;

    fn stretch(file: &Arc<Vec<u8>>, range: Range<usize>) -> Option<Frame> {
        Frame::shared(2, 3, 1, SampleType::U8, Samples::of(file.clone(), range)?, grey())
    }

    fn grey() -> Interpretation {
        Interpretation::plain(Photometric::Monochrome2, 8)
    }

    /// A frame, its clone, and the same picture from other bytes.
    fn shared_twice(file: &Arc<Vec<u8>>) -> [Frame; 3] {
        let frame = stretch(file, 2..8).unwrap();
        let other = Frame::new(2, 3, 1, SampleType::U8, frame.bytes().to_vec(), grey()).unwrap();
        [frame.clone(), frame, other]
    }

    #[test]
    fn a_frame_over_a_file_is_the_frame_of_its_own_bytes() {
        let file = Arc::new(vec![9, 9, 1, 2, 3, 4, 5, 6, 9]);
        let shared = stretch(&file, 2..8).unwrap();
        assert_eq!(shared.bytes(), [1, 2, 3, 4, 5, 6]);
        assert_eq!(shared.into_bytes(), [1, 2, 3, 4, 5, 6]);
        for range in [2..7, 4..10] {
            assert!(stretch(&file, range).is_none());
        }
        let clone = shared_twice(&file);
        assert!(clone[0].same_bytes(&clone[1]) && !clone[0].same_bytes(&clone[2]));
        let view = Frame::new(2, 1, 1, SampleType::U16, vec![1, 0, 0, 1], grey()).unwrap();
        assert_eq!(view.view::<u16>().map(|v| v[[1, 0, 0]]), Some(256));
    }
}
