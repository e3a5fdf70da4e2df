//! Edges stated as values, refusals with their places, the words of a recipe, blanked frames, and the table of operations
//! against the files it names. Expected values are arithmetic in the comments.

use super::*;

#[test]
fn edge_cases_are_values() {
    let grey = |sample_type: SampleType| interpretation(Photometric::Monochrome2, sample_type.bytes() as u8 * 8);
    let z = own_size(VoiSpec::MinMax, Normalize::ZScore);
    // Constant: min-max shows 0 everywhere; deviation 0 counts as 1.
    assert_eq!(run(&frame(2, 2, SampleType::I16, &[7; 4], grey(SampleType::I16)), &z), [0.0; 4]);
    // Constant modality values: 7 - mean 7.
    let none = own_size(VoiSpec::None, Normalize::ZScore);
    assert_eq!(run(&frame(2, 2, SampleType::I16, &[7; 4], grey(SampleType::I16)), &none), [0.0; 4]);
    // Two values 1 and 3: mean 2, deviation 1.
    assert_eq!(run(&frame(1, 2, SampleType::I16, &[1, 3], grey(SampleType::I16)), &none), [-1.0, 1.0]);
    // All padding: nothing to count, all background, not shifted.
    let how = Interpretation { padding: Some((7, 9)), ..grey(SampleType::U16) };
    let all = frame(1, 3, SampleType::U16, &[7, 8, 9], how);
    let (tensor, stats) = run_masked(&all, &z, boxes(&[], 1, 3));
    assert_eq!(tensor.to_f32().into_iter().collect::<Vec<_>>(), [0.0; 3]);
    assert_eq!((stats.counted, stats.padding, stats.channels.len()), (0, 3, 0));
    // Kept on request: 7, 8, 9 over min to max.
    let keep = PlanSpec { padding: PaddingSpec::Keep, ..own_size(VoiSpec::MinMax, Normalize::Unit) };
    assert_eq!(run(&all, &keep), [0.0, 0.5, 1.0]);
    // NaN and infinity are background and counted; modality values keep the lowest as background: -2.
    let bytes = [f32::NAN, -2.0, f32::INFINITY, 6.0].iter().flat_map(|v| v.to_le_bytes()).collect();
    let holes = Frame::new(1, 4, 1, SampleType::F32, bytes, grey(SampleType::F32)).unwrap();
    let (tensor, stats) = run_masked(&holes, &own_size(VoiSpec::None, Normalize::None), boxes(&[], 1, 4));
    assert_eq!(tensor.to_f32().into_iter().collect::<Vec<_>>(), [-2.0, -2.0, -2.0, 6.0]);
    assert_eq!((stats.not_finite, stats.counted, stats.channels[0].max), (2, 2, 6.0));
    // A dose grid becomes doses: 3 and 8 times 0.25. A rescale, which no dose grid has, comes before.
    let dose = Interpretation { dose_grid_scaling: Some(0.25), ..grey(SampleType::U32) };
    let plain = own_size(VoiSpec::None, Normalize::None);
    assert_eq!(run(&frame(1, 2, SampleType::U32, &[3, 8], dose.clone()), &plain), [0.75, 2.0]);
    let both = Interpretation { modality: Modality::Rescale { slope: 2.0, intercept: 1.0 }, ..dose };
    assert_eq!(run(&frame(1, 2, SampleType::U32, &[3, 8], both), &plain), [7.0, 17.0]);
    // Auto for 8 bits without a window is the full range; beyond, percentiles.
    let auto = own_size(VoiSpec::Auto, Normalize::Unit);
    let bytes = frame(1, 4, SampleType::U8, &[0, 51, 254, 255], grey(SampleType::U8));
    check("full range", &run(&bytes, &auto), &[0.0, 0.2, 254.0 / 255.0, 1.0], 1e-7);
    let words = frame(1, 101, SampleType::U16, &(0..101).collect::<Vec<_>>(), grey(SampleType::U16));
    // Percentiles 1 and 99 of 0..=100 are 1 and 99: (50 - 1) / 98 = 0.5.
    assert_eq!(run(&words, &auto)[50], 0.5);
    // 1 bit arrives as 0 and 1 and MONOCHROME1 turns it.
    let how = interpretation(Photometric::Monochrome1, 1);
    assert_eq!(run(&frame(1, 2, SampleType::U8, &[0, 1], how), &auto), [1.0, 0.0]);
    // Floats of 2^100 and beyond are no values either, so that nothing infinite comes out.
    let bytes = [1e38f32, 5.0, -2e30, 1e30].iter().flat_map(|v| v.to_le_bytes()).collect();
    let huge = Frame::new(1, 4, 1, SampleType::F32, bytes, grey(SampleType::F32)).unwrap();
    let (tensor, stats) = run_masked(&huge, &own_size(VoiSpec::None, Normalize::None), boxes(&[], 1, 4));
    assert_eq!(tensor.to_f32().into_iter().collect::<Vec<_>>(), [5.0, 5.0, 5.0, 1e30]);
    assert_eq!(stats.not_finite, 2);
    // f16 ends at 65504.
    let spec = PlanSpec { dtype: DType::F16, ..own_size(VoiSpec::None, Normalize::None) };
    assert_eq!(run(&frame(1, 2, SampleType::I32, &[-70000, 65504], grey(SampleType::I32)), &spec), [-65504.0, 65504.0]);
    // The largest 32-bit values, one apart, are told apart by a window around them.
    let top = u32::MAX as i64;
    let voi = VoiSpec::Window { center: u32::MAX as f64 - 1.0, width: 4.0, function: FunctionSpec::LinearExact };
    let got = run(
        &frame(1, 3, SampleType::U32, &[top - 2, top - 1, top], grey(SampleType::U32)),
        &own_size(voi, Normalize::Unit),
    );
    assert_eq!(got, [0.25, 0.5, 0.75]);
}

