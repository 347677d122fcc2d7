//! Finding a list that goes round with one cursor remembered, however long the list is (Brent's method).

use serde::{Deserialize, Serialize};

/// Remembered cursor of a list. It is exchanged after 1, 2, 4, 8, … pages: sooner or later it stands inside the circle, if
/// there is one, and is met again after at most three times as many pages as the way there and the circle have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CursorMark {
    cursor: String,
    /// Pages until it is exchanged.
    left: u32,
    /// Pages that the next one will stand.
    stands: u32,
}

impl CursorMark {
    /// Remembers the first cursor of a list.
    pub fn new(cursor: &str) -> Self {
        Self {
            cursor: cursor.to_owned(),
            left: 1,
            stands: 2,
        }
    }

    /// Whether the next cursor of the list is the one that is remembered.
    pub fn is_met(&mut self, cursor: &str) -> bool {
        if self.cursor == cursor {
            return true;
        }
        self.left = self.left.saturating_sub(1);
        if self.left == 0 {
            cursor.clone_into(&mut self.cursor);
            self.left = self.stands;
            self.stands = self.stands.saturating_mul(2);
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pages until a list is found to go round that has `way` pages before its circle of `circle`.
    fn found_after(way: u32, circle: u32) -> u32 {
        let cursor = |page: u32| match page {
            page if page < way => page,
            page => way + (page - way) % circle,
        };
        let mut mark = CursorMark::new(&cursor(0).to_string());
        let mut pages = 1..;
        let met = pages.find(|page| mark.is_met(&cursor(*page).to_string()));
        met.expect("it goes round")
    }

    #[test]
    fn r_wat_4_every_circle_of_cursors_is_found_soon() {
        for way in [0, 1, 2, 3, 7, 8, 100] {
            for circle in [1, 2, 3, 7, 8, 9, 100] {
                let found = found_after(way, circle);
                assert!(found <= 3 * (way + circle) + 1, "{way} {circle}: {found}");
            }
        }
        assert_eq!(found_after(0, 1), 1);
    }

    #[test]
    fn r_wat_4_a_list_that_does_not_go_round_never_meets_its_mark() {
        let mut mark = CursorMark::new("0");
        assert!((1..5_000).all(|page: u32| !mark.is_met(&page.to_string())));
    }
}
