//! Numbers that stand for people: what a label calls an identifier, telephone numbers, social security numbers, long runs of
//! digits, postal codes with their state, ages over 89.

use super::mark::Mark;
use super::page::Page;
use super::token::{Case, Kind, Token};
use super::words::Flags;

/// Takes all of them.
pub(super) fn find(page: &mut Page) {
    if page.seen.telling {
        (0..page.tokens.len()).for_each(|at| age_in_words(page, at));
    }
    if !page.seen.digits {
        return;
    }
    for at in 0..page.tokens.len() {
        if page.is(at, Flags::ID_LABEL) {
            labelled(page, at);
        }
        if page.is(at, Flags::PHONE_LABEL) {
            called(page, at);
        }
    }
    let mut at = 0;
    while at < page.tokens.len() {
        let free = page.get(at).is_some_and(|token| token.kind == Kind::Number && token.mark.is_none() && !token.kept);
        at = if free {
            approval(page, at)
                .or_else(|| age(page, at))
                .or_else(|| phone(page, at))
                .or_else(|| long(page, at))
                .unwrap_or(at + 1)
        } else {
            at + 1
        };
    }
}

/// Tokens that a rule looks at in one direction: longer runs are taken piece by piece, so that time grows with the text.
const MOST: usize = 32;

/// A run of letters, digits and joining signs from `at` on, without blanks: its end and its number of digits.
fn run(page: &Page, at: usize, signs: &[u8]) -> (usize, usize) {
    let (mut end, mut digits) = (at, 0);
    while let Some(token) =
        page.get(end).filter(|token| token.mark.is_none() && (end == at || page.glued(end)) && end - at < MOST)
    {
        match token.kind {
            Kind::Number => digits += token.len(),
            Kind::Word => {}
            Kind::Unspaced if end == at => {}
            Kind::Sign if page.sign_of(end, signs).is_some() => {}
            _ => break,
        }
        end += 1;
    }
    while end > at && page.get(end - 1).is_some_and(|token| token.kind == Kind::Sign) {
        end -= 1;
    }
    (end, digits)
}

/// "MRN: 12345", "Acc# A-77", "patient id is 0042".
fn labelled(page: &mut Page, label: usize) {
    let mut at = label + 1;
    let mut told = false;
    for _ in 0..6 {
        if page.sign_of(at, b":#=.-").is_some() {
            told |= page.sign_of(at, b":#=").is_some();
            at += 1;
        } else if page.is(at, Flags::ID_LABEL) && page.get(at).is_some_and(|token| token.mark.is_none())
            || page.says(at, "is")
        {
            told |= page.is(at, Flags::ID_LABEL);
            at += 1;
        } else {
            break;
        }
    }
    // "accession ACC12345": a label that is glued to its number is a part of it.
    if at > label + 1 && page.glued(at) && page.is(at - 1, Flags::ID_LABEL) {
        at -= 1;
    }
    let (end, digits) = run(page, at, b"-/._");
    // Words that are labels only sometimes need a sign or a second one: "visit 2", "case 3", "unit 500".
    let weak = page.get(label).is_some_and(|token| token.flags.any(Flags::SAFE));
    // MR is the modality as well, with models of three digits: "MR750w", "MR 7700".
    let modality = page.says(label, "mr") && page.get(label).is_some_and(|token| token.case == Case::Upper);
    let least = if told || !weak && !modality { 3 } else { 5 };
    let dated = page.get(at).is_some_and(|token| token.mark.is_some());
    if end == at || digits < least || dated || page.is(end, Flags::UNIT) && !told && (weak || digits < 5) {
        return;
    }
    // Digits in groups: "NHS 943 476 5919".
    let mut end = end;
    while digits >= 3
        && page.get(end).is_some_and(|token| token.kind == Kind::Number && token.mark.is_none() && token.len() >= 3)
        && page.get(end - 1).is_some_and(|token| token.kind == Kind::Number)
    {
        end += 1;
    }
    // "SSN 219 09 9941".
    let (grouped, lengths) = groups(page, at);
    if lengths == [3, 2, 4] {
        end = grouped;
    }
    page.take(at, end, Mark::Id);
}

/// Signs inside telephone numbers.
const DIALLED: &[u8] = b"-./()+";

/// The end of groups of digits with blanks and signs between, and the lengths of the groups.
fn groups(page: &Page, at: usize) -> (usize, Vec<usize>) {
    let (mut end, mut lengths) = (at, Vec::new());
    let mut next = at;
    while lengths.len() < 8 {
        match page.get(next) {
            Some(token) if token.kind == Kind::Number && token.mark.is_none() && !token.kept => {
                lengths.push(token.len());
                next += 1;
                end = next;
            }
            Some(token) if token.kind == Kind::Sign && page.sign_of(next, DIALLED).is_some() && next - end < 2 => {
                next += 1
            }
            _ => break,
        }
    }
    (end, lengths)
}

