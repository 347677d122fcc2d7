//! The call itself goes wrong, and the look after it too (R-DEL-1): one `DELETE`, an outcome that is unknown until a
//! `GET` proves it, and an intent that is spent. The removal is of a live duplicate: it is there until it was removed.

use simulator::control::{ActionFault, ActionFaultKind, Faults, Rate, SessionFault};
use simulator::control::{SessionFaultKind, SessionFaultKind::ServerError};
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
            ms: None,
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

/// One removal whose call is struck so.
async fn check(what: &str, struck: Struck, trail: &str) {
    let mut ground = Ground::of(20).await;
    let flag = Duration::from_hours(4);
    ground.flag(flag).await.expect("a flag");
    let (removal, _, session) = ground.warranted(0).await;
    ground.confirm().await;
    ground.provider.faults(&struck.faults(&session.0)).await;
    let worker = ground.worker(true);
    ground.attempt(&worker, removal).await;
    let note = ground.state(removal).await.1;
    let unknown = trail.contains("unknown");
    assert_eq!(
        ground.state(removal).await.0 == "unknown",
        unknown,
        "{what}"
    );
    let called_at =
        "select extract(epoch from relink.clock() - called_at)::bigint from relink.removals";
    ground.proved(&worker, removal).await;
    let after = ground.number(called_at).await;
    assert_eq!(ground.trail(removal).await, trail, "{what}: {note}");
    // Also by a worker that comes later, and is rung again.
    ground
        .sql(
            "update relink.jobs set state = 'waiting', finished_at = null where queue = 'removals'",
        )
        .await;
    ground.run_due(&ground.worker(true)).await;
    assert_eq!(ground.trail(removal).await, trail, "{what}: for good");
    let deletes = ground.provider.deletes().await.requests;
    assert_eq!(deletes.len(), 1, "{what}");
    assert_eq!(deletes[0].deleted, trail.ends_with("deleted"), "{what}");
    if trail.ends_with("kept") {
        assert!(after >= 600, "{what}: kept after {after} s");
        let looks = "select count(*) from relink.jobs where kind = 'removals.prove'";
        assert!(ground.number(looks).await >= 3, "{what}");
    }
    assert_eq!(ground.intents().await, 1, "{what}: the cap counts it");
    ground.is_recorded().await;
    println!("{what:<34} {trail}; {note}");
}

const DELETED: &str = "requested permitted calling deleted";
const PROVED: &str = "requested permitted calling unknown deleted";
const KEPT: &str = "requested permitted calling unknown kept";

#[tokio::test]
async fn r_del_1_a_call_that_was_carried_out_is_deleted_once_a_get_says_so() {
    use ActionFaultKind::{ErrorAfter, ResetAfter, SilenceAfter, UndecodableAfter};
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
        check(what, struck, DELETED).await;
    }
}

#[tokio::test]
async fn r_del_1_a_call_whose_get_says_nothing_is_unknown_until_one_says_gone() {
    use ActionFaultKind::{ErrorAfter, ResetAfter};
    use SessionFaultKind::{Empty404, Html404, OtherGone, Unauthorized};
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
        check(what, struck, PROVED).await;
    }
}

#[tokio::test]
async fn r_del_1_a_call_that_was_not_carried_out_is_unknown_and_then_kept() {
    use ActionFaultKind::{ErrorBefore, ResetBefore};
    for (what, call, told) in [
        ("500 before", Some(ErrorBefore), None),
        ("reset before", Some(ResetBefore), None),
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
        check(what, struck, KEPT).await;
    }
}
