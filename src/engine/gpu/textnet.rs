//! The text finder on the device: frames are brought there once, their views are made there, the network runs over batches
//! of equal parts, the maps come back. The frames stay for the tensors that are made of them next.

pub mod cut;
pub mod layers;

use super::device::Device;
use super::kernels::{Kernels, Pass};
use super::load::{Limits, SAMPLE_ALIGNMENT};
use super::notes::{Draft, Notes};
use super::place::Place;
use super::slot::{Dispatch, Slot};
use crate::engine::{Search, cpu};
use crate::error::{Fault, Result};
use crate::model::{Frame, SampleType};
use crate::pixel::block::NO_RELIEF;
use crate::pixel::textnet::Plane;
use crate::pixel::textnet::relief::Grid;
use crate::pixel::textnet::views::{Look as Kind, Seen, View, gate};
use cut::{Cut, Part, keep};
use layers::Layers;
use std::sync::Arc;

/// Bytes of the largest buffer between two layers: large enough that a device has work, small enough to be there.
const ROOM: u64 = 64 << 20;
/// Bytes of lookup tables that one batch may bring.
const TABLES: usize = 16 << 20;

/// Frames that lie on the device, in the slot they were brought by.
pub struct Held {
    /// The slot; nothing is on its way.
    pub slot: Slot,
    /// Bytes of stored samples.
    pub bytes: u64,
    frames: Vec<(Frame, u64)>,
}

impl Held {
    /// The byte at which a frame lies, if it is one of these.
    pub fn at(&self, frame: &Frame) -> Option<u64> {
        self.frames.iter().find(|(held, _)| held.same_bytes(frame)).map(|(_, at)| *at)
    }
}

/// One frame to be searched: its views, and how each is cut.
struct Look {
    search: usize,
    views: Vec<(cpu::textnet::Sight, Cut)>,
}

/// One part of one view of one frame.
struct Sight<'a> {
    look: usize,
    view: usize,
    part: &'a Part,
}

/// What one load brings back: for each sight, where its map begins, in floats.
type Places = Vec<([usize; 2], Part, [usize; 2], usize)>;

/// A load that was submitted.
pub struct Looking {
    load: usize,
    held: Held,
    places: Places,
}

/// The maps of a search: one for each view.
pub type Maps = Vec<Result<Vec<Seen>>>;

/// Searches that the device does, sorted into loads, and the maps of those that the host has done.
pub struct Round {
    loads: Vec<Vec<Look>>,
    /// By search; maps of zeros until their load is read.
    pub maps: Maps,
    /// Searches that the CPU did.
    pub delegated: u64,
}

fn stored_bytes(search: &Search) -> u64 {
    (search.frame.bytes().len() as u64).next_multiple_of(SAMPLE_ALIGNMENT)
}

impl Round {
    /// Plans the views of every frame. What the device has no words or no room for is searched here, with `host`.
    pub fn new(layers: &Layers, searches: &[Search], limits: &Limits) -> Result<Self> {
        let mut round = Round { loads: Vec::new(), maps: Vec::new(), delegated: 0 };
        let pixels = (limits.binding.min(ROOM) as f64 / layers.rooms.largest()) as usize;
        let mut load_bytes = u64::MAX;
        for (index, (search, sights)) in searches.iter().zip(cpu::textnet::sights(searches)).enumerate() {
            let bytes = stored_bytes(search);
            let cut = |sight: cpu::textnet::Sight| Some((Cut::new(&layers.net, sight.0.shape(), pixels)?, sight));
            let cuts = sights.map(|sights| sights.into_iter().map(cut).collect::<Option<Vec<_>>>());
            let views: Vec<_> = match cuts {
                Err(fault) => {
                    round.maps.push(Err(fault));
                    continue;
                }
                Ok(Some(cuts)) if bytes <= limits.binding && search.frame.sample_type != SampleType::F64 => {
                    cuts.into_iter().map(|(cut, sight)| (sight, cut)).collect()
                }
                _ => {
                    round.delegated += 1;
                    round.maps.push(cpu::textnet::maps_of(&layers.net, search));
                    continue;
                }
            };
            let blank = |((view, _), _): &(cpu::textnet::Sight, Cut)| {
                let [rows, columns] = view.shape().map(|side| side.div_ceil(layers.net.cell()));
                let plane = Plane { rows, columns, values: vec![0.0; rows * columns] };
                Seen { look: view.look, part: view.part.clone(), plane }
            };
            round.maps.push(Ok(views.iter().map(blank).collect()));
            if load_bytes.saturating_add(bytes) > limits.load.min(limits.binding) {
                round.loads.push(Vec::new());
                load_bytes = 0;
            }
            load_bytes += bytes;
            if let Some(load) = round.loads.last_mut() {
                load.push(Look { search: index, views });
            }
        }
        Ok(round)
    }

