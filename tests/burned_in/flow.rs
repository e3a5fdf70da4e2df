//! The order of the layers over whole images, with a finder whose answers are known: it finds bright pixels, shy
//! ones only when the bright ones are gone, and still shier ones last.

use super::dicom_files::{EXPLICIT, Spec, Value, text};
use super::loaded;
use voxmill::deid::burned_in::{BY_RULE, TEXT};
use voxmill::deid::dicom::{Origin, Profile};
use voxmill::deid::identity::{Crosswalk, Identity, Issuers, Shares};
use voxmill::deid::key::Key;
use voxmill::engine::{Done, Engine, Job, Search};
use voxmill::error::{Fault, Kind, Reason, Result};
use voxmill::model::Frame;
use voxmill::pixel::overlay::{Extremes, extremes};
use voxmill::pixel::{mask::covered, textnet::TextBox};
use voxmill::recipe::Recipe;
use voxmill::run::deid::object;
use voxmill::run::load::LoadedImage;
use voxmill::run::search::{Subject, Verdict, search, search_one};

const BRIGHT: u8 = 255;
const SHY: u8 = 200;
const SHIER: u8 = 180;
const BROKEN: u8 = 99;

/// Finds the bounds of all bright pixels that no mask covers.
#[derive(Default)]
struct Planted {
    looks: Vec<usize>,
}

impl Engine for Planted {
    fn name(&self) -> String {
        "planted".into()
    }

    fn find_text(&mut self, searches: &[Search]) -> Result<Vec<Result<Vec<TextBox>>>> {
        self.looks.push(searches.len());
        Ok(searches.iter().map(find).collect())
    }

    fn extremes(&mut self, frames: &[Frame]) -> Result<Extremes> {
        extremes(frames)
    }

    fn submit(&mut self, _: Vec<Job>) -> Result<()> {
        Ok(())
    }

    fn collect(&mut self) -> Option<Vec<Result<Done>>> {
        None
    }
}

fn find(search: &Search) -> Result<Vec<TextBox>> {
    let boxes: Vec<[u32; 4]> = search.masks.boxes().iter().map(|b| [b.x, b.y, b.x + b.w, b.y + b.h]).collect();
    let columns = search.frame.columns;
    let bounds = |value: u8| {
        let places = search.frame.bytes().iter().enumerate().filter(|(_, v)| **v == value);
        let places: Vec<(u32, u32)> = places.map(|(at, _)| (at as u32 % columns, at as u32 / columns)).collect();
        let open: Vec<(u32, u32)> = places.into_iter().filter(|(x, y)| !covered(&boxes, *x, *y)).collect();
        let (x, y) = (open.iter().map(|p| p.0).min()?, open.iter().map(|p| p.1).min()?);
        let (w, h) = (open.iter().map(|p| p.0).max()? + 1 - x, open.iter().map(|p| p.1).max()? + 1 - y);
        Some(TextBox { x, y, w, h, score: 0.75 })
    };
    if bounds(BROKEN).is_some() {
        return Err(Fault::input(Reason::UnsupportedPixels, "planted", "cannot be searched"));
    }
    Ok(bounds(BRIGHT).or_else(|| bounds(SHY)).or_else(|| bounds(SHIER)).into_iter().collect())
}

/// The image of such a file.
fn image(frames: u32, spots: &[(u32, [u32; 4], u8)]) -> LoadedImage {
    saying(frames, spots, None)
}

/// The same with a BurnedInAnnotation.
fn saying(frames: u32, spots: &[(u32, [u32; 4], u8)], burned_in: Option<&'static str>) -> LoadedImage {
    loaded(file(frames, spots, burned_in))
}

