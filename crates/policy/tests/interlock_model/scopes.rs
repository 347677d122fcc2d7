//! The worlds that are searched whole: each small, all together with everything that may go wrong.

use crate::variant::{Variant, Without};
use crate::world::{Left, Lie};

const HOUR: i32 = 3_600;

/// All of them.
pub(crate) fn all() -> [Variant; 6] {
    [
        minutes(false),
        minutes(true),
        a_day(false),
        a_day(true),
        two(),
        clocks(2),
    ]
}

/// Two troubles around one removal within some minutes.
pub(crate) fn minutes(is_alive: bool) -> Variant {
    Variant {
        without: Without::Nothing,
        left: Left {
            troubles: 2,
            minutes: 3,
            days: 0,
        },
        earlier: vec![20 * HOUR, 2 * HOUR],
        alive: vec![is_alive],
        lies: vec![Lie::No, Lie::Glitch(0), Lie::WrongKey, Lie::Outage],
        all_blind: false,
    }
}

/// One trouble, and a day that passes at any point.
fn a_day(is_alive: bool) -> Variant {
    let left = Left {
        troubles: 1,
        minutes: 3,
        days: 1,
    };
    Variant {
        left,
        ..minutes(is_alive)
    }
}

/// One trouble around two removals, of which the cap leaves room for one.
pub(crate) fn two() -> Variant {
    let left = Left {
        troubles: 1,
        minutes: 2,
        days: 0,
    };
    Variant {
        left,
        alive: vec![false, false],
        lies: vec![Lie::Outage],
        ..minutes(false)
    }
}

/// Troubles of clocks, workers and people, when the cap leaves no room.
pub(crate) fn clocks(troubles: u8) -> Variant {
    let left = Left {
        troubles,
        minutes: 2,
        days: 0,
    };
    Variant {
        left,
        earlier: vec![20 * HOUR, 2 * HOUR, 1],
        lies: vec![],
        ..minutes(false)
    }
}
