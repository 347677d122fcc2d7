//! The pause between two sends of one account: irregular, and never too short (R-CAP-3).

use super::Action;
use super::sender::Sender;
use crate::ids::SendId;
use jiff::{SignedDuration, Timestamp};

/// Seconds before an invitation.
const INVITE_SECS: (i64, i64) = (120, 300);
/// Seconds before anything else.
const OTHER_SECS: (i64, i64) = (45, 120);

/// The pause to keep before an action after the send `last`: spread evenly between the action's bounds, and always the
/// same for the same send, so that whoever asks again gets the same answer.
pub fn gap(last: SendId, next: Action) -> SignedDuration {
    let (min, max) = match next {
        Action::Invite => INVITE_SECS,
        Action::Message
        | Action::Inmail
        | Action::ProfileView
        | Action::WithdrawInvite
        | Action::RemoveConnection
        | Action::Email => OTHER_SECS,
    };
    let span = u128::try_from((max - min) * 1000 + 1).unwrap_or(1);
    // The upper half of the product is below the span, and as even as the hash is.
    let jitter = (u128::from(hash(last.0.as_u128())) * span) >> 64;
    SignedDuration::from_millis(min * 1000 + i64::try_from(jitter).unwrap_or_default())
}

/// The instant, counted from the end of its call, from which a sender's newest send no longer stands in the way of an action; none without one.
pub fn free_at(sender: &Sender, next: Action) -> Option<Timestamp> {
    let last = sender.last?;
    let free = last.at.checked_add(gap(last.send, next));
    Some(free.unwrap_or(Timestamp::MAX))
}

/// Splitmix64 over both halves: UUIDv7s of one moment differ in few bits, and their gaps must not.
fn hash(id: u128) -> u64 {
    let low = u64::try_from(id & u128::from(u64::MAX)).unwrap_or_default();
    let high = u64::try_from(id >> 64).unwrap_or_default();
    mix(mix(high) ^ low)
}

fn mix(seed: u64) -> u64 {
    let z = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn bounds(action: Action) -> (i128, i128) {
        if action == Action::Invite {
            (120_000, 300_000)
        } else {
            (45_000, 120_000)
        }
    }

    proptest! {
        #[test]
        fn r_cap_3_a_gap_is_never_below_its_minimum_nor_above_its_maximum(
            id: u128, action in prop::sample::select(Action::ALL.to_vec()),
        ) {
            let (min, max) = bounds(action);
            let millis = gap(SendId(Uuid::from_u128(id)), action).as_millis();
            prop_assert!(min <= millis && millis <= max);
        }
    }

    #[test]
    fn r_cap_3_gaps_after_neighbouring_sends_are_spread_evenly() {
        // As UUIDv7 counts: the same millisecond and a counter, then the next millisecond.
        let base = 0x019d_0000_0000_7000_8000_0000_0000_0000_u128;
        for action in [Action::Invite, Action::Email] {
            for step in [0, 64, 80] {
                let (min, max) = bounds(action);
                let mut tenths = [0_u32; 10];
                for number in 0..10_000_u128 {
                    let id = SendId(Uuid::from_u128(base + (number << step)));
                    let place = (gap(id, action).as_millis() - min) * 10 / (max - min + 1);
                    tenths[usize::try_from(place).expect("a tenth")] += 1;
                }
                println!("{} step 2^{step}: {tenths:?}", action.as_str());
                assert!(
                    tenths.iter().all(|it| (880..1120).contains(it)),
                    "{tenths:?}"
                );
            }
        }
    }

    #[test]
    fn r_cap_3_the_same_send_always_gives_the_same_gap() {
        let id = SendId(Uuid::from_u128(7));
        assert_eq!(gap(id, Action::Invite), gap(id, Action::Invite));
        assert_ne!(
            gap(id, Action::Invite),
            gap(SendId(Uuid::from_u128(8)), Action::Invite)
        );
    }
}
