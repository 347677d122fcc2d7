//! No secret, token, cookie or message text is in any log, metric, row, dead letter or trace: planted ones are looked for
//! after a whole fleet, at log level `trace`, has met success and every class of failure.

mod scan;

use jiff::SignedDuration;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Connection, ConnectionProperties};
use policy::campaigns::OnSenderLoss;
use scan::{Canaries, columns, messages};
use std::net::TcpListener;
use std::time::Duration;
use store::operators::{NewToken, Scope};
use tests::eventually::eventually;
use tests::fleet_run::FleetRun;
use tests::otlp::Collector;
use tests::parrot::Parrot;
use tests::process::Process;
use tests::provider::KEY;
use tests::site::Site;
use uuid::Uuid;

const PATIENCE: Duration = Duration::from_mins(3);
const TEXT: &str = "text-canary-91b7d3";
const DATABASE: &str = "database-canary-6c02aa";
const PROVIDERS: &str = "provider-canary-d4410e";
const COLLECTORS: &str = "collector-canary-77e5f9";
const POISON: &str = "poison-canary-c3a86b";
const WORKER: [&str; 2] = ["worker", "--all"];
const REASON: &str = "a test of canaries";

/// The text must stand where it is sent from, and the job that a test has planted is as it was planted.
const MAY_BE: [(&str, &str); 5] = [
    (TEXT, "campaign_steps.body"),
    (TEXT, "campaign_steps.subject"),
    (TEXT, "sends.body"),
    (TEXT, "sends.subject"),
    (POISON, "jobs.payload"),
];

/// A fleet of the real program's processes, all of which know secrets.
struct Fleet {
    run: FleetRun,
    collector: Collector,
    /// An operator's.
    token: String,
    logs: Vec<String>,
    measured: String,
}

impl Fleet {
    fn start(&mut self, role: &str, arguments: &[&str], provider: &str) -> (Process, String) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let http = listener.local_addr().expect("its address").to_string();
        let url = self.run.site().database_url(role);
        let with_password = url.replacen('@', &format!(":{DATABASE}@"), 1);
        let mut settings = self.run.settings();
        for (name, value) in [
            ("RELINK_DATABASE_URL", with_password.as_str()),
            ("RELINK_PROVIDER_URL", provider),
            ("RELINK_HTTP_ADDRESS", &http),
            ("RELINK_LOG_FORMAT", "json"),
            // Also of those who say most, further down.
            (
                "RELINK_LOG",
                "trace,lapin=trace,tokio_postgres=trace,hyper=trace,reqwest=trace",
            ),
            ("RELINK_OPERATOR_TOKEN", &self.token),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", self.collector.base()),
            (
                "OTEL_EXPORTER_OTLP_HEADERS",
                &format!("authorization=Bearer%20{COLLECTORS}"),
            ),
        ] {
            settings.push((name.to_owned(), value.to_owned()));
        }
        drop(listener);
        (Process::relink(arguments[0], arguments, &settings), http)
    }

    /// Keeps what a process says, and ends it.
    async fn end(&mut self, (mut process, http): (Process, String)) {
        let answer = reqwest::get(format!("http://{http}/metrics")).await;
        let text = answer.expect("it answers").text().await;
        self.measured.push_str(&text.expect("text"));
        process.terminate();
        assert!(process.ended(PATIENCE).await.success());
        self.logs.push(process.log());
    }

    async fn until(&self, sql: &str, count: i64) {
        eventually(sql, PATIENCE, || async {
            (self.run.number(sql, &[]).await >= count).then_some(())
        })
        .await;
    }

    /// Works for a while against a provider that repeats all that it hears.
    async fn meet_the_parrot(&mut self) {
        let parrot = Parrot::start(PROVIDERS).await;
        let scheduler = self.start("relink_scheduler", &["scheduler"], parrot.base());
        let worker = self.start("relink_worker", &WORKER, parrot.base());
        poison(&mut self.run).await;
        eventually("every answer of the parrot's", PATIENCE, || async {
            (parrot.calls() > 24).then_some(())
        })
        .await;
        self.until("select count(*) from relink.job_failures", 2)
            .await;
        let alerts = "select coalesce(sum(times), 0)::bigint from relink.admin_alerts where code = 'undecodable_message'";
        self.until(alerts, 2).await;
        self.end(worker).await;
        self.end(scheduler).await;
    }

    /// Works until a send has succeeded.
    async fn meet_the_simulator(&mut self) {
        let open = "update relink.send_rules set days = 127; delete from relink.account_holds where ended_at is null";
        self.run.owner.batch_execute(open).await.expect("open");
        let now = self.run.step_database(SignedDuration::from_mins(2)).await;
        self.run.provider.clock(now).await;
        let base = self.run.provider.base().to_owned();
        let scheduler = self.start("relink_scheduler", &["scheduler"], &base);
        let worker = self.start("relink_worker", &WORKER, &base);
        self.until("select count(*) from relink.sends where state = 'sent'", 1)
            .await;
        self.end(worker).await;
        self.end(scheduler).await;
    }

    /// An act with a good token, and one with another.
    async fn operate(&mut self) {
        let superuser = self.run.site().database("postgres");
        let words = self.token[4..].split_once('_').expect("rlo_id_secret");
        let (id, secret) = (words.0.to_owned(), words.1.to_owned());
        let token = NewToken {
            id: &id,
            secret: &secret,
            operator: "ada",
            scopes: &[Scope::Remove],
            workspace: None,
            life: Duration::from_hours(1),
        };
        let added = store::operators::add(&superuser, &token, ("test", REASON));
        added.await.expect("an operator");
        let trip = ["latch", "trip", "--reason", REASON];
        for is_known in [true, false] {
            if !is_known {
                let revoked = store::operators::revoke(&superuser, &id, ("test", REASON)).await;
                revoked.expect("revoke it");
            }
            let (mut process, _) = self.start("relink_operator", &trip, "http://127.0.0.1:9");
            let ended = process.ended(PATIENCE).await;
            assert_eq!(ended.success(), is_known, "{}", process.log());
            self.logs.push(process.log());
        }
    }
}

