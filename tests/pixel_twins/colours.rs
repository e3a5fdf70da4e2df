//! Tables and colour spaces: Modality LUT, VOI LUT, palettes, YBR, luma.

use super::*;

#[test]
fn luts_equal_pydicom() {
    for case in cases("lut", 4) {
        let stored: Vec<i64> = word(&case["stored"]);
        let table = lut(&case, &case["entries"], word(&case["bits"]));
        let mut how = interpretation(Photometric::Monochrome2, 16);
        let modality = case["kind"] == "modality";
        if modality {
            how.modality = Modality::Lut(table);
        } else {
            how.voi = vec![Voi::Lut(table)];
        }
        let spec =
            if modality { own_size(VoiSpec::None, Normalize::None) } else { own_size(VoiSpec::File, Normalize::Unit) };
        let got = run(&frame(8, 8, SampleType::U16, &stored, how), &spec);
        check(case["kind"].as_str().unwrap(), &got, &numbers(&case["values"]), 1e-7);
    }
}

#[test]
fn a_window_after_a_modality_lut_sees_its_output() {
    // Stored 0..4 mean 100, 300, 200, 400, 400 (past the end: the last); a ramp from 100 to 400.
    let mut how = interpretation(Photometric::Monochrome2, 8);
    how.modality = Modality::Lut(Lut { first: 0, entries: vec![100, 300, 200, 400], bits: 16 });
    let spec =
        own_size(VoiSpec::Window { center: 250.0, width: 300.0, function: FunctionSpec::LinearExact }, Normalize::Unit);
    let got = run(&frame(1, 5, SampleType::U8, &[0, 1, 2, 3, 4], how), &spec);
    check("modality lut", &got, &[0.0, 2.0 / 3.0, 1.0 / 3.0, 1.0, 1.0], 1e-7);
}

#[test]
fn colours_equal_pydicom_and_pillow() {
    for case in cases("colour", 4) {
        let stored: Vec<i64> = word(&case["stored"]);
        let (photometric, channels, steps) = match case["from"].as_str().unwrap() {
            "YBR_FULL" => (Photometric::YbrFull, 3, 255.0),
            "RGB" => (Photometric::Rgb, 3, 255.0),
            "L" => (Photometric::Rgb, 1, 255.0),
            _ => (Photometric::Palette, 3, 65535.0),
        };
        let mut how = interpretation(photometric, 8);
        if photometric == Photometric::Palette {
            how.palette = Some(Palette { channels: [0, 1, 2].map(|c| lut(&case, &case["entries"][c], 16)) });
        }
        let samples = if photometric == Photometric::Palette { 1 } else { 3 };
        let pixels = stored.len() / samples;
        let spec = PlanSpec { channels, ..own_size(VoiSpec::Auto, Normalize::Unit) };
        let planar = run(&frame(1, pixels as u32, SampleType::U8, &stored, how), &spec);
        let channels = usize::from(channels);
        let got: Vec<f32> =
            (0..planar.len()).map(|i| planar[i % channels * pixels + i / channels] * steps as f32).collect();
        // The others round to whole steps; ours is up to half a step away.
        let tolerance = if steps > 255.0 { 0.01 } else { 0.502 };
        check(case["from"].as_str().unwrap(), &got, &numbers(&case["values"]), tolerance);
    }
}

#[test]
fn rarer_colour_spaces_follow_the_standard() {
    // YBR_PARTIAL: black is (16, 128, 128), white (235, 128, 128); Y 16 + 219 x 0.5 = 125.5 is the middle.
    let how = interpretation(Photometric::YbrPartial, 8);
    let spec = PlanSpec { channels: 3, ..own_size(VoiSpec::Auto, Normalize::Unit) };
    let got = run(&frame(1, 2, SampleType::U8, &[16, 128, 128, 235, 128, 128], how), &spec);
    check("partial", &got, &[0.0, 1.0, 0.0, 1.0, 0.0, 1.0], 1e-6);
    // PS3.3 gives the way there: R = 255, G = B = 0 is Y 16 + 65.481, Cb 128 - 37.797, Cr 128 + 112 (BT.601).
    let how = interpretation(Photometric::YbrPartial, 8);
    let got = run(&frame(1, 1, SampleType::U8, &[81, 90, 240], how), &spec);
    check("partial red", &got, &[1.0, 0.0, 0.0], 0.01);
    // 32-bit RGB, as pydicom's SC_rgb_32bit has it: half of 2^32 - 1 is the middle.
    let got =
        run(&frame(1, 1, SampleType::U32, &[u32::MAX as i64, 0, 1 << 31], interpretation(Photometric::Rgb, 32)), &spec);
    check("32-bit RGB", &got, &[1.0, 0.0, 0.5], 1e-7);
    // RCT of R 200, G 100, B 50: Y = floor((200 + 200 + 50) / 4) = 112, Cb = 50 - 100, Cr = 200 - 100.
    let how = interpretation(Photometric::YbrRct, 8);
    let got = run(&frame(1, 1, SampleType::I16, &[112, -50, 100], how), &spec);
    check("rct", &got, &[200.0 / 255.0, 100.0 / 255.0, 50.0 / 255.0], 1e-7);
    // ICT with signed chroma: Y = 0.299 x 200 + 0.587 x 100 + 0.114 x 50 = 124.2, Cb = (50 - Y) / 1.772, Cr = (200 - Y) / 1.402.
    let how = interpretation(Photometric::YbrIct, 8);
    let got = run(&frame(1, 1, SampleType::I16, &[124, -42, 54], how), &spec);
    check("ict", &got, &[200.0 / 255.0, 100.0 / 255.0, 50.0 / 255.0], 1.0 / 255.0);
}
