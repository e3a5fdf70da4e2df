//! One input, from its bytes to de-identified values and frames that wait to be decoded. Runs on many inputs at once.

use super::context::{Context, Purpose};
use super::messages::{self, Neighbours};
use super::plan::Inputs;
use crate::deid::burned_in::{self, Seen};
use crate::deid::facts::{self, Facts};
use crate::deid::identity::Crosswalk;
use crate::deid::traits::{self, Traits};
use crate::error::{Fault, Result};
use crate::model::{Clean, InputId, Sheet};
use crate::read::walk::Listed;
use crate::read::{self, InputKind, dicom};
use crate::recipe::Recipe;
use sha2::{Digest, Sha256};
use std::ops::Range;

/// An input after reading.
pub struct Loaded {
    /// Its ordinal.
    pub id: InputId,
    /// SHA-256 of its bytes in hex; empty if it could not be read.
    pub sha256: String,
    /// The keyed digest that the data set shows.
    pub source_digest: Clean<String>,
    /// Old and new ids met so far.
    pub crosswalk: Crosswalk,
    /// What it is.
    pub content: Content,
}

/// What an input is.
pub enum Content {
    /// A DICOM image whose frames wait to be decoded.
    Image(Box<LoadedImage>),
    /// Records in text: HL7 messages or a table, still to be cut.
    Text {
        /// Which kind.
        kind: InputKind,
        /// All of it.
        bytes: Vec<u8>,
    },
    /// A small input of messages, with its rows or without: neighbours share them.
    Rows(Box<messages::Made>),
    /// Nothing that can be written.
    Refused(Fault),
}

/// A DICOM image.
pub struct LoadedImage {
    /// De-identified facts.
    pub facts: Clean<Facts>,
    /// Kind and completeness of the object.
    pub traits: Clean<Traits>,
    /// Header and bytes.
    pub image: dicom::Image,
}

impl LoadedImage {
    /// An image and what its header tells.
    ///
    /// # Errors
    /// Rules of this build that cannot be read.
    pub fn new(recipe: &Recipe, facts: Clean<Facts>, sheet: &Sheet, image: dicom::Image) -> Result<Self> {
        let seen = Seen { facts: &facts, rows: image.rows(), columns: image.columns() };
        let text_kind = burned_in::text_kind(&recipe.burned_in, &recipe.mask, &seen)?;
        Ok(Self { traits: traits::traits(sheet, text_kind), facts, image })
    }

    /// What mask rules look at.
    pub fn seen(&self) -> Seen<'_> {
        Seen { facts: &self.facts, rows: self.image.rows(), columns: self.image.columns() }
    }

    /// Refuses kinds of images that are text by nature, as the recipe says.
    pub fn accept(&self, recipe: &Recipe) -> Result<()> {
        burned_in::accept(&recipe.burned_in, &recipe.mask, &self.seen())
    }
}

/// Bytes of inputs up to which neighbours are loaded by one worker.
const STRETCH_BYTES: u64 = 1 << 20;

/// Stretches of inputs that together have at most [`STRETCH_BYTES`], or of one input.
pub fn stretches(listed: &[Listed], window: Range<usize>) -> Vec<Range<usize>> {
    let mut all: Vec<Range<usize>> = Vec::new();
    let mut held = 0u64;
    for place in window {
        let bytes = listed.get(place).map_or(0, |listed| listed.source.bytes);
        held = held.saturating_add(bytes);
        match all.last_mut() {
            Some(last) if held <= STRETCH_BYTES => last.end = place + 1,
            _ => {
                held = bytes;
                all.push(place..place + 1);
            }
        }
    }
    all
}

