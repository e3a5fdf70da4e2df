//! The table of metrics. "Object" and "air" are the two classes of `pixel::quality`; a spot is an object pixel with usable
//! neighbours. Values are modality values (brightness 0 to 255 of colour), padding and masked pixels left out.

use super::Better::{Higher, Lower, Neither};
use super::{Better, Metric, Subject, layout, levels, texture};

const fn row(
    name: &'static str,
    unit: &'static str,
    range: &'static str,
    better: Better,
    of: fn(&Subject) -> Option<f64>,
    doc: &'static str,
) -> Metric {
    Metric { name, unit, range, better, doc, of }
}

/// Every metric; adding one is adding a row.
#[rustfmt::skip]
pub const METRICS: &[Metric] = &[
    row("quality_mean", "modality", "any", Neither, levels::mean, "Mean of all values."),
    row("quality_deviation", "modality", "0..", Neither, levels::deviation, "Standard deviation of all values (of the population, as numpy's std)."),
    row("quality_min", "modality", "any", Neither, |s| s.min(), "Lowest value."),
    row("quality_max", "modality", "any", Neither, |s| s.max(), "Highest value."),
    row("quality_percentile_0_1", "modality", "any", Neither, |s| s.percentile(0.1), "Percentile 0.1 (numpy's method linear)."),
    row("quality_percentile_1", "modality", "any", Neither, |s| s.percentile(1.0), "Percentile 1 (numpy's method linear)."),
    row("quality_percentile_5", "modality", "any", Neither, |s| s.percentile(5.0), "Percentile 5 (numpy's method linear)."),
    row("quality_percentile_50", "modality", "any", Neither, |s| s.percentile(50.0), "Median."),
    row("quality_percentile_95", "modality", "any", Neither, |s| s.percentile(95.0), "Percentile 95 (numpy's method linear)."),
    row("quality_percentile_99", "modality", "any", Neither, |s| s.percentile(99.0), "Percentile 99 (numpy's method linear)."),
    row("quality_percentile_99_9", "modality", "any", Neither, |s| s.percentile(99.9), "Percentile 99.9 (numpy's method linear)."),
    row("quality_entropy", "bit", "0..16", Neither, levels::entropy, "Shannon entropy over all distinct values (scikit-image shannon_entropy, base 2)."),
    row("quality_dynamic_range", "bit", "0..32", Neither, levels::dynamic_range, "log2 of the number of steps from the lowest to the highest value; null after a Modality LUT."),
    row("quality_clipped_low", "1", "0..1", Neither, levels::clipped_low, "Share of pixels that hold the lowest value: clipping, or plain background."),
    row("quality_clipped_high", "1", "0..1", Lower, levels::clipped_high, "Share of pixels that hold the highest value: clipping, or metal."),
    row("quality_mode", "1", "0..1", Lower, levels::mode, "Share of pixels that hold the most frequent value: near 1 in a blank image."),
    row("quality_foreground", "1", "0..1", Neither, levels::foreground, "Share of the object: the side of Otsu's threshold that is displayed brighter (IEEE Trans. SMC 9(1), 1979; scikit-image threshold_otsu)."),
    row("quality_noise", "modality", "0..", Lower, texture::noise, "Noise deviation by J. Immerkaer, CVIU 64(2), 1996: sqrt(pi/2)/6 times the mean absolute response to 1 -2 1, -2 4 -2, 1 -2 1 over spots; null with fewer than 64 spots."),
    row("quality_noise_ratio", "1", "0..", Lower, texture::noise_ratio, "Noise over the range from percentile 1 to 99; null where either is."),
    row("quality_snr", "1", "0..", Higher, levels::snr, "MR only: 0.6551 times the median of the object over 1.4826 times the median absolute deviation of air (Dietrich et al., JMRI 26, 2007, as in MRIQC); null where air has no noise. Values are lifted so that none is negative."),
    row("quality_cnr", "1", "0..", Higher, levels::cnr, "Distance of the means of object and air over the root of the sum of their variances; null with one class."),
    row("quality_focus", "1", "0..1", Lower, levels::focus, "MR only: entropy focus criterion (Atkinson et al., IEEE TMI 16, 1997, as in MRIQC), values lifted so that none is negative; 1 where energy is spread evenly (ghosts, blur)."),
    row("quality_energy_ratio", "1", "0..", Higher, levels::energy_ratio, "MR only: median energy of the object over that of air (FBER as in MRIQC), values lifted; null where air is empty."),
    row("quality_variation", "1", "0..", Neither, levels::variation, "Coefficient of variation of the object, values lifted (scipy.stats.variation)."),
    row("quality_laplacian", "modality^2", "0..", Higher, texture::laplacian, "Variance of the Laplacian (4 -1 -1 -1 -1) over spots (scikit-image laplace): sharpness, raised by noise."),
    row("quality_tenengrad", "modality^2", "0..", Higher, texture::tenengrad, "Mean of the squared Sobel slopes (1 2 1, not divided) over spots (scipy.ndimage.sobel): sharpness, raised by noise."),
    row("quality_blur", "1", "1..", Lower, texture::blur, "(D8 - D1) / (D2 - D1), Dk being the mean squared difference over k pixels: 7 for edges, 21 for smooth waves. White noise adds the same to every Dk and cancels. Null where differences are noise alone."),
    row("quality_structure", "1", "0..1", Higher, texture::structure, "1 - D1 / D8, see blur: 0 if neighbours differ as much as pixels far apart, as in an image of noise."),
    row("quality_coarseness", "1", "0..4", Lower, texture::coarseness, "D8 / D4, see blur: 1 where detail is finer than four pixels or noise, 2 for edges, towards 4 where only smooth waves are left: rises as blur, downsampling and the leaving out of fine wavelets (JPEG 2000) take detail away."),
    row("quality_texture", "1", "0..", Higher, texture::texture, "Squared mean absolute fine difference (Immerkaer's mask) over the mean squared Laplacian, 1 for white noise: falls when fine grain is smoothed or coded away and only edges are left."),
    row("quality_ghosting", "1", "0..1", Lower, layout::ghosting, "Correlation of the 32 x 32 grid of means, less its 3 x 3 means and less what its rows and columns have in common (edges of a frame), with itself moved by half its height or width: the N/2 ghost."),
    row("quality_stripes", "1", "0..", Lower, texture::stripes, "Root mean squared bend between rows (mean of s(y-1) - 2 s(y) + s(y+1) along a row, none above a sixteenth of the range, so that edges do not count as stripes) and between columns, both together, over sqrt 6 and the range from percentile 1 to 99."),
    row("quality_uniformity", "1", "0..1", Higher, layout::uniformity, "1 - (high - low) / (high + low) over the means of object cells of the 32 x 32 grid (integral uniformity, NEMA MS 3), above the lowest value; null with fewer than 4 cells."),
    row("quality_blockiness", "1", "0..", Lower, texture::blockiness, "Absolute steps between neighbours, none above a sixteenth of the range, by place modulo 8: the most by which one of the eight means exceeds those beside it, less the second most (blocks have one border in eight), mean of both directions, over the range from percentile 1 to 99 (after Wang et al., ICIP 2002; whatever the grid's origin)."),
    row("quality_constant_rows", "1", "0..1", Neither, layout::constant_rows, "Share of rows that hold one value only."),
    row("quality_missing_rows", "1", "0..1", Lower, layout::missing_rows, "Share of rows in constant bands next to a row that spans a quarter of the range and whose mean departs from the band by a fifth of what all rows do, or, inside of a picture, in bands of a value that is rare elsewhere: lines lost, or a picture cut off. As far as bands above and below are alike (to an eighth of the rows) they are a frame and do not count."),
    row("quality_polarity", "1", "-1..1", Lower, layout::polarity, "CT, MR, CR, DX, RG, MG and PT: mean of the outer two rings of the 32 x 32 grid less that of its middle quarter, over the range, as displayed; clearly above 0 if the image is inverted. In radiographs edges bright from end to end (not exposed) do not count if what lies within them is darker outside."),
    row("quality_window_loss", "1", "0..1", Lower, levels::window_loss, "256 display steps through the file's first window or LUT against those through percentiles 1 to 99: the larger of 1 - the ratio of their entropies and of the share of pixels at the ends of the scale beyond the reference's; mean of that of all pixels and that of the object's; near 1 if the window shows nothing. Null without a view in the file."),
    row("quality_border", "1", "0..1", Neither, layout::border, "Projection radiographs: share of the area in rows and columns at the edges whose mean is within 4 % of the dark end: collimation."),
    row("quality_contact", "1", "0..1", Neither, layout::contact, "Share of the edge of the 32 x 32 grid that belongs to the object: what the picture cuts off."),
    row("quality_covered", "1", "0..1", Lower, levels::covered, "Share of the stored pixels under masks: burned-in text."),
    row("quality_side", "pixel", "1..", Higher, levels::side, "The shorter of rows and columns."),
];
