//! Names that nobody told us, by their surroundings: what follows a title, a label or "seen by", what stands before a degree,
//! `DOE^JANE`. What the dictionaries find by themselves is in `name_words`.

use super::mark::Mark;
use super::name_words::{self, Style};
use super::page::Page;
use super::token::{Case, Kind, Token};
use super::words::Flags;

/// Takes all of them.
pub(super) fn find(page: &mut Page) {
    if !page.seen.capitals && !page.seen.telling {
        return;
    }
    let style = Style::of(page);
    for at in 0..page.tokens.len() {
        let Some(token) = page.get(at).copied().filter(|token| token.kind == Kind::Word && token.mark.is_none()) else {
            continue;
        };
        if token.flags.any(Flags::TITLE) {
            titled(page, at, style);
        }
        if token.flags.any(Flags::PERSON) {
            labelled(page, at, style);
        }
        if token.flags.any(Flags::KIN) {
            kin(page, at, style);
        }
        if token.flags.any(Flags::BY) {
            acted(page, at, style);
        }
        // "d/w Doe", "c/o Doe"; in capitals C/O is what somebody complains of.
        let short = |first, last| page.says(at, first) && page.sign(at + 1, b'/') && page.says(at + 2, last);
        if short("d", "w") || short("c", "o") && !style.upper {
            acted(page, at + 2, style);
        }
        if token.flags.any(Flags::CREDENTIAL) && token.case != Case::Lower {
            credited(page, at, style);
        }
        if page.sign(at + 1, b'^') && page.glued(at + 1) {
            careted(page, at);
        }
    }
    name_words::find(page, style);
}

/// How freely words are taken for a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// A title or a label with a colon: the first word is a name unless it is a function word.
    Full,
    /// A word such as "by": a capital and no common word.
    Some,
}

/// "Dr. Smith", "Mrs Jane Doe", "Frau Müller", "nurse Doe".
fn titled(page: &mut Page, at: usize, style: Style) {
    let token = page.tokens[at];
    let dotted = page.sign(at + 1, b'.') && page.glued(at + 1);
    // "dr" in small letters is a title only with something behind it that looks like a name; "sister" often is none.
    let common = token.flags.any(Flags::SAFE) && !dotted;
    // MR and MS are modalities and diseases more often than people.
    let initials = token.case == Case::Upper && !dotted && token.folded == 2 && !page.says(at, "dr");
    let trust = if common || initials || token.case == Case::Lower && !dotted && token.folded > 3 {
        Trust::Some
    } else {
        Trust::Full
    };
    let mut from = at + 1 + usize::from(dotted);
    // "Dr. med. Schmidt", "Prof. Dr. X", "Drs. X and Y".
    while from < at + 8 && (page.is(from, Flags::TITLE) || page.says(from, "med") || page.says(from, "univ")) {
        from += 1 + usize::from(page.sign(from + 1, b'.'));
    }
    let trust = if name_words::titled(page, from, true, style) { Trust::Full } else { trust };
    let end = sequence(page, from, trust, style);
    // "Dr. Head": behind a point a part of the body is a name too.
    let part = end == from && dotted && page.is_title(from) && page.is(from, Flags::STUDY);
    let end = end + usize::from(part);
    if end > from {
        page.take(from, end, Mark::Name);
        // "Drs. Smith and Jones".
        if page.says(at, "drs") && (page.says(end, "and") || page.sign(end, b'&')) {
            let last = sequence(page, end + 1, Trust::Full, style);
            if last > end + 1 {
                page.take(end + 1, last, Mark::Name);
            }
        }
    }
}

/// "Patient: Jane Doe", "mother Mary", "Attending physician: House", "name is Doe".
fn labelled(page: &mut Page, at: usize, style: Style) {
    let (mut from, mut told) = (at + 1, false);
    for _ in 0..5 {
        if page.sign_of(from, b":=").is_some() {
            told = true;
        } else if page.sign(from, b'(') && page.says(from + 1, "s") && page.sign(from + 2, b')') {
            // "Surgeon(s): Doe".
            from += 2;
        } else if page.sign(from, b'\'') && page.says(from + 1, "s") && page.says(from + 2, "name") {
            from += 2;
        } else if !(page.is(from, Flags::PERSON) && page.free(from)
            || page.sign_of(from, b"-,/.(").is_some() && from == at + 1
            || told && page.sign(from, b'('))
        {
            let name = page.says(at, "name") || page.says(from - 1, "name");
            // "daughter is Jane"; what a patient is, is no name.
            let kin = !name && !style.upper && from == at + 1 && !page.says(at, "patient") && !page.says(at, "pt");
            if !page.says(from, "is") || !name && !kin {
                break;
            }
            told = name;
        }
        from += 1;
    }
    let near = from == at + 1 && name_words::titled(page, from, false, style);
    // "Jane Doe RN: lungs clear", "RT: kidney".
    told &= !page.is(at, Flags::CREDENTIAL);
    let end = sequence(page, from, if told || near { Trust::Full } else { Trust::Some }, style);
    if end > from {
        page.take(from, end, Mark::Name);
    }
}

