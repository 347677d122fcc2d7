//! An id stays one segment of one route, whatever it holds, or is not sent at all.

use super::rig::{Rig, call_at};
use policy::interlock::Outcome;

/// Ids that would be other routes, were they pasted into a path.
const SLY: [&str; 14] = [
    "a/restart",
    "a/../b",
    "../webhooks/w",
    "../users/invite/sent/7",
    "%2e%2e",
    "a%2frestart",
    "a%2Frestart",
    "a?account_id=b",
    "?limit=1",
    "#b",
    "a;b",
    "a\\b",
    "//host/b",
    " ",
];

#[tokio::test]
async fn r_del_1_a_sly_id_reaches_the_one_route_or_none_and_never_another_session() {
    let rig = Rig::start().await;
    rig.sessions(&["a", "b", "7", "w", "host"]).await;
    for id in SLY {
        let outcome = call_at(&rig, id).await;
        assert!(matches!(outcome, Outcome::Called { .. }), "{id}");
    }
    let seen = rig.removals().await;
    let named: Vec<_> = seen.iter().map(|line| line.session.as_str()).collect();
    assert_eq!(named, SLY, "each arrives as it was meant");
    assert!(seen.iter().all(|line| !line.existed && !line.deleted));
    for line in rig.log().await {
        let known = ["DELETE /accounts/{id}", "GET /accounts/{id}"];
        assert!(known.contains(&line.route.as_str()), "{line:?}");
        assert_eq!(line.query, None);
    }
}

#[tokio::test]
async fn r_del_1_a_session_with_an_odd_id_is_the_one_that_goes() {
    let rig = Rig::start().await;
    rig.sessions(&["a/b", "a", "b"]).await;
    call_at(&rig, "a/b").await;
    let seen = rig.removals().await;
    assert_eq!((seen.len(), seen[0].session.as_str()), (1, "a/b"));
    assert!(seen[0].deleted);
}

#[tokio::test]
async fn r_del_1_an_id_that_no_path_can_carry_is_not_sent() {
    let rig = Rig::start().await;
    let long = "x".repeat(70_000);
    for (id, why) in [
        ("", "no path can carry"),
        (".", "no path can carry"),
        ("..", "no path can carry"),
        ("a\nb", "no path can carry"),
        ("a\tb", "no path can carry"),
        ("a\0", "no path can carry"),
        (long.as_str(), "cannot be built"),
    ] {
        let outcome = call_at(&rig, id).await;
        let Outcome::NotSent { why: told } = outcome else {
            panic!("{outcome:?}");
        };
        assert!(told.contains(why), "{told}");
    }
    assert_eq!(rig.log().await.len(), 0);
}
