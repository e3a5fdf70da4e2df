//! Descriptions as technologists write them, in the ways of several makers and languages, none of which names anybody, and
//! identifiers written beside them. By construction it is known what must stay and what must go.

/// A number that follows from its seed.
pub struct Chance(pub u64);

impl Chance {
    pub fn below(&mut self, n: usize) -> usize {
        // Numbers of Knuth's MMIX generator; the high bits are the good ones.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }

    fn of<'t>(&mut self, words: &[&'t str]) -> &'t str {
        words[self.below(words.len())]
    }
}

/// Descriptions of real devices and houses, by kind.
#[rustfmt::skip]
pub const WRITTEN: &[(&str, &[&str])] = &[
    ("programs of Siemens, a region and a protocol", &[
        "Thorax^1_ThoraxRoutine (Adult)", "Head^HeadSeq (Adult)", "Specials^DE_Abdomen", "brain^SD", "Neuro^Brain", "Hals^Weichteile", "Herz^Vitalitaet",
        "PET^PETCT_WholeBody (Adult)", "Prostate^Multiparametric", "Mamma^Dynamik", "Knee Lt^Nativ", "Runoff^Stroke", "Schädel^Kopf nativ", "MRT Kopf^Tumor"]),
    ("series of several makers", &[
        "t1_mprage_sag_p2_iso_1.0", "t2_tirm_cor_dark-fluid", "T1_SE_Ax_SINUS_320_p2", "ep2d_diff_b50_400_800", "EP2D_DIFF_B50_400_800", "MPR Range", "Ph2/Ax VIBRANT", "WATER: Ax LAVA Flex",
        "sT1W_3D_TFE", "e-THRIVE_BH", "AX DWI b1000", "COL:3D TOF COW", "3D PD RT Placenta WO", "SAG BRAVO RT LIVER avec IV", "B1000_AX_PELVIS_448", "O-MAR", "CT MAR 3.0 B40f",
        "Orthopedic MAR 2", "OCT 5 LINE RASTER", "Thorax 5.0 I31f 3", "4D CT Ave", "3D CT general", "Abdomen 5.0 Br40 3 iMAR", "Discovery MR750w", "Ingenia 3.0T CX", "PhoenixZIPReport", "Phoenix Report"]),
    ("modalities that are titles as well", &[
        "MR HAND W IV CONTRAST", "MR Hand w/ contrast", "MR POST PROCESSING", "MR Spectro", "MR Pelv Rec Coil w/wo", "MR Calf wo", "MR RUNOFF RIGHT C-", "DR Foot", "DR HAND", "DR Knee Lt RT senza mdc",
        "DR Pelvis", "MS Brain", "MS follow up", "PT RUNOFF BILATERAL POST", "PT SKULL TO THIGH", "CR/DR Mechanical Configuration", "RT SIM", "Spect Shoulder Lt W Iv Contrast"]),
    ("contrast and planes", &[
        "CT ABDOMEN W/CONTRAST 5.0 B30f", "CT ABDOMEN ENTEROGRAPHY W IV CONTRAST", "CT MAXILLOFACIAL W IV CONTRAST", "MRCP TMJ BILAT W IV CONTRAST", "NM ADRENALS RT W CONTRAST", "SAG DESS R WRIST RT W CONTRAST",
        "T1 SAG FSE post gad", "FL < 1 Hr Intraop", "FL/XR CHEST 2 VIEWS WITH FLUORO", "XA Portal Veins with Pressures", "E to A ratio", "LV basal time to S Vmax", "Cone Beam Acquisition", "Center of Gravity"]),
    ("tracers and agents", &[
        "Tc-99m MDP Bone Scan", "TC-99M SESTAMIBI", "Tc99m MAA", "99m-Tc DMSA", "99mTc Sestamibi", "Technetium Tc^99m^ medronate", "Fluorodeoxyglucose F^18^", "Indium^111 Pentetreotide", "MAG3 renal", "PSMA-11 Ga^68^", "18F-NaF",
        "Omnipaque 350 100 ml", "Gadavist 7 ml", "Lexiscan 0.4 mg", "Definity"]),
    ("what is called after people and places", &[
        "Baker's cyst right knee", "Hodgkin lymphoma", "Parkinson protocol", "Circle of Willis", "Wilms tumor", "Towne view", "May-Thurner", "Caldwell view", "Ferguson view", "Harris view", "Smith fracture", "Arnold-Chiari",
        "Virchow-Robin spaces", "Douglas pouch", "Meyer loop", "Fisher grade 3", "von Hippel-Lindau", "New York Heart Association class II", "Milwaukee brace", "Philadelphia collar", "Boston Scientific stent", "Whitaker test",
        "Corona radiata", "Pia mater", "Posterior Horn Lateral Ventricle", "Nonalcoholic steatohepatitis (NASH)"]),
    ("measures", &[
        "Aortic regurgitation PISA radius", "IEC61217 Gantry Pitch Angle", "TG18-LN12-01 Pattern", "flexion 45°, extension 10°", "slice position -12.345678, 45.123456, 10.0", "angle 48° 30' and 2.5 mm", "T1/T2/FLAIR", "and/or w/o contrast /5"]),
    ("other languages", &[
        "CR LIVER/SHOULDER CON CONTRASTE", "MR WRIST senza mdc", "DR ELBOW nach KM", "Ganzkörper", "Fuss re schräg", "IRM du genou droit", "Temps portal", "RM ginocchio sinistro", "Rachide cervicale", "Coluna lombar",
        "MR Knie rechts", "MRT Halsryggrad", "Mutter Brustkrebs, Vater Diabetes"]),
];

