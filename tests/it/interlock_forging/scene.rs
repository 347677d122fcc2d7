//! A fleet where all gates but one let a removal pass, and the attempt of a real worker on it. The database keeps the
//! real clock, which the worker insists on.

use crate::interlock_forging::attacks::{As, Shut};
use fleet::Context;
use fleet::Pipeline;
use policy::ids::{RemovalId, SessionId, WarrantId};
use policy::jobs::Queue;
use secrecy::{ExposeSecret, SecretString};
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use store::guards::ClockKind;
use tests::database::SUPERUSER;
use tests::interlock::Ground;
use tests::provider::{CALL_TIMEOUT, KEY, client_of};
use tokio_postgres::Client;
use tokio_util::sync::CancellationToken;

/// What the attack may be about.
pub(crate) struct Scene {
    /// The servers.
    pub(crate) ground: Ground,
    shut: Shut,
    /// The removal that everybody wants.
    pub(crate) removal: RemovalId,
    session: SessionId,
    /// Issued by `ada` and not approved; and one whose hour is over.
    warrants: [WarrantId; 2],
}

/// What a real worker's attempt came to.
pub(crate) struct Attempted {
    /// The removal's state after it.
    pub(crate) state: String,
    /// The gates that refused.
    pub(crate) refused: Vec<String>,
    /// `DELETE`s at the provider.
    pub(crate) deletes: u64,
}

impl Scene {
    /// Five gates pass. Looks, suspects and intents are planted: nobody waits for real minutes.
    pub(crate) async fn of(shut: Shut) -> Self {
        let ground = Ground::of(30).await;
        let session = ground.gone(0).await;
        ground.flag(Duration::from_hours(2)).await.expect("a flag");
        let removal = ground.request(&session).await.expect("a request");
        let mut warrants = vec![];
        for twin in [1, 2] {
            let twin = ground.duplicate(twin).await;
            warrants.push(ground.issue(&twin).await.expect("a warrant"));
        }
        let scene = Self {
            shut,
            removal,
            session,
            warrants: [warrants[0], warrants[1]],
            ground,
        };
        scene.plant_looks().await;
        scene.shut().await;
        scene
    }

    /// The same scene as it was, in a database of its own; this one is used for nothing else.
    pub(crate) async fn again(&self) -> Self {
        Self {
            ground: self.ground.again().await,
            shut: self.shut,
            removal: self.removal,
            session: self.session.clone(),
            warrants: self.warrants,
        }
    }

    /// Rows that only a superuser who has switched the guards off can write.
    async fn plant(&self, table: &str, guard: &str, sql: &str) {
        let sql = format!(
            "alter table relink.{table} disable trigger {guard};
             {sql};
             alter table relink.{table} enable always trigger {guard}"
        );
        self.ground.sql(&self.filled(&sql)).await;
    }

    async fn plant_looks(&self) {
        if self.shut == Shut::Looks {
            return;
        }
        self.plant(
            "removal_looks",
            "guard",
            "insert into relink.removal_looks (removal_id, number, started_at, finished_at, seen, control_session, control_good, recorded_by)
             select '{removal}', n, relink.clock() - interval '10 minutes' + n * interval '2 minutes',
                    relink.clock() - interval '10 minutes' + n * interval '2 minutes', 'gone', '{control}', true, 'relink_worker'
               from generate_series(1, 3) n",
        )
        .await;
    }

