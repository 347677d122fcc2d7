//! Sessions that the provider stopped are restarted, each rung once and inside the fleet's bound (R-LNK-8), and who brought
//! an account back is counted (R-ANA-1).

mod bound;
mod crash;
mod operators;

use crate::duties::into;
use jiff::SignedDuration;
use policy::ids::AccountId;
use simulator::control::{Faults, Health, SessionFault, SessionFaultKind};
use tests::fleet_run::FleetRun;

pub(crate) const RESTART: &str = "POST /accounts/{id}/restart";

fn minutes(count: i64) -> SignedDuration {
    SignedDuration::from_mins(count)
}

/// Answers of restarts of these sessions.
fn told(lies: &[(&str, SessionFaultKind)]) -> Faults {
    let fault = |(name, kind): &(&str, SessionFaultKind)| SessionFault {
        session: format!("s-{name}"),
        kind: *kind,
        route: RESTART.to_owned(),
        times: None,
    };
    Faults {
        sessions: lies.iter().map(fault).collect(),
        ..Faults::default()
    }
}

async fn asked(run: &FleetRun, name: &str) -> usize {
    run.provider.asked(RESTART, &format!("s-{name}")).await
}

/// The second line of an account's pill, and what its owner can do.
async fn shown(run: &FleetRun, account: AccountId) -> (String, String) {
    let detail = run
        .store
        .reading(async |tx| tx.account_detail(account).await);
    let of = detail.await.expect("the account").expect("the account");
    let account = of.account;
    (
        account.pill_second_line.clone().unwrap_or_default(),
        account.action.clone(),
    )
}

async fn states(run: &FleetRun, account: AccountId) -> String {
    let sql = "select coalesce(string_agg(rung || ' ' || state, ', ' order by reserved_at), '') from relink.restarts where account_id = $1";
    run.words(sql, &[&account.0]).await.concat()
}

async fn returned_by(run: &FleetRun, account: AccountId) -> String {
    let sql = "select coalesce(returned_by, '') from relink.episodes where account_id = $1 order by began_version";
    run.words(sql, &[&account.0]).await.join(",")
}

#[tokio::test]
async fn r_lnk_8_each_answer_to_a_restart_has_its_way_out() {
    let lies = [
        ("frozen", SessionFaultKind::ServerError),
        ("locked", SessionFaultKind::Disconnected),
        ("asked", SessionFaultKind::Checkpoint),
        ("absent", SessionFaultKind::Gone),
        ("other", SessionFaultKind::OtherGone),
        ("edge", SessionFaultKind::Html404),
        ("keyless", SessionFaultKind::Unauthorized),
    ];
    let mut ids = vec![];
    let mut run = FleetRun::start(|cast| {
        for name in ["fixed", "stopped", "healed"] {
            ids.push((name, cast.connected(name)));
        }
        // Half of a minute's places are one workspace's.
        let other = cast.second_workspace();
        for (nth, (name, _)) in lies.into_iter().enumerate() {
            ids.push((name, cast.connected(name)));
            if nth >= 2 {
                cast.fleet.accounts.last_mut().expect("planted").workspace = other;
            }
        }
        for name in ["starting", "creds", "perms"] {
            ids.push((name, cast.connected(name)));
        }
        cast.crowd(50);
    })
    .await;
    let id = |name: &str| ids.iter().find(|it| it.0 == name).expect("planted").1;
    run.provider.faults(&told(&lies)).await;
    for (name, _) in &ids {
        let health = match *name {
            "stopped" => Health::Stopped,
            "starting" => Health::Connecting,
            "creds" => Health::Credentials,
            "perms" => Health::Permissions,
            _ => Health::Error,
        };
        run.provider
            .change(&format!("s-{name}"), into(health))
            .await;
    }
    run.beat().await;
    let (line, action) = shown(&run, id("frozen")).await;
    assert!(line.starts_with("Next try at "), "{line}");
    assert_eq!(action, "wait");
    run.provider.change("s-healed", into(Health::Ok)).await;
    run.later(minutes(1)).await;
    a_minute_later(&run, &id).await;
    let (line, _) = shown(&run, id("frozen")).await;
    assert!(line.starts_with("Restarted once, next try at "), "{line}");
    // The look comes 45 s later, not with the next run of the watch.
    run.later(minutes(1)).await;
    assert_eq!(run.alerts().await, ["loss_burst", "provider_key"]);
    for name in ["fixed", "stopped"] {
        assert_eq!(run.status(id(name)).await, "connected", "{name}");
        assert_eq!(returned_by(&run, id(name)).await, "restart", "{name}");
    }
    goes_on(&mut run, &id).await;
    run.acknowledge_alerts().await;
    run.is_sound().await;
}

