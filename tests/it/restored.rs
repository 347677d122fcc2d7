//! R-RES-1: a restored copy of the database does nothing outward until a person adopts it; what only looks like one goes on.

use crate::FIXTURE;
use lapin::options::QueueDeleteOptions;
use std::path::Path;
use store::Store;
use store::operators::Scope;
use tests::clock;
use tests::database::Database;
use tests::desk::Desk;
use tests::eventually::eventually;
use tests::process::Process;
use tests::rig::{PATIENCE, Rig};
use tests::roster::{Act, SWEEP};
use tests::site::Site;
use tokio_postgres::Client;
use uuid::Uuid;

const NUMBER: &str = "select number from relink.witness";
const ORIGINAL: &str = "select relink.is_original()::int::bigint";
const COPY: &str = "select count(*) from relink.witness where copy_since is not null";
/// The shortest that a fleet may have: a lasting hold is told from a dead one's after four.
const HEARTBEAT_S: u64 = 5;
/// What holds a copy back, and who was told.
const HELD: &str = "select count(*) from relink.pauses p, relink.admin_alerts a
    where p.scope = 'everything' and p.mode = 'hold' and p.paused_by = 'witness' and p.lifted_at is null and a.code = 'restored_copy'";
const DAY_S: i64 = 24 * 3_600;

async fn living() -> Rig {
    let mut rig = Rig::shared(FIXTURE).await;
    clock::lay(&rig.owner).await;
    rig.set("AMQP_HEARTBEAT_SECONDS", &HEARTBEAT_S);
    rig.scheduler();
    rig.worker(&["sweeps"]);
    rig.until_count(NUMBER, PATIENCE, |it| 1 <= it).await;
    rig
}

fn database(rig: &Rig) -> &Database {
    match &rig.site {
        Site::Shared { database, .. } => database,
        _ => panic!("it works on the suite's servers"),
    }
}

/// A fleet on a database that was copied from that rig's, and on the same broker.
struct Copy {
    processes: Vec<Process>,
    owner: Client,
    store: Store,
    database: Database,
}

impl Copy {
    async fn of(rig: &Rig) -> Self {
        let database = database(rig).copy().await;
        Self {
            processes: vec![],
            owner: database.owner().await,
            store: database.store("relink_scheduler"),
            database,
        }
    }

    fn start(&mut self, rig: &Rig, role: &str, arguments: &[&str]) {
        let settings = [
            ("DATABASE_URL", self.database.url(role)),
            ("AMQP_URL", rig.site.amqp_url()),
            ("AMQP_HEARTBEAT_SECONDS", HEARTBEAT_S.to_string()),
            ("PROVIDER_URL", "http://127.0.0.1:9".to_owned()),
            ("PROVIDER_API_KEY", "no-key".to_owned()),
            ("LOG_FORMAT", "text".to_owned()),
        ];
        let settings = settings.map(|(name, value)| (format!("RELINK_{name}"), value));
        let name = format!("copy {}", arguments.join(" "));
        let started = Process::start(&name, Path::new(FIXTURE), arguments, &settings);
        self.processes.push(started);
    }

    async fn count(&self, sql: &str) -> i64 {
        let found = self.owner.query_one(sql, &[]).await;
        found.expect("ask the copy").get(0)
    }

    async fn until(&self, sql: &str, wanted: i64) {
        eventually(sql, PATIENCE, || async {
            (self.count(sql).await == wanted).then_some(())
        })
        .await;
    }

    /// Sends a message of a new account, as a worker would; what refuses it.
    async fn outward(&self) -> Option<String> {
        let step = "update relink.sends set state = 'sending' where id = $1";
        let sent = self
            .owner
            .execute(step, &[&planted(&self.owner).await])
            .await;
        sent.err()
            .and_then(|error| Some(error.as_db_error()?.message().to_owned()))
    }
}

