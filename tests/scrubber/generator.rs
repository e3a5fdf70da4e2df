//! Clinical texts from a seed, with the truth about every identifier in them: templates whose slots are filled with names
//! from the dictionaries, names that nobody bears, dates, numbers and addresses in the forms that people write.

use voxmill::deid::known::Known;

/// What a slot holds, as the results name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    KnownName,
    KnownId,
    KnownPhone,
    KnownAddress,
    BirthDate,
    Name,
    NameStrange,
    NameMisspelled,
    NameBare,
    Date,
    Time,
    Phone,
    Id,
    Contact,
    Address,
    Age,
}

/// Every kind with the word that the results print.
pub const KINDS: &[(Kind, &str)] = &[
    (Kind::KnownName, "name, known"),
    (Kind::KnownId, "id, known"),
    (Kind::KnownPhone, "telephone, known"),
    (Kind::KnownAddress, "address, known"),
    (Kind::BirthDate, "birth date, known"),
    (Kind::Name, "name in context, in the dictionaries"),
    (Kind::NameStrange, "name in context, not in them"),
    (Kind::NameMisspelled, "name in context, misspelled"),
    (Kind::NameBare, "name without context"),
    (Kind::Date, "date"),
    (Kind::Time, "time"),
    (Kind::Phone, "telephone"),
    (Kind::Id, "id"),
    (Kind::Contact, "e-mail, web, IP address"),
    (Kind::Address, "address"),
    (Kind::Age, "age over 89"),
];

/// Templates, sentences without identifiers, and the syllables of names that nobody bears.
pub struct Source {
    pub templates: &'static [&'static str],
    pub plain: &'static [&'static str],
    pub beginnings: &'static [&'static str],
    pub endings: &'static [&'static str],
}

/// One text with its truth.
pub struct Sample {
    pub text: String,
    pub truth: Vec<(std::ops::Range<usize>, Kind)>,
    pub known: Known,
}

/// SplitMix64.
pub struct Chance(pub u64);

impl Chance {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ z >> 31
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    pub fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below((high - low + 1) as usize) as u32
    }

    pub fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

fn capital(word: &str) -> String {
    word[..1].to_uppercase() + &word[1..]
}

fn dictionary(list: &'static str) -> Vec<&'static str> {
    let words = list.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace);
    words.filter(|word| word.is_ascii() && word.len() >= 3).collect()
}

struct Person {
    given: String,
    family: String,
    kind: Kind,
}