    /// How many loads there are.
    pub fn loads(&self) -> usize {
        self.loads.len()
    }

    /// Brings a load to the device and runs the network over it.
    pub fn start(
        &self,
        load: usize,
        mut slot: Slot,
        (gpu, kernels, layers): (&Device, &Kernels, &mut Layers),
        searches: &[Search],
        limits: &Limits,
    ) -> Result<Looking> {
        let looks = self.loads.get(load).map(Vec::as_slice).unwrap_or_default();
        let mut frames: Vec<(Frame, u64)> = Vec::new();
        let mut bytes = 0;
        for search in looks.iter().filter_map(|look| searches.get(look.search)) {
            frames.push((search.frame.clone(), bytes));
            bytes += stored_bytes(search);
        }
        slot.fill(gpu, bytes, frames.iter().map(|(frame, at)| (*at, frame.bytes())))?;
        let pixels = (limits.binding.min(ROOM) as f64 / layers.rooms.largest()) as usize;
        let cell = layers.net.cell();
        let mut sights: Vec<Sight> = looks
            .iter()
            .enumerate()
            .flat_map(|(look, l)| l.views.iter().enumerate().map(move |(view, (_, cut))| (look, view, cut)))
            .flat_map(|(look, view, cut)| cut.parts.iter().map(move |part| Sight { look, view, part }))
            .collect();
        // Equal parts run together.
        sights.sort_by_key(|sight| shape_of(looks, sight));
        let floats = |sight: &Sight| shape_of(looks, sight).iter().map(|side| side / cell).product::<usize>();
        slot.receive(gpu, sights.iter().map(floats).sum::<usize>() as u64 * 4)?;
        let mut places = Places::new();
        let mut returned = 0;
        let mut waiting = sights.as_slice();
        let (mut upload, mut last): (bool, Option<wgpu::SubmissionIndex>) = (true, None);
        while let Some(first) = waiting.first() {
            let shape = shape_of(looks, first);
            let most = (pixels / (shape[0] * shape[1]).max(1)).max(1);
            let mut tables = 0;
            let fits = |sight: &&Sight| {
                tables += sight_of(looks, sight).map_or(0, |((view, grid), _)| {
                    view.kernel.table.len() * 4 + raised(view, grid).map_or(0, |grid| grid.values.len() * 8)
                });
                shape_of(looks, sight) == shape && tables <= TABLES
            };
            let alike = waiting.iter().take(most).take_while(fits).count();
            let (batch, rest) = waiting.split_at(alike.max(1));
            let (notes, dispatches) = notes(looks, &frames, batch, shape, bytes, limits)?;
            let map = (shape[0] / cell) * (shape[1] / cell);
            let at = (returned as u64 * 4, (batch.len() * map) as u64 * 4);
            let (device, notes) = ((kernels, &mut *layers), (&notes, &dispatches[..]));
            let sent = slot.look(gpu, device, notes, (shape, batch.len()), (upload, at))?;
            // Two batches are on their way at most, so that no wait is for more than that.
            if let Some(earlier) = last.replace(sent) {
                gpu.wait(&earlier)?;
            }
            for sight in batch {
                let search = looks.get(sight.look).map_or(0, |look| look.search);
                places.push(([search, sight.view], sight.part.clone(), shape, returned));
                returned += map;
            }
            (waiting, upload) = (rest, false);
        }
        slot.expect(last, returned as u64 * 4)?;
        Ok(Looking { load, held: Held { slot, bytes, frames }, places })
    }

