//! aggregates.parquet: counts of people in which no small group shows, nor can be computed, with the k-anonymity of the data
//! set.

use super::population::{Weights, age_band};
use super::records::Record;
use crate::model::{Cell, Class, Column, ColumnType, Table};
use std::collections::BTreeMap;

/// Groups of fewer people are not shown.
pub const FEWEST: u64 = 5;

const fn column(name: &'static str, kind: ColumnType, class: Class, doc: &'static str) -> Column {
    Column { name, kind, class, doc }
}

/// One row for each group of people, and for each statement about all groups.
pub static AGGREGATES: Table = Table {
    name: "aggregates",
    folder: "",
    doc: "Counts of people; a group of fewer than five has no count.",
    columns: &[
        column(
            "measure",
            ColumnType::Text,
            Class::Keep,
            "age_band, sex, age_band_sex, tier, condition, medication_class, or k_anonymity.",
        ),
        column("value", ColumnType::Text, Class::Code, "The group; for k_anonymity what is counted."),
        column(
            "people",
            ColumnType::U64,
            Class::Keep,
            "People in the group; null if they are fewer than five, or if the count would tell that of such a group.",
        ),
        column("suppressed", ColumnType::Bool, Class::Keep, "Whether the count was left out."),
    ],
};

/// Counts of people, as they are told one by one.
#[derive(Default)]
pub struct Aggregates {
    /// By age band and sex.
    bands: BTreeMap<(&'static str, String), u64>,
    tiers: BTreeMap<String, u64>,
    /// By measure and group, where a person may be in several groups or in none.
    groups: BTreeMap<(&'static str, String), u64>,
    /// By age band, sex and ZIP3.
    quasi: BTreeMap<[String; 3], u64>,
}

impl Aggregates {
    /// Counts one person.
    pub fn see(&mut self, age: Option<f64>, sex: Option<&str>, record: &Record, weights: &Weights, tier: Option<&str>) {
        let band = age.map_or("unknown", age_band);
        let sex = sex.unwrap_or("unknown");
        *self.bands.entry((band, sex.to_owned())).or_default() += 1;
        *self.tiers.entry(tier.unwrap_or("unknown").to_owned()).or_default() += 1;
        let mut count = |measure, value: String| *self.groups.entry((measure, value)).or_default() += 1;
        record.conditions.keys().for_each(|code| count("condition", code.to_string()));
        weights.classes(record).into_iter().for_each(|class| count("medication_class", class.to_owned()));
        let zip = record.zip.as_deref().unwrap_or("unknown");
        *self.quasi.entry([band, sex, zip].map(str::to_owned)).or_default() += 1;
    }

    /// The rows: groups in order, then k: the size of the smallest group of people who share age band, sex and ZIP3, how
    /// many such groups there are, and how many people are in groups smaller than five.
    pub fn rows(&self) -> Vec<Vec<Cell>> {
        let mut rows: Vec<Vec<Cell>> = self.partitions().iter().map(Group::row).collect();
        rows.extend(self.groups.iter().map(|((measure, value), people)| Group::new(measure, value, *people).row()));
        if let Some(k) = self.quasi.values().min() {
            let told = |value: &str, people: u64, hidden: bool| {
                Group { hidden, ..Group::new("k_anonymity", value, people) }.row()
            };
            let small: u64 = self.quasi.values().filter(|people| **people < FEWEST).sum();
            rows.push(told("k over age_band, sex, zip3", *k, false));
            rows.push(told("groups", self.quasi.len() as u64, false));
            rows.push(told("people in groups under 5", small, (1..FEWEST).contains(&small)));
        }
        rows
    }

    /// Groups of which each person is in just one of each measure, hidden as far as sums would tell the small ones.
    fn partitions(&self) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        let mut sums: Vec<Sum> = Vec::new();
        let mut by_band: BTreeMap<&str, u64> = BTreeMap::new();
        let mut by_sex: BTreeMap<&str, u64> = BTreeMap::new();
        for ((band, sex), people) in &self.bands {
            *by_band.entry(band).or_default() += people;
            *by_sex.entry(sex).or_default() += people;
        }
        let mut add = |measure: &'static str, counts: &mut dyn Iterator<Item = (String, u64)>| {
            let first = groups.len();
            groups.extend(counts.map(|(value, people)| Group::new(measure, &value, people)));
            // All people together are known, if from nothing else then from a measure that hides nothing.
            sums.push(Sum { total: None, parts: (first..groups.len()).collect() });
            first
        };
        let owned = |(value, people): (&&str, &u64)| ((*value).to_owned(), *people);
        let bands = add("age_band", &mut by_band.iter().map(owned));
        let both = |((band, sex), people): (&(&str, String), &u64)| (format!("{band} {sex}"), *people);
        let cells = add("age_band_sex", &mut self.bands.iter().map(both));
        let sexes = add("sex", &mut by_sex.iter().map(owned));
        add("tier", &mut self.tiers.iter().map(|(value, people)| (value.clone(), *people)));
        let mut part = |total: usize, is: &dyn Fn(&(&str, String)) -> bool| {
            let parts = self.bands.keys().enumerate().filter(|(_, key)| is(key)).map(|(n, _)| cells + n).collect();
            sums.push(Sum { total: Some(total), parts });
        };
        by_band.keys().enumerate().for_each(|(n, band)| part(bands + n, &|key| key.0 == *band));
        by_sex.keys().enumerate().for_each(|(n, sex)| part(sexes + n, &|key| key.1 == *sex));
        while sums.iter().any(|sum| sum.protect(&mut groups)) {}
        groups
    }
}