struct Writer<'s> {
    chance: Chance,
    source: &'s Source,
    given: Vec<&'static str>,
    family: Vec<&'static str>,
    patient: Person,
    mrn: String,
    accession: String,
    phone: [u32; 3],
    address: (u32, String, String, u32),
    birth: (u32, u32, u32),
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl Writer<'_> {
    fn strange(&mut self) -> String {
        let (a, b) = (self.chance.pick(self.source.beginnings), self.chance.pick(self.source.endings));
        capital(&format!("{a}{b}"))
    }

    fn person(&mut self) -> Person {
        match self.chance.below(10) {
            0..5 => {
                let (given, family) = (
                    self.given[self.chance.below(self.given.len())],
                    self.family[self.chance.below(self.family.len())],
                );
                Person { given: capital(given), family: capital(family), kind: Kind::Name }
            }
            5..9 => Person { given: self.strange(), family: self.strange(), kind: Kind::NameStrange },
            _ => {
                let (given, mut family) = (
                    self.given[self.chance.below(self.given.len())],
                    self.family[self.chance.below(self.family.len())].to_owned(),
                );
                let at = 1 + self.chance.below(family.len() - 2);
                if self.chance.one_in(2) {
                    let letter = family.remove(at);
                    family.insert(at - 1, letter);
                } else {
                    family.insert(at, family.as_bytes()[at] as char);
                }
                Person { given: capital(given), family: capital(&family), kind: Kind::NameMisspelled }
            }
        }
    }

    /// A whole name in one of the forms of prose.
    fn full(&mut self, person: &Person) -> String {
        let (g, f) = (&person.given, &person.family);
        let initial = &g[..1];
        match self.chance.below(8) {
            0 => format!("{f}, {g}"),
            1 => format!("{initial}. {f}"),
            2 => format!("{g} {}. {f}", (b'A' + self.chance.below(26) as u8) as char),
            3 => format!("{f}, {g} {}.", (b'A' + self.chance.below(26) as u8) as char),
            _ => format!("{g} {f}"),
        }
    }

    fn date(&mut self, (y, m, d): (u32, u32, u32)) -> String {
        let name = MONTHS[m as usize - 1];
        let short = &name[..3];
        match self.chance.below(16) {
            0..4 => format!("{m:02}/{d:02}/{y}"),
            4 => format!("{m}/{d}/{:02}", y % 100),
            5 => format!("{m}/{d}/{y}"),
            6 => format!("{d:02}.{m:02}.{y}"),
            7..9 => format!("{y}-{m:02}-{d:02}"),
            9 => format!("{y}{m:02}{d:02}"),
            10 => format!("{name} {d}, {y}"),
            11 => format!("{short} {d}, {y}"),
            12 => format!("{d} {name} {y}"),
            13 => format!("{d:02}-{short}-{y}"),
            14 => format!("{m:02}-{d:02}-{y}"),
            _ => format!(
                "{name} {d}{}, {y}",
                ["th", "st", "nd", "rd"][if d / 10 == 1 || d % 10 > 3 { 0 } else { (d % 10) as usize }]
            ),
        }
    }

    fn any_day(&mut self) -> (u32, u32, u32) {
        (self.chance.between(1995, 2025), self.chance.between(1, 12), self.chance.between(1, 28))
    }

    fn dial(&mut self, [a, b, c]: [u32; 3]) -> String {
        match self.chance.below(7) {
            0 => format!("({a}) {b}-{c:04}"),
            1 => format!("{a}.{b}.{c:04}"),
            2 => format!("{a} {b} {c:04}"),
            3 => format!("({a}){b}-{c:04}"),
            4 => format!("+1 {a} {b} {c:04}"),
            _ => format!("{a}-{b}-{c:04}"),
        }
    }

    fn number(&mut self) -> [u32; 3] {
        [self.chance.between(201, 989), self.chance.between(201, 989), self.chance.between(0, 9999)]
    }

    fn abroad(&mut self) -> String {
        let mut two = || self.chance.between(10, 99);
        match two() % 4 {
            0 => format!("+44 20 79{} 0{}{}", two(), two(), two() % 10),
            1 => format!("+49 30 {}{}{}", two(), two(), two()),
            2 => format!("0{} {} {} {} {}", two() % 9 + 1, two(), two(), two(), two()),
            _ => format!("020 79{} 09{}", two(), two()),
        }
    }

    fn street(&mut self) -> String {
        let name = if self.chance.one_in(2) {
            self.strange()
        } else {
            self.chance.pick(&["Maple", "Oak", "Washington", "Park", "Sunset", "Mill", "Church", "River"]).to_owned()
        };
        let kind = self.chance.pick(&["Street", "St", "Ave", "Avenue", "Rd", "Road", "Lane", "Drive", "Blvd", "Court"]);
        format!("{} {name} {kind}", self.chance.between(1, 9999))
    }

    /// The text of a slot and what it is.
    fn slot(&mut self, slot: &str) -> (String, Option<Kind>) {
        let named = |text: String, kind: Kind| (text, Some(kind));
        match slot {
            "P" => {
                let patient = Person {
                    given: self.patient.given.clone(),
                    family: self.patient.family.clone(),
                    kind: Kind::KnownName,
                };
                named(self.full(&patient), Kind::KnownName)
            }
            "PL" => named(self.patient.family.clone(), Kind::KnownName),
            "PF" => named(self.patient.given.clone(), Kind::KnownName),
            "PN" => named(
                format!("{}^{}", self.patient.family.to_uppercase(), self.patient.given.to_uppercase()),
                Kind::KnownName,
            ),
            "PM" => named(self.mrn.clone(), Kind::KnownId),
            "PA" => named(self.accession.clone(), Kind::KnownId),
            "PT" => {
                let phone = self.phone;
                named(self.dial(phone), Kind::KnownPhone)
            }
            "PB" => {
                let birth = self.birth;
                named(self.date(birth), Kind::BirthDate)
            }
            "PAD" => named(format!("{} {}", self.address.0, self.address.1), Kind::KnownAddress),
            "PC" => named(self.address.2.clone(), Kind::KnownAddress),
            "N" | "NL" | "NF" | "NX" => {
                let person = self.person();
                let text = match slot {
                    "NL" => person.family.clone(),
                    "NF" => person.given.clone(),
                    _ => self.full(&person),
                };
                named(text, if slot == "NX" { Kind::NameBare } else { person.kind })
            }
            "D" => {
                let day = self.any_day();
                named(self.date(day), Kind::Date)
            }
            "T" => {
                let (h, m) = (self.chance.between(0, 23), self.chance.between(0, 59));
                named(
                    match self.chance.below(4) {
                        0 => format!("{}:{m:02} {}", h % 12 + 1, ["AM", "PM"][(h / 12) as usize]),
                        1 => format!("{}:{m:02}{}", h % 12 + 1, ["am", "pm"][(h / 12) as usize]),
                        2 => format!("{h:02}{m:02} hrs"),
                        _ => format!("{h:02}:{m:02}"),
                    },
                    Kind::Time,
                )
            }
            "PH" => {
                let number = self.number();
                let text = if self.chance.one_in(4) { self.abroad() } else { self.dial(number) };
                named(text, Kind::Phone)
            }
            "ID" => {
                let n = self.chance.next();
                named(
                    match n % 4 {
                        0 => format!("{}", 100_000 + n / 7 % 900_000),
                        1 => format!("{}{}", (b'A' + (n / 5 % 26) as u8) as char, 1_000_000 + n / 7 % 9_000_000),
                        2 => format!("{:08}", n / 7 % 100_000_000),
                        _ => format!("{}-{}", 10 + n / 5 % 90, 10_000 + n / 7 % 90_000),
                    },
                    Kind::Id,
                )
            }
            "SSN" => {
                let n = self.chance.next();
                named(format!("{:03}-{:02}-{:04}", 900 + n % 100, n / 3 % 100, n / 7 % 10_000), Kind::Id)
            }
            "EM" => {
                let person = self.person();
                named(
                    format!(
                        "{}.{}@{}.org",
                        person.given.to_lowercase(),
                        person.family.to_lowercase(),
                        self.source.beginnings[0]
                    ),
                    Kind::Contact,
                )
            }
            "URL" => named(
                format!("https://portal.{}.org/r/{}", self.source.beginnings[1], self.chance.below(99_999)),
                Kind::Contact,
            ),
            "IP" => named(
                format!("10.{}.{}.{}", self.chance.below(256), self.chance.below(256), self.chance.below(256)),
                Kind::Contact,
            ),
            "AD" => named(self.street(), Kind::Address),
            "CZ" => {
                let city = self.strange();
                let state = self.chance.pick(&["IL", "MA", "CA", "TX", "NY", "OH"]);
                named(format!("{city}, {state} {:05}", self.chance.between(10_001, 99_950)), Kind::Address)
            }
            "AGE" => named(self.chance.between(90, 104).to_string(), Kind::Age),
            "OLD" => (self.chance.between(18, 89).to_string(), None),
            "S" => (self.chance.pick(self.source.plain).to_owned(), None),
            _ => panic!("no such slot: {slot}"),
        }
    }
}

