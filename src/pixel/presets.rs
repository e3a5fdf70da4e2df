//! Named windows: what a reader of images would choose, by modality and body part. Values only.

/// A named window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Preset {
    /// The word users type.
    pub name: &'static str,
    /// Modality (0008,0060) it is meant for.
    pub modality: &'static str,
    /// BodyPartExamined terms, lower case, for which `voi = "auto"` takes it.
    pub body_parts: &'static [&'static str],
    /// Window center in modality units (HU for CT).
    pub center: f64,
    /// Window width in modality units.
    pub width: f64,
}

const fn ct(name: &'static str, body_parts: &'static [&'static str], center: f64, width: f64) -> Preset {
    Preset { name, modality: "CT", body_parts, center, width }
}

/// All presets in the order of the manual. The first one that lists the body part is taken by `auto`.
///
/// Source: Radiopaedia, "Windowing (CT)", https://radiopaedia.org/articles/windowing-ct; where it gives a range
/// (subdural, soft tissue), a value inside it. angio and pulmonary-embolism: settings in common use among readers, no
/// standard names them.
pub const PRESETS: &[Preset] = &[
    ct("brain", &["head", "brain", "skull"], 40.0, 80.0),
    ct("stroke", &[], 40.0, 40.0),
    ct("subdural", &[], 75.0, 215.0),
    ct("temporal-bone", &["iac", "ear"], 600.0, 2800.0),
    ct("soft-tissue", &["neck", "pelvis", "extremity"], 50.0, 400.0),
    ct("mediastinum", &[], 50.0, 350.0),
    ct("lung", &["chest", "lung", "thorax"], -600.0, 1500.0),
    ct("pulmonary-embolism", &[], 100.0, 700.0),
    ct("angio", &["heart", "aorta", "coronary"], 300.0, 600.0),
    ct("abdomen", &["abdomen", "abdomenpelvis", "kidney", "pancreas", "stomach"], 50.0, 400.0),
    ct("liver", &["liver"], 30.0, 150.0),
    ct("spine", &[], 50.0, 250.0),
    ct(
        "bone",
        &["spine", "cspine", "tspine", "lspine", "hip", "knee", "ankle", "foot", "shoulder", "elbow", "wrist", "hand"],
        400.0,
        1800.0,
    ),
];

/// The preset of that name.
pub fn by_name(name: &str) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.name == name)
}

/// The preset that `auto` takes for a CT of a body part; soft tissue if the part is unknown.
pub fn for_ct(body_part: Option<&str>) -> Option<&'static Preset> {
    body_part
        .and_then(|part| PRESETS.iter().find(|preset| preset.body_parts.contains(&part)))
        .or_else(|| by_name("soft-tissue"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_body_parts_are_unique_and_widths_allow_a_ramp() {
        let mut words: Vec<&str> = PRESETS.iter().map(|p| p.name).collect();
        let mut parts: Vec<&str> = PRESETS.iter().flat_map(|p| p.body_parts).copied().collect();
        for list in [&mut words, &mut parts] {
            let count = list.len();
            list.sort_unstable();
            list.dedup();
            assert_eq!(list.len(), count);
        }
        assert!(PRESETS.iter().all(|p| p.width > 1.0 && p.modality == "CT"));
        assert_eq!(for_ct(Some("chest")).map(|p| p.name), Some("lung"));
        assert_eq!(for_ct(None).map(|p| p.center), Some(50.0));
    }
}
