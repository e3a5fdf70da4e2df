//! Addresses by their form, in orders that English does not have: postal codes by their label or before a city, streets of
//! any words before a number and a code, addresses of East Asia and of Arabic, and what stands behind a label.

use super::mark::Mark;
use super::page::Page;
use super::token::{Case, Kind};
use super::words::Flags;

/// Takes all of them.
pub(super) fn find(page: &mut Page) {
    let (digits, foreign) = (page.seen.digits, !page.text.is_ascii());
    if !digits && !foreign {
        return;
    }
    for at in 0..page.tokens.len() {
        let Some(token) = page.get(at).copied() else { continue };
        match token.kind {
            Kind::Number => street_and_code(page, at),
            Kind::Unspaced => {
                labelled_line(page, at);
                chinese_or_japanese(page, at);
                korean(page, at);
            }
            Kind::Word => {
                if digits {
                    code_by_label(page, at);
                }
                if foreign {
                    labelled_line(page, at);
                    arabic(page, at);
                }
            }
            _ => {}
        }
    }
}

/// Tokens of one address at most.
const MOST: usize = 24;

fn says_one_of(page: &Page, at: usize, words: &[&str]) -> bool {
    words.iter().any(|word| page.says(at, word))
}

/// A postal code: its end. Four digits that are a year are none.
pub(super) fn code(page: &Page, at: usize) -> Option<usize> {
    let (value, digits) = page.number(at)?;
    let is = digits == 5 || digits == 6 || digits == 4 && !super::dates::YEARS.contains(&value);
    is.then_some(at + 1)
}

/// "ZIP: 94939", "postal code 72070", "PLZ 8001", "code postal 75001".
fn code_by_label(page: &mut Page, at: usize) {
    let one = ["zip", "zipcode", "plz", "postleitzahl", "postcode", "cep"];
    let two = says_one_of(page, at, &["postal", "zip"]) && page.says(at + 1, "code")
        || says_one_of(page, at, &["code", "codigo", "código", "codice"])
            && says_one_of(page, at + 1, &["postal", "postale"]);
    if !two && !says_one_of(page, at, &one) {
        return;
    }
    let mut from = at + 1 + usize::from(two);
    while from < at + 6 && (page.sign_of(from, b":#.-=").is_some() || says_one_of(page, from, &["is", "ist", "of"])) {
        from += 1;
    }
    let Some((_, 4..=6)) = page.number(from) else { return };
    let more = page.sign(from + 1, b'-') && page.glued(from + 1) && page.number(from + 2).is_some();
    page.take(from, from + 1 + 2 * usize::from(more), Mark::Address);
}

/// "Unter den Linden 77, 10117 Berlin", "Am Markt 3, 07743 Jena": whatever the street is called.
fn street_and_code(page: &mut Page, at: usize) {
    let proper = |page: &Page, at: usize| {
        page.get(at).is_some_and(|token| {
            token.kind == Kind::Word
                && token.mark.is_none_or(|mark| matches!(mark, Mark::Name | Mark::Address))
                && matches!(token.case, Case::Title | Case::Upper)
        })
    };
    let house = page.number(at).is_some_and(|(_, digits)| digits <= 3) && !page.glued(at);
    let Some(mut from) = at.checked_sub(1).filter(|before| house && proper(page, *before)) else { return };
    let letter = page.glued(at + 1) && page.get(at + 1).is_some_and(|token| token.folded == 1);
    let comma = at + 1 + usize::from(letter);
    let line = page.get(comma).is_some_and(|token| token.kind == Kind::Line);
    if !line && !page.sign(comma, b',') {
        return;
    }
    let Some(city) = code(page, comma + 1) else { return };
    let is_city = page.get(city).is_some_and(|token| {
        token.kind == Kind::Word && token.case == Case::Title && token.folded >= 3 && !token.flags.any(Flags::MEDICAL)
    });
    if !is_city {
        return;
    }
    let mut before = from;
    for _ in 0..3 {
        let Some(next) = before.checked_sub(1) else { break };
        if proper(page, next) {
            from = next;
        } else if !page.is(next, Flags::FUNCTION.and(Flags::PARTICLE)) {
            break;
        }
        before = next;
    }
    page.take(from, city + 1, Mark::Address);
}

/// What an address is called, in scripts where streets have no form of their own.
const LABELS: &[&str] = &[
    "住所",
    "現住所",
    "地址",
    "住址",
    "现住址",
    "家庭住址",
    "家庭地址",
    "주소",
    "العنوان",
    "عنوان",
    "адрес",
    "Адрес",
    "כתובת",
    "Διεύθυνση",
];

/// "住所：東京都…", "العنوان: …": to the end of the line or sentence.
fn labelled_line(page: &mut Page, at: usize) {
    if !LABELS.contains(&page.word(at)) || !matches!(page.word(at + 1), ":" | "：") {
        return;
    }
    let mut end = at + 2;
    while end < at + 2 + MOST
        && page.get(end).is_some_and(|token| token.kind != Kind::Line)
        && !matches!(page.word(end), "。" | ";" | "；" | "|")
    {
        end += 1;
    }
    if end > at + 2 {
        page.take(at + 2, end, Mark::Address);
    }
}

/// "北京市朝阳区建国路88号", "東京都港区芝公園4-2-8": a province or city, then a district or street, then a number.
fn chinese_or_japanese(page: &mut Page, at: usize) {
    const OUTER: &[&str] = &["省", "市", "県", "縣", "府", "東京都", "东京都", "北海道"];
    const INNER: &[char] = &['区', '區', '町', '村', '郡', '路', '街', '镇', '鎮'];
    let word = page.word(at);
    let outer = OUTER.iter().filter_map(|outer| word.find(outer).map(|place| place + outer.len())).min();
    let inner = outer.and_then(|outer| word.get(outer..)).is_some_and(|rest| rest.contains(INNER));
    if !inner || !page.glued(at + 1) || page.number(at + 1).is_none() {
        return;
    }
    let mut end = at + 2;
    while end < at + MOST
        && page.glued(end)
        && (page.sign(end, b'-') || page.get(end).is_some_and(|t| matches!(t.kind, Kind::Number | Kind::Unspaced)))
    {
        end += 1;
    }
    page.take(at, end, Mark::Address);
}

/// "서울특별시 강남구 테헤란로 152".
fn korean(page: &mut Page, at: usize) {
    let ends = |at: usize, ends: &[char]| {
        page.get(at).is_some_and(|token| token.kind == Kind::Unspaced) && page.word(at).ends_with(ends)
    };
    let number = page.number(at + 1).is_some();
    if !number || !ends(at, &['로', '길', '동', '가']) {
        return;
    }
    let mut from = at;
    while from > 0 && at - from < 4 && ends(from - 1, &['시', '도', '구', '군', '읍', '면']) {
        from -= 1;
    }
    if from < at {
        page.take(from, at + 2, Mark::Address);
    }
}

/// "شارع الملك فهد 25": a street to its number.
fn arabic(page: &mut Page, at: usize) {
    if page.word(at) != "شارع" {
        return;
    }
    let end = (at + 2..at + 7).find(|end| page.number(*end).is_some());
    if let Some(end) = end.filter(|end| (at + 1..*end).all(|at| page.get(at).is_some_and(|t| t.kind == Kind::Word))) {
        page.take(at, end + 1, Mark::Address);
    }
}
