//! Whose clock tells how old something is: the provider's alone, compared with itself.

use super::{LONG_AGO, OLDER, STARTED, asked, found, list, proved, unclear};
use crate::sends::TEXT;
use crate::server::{Server, client, serve, serve_by_headers};
use jiff::Timestamp;
use policy::sends::Action;
use policy::sends::call::{ReadBack, Trace};
use provider::Provider;
use serde_json::json;

/// One chat with one own message, by a provider whose clock shows this.
async fn provider(date: &'static str, at: &'static str, text: &'static str) -> Server {
    serve_by_headers(&[("date", date)], move |line| {
        if line.contains("/messages") {
            let item = json!({"id":"m-9","timestamp":at,"is_sender":1,"text":text});
            return list("MessageList", &json!([item]), None);
        }
        list("ChatList", &json!([{"id":"c-1"}]), None)
    })
    .await
}

async fn look(server: &Server, shown_at: Option<&str>) -> Trace {
    let asked = ReadBack {
        shown_at: shown_at.map(|it| it.parse().unwrap()),
        ..asked(Action::Message)
    };
    let sight = client(server.at).read_back(&asked).await.unwrap();
    proved(Action::Message, &sight, &[])
}

const LATER: &str = "Sun, 01 Mar 2026 10:05:00 GMT";

#[tokio::test]
async fn r_cap_6_a_message_is_found_however_far_the_clocks_are_apart() {
    // Our own clock has no part: the provider's shows ten minutes less, or more, or another day.
    for (date, shown_at, at) in [
        (LATER, STARTED, STARTED),
        (LATER, STARTED, OLDER),
        (
            "Sun, 01 Mar 2026 09:55:00 GMT",
            "2026-03-01T09:50:00Z",
            "2026-03-01T09:50:01Z",
        ),
        (
            "Sun, 01 Mar 2026 10:15:00 GMT",
            "2026-03-01T10:10:00Z",
            "2026-03-01T10:10:01Z",
        ),
        (
            "Sat, 28 Feb 2026 10:05:00 GMT",
            "2026-02-28T10:00:00Z",
            "2026-02-28T10:00:01Z",
        ),
    ] {
        let server = provider(date, at, TEXT).await;
        let it = found(Some("m-9"), Some("c-1"));
        assert_eq!(look(&server, Some(shown_at)).await, it, "{date} {at}");
        assert_eq!(look(&server, None).await, it, "{date} {at}");
        // In a form that nobody knows again it is unclear, never absent, unless it is older by that clock.
        let server = provider(date, at, "Hello in another form").await;
        if at != OLDER {
            unclear(look(&server, Some(shown_at)).await, "no other send of ours");
        }
        unclear(look(&server, None).await, "no other send of ours");
    }
}

#[tokio::test]
async fn r_cap_6_only_a_clock_that_went_on_makes_a_message_older() {
    for at in [OLDER, LONG_AGO] {
        let server = provider(LATER, at, "By hand").await;
        assert_eq!(look(&server, Some(STARTED)).await, Trace::Absent, "{at}");
        // It shows less than before the call, so that nothing is older by it.
        let server = provider("Sun, 01 Mar 2026 09:58:00 GMT", at, "By hand").await;
        unclear(look(&server, Some(STARTED)).await, "no other send of ours");
        let server = provider("soon", at, "By hand").await;
        unclear(look(&server, Some(STARTED)).await, "no other send of ours");
    }
}

#[tokio::test]
async fn r_cap_6_the_clock_before_a_call_is_the_one_of_the_last_answer() {
    for status in [200, 500] {
        let server = serve(status, &[("date", LATER)], "{}").await;
        let client = client(server.at);
        assert_eq!(client.clock(), None);
        client.read_back(&asked(Action::Email)).await.unwrap();
        let shown: Timestamp = "2026-03-01T10:05:00Z".parse().unwrap();
        assert_eq!(client.clock(), Some(shown), "{status}");
    }
}
