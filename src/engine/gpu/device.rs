//! Opens a graphics adapter and turns everything that can go wrong with it into a [`Fault`]. No buffer and no shader
//! is made here.
//!
//! wgpu reports errors on the side, through callbacks; they are kept in [`Device`] and handed out by
//! [`Device::check`], so that an invalid call, exhausted memory or a lost device ends in a fault and never in a panic.

use crate::engine::Device as Listed;
use crate::error::{Fault, Kind, Reason, Result};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What to install when no Vulkan adapter answers. Debian's and Ubuntu's names.
const NO_ADAPTER: &str = "install a Vulkan driver, or for a software adapter the Debian packages mesa-vulkan-drivers \
                          and libvulkan1; or use --engine cpu";
/// What to do when only software adapters are there.
const ONLY_SOFTWARE: &str = "use --engine cpu, which is faster than a software adapter; to run the shaders on it \
                             anyway add --software-gpu";
/// What to do about a device that fails while it works.
const FAILING: &str = "lower --memory, close other users of the GPU, or use --engine cpu";
/// What to do about a mistake of ours.
const OURS: &str = "please report this with the output of `voxmill devices`; --engine cpu gives the same tensors";
/// Longest wait for one submission. A driver that is alive resets a hung device within seconds; a software adapter
/// may need minutes for the largest frames.
const PATIENCE: Duration = Duration::from_secs(600);
/// Largest binding we use even if the adapter allows more: byte offsets inside it must fit in a signed 32-bit number.
const LARGEST_BINDING: u64 = 1 << 30;

fn instance() -> wgpu::Instance {
    wgpu::Instance::new(wgpu::InstanceDescriptor {
        backends: wgpu::Backends::VULKAN,
        // No validation layers and no debug labels in the driver: our tests run without them too.
        flags: wgpu::InstanceFlags::empty(),
        ..wgpu::InstanceDescriptor::new_without_display_handle()
    })
}

fn adapters() -> Vec<wgpu::Adapter> {
    pollster::block_on(instance().enumerate_adapters(wgpu::Backends::VULKAN))
}

/// The word for a kind of adapter, and its rank: the lower, the better.
fn kind(info: &wgpu::AdapterInfo) -> (&'static str, u32) {
    match info.device_type {
        wgpu::DeviceType::DiscreteGpu => ("discrete", 0),
        wgpu::DeviceType::IntegratedGpu => ("integrated", 1),
        wgpu::DeviceType::VirtualGpu => ("virtual", 2),
        wgpu::DeviceType::Other => ("other", 3),
        wgpu::DeviceType::Cpu => ("software", 4),
    }
}

fn software(adapter: &wgpu::Adapter) -> bool {
    adapter.get_info().device_type == wgpu::DeviceType::Cpu
}

/// The adapters of this machine, without opening any. Empty without a Vulkan loader.
pub fn list() -> Vec<Listed> {
    let described = |adapter: &wgpu::Adapter| {
        let (info, limits) = (adapter.get_info(), adapter.limits());
        Listed {
            kind: kind(&info).0,
            backend: info.backend.to_string(),
            driver: format!("{} {}", info.driver, info.driver_info).trim().to_owned(),
            usable: if software(adapter) { "asked" } else { "auto" },
            limits: vec![
                ("buffer-bytes", limits.max_buffer_size),
                ("binding-bytes", limits.max_storage_buffer_binding_size),
            ],
            name: info.name,
        }
    };
    adapters().iter().map(described).collect()
}

/// Chooses by what was asked: software only if `software`, else hardware only, so that the same command uses the same
/// kind of adapter on every machine.
fn choose(adapters: Vec<wgpu::Adapter>, software: bool) -> Result<wgpu::Adapter> {
    let found = adapters.len();
    let fitting = adapters
        .into_iter()
        .filter(|adapter| self::software(adapter) == software)
        .min_by_key(|adapter| kind(&adapter.get_info()).1);
    match fitting {
        Some(adapter) => Ok(adapter),
        None if found == 0 => {
            Err(Fault::environment("gpu", "no Vulkan adapter answers", "no loader or no driver").remedy(NO_ADAPTER))
        }
        None if software => Err(Fault::environment("gpu", "no software adapter", "only hardware adapters answer")
            .number("adapters", found as u32)
            .remedy("leave --software-gpu out to use the hardware")),
        None => Err(Fault::environment("gpu", "no hardware adapter", "only software adapters answer")
            .number("adapters", found as u32)
            .remedy(ONLY_SOFTWARE)),
    }
}

