//! One object from its elements to the bytes of a new file: who it is about, what the profile makes of it, its beginning.

use super::harvest;
use super::marks::{BurnedIn, Marks, Masked};
use super::meta;
use super::profile::{Dates, Profile, Types};
use super::value::Object;
use super::walk::{self, Tally, Target};
use crate::deid::facts::{self, Facts};
use crate::deid::identity::{Crosswalk, Identity};
use crate::deid::text::Shift;
use crate::error::{Fault, Result};
use crate::model::{Clean, Domain, NewFile, Piece, Sheet, Tag};
use crate::read::dicom::charset::Charset;
use crate::read::dicom::element::Encoding;
use crate::read::dicom::tape::{PixelBytes, Scope, Tape};
use crate::read::dicom::whole::{DEFLATED, Whole};
use crate::read::dicom::words::{
    Attribute, BITS_ALLOCATED, BITS_STORED, COLUMNS, HIGH_BIT, REPRESENTATION, ROWS, SPECIFIC_CHARACTER_SET,
};
use std::io::Write;

/// A de-identified object.
#[derive(Debug)]
pub struct Cleaned {
    /// The file, named by pseudonyms.
    pub file: Clean<NewFile>,
    /// De-identified facts: the person, the split.
    pub facts: Clean<Facts>,
    /// What was done, in numbers.
    pub tally: Tally,
}

/// Which input an object comes from: what stands for it where it names nothing itself.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// SHA-256 of the input, in hex.
    pub sha256: &'a str,
    /// Eight letters that no other input of the run has.
    pub suffix: &'a str,
}

/// The sheet of an object and its de-identified facts: whose it is and what mask rules may look at. Old and new ids go to
/// `crosswalk`.
pub fn facts_of(
    whole: &Whole,
    origin: Origin,
    identity: &Identity,
    crosswalk: &mut Crosswalk,
) -> (Clean<Facts>, Sheet) {
    let sheet = crate::read::dicom::whole::sheet(whole.tape.open());
    (facts::clean(&sheet, origin.sha256, identity, crosswalk), sheet)
}

/// Rows and Columns as the header has them; 0 where it does not.
pub fn size_of(whole: &Whole) -> (u32, u32) {
    let tape = whole.tape.open();
    (number_of(tape, ROWS), number_of(tape, COLUMNS))
}

/// Whether an overlay lies in bits of the pixels that the image does not use (OverlayBitPosition is not 0, and a bit beside
/// the stored ones is set, or nobody can see in the streams whether it is).
pub fn overlay_in_pixels(whole: &Whole) -> bool {
    let tape = whole.tape.open();
    let placed = |index: &u32| {
        let element = tape.elements.get(*index as usize);
        let here = element.filter(|e| e.tag.0 & 0xFF01 == 0x6000 && e.tag.1 == 0x0102);
        here.is_some_and(|element| tape.bytes(element).iter().any(|b| *b != 0))
    };
    if !tape.roots.iter().any(placed) || number_of(tape, BITS_ALLOCATED) != 16 {
        return false;
    }
    let (start, len) = match tape.pixels.as_ref().map(|pixels| &pixels.bytes) {
        Some(PixelBytes::Native { start, len, .. }) => (start, len),
        Some(PixelBytes::Fragments { .. }) => return true,
        None => return false,
    };
    let (stored, high) = (number_of(tape, BITS_STORED), number_of(tape, HIGH_BIT));
    if number_of(tape, REPRESENTATION) == 1 || !(1..=16).contains(&stored) || high >= 16 || high + 1 < stored {
        return true;
    }
    let used = (((1u32 << stored) - 1) << (high + 1 - stored)) as u16;
    let (start, end) = (usize::try_from(*start).unwrap_or(0), usize::try_from(start + len).unwrap_or(0));
    let samples = tape.data.get(start..end).unwrap_or(&[]).as_chunks::<2>().0;
    let value = |pair: &[u8; 2]| if tape.big_endian { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) };
    samples.iter().any(|pair| value(pair) & !used != 0)
}

/// An object on its way.
pub struct Task<'a> {
    /// All of it.
    pub whole: &'a Whole,
    /// Where it comes from.
    pub origin: Origin<'a>,
    /// Its facts.
    pub facts: Clean<Facts>,
    /// The profile of the run.
    pub profile: &'a Profile,
    /// The pseudonyms of the run.
    pub identity: &'a Identity,
    /// Pixels that take the place of its own.
    pub masked: Option<Masked>,
    /// What is known of burned-in text in its pixels.
    pub burned_in: BurnedIn,
}