#[test]
fn labels_stay_labels() {
    let how = Interpretation { modality_code: Some("SEG"), ..interpretation(Photometric::Monochrome2, 8) };
    let labels = frame(1, 5, SampleType::U8, &[0, 7, 2, 7, 1], how.clone());
    let wanted = PlanSpec { size: Size::Sides([1, 3]), fit: Fit::Stretch, ..PlanSpec::default() };
    // Middles of three pixels over five: 5 / 6, 2.5 and 25 / 6 lie in the pixels 0, 2 and 4. The recipe's unit range is none of labels.
    assert_eq!(run(&labels, &wanted), [0.0, 2.0, 1.0]);
    // Larger: 0.3, 0.9, 1.5, 2.1, ...: each pixel of a label is one of its own.
    let wanted = PlanSpec { size: Size::Sides([2, 8]), ..wanted };
    assert_eq!(run(&labels, &wanted)[..8], [0.0, 0.0, 7.0, 2.0, 2.0, 7.0, 1.0, 1.0]);
    // Colours of labels are for display.
    let table = |n: u16| Lut { first: 0, entries: (0..8).map(|i: u16| i * n).collect(), bits: 16 };
    let coloured = Interpretation {
        palette: Some(Palette { channels: [1, 2, 3].map(table) }),
        photometric: Photometric::Palette,
        ..how.clone()
    };
    let coloured = frame(1, 5, SampleType::U8, &[0, 7, 2, 7, 1], coloured);
    assert_eq!(run(&coloured, &own_size(VoiSpec::Auto, Normalize::Unit)), [0.0, 7.0, 2.0, 7.0, 1.0]);
    // Integer tensors hold shares of a range.
    let spec = PlanSpec { dtype: DType::U8, ..PlanSpec::default() };
    let fault = Plan::new(&spec, Shape::of(&labels), &how, boxes(&[], 1, 5)).unwrap_err();
    assert_eq!((fault.reason.code(), fault.place), ("unsupported-pixels", "Modality"));
}

#[test]
fn presets_are_for_hounsfield_units() {
    let plan = |modality_code, modality| {
        let how = Interpretation { modality_code, modality, ..interpretation(Photometric::Monochrome2, 12) };
        let shape = Shape { rows: 2, columns: 2, samples: 1, sample_type: SampleType::U16 };
        Plan::new(&own_size(VoiSpec::Preset("lung".into()), Normalize::Unit), shape, &how, boxes(&[], 2, 2))
    };
    let rescale = Modality::Rescale { slope: 1.0, intercept: -1024.0 };
    assert!(plan(Some("CT"), rescale.clone()).is_ok());
    for (code, modality) in [(Some("MR"), rescale.clone()), (Some("CT"), Modality::Identity), (None, rescale)] {
        assert_eq!(plan(code, modality).unwrap_err().reason.code(), "no-hounsfield", "{code:?}");
    }
}

