//! The dictionaries as one table: what a folded word may be. The long lists are the text files beside this one, the
//! short ones stand in [`SHORT`].

use super::fold;

/// What a word may be; several at once are possible.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Flags(pub u32);

impl Flags {
    /// Given name.
    pub const GIVEN: Flags = Flags(1);
    /// Family name.
    pub const FAMILY: Flags = Flags(1 << 1);
    /// Common or medical word: a name only where the context says so.
    pub const SAFE: Flags = Flags(1 << 2);
    /// Stands before a name: Dr, Mrs, Herr.
    pub const TITLE: Flags = Flags(1 << 3);
    /// Stands after a name: MD, RN, Jr.
    pub const CREDENTIAL: Flags = Flags(1 << 4);
    /// Part of a family name that is written small: van, de, bin.
    pub const PARTICLE: Flags = Flags(1 << 5);
    /// Name of a month.
    pub const MONTH: Flags = Flags(1 << 6);
    /// Name of a day of the week.
    pub const WEEKDAY: Flags = Flags(1 << 7);
    /// Kind of a street: Avenue, Lane.
    pub const STREET: Flags = Flags(1 << 8);
    /// Unit of measurement, or a word that follows a count.
    pub const UNIT: Flags = Flags(1 << 9);
    /// City or country.
    pub const CITY: Flags = Flags(1 << 10);
    /// Kind of an institution: hospital, clinic.
    pub const INSTITUTION: Flags = Flags(1 << 11);
    /// Two letters of a state of the USA.
    pub const STATE: Flags = Flags(1 << 12);
    /// A verb or preposition that people follow: by, told, with.
    pub const BY: Flags = Flags(1 << 13);
    /// What a person is: patient, nurse, mother.
    pub const PERSON: Flags = Flags(1 << 14);
    /// What an identifier is called: MRN, accession.
    pub const ID_LABEL: Flags = Flags(1 << 15);
    /// What a telephone is called.
    pub const PHONE_LABEL: Flags = Flags(1 << 16);
    /// Words before a birth date.
    pub const BORN: Flags = Flags(1 << 17);
    /// Words before a date: on, since.
    pub const DATED: Flags = Flags(1 << 18);
    /// Years as people count their age.
    pub const YEARS: Flags = Flags(1 << 19);
    /// Words after which somebody's place follows: lives in.
    pub const LIVES: Flags = Flags(1 << 20);

    /// Function words and verbs of reports: no name begins with one.
    pub const FUNCTION: Flags = Flags(1 << 21);
    /// Word of medicine, eponyms included.
    pub const MEDICAL: Flags = Flags(1 << 23);
    /// What people do: was, said, denies.
    pub const ACTS: Flags = Flags(1 << 22);
    /// Word of the description of a study: no name begins with it behind MR, DR or LT, and none goes on with it.
    pub const STUDY: Flags = Flags(1 << 24);
    /// A relative in a language that writes every noun with a capital, or has words that are no English ones.
    pub const KIN: Flags = Flags(1 << 26);
    /// What coordinates and plates of vehicles are called.
    pub const PLACED: Flags = Flags(1 << 27);
    /// What is called after people: a disease, a view, a score.
    pub const CALLED: Flags = Flags(1 << 25);

    /// Anything that makes a rule look closer.
    pub const TELLING: Flags = Flags(
        !(Self::SAFE.0
            | Self::UNIT.0
            | Self::PARTICLE.0
            | Self::FUNCTION.0
            | Self::ACTS.0
            | Self::MEDICAL.0
            | Self::STUDY.0
            | Self::CALLED.0
            | Self::PLACED.0),
    );

    /// Whether it shares something with `other`.
    #[inline]
    pub const fn any(self, other: Flags) -> bool {
        self.0 & other.0 != 0
    }

    /// Both.
    pub const fn and(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }
}

/// The table: open addressing, half full at most.
pub(super) struct Words {
    slots: Vec<(u32, Flags)>,
    mask: usize,
}