/// People to write to, in words that nobody else may repeat; the database refuses one of the rows that hold them.
async fn planted() -> FleetRun {
    let mut dan = None;
    let run = FleetRun::without_workers(Site::shared().await, |cast| {
        // More than the parrot has answers, so that each befalls an outward call.
        let mut senders: Vec<_> = cast.crowd(12).into_iter().map(|one| one.0).collect();
        dan = Some(cast.connected("dan"));
        senders.extend(dan);
        for account in senders {
            cast.sends(account);
            cast.campaign(OnSenderLoss::default(), &[account]);
        }
        // She writes later.
        let eve = cast.connected("eve");
        cast.campaign(OnSenderLoss::default(), &[eve]);
    })
    .await;
    let dan = dan.expect("an account");
    let sql = format!(
        "update relink.enrollments set step = 1;
         update relink.campaign_steps set body = '{TEXT} {{{{name}}}}', subject = '{TEXT}';
         alter table relink.sends add constraint refuses_dan check (state <> 'reserved' or account_id <> '{dan}');
         insert into relink.jobs (id, queue, kind, version, cause, workspace_id, payload, run_at)
         select gen_random_uuid(), 'watches', 'account.verify', 1, 'check-' || id, workspace_id,
                jsonb_build_object('account', id), relink.clock() from relink.accounts"
    );
    run.owner
        .batch_execute(&sql)
        .await
        .expect("plant the texts");
    run
}

