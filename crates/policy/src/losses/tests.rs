use super::*;
use crate::account::TRANSITIONS;
use crate::samples::{account, at};
use crate::session::Health;
use proptest::prelude::*;
use serde_json::json;

fn flip(from: Status, to: Status, cause: Cause) -> Flip {
    Flip {
        account: account(1),
        version: 7,
        from,
        to,
        cause,
        observed_at: at(0),
        evidence: json!({ "source": "test" }),
        link: None,
        checkpoint: None,
    }
}

/// All that a flip tells: the notice of a loss, and its alert.
fn told(from: Status, to: Status, cause: Cause) -> Option<(Option<NoticeReason>, bool)> {
    let loss = Loss::of(&flip(from, to, cause))?;
    Some((loss.notice, loss.alert.is_some()))
}

#[test]
fn r_wat_7_every_way_to_missing_raises_its_alert_and_no_other_does() {
    for way in TRANSITIONS {
        let Some(from) = way.from else { continue };
        for cause in Cause::ALL {
            let alert = Loss::of(&flip(from, way.to, cause)).and_then(|loss| loss.alert);
            let found = alert.map(|it| (it.code, it.subject));
            let subject = format!("account {}", account(1));
            let expected = (way.to == Status::Missing).then_some(("account_missing", subject));
            assert_eq!(found, expected, "{from} → {} ({cause})", way.to);
        }
    }
}

#[test]
fn r_wat_6_an_owner_is_told_of_what_they_must_repair_when_it_breaks() {
    use NoticeReason as N;
    use Status::{ActionRequired, Connected, Connecting, Missing, ReconnectNeeded, Recovering};
    let owners = |reason| Some((Some(reason), false));
    let gone = Some((Some(N::SessionLost), true));
    for (from, to, cause, expected) in [
        (
            Connected,
            ReconnectNeeded,
            Cause::Credentials,
            owners(N::ReconnectNeeded),
        ),
        (
            Connected,
            ReconnectNeeded,
            Cause::Permissions,
            owners(N::ReconnectNeeded),
        ),
        (
            Connected,
            ActionRequired,
            Cause::Checkpoint,
            owners(N::ActionRequired),
        ),
        (
            Recovering,
            ReconnectNeeded,
            Cause::SessionRefused,
            owners(N::ReconnectNeeded),
        ),
        (Connected, Missing, Cause::ConfirmedMissing, gone),
        (Connecting, Missing, Cause::ConfirmedMissing, gone),
        // Counted, and the fleet's to repair.
        (
            Connected,
            Recovering,
            Cause::ProviderError,
            Some((None, false)),
        ),
        // Told before, or the owner's own doing.
        (ActionRequired, ReconnectNeeded, Cause::Credentials, None),
        (
            ActionRequired,
            ReconnectNeeded,
            Cause::CheckpointUnanswered,
            None,
        ),
        (Connecting, ReconnectNeeded, Cause::LinkUnused, None),
        (Connecting, ActionRequired, Cause::Checkpoint, None),
        (Missing, ReconnectNeeded, Cause::Credentials, None),
        (ReconnectNeeded, Connected, Cause::Verified, None),
    ] {
        assert_eq!(told(from, to, cause), expected, "{from} → {to} ({cause})");
    }
}

#[test]
fn r_wat_7_every_loss_that_is_counted_or_told_is_a_line_of_the_feed() {
    for way in TRANSITIONS {
        let Some(from) = way.from else { continue };
        for cause in Cause::ALL {
            if told(from, way.to, cause).is_some() {
                assert!(
                    LossNews::of(Some(from), way.to).is_some(),
                    "{from} → {}",
                    way.to
                );
            }
        }
        let returned = LossNews::of(Some(from), way.to) == Some(LossNews::Returned);
        assert_eq!(returned, way.to == Status::Connected, "{from} → {}", way.to);
    }
    assert_eq!(LossNews::of(None, Status::Connected), None, "planted");
}

#[track_caller]
fn check(losses: i64, history: i64, accounts: i64, expected: bool) {
    let found = is_burst(losses, history, accounts);
    assert_eq!(
        found, expected,
        "{losses} of {accounts}, {history} in seven days"
    );
}