/// Text number `n` of a seed.
pub fn sample(source: &Source, seed: u64, n: u64) -> Sample {
    let chance = Chance(seed.wrapping_mul(0x9E37_79B9).wrapping_add(n.wrapping_mul(0xD1B5_4A32_D192_ED03)));
    let mut writer = Writer {
        chance,
        source,
        given: dictionary(include_str!("../../src/deid/text/words/given.txt")),
        family: dictionary(include_str!("../../src/deid/text/words/family.txt")),
        patient: Person { given: String::new(), family: String::new(), kind: Kind::KnownName },
        mrn: String::new(),
        accession: String::new(),
        phone: [0; 3],
        address: (0, String::new(), String::new(), 0),
        birth: (0, 1, 1),
    };
    writer.patient = writer.person();
    writer.mrn = format!("{}", 100_000 + writer.chance.next() % 9_900_000);
    writer.accession = format!("{}{}", writer.chance.pick(&["A", "ACC", "RAD"]), 10_000 + writer.chance.below(90_000));
    writer.phone = writer.number();
    writer.birth = (writer.chance.between(1930, 1994), writer.chance.between(1, 12), writer.chance.between(1, 28));
    let street = format!("{} {}", writer.strange(), writer.chance.pick(&["Street", "Avenue", "Hill", "Walk"]));
    writer.address = (writer.chance.between(1, 999), street, writer.strange(), writer.chance.between(10_001, 99_950));

    let mut known = Known::new();
    known.name(&format!("{}^{}", writer.patient.family, writer.patient.given));
    known.id(&writer.mrn);
    known.id(&writer.accession);
    known.phone(&writer.phone.iter().map(u32::to_string).collect::<Vec<_>>().join("-"));
    known.phone(&format!("{}-{}-{:04}", writer.phone[0], writer.phone[1], writer.phone[2]));
    known.address(&format!("{} {}^{}^{:05}", writer.address.0, writer.address.1, writer.address.2, writer.address.3));
    known.birth_date(&format!("{:04}{:02}{:02}", writer.birth.0, writer.birth.1, writer.birth.2));

    let upper = writer.chance.one_in(7);
    let (mut text, mut truth) = (String::new(), Vec::new());
    for _ in 0..3 + writer.chance.below(4) {
        let template = writer.chance.pick(source.templates);
        for (n, piece) in template.split(['{', '}']).enumerate() {
            let (mut piece, kind) = if n % 2 == 1 { writer.slot(piece) } else { (piece.to_owned(), None) };
            if upper {
                piece = piece.to_uppercase();
            }
            let from = text.len();
            text.push_str(&piece);
            truth.extend(kind.map(|kind| (from..text.len(), kind)));
        }
        text.push(if writer.chance.one_in(3) { '\n' } else { ' ' });
    }
    Sample { text, truth, known }
}
