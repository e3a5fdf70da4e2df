//! Streets, cities with their state or postal code, post boxes, institutions by name, where somebody lives.

use super::mark::Mark;
use super::page::Page;
use super::token::{Case, Kind};
use super::words::Flags;

/// Takes all of them.
pub(super) fn find(page: &mut Page) {
    super::places::find(page);
    if page.seen.digits && page.seen.capitals {
        (0..page.tokens.len()).for_each(|at| unit(page, at));
    }
    if !page.seen.telling {
        return;
    }
    for at in 0..page.tokens.len() {
        let Some(token) = page.get(at).copied().filter(|token| token.mark.is_none() && token.kind == Kind::Word) else {
            continue;
        };
        if token.flags.any(Flags::STREET) {
            street(page, at);
        }
        if token.flags.any(Flags::STATE) && token.case == Case::Upper {
            state(page, at);
        }
        if token.flags.any(Flags::INSTITUTION) && token.case != Case::Lower {
            institution(page, at);
        }
        if token.flags.any(Flags::LIVES) {
            lives(page, at);
        }
        if token.folded == 3 && page.says(at, "box") {
            boxed(page, at);
        }
    }
    for at in 0..page.tokens.len() {
        postcode(page, at);
        germanic(page, at);
        let city = page.get(at).is_some_and(|token| {
            token.mark.is_none()
                && token.flags.any(Flags::CITY)
                && !token.flags.any(Flags::SAFE.and(Flags::GIVEN).and(Flags::FAMILY))
                && matches!(token.case, Case::Title | Case::Upper)
                && token.folded >= 4
                && !page.is(at + 1, Flags::CALLED)
        });
        if city {
            // "72070 Tübingen".
            let coded = at.checked_sub(1).is_some_and(|before| super::postal::code(page, before).is_some());
            page.take(at - usize::from(coded), at + 1, Mark::Address);
        }
    }
}

/// A word with a capital; one that was taken for a name may be a street's or a city's.
fn proper(page: &Page, at: usize) -> bool {
    page.get(at).is_some_and(|token| {
        token.kind == Kind::Word
            && token.mark.is_none_or(|mark| matches!(mark, Mark::Name | Mark::Address))
            && matches!(token.case, Case::Title | Case::Upper)
    })
}

/// Where a house number begins that stands before `at`.
fn house(page: &Page, at: usize) -> Option<usize> {
    let mut from = at.checked_sub(1)?;
    // "12a", "12 N".
    let short = |at: usize| {
        page.get(at).is_some_and(|token| token.kind == Kind::Word && token.folded <= 2 && token.mark.is_none())
    };
    while at - from < 5 && (page.sign(from, b'.') || short(from)) {
        from = from.checked_sub(1)?;
    }
    // "37.2 C. Dear Dr.": the end of a decimal is no house.
    let decimal = page.glued(from) && from > 0 && page.sign(from - 1, b'.');
    // "H31S Dr. Doe": a kernel.
    let glued = page.glued(from) && page.before(from).is_some_and(|before| before.kind == Kind::Word);
    page.number(from).filter(|(_, digits)| *digits <= 5 && !decimal && !glued).map(|_| from)
}