#[test]
fn r_wat_6_a_burst_is_more_than_five_and_the_smaller_of_share_and_usual() {
    assert_eq!(WINDOWS, 672);
    // Five are none, however small the fleet; six of a fleet that loses nothing are one.
    for (losses, expected) in [(0, false), (5, false), (6, true)] {
        check(losses, 0, 3, expected);
        check(losses, 0, 1_000_000, expected);
    }
    // 5 % of 1,000 is 50, where losses are so usual that the mean says nothing.
    check(50, 1_000_000, 1_000, false);
    check(51, 1_000_000, 1_000, true);
    // 5 % of 130 is 6.5: the seventh, not the sixth.
    check(6, 1_000_000, 130, false);
    check(7, 1_000_000, 130, true);
    // A mean of 10 a quarter: 50, in a fleet where that is less than 5 %.
    check(50, 6_720, 1_000_000, false);
    check(51, 6_720, 1_000_000, true);
    // One loss more in the week lets the 51st pass only with a mean of 10.2.
    check(51, 6_854, 1_000_000, true);
    check(51, 6_855, 1_000_000, false);
    // A million accounts that lose a hundredth a day: 104 in a quarter of an hour is the mean, 520 five times that.
    check(520, 70_000, 1_000_000, false);
    check(521, 70_000, 1_000_000, true);
}

fn count(own: i64, earlier: i64) -> LossCount {
    LossCount {
        kind: "LINKEDIN".to_owned(),
        cause: Cause::Credentials,
        own,
        earlier,
        history: 0,
        accounts: 1_000,
    }
}

#[test]
fn r_wat_6_a_burst_begins_once() {
    use LossPace::{Burst, BurstBegins, Usual};
    for (own, earlier, expected) in [
        (1, 0, Usual),
        (5, 0, Usual),
        (6, 0, BurstBegins),
        (1, 4, Usual),
        (1, 5, BurstBegins),
        (30, 3, BurstBegins),
        (1, 6, Burst),
        (2_000, 4_000, Burst),
    ] {
        assert_eq!(
            count(own, earlier).pace(),
            expected,
            "{own} after {earlier}"
        );
    }
    let alert = burst_alert(&count(30, 3));
    assert_eq!(
        (alert.code, alert.subject.as_str()),
        ("loss_burst", "LINKEDIN credentials")
    );
}

proptest! {
    #[test]
    fn r_wat_6_the_rule_is_the_formula(losses in 0_u32..200_000, history in 0_u32..2_000_000, accounts in 0_u32..2_000_000) {
        let threshold = (0.05 * f64::from(accounts)).min(5.0 * f64::from(history) / 672.0).max(5.0);
        // At the threshold itself doubles may be off by a hair; whole numbers are not.
        prop_assume!((f64::from(losses) - threshold).abs() > 1e-6);
        let found = is_burst(losses.into(), history.into(), accounts.into());
        prop_assert_eq!(found, f64::from(losses) > threshold);
    }

    /// As `losses/count.sql` cuts the count of a fleet.
    #[test]
    fn r_wat_6_a_fleet_counted_only_so_far_is_judged_the_same(own in 0_i64..3_000, earlier in 0_i64..3_000, history in 0_i64..2_000_000, accounts in 0_i64..200_000) {
        let whole = LossCount { history, accounts, ..count(own, earlier) };
        let first = if LOSSES_MIN < earlier { earlier } else { whole.losses() };
        let is_counted = LOSSES_MIN < whole.losses() && first * WINDOWS <= history * TIMES_USUAL;
        let accounts = if is_counted { accounts.min(20 * whole.losses()) } else { 0 };
        let cut = LossCount { accounts, ..whole.clone() };
        prop_assert_eq!(cut.pace(), whole.pace());
    }

    #[test]
    fn r_wat_6_one_loss_more_never_ends_a_burst(losses in 0_i64..100_000, history in 0_i64..2_000_000, accounts in 0_i64..2_000_000) {
        prop_assert!(!is_burst(losses, history, accounts) || is_burst(losses + 1, history, accounts));
    }
}

#[test]
fn r_wat_6_a_second_look_tells_waits_or_drops() {
    use SecondLook::{CameBack, Disconnected, Due, Waits};
    let words = Health::ALL.map(Some);
    let is_ok = |health: &Option<Health>| *health == Some(Health::Ok);
    for health in words.into_iter().chain([None]) {
        for cause in Cause::ALL {
            let look = |status| second_look(status, cause, health);
            assert_eq!(look(Status::Connected), CameBack);
            assert_eq!(look(Status::Disconnected), Disconnected);
            assert_eq!(look(Status::Missing), Due);
            // Somebody is at it.
            assert_eq!(look(Status::Connecting), Waits);
            assert_eq!(look(Status::Recovering), Waits);
        }
        let look = |cause| second_look(Status::ReconnectNeeded, cause, health);
        let listed = if is_ok(&health) { Waits } else { Due };
        assert_eq!(look(Cause::Credentials), listed, "{health:?}");
        assert_eq!(look(Cause::Permissions), listed, "{health:?}");
        // A list says OK all the time.
        assert_eq!(look(Cause::SessionRefused), Due, "{health:?}");
        assert_eq!(
            second_look(Status::ActionRequired, Cause::Checkpoint, health),
            Due
        );
    }
    assert!(second_looks().iter().all(|look| look.then != Waits));
}