impl Words {
    /// Reads the lists of this folder: one folded word after another, `#` begins a comment.
    pub fn load() -> Self {
        let lists = LISTS.iter().flat_map(|(flags, list)| {
            let lines = list.lines().filter(|line| !line.starts_with('#'));
            lines.flat_map(str::split_whitespace).map(|word| (*flags, word))
        });
        let short = SHORT.iter().flat_map(|(flags, words)| words.split_whitespace().map(|word| (*flags, word)));
        let words: Vec<(Flags, &str)> = lists.chain(short).collect();
        let size = (words.len() * 2).next_power_of_two().max(1024);
        let mut table = Words { slots: vec![(0, Flags::default()); size], mask: size - 1 };
        for (flags, word) in words {
            table.insert(fold::hash(fold::fold(word, false).replace(' ', "").as_bytes()), flags);
        }
        table
    }

    /// The tag is never 0: that is an empty slot.
    fn place(&self, hash: u64) -> (usize, u32) {
        let mixed = (hash ^ hash >> 29).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        (mixed as usize & self.mask, (mixed >> 32) as u32 | 1)
    }

    fn insert(&mut self, hash: u64, flags: Flags) {
        let (mut at, tag) = self.place(hash);
        while let Some(slot) = self.slots.get_mut(at) {
            if slot.0 == 0 || slot.0 == tag {
                *slot = (tag, slot.1.and(flags));
                return;
            }
            at = (at + 1) & self.mask;
        }
    }

    /// What a folded word may be.
    #[inline]
    pub fn flags(&self, hash: u64) -> Flags {
        let (mut at, tag) = self.place(hash);
        while let Some((found, flags)) = self.slots.get(at) {
            if *found == tag {
                return *flags;
            }
            if *found == 0 {
                break;
            }
            at = (at + 1) & self.mask;
        }
        Flags::default()
    }
}

/// The long lists. Where they come from stands at the head of each.
const LISTS: &[(Flags, &str)] = &[
    (Flags::GIVEN, include_str!("words/given.txt")),
    (Flags::FAMILY, include_str!("words/family.txt")),
    (Flags::SAFE, include_str!("words/common.txt")),
    (Flags::SAFE.and(Flags::MEDICAL), include_str!("words/medical.txt")),
    (Flags::SAFE.and(Flags::MEDICAL).and(Flags::STUDY), include_str!("words/studies.txt")),
    (Flags::CITY, include_str!("words/places.txt")),
];

