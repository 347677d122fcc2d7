use super::*;
use crate::account::StatusChanges;
use crate::samples::{account, assert_lawful, at, session_id, workspace};
use crate::watch::{Class, pairs};
use proptest::prelude::*;

const LOSS: ProposedClass = ProposedClass::Loss {
    to: Status::ReconnectNeeded,
    cause: Cause::Credentials,
};

fn proposed(from: Status, class: ProposedClass) -> Proposed {
    Proposed {
        account: account(1),
        workspace: workspace(1),
        version: 7,
        from,
        class,
        session: session_id(1),
        observed_at: at(10),
        words: vec!["CREDENTIALS".to_owned()],
        case_open: false,
        stop: None,
    }
}

fn one(row: Proposed) -> Decision {
    apply(at(0), vec![row], 1, at(20))
}

#[test]
fn r_st_2_a_loss_flips_the_row_that_was_compared_and_shows_what_was_seen() {
    let decision = one(proposed(Status::Connected, LOSS));
    let expected = Flip {
        account: account(1),
        version: 7,
        from: Status::Connected,
        to: Status::ReconnectNeeded,
        cause: Cause::Credentials,
        observed_at: at(10),
        evidence: json!({
            "source": "status.watch", "run": at(0), "session": "session-1",
            "sources": ["CREDENTIALS"], "observed_at": at(10),
        }),
        link: None,
        checkpoint: None,
    };
    let nothing = Decision::nothing(at(20));
    assert_eq!(
        decision,
        Decision {
            status: StatusChanges {
                flips: vec![expected],
                ..StatusChanges::default()
            },
            ..nothing
        }
    );
}

#[test]
fn r_wat_3_a_released_loss_names_its_stop_and_who_accepted_it() {
    let stop = StopId(uuid::Uuid::from_u128(5));
    let row = Proposed {
        stop: Some(AcceptedStop {
            stop,
            first_run: at(-900),
            by: "ada".to_owned(),
        }),
        ..proposed(Status::Connected, LOSS)
    };
    let decision = one(row);
    let expected = json!({ "id": stop, "first_run": at(-900), "accepted_by": "ada" });
    assert_eq!(decision.status.flips[0].evidence["stop"], expected);
}

#[test]
fn r_lnk_6_a_verification_is_a_job_of_that_run_and_version() {
    let decision = one(proposed(Status::Recovering, ProposedClass::Verify));
    let [job] = decision.jobs.as_slice() else {
        panic!("one job: {decision:?}");
    };
    let id = account(1);
    assert_eq!(job.cause, format!("account.verify@{id}/v7/{}", at(0)));
    let payload: VerifyAccount = serde_json::from_value(job.payload.clone()).expect("its payload");
    assert_eq!((payload.account, job.run_at), (id, at(20)));
}

#[test]
fn r_del_2_only_accounts_that_may_go_missing_get_a_case_and_only_one() {
    for status in Status::ALL {
        for case_open in [false, true] {
            let row = Proposed {
                case_open,
                ..proposed(status, ProposedClass::Absent)
            };
            let decision = one(row);
            // A connecting account too, once its attempt is over: before that none is proposed (R-LNK-10).
            let watched = !matches!(status, Status::Missing | Status::Disconnected);
            assert_eq!(
                decision.cases.opened.len(),
                usize::from(watched && !case_open),
                "{status}"
            );
            assert!(decision.cases.opened.iter().all(|it| it.poll_at == at(20)));
            assert_eq!(decision.status.flips, []);
        }
    }
}

#[test]
fn r_st_6_a_stranger_is_held_and_told_whatever_its_status() {
    {
        for status in Status::ALL {
            let decision = one(proposed(status, ProposedClass::Stranger));
            let [hold] = decision.status.holds.as_slice() else {
                panic!("one hold: {decision:?}");
            };
            assert_eq!(
                (hold.account, hold.reason, hold.until),
                (account(1), HoldReason::WrongAccount, None)
            );
            let told: Vec<_> = decision.alerts.iter().map(|it| it.code).collect();
            assert_eq!((told, decision.jobs.len()), (vec!["wrong_account"], 0));
            let free = one(proposed(status, ProposedClass::Returned));
            let ended = EndedHold {
                account: account(1),
                reason: HoldReason::WrongAccount,
            };
            assert_eq!(
                (free.status.ended_holds, free.alerts),
                (vec![ended], vec![])
            );
        }
    }
}

#[test]
fn r_st_1_a_forbidden_loss_is_alerted_and_not_applied() {
    let decision = one(proposed(Status::Disconnected, LOSS));
    assert_eq!(decision.status.flips, []);
    assert_eq!(decision.alerts[0].code, "forbidden_transition");
}

fn class() -> impl Strategy<Value = ProposedClass> {
    let to = prop::sample::select(Status::ALL.to_vec());
    let loss = to.prop_map(|to| ProposedClass::Loss {
        to,
        cause: Cause::ProviderError,
    });
    let rest = [
        ProposedClass::Verify,
        ProposedClass::Absent,
        ProposedClass::Unknown,
        ProposedClass::Stranger,
        ProposedClass::Returned,
    ];
    prop_oneof![loss, prop::sample::select(rest.to_vec())]
}

proptest! {
    #[test]
    fn r_st_1_whatever_is_proposed_only_allowed_losses_flip(
        from in prop::sample::select(Status::ALL.to_vec()), class in class(), case_open: bool,
    ) {
        let decision = one(Proposed { case_open, ..proposed(from, class) });
        assert_lawful(&decision);
        let is_loss = matches!(class, ProposedClass::Loss { .. });
        prop_assert!(decision.status.flips.is_empty() || is_loss);
        prop_assert!(decision.cases.opened.is_empty() || (class == ProposedClass::Absent && !case_open));
        prop_assert!(class != ProposedClass::Unknown || decision == Decision::nothing(at(20)));
    }
}

#[test]
fn r_cam_2_every_pair_that_flips_is_applied_as_it_stands() {
    for pair in pairs().into_iter().filter(|it| it.class == Class::Flip) {
        let (to, cause) = (
            pair.to.expect("a flip has an end"),
            pair.cause.expect("and a cause"),
        );
        let decision = one(proposed(pair.status, ProposedClass::Loss { to, cause }));
        assert_eq!(decision.status.flips.len(), 1, "{pair:?}");
        assert_lawful(&decision);
    }
}

/// R-LNK-6: after a blip of many accounts no more than some 250 a minute are asked for; a lone one at once.
#[test]
fn r_lnk_6_a_run_spreads_the_verifications_that_it_asks_for() {
    for (together, within) in [(1_u64, 0), (50, 0), (500, 120), (2_000, 240)] {
        let row = |number: u64| Proposed {
            account: AccountId(uuid::Uuid::from_u64_pair(
                0,
                number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32,
            )),
            ..proposed(Status::Recovering, ProposedClass::Verify)
        };
        let decision = apply(
            at(0),
            (0..together).map(row).collect(),
            usize::try_from(together).expect("small"),
            at(0),
        );
        let mut seconds: Vec<i64> = (decision.jobs.iter())
            .map(|job| job.run_at.duration_since(at(0)).as_secs())
            .collect();
        seconds.sort_unstable();
        assert!(seconds.iter().all(|it| *it <= within), "{together}");
        let crowded = |minute: i64| seconds.iter().filter(|it| **it / 60 == minute).count();
        let most = (0..4).map(crowded).max().unwrap_or(0);
        assert!(most as u64 <= (together / 2).max(350), "{together}: {most}");
    }
}