/// A send that is reserved, of an account of its own.
async fn planted(owner: &Client) -> Uuid {
    let (workspace, account, send) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
    let sql = format!(
        "insert into relink.workspaces (id, name, created_at) values ('{workspace}', 'acme', relink.clock());
         begin;
         insert into relink.accounts (id, workspace_id, kind, name, status, status_since, created_at)
         values ('{account}', '{workspace}', 'LINKEDIN', 'ada', 'reconnect_needed', relink.clock(), relink.clock());
         insert into relink.account_audit (account_id, version, at, to_status, cause, actor)
         values ('{account}', 1, relink.clock(), 'reconnect_needed', 'created', 'test');
         commit;
         insert into relink.sends (account_id, id, workspace_id, action, target, state, due_at, planned_at, slot_at, counted_at)
         values ('{account}', '{send}', '{workspace}', 'profile_view', 'eve', 'reserved', relink.clock(), relink.clock(),
                 relink.clock(), relink.clock())"
    );
    owner.batch_execute(&sql).await.expect("plant a send");
    send
}

#[tokio::test]
async fn r_res_1_a_copy_beside_the_living_fleet_does_nothing_and_that_goes_on() {
    let mut rig = living().await;
    // Of this very minute: both say the same number.
    let mut copy = Copy::of(&rig).await;
    rig.reconnect().await;
    assert_eq!(copy.count(NUMBER).await, rig.count(NUMBER).await);
    // Workers first: nobody has compared, so nothing leaves.
    let refused = copy.outward().await.expect("it is refused");
    assert!(
        refused.contains("no scheduler has compared it"),
        "{refused}"
    );
    copy.start(&rig, "relink_worker", &["worker", "sweeps"]);
    copy.start(&rig, "relink_scheduler", &["scheduler"]);
    copy.until(COPY, 1).await;
    copy.until(HELD, 1).await;
    assert_eq!(copy.count(ORIGINAL).await, 0);
    let refused = copy.outward().await.expect("it is refused");
    assert!(
        refused.contains("restored copy until it is adopted"),
        "{refused}"
    );
    // The living one works, and is raised again in a minute.
    clock::step(&rig.owner, 61).await;
    let before = rig.count(NUMBER).await;
    rig.until_count(NUMBER, PATIENCE, |it| before < it).await;
    assert_eq!((rig.count(ORIGINAL).await, rig.count(COPY).await), (1, 0));
    rig.ask(SWEEP, Act::Effect, 20).await;
    rig.done(20, PATIENCE).await;
}

#[tokio::test]
async fn r_res_1_an_older_copy_is_held_at_once_and_works_when_it_is_adopted() {
    let mut rig = living().await;
    let mut copy = Copy::of(&rig).await;
    rig.reconnect().await;
    clock::step(&rig.owner, 61).await;
    let before = copy.count(NUMBER).await;
    rig.until_count(NUMBER, PATIENCE, |it| before < it).await;
    let ahead = rig.count(NUMBER).await;
    rig.stop().await;
    copy.start(&rig, "relink_scheduler", &["scheduler"]);
    copy.start(&rig, "relink_worker", &["worker", "sweeps"]);
    copy.until(HELD, 1).await;
    let why = "select count(*) from relink.witness where copy_why like 'the witness in the broker is at %'";
    assert_eq!(copy.count(why).await, 1);
    // Work waits, and what it is asked for is not lost.
    let job = rig.job(SWEEP, Act::Effect, copy.store.now().await.expect("now").at);
    let tx = copy.store.begin().await.expect("begin");
    tx.enqueue(&[job], None, None).await.expect("ask");
    tx.finish().await.expect("commit");
    // An operator who lifts the pause has not adopted the copy.
    let lift = "update relink.pauses set lifted_at = relink.clock(), lifted_by = 'kim' where lifted_at is null";
    copy.owner.batch_execute(lift).await.expect("lift it");
    copy.until(HELD, 1).await;
    assert!(copy.outward().await.is_some());
    let desk = Desk::beside(&copy.database, "kim", &[Scope::Operate]).await;
    desk.refused(&["adopt", "--ramp", "0s"], "--ramp").await;
    let listed = desk.sees(&["accounts", "list"]).await;
    let account = &listed["rows"][0];
    assert_eq!(account["holds"], serde_json::json!(["copy"]), "{listed}");
    let line = account["pill_second_line"].as_str();
    assert_eq!(line, Some("Paused, this is a restored copy"), "{listed}");
    let id = account["id"].as_str().expect("an id");
    let why = desk.runs(&["why", "account", id]).await;
    assert!(why.out.contains("relink adopt"), "{}", why.out);
    desk.does(&["adopt", "--ramp", "1s"]).await;
    copy.until(ORIGINAL, 1).await;
    assert!(ahead < copy.count(NUMBER).await);
    let done = "select count(*) from relink.jobs where kind = 'test.sweep' and state = 'done'";
    copy.until(done, 1).await;
    assert_eq!(copy.outward().await, None);
    desk.refused(&["adopt"], "needs no adoption").await;
    let noted = "select count(*) from relink.operator_audit where action = 'database.adopt'";
    assert_eq!(copy.count(noted).await, 1);
}

