//! One object from its elements to the bytes of a new file: who it is about, what the profile makes of it, its beginning.

use super::harvest;
use super::marks::Marks;
use super::meta;
use super::profile::{Dates, Profile, Types};
use super::text::People;
use super::value::Object;
use super::walk::{self, Tally, Target};
use crate::deid::burned_in::{self, MaskRule, Seen, Settings};
use crate::deid::facts::{self, Facts};
use crate::deid::identity::{Crosswalk, Identity};
use crate::deid::text::Shift;
use crate::error::{Fault, Result};
use crate::model::{Clean, Domain, NewFile, Piece, Tag};
use crate::read::dicom::charset::Charset;
use crate::read::dicom::element::Encoding;
use crate::read::dicom::tape::{Scope, Tape};
use crate::read::dicom::whole::{DEFLATED, Whole};
use crate::read::dicom::words::{Attribute, COLUMNS, ROWS, SPECIFIC_CHARACTER_SET};
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

/// What a run asks of every object.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// The profile.
    pub profile: &'a Profile,
    /// Which kinds of images are refused.
    pub burned_in: &'a Settings,
    /// The recipe's rules about burned-in text.
    pub mask: &'a [MaskRule],
}

/// Which input an object comes from: what stands for it where it names nothing itself.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// SHA-256 of the input, in hex.
    pub sha256: &'a str,
    /// Eight letters that no other input of the run has.
    pub suffix: &'a str,
}

/// De-identifies an object.
///
/// # Errors
/// Documents that are text by nature, and values too long for their new place.
pub fn clean(
    whole: &Whole,
    origin: Origin,
    rules: &Rules,
    identity: &Identity,
    crosswalk: &mut Crosswalk,
) -> Result<Cleaned> {
    let (tape, profile) = (whole.tape.open(), rules.profile);
    let sheet = crate::read::dicom::whole::sheet(tape);
    let facts = facts::clean(&sheet, origin.sha256, identity, crosswalk);
    let sop_class = tape.term(Scope::Root, Tag(0x0008, 0x0016)).map(str::to_owned);
    let sop_class = sop_class.or_else(|| whole.sop_class.open().clone()).unwrap_or_default();
    let sop_class = sop_class.trim_matches([' ', '\0']);
    let (rows, columns) = (number_of(tape, ROWS), number_of(tape, COLUMNS));
    burned_in::accept(rules.burned_in, rules.mask, &Seen { facts: &facts, rows, columns })?;
    let (syntax, encoding) = target(whole);
    let charset = Charset::new(tape.term(Scope::Root, SPECIFIC_CHARACTER_SET.tag));
    let shift = match profile.dates() {
        Dates::Removed => None,
        Dates::Modified => Some(Shift::of(&facts.get().person)),
        Dates::Full => Some(Shift(0)),
    };
    let mut object = Object {
        profile,
        identity,
        person: facts.get().person.clone(),
        people: People { known: harvest::known(tape, charset), shift },
        crosswalk,
        wants_utf8: false,
    };
    let mut write = |utf8: bool| {
        let marks = Marks::new(profile, false, utf8);
        let types = Types::of(sop_class);
        let target = Target { encoding, utf8, types, marks: &marks, pixels: None };
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

/// The transfer syntax of the new file, and the encoding that belongs to it. A file whose elements are written in another
/// byte order than its syntax says gets the syntax of its bytes: its pixels stay as they are.
fn target(whole: &Whole) -> (&'static str, Encoding) {
    let declared =
        Encoding { implicit: whole.syntax == "1.2.840.10008.1.2", big_endian: whole.syntax == "1.2.840.10008.1.2.2" };
    match (declared.big_endian, whole.encoding.big_endian) {
        (true, false) => ("1.2.840.10008.1.2.1", Encoding { implicit: false, big_endian: false }),
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