/// "Tochter Zemoth Brenz", "mère : Marie": one word of the dictionaries or two that nobody knows. "Mutter Brustkrebs" is
/// what she had.
fn kin(page: &mut Page, at: usize, style: Style) {
    let from = at + 1 + usize::from(page.sign_of(at + 1, b":,(").is_some());
    let titled = page.is(from, Flags::TITLE);
    let listed = page.is(from, Flags::GIVEN.and(Flags::FAMILY)) && !page.is(from, Flags::SAFE);
    let two = name_words::expected(page, from) && name_words::expected(page, from + 1) && page.is_title(from + 1);
    if !titled && page.is_title(from) && (listed || two) {
        let end = sequence(page, from, Trust::Full, style);
        if end > from {
            page.take(from, end, Mark::Name);
        }
    }
}

/// "seen by Doe", "signed by: doe, jane", "discussed with Doe and Roe".
fn acted(page: &mut Page, at: usize, style: Style) {
    let mut from = at + 1;
    let mut told = false;
    while from < at + 8
        && (page.sign(from, b':')
            || page.is(from, Flags::BY) && page.free(from)
            || page.is(from, Flags::TITLE) && page.free(from))
    {
        told |= page.sign(from, b':');
        from += 1 + usize::from(page.sign(from + 1, b'.'));
    }
    let end = sequence(page, from, if told { Trust::Full } else { Trust::Some }, style);
    if end > from {
        page.take(from, end, Mark::Name);
    }
}

/// "Jane Doe, MD", "J. Doe RN".
fn credited(page: &mut Page, at: usize, style: Style) {
    let comma = page.sign(at.wrapping_sub(1), b',');
    let Some(last) = at.checked_sub(1 + usize::from(comma)) else { return };
    let named = |at: usize| {
        page.get(at).is_some_and(|token| {
            token.kind == Kind::Word
                && token.mark.is_none_or(|mark| mark == Mark::Name)
                && token.capital()
                && !page.underscored(at)
                && !token.flags.any(Flags::CREDENTIAL)
                && (!token.flags.any(Flags::SAFE)
                    || token.flags.any(Flags::GIVEN.and(Flags::FAMILY))
                    || token.folded == 1)
        })
    };
    let mut from = at;
    let mut next = last;
    for _ in 0..4 {
        if named(next) {
            from = next;
        } else if !(page.sign(next, b'.') && next > 0 && page.get(next - 1).is_some_and(|token| token.initial())) {
            break;
        }
        // Behind a hyphen the word before belongs to the name as well.
        let Some(before) = next.checked_sub(1) else { break };
        next = if page.sign(before, b'-') && page.glued(next) && before > 0 { before - 1 } else { before };
    }
    if from > last {
        return;
    }
    // "Doe, Jane MD".
    if let Some(family) =
        from.checked_sub(2).filter(|family| page.sign(from - 1, b',') && name_words::family(page, *family))
    {
        from = family;
    }
    let words = (from..=last).filter(|at| named(*at)).count();
    let strong =
        (from..=last).any(|at| page.get(at).is_some_and(|token| !token.flags.any(Flags::SAFE) && token.folded > 1));
    // Two letters behind one word are as often something else: "Abdomen PA".
    let clear = page.says(at, "rn") || page.says(at, "md");
    // "knee BH, PT Jane Doe": the patient.
    let patient = page.get(at + 1).is_some_and(Token::capital);
    let doubtful = (!comma || patient) && DOUBTFUL.iter().any(|word| page.says(at, word));
    let listed = |at: usize| page.is(at, Flags::GIVEN.and(Flags::FAMILY)) && !page.is(at, Flags::SAFE);
    if strong
        && (!doubtful || (from..=last).any(listed))
        && (comma || words > 1 || clear && name_words::expected(page, last))
        && !(style.upper && !comma && words < 2)
    {
        page.take(from, last + 1, Mark::Name);
    }
}