    /// Waits for a load and puts what it found into the maps; gives back the frames, which stay on the device.
    pub fn finish(&mut self, looking: Looking, gpu: &Device, cell: usize) -> Result<Held> {
        let Looking { load, mut held, places } = looking;
        let maps = &mut self.maps;
        held.slot.read(gpu, |returned| {
            let found: Vec<f32> = bytemuck::pod_collect_to_vec(returned.tensors);
            for ([search, view], part, shape, at) in &places {
                let map =
                    maps.get_mut(*search).and_then(|maps| maps.as_mut().ok()).and_then(|maps| maps.get_mut(*view));
                let (Some(map), Some(found)) = (map, found.get(*at..)) else {
                    return Err(Fault::bug("gpu", "a map came back that no one waits for"));
                };
                keep(&mut map.plane, part, *shape, cell, found);
            }
            Ok(())
        })??;
        for look in self.loads.get(load).into_iter().flatten() {
            let Some(Ok(maps)) = maps.get_mut(look.search) else { continue };
            for index in 0..look.views.len() {
                let views = look.views.iter().map(|((view, grid), _)| (view, grid.as_deref()));
                let gate = gate(views, maps.get(..index).unwrap_or_default(), cell);
                if let (Some(gate), Some(map)) = (gate, maps.get_mut(index)) {
                    gate.close(&mut map.plane, cell);
                }
            }
        }
        Ok(held)
    }
}

fn sight_of<'a>(looks: &'a [Look], sight: &Sight) -> Option<&'a (cpu::textnet::Sight, Cut)> {
    looks.get(sight.look)?.views.get(sight.view)
}

/// The grid that a relief stands on.
fn raised<'a>(view: &View, grid: &'a Option<Arc<Grid>>) -> Option<&'a Grid> {
    grid.as_deref().filter(|_| view.look == Kind::Relief)
}

fn shape_of(looks: &[Look], sight: &Sight) -> [usize; 2] {
    sight_of(looks, sight).map_or([0, 0], |(_, cut)| cut.shape)
}

/// What the view pass reads for a batch of parts.
fn notes(
    looks: &[Look],
    frames: &[(Frame, u64)],
    batch: &[Sight],
    shape: [usize; 2],
    bytes: u64,
    limits: &Limits,
) -> Result<(Notes, Vec<Dispatch>)> {
    let mut draft = Draft::default();
    let mut known: Option<([usize; 2], Place)> = None;
    for (index, sight) in batch.iter().enumerate() {
        let (Some(((view, grid), _)), Some((_, at))) = (sight_of(looks, sight), frames.get(sight.look)) else {
            return Err(Fault::bug("gpu", "a part of a view that is gone"));
        };
        let which = [sight.look, sight.view];
        let frame = match known {
            Some((last, place)) if last == which => place,
            _ => {
                let frame = draft.frame(&view.kernel);
                let relief_at = raised(view, grid).map_or(NO_RELIEF, |grid| draft.table(&grid.values));
                Place { relief_at, view_shrink: view.look.shrink() as u32, ..frame }
            }
        };
        known = Some((which, frame));
        // A load of searched frames is no larger than a binding: its window is all of it.
        let place = Place {
            source_byte: *at as u32,
            row_count: view.kernel.block.rows,
            resized_at: (index * shape[0] * shape[1]) as u32,
            resized_row: (view.part.rows.start + sight.part.top) as u32,
            resized_rows: shape[0] as u32,
            view_left: (view.part.columns.start + sight.part.left) as u32,
            view_columns: shape[1] as u32,
            ..frame
        };
        draft.ask(Pass::View, 0, place, (shape[0] * shape[1]) as u64);
    }
    draft.finish(bytes.max(4), limits.binding)
}
