//! What a training loop gets: channels x height x width.

/// Element type of a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DType {
    /// 32-bit float.
    F32,
    /// 16-bit float.
    F16,
    /// 8-bit unsigned.
    U8,
    /// 16-bit unsigned.
    U16,
}

impl DType {
    /// Bytes of one element.
    pub const fn bytes(self) -> usize {
        match self {
            DType::F32 => 4,
            DType::F16 | DType::U16 => 2,
            DType::U8 => 1,
        }
    }

    /// The name users type and read.
    pub const fn name(self) -> &'static str {
        match self {
            DType::F32 => "f32",
            DType::F16 => "f16",
            DType::U8 => "u8",
            DType::U16 => "u16",
        }
    }

    /// The name numpy gives it, little endian.
    pub const fn numpy(self) -> &'static str {
        match self {
            DType::F32 => "<f4",
            DType::F16 => "<f2",
            DType::U8 => "|u1",
            DType::U16 => "<u2",
        }
    }
}

/// An array [channels, height, width], row-major, little endian.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// 1 or 3.
    pub channels: u32,
    /// Rows.
    pub height: u32,
    /// Columns.
    pub width: u32,
    /// Element type of `data`.
    pub dtype: DType,
    /// `channels * height * width * dtype.bytes()` bytes.
    pub data: Vec<u8>,
}

impl Tensor {
    /// A tensor of nothing, where none was wanted.
    pub fn empty() -> Self {
        Self { channels: 0, height: 0, width: 0, dtype: DType::F32, data: Vec::new() }
    }

    /// The shape as written to the manifest.
    pub fn shape(&self) -> [u32; 3] {
        [self.channels, self.height, self.width]
    }

    /// The elements as f32, whatever the type: for tests, previews and statistics.
    pub fn to_f32(&self) -> ndarray::Array3<f32> {
        let values: Vec<f32> = match self.dtype {
            DType::F32 => self.data.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect(),
            DType::F16 => self.data.chunks_exact(2).map(|b| half::f16::from_le_bytes([b[0], b[1]]).to_f32()).collect(),
            DType::U8 => self.data.iter().map(|&b| f32::from(b)).collect(),
            DType::U16 => self.data.chunks_exact(2).map(|b| f32::from(u16::from_le_bytes([b[0], b[1]]))).collect(),
        };
        let shape = (self.channels as usize, self.height as usize, self.width as usize);
        ndarray::Array3::from_shape_vec(shape, values).expect("a tensor holds as many elements as its shape says")
    }
}
