//! Pieces of the page: text that cannot become markup, tables that can be sorted and filtered, tiles, pictures.

use super::cells::WITHHELD;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Write;

/// Text as HTML.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Whether a cell stands on the right: a number, a share, or a count that is not told.
fn is_number(cell: &str) -> bool {
    let digits = cell.trim_end_matches('%');
    cell == WITHHELD || (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-'))
}

/// Rows from which on a table has a filter.
const FILTER_FROM: usize = 12;
/// Rows of a table on paper: style.css has the same number.
const PRINTED: usize = 30;

/// A table whose columns sort when their heading is pressed, with a filter if it is long.
pub(super) fn table(html: &mut String, id: &str, caption: &str, head: &[&str], rows: &[Vec<String>]) {
    if rows.is_empty() {
        let _ = writeln!(html, "<p class=note>{}: none.</p>", escaped(caption));
        return;
    }
    if rows.len() >= FILTER_FROM {
        let _ = writeln!(
            html,
            "<p class=tools><label>Filter <input type=search data-filter={id} aria-describedby={id}-about></label> <span id={id}-told role=status>{} rows</span></p>",
            rows.len()
        );
    }
    // A long table scrolls in a box of its own, which the keyboard reaches; on paper its first rows stand.
    let long = rows.len() > PRINTED;
    let (class, reach) = match long {
        true => ("scroll long", format!(" tabindex=0 role=region aria-labelledby={id}-about")),
        false => ("scroll", String::new()),
    };
    let _ = write!(
        html,
        "<div class=\"{class}\"{reach}><table id={id} data-sort><caption id={id}-about>{}</caption><thead><tr>",
        escaped(caption)
    );
    // A column of numbers stands on the right as a whole; one number among words (a UID, a year) does not leave its column.
    let of_numbers = |place: usize| rows.iter().all(|row| row.get(place).is_some_and(|cell| is_number(cell)));
    let classes: Vec<&str> = (0..head.len()).map(|place| if of_numbers(place) { " class=n" } else { "" }).collect();
    for (name, class) in head.iter().zip(&classes) {
        let _ = write!(html, "<th scope=col{class}><button type=button>{}</button></th>", escaped(name));
    }
    html.push_str("</tr></thead><tbody>\n");
    for row in rows {
        html.push_str("<tr>");
        for (cell, class) in row.iter().zip(&classes) {
            let _ = write!(html, "<td{class}>{}</td>", escaped(cell));
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody></table></div>\n");
    if long {
        let _ = writeln!(html, "<p class=\"note paper\">The first {PRINTED} rows; the page on a screen has all.</p>");
    }
}

/// Large numbers at the top of the page.
pub(super) fn tiles(html: &mut String, tiles: &[(&str, String)]) {
    html.push_str("<ul class=tiles>\n");
    for (name, value) in tiles {
        let _ = writeln!(html, "<li><b>{}</b><span>{}</span></li>", escaped(value), escaped(name));
    }
    html.push_str("</ul>\n");
}

/// A picture with its caption, within the page.
pub(super) fn picture(html: &mut String, png: &[u8], name: &str, caption: &str) {
    // With its size the page need not move when it is drawn.
    let size = size(png).map_or_else(String::new, |(width, height)| format!(" width={width} height={height}"));
    let _ = writeln!(
        html,
        "<figure><img alt=\"{}\"{size} loading=lazy src=\"data:image/png;base64,{}\"><figcaption>{}</figcaption></figure>",
        escaped(name),
        STANDARD.encode(png),
        escaped(caption),
    );
}

/// Width and height of a PNG file: its first chunk (ISO/IEC 15948, 11.2.2).
fn size(png: &[u8]) -> Option<(u32, u32)> {
    let side = |at: usize| Some(u32::from_be_bytes(png.get(at..at + 4)?.try_into().ok()?));
    Some((side(16)?, side(20)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_become_markup() {
        assert_eq!(escaped("<b a=\"1\">&"), "&lt;b a=&quot;1&quot;&gt;&amp;");
        let mut html = String::new();
        table(&mut html, "t", "<i>", &["<i>"], &[vec!["<script>".to_owned()]]);
        assert!(!html.contains("<script>") && !html.contains("<i>"));
    }

    #[test]
    fn pictures_tell_their_size() {
        let mut html = String::new();
        let png = crate::write::picture::png_of_rgb(&image::RgbImage::new(7, 5)).unwrap();
        picture(&mut html, &png, "a", "b");
        assert!(html.contains("alt=\"a\" width=7 height=5 "), "{html}");
    }

    #[test]
    fn long_tables_have_a_filter_and_numbers_stand_right() {
        let rows = |n: usize| (0..n).map(|n| vec![format!("name {n}"), n.to_string()]).collect::<Vec<_>>();
        let (mut short, mut long) = (String::new(), String::new());
        table(&mut short, "a", "A", &["x", "n"], &rows(FILTER_FROM - 1));
        table(&mut long, "b", "B", &["x", "n"], &rows(FILTER_FROM));
        assert!(!short.contains("data-filter") && long.contains("data-filter=b") && long.contains("id=b-told"));
        assert_eq!(long.matches("<td class=n>").count(), FILTER_FROM);
        // From the next row on a table scrolls in its own box and says that paper has a part of it.
        let mut longer = String::new();
        table(&mut longer, "d", "D", &["x", "n"], &rows(PRINTED + 1));
        assert!(longer.contains("tabindex=0") && longer.contains("note paper"));
        assert!(!long.contains("tabindex=0"));
        assert!(include_str!("style.css").contains(&format!("nth-child(n + {})", PRINTED + 1)));
        let mut mixed = String::new();
        table(&mut mixed, "c", "C", &["x"], &[vec!["2024".to_owned()], vec!["CT".to_owned()]]);
        assert!(!mixed.contains("class=n"), "a year among words stands where they do");
        assert!(["1.5", "37%", WITHHELD, "-2"].into_iter().all(is_number) && !is_number("CT") && !is_number(""));
    }
}
