//! The commands and their audit rows; refusals; whose pause may be lifted by whom.

use super::Ground;
use policy::schedule::ShardRange;
use serde_json::{Value, json};
use store::operators::Scope;
use tests::desk::{Desk, REASON};
use tests::roster::{Act, SWEEP};
use uuid::Uuid;

fn id(value: &Value) -> Uuid {
    let text = value.as_str().expect("an id");
    text.parse().expect("an id")
}

#[expect(clippy::too_many_lines, reason = "one story, told in order")]
#[tokio::test]
async fn r_q_1_r_aud_4_a_pause_and_its_end_are_each_one_act_with_one_audit_row() {
    let ground = Ground::shared().await;
    let desk = &ground.desk;
    let before = ground.rows().await;
    for act in [
        &["pause", "queue", "sweeps", "--for", "2h", "--dry-run"][..],
        &["resume", "everything", "--dry-run"],
    ] {
        let answer = desk.runs(&[act, &["--reason", REASON]].concat()).await;
        let refused = act[0] == "resume";
        assert_eq!(answer.code, Some(i32::from(refused)), "{answer:?}");
    }
    assert_eq!(ground.rows().await, before, "a dry run wrote something");

    let paused = desk
        .does(&["pause", "queue", "sweeps", "--for", "2h"])
        .await;
    desk.does(&["pause", "everything", "--mode", "drain"]).await;
    let shown = desk.sees(&["pauses"]).await;
    let shown = shown.as_array().expect("a list");
    assert_eq!(shown.len(), 2);
    assert_eq!(
        [
            &shown[0]["scope"],
            &shown[0]["target"],
            &shown[0]["mode"],
            &shown[0]["paused_by"],
            &shown[0]["why"],
            &shown[0]["state"]
        ],
        ["queue", "sweeps", "hold", "ada", REASON, "in force"]
    );
    assert_eq!(shown[1]["ends_at"], Value::Null);
    let resumed = desk
        .does(&["resume", paused["pause"].as_str().expect("an id")])
        .await;
    assert_eq!(
        resumed["says"],
        "resumed queue sweeps (of ada); 1 pause is in force still"
    );
    desk.does(&["resume", "everything", "--ramp", "10m"]).await;
    let states = desk.sees(&["pauses", "--all"]).await;
    let states: Vec<_> = states
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| one["state"].clone())
        .collect();
    assert_eq!(states, [json!("ramp"), json!("over")]);

    // Each act is one row of the transaction that wrote the pause.
    let sql = "select action, subject, actor, reason, detail ->> 'scope', detail ->> 'ramp' from relink.operator_audit
                where action like 'pause.%' order by at";
    let rows = ground.rig.owner.query(sql, &[]).await.expect("the audit");
    let told: Vec<[Option<String>; 4]> = rows
        .iter()
        .map(|row| [0, 2, 3, 4].map(|nth| row.get(nth)))
        .collect();
    let told: Vec<[&str; 4]> = told
        .iter()
        .map(|row| row.each_ref().map(|it| it.as_deref().unwrap_or("")))
        .collect();
    assert_eq!(
        told,
        [
            ["pause.begin", "ada", REASON, "queue"],
            ["pause.begin", "ada", REASON, "everything"],
            ["pause.lift", "ada", REASON, "queue"],
            ["pause.lift", "ada", REASON, "everything"],
        ]
    );
    assert_eq!(
        rows[0].get::<_, String>(1),
        id(&paused["pause"]).to_string()
    );
    assert_eq!(rows[3].get::<_, String>(5), "00:10:00");
    let named = "select count(*) from relink.operator_audit where id = $1";
    for done in [&paused, &resumed] {
        let found = ground
            .rig
            .owner
            .query_one(named, &[&id(&done["audit"])])
            .await;
        assert_eq!(found.expect("count").get::<_, i64>(0), 1);
    }
}

