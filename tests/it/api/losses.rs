//! The feed of losses over HTTP (R-WAT-7).

use super::{Desk, operator};
use policy::account::Status;
use store::operators::Scope;
use tests::interlock::Ground;

#[tokio::test]
async fn r_wat_7_a_cursor_goes_on_where_the_page_before_ended() {
    let ground = Ground::of(3).await;
    let desk = Desk::over(&ground.database, &[]).await;
    let token = operator(&ground.database, "rea", &[Scope::Read]).await;
    let get = async |query: &str| {
        desk.get(&desk.ops(&format!("/v1/losses?{query}")), &token)
            .await
    };
    for nth in 0..2 {
        ground.flip(nth, Status::ReconnectNeeded, None).await;
    }
    let first = get("limit=1").await;
    assert_eq!(
        (
            first.is(200).body["rows"].as_array().map(Vec::len),
            &first.body["has_more"]
        ),
        (Some(1), &true.into())
    );
    let second = get(&format!("limit=1&after={}", first.text("next"))).await;
    assert_ne!(
        second.is(200).body["rows"][0]["id"],
        first.body["rows"][0]["id"]
    );
    let mut after = second.text("next").to_owned();
    for (flips, lines) in [(0, 0), (1, 1), (0, 0)] {
        if flips > 0 {
            ground.flip(2, Status::Missing, None).await;
        }
        let mut heard = 0;
        loop {
            let page = get(&format!("limit=2&after={after}")).await;
            heard += page.is(200).body["rows"].as_array().expect("rows").len();
            after = page.text("next").to_owned();
            if page.body["has_more"] == false {
                break;
            }
        }
        assert_eq!(heard, lines);
    }
    for wrong in [
        "after=x",
        "after=1&since=2026-01-01T00:00:00Z",
        "limit=0",
        "since=soon",
    ] {
        let said = get(wrong).await;
        assert!(
            (400..=422).contains(&said.status.as_u16()),
            "{wrong}: {}",
            said.body
        );
    }
    let crafted = after.replacen('~', "~9:1:~", 1);
    get(&format!("after={crafted}")).await.problem(400);
}