#[tokio::test]
async fn r_res_1_a_fleet_that_was_off_for_a_day_and_one_whose_broker_was_wiped_go_on() {
    let mut rig = living().await;
    let first = rig.count(NUMBER).await;
    rig.stop().await;
    clock::step(&rig.owner, DAY_S).await;
    rig.scheduler();
    rig.worker(&["sweeps"]);
    let second = rig.until_count(NUMBER, PATIENCE, |it| first < it).await;
    wipe(&rig).await;
    clock::step(&rig.owner, DAY_S + 61).await;
    let third = rig.until_count(NUMBER, PATIENCE, |it| second < it).await;
    clock::step(&rig.owner, DAY_S + 122).await;
    rig.until_count(NUMBER, PATIENCE, |it| third < it).await;
    assert_eq!((rig.count(ORIGINAL).await, rig.count(COPY).await), (1, 0));
    // Wiped and away for longer than a broker's loss explains: nobody can tell it from a copy.
    rig.stop().await;
    wipe(&rig).await;
    clock::step(&rig.owner, DAY_S + 2_000).await;
    rig.scheduler();
    rig.until_count(HELD, PATIENCE, |it| it == 1).await;
}

async fn wipe(rig: &Rig) {
    let url = rig.site.amqp_url();
    let properties = lapin::ConnectionProperties::default();
    let connection = lapin::Connection::connect(&url, properties).await;
    let connection = connection.expect("connect");
    let channel = connection.create_channel().await.expect("a channel");
    let deleted = channel.queue_delete("relink.witness".into(), QueueDeleteOptions::default());
    deleted.await.expect("delete it");
    connection.close(200, "OK".into()).await.expect("close");
}

#[tokio::test]
async fn r_res_1_every_step_outward_is_refused_before_the_number_is_compared() {
    let database = Database::fresh().await;
    let owner = database.owner().await;
    let fires = owner
        .query(
            "select c.relname::text from pg_trigger t join pg_class c on c.oid = t.tgrelid
              where t.tgname = 'only_original' and t.tgenabled = 'A' order by 1",
            &[],
        )
        .await
        .expect("read the triggers");
    let fires: Vec<String> = fires.iter().map(|row| row.get(0)).collect();
    assert_eq!(fires, ["link_attempts", "notices", "restarts", "sends"]);
    let state = async || {
        let found = owner.query_one("select relink.is_original()", &[]).await;
        found.expect("ask").get::<_, bool>(0)
    };
    assert!(state().await, "nothing was ever raised");
    let raise = "select relink.raise_witness(1, gen_random_uuid())";
    owner.execute(raise, &[]).await.expect(raise);
    assert!(state().await, "it was compared since this server started");
    for elsewhere in ["'16384 1.0'", "null"] {
        let set = format!("update relink.witness set vouched_for = {elsewhere}");
        owner.batch_execute(&set).await.expect(&set);
        assert!(!state().await, "{elsewhere}");
    }
    let text = "select count(*) from pg_proc where proname = 'guard_removal' and prosrc like '%demand_original()%'";
    let asks = owner
        .query_one(text, &[])
        .await
        .expect("the guard of removals");
    assert_eq!(asks.get::<_, i64>(0), 1);
    let lower = "update relink.witness set number = 0";
    owner
        .batch_execute(lower)
        .await
        .expect_err("it is only raised");
    let gone = "delete from relink.witness";
    owner.batch_execute(gone).await.expect_err("it stays");
}