/// What is no doorbell, and a job whose payload its kind cannot read, both with something that nobody may repeat.
async fn poison(run: &mut FleetRun) {
    let sql = format!(
        "insert into relink.jobs (id, queue, kind, version, cause, workspace_id, payload, run_at)
         select gen_random_uuid(), 'watches', 'account.check', 1, 'planted', '00000000-0000-0000-0000-000000000000',
                '{{\"account\": \"{POISON}\", \"code\": \"{POISON}\"}}', relink.clock()"
    );
    run.owner.batch_execute(&sql).await.expect("plant a job");
    let url = run.site().amqp_url();
    let connection = Connection::connect(&url, ConnectionProperties::default()).await;
    let connection = connection.expect("connect");
    let passive = QueueDeclareOptions {
        passive: true,
        ..QueueDeclareOptions::default()
    };
    // Declared by whoever of the fleet comes first.
    let channel = eventually("the queue is there", PATIENCE, || async {
        let channel = connection.create_channel().await.expect("a channel");
        let queue = channel.queue_declare("sweeps".into(), passive, FieldTable::default());
        queue.await.is_ok().then_some(channel)
    })
    .await;
    let confirms = channel.confirm_select(ConfirmSelectOptions::default());
    confirms.await.expect("confirms");
    let bodies = [
        format!("{{\"v\":1,\"kind\":7,\"jobs\":\"{POISON}\"}}"),
        POISON.to_owned(),
    ];
    for body in bodies {
        // A queue that is just being made refuses what it gets. By the default exchange, which needs no binding.
        eventually("a confirm", PATIENCE, || async {
            let sent = channel.basic_publish(
                "".into(),
                "sweeps".into(),
                BasicPublishOptions::default(),
                body.as_bytes(),
                BasicProperties::default(),
            );
            // Until then it might end with its connection.
            let confirm = sent.await.expect("publish").await.expect("an answer");
            confirm.is_ack().then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn no_planted_secret_is_in_a_log_a_metric_a_row_a_message_or_a_trace() {
    let secret = format!("{}{}", Uuid::now_v7().simple(), Uuid::now_v7().simple());
    let id = Uuid::now_v7().simple().to_string()[20..].to_owned();
    let mut fleet = Fleet {
        run: planted().await,
        collector: Collector::start().await,
        token: format!("rlo_{id}_{secret}"),
        logs: vec![],
        measured: String::new(),
    };
    let broker = fleet.run.site().amqp_url();
    let password = broker.split(['@', ':']).nth(2).expect("a password");
    let known = [
        KEY, TEXT, DATABASE, PROVIDERS, COLLECTORS, POISON, password, &secret,
    ];
    let canaries = Canaries(known.map(str::to_owned).to_vec());
    fleet.meet_the_parrot().await;
    fleet.meet_the_simulator().await;
    fleet.operate().await;

    let mut found = canaries.found("the metrics", &fleet.measured);
    for log in &fleet.logs {
        found.extend(canaries.found("a log", log));
    }
    let told = fleet.collector.bytes();
    found.extend(canaries.found("the traces", &String::from_utf8_lossy(&told)));
    let (count, lying) = messages(&broker).await;
    // What somebody else put there is kept as it came, in the dead queue.
    found.extend(canaries.found("the broker", &lying.replace(POISON, "")));
    found.extend(canaries.in_rows(&fleet.run, &MAY_BE).await);
    assert_eq!(found, [] as [String; 0]);
    is_awake(&fleet, &canaries, &lying).await;

    let lines: usize = fleet.logs.iter().map(|log| log.lines().count()).sum();
    let columns = columns(&fleet.run).await.len();
    println!(
        "{} canaries: 0 in {lines} log lines of {} processes, {} bytes of metrics, {count} messages, {} spans, {columns} columns",
        canaries.0.len(),
        fleet.logs.len(),
        fleet.measured.len(),
        fleet.collector.spans().len()
    );
}

/// The control: the canaries were where they could have been told of, and the scan finds those that are there.
async fn is_awake(fleet: &Fleet, canaries: &Canaries, lying: &str) {
    let heard = fleet.collector.authorizations();
    assert!(heard.iter().all(|one| one.contains(COLLECTORS)) && !heard.is_empty());
    assert!(lying.contains(POISON), "the poison is in the dead queue");
    let said = fleet.run.provider.effects().await;
    assert!(!said.is_empty(), "somebody was written to");
    let plant = "insert into relink.admin_alerts (id, code, subject, detail, raised_at, last_at)
                 values (gen_random_uuid(), 'planted', 'x', jsonb_build_object('a', $1::text), relink.clock(), relink.clock())";
    let planted = fleet.run.owner.execute(plant, &[&PROVIDERS]).await;
    planted.expect("plant one");
    let mut found = canaries.in_rows(&fleet.run, &MAY_BE[..1]).await;
    found.retain(|one| !one.starts_with(TEXT));
    let expected = [
        format!("{PROVIDERS} in admin_alerts.detail"),
        format!("{POISON} in jobs.payload"),
    ];
    assert_eq!(found, expected);
    let line = format!("{{\"error\":\"{KEY}\"}}");
    assert_eq!(canaries.found("a log", &line).len(), 1);
}
