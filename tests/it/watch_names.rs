//! A session's id is the id, to the letter: another spelling of it is another session (R-WAT-4).

use serde_json::{Value, json};
use simulator::control::Odd;
use tests::fleet_run::FleetRun;

fn spelled(session: &str, account: &Value) -> Odd {
    Odd {
        session: session.to_owned(),
        account: account.as_object().cloned().unwrap_or_default(),
        ..Odd::default()
    }
}

/// Watch D: what could not be read kept a trimmed id, and so stood for the session itself.
#[tokio::test]
async fn r_wat_4_an_id_in_another_spelling_stands_for_no_session() {
    let mut crowd = vec![];
    let mut run = FleetRun::start(|cast| crowd = cast.crowd(40)).await;
    let id = |number: usize| crowd[number].1.as_str();
    let odd = [
        spelled(id(0), &json!({"id": format!(" {}", id(0))})),
        spelled(id(1), &json!({"id": format!("{} ", id(1)), "type": null})),
        spelled(id(2), &json!({"id": id(2).to_uppercase()})),
        spelled(id(3), &json!({"id": id(3).to_uppercase(), "type": null})),
    ];
    run.provider.odd(&odd).await;
    run.beat().await;
    let unnamed = "select unnamed::bigint from relink.watch_runs order by slot desc limit 1";
    assert_eq!(
        run.number(unnamed, &[]).await,
        2,
        "what has a space is no name"
    );
    let suspects =
        "select session_id from relink.cases where closed_at is null order by session_id";
    let four: Vec<&str> = (0..4).map(id).collect();
    assert_eq!(
        run.words(suspects, &[]).await,
        four,
        "none of them is listed"
    );
    let seen =
        "select session_id from relink.sessions_seen where session_id <> all ($1) order by 1";
    let known: Vec<&str> = crowd.iter().map(|it| it.1.as_str()).collect();
    let others = [id(2).to_uppercase(), id(3).to_uppercase()];
    assert_eq!(run.words(seen, &[&known]).await, others);
    // Asked for by its own id, each answers under another: that is no answer, and nobody is lost or linked by it.
    for _ in 0..8 {
        run.beat().await;
    }
    for (account, session) in &crowd {
        assert_eq!(run.status(*account).await, "connected", "{session}");
    }
    let linked = "select session_id from relink.accounts where session_id is not null order by 1";
    assert_eq!(run.words(linked, &[]).await, known);
    let usual: Vec<_> = four.iter().map(|it| spelled(it, &json!({}))).collect();
    run.provider.odd(&usual).await;
    run.beat().await;
    run.beat().await;
    let open = "select count(*) from relink.cases where verdict is distinct from 'recovered'";
    assert_eq!(run.number(open, &[]).await, 0);
    run.is_sound().await;
}
