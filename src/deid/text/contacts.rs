//! E-mail, web, file and network addresses.

use super::mark::Mark;
use super::page::Page;
use super::token::Kind;
use super::words::Flags;

/// Ends of host names that are taken for addresses even without a scheme.
const DOMAINS: &[&str] = &[
    "com", "org", "net", "edu", "gov", "mil", "io", "de", "uk", "fr", "es", "it", "nl", "ch", "at", "ca", "au", "br",
    "jp", "info", "health",
];

/// Takes all of them.
pub(super) fn find(page: &mut Page) {
    if page.seen.at {
        (0..page.tokens.len()).filter(|at| page.sign(*at, b'@')).collect::<Vec<_>>().into_iter().for_each(|at| {
            mail(page, at);
            handle(page, at);
        });
    }
    (0..page.tokens.len()).for_each(|at| spelled_out(page, at));
    if !page.seen.dots && !page.seen.colon && !page.seen.slash {
        return;
    }
    let mut at = 0;
    while at < page.tokens.len() {
        at = address(page, at).unwrap_or(at + 1);
    }
}

/// Tokens of one address at most.
const MOST: usize = 128;

/// Whether a token can be part of an address, with these signs beside letters and digits.
fn part(page: &Page, at: usize, signs: &[u8]) -> bool {
    page.get(at).is_some_and(|token| match token.kind {
        Kind::Word | Kind::Number => token.mark.is_none(),
        Kind::Sign => token.mark.is_none() && signs.iter().any(|sign| token.hash == u64::from(*sign)),
        _ => false,
    })
}

/// The end of a run of glued parts from `at` on; closing points and commas stay outside.
fn run(page: &Page, at: usize, signs: &[u8]) -> usize {
    let mut end = at;
    while part(page, end, signs) && (end == at || page.glued(end)) && end - at < MOST {
        end += 1;
    }
    while end > at + 1 && page.sign_of(end - 1, b".,;:!?)-").is_some() {
        end -= 1;
    }
    end
}

fn mail(page: &mut Page, at: usize) {
    const LOCAL: &[u8] = b".-_+%";
    let mut from = at;
    while from > 0 && at - from < MOST && page.glued(from) && part(page, from - 1, LOCAL) {
        from -= 1;
    }
    let end = run(page, at + 1, b".-");
    let host = page.glued(at + 1) && end > at + 1;
    if from < at && host {
        page.take(from, end, Mark::Email);
    }
}

/// "@jane_doe97": what somebody is called in a network. "@rest" and "@L4" are none.
fn handle(page: &mut Page, at: usize) {
    let word = page.get(at + 1).filter(|token| token.kind == Kind::Word && token.folded >= 4 && token.mark.is_none());
    let end = run(page, at + 1, b"._-");
    let common = end == at + 2 && word.is_some_and(|token| token.flags.any(Flags::SAFE.and(Flags::FUNCTION)));
    if word.is_some() && page.free(at) && page.glued(at + 1) && !page.glued(at) && !common {
        page.take(at, end, Mark::Url);
    }
}

/// "dot" in words.
fn is_dot(page: &Page, at: usize) -> bool {
    page.get(at).is_some_and(|token| matches!(token.folded, 3 | 5))
        && ["dot", "punkt", "punto"].iter().any(|word| page.says(at, word))
}

/// "jane (at) example (dot) org", "jane dot doe at example dot org".
fn spelled_out(page: &mut Page, dot: usize) {
    if !is_dot(page, dot) {
        return;
    }
    let bracket = |at: usize| page.sign_of(at, b"()[]{}<>").is_some();
    let next = |at: usize| at + 1 + usize::from(bracket(at + 1));
    let before = |at: usize| at.checked_sub(1).and_then(|at| if bracket(at) { at.checked_sub(1) } else { Some(at) });
    let ending = next(dot);
    let ending = ending + usize::from(bracket(ending));
    if !DOMAINS.iter().any(|domain| page.says(ending, domain)) {
        return;
    }
    let host = before(dot);
    let sign = host.and_then(before).filter(|at| page.says(*at, "at"));
    if let Some(mut from) = sign.and_then(before).filter(|at| part(page, *at, b"")) {
        while let Some(further) = before(from).filter(|dot| is_dot(page, *dot)).and_then(before) {
            from = further;
        }
        page.take(from, ending + 1, Mark::Email);
    }
}