/// "12 Elm Street", "4501 N. Old Mill Rd, Apt 4B", "12 rue de la Paix", "Calle Mayor 5".
fn street(page: &mut Page, at: usize) {
    let mut first = at;
    let mut words = 0;
    while words < 4 {
        let Some(before) = first.checked_sub(1) else { break };
        let ordinal = page.get(before).is_some_and(|token| token.kind == Kind::Word && token.folded == 2)
            && page.glued(before)
            && before > 0
            && page.number(before - 1).is_some();
        if ordinal {
            first = before - 1;
        } else if proper(page, before) && !page.is(before, Flags::FUNCTION) {
            first = before;
        } else if page.sign(before, b'.')
            && before > 0
            && proper(page, before - 1)
            && page.get(before - 1).is_some_and(|token| token.folded <= 2)
        {
            first = before - 1;
        } else {
            break;
        }
        words += 1;
    }
    let token = page.tokens[at];
    // "4D CT", "3 mm LUNG DR": the modality, not a court or a drive.
    let letter = page.glued(first) && page.get(first).is_some_and(|word| word.folded == 1);
    let study = at.checked_sub(1).is_some_and(|before| page.is(before, Flags::STUDY));
    let modality = page.says(at, "ct") || page.says(at, "dr");
    if modality && (letter || study) || letter && page.is(first + 1, Flags::STUDY) {
        return;
    }
    let upper = token.case != Case::Lower;
    if let Some(from) = house(page, first).filter(|_| words > 0 && upper) {
        let end = tail(page, at + 1 + usize::from(page.sign(at + 1, b'.')));
        page.take(from, end, Mark::Address);
        return;
    }
    // "12 rue de la Paix", "Via Roma 12", "Calle Mayor 5": the kind of street comes first.
    let romance = [
        "rue", "via", "viale", "piazza", "calle", "avenida", "rua", "ulica", "ul", "chemin", "impasse", "carrera",
        "avenue", "place", "plaza",
    ];
    let french = ["avenue", "place", "plaza", "via"].iter().any(|word| page.says(at, word));
    if !romance.iter().any(|word| page.says(at, word)) || french && !upper && house(page, at).is_none() {
        return;
    }
    let mut end = at + 1 + usize::from(page.sign(at + 1, b'.') && token.folded == 2);
    while page
        .get(end)
        .is_some_and(|token| token.kind == Kind::Word && token.mark.is_none() && token.flags.any(Flags::PARTICLE))
    {
        end += 1;
    }
    let named = proper(page, end);
    while proper(page, end) && end < at + 6 {
        end += 1;
    }
    let behind = page.number(end).is_some_and(|(_, digits)| digits <= 4) && !page.is(end + 1, Flags::UNIT);
    let before = house(page, at).filter(|from| page.number(*from).is_some());
    if named && (behind || before.is_some()) {
        let end = tail(page, end + usize::from(behind));
        page.take(before.unwrap_or(at), end, Mark::Address);
    }
}

/// "Musterstraße 5", "Kerkstraat 12b": streets of one word.
fn germanic(page: &mut Page, at: usize) {
    if !proper(page, at) {
        return;
    }
    let word = super::fold::fold(page.word(at), false);
    let ends = [
        "strasse", "str", "gasse", "gasschen", "gassle", "pfad", "steig", "weg", "platz", "allee", "ufer", "damm",
        "straat", "laan", "plein", "gracht", "gatan", "vagen", "gata", "veien", "vej", "katu", "utca",
    ];
    if word.len() < 7 || !ends.iter().any(|end| word.ends_with(end)) {
        return;
    }
    let number = at + 1 + usize::from(page.sign(at + 1, b'.'));
    if page.number(number).is_some_and(|(_, digits)| digits <= 4) {
        let letter = page.glued(number + 1)
            && page.get(number + 1).is_some_and(|token| token.kind == Kind::Word && token.folded == 1);
        let end = tail(page, number + 1 + usize::from(letter));
        page.take(at, end, Mark::Address);
    }
}

