//! What the report of `relink up` reads of rows that must not be.

use std::path::Path;
use tests::database::connect;
use tests::sends::Ground;

/// Plants in the fleet that runs in `dir` what faults of ours would: a hold though nothing happened to the session, an account
/// that is connected to a session which nobody knows, an attempt that nobody ends, and a mail that came twice.
pub(super) async fn faults_of_ours(dir: &Path) {
    let status = std::fs::read_to_string(dir.join("postgres/data/postmaster.pid"));
    let status = status.expect("its PostgreSQL runs");
    let port = status.lines().nth(3).expect("its port");
    let owner = connect(&format!("postgresql://postgres@127.0.0.1:{port}/relink")).await;
    let plant = "insert into relink.account_holds (account_id, reason, since, note)
                 select id, 'protective', relink.clock(), 'planted' from relink.accounts
                  where status = 'connected' order by id limit 1";
    let planted = owner.execute(plant, &[]).await;
    assert_eq!(planted.expect("plant a hold"), 1);
    // What would mend the attempt at the next full minute is paused first.
    let plant = "
        insert into relink.pauses (id, scope, target, mode, paused_by, why)
        values (gen_random_uuid(), 'kind', 'attempts.end', 'hold', 'a test', 'a test');
        insert into relink.link_attempts (account_id, id, started_at, link_ends_at, ends_at)
        select id, gen_random_uuid(), t - interval '3 hours', t - interval '2 hours', t + interval '21 hours'
          from (select a.id, relink.clock() as t from relink.accounts a
                 where a.status = 'connected' and not exists (select from relink.link_attempts l where l.account_id = a.id)
                 order by a.id limit 1) one;
        update relink.accounts set session_id = 'never-was'
         where id = (select id from relink.accounts where status = 'connected' order by id desc limit 1)";
    owner
        .batch_execute(plant)
        .await
        .expect("plant a link's faults");
    for name in ["900001.eml", "900002.eml"] {
        let mail = "To: ada@example.net\r\nMessage-ID: <planted@example.com>\r\n\r\nHello\r\n";
        std::fs::write(dir.join("mail").join(name), mail).expect("lay a mail");
    }
}

/// Rows as no function of ours would write them; then what the report counts of them.
#[tokio::test]
async fn r_cap_2_r_cap_5_the_report_counts_planted_rows_that_break_a_cap_lack_their_audit_or_are_adrift()
 {
    let ground = Ground::of(1).await;
    let account = ground.accounts[0];
    ground.cap(account, "invite", 3, 5).await;
    let plant = "insert into relink.sends (account_id, id, workspace_id, action, target, state, due_at, planned_at, slot_at,
                                           counted_at, sending_at, settled_at, was_unknown)
                 select a.id, gen_random_uuid(), a.workspace_id, 'invite', 'person-' || n, $2, t, t, t, t, t, t, $2 = 'unknown'
                   from relink.accounts a, unnest($3::float8[]) as n,
                        lateral (select '2026-03-01T00:00:00Z'::timestamptz + make_interval(secs => n * 3600) as t) at
                  where a.id = $1";
    // Four within less than 24 hours, one exactly 24 hours after the first, which that window does not hold.
    let hours: &[f64] = &[0.0, 1.0, 2.0, 23.9, 24.0];
    ground
        .owner
        .execute(plant, &[&account.0, &"sent", &hours])
        .await
        .expect("plant sends");
    let store = ground.worker();
    let tx = store.begin().await.expect("look");
    let windows = tx.send_windows().await.expect("count the windows");
    let [invites] = windows.as_slice() else {
        panic!("{windows:?}");
    };
    // The windows that end at 23.9 and at 24 hours hold four each.
    assert_eq!((invites.day_most, invites.day_cap), (4, 3));
    assert_eq!((invites.week_most, invites.week_cap), (5, 5));
    assert_eq!(invites.violations, 2);
    tx.abandon().await;
    let lost: &[f64] = &[200.0];
    ground
        .owner
        .execute(plant, &[&account.0, &"unknown", &lost])
        .await
        .expect("plant an unknown outcome that nobody looks for");
    ground.planned(account, "message", 1).await;
    let tx = store.begin().await.expect("look");
    let since = "2026-03-01T00:00:00Z".parse().expect("an instant");
    let totals = tx.send_totals(since).await.expect("count the sends");
    tx.abandon().await;
    assert_eq!((totals.sends_settled, totals.sends_unaudited), (5, 6));
    assert_eq!(
        (
            totals.sends_unknown,
            totals.sends_unknown_resolved,
            totals.sends_unknown_looked_for
        ),
        (1, 0, 0)
    );
    assert_eq!((totals.sends_open, totals.sends_adrift), (1, 1));
    assert_eq!((totals.sends_sent_in_run, totals.sends_open_in_run), (5, 1));
    // A view that is assumed may have happened, or not: the provider's log may hold it.
    ground
        .owner
        .batch_execute(
            "insert into relink.sends (account_id, id, workspace_id, action, target, state, due_at, planned_at, slot_at,
                                       counted_at, sending_at, settled_at, was_unknown, code)
             select a.id, gen_random_uuid(), a.workspace_id, 'profile_view', 'person', 'sent', t, t, t, t, t, t, true, 'assumed'
               from relink.accounts a, lateral (select '2026-03-01T00:00:00Z'::timestamptz as t) at",
        )
        .await
        .expect("plant an assumed view");
    let tx = store.begin().await.expect("look");
    let assumed = tx.send_totals(since).await.expect("count the sends");
    tx.abandon().await;
    let in_run = (assumed.sends_sent_in_run, assumed.sends_open_in_run);
    assert_eq!(in_run, (5, 2));
    println!(
        "planted: 2 windows over a cap, 6 sends without audit rows, 1 unknown and 1 planned adrift: all counted"
    );
}

