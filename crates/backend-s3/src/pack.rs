//! How the entries of one append are divided into items of one transaction.
//!
//! A transaction has at most 100 items and 4 MB, an item 400 KB. Entries that fit are items;
//! from the first that does not, all go into one object, with one item that points at it. The
//! append stays all-or-none, whatever its size.

/// Longest entry kept in an item, in bytes.
pub(crate) const LARGEST_INLINE: usize = 300 * 1024;
/// Most bytes of entries in the items of one transaction.
const LARGEST_TRANSACTION: usize = 3_500_000;
/// Most items beside the lock's condition check.
const MOST_ITEMS: usize = 99;

/// How many of `bodies`, from the first on, are kept in items of their own.
pub(crate) fn inline_count(bodies: &[String]) -> usize {
    let fitting = fitting(bodies, MOST_ITEMS);
    if fitting == bodies.len() {
        return fitting;
    }
    // One item is needed for the pointer.
    fitting.min(MOST_ITEMS - 1)
}

fn fitting(bodies: &[String], most: usize) -> usize {
    let mut total = 0;
    let fits = |body: &&String| {
        total += body.len();
        body.len() <= LARGEST_INLINE && total <= LARGEST_TRANSACTION
    };
    bodies.iter().take(most).take_while(fits).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inline(lengths: &[usize]) -> usize {
        let bodies: Vec<_> = lengths.iter().map(|length| "x".repeat(*length)).collect();
        inline_count(&bodies)
    }

    #[test]
    fn small_entries_are_items() {
        assert_eq!(inline(&[]), 0);
        assert_eq!(inline(&[10]), 1);
        assert_eq!(inline(&[10; 99]), 99);
        assert_eq!(inline(&[LARGEST_INLINE]), 1);
    }

    #[test]
    fn a_pointer_takes_one_item() {
        assert_eq!(inline(&[10; 100]), 98);
        assert_eq!(inline(&[10; 1000]), 98);
    }

    #[test]
    fn from_the_first_large_entry_on() {
        assert_eq!(inline(&[LARGEST_INLINE + 1]), 0);
        assert_eq!(inline(&[10, LARGEST_INLINE + 1, 10]), 1);
    }

    #[test]
    fn a_transaction_stays_below_its_limit() {
        assert_eq!(inline(&[LARGEST_INLINE; 20]), LARGEST_TRANSACTION / LARGEST_INLINE);
    }
}