#[test]
fn what_makes_no_sense_is_refused_with_its_place() {
    use voxmill::error::Kind;
    let refused = |how: Interpretation, samples: u8, sample_type: SampleType, spec: &PlanSpec| {
        let shape = Shape { rows: 4, columns: 4, samples, sample_type };
        let fault = Plan::new(spec, shape, &how, boxes(&[], 4, 4)).unwrap_err();
        (fault.kind, fault.place)
    };
    let plain = PlanSpec::default();
    let grey = interpretation(Photometric::Monochrome2, 8);
    let file = own_size(VoiSpec::File, Normalize::Unit);
    let input = |place| (Kind::Input, place);
    let config = |place| (Kind::Config, place);
    assert_eq!(
        refused(interpretation(Photometric::Palette, 8), 1, SampleType::U8, &plain),
        input("PaletteColorLookupTableData")
    );
    assert_eq!(refused(grey.clone(), 3, SampleType::U8, &plain), input("SamplesPerPixel"));
    assert_eq!(refused(interpretation(Photometric::Rgb, 8), 1, SampleType::U8, &plain), input("SamplesPerPixel"));
    assert_eq!(refused(interpretation(Photometric::Rgb, 32), 3, SampleType::F32, &plain), input("FloatPixelData"));
    let indices = Interpretation {
        palette: Some(Palette { channels: [0, 1, 2].map(|_| Lut { first: 0, entries: vec![0], bits: 16 }) }),
        ..interpretation(Photometric::Palette, 32)
    };
    assert_eq!(refused(indices, 1, SampleType::U32, &plain), input("BitsAllocated"));
    assert_eq!(refused(interpretation(Photometric::Rgb, 8), 3, SampleType::I8, &plain), input("PixelRepresentation"));
    assert_eq!(
        refused(interpretation(Photometric::YbrRct, 8), 3, SampleType::U8, &plain),
        input("PixelRepresentation")
    );
    assert_eq!(refused(interpretation(Photometric::Monochrome2, 9), 1, SampleType::U8, &plain), input("BitsStored"));
    assert_eq!(refused(grey.clone(), 1, SampleType::U8, &file), input("WindowCenter"));
    let table = Lut { first: 0, entries: vec![0, 255], bits: 8 };
    let with_lut =
        Interpretation { voi: vec![Voi::Lut(table.clone())], ..interpretation(Photometric::Monochrome2, 32) };
    assert_eq!(refused(with_lut, 1, SampleType::F32, &file), input("VOILUTSequence"));
    let with_lut = Interpretation { modality: Modality::Lut(table), ..interpretation(Photometric::Monochrome2, 32) };
    assert_eq!(refused(with_lut, 1, SampleType::U32, &plain), input("ModalityLUTSequence"));
    let sloped = |slope, intercept| Interpretation { modality: Modality::Rescale { slope, intercept }, ..grey.clone() };
    assert_eq!(refused(sloped(0.0, 0.0), 1, SampleType::U8, &plain), input("RescaleSlope"));
    assert_eq!(refused(sloped(f64::NAN, 0.0), 1, SampleType::U8, &plain), input("RescaleSlope"));
    assert_eq!(refused(sloped(1.0, f64::INFINITY), 1, SampleType::U8, &plain), input("RescaleIntercept"));
    let shape = Shape { rows: 4, columns: 4, samples: 1, sample_type: SampleType::U8 };
    let fault = Plan::new(&plain, shape, &grey, boxes(&[[3, 3, 2, 1]], 4, 5)).unwrap_err();
    assert_eq!((fault.kind, fault.place), (Kind::Bug, "Masks"));
    let asked = |spec: PlanSpec| refused(grey.clone(), 1, SampleType::U8, &spec);
    let narrow = VoiSpec::Window { center: 0.0, width: 0.5, function: FunctionSpec::Linear };
    assert_eq!(asked(own_size(narrow, Normalize::Unit)), config("image.voi"));
    assert_eq!(asked(own_size(VoiSpec::Preset("toe".into()), Normalize::Unit)), config("image.voi"));
    assert_eq!(asked(own_size(VoiSpec::Percentile(50.0, 50.0), Normalize::Unit)), config("image.voi"));
    assert_eq!(asked(own_size(VoiSpec::None, Normalize::Unit)), config("image.normalize"));
    assert_eq!(
        asked(PlanSpec { dtype: DType::U8, normalize: Normalize::Symmetric, ..plain.clone() }),
        config("image.dtype")
    );
    assert_eq!(asked(PlanSpec { size: Size::Side(0), ..plain.clone() }), config("image.size"));
    assert_eq!(asked(PlanSpec { channels: 2, ..plain }), config("image.channels"));
}