/// What follows a street: a unit, a city, a state, a postal code.
fn tail(page: &Page, mut end: usize) -> usize {
    loop {
        let mut at = end;
        let line = |at: usize| page.get(at).is_some_and(|token| token.kind == Kind::Line);
        while at - end < 3 && (page.sign_of(at, b",.;-").is_some() || line(at)) {
            at += 1;
        }
        let unit = ["apt", "apartment", "unit", "suite", "ste", "floor", "fl", "no", "bldg"]
            .iter()
            .any(|word| page.says(at, word))
            || page.sign(at, b'#');
        if unit {
            let value = at + 1 + usize::from(page.sign_of(at + 1, b".#").is_some());
            let mut last = value;
            while last < value + 3
                && page.get(last).is_some_and(|token| {
                    matches!(token.kind, Kind::Number | Kind::Word)
                        && token.folded <= 4
                        && (last == value || page.glued(last))
                })
            {
                last += 1;
            }
            if last > value {
                end = last;
                continue;
            }
        }
        if page.number(at).is_some_and(|(_, digits)| digits == 5 || digits == 4) && !page.is(at + 1, Flags::UNIT) {
            end = at + 1;
            if page.sign(end, b'-') && page.glued(end) && page.number(end + 1).is_some_and(|(_, digits)| digits == 4) {
                end += 2;
            }
            // "75001 Paris".
            if proper(page, end) && page.is(end, Flags::CITY) {
                end += 1;
            }
            return end;
        }
        let comma = at > end || at == end && page.number(end.wrapping_sub(1)).is_none();
        // A city: capitals with a state or a postal code behind them.
        let mut last = at;
        while last < at + 3 && proper(page, last) && !page.is(last, Flags::STATE) && !page.is(last, Flags::FUNCTION) {
            last += 1;
        }
        let next = last + usize::from(page.sign(last, b','));
        let stated = page.is(next, Flags::STATE)
            && page.get(next).is_some_and(|token| token.case == Case::Upper && token.folded == 2);
        let coded = page.number(next).is_some_and(|(_, digits)| digits == 5);
        if last > at && (stated || coded) {
            end = next + 1;
            continue;
        }
        if last > at && comma && page.is(at, Flags::CITY) {
            return at + 1;
        }
        // "6 ELM AVENUE CT FOOT": the modality.
        let beside = at > end || page.get(next + 1).is_none_or(|token| token.kind != Kind::Word);
        if last == at && stated && beside {
            end = at + 1;
            continue;
        }
        return end;
    }
}

/// "Springfield, IL 62704", "Boston, MA".
fn state(page: &mut Page, at: usize) {
    let comma = at > 0 && page.sign(at - 1, b',');
    let Some(city) = at.checked_sub(1 + usize::from(comma)).filter(|city| proper(page, *city)) else { return };
    let code = at + 1 + usize::from(page.sign(at + 1, b','));
    let coded = page.number(code).is_some_and(|(_, digits)| digits == 5);
    let known = page.is(city, Flags::CITY) && comma;
    if !coded && !known {
        return;
    }
    let mut from = city;
    while from > 0
        && city - from < 2
        && proper(page, from - 1)
        && !page.is(from - 1, Flags::FUNCTION)
        && !page.is(city, Flags::CITY)
    {
        from -= 1;
    }
    let mut end = if coded { code + 1 } else { at + 1 };
    if coded && page.sign(end, b'-') && page.glued(end) && page.number(end + 1).is_some_and(|(_, digits)| digits == 4) {
        end += 2;
    }
    page.take(from, end, Mark::Address);
}

/// "Mercy General Hospital", "St. Mary's Clinic", "University of Larkspur": at least one word that is no common one.
fn institution(page: &mut Page, at: usize) {
    let mut from = at;
    let mut strange = false;
    while at - from < 8 {
        let Some(before) = from.checked_sub(1) else { break };
        let possessive = page.says(before, "s")
            && page.glued(before)
            && before > 1
            && page.get(before - 1).is_some_and(|token| token.kind == Kind::Sign);
        if possessive && proper(page, before - 2) {
            from = before - 2;
        } else if page.sign(before, b'.')
            && before > 0
            && proper(page, before - 1)
            && page.get(before - 1).is_some_and(|token| token.folded <= 3)
        {
            from = before - 1;
        } else if proper(page, before) && !page.is(before, Flags::FUNCTION.and(Flags::PERSON)) {
            from = before;
        } else {
            break;
        }
        let saint = ["st", "saint", "mount", "san", "santa", "our"].iter().any(|word| page.says(from, word));
        strange |= saint
            || page
                .get(from)
                .is_some_and(|token| !token.flags.any(Flags::SAFE.and(Flags::INSTITUTION)) && token.folded >= 3);
    }
    let mut end = at + 1;
    if page.says(end, "of") && proper(page, end + 1) && !page.is(end + 1, Flags::SAFE) {
        (end, strange) = (end + 2, true);
    }
    while page.is(end, Flags::INSTITUTION) && proper(page, end) {
        end += 1;
    }
    if strange && style_allows(page, from, at) {
        page.take(from, end, Mark::Address);
    }
}