/// A count and whether it shows.
struct Group {
    measure: &'static str,
    value: String,
    people: u64,
    hidden: bool,
}

impl Group {
    fn new(measure: &'static str, value: &str, people: u64) -> Self {
        Self { measure, value: value.to_owned(), people, hidden: people < FEWEST }
    }

    fn row(&self) -> Vec<Cell> {
        vec![
            Cell::Text(self.measure.to_owned()),
            Cell::Text(self.value.clone()),
            if self.hidden { Cell::Null } else { Cell::U64(self.people) },
            Cell::Bool(self.hidden),
        ]
    }
}

/// Groups that add up to another one, or to all people.
struct Sum {
    total: Option<usize>,
    parts: Vec<usize>,
}

impl Sum {
    /// Hides one more group, the smallest, if what is hidden follows from what is not; false if nothing has to be hidden.
    fn protect(&self, groups: &mut [Group]) -> bool {
        let hidden = || self.parts.iter().filter_map(|part| groups.get(*part)).filter(|group| group.hidden);
        let unknown = self.total.and_then(|total| groups.get(total)).is_some_and(|total| total.hidden);
        let safe = match (unknown, hidden().count()) {
            // Shown parts would give the total away; hidden ones keep it, whatever their sum.
            (true, parts) => parts > 0,
            (false, 0) => true,
            // The sum of the hidden parts is known: it must not be that of one, nor of a few people.
            (false, parts) => parts > 1 && hidden().map(|group| group.people).sum::<u64>() >= FEWEST,
        };
        if safe {
            return false;
        }
        let shown = self.parts.iter().copied().filter(|part| groups.get(*part).is_some_and(|group| !group.hidden));
        let next = shown.min_by_key(|part| groups.get(*part).map(|group| group.people));
        // With no part left the total itself goes.
        let next = next.or_else(|| self.total.filter(|total| groups.get(*total).is_some_and(|group| !group.hidden)));
        next.and_then(|next| groups.get_mut(next)).map(|group| group.hidden = true).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(zip: &str) -> Record {
        Record { zip: Some(zip.into()), ..Record::default() }
    }

    fn people(rows: &[Vec<Cell>], measure: &str, value: &str) -> Option<u64> {
        let is = |row: &&Vec<Cell>| row[0] == Cell::Text(measure.into()) && row[1] == Cell::Text(value.into());
        let row = rows.iter().find(is).unwrap_or_else(|| panic!("{measure} {value}"));
        match (&row[2], &row[3]) {
            (Cell::U64(people), Cell::Bool(false)) => Some(*people),
            (Cell::Null, Cell::Bool(true)) => None,
            other => panic!("{other:?}"),
        }
    }

    /// How many people of which age and sex.
    fn counted(counts: &[(f64, &str, u64)]) -> Vec<Vec<Cell>> {
        let weights = Weights::shipped().unwrap();
        let mut all = Aggregates::default();
        for (age, sex, count) in counts {
            (0..*count).for_each(|_| all.see(Some(*age), Some(sex), &person("941"), &weights, Some("low")));
        }
        all.rows()
    }

    #[test]
    fn small_groups_do_not_show_nor_can_they_be_computed() {
        let weights = Weights::shipped().unwrap();
        let mut all = Aggregates::default();
        for n in 0..20 {
            // 11 of F, 6 of M, 3 of O; ZIP 941 and 100 in turn.
            let sex = if n < 11 {
                "F"
            } else if n < 17 {
                "M"
            } else {
                "O"
            };
            all.see(Some(50.0), Some(sex), &person(if n % 2 == 0 { "941" } else { "100" }), &weights, Some("low"));
        }
        let rows = all.rows();
        assert_eq!(people(&rows, "sex", "F"), Some(11));
        assert_eq!(people(&rows, "sex", "O"), None);
        assert_eq!(people(&rows, "sex", "M"), None, "20 - 11 - 6 would tell O");
        // O (n 17, 18, 19): one in 941, two in 100: k is 1. M (n 11..=16): three each. Under five: 3 + 6 = 9 people.
        assert_eq!(people(&rows, "k_anonymity", "k over age_band, sex, zip3"), Some(1));
        assert_eq!(people(&rows, "k_anonymity", "groups"), Some(6));
        assert_eq!(people(&rows, "k_anonymity", "people in groups under 5"), Some(9));
    }

    #[test]
    fn a_small_cell_does_not_follow_from_the_sums_of_its_row_and_column() {
        // Two small cells in different rows and columns: each would be its row's sum less the other cell.
        let rows = counted(&[
            (30.0, "F", 20),
            (30.0, "M", 2),
            (50.0, "F", 3),
            (50.0, "M", 30),
            (70.0, "F", 9),
            (70.0, "M", 8),
        ]);
        for (band, total) in [("18-44", 22), ("45-64", 33), ("65-79", 17)] {
            let cells = ["F", "M"].map(|sex| people(&rows, "age_band_sex", &format!("{band} {sex}")));
            let sum = people(&rows, "age_band", band);
            assert!(sum.is_none_or(|sum| sum == total));
            assert_ne!(cells.iter().filter(|cell| cell.is_none()).count() + usize::from(sum.is_none()), 1, "{band}");
        }
        for sex in ["F", "M"] {
            let cells = ["18-44", "45-64", "65-79"].map(|band| people(&rows, "age_band_sex", &format!("{band} {sex}")));
            assert_ne!(cells.iter().filter(|cell| cell.is_none()).count(), 1, "{sex}");
        }
        assert_eq!(people(&rows, "age_band_sex", "18-44 M"), None);
        assert_eq!((people(&rows, "sex", "F"), people(&rows, "sex", "M")), (Some(32), Some(40)));
    }

    #[test]
    fn small_groups_that_are_few_together_take_a_third_along() {
        // 1 + 1 hidden would be told by their sum, 2: both are one. 6 goes too.
        let rows = counted(&[(30.0, "F", 50), (30.0, "M", 6), (30.0, "O", 1), (30.0, "U", 1)]);
        assert_eq!(["F", "M", "O", "U"].map(|sex| people(&rows, "sex", sex)), [Some(50), None, None, None]);
        // A hidden total whose only part showed would show.
        let rows = counted(&[(30.0, "F", 50), (50.0, "F", 4), (70.0, "F", 7)]);
        assert_eq!(["18-44", "45-64", "65-79"].map(|band| people(&rows, "age_band", band)), [Some(50), None, None]);
        assert_eq!(people(&rows, "age_band_sex", "65-79 F"), None);
        // Nobody small, nothing hidden.
        let rows = counted(&[(30.0, "F", 5), (50.0, "M", 5)]);
        assert!(rows.iter().all(|row| row[3] == Cell::Bool(false)));
    }
}