fn address(page: &mut Page, at: usize) -> Option<usize> {
    const PATH: &[u8] = b".-_~:/?#[]@!$&'()*+,;=%|\\";
    let token = page.get(at).filter(|token| token.mark.is_none())?;
    let scheme = token.kind == Kind::Word
        && page.sign(at + 1, b':')
        && page.sign(at + 2, b'/')
        && page.sign(at + 3, b'/')
        && page.glued(at + 3);
    let www = page.says(at, "www") && page.sign(at + 1, b'.') && page.glued(at + 2);
    let network = hexadecimal(page, at);
    if network > at {
        page.take(at, network, Mark::Url);
        return Some(network);
    }
    let share = page.sign(at, b'\\') && page.sign(at + 1, b'\\') && page.glued(at + 1) && page.glued(at + 2);
    // C:\Users\jane, /home/jane/x.nii, ~/jane/x.
    let drive = token.len() == 1
        && token.kind == Kind::Word
        && page.sign(at + 1, b':')
        && page.sign_of(at + 2, b"\\/").is_some()
        && page.get(at + 3).is_some_and(|next| matches!(next.kind, Kind::Word | Kind::Number))
        && page.glued(at + 3);
    let rooted = page.sign(at, b'/') && !page.glued(at) && is_path(page, at)
        || page.sign(at, b'~') && page.sign(at + 1, b'/') && page.glued(at + 1) && page.glued(at + 2);
    if scheme || www || share || drive || rooted {
        let end = run(page, at, PATH);
        page.take(at, end, Mark::Url);
        return Some(end);
    }
    if token.kind == Kind::Number && !page.glued(at) {
        return internet(page, at);
    }
    if token.kind != Kind::Word || page.glued(at) {
        return None;
    }
    // A host: words with points between, the last a known ending, small letters.
    let end = run(page, at, b".-");
    let ending = end.checked_sub(1).filter(|last| *last >= at + 2 && page.sign(last - 1, b'.'))?;
    let domain = page.get(ending).is_some_and(|token| token.case == super::token::Case::Lower)
        && DOMAINS.iter().any(|domain| page.says(ending, domain));
    if !domain || page.get(at).is_some_and(|token| token.len() == 1) {
        return None;
    }
    let end = if page.sign(end, b'/') && page.glued(end) { run(page, at, PATH) } else { end };
    // "jane at example.org".
    let sign = at.checked_sub(1).filter(|before| page.says(*before, "at"));
    let local = sign.and_then(|sign| sign.checked_sub(1)).filter(|local| {
        let common = Flags::SAFE.and(Flags::FUNCTION).and(Flags::ACTS).and(Flags::BY);
        part(page, *local, b"") && !page.is(*local, common)
    });
    match local {
        Some(local) => page.take(local, end, Mark::Email),
        None => page.take(at, end, Mark::Url),
    };
    Some(end)
}

/// Folders at the root of file systems in which people have theirs.
const ROOTS: &[&str] = &[
    "home", "users", "data", "mnt", "media", "var", "tmp", "opt", "srv", "export", "nas", "archive", "volumes", "root",
    "patients", "share", "scratch", "images", "dicom", "pacs", "storage", "net",
];

/// Whether a slash begins the path of a file: a folder of a root with another behind it, or three parts with an ending.
fn is_path(page: &Page, at: usize) -> bool {
    let end = run(page, at, b"./_-~");
    let text = page.text_of(at, end);
    let parts = text.split('/').skip(1).filter(|part| !part.is_empty()).count();
    let ending = text.rsplit('/').next().is_some_and(|last| last.contains('.') && !last.starts_with('.'));
    page.glued(at + 1) && ((ending || ROOTS.iter().any(|root| page.says(at + 1, root))) && parts >= 2 || parts >= 4)
}

/// 2001:db8:85a3::8a2e:370:7334, 00:1B:44:11:3A:B7: the end of five groups and more of hexadecimal digits; else `at`.
fn hexadecimal(page: &Page, at: usize) -> usize {
    if page.glued(at) || !page.seen.colon {
        return at;
    }
    let end = run(page, at, b":");
    let colons = (at..end).filter(|at| page.sign(*at, b':')).count();
    let text = page.text_of(at, end);
    let groups = text.split(':').all(|group| group.len() <= 4 && group.bytes().all(|b| b.is_ascii_hexdigit()));
    let long = text.split(':').filter(|group| group.len() >= 2).count() >= 4;
    if colons >= 4 && groups && long { end } else { at }
}

/// 192.168.0.1.
fn internet(page: &mut Page, at: usize) -> Option<usize> {
    let byte = |at: usize| page.number(at).is_some_and(|(value, digits)| value < 256 && digits <= 3);
    let dotted = |at: usize| page.sign(at, b'.') && page.glued(at) && page.glued(at + 1);
    let four = byte(at) && (1..4).all(|n| dotted(at + 2 * n - 1) && byte(at + 2 * n));
    let end = at + 7;
    if !four || dotted(end) && page.number(end + 1).is_some() {
        return None;
    }
    page.take(at, end, Mark::Url);
    Some(end)
}
