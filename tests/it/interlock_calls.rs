//! The call itself goes wrong, and the look after it too (R-DEL-1): one `DELETE`, an outcome that is unknown until a
//! `GET` proves it, and an intent that is spent. The removal is of a live duplicate: it is there until it was removed.

use simulator::control::SessionFaultKind;
use simulator::control::SessionFaultKind::ServerError;
use simulator::control::{ActionFault, ActionFaultKind, Change, Faults, Rate, SessionFault};
use std::time::Duration;
use tests::interlock::Ground;

const DELETE: &str = "DELETE /accounts/{id}";
const GET: &str = "GET /accounts/{id}";

/// What befalls the call, and the first look after it.
#[derive(Default)]
struct Struck {
    call: Option<ActionFaultKind>,
    told: Option<SessionFaultKind>,
    look: Option<SessionFaultKind>,
}

impl Struck {
    fn faults(&self, session: &str) -> Faults {
        let one = |kind, route: &str| SessionFault {
            session: session.to_owned(),
            kind,
            route: route.to_owned(),
            times: Some(1),
        };
        let action = |kind| ActionFault {
            kind,
            route: Some(DELETE.to_owned()),
            action: None,
            rate: Rate(1.0),
            times: Some(1),
            // Longer than a call may take; silence is longer by itself.
            ms: (kind == ActionFaultKind::Latency).then_some(5_000),
        };
        let told = self.told.map(|kind| one(kind, DELETE));
        let look = self.look.map(|kind| one(kind, GET));
        Faults {
            sessions: told.into_iter().chain(look).collect(),
            actions: self.call.map(action).into_iter().collect(),
            ..Faults::default()
        }
    }
}

/// Three calls a day may be made, so each three have a ground of their own.
#[derive(Default)]
struct Bench {
    ground: Option<Ground>,
    calls: i64,
}

impl Bench {
    async fn ground(&mut self) -> &mut Ground {
        if self.calls % 3 == 0 {
            let ground = Ground::of(20).await;
            let flag = Duration::from_hours(4);
            ground.flag(flag).await.expect("a flag");
            self.ground = Some(ground);
            self.calls = 0;
        }
        self.calls += 1;
        self.ground.as_mut().expect("made above")
    }

    /// One removal whose call is struck so. `later`: the provider removes the session by itself, minutes after it failed.
    async fn check(&mut self, what: &str, struck: Struck, later: bool, trail: &str) {
        let ground = self.ground().await;
        let nth = ground.intents().await;
        let account = usize::try_from(nth).expect("few");
        let (removal, _, session) = ground.warranted(account).await;
        ground.confirm().await;
        ground.provider.faults(&struck.faults(&session.0)).await;
        let worker = ground.worker(true);
        ground.attempt(&worker, removal).await;
        let (state, note) = ground.state(removal).await;
        assert_eq!(state == "unknown", trail.contains("unknown"), "{what}");
        if later {
            ground.later(300).await;
            let gone = Change {
                gone: true,
                ..Change::default()
            };
            ground.provider.change(&session.0, gone).await;
        }
        ground.proved(&worker, removal).await;
        assert_eq!(ground.trail(removal).await, trail, "{what}: {note}");
        let since = format!(
            "select extract(epoch from ended_at - called_at)::bigint from relink.removals where id = '{removal}'"
        );
        let since = ground.number(&since).await;
        // Also by a worker that comes later, and is rung again.
        let again =
            "update relink.jobs set state = 'waiting', finished_at = null where queue = 'removals'";
        ground.sql(again).await;
        ground.run_due(&ground.worker(true)).await;
        assert_eq!(ground.trail(removal).await, trail, "{what}: for good");
        let seen = ground.provider.deletes().await.requests;
        let mut own = seen.iter().filter(|line| line.session == session.0);
        let line = own.next().expect("the call");
        assert!(own.next().is_none(), "{what}: one call");
        assert_eq!(line.deleted, trail.ends_with("deleted") && !later, "{what}");
        if trail.ends_with("kept") {
            assert!(since >= 600, "{what}: kept after {since} s");
            let looks = format!(
                "select count(*) from relink.jobs where kind = 'removals.prove' and payload ->> 'removal' = '{removal}'"
            );
            assert!(ground.number(&looks).await >= 3, "{what}");
        }
        assert_eq!(ground.intents().await, nth + 1, "{what}: the cap counts it");
        ground.is_recorded().await;
        println!("{what:<34} {trail}, {since} s after the call; {note}");
    }
}

const DELETED: &str = "requested permitted calling deleted";
const PROVED: &str = "requested permitted calling unknown deleted";
const KEPT: &str = "requested permitted calling unknown kept";

#[tokio::test]
async fn r_del_1_a_call_that_was_carried_out_is_deleted_once_a_get_says_so() {
    use ActionFaultKind::{ErrorAfter, ResetAfter, SilenceAfter, UndecodableAfter};
    let mut bench = Bench::default();
    for (what, kind) in [
        ("500 after", ErrorAfter),
        ("reset after", ResetAfter),
        ("silence after", SilenceAfter),
        ("a cut answer", UndecodableAfter),
    ] {
        let struck = Struck {
            call: Some(kind),
            ..Struck::default()
        };
        bench.check(what, struck, false, DELETED).await;
    }
}

#[tokio::test]
async fn r_del_1_a_call_whose_get_says_nothing_is_unknown_until_one_says_gone() {
    use ActionFaultKind::{ErrorAfter, ResetAfter};
    use SessionFaultKind::{Empty404, Html404, OtherGone, Unauthorized};
    let mut bench = Bench::default();
    for (what, call, look) in [
        ("200, then a GET of 500", None, ServerError),
        ("200, then a GET of 401", None, Unauthorized),
        ("200, then an HTML 404", None, Html404),
        ("200, then an empty 404", None, Empty404),
        ("200, then another's 404", None, OtherGone),
        (
            "500 after, then a GET of 500",
            Some(ErrorAfter),
            ServerError,
        ),
        ("reset after, then an HTML 404", Some(ResetAfter), Html404),
    ] {
        let struck = Struck {
            call,
            look: Some(look),
            ..Struck::default()
        };
        bench.check(what, struck, false, PROVED).await;
    }
}

#[tokio::test]
async fn r_del_1_a_call_that_was_not_carried_out_is_unknown_and_then_kept() {
    use ActionFaultKind::{ErrorBefore, Latency, ResetBefore};
    let mut bench = Bench::default();
    for (what, call, told) in [
        ("500 before", Some(ErrorBefore), None),
        ("reset before", Some(ResetBefore), None),
        ("a time-out before", Some(Latency), None),
        ("401", None, Some(SessionFaultKind::Unauthorized)),
        (
            "404 in the words for gone",
            None,
            Some(SessionFaultKind::Gone),
        ),
    ] {
        let struck = Struck {
            call,
            told,
            ..Struck::default()
        };
        bench.check(what, struck, false, KEPT).await;
    }
}

#[tokio::test]
async fn r_del_1_a_session_that_goes_minutes_after_the_call_is_deleted() {
    let struck = Struck {
        call: Some(ActionFaultKind::ErrorBefore),
        ..Struck::default()
    };
    let mut bench = Bench::default();
    bench
        .check("500, gone 5 min later", struck, true, PROVED)
        .await;
}
