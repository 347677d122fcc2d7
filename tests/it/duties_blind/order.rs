//! Whoever writes rows of duties does so in one order: a leader that has just begun declares them while it looks at them.

use super::declared;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use policy::duties::UNSCHEDULED;
use policy::jobs::Kind;
use policy::schedule::Period;
use std::time::Duration;
use store::{Store, StoreError};
use tests::eventually::eventually;

const WAITS: &str = "select exists (select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database())";
const FREE: &str = "select count(*) from (select from relink.duties for update skip locked) f";

/// Every duty is new to it.
async fn declare(store: &Store) -> Result<(), StoreError> {
    let often = Period::minutes(77);
    let scheduled = duties::roster().into_iter();
    let scheduled = scheduled.filter(|it| it.spec.every.is_some());
    let kinds = scheduled.map(|it| it.spec.kind);
    let kinds = kinds.chain(UNSCHEDULED.iter().map(|it| it.0));
    let all: Vec<(Kind, Period)> = kinds.map(|it| (it, often)).collect();
    let tx = store.begin().await?;
    tx.declare_duties(&all).await?;
    tx.finish().await.map(drop)
}

/// Without a schedule each is excused, and so has news.
async fn observe(store: &Store) -> Result<(), StoreError> {
    let tx = store.begin().await?;
    tx.observe_duties().await?;
    tx.finish().await.map(drop)
}

type Write = for<'a> fn(&'a Store) -> BoxFuture<'a, Result<(), StoreError>>;

#[tokio::test]
async fn r_job_8_who_waits_for_a_duty_holds_none_that_comes_after_it() {
    let (mut run, store) = declared().await;
    let (holder, looker) = (run.site().owner().await, run.site().owner().await);
    run.owner
        .batch_execute("delete from relink.schedules")
        .await
        .expect("no schedules");
    let writes: [(&str, Write); 2] = [
        ("declare", |store| declare(store).boxed()),
        ("observe", |store| observe(store).boxed()),
    ];
    for (name, write) in writes {
        holder
            .batch_execute("begin; select from relink.duties order by duty limit 1 for update")
            .await
            .expect("hold the first");
        let held = async {
            eventually("it waits", Duration::from_secs(20), || async {
                let row = looker.query_one(WAITS, &[]).await.expect("activity");
                row.get::<_, bool>(0).then_some(())
            })
            .await;
            let free = looker.query_one(FREE, &[]).await.expect("free ones");
            holder.batch_execute("commit").await.expect("let it go");
            free.get::<_, i64>(0)
        };
        let (wrote, free) = tokio::join!(write(&store), held);
        wrote.expect("written");
        let all = "select count(*) from relink.duties";
        let all: i64 = looker.query_one(all, &[]).await.expect("all").get(0);
        assert_eq!(free, all - 1, "{name}: it held others meanwhile");
    }
}