/// Whom the first rung found, and what its answer made of them.
async fn a_minute_later(run: &FleetRun, id: &impl Fn(&str) -> AccountId) {
    for (name, status, restarts) in [
        ("fixed", "recovering", "1 restarted"),
        ("stopped", "recovering", "1 restarted"),
        // The list has not shown yet that it came back by itself.
        ("healed", "recovering", "1 restarted"),
        ("frozen", "recovering", "1 unknown"),
        ("locked", "reconnect_needed", "1 refused"),
        ("asked", "action_required", "1 refused"),
        ("absent", "recovering", "1 refused"),
        ("other", "recovering", "1 refused"),
        ("edge", "recovering", "1 refused"),
        ("keyless", "recovering", "1 refused"),
        ("starting", "recovering", ""),
        ("creds", "reconnect_needed", ""),
        ("perms", "reconnect_needed", ""),
    ] {
        assert_eq!(run.status(id(name)).await, status, "{name}");
        assert_eq!(states(run, id(name)).await, restarts, "{name}");
    }
    assert_eq!(
        run.causes(id("locked")).await.last().map(String::as_str),
        Some("session_refused")
    );
    let cases = "select session_id from relink.cases order by 1";
    assert_eq!(
        run.words(cases, &[]).await,
        ["s-absent"],
        "exactly its words for gone"
    );
}

/// Hours of the same: the ladder, what starts for an hour, the owner's notice, and never for credentials.
async fn goes_on(run: &mut FleetRun, id: &impl Fn(&str) -> AccountId) {
    let frozen = id("frozen");
    for (rungs, wait) in [(2, 4), (3, 9), (4, 44), (5, 59), (6, 59)] {
        run.later(minutes(wait)).await;
        assert_eq!(asked(run, "frozen").await, rungs);
        assert_eq!(
            asked(run, "starting").await,
            usize::from(rungs >= 4),
            "one hour"
        );
        run.later(minutes(1)).await;
    }
    let notices = "select count(*) from relink.notices where account_id = $1 and reason = 'recovering_long' and step = 0";
    assert_eq!(run.number(notices, &[&frozen.0]).await, 0);
    run.later(minutes(59)).await;
    assert_eq!(run.number(notices, &[&frozen.0]).await, 1);
    let (line, action) = shown(run, frozen).await;
    assert!(
        line.starts_with("Restarted 7 times, next try at "),
        "{line}"
    );
    assert_eq!(action, "owner_reconnect");
    run.later(minutes(6 * 60)).await;
    assert_eq!(asked(run, "frozen").await, 8);
    assert_eq!(
        run.number(notices, &[&frozen.0]).await,
        1,
        "once an episode"
    );
    for name in ["creds", "perms"] {
        assert_eq!(asked(run, name).await, 0, "{name}");
    }
    // It comes back by itself: none of its restarts was taken.
    run.provider.change("s-frozen", into(Health::Ok)).await;
    run.provider.change("s-creds", into(Health::Ok)).await;
    run.beat().await;
    for name in ["frozen", "creds"] {
        assert_eq!(run.status(id(name)).await, "connected", "{name}");
        assert_eq!(returned_by(run, id(name)).await, "provider", "{name}");
    }
    let found = run.store.reading(async |tx| tx.recoveries().await);
    let found = found.await.expect("recoveries");
    let of = |cause: &str| found.iter().find(|it| it.days == 7 && it.cause == cause);
    let errors = of("provider_error").expect("provider_error");
    assert!(errors.by_restart >= 2 && errors.by_provider >= 1 && errors.by_owner == 0);
    assert!((errors.without_owner - 1.0).abs() < 1e-9 && errors.median_s > 0.0);
}
