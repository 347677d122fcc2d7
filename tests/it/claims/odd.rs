//! Rows that no claim gets past: one that no program reads, one that no column takes (R-JOB-3).

use super::slow::rolling_back_late;
use crate::FIXTURE;
use store::operators::Scope;
use tests::desk::Desk;
use tests::eventually::eventually;
use tests::rig::{PATIENCE, Rig};
use tests::roster::{ACT, Act, DECIDE, LONG, SWEEP};

/// Of each kind one job whose payload no program reads, one whose time none reads, and one whose attempts no column counts any
/// further.
const ODD: &str = "
    update relink.jobs j
       set payload = case n.nth when 1 then j.payload || '{\"n\": 1e400}' else j.payload end,
           run_at = case n.nth when 2 then '-infinity' else j.run_at end,
           attempt = case n.nth when 3 then 32767 else j.attempt end
      from (select id, row_number() over (partition by kind order by id) as nth from relink.jobs) n
     where n.id = j.id";

#[tokio::test]
async fn r_job_3_rows_that_nobody_can_claim_die_alone_with_their_words() {
    let mut rig = Rig::shared(FIXTURE).await;
    let desk = Desk::of(&rig.site, "ada", &[Scope::Read, Scope::Operate]).await;
    rig.set("RELAY_PATIENCE_SECONDS", &2);
    for kind in [SWEEP, DECIDE, ACT] {
        rig.ask(kind, Act::Effect, 10).await;
    }
    rig.sql(ODD).await;
    rig.scheduler();
    let worker = rig.worker(&["sweeps", "watches", "sends"]);
    rig.until("others are done, these are dead", PATIENCE, |it| {
        it.done == 21 && it.dead == 9
    })
    .await;
    let told = "select string_agg(j.kind || ' ' || f.fault || ' ' ||
                       case when f.error like '%column payload%' then 'payload' when f.error like '%column run_at%' then 'run_at'
                            when f.error like '%22003%' then 'attempt' else f.error end, ', ' order by j.kind, f.error)
                  from relink.job_failures f join relink.jobs j on j.id = f.job_id";
    let row = rig.owner.query_one(told, &[]).await.expect("the failures");
    let told: String = row.get(0);
    let of =
        |kind: &str| ["payload", "run_at", "attempt"].map(|odd| format!("{kind} permanent {odd}"));
    let expected = ["test.act", "test.decide", "test.sweep"].map(of);
    assert_eq!(told, expected.as_flattened().join(", "));
    let alerts =
        "select count(*) from relink.admin_alerts where code = 'dead_letter' and times = 3";
    assert_eq!(rig.count(alerts).await, 3, "one row a kind");
    let log = rig.process(worker).log();
    assert!(log.contains("a job that cannot be claimed is a dead letter"));

    let listed = desk.sees(&["dead", "list", "--error", "payload"]).await;
    let unread = listed[0]["id"].as_str().expect("an id").to_owned();
    let shown = desk.sees(&["dead", "show", &unread]).await;
    let payload = shown["payload"].as_str().expect("its text");
    assert!(payload.starts_with("{\"n\": 1000"), "{payload}");
    // A time that could not be read is one that can, by now.
    let again = desk.does(&["dead", "redrive", "--error", "run_at"]).await;
    assert_eq!(again["count"], 3);
    rig.done(24, PATIENCE).await;
    assert_eq!(
        desk.does(&["dead", "redrive", "--error", "22003"]).await["count"],
        3
    );
    rig.until("dead once more", PATIENCE, |it| it.dead == 6)
        .await;
}

/// What a refused claim had locked is free before the same jobs are claimed again, or each claim would pass over its own rows and
/// wait for the next ring, ever longer.
#[tokio::test]
async fn r_job_3_a_refused_claim_is_in_nobodys_way_however_slowly_it_is_undone() {
    let mut rig = Rig::shared(FIXTURE).await;
    rig.set("RELAY_PATIENCE_SECONDS", &3600);
    let slow = rolling_back_late(&rig.site.database_url("relink_worker")).await;
    for kind in [SWEEP, DECIDE, ACT] {
        rig.ask(kind, Act::Effect, 10).await;
    }
    rig.sql(ODD).await;
    rig.scheduler();
    rig.set("DATABASE_URL", &slow);
    rig.worker(&["sweeps", "watches", "sends"]);
    // Nothing is rung for a second time.
    rig.until("others are done, these are dead", PATIENCE, |it| {
        it.done == 21 && it.dead == 9
    })
    .await;
}

/// A fault of the database's own looks like one of each row, and is none.
#[tokio::test]
async fn r_job_3_where_every_row_is_refused_none_is_buried() {
    let mut rig = Rig::shared(FIXTURE).await;
    rig.set("RELAY_PATIENCE_SECONDS", &2);
    rig.sql(
        "create function relink.divide() returns trigger language plpgsql as $$ begin perform 1 / 0; return new; end $$;
         create trigger divide before update on relink.jobs for each row
             when (new.state = 'leased') execute function relink.divide()",
    )
    .await;
    rig.ask(DECIDE, Act::Effect, 5).await;
    rig.ask(LONG, Act::Effect, 1).await;
    rig.scheduler();
    let worker = rig.worker(&["watches"]);
    eventually("each was refused twice", PATIENCE, || {
        let log = rig.process(worker).log();
        let said = log.matches("some jobs cannot be claimed").count();
        async move { (said > 12).then_some(()) }
    })
    .await;
    let tally = rig.tally().await;
    assert_eq!((tally.waiting, tally.dead), (6, 0), "{tally:?}");
    rig.sql("drop trigger divide on relink.jobs").await;
    rig.done(6, PATIENCE).await;
    let failures = "select count(*) from relink.job_failures";
    assert_eq!(rig.count(failures).await, 0);
}
