//! What the orphan watch finds by itself, with nobody else looking, and by a provider's clock that is wrong (R-ORP-1, R-ORP-2).

use jiff::SignedDuration;
use policy::ids::AccountId;
use simulator::control::Faults;
use tests::fleet_run::FleetRun;
use tests::site::Site;

/// From the start of a run to the first tick of the orphan watch in it.
const TICK: SignedDuration = SignedDuration::from_mins(30);

/// Watch B4: the account's own session, though nothing else says whose it is. No run of the status watch comes first.
#[tokio::test]
async fn r_orp_2_the_orphan_watch_alone_finds_an_accounts_own_session() {
    let mut accounts = vec![];
    let mut run = FleetRun::start(|cast| {
        for name in ["silent", "renamed", "nameless"] {
            accounts.push(cast.connected(name));
        }
        cast.sessions.last_mut().expect("nameless").identity = None;
    })
    .await;
    let waiting = "with waiting as (
                       update relink.accounts set identity = null, handle = case name when 'renamed' then 'somebody-else' end,
                              status = 'connecting', status_since = relink.clock()
                       returning id, status_version)
                   insert into relink.account_audit (account_id, version, at, from_status, to_status, cause, actor)
                   select id, status_version, relink.clock(), 'connected', 'connecting', 'test', 'test'
                     from waiting";
    let planted = run.owner.execute(waiting, &[]).await;
    assert_eq!(planted.expect("they wait, and know nobody"), 3);
    // A run that is not over lets no other begin.
    let silenced = "insert into relink.jobs (id, queue, kind, version, cause, workspace_id, schedule, payload, run_at)
                    select gen_random_uuid(), 'watches', 'status.watch', 1, 'planted', '00000000-0000-0000-0000-000000000000',
                           'status.watch', '{}', relink.clock() + interval '1 day'";
    run.owner
        .execute(silenced, &[])
        .await
        .expect("no more listings");
    let listings = "select count(*) from relink.watch_runs";
    let listed = run.number(listings, &[]).await;
    run.later(TICK).await;
    run.later(SignedDuration::from_mins(1)).await;
    assert_eq!(run.number(listings, &[]).await, listed, "nobody listed");
    for account in accounts {
        assert_eq!(run.status(account).await, "connected", "{account}");
        let causes = run.causes(account).await;
        assert_eq!(causes.last().map(String::as_str), Some("orphan_linked"));
    }
    let own = "select count(*) from relink.accounts where session_id = 's-' || name";
    assert_eq!(run.number(own, &[]).await, 3);
    run.is_sound().await;
}

/// Watch A6: one session is made at the very beginning of its attempt, one at its end, one before it.
async fn with_a_clock_ahead_by(skew: SignedDuration) -> Vec<(&'static str, String)> {
    let mut accounts: Vec<(&str, AccountId)> = vec![];
    let site = Site::shared().await;
    let run = FleetRun::without_workers(site, |cast| {
        let begun = SignedDuration::from_hours(1);
        let seconds = SignedDuration::from_secs;
        for (name, made) in [
            ("first", begun + seconds(30)),
            ("last", begun + TICK - seconds(30)),
            ("before", begun - SignedDuration::from_mins(3)),
        ] {
            cast.session(name);
            let session = cast.sessions.last_mut().expect("it");
            session.created_at = cast.at.checked_add(made).ok();
            accounts.push((name, cast.waiting(name, |_| {})));
        }
    })
    .await;
    // Each owner began when the run does, and may still bind when the orphan watch looks, two minutes after the link's end.
    let begun = "update relink.link_attempts set started_at = relink.clock(), link_ends_at = relink.clock() + interval '28 minutes'";
    run.owner.execute(begun, &[]).await.expect("attempts");
    let skewed = Faults {
        skew_seconds: skew.as_secs(),
        ..Faults::default()
    };
    run.provider.faults(&skewed).await;
    let _worker = run.work(&policy::jobs::Queue::ALL, run.provider.unipile());
    run.settle().await;
    let mut run = run;
    run.later(TICK).await;
    run.later(SignedDuration::from_mins(1)).await;
    run.is_sound().await;
    let mut statuses = vec![];
    for (name, account) in accounts {
        statuses.push((name, run.status(account).await));
    }
    statuses
}

/// R-ORP-2: both ways, by less and by more than the search's own slack.
#[tokio::test]
async fn r_orp_2_a_wrong_clock_links_nobody_else_and_leaves_nobody() {
    for minutes in [-5, 5, -20, 20] {
        let statuses = with_a_clock_ahead_by(SignedDuration::from_mins(minutes)).await;
        let is = |name: &str| {
            let found = statuses.iter().find(|it| it.0 == name);
            found.expect("planted").1.as_str()
        };
        assert_eq!(
            (is("first"), is("last")),
            ("connected", "connected"),
            "{minutes} min ahead"
        );
        assert_ne!(is("before"), "connected", "{minutes} min ahead");
    }
}
