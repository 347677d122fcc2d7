//! What breakers and the census' look at gates read, and how a judged run is applied, over fleets of many sizes (R-WAT-1,
//! R-WAT-3, gate 2).

use futures_util::future::join_all;
use jiff::Timestamp;
use policy::jobs::ApplyStep;
use policy::listing::NEWS_LIFE;
use policy::watch::{Chunk, apply_chunk};
use store::Author;
use tests::fleet_run::FleetRun;
use tests::site::Site;

/// C2: what a poll reads does not grow with the fleet.
#[tokio::test]
async fn r_wat_3_the_reads_of_a_poll_do_not_grow_with_the_fleet() {
    let mut read = vec![];
    let mut gates = vec![];
    for count in [200, 20_000] {
        let mut site = Site::shared().await;
        let run =
            FleetRun::without_workers(std::mem::replace(&mut site, Site::shared().await), |cast| {
                drop(cast.crowd(count));
            })
            .await;
        let sql = "insert into relink.watch_runs (slot, started_at, listed_at, watched) values
                       (relink.clock(), relink.clock(), relink.clock(), 1);
                   insert into relink.sessions_seen (session_id, slot, seen_at, first_seen, kind, name, health, words, created_at)
                   select a.session_id, r.slot, r.slot, r.slot, 'LINKEDIN', '', 'ok', '{}', r.slot
                     from relink.accounts a cross join relink.watch_runs r;
                   insert into relink.cases (account_id, id, session_id, account_version, opened_at, evidence)
                   select id, id, session_id, 1, relink.clock(), '{}' from relink.accounts order by id limit 100;
                   vacuum analyze";
        for one in sql.split(';') {
            run.owner.batch_execute(one).await.expect(one);
        }
        // Read once: a stepped clock is read from the database at each mention.
        let now = run
            .words(
                "select quote_literal(relink.clock()) || '::timestamptz'",
                &[],
            )
            .await
            .concat();
        let case = run
            .words("select id::text from relink.cases limit 1", &[])
            .await
            .concat();
        let control = include_str!("../../crates/store/sql/cases/control.sql");
        let facts = include_str!("../../crates/store/sql/cases/facts.sql");
        let losses = include_str!("../../crates/store/sql/accounts/check_losses.sql");
        let buffers = [
            buffers(&run, control, &["'s-none'", "85::smallint"]).await,
            buffers(
                &run,
                facts,
                &[&format!("'{case}'::uuid"), &now, "3600", "5"],
            )
            .await,
            buffers(&run, losses, &[&now, &format!("'{case}'::uuid")]).await,
        ];
        let [control, facts, losses] = buffers;
        assert!(
            control + facts <= 50 && losses <= 50,
            "{count}: {buffers:?}"
        );
        read.push(buffers);
        gates.push(buffers_of_gates(&run).await);
        if count == 20_000 {
            shares_are_applied_side_by_side(&run).await;
            absences_are_numbered_once(&run, &now).await;
        }
    }
    let grown = read[0]
        .iter()
        .zip(&read[1])
        .all(|(small, large)| *large <= small + 6);
    assert!(grown, "{read:?}");
    assert!(gates[1] <= gates[0] + 250, "{gates:?}");
}

/// Pages that every census reads for the gates, where no removal is asked about: the fleet is counted only as far as matters.
async fn buffers_of_gates(run: &FleetRun) -> i64 {
    let look = "select relink.removal_gates(null, false, '{}')";
    let told = format!("select (({look}) ->> 'fleet')::bigint");
    let linked = run
        .number("select count(*) from relink.accounts", &[])
        .await;
    assert_eq!(run.number(&told, &[]).await, linked.min(1_001));
    buffers(run, look, &[]).await
}

/// Pages that a query reads, with its parameters written into it.
async fn buffers(run: &FleetRun, sql: &str, parameters: &[&str]) -> i64 {
    let mut text = sql
        .lines()
        .filter(|it| !it.starts_with("--"))
        .collect::<Vec<_>>()
        .join("\n");
    for (number, value) in parameters.iter().enumerate().rev() {
        text = text.replace(&format!("${}", number + 1), value);
    }
    // Once to read the catalogue.
    run.owner.batch_execute(&text).await.expect("the query");
    let explain = format!("explain (analyze, buffers, format json) {text}");
    let row = run.owner.query_one(&explain, &[]).await.expect("explain");
    let plan: serde_json::Value = row.get(0);
    let of = |name: &str| plan[0]["Plan"][name].as_i64().unwrap_or(0);
    of("Shared Hit Blocks") + of("Shared Read Blocks")
}

const BY: Author<'static> = Author {
    actor: "test",
    job: None,
    schedule: None,
    traceparent: None,
};