/// Suffixes of names that are words of their own more often: "w IV contrast", "knee RT".
const DOUBTFUL: &[&str] = &["ii", "iii", "iv", "rt", "ot", "pt", "do", "pa"];

/// `DOE^JANE^Q`: the form of DICOM and HL7, wherever it stands. `Thorax^1_Routine` and `F^18^` are none, and of `Doe^Spine`
/// the first part is.
fn careted(page: &mut Page, at: usize) {
    let counted = |at: usize| page.get(at).is_some_and(|token| token.kind == Kind::Number);
    if counted(at + 2) || page.glued(at) && at > 0 && counted(at - 1) {
        return;
    }
    if page.is(at, Flags::STUDY) || page.is(at + 2, Flags::STUDY) {
        if page.is(at, Flags::GIVEN.and(Flags::FAMILY)) && !page.is(at, Flags::SAFE) {
            page.take(at, at + 1, Mark::Name);
        }
        return;
    }
    let (mut end, mut common) = (at + 1, page.is(at, Flags::SAFE));
    while page.sign(end, b'^') && end < at + 24 {
        while page.sign(end, b'^') {
            end += 1;
        }
        while page.get(end).is_some_and(|token| token.kind == Kind::Word)
            && (page.glued(end) || !page.sign(end - 1, b'^'))
            && !page.is(end, Flags::BY)
        {
            common &= page.is(end, Flags::SAFE) && !page.is(end, Flags::GIVEN.and(Flags::FAMILY));
            end += 1;
            if page.glued(end) && page.sign(end, b'^') || !page.glued(end) {
                break;
            }
        }
    }
    if !common {
        page.take(at, end, Mark::Name);
    }
}

/// Where a name that begins here ends: up to five words with initials, particles, hyphens and one comma.
pub(super) fn sequence(page: &Page, from: usize, trust: Trust, style: Style) -> usize {
    let (mut at, mut end, mut words, mut comma) = (from, from, 0, false);
    while words < 5 && at < from + 16 {
        let Some(token) = page.get(at) else { break };
        if token.kind == Kind::Mark && token.mark == Some(Mark::Name)
            || token.kind == Kind::Word && token.mark == Some(Mark::Name)
        {
            (at, end, words) = (at + 1, at + 1, words + 1);
            if page.sign(at, b'.') && page.glued(at) && page.before(at).is_some_and(Token::initial) {
                at += 1;
            }
            continue;
        }
        if token.kind == Kind::Unspaced && trust == Trust::Full && words == 0 && token.len() <= 24 {
            return at + 1;
        }
        if token.kind != Kind::Word || token.mark.is_some() {
            break;
        }
        let particle = token.flags.any(Flags::PARTICLE) && !token.capital();
        let behind =
            page.get(at + 1).is_some_and(|next| next.kind == Kind::Word && next.capital() && next.mark.is_none());
        if particle && behind {
            at += 1;
            continue;
        }
        // "T1 W contrast", "E to A ratio": what follows an initial is no common word.
        let plain = |at: usize| page.is(at, Flags::SAFE) && !page.is(at, Flags::GIVEN.and(Flags::FAMILY));
        let with = page.says(at, "w") && (plain(at + 1) || page.sign(at + 1, b'&'));
        let taken = match (words, trust) {
            _ if token.initial() && (page.sign(at + 1, b'.') || words > 0 || behind && !plain(at + 1)) => {
                (!page.says(at, "i") || page.sign(at + 1, b'.')) && page.initial(at) && !with
            }
            (0, Trust::Full) => name_words::first(page, at, style),
            (0, Trust::Some) => name_words::likely(page, at, style),
            _ => name_words::further(page, at, trust, style),
        };
        if !taken {
            break;
        }
        words += 1;
        at += 1;
        end = at;
        let dot = page.sign(at, b'.')
            && page.glued(at)
            && page.before(at).is_some_and(|token| token.folded <= 2 && token.kind == Kind::Word);
        if dot {
            (at, end) = (at + 1, at + 1);
        } else if page.sign(at, b'-') && page.glued(at) && page.glued(at + 1) {
            at += 1;
        } else if page.sign(at, b',')
            && !comma
            && name_words::given(page, at + 1, if words == 1 { trust } else { Trust::Some }, style)
        {
            (at, comma) = (at + 1, true);
        }
    }
    // A particle or sign at the end belongs to the sentence.
    end
}