const REGIONS: &[&str] = &[
    "BRAIN",
    "NECK",
    "C-SPINE",
    "CHEST",
    "ABDOMEN",
    "PELVIS",
    "KNEE",
    "HAND",
    "FOOT",
    "LIVER",
    "PROSTATE",
    "Thorax",
    "Calf",
    "Renal Arteries",
    "Runoff",
    "Wrist",
    "Carotids",
    "Orbits",
];
const MODALITIES: &[&str] =
    &["CT", "MR", "MRI", "CTA", "MRV", "PET/CT", "PT", "NM", "US", "CR", "DX", "DR", "XA", "SPECT"];
const PLANES: &[&str] = &["AX", "SAG", "COR", "tra", "Oblique", "3D"];
const SEQUENCES: &[&str] =
    &["T1", "T2 TSE", "FLAIR", "DWI", "BRAVO", "MPRAGE", "VIBE", "DIXON", "SWI", "TOF", "PD FS", "T1 FSPGR"];
const CONTRASTS: &[&str] = &[
    "",
    " W IV CONTRAST",
    " W/O",
    " W & WO",
    " w contrast",
    " POST GAD",
    " C+",
    " con contraste",
    " nach KM",
    " senza mdc",
];
const KERNELS: &[&str] = &["B30f", "B70f 3", "I31f 3", "Br40", "FC51", "STANDARD", "LUNG", "Hr60"];

/// A description that names nobody.
pub fn description(chance: &mut Chance) -> String {
    let region = chance.of(REGIONS);
    match chance.below(5) {
        0 => {
            let (_, list) = WRITTEN[chance.below(WRITTEN.len())];
            chance.of(list).to_owned()
        }
        1 => format!("{} {region}{}", chance.of(MODALITIES), chance.of(CONTRASTS)),
        2 => format!("{} {} {region}{}", chance.of(PLANES), chance.of(SEQUENCES), chance.of(CONTRASTS)),
        3 => format!("{region} {}.0 {}", 1 + chance.below(9), chance.of(KERNELS)),
        _ => format!("{}_{}_{region}_{}_p2", chance.of(SEQUENCES), chance.of(PLANES), 256 + chance.below(256))
            .replace(' ', "_"),
    }
}

const GIVEN: &[&str] =
    &["Rebecca", "Thorvald", "Matthijs", "Priyanka", "Xiomara", "Ludovika", "Kwabena", "Sigrun", "James", "Linda"];
const FAMILIES: &[&str] = &[
    "Williams",
    "Murphy",
    "Szczepanski",
    "Featherstone",
    "Gonzalez",
    "Nakagawa",
    "Vandersteen",
    "Rodriguez",
    "Thompson",
    "Kowalczyk",
];

/// An identifier, and what of it must not stay.
pub fn identifier(chance: &mut Chance) -> (String, Vec<String>) {
    let (given, family) = (chance.of(GIVEN), chance.of(FAMILIES));
    let mut digits = |n: usize| (0..n).map(|_| char::from(b'1' + chance.below(9) as u8)).collect::<String>();
    let (id, phone) = (digits(8), format!("{}-{}-{}", digits(3).replace('1', "2"), digits(3), digits(4)));
    let both = vec![given.to_owned(), family.to_owned()];
    let (text, goes) = match chance.below(18) {
        0 => (format!("{given} {family}"), both),
        1 => (format!("{family}^{given}"), both),
        2 => (format!("{family}, {given}"), both),
        3 => (format!("Dr. {family}"), vec![family.to_owned()]),
        4 => (format!("per Dr {family}"), vec![family.to_owned()]),
        5 => (format!("for {given} {family}"), both),
        6 => (format!("Tochter {given} {family}"), both),
        7 => (format!("MRN {id}"), vec![id]),
        8 => (format!("Acc# {id}"), vec![id]),
        9 => (format!("call {phone}"), vec![phone]),
        10 => (format!("{}.{}@example.org", given.to_lowercase(), family.to_lowercase()), vec![family.to_lowercase()]),
        11 => (
            format!("{} dot {} at example dot org", given.to_lowercase(), family.to_lowercase()),
            vec![family.to_lowercase()],
        ),
        12 => (format!("C:\\Users\\{family}\\ct.dcm"), vec![family.to_owned()]),
        13 => (format!("/home/{}/ct.nii.gz", family.to_lowercase()), vec![family.to_lowercase()]),
        14 => ("GPS 52.52031, 13.40512".to_owned(), vec!["52031".to_owned(), "40512".to_owned()]),
        15 => ("Kennzeichen B-QX 7731".to_owned(), vec!["7731".to_owned()]),
        16 => ("licence plate QX12 CDE".to_owned(), vec!["CDE".to_owned()]),
        _ => (format!("{} Willowbrook Drive", 100 + id.len() * 77), vec!["Willowbrook".to_owned()]),
    };
    (text, goes)
}