/// A number after "tel", "pager", "call back".
fn called(page: &mut Page, label: usize) {
    let mut at = label + 1;
    let mut told = page.get(label).is_some_and(|token| !token.flags.any(Flags::SAFE) && token.folded > 1);
    for _ in 0..5 {
        if page.sign_of(at, b":#.").is_some() || page.is(at, Flags::PHONE_LABEL) {
            told = true;
        } else if !["number", "no", "nr", "is", "at", "to", "on", "me", "us", "him", "her", "back", "the"]
            .iter()
            .any(|word| page.says(at, word))
        {
            break;
        }
        at += 1;
    }
    if page.sign_of(at, b"(+").is_some() {
        at += 1;
    }
    let (end, lengths) = groups(page, at);
    let digits: usize = lengths.iter().sum();
    let extension = page.says(label, "x") && page.glued(at);
    let least = if told && !extension {
        4
    } else if extension {
        3
    } else {
        7
    };
    if digits >= least && digits <= 18 && !page.is(end, Flags::UNIT) {
        let from = if at > 0 && page.sign_of(at - 1, b"(+").is_some() { at - 1 } else { at };
        page.take(from, end, Mark::Phone);
    }
}

/// Telephone and social security numbers without a label, by their shape.
fn phone(page: &mut Page, at: usize) -> Option<usize> {
    let (end, lengths) = groups(page, at);
    let plus = at > 0 && page.sign(at - 1, b'+') && page.glued(at);
    let bracket = at > 0 && page.sign(at - 1, b'(') && page.glued(at);
    let glued = |from: usize, to: usize| (from + 1..to).all(|at| page.glued(at));
    let start = at - usize::from(plus || bracket);
    let start = start - usize::from(start > 0 && !plus && page.sign(start - 1, b'+') && page.glued(start));
    let digits: usize = lengths.iter().sum();
    // 123-45-6789
    if lengths == [3, 2, 4] && (page.sign_of(at + 1, b"-.").is_some() || end == at + 3) {
        page.take(at, end, Mark::Id);
        return Some(end);
    }
    let first = page.number(at).map_or(0, |(value, _)| value);
    // 4111 1111 1111 1111 on a card, 756.9217.0769.85 of the Swiss social insurance.
    if lengths == [4, 4, 4, 4] || lengths == [4, 6, 5] || lengths == [3, 4, 4, 2] && first == 756 {
        page.take(at, end, Mark::Id);
        return Some(end);
    }
    let north = match &*lengths {
        [3, 3, 4, ..] => (200..1000).contains(&first) || first == 0,
        [1, 3, 3, 4, ..] => first == 1,
        [3, 7] => bracket,
        [3, 4] => {
            page.sign_of(at + 1, b"-.").is_some()
                && glued(at, end)
                && !page.is(end, Flags::UNIT)
                && (200..1000).contains(&first)
                && page.sign(at + 1, b'-')
        }
        _ => false,
    };
    let abroad = plus && (7..=16).contains(&digits)
        || page.word(at).starts_with("00") && (9..=16).contains(&digits) && lengths.len() >= 2
        || page.word(at).starts_with('0')
            && (9..=12).contains(&digits)
            && lengths.len() >= 2
            && lengths.iter().skip(1).all(|length| *length >= 2);
    if !(north || abroad) {
        return None;
    }
    let end = if lengths.starts_with(&[3, 3, 4]) && lengths.len() > 3 { upto(page, at, 3) } else { end };
    page.take(start, end, Mark::Phone);
    let mut next = end;
    if ["x", "ext", "extension"].iter().any(|word| page.says(next, word)) {
        next += 1 + usize::from(page.sign(next + 1, b'.'));
        if page.number(next).is_some() {
            page.take(start, next + 1, Mark::Phone);
            return Some(next + 1);
        }
    }
    Some(end)
}

/// Where the n-th group of digits ends.
fn upto(page: &Page, at: usize, n: usize) -> usize {
    let numbers = (at..page.tokens.len()).filter(|at| page.get(*at).is_some_and(|token| token.kind == Kind::Number));
    numbers.take(n).last().map_or(at, |at| at + 1)
}

/// Who publishes standards that are called by a number.
const STANDARDS: &[&str] = &["iec", "iso", "nema", "astm", "ieee", "aapm", "tg"];

