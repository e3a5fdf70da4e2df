//! Ids that name the same person: learned from merges in HL7 messages (MRG) and from a crosswalk file before anything is
//! de-identified, so that one person has one pseudonym, one date shift and one split in every source and every part.

use super::identity::Issuers;
use crate::error::{Fault, Result};
use crate::model::table::PersonId;
use crate::model::{Cell, SealedRow};
use std::collections::HashMap;

/// White space and NUL around ids do not count (PS3.5 6.2: not significant in LO).
const BLANK: [char; 3] = [' ', '\0', '\t'];

/// Triggers whose MRG names another person than PID: an account or a visit moves from one to the other (A44, A45).
const MOVES: &[&str] = &["A44", "A45"];

/// Pairs of ids of the same person, as they are found.
#[derive(Default)]
pub struct Pairs(Vec<(PersonId, PersonId)>);

impl Pairs {
    /// Learns from a row of `hl7/merges`: the identifier that is given up names the person that survives.
    pub fn learn(&mut self, row: &SealedRow) {
        let Some(survivor) = row.person.as_ref().map(|person| person.open()) else { return };
        let cell = |name| row.table.position(name).and_then(|place| row.cells.open().get(place));
        if matches!(cell("trigger_event"), Some(Cell::Text(event)) if MOVES.contains(&event.trim())) {
            return;
        }
        if let Some(Cell::Text(prior)) = cell("prior_patient_id") {
            self.0.push((PersonId::from_cell(prior), survivor.clone()));
        }
    }

    /// Takes over what another list learned.
    pub fn absorb(&mut self, other: Pairs) {
        self.0.extend(other.0);
    }

    /// Reads a crosswalk file: CSV of `id,issuer,id,issuer`, one pair a line; a first line that says just that is a
    /// heading. An issuer may be empty.
    ///
    /// # Errors
    /// A line that is not four fields, or has an empty id, is a fault of the request; its number is told, not its words.
    pub fn parse(text: &str) -> Result<Self> {
        let mut pairs = Vec::new();
        for (at, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            if line.trim().is_empty() {
                continue;
            }
            let fields = fields(line);
            let bad = || {
                let told = format!("line {}: four fields, id,issuer,id,issuer, ids not empty", at + 1);
                Fault::config("--crosswalk", "not a crosswalk file", told)
            };
            let [id, issuer, other, other_issuer] = fields.as_slice() else { return Err(bad()) };
            let heading = [id, issuer, other, other_issuer].map(|field| field.to_ascii_lowercase());
            if at == 0 && heading == ["id", "issuer", "id", "issuer"] {
                continue;
            }
            if id.trim_matches(BLANK).is_empty() || other.trim_matches(BLANK).is_empty() {
                return Err(bad());
            }
            let person = |id: &String, issuer: &String| PersonId { id: id.clone(), issuer: issuer.clone() };
            pairs.push((person(id, issuer), person(other, other_issuer)));
        }
        Ok(Self(pairs))
    }

    /// Who is the same as whom, whatever the order in which the pairs were found: of all ids of a person the smallest
    /// (by issuer, then id) stands for them.
    pub fn settle(self, issuers: Issuers) -> SamePeople {
        let mut groups = Groups::default();
        for (a, b) in self.0 {
            let (a, b) = (plain(&a, issuers), plain(&b, issuers));
            // A blank id names nobody.
            if !a.1.is_empty() && !b.1.is_empty() && a != b {
                groups.unite(a, b);
            }
        }
        groups.settle()
    }
}

/// Issuer (empty where issuers do not count) and id, without blanks around them.
type Plain = (String, String);

fn plain(person: &PersonId, issuers: Issuers) -> Plain {
    let issuer = match issuers {
        Issuers::Merge => "",
        Issuers::Separate => person.issuer.trim_matches(BLANK),
    };
    (issuer.to_owned(), person.id.trim_matches(BLANK).to_owned())
}

/// One line of CSV (RFC 4180); fields do not go over lines.
fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(std::mem::take(&mut field)),
            other => field.push(other),
        }
    }
    fields.push(field);
    fields.iter().map(|field| field.trim_matches(BLANK).to_owned()).collect()
}

/// Disjoint sets of ids.
#[derive(Default)]
struct Groups {
    places: HashMap<Plain, usize>,
    parents: Vec<usize>,
}

