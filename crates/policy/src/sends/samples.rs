//! Small senders for tests.

use super::sender::{ActionFacts, Caps, LastSend, Outage, Probe, Sender, SendingRules};
use super::{Action, Tier};
use crate::account::Status;
use crate::ids::SendId;
use crate::samples::account;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

/// That many hours.
pub(crate) fn hours(hours: i64) -> SignedDuration {
    SignedDuration::from_hours(hours)
}

/// An instant as it is written in RFC 3339.
pub(crate) fn when(text: &str) -> Timestamp {
    text.parse().expect("tests write instants well")
}

/// `t` and so much later.
pub(crate) fn plus(t: Timestamp, by: SignedDuration) -> Timestamp {
    t.checked_add(by)
        .expect("tests stay within the years of a timestamp")
}

/// All hours of all days in UTC, and no ramp.
pub(crate) fn always() -> SendingRules {
    SendingRules {
        zone: "UTC".to_owned(),
        start_minute: 0,
        end_minute: 1440,
        days: 0b111_1111,
        ramp_start: 1_000_000,
        ramp_step: 0,
    }
}

/// Nine to five on weekdays in that zone, and no ramp.
pub(crate) fn office(zone: &str) -> SendingRules {
    SendingRules {
        zone: zone.to_owned(),
        start_minute: 9 * 60,
        end_minute: 17 * 60,
        days: 0b1_1111,
        ..always()
    }
}

/// A connected sender that nothing stands in the way of.
pub(crate) fn sender() -> Sender {
    Sender {
        account: account(1),
        status: Status::Connected,
        tier: Tier::Premium,
        rules: always(),
        holds: vec![],
        first_connected_at: Some(when("2025-01-01T00:00:00Z")),
        outage: None,
        probe: Probe::NotNeeded,
        last: None,
        is_busy: false,
        slack: SignedDuration::ZERO,
    }
}

pub(crate) fn send_id(number: u128) -> SendId {
    SendId(Uuid::from_u128(number))
}

pub(crate) fn last(number: u128, at: Timestamp) -> LastSend {
    let send = send_id(number);
    LastSend { send, at }
}

/// An outage of so many hours that ended then.
pub(crate) fn outage(length_hours: i64, until: Timestamp) -> Outage {
    let from = plus(until, hours(-length_hours));
    Outage { from, until }
}

/// Invitations under these caps, of which these were counted, oldest first.
pub(crate) fn invites(day: u32, week: u32, counted: &[Timestamp]) -> ActionFacts {
    ActionFacts {
        action: Action::Invite,
        caps: Caps { day, week },
        cooldown: None,
        counted: counted.to_vec(),
        by_hand: vec![],
    }
}