/// The short lists, all of general knowledge.
#[rustfmt::skip]
const SHORT: &[(Flags, &str)] = &[
    (Flags::TITLE, "dr drs doctor doc mr mrs ms miss mister mx prof professor sir madam madame mme mlle monsieur herr frau \
        doktor dott dottor dottoressa sig signor signora sr sra srta dra don dona senor senora doutor doutora dhr mevr mevrouw \
        fru pan pani hr rev reverend fr father sister nurse capt captain sgt lt col maj hon judge rabbi imam sheikh lady lord"),
    (Flags::SAFE, "doc sir father sister nurse fr col pan don sig fru lord lady judge captain"),
    (Flags::CREDENTIAL, "md do rn np pa phd dds dmd dvm bsn msn lpn lvn aprn crna cnm cns pharmd dpt pt ot slp rd msw lcsw psyd mbbs mbchb \
        frcs mrcp frcr facs facc facr fnp pac jr sr ii iii iv esq rt rdms rdcs cnmt rvt dnp rph cma ccc lmsw anp agnp"),
    (Flags::PARTICLE, "van von de der den del della di da dos das du la le el al bin ibn ben bint abu abd abdul mac mc st ter ten te zu zur zum y e af av \
        lo los las do"),
    (Flags::MONTH, "january february march april may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov dec \
        januar februar marz maerz mai juni juli oktober dezember jaenner janner mrz okt dez \
        janvier fevrier mars avril juin juillet aout septembre octobre novembre decembre janv fevr avr juil \
        enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre diciembre ene abr ago dic \
        gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre gen mag giu lug set ott \
        janeiro fevereiro marco maio junho julho setembro outubro novembro dezembro fev out \
        januari februari maart mei augustus mrt \
        ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık \
        ledna února března dubna května června července srpna září října listopadu prosince \
        ianuarie februarie martie aprilie iunie iulie septembrie octombrie noiembrie decembrie \
        tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta \
        maret agustus desember \
        ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου νοεμβρίου δεκεμβρίου \
        січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня \
        يناير فبراير مارس أبريل ابريل مايو يونيو يوليو أغسطس اغسطس سبتمبر أكتوبر اكتوبر نوفمبر ديسمبر \
        جانفي فيفري أفريل ماي جوان جويلية أوت شباط آذار نيسان أيار حزيران تموز آب أيلول تشرين كانون \
        בינואר בפברואר במרץ באפריל במאי ביוני ביולי באוגוסט בספטמבר באוקטובר בנובמבר בדצמבר \
        ינואר פברואר מרץ אפריל מאי יוני יולי אוגוסט ספטמבר אוקטובר נובמבר דצמבר \
        stycznia lutego marca kwietnia maja czerwca lipca sierpnia wrzesnia pazdziernika listopada grudnia \
        januari februari mars maj juni juli augusti oktober december \
        января февраля марта апреля мая июня июля августа сентября октября ноября декабря"),
    (Flags::SAFE, "may march mars mar mai mag gen set out mei maj dec jan sept sep av"),
    (Flags::WEEKDAY, "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun \
        montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag lundi mardi mercredi jeudi vendredi samedi dimanche \
        lunes martes miercoles jueves viernes sabado domingo lunedi martedi mercoledi giovedi venerdi domenica \
        maandag dinsdag woensdag donderdag vrijdag zaterdag zondag"),
    (Flags::SAFE, "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun \
        montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag lundi mardi mercredi jeudi vendredi samedi dimanche \
        lunes martes miercoles jueves viernes sabado lunedi martedi mercoledi giovedi venerdi \
        maandag dinsdag woensdag donderdag vrijdag zaterdag zondag"),
    (Flags::STREET, "street st avenue ave av road rd lane ln boulevard blvd court ct place pl terrace ter circle cir highway hwy parkway pkwy \
        square sq trail trl crescent cres close drive dr row walk way alley plaza turnpike tpke loop route gardens grove mews hill heights quay \
        gasse rue calle via viale piazza laan straat plein allee chemin impasse carrera avenida rua ulica ul gatan vej vagen"),
    (Flags::UNIT, "mg g kg mcg ug ng pg ml l dl cl cc ul mm cm m km in inch inches ft mmol mol mmhg bpm hz khz mhz kv kvp ma mas msv mgy gy meq iu u units unit \
        percent beats breaths min mins minute minutes hr hrs hour hours h s sec secs second seconds day days week weeks month months \
        ms x cells hpf lpf msec degrees deg f c lb lbs oz pounds kcal cal mets ppm fl pixels slices views images doses tabs tablets \
        caps capsules drops puffs times french fr gauge pack packs episodes points litres liters"),
    (Flags::INSTITUTION, "hospital clinic center centre klinik klinikum krankenhaus hopital clinique ospedale policlinico ziekenhuis infirmary \
        hospice university institute school college laboratory laboratories labs pharmacy nursing rehab rehabilitation manor \
        physicians associates hospitals clinics church foundation trust"),
    (Flags::STATE, "al ak az ar ca co ct de fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny nc nd oh ok or pa ri sc sd tn tx ut vt \
        va wa wv wi wy dc"),
    (Flags::BY, "by per with to from told called notified informed via cc attn attention signed dictated reviewed read verified \
        reported performed ordered interpreted transcribed approved seen referred consulted page paged spoke discussed contacted \
        durch von mit par avec por con da dal door"),
    (Flags::PERSON, "patient pt name physician attending provider surgeon radiologist technologist technician tech sonographer operator resident \
        fellow intern pathologist cardiologist anesthesiologist nurse rn pcp gp consultant practitioner clinician assistant therapist \
        mother father mom dad wife husband son daughter brother sister spouse partner aunt uncle cousin niece nephew guardian caregiver \
        grandmother grandfather friend neighbor neighbour neice contact kin nok proxy poa patientin patientinnen nachname vorname \
        surname forename firstname lastname fullname requester requestor referrer author signer signature dear sincerely regards hi hello \
        boyfriend girlfriend fiance fiancee stepmother stepfather stepson stepdaughter grandson granddaughter roommate pharmacist dietitian dietician \
        midwife chaplain interpreter phlebotomist paramedic scribe staff admitting ordering referring requesting transcriptionist dictator verifier \
        witness officer worker coordinator hospitalist internist neurologist urologist oncologist psychiatrist psychologist pediatrician \
        family parents siblings twin grandparents thanks crna np rt medecin arzt patiente paciente nombre nom prenom apellido nome cognome naam"),
    (Flags::ID_LABEL, "mrn mr mrno medrec acc accession account acct visit encounter fin csn har ssn ss nhs chi medicare medicaid member policy \
        license licence dea npi case specimen order requisition req serial sn lot vin plate chart id pid ident identifier number no nr num passport \
        udi uid barcode dossier aktenzeichen fallnummer patientennummer cpf nif dni nie hic hicn mbi insurance certificate tag license lic \
        registration subscriber group study record ref reference dln mpi empi ehr emr hosp unit"),
    (Flags::PHONE_LABEL, "tel telephone phone ph fax mobile cell cellphone pager beeper page call callback ext extension x dial contact telefon fon \
        handy mobil tfno telefono telephone portable reach text hotline whatsapp tlf celular cellulare"),
    (Flags::BORN, "dob born birthdate birthday birth geb geboren geburtsdatum nee ne nacido nato nata doB"),
    (Flags::DATED, "on since from until till before after by dated date through to between am vom seit bis le du au desde el dal del op of"),
    (Flags::YEARS, "year years yr yrs yo y jahre jahr jahrige jahriger jaehrige ans anos anni jaar"),
    (Flags::FUNCTION, "the a an and or but not no on in at is was has had have are were be been to for of with by from as if it its this that these those \
        he she they we you who which when where there then than so do does did can could should would must also per re \
        seen notified called aware informed paged contacted office note notes noted please see unknown none nil na tbd pending who whom \
        reported report signed reviewed dictated verified approved performed interpreted read and/or date time dob mrn sex age id number \
        patient doctor nurse physician today yesterday tomorrow now ext tel phone fax der die das und ist mit von am im zu zum zur nicht \
        les des est et au aux un une y el los las del con por para il la lo gli di da su het een met voor denies states reports says said exam history \
        findings impression comparison technique indication clinical initials"),
    (Flags::ACTS, "was is has had said says states stated reports reported denies denied presented presents presenting called came asked asks complains complained \
        underwent will returned lives rang told wants wanted needs went phoned arrived left refused agreed understands tolerated slept ate walked takes took \
        requests requested confirms confirmed feels felt remains who aged"),
    (Flags::KIN, "mutter vater sohn tochter bruder schwester ehefrau ehemann gatte gattin onkel oma opa enkel enkelin grossmutter grossvater schwager \
        schwagerin schwiegermutter schwiegervater schwiegersohn schwiegertochter lebensgefahrte lebensgefahrtin partnerin angehorige angehoriger betreuer \
        betreuerin nichte neffe cousine mere pere fils fille frere soeur epoux epouse mari femme oncle conjoint conjointe compagnon compagne \
        madre padre hijo hija hermano hermana esposo esposa marido mujer abuelo abuela figlio figlia fratello sorella marito moglie nonno nonna \
        moeder vader zoon dochter broer zus echtgenoot echtgenote vrouw pai filho filha irmao irma"),
    (Flags::PLACED, "gps lat latitude lon lng longitude coordinates coords koordinaten geolocation plate \
        kennzeichen kfz nummernschild immatriculation matricula targa kenteken autokennzeichen"),
    (Flags::CALLED.and(Flags::SAFE), "fracture fractures view views projection projections sign syndrome syndromes disease disorder procedure operation \
        score scale grade class classification criteria phantom pouch loop cyst tumor tumour lymphoma sarcoma neuroma spaces test catheter \
        tube stent needle filter clamp retractor stain medium method formula ligament angle node nodule fissure canal ring maneuver \
        manoeuvre technique equation index ratio algorithm model transform shunt valve graft approach incision triangle cells gland duct \
        tunnel fascia membrane reflex wave lead leads modulator compensator nucleus bundle hernia ulcer contracture palsy chorea ataxia \
        thyroiditis esophagus diverticulum deformity dislocation osteotomy fundoplication anastomosis gastrectomy compound plaques patches \
        gyrus cistern foramen splint brace collar prosthesis scientific biplane"),
    (Flags::LIVES, "lives resides living residing resident residence address home wohnhaft wohnt habite employer arbeitgeber employed"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_lists_is_found_with_its_flags() {
        let words = Words::load();
        let flags = |word: &str| words.flags(fold::hash(fold::fold(word, false).replace(' ', "").as_bytes()));
        let mut walked = 0;
        for (wanted, list) in LISTS.iter().chain(SHORT) {
            for word in list.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace) {
                assert!(flags(word).any(*wanted), "{word}");
                walked += 1;
            }
        }
        assert!(walked > 900, "{walked} words");
        assert_eq!(flags("qzxjv"), Flags::default());
    }
}
