//! Gate 6, the self-test (R-AUD-1, R-AUD-2, R-DEL-5; reliability, scenario 60): whatever of the record's guards is gone,
//! switched off or not as the migrations wrote it is named, alerted, and refuses every removal.

use crate::interlock_forging::attacks::Shut;
use crate::interlock_forging::scene::Scene;
use std::collections::BTreeSet;
use store::Store;
use store::guards::ClockKind;
use tests::database::{Database, SUPERUSER};
use tokio_postgres::Client;
use uuid::Uuid;

/// What the self-test says to this login.
async fn findings(store: &Store) -> Vec<String> {
    let tx = store.begin().await.expect("begin");
    let found = tx.check_guards(ClockKind::Real).await;
    tx.abandon().await;
    found.expect("a self-test")
}

/// Triggers that the self-test looks for: every one of ours that must be always on.
async fn guards(owner: &Client) -> Vec<(String, String, String)> {
    let sql = "select c.relname::text, t.tgname::text, pg_get_triggerdef(t.oid)
                 from pg_trigger t join pg_class c on c.oid = t.tgrelid
                where c.relnamespace = 'relink'::regnamespace and not t.tgisinternal and t.tgenabled = 'A'
                  and c.relname !~ '_(default|\\d+)$' order by 1, 2";
    let rows = owner.query(sql, &[]).await.expect("triggers");
    rows.iter()
        .map(|row| (row.get(0), row.get(1), row.get(2)))
        .collect()
}

#[tokio::test]
async fn r_del_1_gate_6_names_every_guard_that_is_off_or_ordinary_or_gone() {
    let database = Database::fresh().await;
    let (owner, worker) = (database.owner().await, database.store("relink_worker"));
    assert_eq!(findings(&worker).await, [] as [String; 0]);
    let text: String = owner
        .query_one(
            "select prosrc from pg_proc where oid = 'relink.missing_guards'::regproc",
            &[],
        )
        .await
        .expect("its body")
        .get(0);
    let (mut known, mut breakages) = (0, 0);
    for (table, name, definition) in guards(&owner).await {
        let written = definition.replacen("CREATE ", "", 1).replace('\'', "''");
        if !text.contains(&written) {
            // These have triggers of their own; nothing of the interlock rests on them.
            let others = [
                "restarts",
                "link_attempts",
                "notices",
                "witness",
                "endpoints",
            ];
            let is_other = table.contains("send") || others.contains(&&*table);
            assert!(is_other, "{table}.{name} is not looked for");
            continue;
        }
        known += 1;
        let on = format!("alter table relink.{table} enable always trigger {name}");
        let ways = [
            (
                format!("alter table relink.{table} disable trigger {name}"),
                on.clone(),
                "not always on",
            ),
            (
                format!("alter table relink.{table} enable trigger {name}"),
                on.clone(),
                "not always on",
            ),
            (
                format!("drop trigger {name} on relink.{table}"),
                format!("{definition}; {on}"),
                "missing",
            ),
        ];
        for (broken, mended, word) in ways {
            owner.batch_execute(&broken).await.expect("break it");
            let found = findings(&worker).await;
            assert_eq!(
                found,
                [format!("trigger {name} on relink.{table} is {word}")],
                "{broken}"
            );
            owner.batch_execute(&mended).await.expect("mend it");
            breakages += 1;
        }
    }
    assert_eq!(findings(&worker).await, [] as [String; 0]);
    assert_eq!(
        text.matches("TRIGGER ").count() - 1,
        known,
        "none more is looked for"
    );
    println!(
        "guards: {known} triggers, each disabled, made ordinary and dropped: {breakages} of {breakages} named"
    );
}

#[tokio::test]
async fn r_del_1_gate_6_knows_every_function_and_names_each_that_is_altered() {
    let database = Database::fresh().await;
    let (owner, worker) = (database.owner().await, database.store("relink_worker"));
    let sql =
        "select p.oid::regprocedure::text, p.proname::text, pg_get_functiondef(p.oid), p.prosrc
                 from pg_proc p where p.pronamespace = 'relink'::regnamespace order by 1";
    let rows = owner.query(sql, &[]).await.expect("functions");
    let mut names = BTreeSet::new();
    for row in &rows {
        let (signature, name, definition, body): (String, String, String, String) =
            (row.get(0), row.get(1), row.get(2), row.get(3));
        let expected = [format!(
            "function relink.{name} is not what the migrations wrote"
        )];
        // One space more changes nothing that it does.
        let altered = definition.replacen(&body, &format!("{body} "), 1);
        assert_ne!(altered, definition, "{name}");
        for broken in [
            altered,
            format!("alter function {signature} set work_mem = '8MB'"),
        ] {
            owner.batch_execute(&broken).await.expect("break it");
            let found = findings(&worker).await;
            assert_eq!(found, expected, "{broken}");
            let mended = format!("alter function {signature} reset work_mem; {definition}");
            owner.batch_execute(&mended).await.expect("mend it");
        }
        assert!(names.insert(name.clone()), "{name} is there twice");
    }
    assert_eq!(findings(&worker).await, [] as [String; 0]);
    println!(
        "guards: {} functions, each altered in its body and in its settings: all named",
        names.len()
    );
}

#[tokio::test]
async fn r_del_1_gate_6_a_missing_guard_refuses_the_attempt_and_is_alerted() {
    for broken in [
        "alter table relink.removal_audit disable trigger no_change",
        "alter table relink.flags enable trigger paired",
        "drop trigger flip_paired_update on relink.accounts",
    ] {
        let scene = Scene::of(Shut::Nothing).await;
        scene.ground.sql(broken).await;
        let worker = scene.worker(scene.ground.hand());
        let found = duties::self_test(&worker.context().store, &worker.context().tools)
            .await
            .expect("a self-test");
        assert_eq!(found.len(), 1, "{found:?}");
        let told = "select count(*) from relink.admin_alerts where code = 'removal_guards' and subject = 'removals'";
        assert_eq!(scene.ground.number(told).await, 1);
        let attempted = scene.attempt().await;
        assert_eq!(attempted.refused, ["audit"], "{broken}");
        assert_eq!(attempted.deletes, 0, "{broken}");
        scene.ground.is_recorded().await;
        println!(
            "guards: {broken}: alerted as `{}`, refused by audit, 0 deletes",
            found[0]
        );
    }
}

#[tokio::test]
async fn r_del_1_gate_6_a_worker_that_logs_in_as_who_could_write_anything_removes_nothing() {
    let login = format!("relink_test_{}", Uuid::now_v7().simple());
    for role in [SUPERUSER, login.as_str()] {
        let scene = Scene::of(Shut::Nothing).await;
        if role == login {
            let sql = format!("create role {login} login in role relink_worker, relink_owner");
            scene.ground.sql(&sql).await;
        }
        let found = findings(&scene.ground.store(role)).await;
        let attempted = scene.attempt_over(scene.ground.store(role)).await;
        if role == login {
            scene.ground.sql(&format!("drop role {login}")).await;
        }
        assert!(
            found
                .iter()
                .any(|it| it.contains(&format!("the login {role} "))),
            "{found:?}"
        );
        assert_eq!(attempted.refused, ["audit"], "{role}");
        assert_eq!(attempted.deletes, 0);
        println!(
            "guards: logged in with too much: {}, refused by audit, 0 deletes",
            found[0]
        );
    }
}