/// De-identifies an object.
///
/// # Errors
/// Values too long for their new place.
pub fn clean(task: Task, crosswalk: &mut Crosswalk) -> Result<Cleaned> {
    let Task { whole, origin, facts, profile, identity, mut masked, burned_in } = task;
    let tape = whole.tape.open();
    // Its own history says more than its last step.
    if let Some(loss) = masked.as_mut().and_then(|masked| masked.loss.as_mut())
        && tape.term(Scope::Root, Tag(0x0028, 0x2114)).is_some()
    {
        loss.last = None;
    }
    let masked = masked.as_ref();
    let sop_class = tape.term(Scope::Root, Tag(0x0008, 0x0016)).map(str::to_owned);
    let sop_class = sop_class.or_else(|| whole.sop_class.open().clone()).unwrap_or_default();
    let sop_class = sop_class.trim_matches([' ', '\0']);
    let (syntax, encoding) = match masked {
        Some(masked) => (masked.syntax, Encoding { implicit: masked.syntax == IMPLICIT, big_endian: false }),
        None => target(whole),
    };
    let charset = Charset::new(tape.term(Scope::Root, SPECIFIC_CHARACTER_SET.tag));
    let shift = match profile.dates() {
        Dates::Removed => None,
        Dates::Modified => Some(Shift::of(&facts.get().person)),
        Dates::Full => Some(Shift(0)),
    };
    let linked = facts.get().patient.as_ref().and_then(|patient| identity.linked(patient.open()));
    let mut object = Object {
        profile,
        identity,
        person: facts.get().person,
        people: harvest::people(tape, charset, linked, profile, shift),
        crosswalk,
        wants_utf8: false,
    };
    let mut write = |utf8: bool| {
        let marks = Marks::new(profile, masked, burned_in, utf8);
        let types = Types::of(sop_class);
        let target = Target { encoding, utf8, types, marks: &marks, pixels: masked };
        let (pieces, tally) = walk::walk(tape, &mut object, &target)?;
        Ok::<_, Fault>((pieces, tally, object.wants_utf8))
    };
    let (mut pieces, mut tally, wants_utf8) = write(false)?;
    if wants_utf8 {
        (pieces, tally, _) = write(true)?;
    }
    if syntax == DEFLATED {
        pieces = vec![Piece::Made(deflated(&pieces, tape)?)];
    }
    let uid = |known: &Option<String>, part: &str| {
        known.clone().unwrap_or_else(|| identity.pseudonym(Domain::Uid, &format!("{part} of {}", origin.sha256)))
    };
    let facts_in = facts.get();
    let (study, series, sop) =
        (uid(&facts_in.study_uid, "study"), uid(&facts_in.series_uid, "series"), uid(&facts_in.sop_uid, "object"));
    let kept = profile.has(super::options::Choice::Uids);
    let own = tape.term(Scope::Root, Tag(0x0008, 0x0018)).filter(|_| kept);
    let class = if super::value::is_uid(sop_class) { sop_class } else { "1.2.840.10008.5.1.4.1.1.66" };
    pieces.insert(0, Piece::Made(meta::beginning(class, own.unwrap_or(&sop), syntax)?));
    let name = format!("dicom/{study}/{series}/{sop}-{}.dcm", origin.suffix);
    let file = Clean::vouch(NewFile::new(name, pieces, tape.data.clone()));
    Ok(Cleaned { file, facts, tally })
}

fn number_of(tape: &Tape, attribute: Attribute) -> u32 {
    let value = tape.integer(Scope::Root, attribute).ok().flatten();
    value.and_then(|value| u32::try_from(value).ok()).unwrap_or(0)
}

const IMPLICIT: &str = "1.2.840.10008.1.2";

/// Explicit VR Little Endian: what every reader reads.
const EXPLICIT: (&str, Encoding) = ("1.2.840.10008.1.2.1", Encoding { implicit: false, big_endian: false });

/// The transfer syntax of the new file, and the encoding that belongs to it. A file whose elements are written in another
/// byte order than its syntax says gets the syntax of its bytes: its pixels stay as they are.
fn target(whole: &Whole) -> (&'static str, Encoding) {
    let declared = Encoding { implicit: whole.syntax == IMPLICIT, big_endian: whole.syntax == "1.2.840.10008.1.2.2" };
    match (declared.big_endian, whole.encoding.big_endian) {
        (true, false) => EXPLICIT,
        (false, true) => ("1.2.840.10008.1.2.2", Encoding { implicit: false, big_endian: true }),
        _ => (whole.syntax, declared),
    }
}

fn deflated(pieces: &[Piece], tape: &Tape) -> Result<Vec<u8>> {
    let lost = |_| Fault::bug("deid/dicom", "deflating in memory failed");
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    for piece in pieces {
        let bytes = match piece {
            Piece::Made(made) => made.as_slice(),
            Piece::Kept(place) => tape.data.get(place.clone()).unwrap_or(&[]),
        };
        encoder.write_all(bytes).map_err(lost)?;
    }
    let mut bytes = encoder.finish().map_err(lost)?;
    // PS3.5 A.5: padded to an even length.
    if bytes.len() % 2 == 1 {
        bytes.push(0);
    }
    Ok(bytes)
}
