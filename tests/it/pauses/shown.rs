//! `relink queues`: what it counts, and what it costs.

use super::Ground;
use policy::jobs::Queue;
use serde_json::{Value, json};
use std::time::Instant;
use tests::roster::{Act, DECIDE, SWEEP};
use tests::size::is_full;
use uuid::Uuid;

fn of<'a>(view: &'a Value, queue: &str) -> &'a Value {
    let rows = view["queues"].as_array().expect("queues");
    rows.iter()
        .find(|row| row["queue"] == queue)
        .expect("the queue")
}

#[tokio::test]
async fn r_q_1_queues_show_what_waits_runs_failed_and_is_paused_by_whom_and_why() {
    let mut ground = Ground::shared().await;
    let run_at = ground.rig.now().await - std::time::Duration::from_secs(200);
    let soon = run_at + std::time::Duration::from_hours(1);
    let mut jobs: Vec<_> = (0..5)
        .map(|_| ground.rig.job(DECIDE, Act::Effect, run_at))
        .collect();
    jobs.push(ground.rig.job(DECIDE, Act::Effect, soon));
    jobs.extend((0..7).map(|_| ground.rig.job(SWEEP, Act::Effect, run_at)));
    ground.rig.enqueue(&jobs).await;
    let due = ground.due(Queue::Watches).await;
    ground.lease(&due[..2], "worker:one").await;
    ground.rig.sql("update relink.jobs set failures = 1 where id in (select id from relink.jobs where kind = 'test.decide' and state = 'waiting' order by run_at limit 1);
        update relink.jobs set state = 'done', finished_at = relink.clock() where id in (select id from relink.jobs where kind = 'test.sweep' limit 3);
        update relink.jobs set state = 'dead', finished_at = relink.clock() where id in (select id from relink.jobs where kind = 'test.sweep' and state = 'waiting' limit 1)").await;
    ground
        .desk
        .does(&["pause", "queue", "sweeps", "--for", "2h"])
        .await;
    let view = ground.desk.sees(&["queues"]).await;
    let watches = of(&view, "watches");
    let figures = ["due", "later", "paused", "running", "failed", "dead"];
    assert_eq!(
        figures.map(|name| watches[name].as_i64().expect(name)),
        [3, 1, 0, 2, 1, 0]
    );
    let oldest = watches["oldest_s"].as_f64().expect("an age");
    assert!((200.0..260.0).contains(&oldest), "{oldest}");
    let sweeps = of(&view, "sweeps");
    assert_eq!(
        figures.map(|name| sweeps[name].as_i64().expect(name)),
        [0, 0, 3, 0, 0, 1]
    );
    assert_eq!(sweeps["oldest_s"], Value::Null);
    assert!((sweeps["per_second"].as_f64().expect("a rate") - 3.0 / 60.0).abs() < 1e-9);
    assert_eq!(
        of(&view, "removals")["due"],
        0,
        "an empty queue is shown too"
    );
    assert_eq!(
        [&view["pauses"][0]["paused_by"], &view["pauses"][0]["why"]],
        ["ada", "a test"]
    );
    let text = ground.desk.runs(&["queues"]).await.out;
    assert!(
        text.contains("queue sweeps") && text.contains("in force until"),
        "{text}"
    );
    let kinds = ground.desk.runs(&["queues", "--kinds"]).await.out;
    assert!(
        kinds.contains("test.decide") && kinds.contains("removals.prove"),
        "{kinds}"
    );
    assert!(
        kinds
            .lines()
            .any(|line| line.starts_with("test.decide") && line.contains("3m 2")),
        "{kinds}"
    );
}

/// What is more than a look counts is said to be more, on the screen and to programs.
#[tokio::test]
async fn r_job_6_a_count_of_a_great_backlog_is_shown_as_a_lower_bound() {
    let ground = Ground::shared().await;
    let plant = "insert into relink.jobs (id, queue, kind, version, cause, workspace_id, payload, run_at)
        select gen_random_uuid(), 'watches', 'account.verify', 1, 'w' || n, '00000000-0000-0000-0000-000000000000', '{}',
               relink.clock() - interval '1 minute' from generate_series(1, 10020) n";
    ground.rig.sql(plant).await;
    let view = ground.desk.sees(&["queues"]).await;
    let watches = of(&view, "watches");
    assert_eq!(
        (&watches["due"], &watches["at_least"]),
        (&json!(10_000), &json!(["due"]))
    );
    assert_eq!(of(&view, "sweeps")["at_least"], json!([]));
    let text = ground.desk.runs(&["queues"]).await.out;
    assert!(text.contains("10000+"), "{text}");
}

/// As many done rows as the whole fleet leaves in a day or so, and a few that are alive.
#[tokio::test]
async fn r_q_1_looking_at_the_queues_costs_little_however_many_jobs_are_done() {
    let rows: i64 = if is_full() { 1_000_000 } else { 100_000 };
    let mut ground = Ground::shared().await;
    let plant = "insert into relink.jobs (id, queue, kind, version, cause, workspace_id, payload, state, run_at, attempt, finished_at)
                 select gen_random_uuid(), 'sweeps', 'campaigns.heal', 1, 'done-' || n, $1, '{}', 'done', at, 1, at
                   from generate_series(1, $2::bigint) n
                  cross join lateral (select relink.clock() - ($2 - n) * interval '20 milliseconds' as at) a";
    ground
        .rig
        .owner
        .execute(plant, &[&Uuid::nil(), &rows])
        .await
        .expect("plant");
    ground.rig.ask(SWEEP, Act::Effect, 500).await;
    ground.rig.sql("vacuum (analyze) relink.jobs").await;
    let mut took = vec![];
    for _ in 0..9 {
        let tx = ground.operator.begin().await.expect("begin");
        let began = Instant::now();
        let queues = tx.queues(false).await.expect("look");
        took.push(began.elapsed());
        tx.abandon().await;
        let sweeps = queues
            .iter()
            .find(|one| one.queue == "sweeps")
            .expect("sweeps");
        assert_eq!(sweeps.due, 500);
        // Fifty a second were done; how many of them in the last minute depends on how long planting took.
        // A large table tells it from a sample.
        assert!((0.1..=60.0).contains(&sweeps.per_second), "{sweeps:?}");
    }
    took.sort_unstable();
    let plan = "explain select count(*) from relink.jobs where finished_at > now() - interval '1 minute' and state = 'done'";
    let lines = ground.rig.owner.query(plan, &[]).await.expect("a plan");
    let lines: Vec<String> = lines.iter().map(|row| row.get(0)).collect();
    assert!(lines.concat().contains("jobs_finished"), "{lines:?}");
    let median = took[took.len() / 2];
    println!(
        "relink queues beside {rows} done rows: median {median:?}, longest {:?}",
        took[took.len() - 1]
    );
}