/// Holds and pauses as no code of ours would set them, and what the report reads of their cause.
#[tokio::test]
async fn r_cap_8_the_report_reads_every_hold_and_pause_and_who_asked_for_it() {
    let ground = Ground::of(3).await;
    let plant = "
        insert into relink.account_holds (account_id, reason, since, note)
        select a.id, h.reason, '2026-03-01T10:00:00Z', h.reason || ' note'
          from relink.accounts a, unnest(array['protective', 'operator']) as h(reason);
        insert into relink.account_holds (account_id, reason, since, ends_at)
        select id, 'restricted', '2026-02-28T10:00:00Z', '2026-02-28T11:00:00Z' from relink.accounts;
        insert into relink.operator_audit (id, actor, action, subject, reason)
        select gen_random_uuid(), 'operator:test', 'account.hold', min(id::text), 'a look' from relink.accounts;
        insert into relink.campaigns (id, workspace_id, name, failures_from, created_at)
        select gen_random_uuid(), id, 'Spring', '-infinity', '2026-01-01T00:00:00Z' from relink.workspaces;
        insert into relink.campaign_senders (campaign_id, account_id)
        select c.id, a.id from relink.campaigns c, relink.accounts a;
        insert into relink.campaign_pauses (id, campaign_id, reason, paused_at, paused_by, note)
        select gen_random_uuid(), id, 'failure_rate', '2026-03-01T11:00:00Z', 'worker:test', '4 of 10' from relink.campaigns";
    let planted = ground.owner.batch_execute(plant).await;
    planted.expect("plant holds and a pause");
    let store = ground.worker();
    let tx = store.begin().await.expect("look");
    let since = "2026-03-01T00:00:00Z".parse().expect("an instant");
    let holds = tx.hold_lines(since).await.expect("read the holds");
    let pauses = tx.pause_lines(since).await.expect("read the pauses");
    tx.abandon().await;
    let of = |reason: &str| holds.iter().filter(|it| it.reason == reason).count();
    assert_eq!(
        (of("protective"), of("operator"), of("restricted")),
        (3, 3, 0)
    );
    let asked_for = holds.iter().filter(|it| it.is_asked_for);
    let asked_for: Vec<_> = asked_for.map(|it| it.reason.as_str()).collect();
    assert_eq!(asked_for, ["operator"], "one of three has its audit row");
    assert!(
        holds
            .iter()
            .all(|it| it.is_in_force && it.session.is_some())
    );
    assert_eq!(holds[0].note, format!("{} note", holds[0].reason));
    let [pause] = pauses.as_slice() else {
        panic!("{pauses:?}");
    };
    assert_eq!(
        (pause.reason.as_str(), pause.sessions.len()),
        ("failure_rate", 3)
    );
    assert!(pause.is_in_force && !pause.is_asked_for);
}