/// Proposals written a moment ago, which the planner takes for one row, are not read anew for each of them.
async fn absences_are_numbered_once(run: &FleetRun, now: &str) {
    let planted = "analyze relink.watch_proposals;
        insert into relink.watch_runs (slot, started_at, listed_at)
            values ('2020-01-01Z', '2020-01-01Z', '2020-01-01Z');
        insert into relink.watch_proposals (slot, account_id, class, version, from_status, session_id, observed_at, words)
        select '2020-01-01Z', id, 'verify', status_version, status, session_id, '2020-01-01Z', '{}'
          from relink.accounts order by id limit 3000";
    run.owner.batch_execute(planted).await.expect("proposals");
    let leave = include_str!("../../crates/store/sql/watch/leave_absent.sql");
    let slot = "'2020-01-01Z'::timestamptz";
    let read = buffers(run, leave, &[slot, "500", now, "null"]).await;
    assert!(read < 3_000, "{read} pages for 3,000 proposals");
}

/// 4,500 losses of 20,000 are less than a quarter: three shares, of accounts of their own, and the last ends the run.
async fn shares_are_applied_side_by_side(run: &FleetRun) {
    let before = run.flips().await;
    let planted = "insert into relink.watch_runs (slot, started_at, listed_at, sessions)
        values (relink.clock(), relink.clock(), relink.clock(), 20000)";
    run.owner.batch_execute(planted).await.expect("a run");
    let slot: Timestamp = run
        .owner
        .query_one("select max(slot) from relink.watch_runs", &[])
        .await
        .expect("it")
        .get(0);
    let proposals = "insert into relink.watch_proposals
               (slot, account_id, class, version, from_status, to_status, cause, session_id, observed_at, words)
        select $1, id, 'loss', status_version, status, 'recovering', 'provider_error', session_id, $1, '{}'
          from relink.accounts order by id desc limit 4500";
    run.owner
        .execute(proposals, &[&slot])
        .await
        .expect("proposals");
    let tx = run.store.begin().await.expect("begin");
    let counts = Box::new(tx.run_counts(slot).await.expect("counts"));
    assert_eq!(
        (counts.new_losses, counts.watched, counts.shares.len()),
        (4_500, 20_000, 3)
    );
    let due = tx.due_stops(slot).await.expect("nothing is due");
    let judged = apply_chunk(
        Chunk::Judge {
            listed_at: slot,
            counts,
            due,
        },
        NEWS_LIFE,
        tx.now().at,
    );
    tx.apply(&judged, &BY).await.expect("judge");
    tx.finish().await.expect("commit");
    let shares = judged
        .jobs
        .iter()
        .map(|job| match serde_json::from_value(job.payload.clone()) {
            Ok(ApplyStep::Share(asked)) => asked,
            other => panic!("a share: {other:?}"),
        });
    join_all(shares.map(async |asked| {
        let tx = run.store.begin().await.expect("begin");
        let rows = tx.proposals(&asked).await.expect("its rows");
        assert!(rows.len() <= 2_000);
        let done = apply_chunk(
            Chunk::Share {
                asked,
                listed_at: slot,
                rows,
            },
            NEWS_LIFE,
            tx.now().at,
        );
        tx.apply(&done, &BY).await.expect("apply");
        tx.finish().await.expect("commit");
    }))
    .await;
    assert_eq!(run.flips().await, before + 4_500);
    let ended = "select outcome from relink.watch_runs order by slot desc limit 1";
    assert_eq!(run.words(ended, &[]).await, ["applied"]);
}

/// Gate 2: a case's session is a suspect for a day from the first poll that found it gone; later polls renew nothing.
#[tokio::test]
async fn r_del_1_gate_2_counts_a_suspect_from_its_first_poll() {
    let run = FleetRun::without_workers(Site::shared().await, |cast| drop(cast.crowd(2))).await;
    let case = "insert into relink.cases (account_id, id, session_id, account_version, opened_at, evidence)
        select id, id, session_id, 1, relink.clock() - interval '30 hours', '{}' from relink.accounts";
    run.owner.execute(case, &[]).await.expect("cases");
    let polls = "insert into relink.case_polls (case_id, number, started_at, finished_at, answer, control_session, control_answer)
        select c.id, n.number, n.at, n.at, 'gone', 's', 'present'
          from (select id, row_number() over (order by id) as place from relink.cases) c
         cross join lateral (values (1, relink.clock() - case c.place when 1 then interval '25 hours' else interval '23 hours' end),
                                    (2, relink.clock() - interval '1 hour')) as n(number, at)";
    run.owner.execute(polls, &[]).await.expect("polls");
    let gates = "select (relink.removal_gates(null, false, '{}') ->> 'suspects')::bigint";
    assert_eq!(run.number(gates, &[]).await, 1);
}
