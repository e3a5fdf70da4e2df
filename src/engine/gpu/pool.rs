//! The buffers of one load, kept between loads: they grow, are cleared before each use and are never made per image.
//! What is in them is decided elsewhere.

use super::device::Device;
use crate::error::{Fault, Result};
use std::sync::mpsc::{Receiver, channel};

/// A buffer that is grown when a load needs more and let go when it has become far too large.
pub struct Grown {
    label: &'static str,
    usage: wgpu::BufferUsages,
    buffer: Option<wgpu::Buffer>,
}

/// Sizes are rounded up to this, so that small differences between loads do not make new buffers.
const STEP: u64 = 1 << 20;
/// A buffer of more than this is let go after its load if the load used it for an unusually large frame.
pub const KEPT: u64 = 256 << 20;

impl Grown {
    /// An empty place for a buffer.
    pub fn new(label: &'static str, usage: wgpu::BufferUsages) -> Self {
        Self { label, usage, buffer: None }
    }

    /// The buffer, with at least `bytes` bytes; a new one (of zeros) only if the present one is too small.
    pub fn hold(&mut self, gpu: &Device, bytes: u64) -> Result<&wgpu::Buffer> {
        let fits = self.buffer.as_ref().is_some_and(|buffer| buffer.size() >= bytes);
        if !fits {
            let size = bytes.max(1).next_multiple_of(STEP).min(gpu.buffer_bytes & !3);
            if size < bytes {
                return Err(Fault::bug("gpu", "a load was planned larger than a buffer can be")
                    .number("limit", gpu.buffer_bytes)
                    .number("bytes", bytes));
            }
            // The old buffer goes first: both together may not fit.
            self.buffer = None;
            let descriptor =
                wgpu::BufferDescriptor { label: Some(self.label), size, usage: self.usage, mapped_at_creation: false };
            self.buffer = Some(gpu.device.create_buffer(&descriptor));
            gpu.check()?;
        }
        self.buffer.as_ref().ok_or_else(|| Fault::bug("gpu", "a buffer was not made"))
    }

    /// The buffer, if there is one.
    pub fn get(&self) -> Result<&wgpu::Buffer> {
        self.buffer.as_ref().ok_or_else(|| Fault::bug("gpu", "a buffer is used before it is made"))
    }

    /// Lets the buffer go if it is larger than what is kept between loads.
    pub fn trim(&mut self) {
        if self.buffer.as_ref().is_some_and(|buffer| buffer.size() > KEPT) {
            self.buffer = None;
        }
    }
}

/// A wish to map a buffer, granted when the device has got to it.
pub struct Mapping(Receiver<std::result::Result<(), wgpu::BufferAsyncError>>);

impl Mapping {
    /// Asks for the first `bytes` bytes of `buffer`.
    pub fn ask(buffer: &wgpu::Buffer, mode: wgpu::MapMode, bytes: u64) -> Self {
        let (sender, receiver) = channel();
        buffer.map_async(mode, 0..bytes, move |outcome| {
            // The receiver is gone only when the engine is.
            let _ = sender.send(outcome);
        });
        Self(receiver)
    }

    /// Whether the wish was granted. Call after [`Device::wait`]: it does not wait.
    pub fn granted(&self, gpu: &Device) -> Result<()> {
        gpu.check()?;
        match self.0.try_recv() {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Fault::environment("gpu", "a buffer could not be mapped", error.to_string())),
            Err(_) => Err(Fault::bug("gpu", "a buffer was not mapped when its submission had ended")),
        }
    }
}
