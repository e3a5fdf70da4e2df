//! One input, from its bytes to de-identified values and frames that wait to be decoded. Runs on many inputs at once.

use super::context::{Context, Purpose};
use super::plan::Inputs;
use super::rows;
use crate::deid::burned_in::{self, Seen};
use crate::deid::facts::{self, Facts};
use crate::deid::identity::Crosswalk;
use crate::deid::traits::{self, Traits};
use crate::error::{Fault, Reason, Result};
use crate::model::{Clean, InputId};
use crate::read::walk::Listed;
use crate::read::{self, InputKind, dicom};
use crate::recipe::Recipe;
use sha2::{Digest, Sha256};

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
    /// Rows of a small input of messages.
    Rows(Box<rows::Made>),
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
    /// What mask rules look at.
    pub fn seen(&self) -> Seen<'_> {
        Seen { facts: &self.facts, rows: self.image.rows(), columns: self.image.columns() }
    }

    /// Refuses kinds of images that are text by nature, as the recipe says.
    pub fn accept(&self, recipe: &Recipe) -> Result<()> {
        burned_in::accept(&recipe.burned_in, &recipe.mask, &self.seen())
    }
}

/// Reads, recognises and opens one input.
pub fn load(context: &Context, inputs: &Inputs, place: usize) -> Loaded {
    let id = Inputs::id(place);
    let mut crosswalk = Crosswalk::default();
    let (sha256, content) = match inputs.read(place) {
        Ok(bytes) => {
            let digest: [u8; 32] = Sha256::digest(&bytes).into();
            let sha256 = crate::deid::key::hex(&digest);
            let listed = &inputs.listed[place];
            let content = open(context, id, listed, &sha256, bytes, &mut crosswalk).unwrap_or_else(Content::Refused);
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

fn open(
    context: &Context,
    id: InputId,
    listed: &Listed,
    sha256: &str,
    bytes: Vec<u8>,
    crosswalk: &mut Crosswalk,
) -> Result<Content> {
    // A table whose columns nobody knows is one if the recipe says so.
    let named = || context.mappings.of(&listed.source.path).map(|_| InputKind::Table);
    match read::kind_of(&bytes).or_else(named) {
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
            let loaded = LoadedImage { facts, traits: traits::traits(&opened.sheet), image };
            loaded.accept(&context.recipe)?;
            Ok(Content::Image(Box::new(loaded)))
        }
        Some(kind) => {
            let wanted = context.purpose == Purpose::Prepare;
            let made = if wanted { super::guarded(|| Ok(rows::make_whole(context, id, kind, &bytes)))? } else { None };
            Ok(made.map_or(Content::Text { kind, bytes }, |made| Content::Rows(Box::new(made))))
        }
        None => Err(Fault::input(Reason::UnknownKind, "file", "neither DICOM nor HL7 nor a table that is known")),
    }
}