#[test]
fn recipes_spell_every_word() {
    let parse = |text: &str| toml::from_str::<PlanSpec>(text);
    assert_eq!(parse("").unwrap(), PlanSpec::default());
    let spec =
        parse("voi = { percentile = [0.5, 99.5] }\nsize = \"none\"\nfit = \"crop\"\nfilter = \"catmull-rom\"").unwrap();
    assert_eq!((spec.voi, spec.size), (VoiSpec::Percentile(0.5, 99.5), Size::Own(OwnSize::None)));
    let spec = parse(
        "voi = { window = { center = 40, width = 80, function = \"linear-exact\" } }\nsize = 64\nnormalize = \"z-score\"",
    );
    let function = FunctionSpec::LinearExact;
    assert_eq!(spec.unwrap().voi, VoiSpec::Window { center: 40.0, width: 80.0, function });
    for wrong in ["voi = \"maybe\"", "size = \"big\"", "colour = true", "voi = { window = { center = 1.0 } }"] {
        assert!(parse(wrong).is_err(), "{wrong}");
    }
    let back = toml::to_string(&PlanSpec::default()).unwrap();
    assert_eq!(parse(&back).unwrap(), PlanSpec::default());
}

#[test]
fn blanked_frames_show_nothing_under_the_boxes_and_everything_else() {
    use voxmill::pixel::mask::blanked;
    let values: Vec<i64> = (1..=12).collect();
    // 3 rows of 4; the box covers columns 1 and 2 of row 1: places 5 and 6.
    let expect = |photometric, padding, fill: i64| {
        let how = Interpretation { padding, ..interpretation(photometric, 12) };
        let frame = blanked(frame(3, 4, SampleType::U16, &values, how), &boxes(&[[1, 1, 2, 1]], 3, 4)).unwrap();
        let got: Vec<u16> = frame.view::<u16>().unwrap().iter().copied().collect();
        let want: Vec<u16> = (0..12).map(|i| if i == 5 || i == 6 { fill as u16 } else { i + 1 }).collect();
        assert_eq!(got, want);
    };
    // The darkest that the rest holds: 1, and 12 where the largest number is black.
    expect(Photometric::Monochrome2, None, 1);
    expect(Photometric::Monochrome1, None, 12);
    expect(Photometric::Monochrome1, Some((77, 80)), 77);
    let how = interpretation(Photometric::YbrFull, 8);
    let frame = blanked(frame(1, 2, SampleType::U8, &[1, 2, 3, 4, 5, 6], how), &boxes(&[[1, 0, 1, 1]], 1, 2)).unwrap();
    assert_eq!(frame.bytes(), [1, 2, 3, 0, 128, 128]);
}

#[test]
fn every_operation_has_a_twin_with_its_headings_and_a_shader() {
    // cargo runs tests in the package's root; elsewhere the path of this file is absolute.
    let root = std::path::Path::new(file!()).parent().unwrap().join("../..");
    for (word, help, stem) in voxmill::pixel::OPS {
        let twin = std::fs::read_to_string(root.join(format!("src/pixel/{stem}.rs"))).unwrap();
        for heading in [
            "Meaning",
            "Formula and section of the standard",
            "From space, to space",
            "Edge cases",
            "Tolerance and why",
        ] {
            assert!(twin.contains(&format!("//! # {heading}\n")), "{stem}: {heading}");
        }
        assert!(root.join(format!("shaders/{stem}.wgsl")).is_file(), "{stem}");
        assert!(help.ends_with('.') && !word.contains('_'), "{word}");
    }
    assert_eq!(voxmill::pixel::OPS.len(), 13);
}
