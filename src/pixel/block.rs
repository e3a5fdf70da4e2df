//! The parameter block of one frame: declared once, read by the twins as a Rust struct and by the shaders as WGSL
//! text made from the same lines. Tables (boxes, views, resize weights) travel beside it, see [`super::Kernel`].

/// Declares a block of flat `u32`, `i32` and `f32` fields: the Rust struct (plain bytes), `FIELDS` (name, type,
/// offset) for the layout test, and `WGSL`, the same struct for the shaders.
macro_rules! uniform {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $ty:ident,)* }) => {
        $(#[$doc])*
        #[repr(C)]
        #[derive(Clone, Copy, Debug, Default, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
        pub struct $name { $($(#[$field_doc])* pub $field: $ty,)* }

        impl $name {
            /// Every field: name, type (the same word in Rust and WGSL), offset in bytes.
            pub const FIELDS: &'static [(&'static str, &'static str, usize)] =
                &[$((stringify!($field), stringify!($ty), std::mem::offset_of!($name, $field)),)*];

            /// The struct as WGSL declares it.
            pub const WGSL: &'static str = concat!(
                "struct ", stringify!($name), " {\n",
                $("    ", stringify!($field), ": ", stringify!($ty), ",\n",)*
                "}\n"
            );
        }
    };
}

pub(crate) use uniform;

/// Declares the numbers that say which branch to take, for Rust and, as `CONSTANTS_WGSL`, for the shaders.
macro_rules! constants {
    ($($(#[$doc:meta])* $name:ident = $value:literal;)*) => {
        $($(#[$doc])* pub const $name: u32 = $value;)*

        /// The same constants as WGSL declares them.
        pub const CONSTANTS_WGSL: &str = concat!(
            $("const ", stringify!($name), ": u32 = ", stringify!($value), "u;\n",)*
        );
    };
}

constants! {
    /// `Block::sample_type`: 8-bit unsigned.
    SAMPLE_U8 = 0;
    /// 8-bit signed.
    SAMPLE_I8 = 1;
    /// 16-bit unsigned.
    SAMPLE_U16 = 2;
    /// 16-bit signed.
    SAMPLE_I16 = 3;
    /// 32-bit unsigned.
    SAMPLE_U32 = 4;
    /// 32-bit signed.
    SAMPLE_I32 = 5;
    /// 32-bit float.
    SAMPLE_F32 = 6;
    /// 64-bit float: the CPU engine only, WGSL has no such type.
    SAMPLE_F64 = 7;
    /// `Block::view`: a ramp from 0 to 1 with flat ends (LINEAR, LINEAR_EXACT, percentiles, min-max, full range).
    VIEW_RAMP = 0;
    /// The logistic curve (SIGMOID).
    VIEW_SIGMOID = 1;
    /// A table over stored values (VOI LUT, or any view after a Modality LUT).
    VIEW_TABLE = 2;
    /// Modality values as they are.
    VIEW_NONE = 3;
    /// `Block::colour`: one grey sample a pixel.
    COLOUR_GREY = 0;
    /// Red, green, blue.
    COLOUR_RGB = 1;
    /// Three samples and a matrix (YBR_FULL, YBR_PARTIAL, YBR_ICT).
    COLOUR_MATRIX = 2;
    /// The reversible component transform of JPEG 2000.
    COLOUR_RCT = 3;
    /// An index into a table of colours.
    COLOUR_PALETTE = 4;
    /// `Block::dtype`: 32-bit float.
    DTYPE_F32 = 0;
    /// 16-bit float.
    DTYPE_F16 = 1;
    /// 8-bit unsigned.
    DTYPE_U8 = 2;
    /// 16-bit unsigned.
    DTYPE_U16 = 3;
    /// Bins of the histogram of a 16-bit frame; an 8-bit frame and each colour channel have 256.
    BINS = 65536;
    /// Bins of the histogram of an 8-bit frame and of each colour channel.
    BINS_SMALL = 256;
    /// The bits of 2^100: float samples of this magnitude and beyond, infinity and NaN are not values.
    FLOAT_LIMIT_BITS = 0x71800000;
    /// Pixels along a side of a block of the text finder's relief.
    RELIEF_BLOCK = 16;
    /// `Place::relief_at` of a view that is no relief.
    NO_RELIEF = 0xffffffff;
}

uniform! {
    /// Everything but tables that the operations need to know about one frame.
    Block {
        /// Columns of the frame.
        columns: u32,
        /// Rows of the frame.
        rows: u32,
        /// Samples a pixel, interleaved: 1 or 3.
        samples: u32,
        /// One of SAMPLE_*.
        sample_type: u32,
        /// Rectangles in the table of boxes: x, y, first column right of it, first row below it.
        boxes: u32,
        /// 1 if stored values from `pad_low` to `pad_high` are padding.
        padding: u32,
        /// Lowest padding value, stored units.
        pad_low: i32,
        /// Highest padding value, inclusive.
        pad_high: i32,
        /// Upper half of the integer subtracted from a stored sample before it becomes a float (arithmetic shift).
        pivot_high: i32,
        /// Lower 16 bits of that integer.
        pivot_low: i32,
        /// Subtracted from a float sample.
        pivot: f32,
        /// t = (stored - pivot) * scale + offset.
        scale: f32,
        /// See `scale`.
        offset: f32,
        /// One of VIEW_*.
        view: u32,
        /// Stored value (or palette index) of the first entry of the table.
        table_first: i32,
        /// Entries of the table; a palette entry is three floats.
        table_length: u32,
        /// 1 if the unit value is turned upside down (MONOCHROME1).
        invert: u32,
        /// What masked, padding and letterbox pixels hold before normalisation.
        background: f32,
        /// 1 if values stay within 0 to 1, also after a filter that overshoots.
        unit: u32,
        /// One of COLOUR_*.
        colour: u32,
        /// 1 / (2^bits_stored - 1).
        colour_scale: f32,
        /// Subtracted from the first sample before the matrix.
        colour_y: f32,
        /// Subtracted from the second and third.
        colour_c: f32,
        /// Red from luma; the matrix row by row.
        red_y: f32,
        /// Red from the second sample.
        red_cb: f32,
        /// Red from the third.
        red_cr: f32,
        /// Green from luma.
        green_y: f32,
        /// Green from the second sample.
        green_cb: f32,
        /// Green from the third.
        green_cr: f32,
        /// Blue from luma.
        blue_y: f32,
        /// Blue from the second sample.
        blue_cb: f32,
        /// Blue from the third.
        blue_cr: f32,
        /// Planes that are resized: 3 for a colour tensor of a colour frame, else 1.
        planes: u32,
        /// Channels of the tensor; one plane is repeated to 3.
        channels: u32,
        /// Columns of the tensor.
        out_columns: u32,
        /// Rows of the tensor.
        out_rows: u32,
        /// First column of the tensor that shows the image; left of it is letterbox.
        image_left: u32,
        /// First row of the tensor that shows the image.
        image_top: u32,
        /// Columns of the tensor that show the image.
        image_columns: u32,
        /// Rows of the tensor that show the image.
        image_rows: u32,
        /// Weights kept for each output column.
        taps_across: u32,
        /// Weights kept for each output row.
        taps_down: u32,
        /// y = (x - subtract) * multiply, first channel.
        subtract_0: f32,
        /// Second channel.
        subtract_1: f32,
        /// Third channel.
        subtract_2: f32,
        /// First channel.
        multiply_0: f32,
        /// Second channel.
        multiply_1: f32,
        /// Third channel.
        multiply_2: f32,
        /// One of DTYPE_*.
        dtype: u32,
        /// Stored value of step 0 of the survey.
        quality_origin: i32,
        /// First step of the object.
        quality_low: u32,
        /// Last step of the object, inclusive.
        quality_high: u32,
        /// One row in so many is surveyed.
        quality_stride: u32,
        /// Differences beyond are held at this many steps where edges must not outweigh the rest.
        quality_cap: i32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_block_is_flat_and_its_wgsl_lists_every_field_in_order() {
        assert!(
            Block::FIELDS.iter().enumerate().all(|(i, (_, ty, at))| *at == 4 * i && ["u32", "i32", "f32"].contains(ty))
        );
        assert_eq!(Block::FIELDS.len() * 4, std::mem::size_of::<Block>());
        let lines: Vec<String> = Block::FIELDS.iter().map(|(name, ty, _)| format!("    {name}: {ty},")).collect();
        assert_eq!(Block::WGSL, format!("struct Block {{\n{}\n}}\n", lines.join("\n")));
        assert!(CONSTANTS_WGSL.contains("const VIEW_TABLE: u32 = 2u;\n"));
    }
}