/// In a text of capitals only, a strange word before "HOSPITAL" is taken alone with it.
fn style_allows(page: &Page, from: usize, at: usize) -> bool {
    from < at && at - from <= 6 || page.says(at + 1, "of")
}

/// "lives in Larkspur", "resident of Twin Peaks", "address: 12 Elm".
fn lives(page: &mut Page, at: usize) {
    let mut from = at + 1;
    while page.sign_of(from, b":-").is_some()
        || ["in", "at", "of", "is", "near", "on", "address", "i", "at"].iter().any(|word| page.says(from, word))
    {
        from += 1;
    }
    if from == at + 1 {
        return;
    }
    let number = page.number(from).is_some_and(|(_, digits)| digits <= 5) && proper(page, from + 1);
    let mut end = from + usize::from(number);
    while end < from + 5 && proper(page, end) && !page.is(end, Flags::FUNCTION.and(Flags::INSTITUTION)) {
        let common = page.is(end, Flags::SAFE) && end == from && !page.is(end + 1, Flags::STREET.and(Flags::STATE));
        if common {
            break;
        }
        end += 1;
    }
    if end > from + usize::from(number) {
        let end = tail(page, end);
        page.take(from, end, Mark::Address);
    }
}

/// "455 Labadie Underpass Suite 69", "12 Kris Dam, Apt 4": what the street is called does not matter.
fn unit(page: &mut Page, at: usize) {
    let free = page.get(at).is_some_and(|token| token.kind == Kind::Word && token.mark.is_none());
    if !free || !["apt", "apartment", "suite", "ste"].iter().any(|word| page.says(at, word)) {
        return;
    }
    let value = at + 1 + usize::from(page.sign_of(at + 1, b".#").is_some());
    let comma = usize::from(at > 0 && page.sign(at - 1, b','));
    let mut first = at - comma;
    while first > 0 && at - first < 5 && proper(page, first - 1) && !page.is(first - 1, Flags::FUNCTION) {
        first -= 1;
    }
    let from = house(page, first).filter(|_| first < at - comma && page.number(value).is_some());
    if let Some(from) = from {
        let end = tail(page, at - comma);
        page.take(from, end, Mark::Address);
    }
}

/// "P.O. Box 123", "PO Box 77".
fn boxed(page: &mut Page, at: usize) {
    if page.number(at + 1).is_some() {
        let mut from = at;
        while from > 0
            && at - from < 5
            && (page.sign(from - 1, b'.') || ["p", "o", "po"].iter().any(|word| page.says(from - 1, word)))
        {
            from -= 1;
        }
        if from < at {
            let end = tail(page, at + 2);
            page.take(from, end, Mark::Address);
        }
    }
}

/// Postal codes of Great Britain and Canada: SW1A 1AA, K1A 0B6.
fn postcode(page: &mut Page, at: usize) {
    let upper = |at: usize, most: u8| {
        page.get(at).is_some_and(|token| {
            token.kind == Kind::Word && token.case == Case::Upper && token.folded <= most && token.mark.is_none()
        })
    };
    let digit = |at: usize, most: usize| page.glued(at) && page.number(at).is_some_and(|(_, digits)| digits <= most);
    if !upper(at, 2) || !digit(at + 1, 2) || page.glued(at) {
        return;
    }
    let inner = at + 2 + usize::from(upper(at + 2, 1) && page.glued(at + 2));
    let code = page.number(inner).is_some_and(|(_, digits)| digits == 1)
        && upper(inner + 1, 2)
        && page.glued(inner + 1)
        && !page.glued(inner);
    let british = code && page.get(inner + 1).is_some_and(|token| token.folded == 2);
    let canadian =
        code && inner == at + 3 && page.get(inner + 1).is_some_and(|token| token.folded == 1) && digit(inner + 2, 1);
    if british || canadian {
        page.take(at, inner + 2 + usize::from(canadian), Mark::Address);
    }
}