    async fn shut(&self) {
        match self.shut {
            Shut::Switch | Shut::Looks | Shut::Nothing => {}
            Shut::Latch => {
                self.ground
                    .sql("select relink.trip_removal_latch('a test')")
                    .await;
            }
            Shut::Crowd => {
                for nth in 1..=6 {
                    let (account, session) = &self.ground.accounts[nth];
                    self.ground.sql(&format!(
                        "with opened as (
                           insert into relink.cases (account_id, id, session_id, account_version, opened_at, evidence)
                           values ('{account}', gen_random_uuid(), '{session}', 1, relink.clock(), '{{}}') returning id)
                         insert into relink.case_polls (case_id, number, started_at, finished_at, answer, control_session, control_answer)
                         select id, 1, relink.clock(), relink.clock(), 'gone', 's-control', 'present' from opened"
                    )).await;
                }
            }
            Shut::Warrant => {
                self.plant(
                    "warrants",
                    "guard, disable trigger paired",
                    "update relink.warrants set issued_at = issued_at - interval '61 minutes', ends_at = ends_at - interval '61 minutes'
                      where id = '{dead}'; alter table relink.warrants enable always trigger paired",
                )
                .await;
            }
            Shut::Cap => {
                let other = self.ground.accounts.len() - 1;
                let twin = self.ground.duplicate(other).await;
                let warrant = self.ground.issue(&twin).await.expect("a warrant");
                let other = self.ground.approve(warrant).await.expect("its removal");
                self.ground
                    .sql(&format!(
                        "select relink.settle_removal('{other}', 'withdrawn', 'a test', 'test', null);
                         insert into relink.removal_audit (removal_id, session_id, event, to_state, facts, note, actor)
                         select id, session_id, 'intent', 'permitted', '{{}}', '', 'planted'
                           from relink.removals cross join generate_series(1, 3) where id = '{other}'"
                    ))
                    .await;
            }
            Shut::Flag => self.ground.unflag().await,
        }
    }

    /// The words of an attack with this scene's names in it.
    pub(crate) fn filled(&self, sql: &str) -> String {
        let [ada, bob] = &self.ground.tokens;
        let names = [
            ("{removal}", self.removal.to_string()),
            ("{session}", self.session.0.clone()),
            ("{control}", self.ground.accounts[9].1.clone()),
            ("{account}", self.ground.accounts[9].0.to_string()),
            ("{warrant}", self.warrants[0].to_string()),
            ("{dead}", self.warrants[1].to_string()),
            ("{ada}", ada.expose_secret().to_owned()),
            ("{bob}", bob.expose_secret().to_owned()),
            ("{database}", self.ground.database.name().to_owned()),
        ];
        names.iter().fold(sql.to_owned(), |sql, (name, value)| {
            sql.replace(name, value)
        })
    }

    /// A connection of the attacker's, as if it were new.
    pub(crate) async fn connect<'a>(&self, by: As, open: &'a mut Vec<(As, Client)>) -> &'a Client {
        let (role, first) = match by {
            As::Worker => ("relink_worker", ""),
            As::Operator => ("relink_operator", ""),
            As::Owner => (SUPERUSER, "set role relink_owner"),
            As::Replica => (SUPERUSER, "set session_replication_role = replica"),
        };
        let known = open.iter().position(|it| it.0 == by);
        let place = known.unwrap_or(open.len());
        if known.is_none() {
            open.push((by, self.ground.database.client(role).await));
        }
        let client = &open[place].1;
        for statement in ["rollback", "discard all", first] {
            client.batch_execute(statement).await.expect("become");
        }
        client
    }

    /// A worker's process that starts now, over that store.
    pub(crate) fn worker(&self, store: Store) -> Arc<Pipeline> {
        let base = self.ground.provider.base();
        let mut config = provider::Config::new(base, SecretString::from(KEY));
        config.total_timeout = CALL_TIMEOUT;
        let enabled = self.shut != Shut::Switch;
        let tools = duties::tools(&[Queue::Removals], &config, enabled, ClockKind::Real);
        let tools = tools.expect("the interlock");
        let context = Context::new(
            store,
            client_of(base, CALL_TIMEOUT),
            "worker:removals:test".to_owned(),
            CancellationToken::new(),
        );
        let context = Arc::new(context.with_tools(tools));
        Arc::new(Pipeline::new(context, duties::roster()))
    }

    /// The attempt of a real worker, as if its third look had asked for it.
    pub(crate) async fn attempt(&self) -> Attempted {
        self.attempt_over(self.ground.hand()).await
    }

    /// The same over another store.
    pub(crate) async fn attempt_over(&self, store: Store) -> Attempted {
        let worker = self.worker(store);
        self.ground.attempt(&worker, self.removal).await;
        let sql = self.filled(
            "select state, array(select jsonb_array_elements_text(facts -> 'refused')) from relink.removals where id = '{removal}'",
        );
        let row = self.ground.owner.query_one(&sql, &[]).await;
        let (state, refused) = row.map_or_else(
            |error| (format!("unreadable: {error}"), vec![]),
            |row| (row.get(0), row.get(1)),
        );
        Attempted {
            state,
            refused,
            deletes: self.ground.deletes().await,
        }
    }

    /// Everything that an attack could change; none: it cannot be read any more.
    pub(crate) async fn fingerprint(&self) -> Option<String> {
        let row = self.ground.owner.query_one(FINGERPRINT, &[]).await;
        row.ok().map(|row| row.get(0))
    }
}

const FINGERPRINT: &str = "select md5(concat_ws('#',
    (select string_agg(t::text, '|' order by t.id) from relink.flags t),
    (select string_agg(t::text, '|') from relink.removal_latch t),
    (select string_agg(t::text, '|' order by t.id) from relink.warrants t),
    (select string_agg(t::text, '|' order by t.id) from relink.removals t),
    (select string_agg(t::text, '|' order by t.removal_id, t.number) from relink.removal_looks t),
    (select string_agg(t::text, '|' order by t.id) from relink.removal_audit t),
    (select string_agg(t::text, '|' order by t.id) from relink.operator_tokens t),
    (select string_agg(t::text, '|' order by t.id) from relink.operator_audit t),
    (select string_agg(t::text, '|' order by t.id) from relink.cases t),
    (select string_agg(t::text, '|' order by t.case_id, t.number) from relink.case_polls t),
    (select string_agg(t::text, '|' order by t.id) from relink.accounts t),
    (select string_agg(t::text, '|' order by t.id) from relink.account_audit t),
    (select string_agg(t::text, '|' order by t.oid) from pg_trigger t),
    (select string_agg(t::text, '|' order by t.oid) from pg_proc t where t.pronamespace = 'relink'::regnamespace),
    (select string_agg(concat_ws(' ', t.oid, t.relname, t.relowner, t.relacl, t.relrowsecurity, t.relforcerowsecurity), '|' order by t.oid)
       from pg_class t where t.relnamespace = 'relink'::regnamespace),
    (select string_agg(t::text, '|' order by t.oid) from pg_constraint t),
    (select string_agg(t::text, '|' order by t.oid) from pg_attrdef t),
    (select string_agg(concat_ws(' ', t.oid, t.xmin, t.cmin), '|' order by t.oid) from pg_rewrite t),
    (select string_agg(t::text, '|' order by t.setdatabase, t.setrole) from pg_db_role_setting t
       join pg_database d on d.oid = t.setdatabase where d.datname = current_database()),
    (select string_agg(t::text, '|' order by t.oid) from pg_namespace t where t.nspname !~ '^pg_')))";