/// A file of frames of 30 x 40 with spots: frame, x, y, w, h, value.
fn file(frames: u32, spots: &[(u32, [u32; 4], u8)], burned_in: Option<&'static str>) -> Vec<u8> {
    let mut bytes = vec![20u8; (frames * 30 * 40) as usize];
    for (frame, [x, y, w, h], value) in spots {
        for at in 0..w * h {
            bytes[((frame * 30 + y + at / w) * 40 + x + at % w) as usize] = *value;
        }
    }
    let counts = ["0", "1", "2", "3", "4", "5"];
    let mut spec = Spec::bytes(30, 40, &[]).with(text(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.3.1"));
    spec.frames = Some(counts[frames as usize]);
    spec.pixels.2 = Value::Bytes(bytes);
    if let Some(word) = burned_in {
        spec = spec.with(text(0x0028_0301, "CS", word));
    }
    spec.file(EXPLICIT)
}

fn verdict(image: &LoadedImage, recipe: &str) -> (Verdict, Vec<usize>) {
    let mut engine = Planted::default();
    let recipe = Recipe::parse(recipe).unwrap();
    // Two frames fit into the memory at once.
    (search_one(&recipe, &mut engine, image, 2400).unwrap(), engine.looks)
}

fn areas(verdict: &Verdict) -> Vec<([u32; 4], &'static str, Option<f32>)> {
    verdict.findings.iter().map(|f| ([f.area.x, f.area.y, f.area.w, f.area.h], f.reason, f.score)).collect()
}

#[test]
fn text_of_one_frame_is_blanked_in_all_and_searched_again() {
    let (found, looks) = verdict(&image(5, &[(3, [10, 12, 8, 4], BRIGHT)]), "");
    // Three pixels more on each side.
    assert_eq!(areas(&found), [([7, 9, 14, 10], TEXT, Some(0.75))]);
    assert_eq!((found.masks.because(), found.left.len(), found.masks.boxes().len()), ("masked", 0, 1));
    // Five frames in batches of two, all of them twice.
    assert_eq!(looks, [2, 2, 1, 2, 2, 1]);
}

#[test]
fn nothing_found_is_not_searched_again() {
    let (found, looks) = verdict(&image(3, &[]), "");
    assert_eq!((areas(&found).len(), found.masks.because(), looks), (0, "none-found", vec![2, 1]));
    // A rule's box was blanked before the first look: that look is enough.
    let rule = "[[mask]]\nboxes = [{ x = 0, y = 0, w = 40, h = 6 }]";
    let (found, looks) = verdict(&image(3, &[(1, [10, 1, 5, 4], BRIGHT)]), rule);
    assert_eq!(areas(&found), [([0, 0, 40, 6], BY_RULE, None)]);
    assert_eq!((found.masks.because(), looks), ("masked", vec![2, 1]));
}

#[test]
fn what_the_second_look_finds_is_blanked_and_what_the_third_finds_waits_for_a_person() {
    let spots = [(0, [30, 3, 6, 4], BRIGHT), (0, [4, 20, 6, 4], SHY), (0, [20, 20, 6, 4], SHIER)];
    let expected = [([1, 17, 12, 10], TEXT, Some(0.75)), ([27, 0, 12, 10], TEXT, Some(0.75))];
    let (found, looks) = verdict(&image(1, &spots[..2]), "");
    assert_eq!((areas(&found), found.masks.because(), looks), (expected.to_vec(), "masked", vec![1, 1, 1]));
    let (found, looks) = verdict(&image(1, &spots), "");
    assert_eq!((areas(&found), found.masks.because(), looks), (expected.to_vec(), "review", vec![1, 1, 1]));
    let [left] = found.left.as_slice() else { panic!("{:?}", found.left) };
    assert_eq!((left.x, left.y, left.w, left.h), (20, 20, 6, 4));
}

#[test]
fn the_recipe_alone_switches_the_detector_off() {
    let bright = image(2, &[(0, [10, 12, 8, 4], BRIGHT)]);
    let (found, looks) = verdict(&bright, "[burned_in]\ndetector = false");
    assert_eq!((found.masks.because(), found.masks.boxes().len(), looks), ("not-searched", 0, vec![]));
    // A rule that says "nothing to blank" does not.
    let (found, _) = verdict(&bright, "[[mask]]\nboxes = []");
    assert_eq!(found.masks.because(), "masked");
    // A rule whose box lies beside the image is told.
    let (found, _) = verdict(&image(1, &[]), "[[mask]]\nboxes = [{ x = 99, y = 0, w = 9, h = 9 }]");
    assert_eq!((found.warnings.as_slice(), found.masks.because()), (&["mask-rule-beside-image"][..], "none-found"));
}

#[test]
fn an_image_that_says_it_carries_text_is_believed() {
    let said = |word, spots: &[_]| verdict(&saying(1, spots, Some(word)), "").0;
    let nothing = said("YES", &[]);
    assert_eq!((nothing.masks.because(), nothing.findings.len()), ("review", 0));
    let [left] = nothing.left.as_slice() else { panic!("{:?}", nothing.left) };
    assert_eq!((left.x, left.y, left.w, left.h), (0, 0, 40, 30));
    // Text was found; another word says nothing.
    let found = said("YES", &[(0, [10, 12, 8, 4], BRIGHT)]);
    assert_eq!((found.masks.because(), found.left.len()), ("masked", 0));
    assert_eq!(said("NO", &[]).masks.because(), "none-found");
    // Nobody looked: that is no statement either way.
    let unseen = verdict(&saying(1, &[], Some("YES")), "[burned_in]\ndetector = false").0;
    assert_eq!((unseen.masks.because(), unseen.left.len()), ("not-searched", 0));
}

#[test]
fn an_image_of_which_half_is_found_to_be_text_waits_for_a_person() {
    // With three pixels more on each side: 26 x 23 of 40 x 30 is 49.8 %, 26 x 24 is 52 %.
    let page = |h| verdict(&image(1, &[(0, [5, 2, 20, h], BRIGHT)]), "").0;
    assert_eq!((page(18).masks.because(), page(18).left.len()), ("masked", 0));
    let found = page(19);
    assert_eq!((found.masks.because(), found.findings.len()), ("review", 1));
    let [left] = found.left.as_slice() else { panic!("{:?}", found.left) };
    assert_eq!((left.x, left.y, left.w, left.h), (0, 0, 40, 30));
}

#[test]
fn an_image_that_cannot_be_searched_is_refused_alone() {
    let images = [image(1, &[(0, [1, 1, 2, 2], BROKEN)]), image(1, &[(0, [10, 12, 8, 4], BRIGHT)])];
    let subjects: Vec<Subject> = images.iter().map(|loaded| Subject { loaded, frames: None }).collect();
    let verdicts = search(&Recipe::default(), &mut Planted::default(), &subjects, 1 << 20).unwrap();
    let [Err(fault), Ok(found)] = verdicts.as_slice() else { panic!("{verdicts:?}") };
    assert_eq!((fault.kind, fault.reason), (Kind::Input, Reason::UnsupportedPixels));
    assert_eq!(found.masks.because(), "masked");
}

/// What `deid` makes of a file whose text is planted: the new file and what is said of its pixels.
fn deid(file: Vec<u8>, recipe: &str) -> Result<(Vec<u8>, Option<&'static str>)> {
    let recipe = Recipe::parse(recipe).unwrap();
    let key = Key::parse(&(0u8..32).collect::<Vec<_>>()).unwrap();
    let identity = Identity::new(key, Issuers::Merge, Shares { train: 1.0, validation: 0.0 });
    let (profile, mut crosswalk) = (Profile::new(&[]), Crosswalk::default());
    let origin = Origin { sha256: "00", suffix: "abcdefgh" };
    let object = object::open(&recipe, &identity, file, origin, &mut crosswalk)?;
    let verdict = match object.to_search(&recipe) {
        Some(image) => object::search(&recipe, &mut Planted::default(), &[image], 2400).unwrap().pop(),
        None => None,
    };
    let (new, word) = object.clean(&recipe, (&profile, &identity), origin, verdict.transpose()?, &mut crosswalk)?;
    Ok((new.file.get().stretches().collect::<Vec<_>>().concat(), word))
}

#[test]
fn a_file_in_which_text_is_left_is_not_written_unless_the_recipe_keeps_it() {
    let spots = [(1, [30, 3, 6, 4], BRIGHT), (1, [4, 20, 6, 4], SHY), (1, [20, 20, 6, 4], SHIER)];
    let says = |file: &[u8], value: &[u8]| file.windows(value.len()).any(|window| window == value);
    let (no, yes) = (&b"\x28\x00\x01\x03CS\x02\x00NO"[..], &b"\x28\x00\x01\x03CS\x04\x00YES "[..]);
    let (new, word) = deid(file(2, &spots[..2], None), "").unwrap();
    assert_eq!((word, says(&new, no), says(&new, b"113101")), (Some("masked"), true, true));
    // Both frames are 20 all over now.
    assert!(new.ends_with(&[20; 2 * 30 * 40]));

    let fault = deid(file(2, &spots, None), "").expect_err("text is left");
    assert_eq!((fault.kind, fault.reason.code(), fault.place), (Kind::Input, "burned-in-review", "PixelData"));
    let (new, word) = deid(file(2, &spots, None), "[burned_in]\nreview = 'keep'").unwrap();
    assert_eq!((word, says(&new, yes), says(&new, b"113101")), (Some("review"), true, false));
    assert_eq!(new.iter().filter(|byte| **byte == SHIER).count(), 6 * 4);

    // A file that says it carries text of which nothing is found is not called clean.
    let told = || file(2, &[], Some("YES"));
    assert_eq!(deid(told(), "").expect_err("nobody found it").reason.code(), "burned-in-review");
    let (new, word) = deid(told(), "[burned_in]\nreview = 'keep'").unwrap();
    assert_eq!((word, says(&new, yes), says(&new, b"113101")), (Some("review"), true, false));

    // What the finder cannot look at is not written either, and with nobody looking it stays as it is.
    let broken = file(2, &[(0, [1, 1, 1, 1], BROKEN)], None);
    assert_eq!(deid(broken.clone(), "").expect_err("nobody can look").reason.code(), "unsupported-pixels");
    let (new, word) = deid(broken.clone(), "[burned_in]\ndetector = false").unwrap();
    assert_eq!((word, says(&new, no), says(&new, b"113101")), (Some("not-searched"), false, false));
    assert!(new.ends_with(&broken[broken.len() - 2 * 30 * 40..]));
}
