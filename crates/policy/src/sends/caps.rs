//! How many sends a day and a week: the tier's table, and what an account's own numbers may change of it (R-CAP-1).

use super::sender::Caps;
use super::{Action, Tier};
use crate::account::AccountKind;

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DefaultCaps {
    /// The action.
    pub action: Action,
    /// Caps of accounts that pay for nothing.
    pub free: Caps,
    /// Caps of Premium and Sales Navigator.
    pub premium: Caps,
}

const fn row(action: Action, free: (u32, u32), premium: (u32, u32)) -> DefaultCaps {
    DefaultCaps {
        action,
        free: Caps {
            day: free.0,
            week: free.1,
        },
        premium: Caps {
            day: premium.0,
            week: premium.1,
        },
    }
}

/// The table of R-CAP-1. The database has a copy of it, and a test compares the two.
pub const CAPS: [DefaultCaps; 7] = [
    row(Action::Invite, (15, 80), (30, 100)),
    row(Action::Message, (50, 250), (80, 400)),
    row(Action::Inmail, (0, 0), (20, 100)),
    row(Action::ProfileView, (40, 200), (80, 400)),
    row(Action::WithdrawInvite, (20, 100), (40, 200)),
    row(Action::RemoveConnection, (20, 100), (20, 100)),
    row(Action::Email, (40, 200), (40, 200)),
];

/// Numbers that an account has of its own, instead of its tier's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OwnCaps {
    /// In any 24 hours; none for the tier's.
    pub day: Option<u32>,
    /// In any 7 × 24 hours; none for the tier's.
    pub week: Option<u32>,
    /// An operator allowed them, with a note, to be higher than the tier's.
    pub lifted: bool,
}

/// The tier's caps for an action; nothing at all for one that the table does not have.
pub fn defaults(tier: Tier, action: Action) -> Caps {
    let none = Caps { day: 0, week: 0 };
    let found = CAPS.iter().find(|it| it.action == action);
    found.map_or(none, |it| match tier {
        Tier::Free => it.free,
        Tier::Premium => it.premium,
    })
}

/// The caps that hold: own ones only lower the defaults, unless an operator lifted them (R-CAP-1).
pub fn in_force(defaults: Caps, own: Option<OwnCaps>) -> Caps {
    let own = own.unwrap_or_default();
    let one = |default: u32, own: Option<u32>, lifted: bool| match own {
        Some(own) if lifted => own,
        Some(own) => own.min(default),
        None => default,
    };
    Caps {
        day: one(defaults.day, own.day, own.lifted),
        week: one(defaults.week, own.week, own.lifted),
    }
}

/// Sends a day of a new account without a ramp of its own, and how many more each day (R-CAP-3). A mailbox's is slower.
pub fn default_ramp(kind: &str) -> (u32, u32) {
    match AccountKind::parse(kind) {
        Some(AccountKind::Linkedin) => (10, 5),
        Some(
            AccountKind::Google | AccountKind::Microsoft | AccountKind::Imap | AccountKind::Icloud,
        )
        | None => (5, 2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn r_cap_1_the_table_has_every_action_and_no_week_below_its_day() {
        assert_eq!(CAPS.map(|it| it.action), Action::ALL);
        for row in CAPS {
            for caps in [row.free, row.premium] {
                assert!(
                    caps.day <= caps.week && caps.week <= 7 * caps.day,
                    "{row:?}"
                );
            }
            assert!(row.free.day <= row.premium.day && row.free.week <= row.premium.week);
        }
    }

    #[test]
    fn r_cap_1_the_defaults_are_those_of_the_specification() {
        let table = Action::ALL.map(|action| {
            let [free, premium] = Tier::ALL.map(|tier| defaults(tier, action));
            (free.day, free.week, premium.day, premium.week)
        });
        let expected = [
            (15, 80, 30, 100),
            (50, 250, 80, 400),
            (0, 0, 20, 100),
            (40, 200, 80, 400),
            (20, 100, 40, 200),
            (20, 100, 20, 100),
            (40, 200, 40, 200),
        ];
        assert_eq!(table, expected);
    }

    #[test]
    fn r_cap_1_own_caps_lower_and_only_an_operator_lifts() {
        let default = Caps { day: 15, week: 80 };
        let own = |day, week, lifted| Some(OwnCaps { day, week, lifted });
        for (own, day, week) in [
            (None, 15, 80),
            (own(None, None, false), 15, 80),
            (own(None, None, true), 15, 80),
            (own(Some(14), None, false), 14, 80),
            (own(Some(15), Some(80), false), 15, 80),
            (own(Some(16), Some(81), false), 15, 80),
            (own(Some(16), Some(81), true), 16, 81),
            (own(Some(3), Some(9), true), 3, 9),
            (own(Some(0), None, false), 0, 80),
            (own(None, Some(0), false), 15, 0),
            (own(Some(u32::MAX), None, false), 15, 80),
        ] {
            assert_eq!(in_force(default, own), Caps { day, week }, "{own:?}");
        }
    }

    proptest! {
        #[test]
        fn r_cap_1_without_an_operator_no_cap_is_above_the_tiers(
            tier in prop::sample::select(Tier::ALL.to_vec()), action in prop::sample::select(Action::ALL.to_vec()),
            day: Option<u32>, week: Option<u32>,
        ) {
            let default = defaults(tier, action);
            let caps = in_force(default, Some(OwnCaps { day, week, lifted: false }));
            prop_assert!(caps.day <= default.day && caps.week <= default.week);
        }
    }
}