impl Groups {
    fn place(&mut self, id: Plain) -> usize {
        let next = self.parents.len();
        let place = *self.places.entry(id).or_insert(next);
        if place == next {
            self.parents.push(next);
        }
        place
    }

    fn root(&mut self, mut at: usize) -> usize {
        while self.parents[at] != at {
            self.parents[at] = self.parents[self.parents[at]];
            at = self.parents[at];
        }
        at
    }

    fn unite(&mut self, a: Plain, b: Plain) {
        let (a, b) = (self.place(a), self.place(b));
        let (a, b) = (self.root(a), self.root(b));
        self.parents[a] = b;
    }

    fn settle(mut self) -> SamePeople {
        let mut ids: Vec<(Plain, usize)> = std::mem::take(&mut self.places).into_iter().collect();
        ids.sort_unstable();
        let mut first: HashMap<usize, Plain> = HashMap::new();
        let mut stands_for = HashMap::new();
        for (id, place) in ids {
            let root = self.root(place);
            match first.get(&root) {
                None => drop(first.insert(root, id)),
                Some(smallest) => drop(stands_for.insert(id, smallest.clone())),
            }
        }
        SamePeople(stands_for)
    }
}

/// For ids that do not stand for themselves, the id that stands for their person.
#[derive(Clone, Default)]
pub struct SamePeople(HashMap<Plain, Plain>);

impl SamePeople {
    /// Ids that another id stands for.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether every id stands for itself.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The id and issuer that stand for a person, blanks trimmed, issuer empty where issuers do not count.
    pub(in crate::deid) fn standing<'a>(&'a self, id: &'a str, issuer: &'a str) -> (&'a str, &'a str) {
        if !self.0.is_empty()
            && let Some((issuer, id)) = self.0.get(&(issuer.to_owned(), id.to_owned()))
        {
            return (id, issuer);
        }
        (id, issuer)
    }

    /// Everything in it in one order, for a digest.
    pub(in crate::deid) fn sorted(&self) -> Vec<[&str; 4]> {
        let mut all: Vec<[&str; 4]> = self.0.iter().map(|(from, to)| [&*from.0, &*from.1, &*to.0, &*to.1]).collect();
        all.sort_unstable();
        all
    }
}

impl std::fmt::Debug for SamePeople {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SamePeople {{ ids: {} }}", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(id: &str, issuer: &str) -> PersonId {
        PersonId { id: id.into(), issuer: issuer.into() }
    }

    #[test]
    fn chains_meet_whatever_their_order() {
        let pairs = [("C", "B"), ("B", "A"), ("X", "Y"), ("", "A"), ("Q", "Q")];
        for turn in 0..pairs.len() {
            let mut turned = pairs;
            turned.rotate_left(turn);
            let same = Pairs(turned.map(|(a, b)| (person(a, "i"), person(b, "j"))).into()).settle(Issuers::Merge);
            // A stands for A, B and C; X for X and Y: three ids are not their own.
            assert_eq!(same.len(), 3);
            assert_eq!(same.standing("C", ""), ("A", ""));
            assert_eq!(same.standing("Y", ""), ("X", ""));
            assert_eq!(same.standing("Z", ""), ("Z", ""));
        }
    }

    #[test]
    fn issuers_count_where_the_recipe_says_so() {
        let pairs = || Pairs(vec![(person("1 ", "B"), person("2", "A"))]);
        let same = pairs().settle(Issuers::Separate);
        assert_eq!(same.standing("1", "B"), ("2", "A"));
        assert_eq!(same.standing("1", "C"), ("1", "C"), "another issuer, another person");
    }

    #[test]
    fn a_crosswalk_file_is_read_strictly() {
        let text = "\u{feff}id,issuer,id,issuer\r\n7,HOSP,\"8,9\",LAB\r\n\r\n5,,6,\n";
        let same = Pairs::parse(text).unwrap().settle(Issuers::Merge);
        assert_eq!((same.standing("8,9", ""), same.standing("6", "")), (("7", ""), ("5", "")));
        for bad in ["1,2", "1,a,2,b,c", ",a,2,b", "1,a, ,b"] {
            let fault = Pairs::parse(bad).err().unwrap();
            assert!(fault.to_string().contains("line 1"), "{bad}");
        }
    }
}