/// The first thing that went wrong on the device since it was opened.
#[derive(Default)]
struct Trouble(Mutex<Option<Fault>>);

impl Trouble {
    fn note(&self, fault: Fault) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(fault);
    }
}

/// An open adapter with its queue.
pub struct Device {
    /// Makes buffers and pipelines.
    pub device: wgpu::Device,
    /// Takes submissions.
    pub queue: wgpu::Queue,
    /// The adapter's name.
    pub name: String,
    /// Bytes that one storage binding may have.
    pub binding_bytes: u64,
    /// Bytes that one buffer may have.
    pub buffer_bytes: u64,
    /// Alignment of the offset of a storage binding.
    pub alignment: u64,
    /// Workgroups in one dimension of a dispatch.
    pub groups: u32,
    trouble: Arc<Trouble>,
}

impl Device {
    /// Opens the best adapter of the kind asked for; a fault of kind Environment if there is none.
    pub fn open(software: bool) -> Result<Self> {
        let adapter = choose(adapters(), software)?;
        let offered = adapter.limits();
        // The baseline of WebGPU, with the two sizes raised to what the adapter has: frames are large.
        let limits = wgpu::Limits {
            max_buffer_size: offered.max_buffer_size,
            max_storage_buffer_binding_size: offered.max_storage_buffer_binding_size,
            ..wgpu::Limits::default()
        };
        let descriptor = wgpu::DeviceDescriptor {
            label: Some("voxmill"),
            required_limits: limits.clone(),
            memory_hints: wgpu::MemoryHints::Performance,
            ..Default::default()
        };
        let (device, queue) = pollster::block_on(adapter.request_device(&descriptor)).map_err(|error| {
            Fault::environment("gpu", "the adapter could not be opened", error.to_string()).remedy(FAILING)
        })?;
        let trouble = Arc::new(Trouble::default());
        let noted = Arc::clone(&trouble);
        device.on_uncaptured_error(Arc::new(move |error| noted.note(fault_of(error))));
        let noted = Arc::clone(&trouble);
        device.set_device_lost_callback(move |reason, message| {
            // Ours: the device goes with the engine.
            if reason != wgpu::DeviceLostReason::Destroyed {
                noted.note(Fault::environment("gpu", "the device was lost", message).remedy(FAILING));
            }
        });
        Ok(Self {
            name: adapter.get_info().name,
            binding_bytes: limits.max_storage_buffer_binding_size.min(LARGEST_BINDING) & !3,
            buffer_bytes: limits.max_buffer_size,
            alignment: u64::from(limits.min_storage_buffer_offset_alignment),
            groups: limits.max_compute_workgroups_per_dimension,
            device,
            queue,
            trouble,
        })
    }

    /// The first fault since the device was opened, if any. A device that failed once is not trusted again.
    pub fn check(&self) -> Result<()> {
        let noted = self.trouble.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.as_ref().map_or(Ok(()), |fault| Err(fault.clone()))
    }

    /// Lets wgpu call back what is ready, without waiting.
    pub fn poll(&self) -> Result<()> {
        let outcome = self.device.poll(wgpu::PollType::Poll);
        self.check()?;
        outcome
            .map(|_| ())
            .map_err(|error| Fault::environment("gpu", "the device does not answer", error.to_string()).remedy(FAILING))
    }

    /// Waits until a submission has run and its callbacks were called.
    pub fn wait(&self, submission: &wgpu::SubmissionIndex) -> Result<()> {
        let wait = wgpu::PollType::Wait { submission_index: Some(submission.clone()), timeout: Some(PATIENCE) };
        let outcome = self.device.poll(wait);
        self.check()?;
        outcome.map(|_| ()).map_err(|error| {
            Fault::environment("gpu", "a submission did not end", error.to_string())
                .number("seconds", PATIENCE.as_secs())
                .remedy(FAILING)
        })
    }
}

/// Exhausted memory is the machine's, anything else would be ours.
fn fault_of(error: wgpu::Error) -> Fault {
    match error {
        wgpu::Error::OutOfMemory { source } => {
            Fault::environment("gpu", "out of device memory", source.to_string()).remedy(FAILING)
        }
        wgpu::Error::Internal { description, .. } => {
            Fault::environment("gpu", "the driver failed", description).remedy(FAILING)
        }
        wgpu::Error::Validation { description, .. } => {
            let mut fault = Fault::environment("gpu", "an invalid GPU call", description).remedy(OURS);
            (fault.kind, fault.reason) = (Kind::Bug, Reason::Defect);
            fault
        }
    }
}
