//! A restart that an operator asks for, and returns by operators and owners.

use super::{asked, minutes, returned_by, states, told};
use crate::duties::into;
use simulator::control::{Faults, Health, SessionFaultKind};
use store::operators::Scope;
use tests::desk::Desk;
use tests::fleet_run::FleetRun;

#[tokio::test]
async fn r_lnk_8_an_operators_restart_is_made_once_and_refused_elsewhere() {
    let (mut ada, mut bob) = (None, None);
    let mut run = FleetRun::start(|cast| {
        ada = Some(cast.connected("ada"));
        bob = Some(cast.connected("bob"));
        cast.crowd(18);
    })
    .await;
    let (ada, bob) = (ada.expect("ada"), bob.expect("bob"));
    run.provider
        .faults(&told(&[("ada", SessionFaultKind::ServerError)]))
        .await;
    run.provider.change("s-ada", into(Health::Error)).await;
    run.provider
        .change("s-bob", into(Health::Credentials))
        .await;
    run.beat().await;
    run.later(minutes(1)).await;
    assert_eq!(states(&run, ada).await, "1 unknown");
    run.later(minutes(1)).await;
    run.provider.faults(&Faults::default()).await;
    let desk = Desk::of(run.site(), "ada", &[Scope::Read, Scope::Operate]).await;
    let (id, hers) = (bob.0.to_string(), ada.0.to_string());
    let not_hers =
        "status: the account is reconnect_needed, and only a recovering one is restarted";
    desk.refused(&["accounts", "restart", &id], not_hers).await;
    desk.does(&["accounts", "restart", &hers]).await;
    desk.refused(&["accounts", "restart", &hers], "is on its way")
        .await;
    run.later(minutes(1)).await;
    assert_eq!(states(&run, ada).await, "1 unknown, 0 restarted");
    let why = desk.runs(&["why", "account", &hers]).await.out;
    assert!(
        why.contains("restarted ") && why.contains("(asked for by an operator)"),
        "{why}"
    );
    assert_eq!(asked(&run, "ada").await, 2);
    run.later(minutes(1)).await;
    assert_eq!(run.status(ada).await, "connected");
    assert_eq!(returned_by(&run, ada).await, "operator");
    let audit = "select action || ' ' || reason from relink.operator_audit where subject = $1";
    assert_eq!(run.words(audit, &[&hers]).await, ["account.restart a test"]);
    // Its owner signs in: an attempt of the episode that linked it.
    let linked = "insert into relink.link_attempts (account_id, id, started_at, link_ends_at, ends_at, closed_at, outcome, purpose)
        select $1, gen_random_uuid(), relink.clock(), relink.clock() + interval '30 minutes', relink.clock() + interval '1 day',
               relink.clock(), 'repaired', 'reconnect'";
    run.owner
        .execute(linked, &[&bob.0])
        .await
        .expect("an attempt");
    run.provider.change("s-bob", into(Health::Ok)).await;
    run.beat().await;
    assert_eq!(run.status(bob).await, "connected");
    assert_eq!(returned_by(&run, bob).await, "owner");
    let rows = desk.sees(&["recoveries"]).await;
    let by = |word: &str| rows[0][word].as_i64().unwrap_or(0) + rows[1][word].as_i64().unwrap_or(0);
    assert_eq!(
        (by("returned"), by("by_operator"), by("by_owner")),
        (2, 1, 1),
        "{rows}"
    );
    run.is_sound().await;
}
