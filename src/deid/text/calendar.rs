//! A date as it is written: which bytes are its year, month, day and weekday and in what form, so that a shifted date is
//! written in the same form.

use super::Shift;
use super::fold;
use chrono::{Datelike, Duration, NaiveDate};

/// Names of the months, one row a language and length; the first row that fits decides.
#[rustfmt::skip]
const MONTHS: &[[&str; 12]] = &[
    ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"],
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    ["jan", "feb", "mar", "apr", "may", "june", "july", "aug", "sept", "oct", "nov", "dec"],
    ["januar", "februar", "märz", "april", "mai", "juni", "juli", "august", "september", "oktober", "november", "dezember"],
    ["jänner", "februar", "märz", "april", "mai", "juni", "juli", "august", "september", "oktober", "november", "dezember"],
    ["jan", "feb", "mrz", "apr", "mai", "jun", "jul", "aug", "sep", "okt", "nov", "dez"],
    ["januar", "februar", "maerz", "april", "mai", "juni", "juli", "august", "september", "oktober", "november", "dezember"],
    ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"],
    ["janv", "févr", "mars", "avr", "mai", "juin", "juil", "août", "sept", "oct", "nov", "déc"],
    ["enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"],
    ["enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "setiembre", "octubre", "noviembre", "diciembre"],
    ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"],
    ["gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"],
    ["gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic"],
    ["janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro", "dezembro"],
    ["jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez"],
    ["januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"],
    ["jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec"],
    ["januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti", "september", "oktober", "november", "december"],
    ["januar", "februar", "marts", "april", "maj", "juni", "juli", "august", "september", "oktober", "november", "december"],
    ["stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca", "lipca", "sierpnia", "września", "października", "listopada", "grudnia"],
    ["ocak", "şubat", "mart", "nisan", "mayıs", "haziran", "temmuz", "ağustos", "eylül", "ekim", "kasım", "aralık"],
    ["ledna", "února", "března", "dubna", "května", "června", "července", "srpna", "září", "října", "listopadu", "prosince"],
    ["ianuarie", "februarie", "martie", "aprilie", "mai", "iunie", "iulie", "august", "septembrie", "octombrie", "noiembrie", "decembrie"],
    ["tammikuuta", "helmikuuta", "maaliskuuta", "huhtikuuta", "toukokuuta", "kesäkuuta", "heinäkuuta", "elokuuta", "syyskuuta", "lokakuuta", "marraskuuta", "joulukuuta"],
    ["januari", "februari", "maret", "april", "mei", "juni", "juli", "agustus", "september", "oktober", "november", "desember"],
    ["ιανουαρίου", "φεβρουαρίου", "μαρτίου", "απριλίου", "μαΐου", "ιουνίου", "ιουλίου", "αυγούστου", "σεπτεμβρίου", "οκτωβρίου", "νοεμβρίου", "δεκεμβρίου"],
    ["січня", "лютого", "березня", "квітня", "травня", "червня", "липня", "серпня", "вересня", "жовтня", "листопада", "грудня"],
    ["يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"],
    ["يناير", "فبراير", "مارس", "ابريل", "مايو", "يونيو", "يوليو", "اغسطس", "سبتمبر", "اكتوبر", "نوفمبر", "ديسمبر"],
    ["جانفي", "فيفري", "مارس", "أفريل", "ماي", "جوان", "جويلية", "أوت", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"],
    ["كانون الثاني", "شباط", "آذار", "نيسان", "أيار", "حزيران", "تموز", "آب", "أيلول", "تشرين الأول", "تشرين الثاني", "كانون الأول"],
    ["בינואר", "בפברואר", "במרץ", "באפריל", "במאי", "ביוני", "ביולי", "באוגוסט", "בספטמבר", "באוקטובר", "בנובמבר", "בדצמבר"],
    ["ינואר", "פברואר", "מרץ", "אפריל", "מאי", "יוני", "יולי", "אוגוסט", "ספטמבר", "אוקטובר", "נובמבר", "דצמבר"],
    ["января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"],
];

/// Names of the days of the week from Monday.
const WEEKDAYS: &[[&str; 7]] = &[
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
    ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
    ["mon", "tues", "wed", "thurs", "fri", "sat", "sun"],
    ["montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag"],
    ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
    ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"],
    ["lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica"],
    ["maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"],
];

/// The month, from 1, that a word names.
pub(super) fn month(word: &str) -> Option<u32> {
    let folded = fold::fold(word, false);
    let place = MONTHS.iter().find_map(|row| row.iter().position(|name| fold::fold(name, false) == folded))?;
    Some(place as u32 + 1)
}

/// Bytes of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Slot(pub u32, pub u32);

/// A date and where its parts stand. What has no slot is not in the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Written {
    pub date: NaiveDate,
    pub whole: Slot,
    pub year: Option<Slot>,
    pub month: Slot,
    pub day: Option<Slot>,
    pub weekday: Option<Slot>,
    /// Whether days and months below 10 are written with a zero.
    pub padded: bool,
}

impl Written {
    /// The shifted date in the form of the original; `None` if the calendar ends.
    pub fn shifted(&self, text: &str, shift: Shift) -> Option<String> {
        let date = self.date.checked_sub_signed(Duration::days(i64::from(shift.0)))?;
        let mut parts: Vec<(Slot, String)> = Vec::with_capacity(4);
        let old = |slot: Slot| text.get(slot.0 as usize..slot.1 as usize);
        if let Some(slot) = self.year {
            let width = (slot.1 - slot.0) as usize;
            let year = if width == 2 { date.year().rem_euclid(100) } else { date.year() };
            parts.push((slot, format!("{year:0width$}")));
        }
        if let Some(slot) = self.day {
            parts.push((slot, digits(old(slot)?, date.day(), self.padded)));
        }
        let month = old(self.month)?;
        let number = month.bytes().all(|b| b.is_ascii_digit());
        let name = |rows: &[&'static [&'static str]], old: &str, was: u32, is: u32| {
            let folded = fold::fold(old, false);
            let fits = |row: &&&[&str]| row.get(was as usize).is_some_and(|name| fold::fold(name, false) == folded);
            rows.iter().find(fits).and_then(|row| row.get(is as usize)).map(|name| like(old, name))
        };
        let months: Vec<&[&str]> = MONTHS.iter().map(|row| &row[..]).collect();
        let days: Vec<&[&str]> = WEEKDAYS.iter().map(|row| &row[..]).collect();
        parts.push((
            self.month,
            if number {
                digits(month, date.month(), self.padded)
            } else {
                name(&months, month, self.date.month0(), date.month0())?
            },
        ));
        if let Some(slot) = self.weekday {
            let (was, is) = (self.date.weekday(), date.weekday());
            // The weekday is told again, or it would tell the shift; one that was wrong before goes as it is.
            let told = name(&days, old(slot)?, was.num_days_from_monday(), is.num_days_from_monday());
            parts.push((slot, told?));
        }
        parts.sort_by_key(|(slot, _)| *slot);
        let (mut out, mut at) = (String::new(), self.whole.0 as usize);
        for (slot, new) in parts {
            out.push_str(text.get(at..slot.0 as usize)?);
            out.push_str(&new);
            at = slot.1 as usize;
        }
        out.push_str(text.get(at..self.whole.1 as usize)?);
        Some(out)
    }
}

/// A day or month, two digits wide if such numbers are padded, with its English ordinal if it had one.
fn digits(old: &str, is: u32, padded: bool) -> String {
    let width = if padded || old.starts_with('0') { 2 } else { 1 };
    let suffix = old.trim_start_matches(|c: char| c.is_ascii_digit());
    let ordinal = match (is % 10, is / 10) {
        _ if suffix.is_empty() => "",
        (1, t) if t != 1 => "st",
        (2, t) if t != 1 => "nd",
        (3, t) if t != 1 => "rd",
        _ => "th",
    };
    format!("{is:0width$}{ordinal}")
}

/// A name in the capitals of another word.
fn like(old: &str, name: &str) -> String {
    let mut letters = old.chars().filter(|c| c.is_alphabetic());
    match (letters.next().is_some_and(char::is_uppercase), letters.next().is_some_and(char::is_uppercase)) {
        (true, true) => name.to_uppercase(),
        (true, false) => {
            let mut rest = name.chars();
            rest.next().map(|first| first.to_uppercase().chain(rest).collect()).unwrap_or_default()
        }
        _ => name.to_owned(),
    }
}