/// Long runs of digits, and runs that mix letters with at least five digits: numbers of something.
fn long(page: &mut Page, at: usize) -> Option<usize> {
    let mut from = at;
    while from > 0
        && at - from < MOST
        && page.glued(from)
        && page.free(from - 1)
        && page.get(from - 1).is_some_and(|token| {
            matches!(token.kind, Kind::Word | Kind::Number)
                || token.kind == Kind::Sign && page.sign_of(from - 1, b"-_").is_some()
        })
    {
        from -= 1;
    }
    while page.get(from).is_some_and(|token| token.kind == Kind::Sign) {
        from += 1;
    }
    let (end, digits) = run(page, from, b"-_");
    let token = *page.get(at)?;
    let letters =
        (from..end).any(|at| page.get(at).is_some_and(|token| token.kind == Kind::Word && token.case != Case::Lower));
    let measured = page.is(end, Flags::UNIT) || page.sign_of(end, b"%").is_some();
    // "T1_SE_SINUS_320_p2", "IEC61217": words and small numbers of a study, standards.
    let numbers = (from..end).filter_map(|at| page.get(at).filter(|token| token.kind == Kind::Number));
    let small = numbers.map(Token::len).max().is_some_and(|most| most < 5);
    let study = (from..end).any(|at| page.is(at, Flags::STUDY)) && small;
    let standard = |at: usize| STANDARDS.iter().any(|name| page.says(at, name));
    // NM_000546, chr7:117559590: where something is in a genome.
    let gene = ["nm", "np", "nc", "ng"].iter().any(|word| page.says(from, word)) && page.sign(from + 1, b'_')
        || from > 2 && page.sign(from - 1, b':') && page.says(from - 3, "chr");
    let technical = study || gene || standard(from) || from > 0 && standard(from - 1);
    let decimal = page.sign(end, b'.') && page.glued(end) && page.glued(end + 1) && page.number(end + 1).is_some()
        || from > 0 && page.sign(from - 1, b'.') && page.glued(from);
    let uid = dotted(page, at);
    if let Some(end) = uid {
        page.take(at, end, Mark::Id);
        return Some(end);
    }
    let measure = decimal || gene || measured && token.len() < 8;
    let is = token.len() >= 7 && !measure || letters && digits >= 5 && !measured && !technical;
    is.then(|| {
        page.take(from, end.max(at + 1), Mark::Id);
        end.max(at + 1)
    })
}

/// The number under which the FDA approved a medicine, in names of RxNorm: `NDA020503 200 ACTUAT Albuterol`. It is the
/// medicine's, not somebody's: the place behind it.
fn approval(page: &Page, at: usize) -> Option<usize> {
    let word = at.checked_sub(1).filter(|_| page.glued(at))?;
    let letters = ["nda", "anda", "bla"].iter().any(|letters| page.says(word, letters));
    let alone = (word == 0 || !page.glued(word)) && !page.glued(at + 1);
    let upper = page.get(word)?.case == Case::Upper;
    (letters && alone && upper && matches!(page.get(at)?.len(), 5 | 6)).then_some(at + 1)
}

/// A UID: six and more numbers with points between (1.2.840.113619.2.55.3).
fn dotted(page: &Page, at: usize) -> Option<usize> {
    let mut end = at + 1;
    let mut count = 1;
    while page.sign(end, b'.')
        && page.glued(end)
        && page.glued(end + 1)
        && page.get(end + 1).is_some_and(|token| token.kind == Kind::Number)
    {
        end += 2;
        count += 1;
    }
    (count >= 6).then_some(end)
}

/// "ninety-three years old", "ninety year old".
fn age_in_words(page: &mut Page, at: usize) {
    let six = page.get(at).is_some_and(|token| token.kind == Kind::Word && token.folded == 6 && token.mark.is_none());
    if !six || !page.says(at, "ninety") {
        return;
    }
    let sign = usize::from(page.sign(at + 1, b'-'));
    let units = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    let unit = units.iter().any(|word| page.says(at + 1 + sign, word));
    let end = if unit { at + 2 + sign } else { at + 1 };
    if page.is(end + usize::from(page.sign(end, b'-')), Flags::YEARS) {
        page.take(at, end, Mark::Age);
    }
}

/// Ages of 90 years and more: "93 year old", "93-year-old", "93 y/o", "aged 93", "93F", "age: 101".
fn age(page: &mut Page, at: usize) -> Option<usize> {
    let (value, digits) = page.number(at)?;
    if !(90..=125).contains(&value) || digits > 3 {
        return None;
    }
    let next = at + 1 + usize::from(page.sign(at + 1, b'-') && page.glued(at + 1));
    let years = page.is(next, Flags::YEARS)
        && (!page.says(next, "y") && !page.says(next, "yo")
            || page.glued(next)
            || page.sign(next + 1, b'/')
            || page.says(next, "yo"));
    let old = page.says(next + 1, "old")
        || page.sign(next + 1, b'-') && page.says(next + 2, "old")
        || page.says(next, "yo")
        || page.sign(next + 1, b'/') && page.says(next + 2, "o")
        || page.says(next + 1, "of")
        || !page.says(next, "years");
    // Tc-99m, 99m-Tc: an isotope.
    let isotope = page.glued(at)
        || page.sign(next, b'^')
        || page.says(next + 1, "tc")
        || page.sign(next + 1, b'-') && page.says(next + 2, "tc");
    let sex =
        !isotope && page.glued(next) && ["f", "m", "yf", "ym", "yom", "yof"].iter().any(|word| page.says(next, word));
    let before = (1..=2).any(|back| {
        at.checked_sub(back).is_some_and(|at| ["age", "aged", "ages", "alter"].iter().any(|word| page.says(at, word)))
    });
    if !(years && old || sex || before) {
        return None;
    }
    page.take(at, at + 1, Mark::Age);
    Some(at + 1)
}
