//! Which counts the page tells. Those under five are withheld, and one more where the others and their sum would tell them.
//! One word stands for both, so that it says nothing about which is which.

use super::charts::Bar;

/// Counts from here on are told.
pub(super) const FEWEST: u64 = 5;
/// What stands in the place of a count that is not told.
pub(super) const WITHHELD: &str = "withheld";

/// A count as the page shows it.
pub(in crate::write) fn word(count: Option<u64>) -> String {
    count.map_or_else(|| WITHHELD.to_owned(), |count| count.to_string())
}

/// A count that is part of no sum, as the page shows it.
pub(super) fn single(count: u64) -> String {
    word(Some(count).filter(|count| !small(*count)))
}

/// Whether a count, or what it leaves of a total, is one of those that are not told.
pub(super) fn small(count: u64) -> bool {
    (1..FEWEST).contains(&count)
}

/// Counts whose sum is known. What is withheld is at least two counts of at least five together; if there are no other
/// counts than small ones, all of them.
pub(in crate::write) fn parts(counts: &[u64]) -> Vec<Option<u64>> {
    let mut told: Vec<Option<u64>> = counts.iter().map(|count| Some(*count).filter(|count| !small(*count))).collect();
    loop {
        let withheld = || counts.iter().zip(&told).filter(|(_, told)| told.is_none()).map(|(count, _)| *count);
        if withheld().count() == 0 || (withheld().count() > 1 && withheld().sum::<u64>() >= FEWEST) {
            return told;
        }
        let next = told.iter_mut().filter(|told| told.is_some_and(|count| count > 0)).min();
        match next {
            Some(next) => *next = None,
            None => return told,
        }
    }
}

/// A distribution: values with their counts, in the order given.
pub(super) fn bars<'a>(counts: impl IntoIterator<Item = (&'a str, u64)>) -> Vec<Bar> {
    let (words, counts): (Vec<&str>, Vec<u64>) = counts.into_iter().unzip();
    words.into_iter().map(str::to_owned).zip(parts(&counts)).collect()
}

/// The same, the largest first and what is withheld last.
pub(super) fn largest_first<'a>(counts: impl IntoIterator<Item = (&'a str, u64)>) -> Vec<Bar> {
    let mut bars = bars(counts);
    bars.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    bars
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_sum_tells_a_small_count() {
        // 3 alone would be 120 - 100 - 17: 17 goes with it.
        assert_eq!(parts(&[100, 3, 17]), [Some(100), None, None]);
        // 4 and 4 make 8, and so do 1 and 7: nobody can tell whether both that are withheld are small.
        assert_eq!(parts(&[100, 4, 4]), [Some(100), None, None]);
        // 1 and 1 make 2: the next goes with them.
        assert_eq!(parts(&[100, 1, 20, 1]), [Some(100), None, None, None]);
        // Nothing is told by nothing, and a zero cannot hide anything.
        assert_eq!(parts(&[0, 5, 2]), [Some(0), None, None]);
        assert_eq!(parts(&[7, 0, 9]), [Some(7), Some(0), Some(9)]);
        assert_eq!(parts(&[2, 1]), [None, None]);
        assert_eq!(parts(&[3]), [None]);
        assert!(parts(&[]).is_empty());
    }

    #[test]
    fn what_is_withheld_stands_last_in_the_order_of_words() {
        let bars = largest_first([("b", 2), ("a", 9), ("c", 40), ("d", 50)]);
        let told: Vec<_> = bars.iter().map(|(word, count)| (word.as_str(), *count)).collect();
        assert_eq!(told, [("d", Some(50)), ("c", Some(40)), ("a", None), ("b", None)]);
        assert_eq!([single(4), single(5), single(0)], ["withheld", "5", "0"]);
    }
}
