//! The real client against what a provider in disorder does (R-WAT-4, R-LNK-8): no fleet, one simulator.

use policy::ids::SessionId;
use provider::{Cause, Class, Page, Provider, ProviderError};
use serde_json::json;
use simulator::control::{
    Faults, Health, Kind, ListMode, NewSession, Odd, RestartMode, SessionRestart,
};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tests::provider::SimulatedProvider;

const COUNT: usize = 7;

fn session(number: usize) -> NewSession {
    NewSession {
        id: Some(format!("s-{number}")),
        kind: Kind::Mail,
        ..NewSession::default()
    }
}

async fn provider() -> (SimulatedProvider, Arc<dyn Provider>) {
    let at = "2026-03-01T10:00:00Z".parse().expect("an instant");
    let simulated = SimulatedProvider::start(at).await;
    let client = simulated.unipile_within(Duration::from_secs(20));
    (simulated, client)
}

/// Numbers of the sessions of a walk by pages of two, and its cursors; it is given up after nine pages.
async fn walk(client: &dyn Provider) -> (Vec<usize>, Vec<String>) {
    let (mut seen, mut cursors) = (vec![], vec![]);
    for _ in 0..9 {
        let last = cursors.last().map(String::as_str);
        let page = client.list_sessions(last, 2).await.expect("a page");
        let number = |id: &SessionId| id.0[2..].parse::<usize>().expect("a number");
        seen.extend(page.sessions.iter().map(|it| number(&it.id)));
        let Some(cursor) = page.cursor else { break };
        cursors.push(cursor);
    }
    (seen, cursors)
}

#[tokio::test]
async fn r_wat_4_the_client_reads_each_list_in_disorder_as_it_is() {
    let (simulated, client) = provider().await;
    simulated.create((0..COUNT).map(session).collect()).await;
    let all: Vec<usize> = (0..COUNT).collect();
    let around = all.repeat(3)[..16].to_vec();
    for (list, wanted, pages, different) in [
        (ListMode::Complete, all.clone(), 4, 3),
        (
            ListMode::Shifting,
            vec![0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6],
            6,
            5,
        ),
        (ListMode::Skipping, vec![0, 1, 3, 4, 6], 3, 2),
        (ListMode::Endless, all.clone(), 9, 9),
        (ListMode::Circling, around, 9, 9),
        (ListMode::CursorLoop, vec![], 9, 1),
    ] {
        let faults = Faults {
            list,
            ..Faults::default()
        };
        simulated.faults(&faults).await;
        let (seen, cursors) = walk(&*client).await;
        if list != ListMode::CursorLoop {
            assert_eq!(seen, wanted, "{list:?}");
        }
        let is_over = cursors.len() < 9;
        assert_eq!(cursors.len() + usize::from(is_over), pages, "{list:?}");
        let cursors: BTreeSet<_> = cursors.into_iter().collect();
        assert_eq!(cursors.len(), different, "{list:?}");
    }
}

fn sizes(session: &str, of: &serde_json::Value) -> Odd {
    let odd = Odd {
        session: session.to_owned(),
        ..Odd::default()
    };
    let mut odd = serde_json::to_value(odd).expect("an oddity");
    for (key, value) in of.as_object().into_iter().flatten() {
        odd[key] = value.clone();
    }
    serde_json::from_value(odd).expect("an oddity")
}

#[tokio::test]
async fn r_wat_4_heavy_signatures_cost_nothing_and_a_page_too_long_is_said() {
    let (simulated, client) = provider().await;
    simulated.create((0..COUNT).map(session).collect()).await;
    let page = |limit| client.list_sessions(None, limit);
    let names = |page: &Page| page.sessions.len();
    // Seven times a megabyte that nobody reads.
    let heavy = sizes("", &json!({ "signature_bytes": 1 << 20 }));
    simulated.odd(&[heavy]).await;
    assert_eq!(names(&page(250).await.expect("a page")), COUNT);
    // The same of what no document names: nobody can know that it is of no use.
    let too_long = sizes("", &json!({ "ballast_bytes": 1 << 20 }));
    simulated.odd(&[too_long]).await;
    let is_too_long = |error: ProviderError| matches!(error.cause, Cause::TooLong(_));
    assert!(is_too_long(page(250).await.expect_err("too long")));
    assert_eq!(names(&page(3).await.expect("half of it")), 3);
    let alone = sizes("s-0", &json!({ "ballast_bytes": 5 << 20 }));
    simulated.odd(&[sizes("", &json!({})), alone]).await;
    assert!(is_too_long(page(2).await.expect_err("too long")));
    let read = page(1).await.expect("one item");
    let unreadable = read.unreadable.first().and_then(|it| it.id.clone());
    assert_eq!(
        (names(&read), unreadable),
        (0, Some(SessionId("s-0".into())))
    );
    assert!(read.cursor.is_some(), "the list goes on");
}

#[tokio::test]
async fn r_lnk_8_the_client_tells_apart_how_a_restart_ended() {
    let (simulated, client) = provider().await;
    let failed = |number| NewSession {
        health: Health::Error,
        ..session(number)
    };
    simulated.create((0..9).map(failed).collect()).await;
    for (number, (mode, class)) in [
        (RestartMode::Fixes, None),
        (RestartMode::Ignored, None),
        (RestartMode::Late, None),
        (RestartMode::Relapses, None),
        // Whoever answers so may have restarted it all the same.
        (RestartMode::Fails, Some(Class::Indeterminate)),
        (RestartMode::ServerError, Some(Class::Indeterminate)),
        (RestartMode::TooManyRequests, Some(Class::AccountCap)),
        (RestartMode::Disconnected, Some(Class::Reconnect)),
        (RestartMode::Gone, Some(Class::Gone)),
    ]
    .into_iter()
    .enumerate()
    {
        let id = SessionId(format!("s-{number}"));
        let restart = SessionRestart {
            session: id.0.clone(),
            mode,
            times: None,
            late_seconds: None,
        };
        simulated.restart_so(&[restart]).await;
        let ended = client.restart(&id).await;
        assert_eq!(ended.err().map(|it| it.class), class, "{mode:?}");
    }
}