#[tokio::test]
async fn r_q_1_r_aud_4_what_is_refused_changes_nothing() {
    let ground = Ground::shared().await;
    let over = ground.desk.does(&["pause", "queue", "sends"]).await;
    let over = over["pause"].as_str().expect("an id").to_owned();
    ground.desk.does(&["resume", &over]).await;
    let reader = Desk::of(&ground.rig.site, "eve", &[Scope::Read]).await;
    let before = ground.rows().await;
    let nobody = Uuid::now_v7().to_string();
    for (arguments, why) in [
        (
            &["pause", "queue", "swamps"][..],
            "there is no queue swamps; there are sweeps",
        ),
        (
            &["pause", "kind", "a.b"],
            "there is no kind a.b; there are status.watch",
        ),
        (&["pause", "workspace", &nobody], "there is no workspace"),
        (&["pause", "account", &nobody], "there is no account"),
        (&["pause", "account", "ada"], "no account is called \"ada\""),
        (&["pause", "planet", "mars"], "scope: \"planet\" is none"),
        (&["pause", "everything", "now"], "everything has none"),
        (&["pause", "queue"], "say which queue"),
        (
            &["pause", "queue", "sweeps", "--mode", "softly"],
            "a pause is hold or drain",
        ),
        (
            &["pause", "queue", "sweeps", "--for", "0s"],
            "is not a length of time",
        ),
        (&["resume", "queue", "sends"], "nobody pauses queue sends"),
        (&["resume", &nobody], "there is no pause"),
        (&["resume", &over], "is over: lifted by ada"),
    ] {
        ground.desk.refused(arguments, why).await;
    }
    let blank = ["pause", "queue", "sweeps", "--reason", "  "];
    assert_ne!(ground.desk.runs(&blank).await.code, Some(0));
    reader
        .refused(&["pause", "queue", "sweeps"], "it needs the scope operate")
        .await;
    reader
        .refused(&["resume", "everything"], "it needs the scope operate")
        .await;
    assert_eq!(ground.rows().await, before, "a refusal wrote something");
}

#[expect(clippy::too_many_lines, reason = "one story, told in order")]
#[tokio::test]
async fn r_q_1_the_system_lifts_its_own_pauses_and_those_whose_end_has_come_and_no_persons() {
    let mut ground = Ground::shared().await;
    ground.rig.ask(SWEEP, Act::Effect, 3).await;
    ground.desk.does(&["pause", "queue", "sweeps"]).await;
    ground
        .desk
        .does(&["pause", "queue", "sweeps", "--for", "1s"])
        .await;
    ground.rig.sql("insert into relink.pauses (id, scope, mode, paused_by, why) values (gen_random_uuid(), 'everything', 'hold', 'a breaker', 'odd')").await;
    let worker = ground.rig.site.database_url("relink_worker");
    let worker = tests::database::connect(&worker).await;
    let lift = |whose: &str, at: &str| {
        format!("update relink.pauses set lifted_at = {at}, lifted_by = 'a worker' where {whose}")
    };
    for (sql, why) in [
        (
            lift("paused_by = 'ada' and ends_at is null", "relink.clock()"),
            "its audit row must be written by one transaction",
        ),
        (
            lift(
                "ends_at is not null",
                "ends_at - interval '10 milliseconds'",
            ),
            "its audit row must be written by one transaction",
        ),
        (
            "update relink.pauses set ends_at = relink.clock()".to_owned(),
            "permission denied",
        ),
        ("delete from relink.pauses".to_owned(), "permission denied"),
    ] {
        let error = worker.batch_execute(&sql).await.expect_err(&sql);
        let said = error
            .as_db_error()
            .map_or_else(|| error.to_string(), |it| it.message().to_owned());
        assert!(said.contains(why), "{sql}: {said}");
    }
    // Nor does the owner rewrite what an operator said, in whatever mode.
    for sql in [
        "update relink.pauses set why = 'nothing'",
        "delete from relink.pauses",
        "truncate relink.pauses",
        "set session_replication_role = replica; delete from relink.pauses",
    ] {
        assert!(ground.rig.owner.batch_execute(sql).await.is_err(), "{sql}");
    }
    ground
        .rig
        .sql("set session_replication_role = origin")
        .await;

    worker
        .batch_execute(&lift("origin = 'system'", "relink.clock()"))
        .await
        .expect("its own");
    let open = "select count(*) from relink.pauses where lifted_at is null";
    // holds.release, once the second is over.
    tests::eventually::eventually(
        "the pause of a second is lifted",
        tests::rig::PATIENCE,
        || async {
            let tx = ground.worker.begin().await.expect("begin");
            tx.release(ShardRange {
                first: 0,
                last: 255,
            })
            .await
            .expect("release");
            tx.finish().await.expect("commit");
            (ground.rig.count(open).await == 1).then_some(())
        },
    )
    .await;
    let held = "select count(*) from relink.pauses where lifted_at is null and paused_by = 'ada' and ends_at is null";
    assert_eq!(ground.rig.count(held).await, 1);
    assert_eq!(
        ground.due(policy::jobs::Queue::Sweeps).await.len(),
        0,
        "a person's pause still holds"
    );
    ground.desk.does(&["resume", "queue", "sweeps"]).await;
    assert_eq!(ground.due(policy::jobs::Queue::Sweeps).await.len(), 3);
    println!(
        "a worker's own lift of a person's pause: refused; of the system's and of one whose end had come: done"
    );
}