/// Reads, recognises and opens neighbouring inputs, in their order. Rows of small inputs of messages that follow each other
/// wait in the last of these.
pub fn stretch(context: &Context, inputs: &Inputs, places: Range<usize>) -> Vec<Loaded> {
    let one = |place: usize, neighbours: Option<&mut Neighbours<'_>>| load_beside(context, inputs, place, neighbours);
    let together = super::guarded(|| {
        let mut neighbours = Neighbours::new(context);
        let mut all: Vec<Loaded> = Vec::with_capacity(places.len());
        for place in places.clone() {
            let loaded = one(place, Some(&mut neighbours));
            if !matches!(loaded.content, Content::Rows(_)) {
                settle(&mut neighbours, &mut all);
            }
            all.push(loaded);
        }
        settle(&mut neighbours, &mut all);
        Ok(all)
    });
    // Which of them made a parser panic, and that the others have nothing to do with it, shows one by one.
    together.unwrap_or_else(|_| places.map(|place| one(place, None)).collect())
}

/// Gives the rows of neighbours to the last of them.
fn settle(neighbours: &mut Neighbours<'_>, loaded: &mut [Loaded]) {
    if let (Some(rows), Some(Loaded { content: Content::Rows(made), .. })) = (neighbours.end(), loaded.last_mut()) {
        made.take(rows);
    }
}

/// Reads, recognises and opens one input.
pub fn load(context: &Context, inputs: &Inputs, place: usize) -> Loaded {
    load_beside(context, inputs, place, None)
}

fn load_beside(context: &Context, inputs: &Inputs, place: usize, neighbours: Option<&mut Neighbours<'_>>) -> Loaded {
    let id = Inputs::id(place);
    let mut crosswalk = Crosswalk::default();
    let (sha256, content) = match inputs.read(place) {
        Ok(bytes) => {
            let digest: [u8; 32] = Sha256::digest(&bytes).into();
            let sha256 = crate::deid::key::hex(&digest);
            let asked = Asked { id, listed: &inputs.listed[place], sha256: &sha256 };
            let opened = match neighbours {
                // A panic is for who holds the rows of them all: they may be half made.
                Some(neighbours) => open(context, asked, bytes, &mut crosswalk, Some(neighbours)),
                None => super::guarded(|| open(context, asked, bytes, &mut crosswalk, None)),
            };
            let content = opened.unwrap_or_else(Content::Refused);
            (sha256, content)
        }
        Err(fault) => (String::new(), Content::Refused(fault)),
    };
    let unread;
    let named = if sha256.is_empty() {
        // Nothing was read: the place in the list is all there is to tell it by.
        unread = format!("unread {}", id.0);
        &unread
    } else {
        &sha256
    };
    let source_digest = context.identity.source_digest(named);
    Loaded { id, sha256, source_digest, crosswalk, content }
}

/// Which input is opened.
#[derive(Clone, Copy)]
struct Asked<'a> {
    id: InputId,
    listed: &'a Listed,
    sha256: &'a str,
}

fn open(
    context: &Context,
    asked: Asked<'_>,
    bytes: Vec<u8>,
    crosswalk: &mut Crosswalk,
    neighbours: Option<&mut Neighbours<'_>>,
) -> Result<Content> {
    let Asked { id, listed, sha256 } = asked;
    match read::kind_with(&bytes, context.mappings.of(&listed.source.path)) {
        Some(InputKind::Dicom) => {
            let opened = super::guarded(|| dicom::open(bytes))?;
            let facts = facts::clean(&opened.sheet, sha256, &context.identity, crosswalk);
            let image = match opened.image {
                Ok(image) => image,
                Err(fault) => {
                    // An encapsulated document has no pixels; that it is one says more.
                    let (recipe, seen) = (&context.recipe, Seen { facts: &facts, rows: 0, columns: 0 });
                    burned_in::accept(&recipe.burned_in, &recipe.mask, &seen)?;
                    return Err(fault);
                }
            };
            let loaded = LoadedImage::new(&context.recipe, facts, &opened.sheet, image)?;
            loaded.accept(&context.recipe)?;
            Ok(Content::Image(Box::new(loaded)))
        }
        Some(kind) => {
            // One that made us panic is read again in slices, message by message where it has to be.
            let beside = neighbours.filter(|_| context.purpose == Purpose::Prepare);
            let made = beside.and_then(|neighbours| neighbours.add(id, kind, &bytes));
            Ok(made.map_or(Content::Text { kind, bytes }, |made| Content::Rows(Box::new(made))))
        }
        None => Err(read::unknown(&bytes)),
    }
}
