//! Places that have no street: coordinates on the earth, and plates of vehicles, which lead to a person as an address does.

use super::mark::Mark;
use super::page::Page;
use super::token::{Case, Kind, Token};
use super::words::Flags;

/// Takes both.
pub(super) fn find(page: &mut Page) {
    // Most texts have neither a label, nor degrees, nor five decimals.
    let degrees = || !page.text.is_ascii() && page.text.contains(['°', 'º']);
    let fine =
        |at: usize, token: &Token| token.kind == Kind::Number && token.len() >= 5 && at > 0 && page.sign(at - 1, b'.');
    let told = |(at, token): (usize, &Token)| token.flags.any(Flags::PLACED) || fine(at, token);
    if !page.seen.digits || !degrees() && !page.tokens.iter().enumerate().any(told) {
        return;
    }
    let mut at = 0;
    while at < page.tokens.len() {
        at = coordinates(page, at).or_else(|| plate(page, at)).unwrap_or(at + 1);
    }
}

/// What says that coordinates follow.
const LABELS: &[&str] =
    &["gps", "lat", "latitude", "lon", "lng", "longitude", "coordinates", "coords", "koordinaten", "geolocation"];

/// A coordinate: where it ends, the digits behind its point, whether it has minutes, a degree sign, a letter of heaven.
#[derive(Clone, Copy)]
struct Coordinate {
    end: usize,
    decimals: usize,
    most: u32,
    minutes: bool,
    degrees: bool,
    letter: bool,
}

/// `-74.0060`, `48° 51' 24" N`, `N 48.8566°`.
fn coordinate(page: &Page, at: usize) -> Option<Coordinate> {
    let heaven = |at: usize| {
        let letter = page.get(at).is_some_and(|token| token.initial());
        letter && ["n", "s", "e", "w"].iter().any(|letter| page.says(at, letter))
    };
    let sign = |at: usize, signs: &[&str]| signs.contains(&page.word(at));
    let before = heaven(at);
    let start = at + usize::from(before);
    let start = start + usize::from(page.sign_of(start, b"-+").is_some());
    let (most, _) = page.number(start).filter(|(value, digits)| *digits <= 3 && *value <= 180)?;
    let (mut end, mut decimals) = (start + 1, 0);
    if page.sign(end, b'.') && page.glued(end) && page.glued(end + 1) {
        decimals = page.get(end + 1).filter(|token| token.kind == Kind::Number).map_or(0, |token| token.len());
        end += if decimals > 0 { 2 } else { 0 };
    }
    let degrees = sign(end, &["°", "º"]);
    end += usize::from(degrees);
    let mut minutes = false;
    for signs in [&["'", "′", "’"], &["\"", "″", "”"]] {
        let fraction = usize::from(page.sign(end + 1, b'.') && page.glued(end + 1)) * 2;
        if degrees && page.number(end).is_some_and(|(value, _)| value < 60) && sign(end + 1 + fraction, signs) {
            (end, minutes) = (end + 2 + fraction, true);
        }
    }
    let behind = !before && heaven(end);
    Some(Coordinate { end: end + usize::from(behind), decimals, most, minutes, degrees, letter: before || behind })
}

/// Coordinates behind a label, with degrees and a letter of heaven, or two of five decimals and more that are no position in
/// a scanner.
fn coordinates(page: &mut Page, at: usize) -> Option<usize> {
    if !page.free(at) || page.glued(at) && page.get(at).is_some_and(|token| token.kind != Kind::Sign) {
        return None;
    }
    let labelled = page.is(at, Flags::PLACED) && LABELS.iter().any(|label| page.says(at, label));
    let mut from = at;
    if labelled {
        from += 1;
        while from < at + 5
            && (page.sign_of(from, b":=,(").is_some() || LABELS.iter().any(|label| page.says(from, label)))
        {
            from += 1;
        }
    }
    let first = coordinate(page, from)?;
    let joined = first.end + usize::from(page.sign_of(first.end, b",;/").is_some());
    let second = coordinate(page, joined);
    let third = second
        .and_then(|second| coordinate(page, second.end + usize::from(page.sign_of(second.end, b",;/\\").is_some())));
    let exact = |one: &Coordinate| one.degrees && one.letter && (one.minutes || one.decimals >= 3);
    let fine = |one: &Coordinate| one.decimals >= 5 && first.most <= 90;
    let told = labelled && (first.decimals >= 3 || first.degrees) && !page.is(first.end, Flags::UNIT);
    let pair = second.is_some_and(|second| fine(&first) && fine(&second)) && third.is_none();
    let beside = at > 0 && page.sign_of(at - 1, b",;/\\").is_some();
    if !(told || exact(&first) || pair && !beside) {
        return None;
    }
    let end = second.filter(|second| told || exact(second) || pair).map_or(first.end, |second| second.end);
    page.take(from, end, Mark::Address);
    Some(end)
}

/// What plates are called; an English plate needs a word more, for bones have plates too.
const PLATES: &[&str] =
    &["kennzeichen", "kfz", "nummernschild", "immatriculation", "matricula", "targa", "kenteken", "autokennzeichen"];

/// "Kennzeichen B-MW 1234", "licence plate AB12 CDE": up to four groups of capitals and digits, both of them there.
fn plate(page: &mut Page, at: usize) -> Option<usize> {
    if !page.is(at, Flags::PLACED) {
        return None;
    }
    let folded = super::fold::fold(page.word(at), false);
    let english = page.says(at, "plate")
        && at > 0
        && ["license", "licence", "number", "registration", "car", "vehicle"]
            .iter()
            .any(|word| page.says(at - 1, word));
    if !english && !PLATES.contains(&&*folded) {
        return None;
    }
    let mut from = at + 1;
    while from < at + 5 && (page.sign_of(from, b":.#").is_some() || PLATES.iter().any(|word| page.says(from, word))) {
        from += 1;
    }
    let (mut end, mut digits, mut letters) = (from, false, false);
    while end < from + 8 {
        match page.get(end) {
            Some(token) if token.kind == Kind::Number && token.len() <= 5 => digits = true,
            Some(token) if token.kind == Kind::Word && token.case == Case::Upper && token.folded <= 4 => letters = true,
            Some(_) if page.sign_of(end, b"-.").is_some() && end > from => {}
            _ => break,
        }
        end += 1;
    }
    while end > from && page.get(end - 1).is_some_and(|token| token.kind == Kind::Sign) {
        end -= 1;
    }
    (digits && letters).then(|| {
        page.take(from, end, Mark::Id);
        end
    })
}
