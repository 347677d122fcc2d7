//! What every step asks the database: on a connection of its own, prepared once.

use crate::database::Database;
use jiff::Timestamp;
use std::collections::{BTreeMap, HashSet};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row, Statement};
use uuid::Uuid;

/// The clock of a life: as fast as the machine's, and so much ahead. `store::clock` would replace a function for every
/// step, after which every statement is planned anew; a sequence is read as it stands.
const CLOCK: &str = "
    create sequence relink.test_ahead_us minvalue 0 start 0;
    grant select on relink.test_ahead_us to public;
    create or replace function relink.clock() returns timestamptz language sql volatile parallel safe
        as $$ select clock_timestamp() + (select last_value from relink.test_ahead_us) * interval '1 microsecond' $$;";
/// No life outlasts its server: whether commits are durable is other tests' matter.
const HURRY: &str = "alter database NAME set synchronous_commit = off";
const SET: &str = "
    select setval('relink.test_ahead_us', (extract(epoch from $1::timestamptz - clock_timestamp()) * 1000000)::bigint)";
const DUE: &str = "
    select kind, array_agg(id order by run_at) as ids from relink.jobs
     where state = 'waiting' and run_at <= relink.clock() and not id = any ($1) group by kind";
const WANTED: &str = "
    select exists (select from relink.sends where state = 'unknown' and look_at <= relink.clock()) as looks,
           exists (select from relink.account_holds where ended_at is null and ends_at <= relink.clock()) as releases";
/// When the next thing of each kind is due; jobs that are overdue are held by a pause, or are somebody's who died.
const NEXT: &str = "
    select min(at) as at from (
        select min(run_at) as at from relink.jobs where state = 'waiting' and run_at > relink.clock()
        union all
        select relink.clock() + interval '20 minutes'
         where exists (select from relink.jobs where state = 'waiting' and run_at <= relink.clock() or state = 'leased')
        union all
        select min(look_at) from relink.sends where state = 'unknown'
        union all
        select min(greatest(o.due_at, c.until, h.ends_at)) from (
            select e.account_id, e.action, min(greatest(e.due_at, e.not_before)) as due_at
              from relink.enrollments e join relink.campaigns k on k.id = e.campaign_id and k.active
             where e.state = 'active' and e.due_at is not null
               and not exists (select from relink.campaign_pauses p where p.campaign_id = k.id and p.lifted_at is null)
             group by e.account_id, e.action) o
          join relink.accounts a on a.id = o.account_id and a.status = 'connected'
          left join relink.send_closed c on c.account_id = o.account_id and c.action = o.action
          left join lateral (select max(coalesce(h.ends_at, 'infinity')) as ends_at from relink.account_holds h
                              where h.account_id = o.account_id and h.ended_at is null) h on true
         where not exists (select from relink.sends s
                            where s.account_id = o.account_id and s.state in ('planned', 'reserved', 'sending'))) n
     where at < 'infinity'";

pub(super) struct Asks {
    client: Client,
    set: Statement,
    due: Statement,
    wanted: Statement,
    next: Statement,
}

impl Asks {
    /// Gives the database a clock that shows `at`.
    pub(super) async fn of(database: &Database, at: Timestamp) -> Self {
        let first = database.owner().await;
        let hurry = HURRY.replace("NAME", database.name());
        first
            .batch_execute(&hurry)
            .await
            .expect("set the database up");
        let client = database.owner().await;
        client.batch_execute(CLOCK).await.expect("set up a clock");
        let prepare = async |sql| client.prepare(sql).await.expect("prepare");
        let asks = Self {
            set: prepare(SET).await,
            due: prepare(DUE).await,
            wanted: prepare(WANTED).await,
            next: prepare(NEXT).await,
            client,
        };
        asks.set(at).await;
        asks
    }

    pub(super) async fn set(&self, at: Timestamp) {
        self.one(&self.set, &[&at]).await;
    }

    /// Jobs that are due and not seen yet, by kind.
    pub(super) async fn due(&self, seen: &HashSet<Uuid>) -> BTreeMap<String, Vec<Uuid>> {
        let seen: Vec<Uuid> = seen.iter().copied().collect();
        let rows = self.client.query(&self.due, &[&seen]).await;
        let rows = rows.expect("look for jobs");
        rows.iter()
            .map(|row| (row.get("kind"), row.get("ids")))
            .collect()
    }

    /// Whether looks at unknown outcomes are due, and whether holds are over.
    pub(super) async fn wanted(&self) -> (bool, bool) {
        let row = self.one(&self.wanted, &[]).await;
        (row.get("looks"), row.get("releases"))
    }

    /// When the next thing happens, if anything does.
    pub(super) async fn next(&self) -> Option<Timestamp> {
        self.one(&self.next, &[]).await.get("at")
    }

    async fn one(&self, statement: &Statement, params: &[&(dyn ToSql + Sync)]) -> Row {
        let row = self.client.query_one(statement, params).await;
        row.expect("ask for a step")
    }
}
