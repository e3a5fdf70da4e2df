//! Marks that a recipe allows: a lone L or R stays, and nothing else does. What share of marks stays, and how seldom anything
//! else would, is measured in docs/BURNEDIN.md.

use super::archive::corpus;
use super::finder::{file, found, picture};
use super::{loaded, mask};
use voxmill::deid::burned_in::ALLOWED;
use voxmill::error::Kind;
use voxmill::recipe::Recipe;

const ALLOW: &str = "[burned_in]\nallow = ['L', 'R']\n";

/// Letters of 5 x 7 dots.
const FONT: [(char, [u8; 7]); 9] = [
    ('L', [0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x1F]),
    ('R', [0x1E, 0x11, 0x11, 0x1E, 0x14, 0x12, 0x11]),
    ('E', [0x1F, 0x10, 0x10, 0x1E, 0x10, 0x10, 0x1F]),
    ('F', [0x1F, 0x10, 0x10, 0x1E, 0x10, 0x10, 0x10]),
    ('P', [0x1E, 0x11, 0x11, 0x1E, 0x10, 0x10, 0x10]),
    ('B', [0x1E, 0x11, 0x11, 0x1E, 0x11, 0x11, 0x1E]),
    ('J', [0x07, 0x02, 0x02, 0x02, 0x02, 0x12, 0x0C]),
    ('4', [0x02, 0x06, 0x0A, 0x12, 0x1F, 0x02, 0x02]),
    // An L in a mirror.
    ('<', [0x01, 0x01, 0x01, 0x01, 0x01, 0x01, 0x1F]),
];

/// Writes words at (x, y), each dot 4 x 4: letters of 20 x 28.
fn write(picture: &mut [u16], words: &str, x: usize, y: usize) {
    for (place, letter) in words.chars().enumerate() {
        let Some((_, rows)) = FONT.iter().find(|(known, _)| *known == letter) else { continue };
        for (row, bits) in rows.iter().enumerate() {
            for column in (0..5).filter(|column| bits >> (4 - column) & 1 == 1) {
                for at in 0..16 {
                    picture[(y + 4 * row + at / 4) * 320 + x + 24 * place + 4 * column + at % 4] = 3000;
                }
            }
        }
    }
}

/// How many marks stay, and whether anything is blanked.
fn stays(frames: &[Vec<u16>], recipe: &str) -> (usize, bool) {
    let verdict = found(file(frames, None), recipe);
    assert!(verdict.left.is_empty(), "{:?}", verdict.left);
    (verdict.released.len(), !verdict.masks.boxes().is_empty())
}

fn with(words: &str) -> Vec<u16> {
    let mut picture = picture();
    write(&mut picture, words, 200, 60);
    picture
}

#[test]
fn a_lone_mark_stays_only_if_it_is_allowed() {
    let verdict = found(file(&[with("R")], None), ALLOW);
    let [mark] = &verdict.released[..] else { panic!("{:?}", verdict.released) };
    // 20 x 28 pixels from (200, 60) on; the finder's box reaches at most 17 pixels beyond them.
    let area = mark.area;
    assert!((183..=200).contains(&area.x) && (43..=60).contains(&area.y), "{area:?}");
    assert!((220..=237).contains(&area.right()) && (88..=105).contains(&area.bottom()), "{area:?}");
    assert!(verdict.masks.boxes().is_empty() && verdict.left.is_empty(), "{verdict:?}");
    for other in ["", "[burned_in]\nallow = ['L', 'RR', 'P']\n"] {
        assert_eq!(stays(&[with("R")], other), (0, true), "{other}");
    }
}

#[test]
fn what_is_no_allowed_mark_is_treated_as_ever() {
    let mut blanked = 0;
    for words in ["E", "F", "P", "B", "J", "4", "<", "LR", "RE", "JR", "ER4"] {
        let [with_list, without] = [ALLOW, ""].map(|recipe| found(file(&[with(words)], None), recipe));
        assert_eq!((with_list.released.len(), with_list.masks.boxes()), (0, without.masks.boxes()), "{words}");
        blanked += usize::from(!without.masks.boxes().is_empty());
    }
    // The finder does not see every lone letter.
    assert!(blanked >= 6, "{blanked} of 11 were found at all");
}

#[test]
fn a_mark_with_text_near_it_is_blanked_with_it() {
    // 20 columns of R, then 40 empty ones, then a name; below and above too: all within three heights.
    for place in [[260, 60], [200, 110], [120, 20]] {
        let mut beside = with("R");
        write(&mut beside, "JE", place[0], place[1]);
        assert_eq!(stays(&[beside], ALLOW), (0, true), "{place:?}");
    }
    // So it is beside what a rule blanks: it could be the end of a line.
    let rule = format!("{ALLOW}[[mask]]\nboxes = [{{ x = 100, y = 50, w = 80, h = 60 }}]\n");
    assert_eq!(stays(&[with("R")], &rule), (0, true));
}

#[test]
fn a_mark_of_one_frame_does_not_stay_over_the_text_of_another() {
    assert_eq!(stays(&[with("R"), with("R"), with("BE"), with("R")], ALLOW), (0, true));
    assert_eq!(stays(&vec![with("R"); 4], ALLOW), (1, false));
}

#[test]
fn evidence_says_that_a_mark_stays_and_not_which() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("a.dcm");
    std::fs::write(&input, file(&[with("R")], None)).unwrap();
    let lines = mask(&input, ALLOW, 0);
    let [line] = &lines[..] else { panic!("{} lines", lines.len()) };
    let released = line["released"].as_array().unwrap();
    assert_eq!((released.len(), line["boxes"].as_array().unwrap().len()), (1, 0));
    let known: Vec<&str> = released[0].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(known, ["x", "y", "w", "h", "reason", "score"]);
    assert_eq!(released[0]["reason"], ALLOWED);
    assert_eq!(line["burned_in"], "none-found");
    assert_eq!(mask(&input, "", 0)[0]["released"].as_array().unwrap().len(), 0);
}

#[test]
fn words_that_could_be_names_are_refused() {
    for allow in ["'LEFT'", "'l'", "'L1'", "''", "'Ł'", "'I'", "'L', 'OO'", "'L R'"] {
        let fault = Recipe::parse(&format!("[burned_in]\nallow = [{allow}]\n")).unwrap_err();
        assert_eq!((fault.kind, fault.place), (Kind::Config, "recipe.burned_in.allow"), "{allow}");
    }
    assert!(Recipe::parse("[burned_in]\ndetector = false\nallow = ['L']\n").is_err());
    assert!(Recipe::parse("[burned_in]\nallow = ['L', 'PA', 'MLO']\n").is_ok());
}

#[test]
fn no_line_of_a_real_screen_is_taken_for_a_mark() {
    let Some(corpus) = corpus() else { return };
    let marks: Vec<String> = (b'A'..=b'Z').filter(|c| !b"IO".contains(c)).map(|c| format!("'{}'", c as char)).collect();
    let recipe =
        format!("[burned_in]\nshipped_rules = false\nultrasound_regions = false\nallow = [{}]\n", marks.join(","));
    for path in ["pydicom-data/OBXXXX1A.dcm", "wg04/RLE/US1_RLE"] {
        let bytes = std::fs::read(corpus.join("dicom").join(path)).expect("a file of the corpus");
        let image = loaded(bytes.clone());
        let verdict = found(bytes, &recipe);
        // Names are longer than three letters: whatever stays is smaller than a tenth of a line.
        for mark in &verdict.released {
            assert!(mark.area.w * 10 < image.image.columns(), "{path}: {mark:?}");
        }
    }
}
