//! No secret, token, cookie or message text is in any log, metric, row, dead letter or trace: planted ones are looked for
//! after a whole fleet, at log level `trace`, has met success and every class of failure.

use lapin::options::BasicGetOptions;
use lapin::{Connection, ConnectionProperties};
use policy::campaigns::OnSenderLoss;
use std::net::TcpListener;
use std::time::Duration;
use tests::eventually::eventually;
use tests::fleet_run::FleetRun;
use tests::otlp::Collector;
use tests::parrot::Parrot;
use tests::process::Process;
use tests::provider::KEY;
use tests::site::Site;
use uuid::Uuid;

const PATIENCE: Duration = Duration::from_mins(1);
const TEXT: &str = "text-canary-91b7d3";
const DATABASE: &str = "database-canary-6c02aa";
const PROVIDERS: &str = "provider-canary-d4410e";
const COLLECTORS: &str = "collector-canary-77e5f9";
const POISON: &str = "poison-canary-c3a86b";
/// Where the message's text must stand: nobody could send it otherwise.
const TEXTS: [&str; 4] = [
    "campaign_steps.body",
    "campaign_steps.subject",
    "sends.body",
    "sends.subject",
];

/// Everything that nobody may find.
struct Canaries(Vec<String>);

impl Canaries {
    /// Those that are in a text, each named with where that was.
    fn found(&self, place: &str, text: &str) -> Vec<String> {
        let found = self
            .0
            .iter()
            .filter(|canary| text.contains(canary.as_str()));
        found.map(|canary| format!("{canary} in {place}")).collect()
    }
}

/// Each column of each table that holds one.
async fn in_rows(run: &FleetRun, canaries: &Canaries) -> Vec<String> {
    let sql = "select c.table_name || '.' || c.column_name from information_schema.columns c
                 join information_schema.tables t using (table_schema, table_name)
                where table_schema = 'relink' and t.table_type = 'BASE TABLE'
                  and c.data_type in ('text', 'character varying', 'json', 'jsonb', 'bytea', 'ARRAY', 'USER-DEFINED')
                order by 1";
    let columns = run.words(sql, &[]).await;
    assert!(columns.len() > 100, "{}", columns.len());
    let mut found = vec![];
    for column in &columns {
        if TEXTS.contains(&column.as_str()) {
            continue;
        }
        let (table, name) = column.split_once('.').expect("table.column");
        for canary in &canaries.0 {
            let shown = format!("coalesce(\"{name}\"::text, '')");
            let hex = canary
                .bytes()
                .map(|byte| format!("{byte:02x}"))
                .collect::<String>();
            let sql = format!(
                "select count(*) from relink.\"{table}\" where strpos({shown}, $1) > 0 or strpos({shown}, $2) > 0"
            );
            // A payload that a test has planted is there, and may be nowhere else.
            let is_planted = canary == POISON && column == "jobs.payload";
            if !is_planted && run.number(&sql, &[canary, &hex]).await > 0 {
                found.push(format!("{canary} in {column}"));
            }
        }
    }
    found
}

/// Everything that lies in any of the broker's queues, bodies and headers.
async fn messages(url: &str) -> (usize, String) {
    let connection = Connection::connect(url, ConnectionProperties::default())
        .await
        .expect("connect");
    let channel = connection.create_channel().await.expect("a channel");
    let (mut count, mut all) = (0, String::new());
    for queue in [
        "sweeps",
        "watches",
        "confirmations",
        "sends",
        "removals",
        "dead",
    ] {
        while let Ok(Some(message)) = channel
            .basic_get(queue.into(), BasicGetOptions::default())
            .await
        {
            count += 1;
            all.push_str(&String::from_utf8_lossy(&message.data));
            all.push_str(&format!("{:?}", message.properties));
        }
    }
    (count, all)
}

fn port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("its address").to_string()
}

async fn metrics(address: &str) -> String {
    let answer = reqwest::get(format!("http://{address}/metrics"))
        .await
        .expect("the process answers");
    answer.text().await.expect("text")
}

fn settings(
    run: &FleetRun,
    url: String,
    collector: &Collector,
    provider: &str,
    http: &str,
) -> Vec<(String, String)> {
    let with_password = url.replacen('@', &format!(":{DATABASE}@"), 1);
    let mut settings = run.settings();
    for (name, value) in [
        ("RELINK_DATABASE_URL", with_password.as_str()),
        ("RELINK_PROVIDER_URL", provider),
        ("RELINK_HTTP_ADDRESS", http),
        ("RELINK_LOG_FORMAT", "json"),
        // Also for those who say most, further down.
        (
            "RELINK_LOG",
            "trace,lapin=trace,tokio_postgres=trace,hyper=trace,reqwest=trace",
        ),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.base()),
        (
            "OTEL_EXPORTER_OTLP_HEADERS",
            &format!("authorization=Bearer%20{COLLECTORS}"),
        ),
    ] {
        settings.push((name.to_owned(), value.to_owned()));
    }
    settings
}

/// A fleet with people to write to, whose steps say the text; one row refuses the text with all that it holds.
async fn planted() -> FleetRun {
    let run = FleetRun::without_workers(Site::shared().await, |cast| {
        // As many as the parrot has answers, so that each class befalls an outward call.
        let mut senders: Vec<_> = cast.crowd(12).into_iter().map(|one| one.0).collect();
        senders.push(cast.connected("dan"));
        for account in senders {
            cast.sends(account);
            cast.campaign(OnSenderLoss::default(), &[account]);
        }
    })
    .await;
    let sql = format!(
        "update relink.enrollments set step = 1;
         update relink.campaign_steps set body = '{TEXT} {{{{name}}}}', subject = '{TEXT}';
         alter table relink.sends add constraint refuses_dan
               check (state <> 'reserved' or account_id <> (select id from relink.accounts where name = 'dan'))"
    );
    // A check may not ask other tables: its account is named by its id.
    let dan = run
        .words(
            "select id::text from relink.accounts where name ilike '%dan%'",
            &[],
        )
        .await
        .concat();
    let sql = sql.replace(
        "(select id from relink.accounts where name = 'dan')",
        &format!("'{dan}'"),
    );
    run.owner
        .batch_execute(&sql)
        .await
        .expect("plant the texts");
    run
}

#[tokio::test]
async fn no_planted_secret_is_in_a_log_a_metric_a_row_a_message_or_a_trace() {
    let (mut run, collector, parrot) = (
        planted().await,
        Collector::start().await,
        Parrot::start(PROVIDERS).await,
    );
    let broker = run.site().amqp_url();
    let password = broker
        .split(['@', ':'])
        .nth(2)
        .expect("a password")
        .to_owned();
    let secret = format!("{0}{0}", Uuid::now_v7().simple());
    let mut canaries: Vec<String> = [KEY, TEXT, DATABASE, PROVIDERS, COLLECTORS, POISON]
        .map(str::to_owned)
        .to_vec();
    canaries.extend([password, secret.clone()]);
    let canaries = Canaries(canaries);
    let scheduler_url = run.site().database_url("relink_scheduler");
    let worker_url = run.site().database_url("relink_worker");
    let http: Vec<String> = (0..3).map(|_| port()).collect();
    let of_scheduler = settings(
        &run,
        scheduler_url,
        &collector,
        run.provider.base(),
        &http[0],
    );
    let mut processes = vec![Process::relink("scheduler", &["scheduler"], &of_scheduler)];
    // First everybody speaks to a provider that repeats all it hears.
    let of_parrot = settings(
        &run,
        worker_url.clone(),
        &collector,
        parrot.base(),
        &http[1],
    );
    let all = ["worker", "sends", "sweeps", "watches", "confirmations"];
    processes.push(Process::relink("parrot's worker", &all, &of_parrot));
    poison(&run, &broker).await;
    eventually("every class of refusal", PATIENCE, || async {
        (parrot.calls() > 12).then_some(())
    })
    .await;
    eventually("a failed attempt is written", PATIENCE, || async {
        (run.number("select count(*) from relink.job_failures", &[])
            .await
            > 2)
        .then_some(())
    })
    .await;
    let mut measured = metrics(&http[1]).await;
    stop(&mut processes[1]).await;
    // Then to the simulator, where sends succeed.
    run.owner
        .batch_execute("update relink.jobs set run_at = relink.clock() where state = 'waiting'; delete from relink.send_cooldowns; delete from relink.account_holds")
        .await
        .expect("begin again");
    let of_simulator = settings(&run, worker_url, &collector, run.provider.base(), &http[2]);
    processes.push(Process::relink("worker", &all, &of_simulator));
    eventually("a send succeeds", PATIENCE, || async {
        (run.number(
            "select count(*) from relink.sends where state = 'sent'",
            &[],
        )
        .await
            > 0)
        .then_some(())
    })
    .await;
    processes.push(operator(&mut run, &of_simulator, &secret).await);
    for address in [&http[0], &http[2]] {
        measured.push_str(&metrics(address).await);
    }
    for process in [2, 0] {
        stop(&mut processes[process]).await;
    }
    let logs: Vec<String> = processes.iter().map(Process::log).collect();
    let mut found = canaries.found("the metrics", &measured);
    for (number, log) in logs.iter().enumerate() {
        found.extend(canaries.found(&format!("the log of process {number}"), log));
    }
    found.extend(canaries.found("the traces", &String::from_utf8_lossy(&collector.bytes())));
    let (count, lying) = messages(&broker).await;
    // What somebody else put there is kept as it came, in the dead queue alone.
    found.extend(canaries.found("the broker", &lying.replace(POISON, "")));
    found.extend(in_rows(&run, &canaries).await);
    assert_eq!(found, [] as [String; 0]);
    assert!(
        count > 0 && lying.contains(POISON),
        "the poison is in the dead queue"
    );
    // The canaries were alive: everything above could have told of them, and the scan finds one that is there.
    assert!(
        collector
            .authorizations()
            .iter()
            .any(|it| it.contains(COLLECTORS))
    );
    let said = run
        .number(
            "select count(*) from relink.campaign_steps where body like $1",
            &[&format!("{TEXT}%")],
        )
        .await;
    assert!(said > 0);
    let plant = "insert into relink.admin_alerts (code, subject, detail) values ('planted', 'x', jsonb_build_object('a', $1::text))";
    run.owner
        .execute(plant, &[&PROVIDERS])
        .await
        .expect("plant one");
    assert_eq!(
        in_rows(&run, &canaries).await,
        [format!("{PROVIDERS} in admin_alerts.detail")]
    );
    let (lines, spans): (usize, usize) = (
        logs.iter().map(|log| log.lines().count()).sum(),
        collector.spans().len(),
    );
    let failures = run
        .words(
            "select fault || ': ' || min(error) from relink.job_failures group by fault order by 1",
            &[],
        )
        .await;
    println!(
        "canaries {}: 0 in {lines} log lines, {} bytes of metrics, {count} messages, {spans} spans, all text columns; failures {failures:#?}",
        canaries.0.len(),
        measured.len()
    );
}

async fn stop(process: &mut Process) {
    process.terminate();
    assert!(process.ended(PATIENCE).await.success());
}

/// What is no doorbell, and a job whose payload its kind cannot read, both with something that nobody may repeat.
async fn poison(run: &FleetRun, broker: &str) {
    let sql = format!(
        "insert into relink.jobs (id, queue, kind, version, cause, workspace_id, payload, run_at)
         select gen_random_uuid(), 'watches', 'account.check', 1, 'planted', '00000000-0000-0000-0000-000000000000',
                '{{\"account\": \"{POISON}\", \"slot\": \"{POISON}\"}}', relink.clock()"
    );
    run.owner.batch_execute(&sql).await.expect("plant a job");
    let connection = Connection::connect(broker, ConnectionProperties::default())
        .await
        .expect("connect");
    let channel = connection.create_channel().await.expect("a channel");
    for body in [
        format!("{{\"v\":1,\"kind\":7,\"jobs\":\"{POISON}\"}}"),
        POISON.to_owned(),
    ] {
        // The queue is declared by whoever comes first of the fleet.
        eventually("the queue is there", PATIENCE, || async {
            let channel = connection.create_channel().await.expect("a channel");
            let passive = lapin::options::QueueDeclareOptions {
                passive: true,
                ..Default::default()
            };
            channel
                .queue_declare("sweeps".into(), passive, Default::default())
                .await
                .ok()
        })
        .await;
        let properties = lapin::BasicProperties::default();
        let sent = channel.basic_publish(
            "relink".into(),
            "sweeps".into(),
            Default::default(),
            body.as_bytes(),
            properties,
        );
        sent.await.expect("publish");
    }
}

/// An operator's act with a good token, and one with another.
async fn operator(run: &mut FleetRun, settings: &[(String, String)], secret: &str) -> Process {
    let superuser = run.site().database("postgres");
    let id = Uuid::now_v7().simple().to_string()[20..].to_owned();
    let life = Duration::from_hours(1);
    let added = store::operators::add(
        &superuser,
        (&id, secret),
        "ada",
        life,
        ("test", "a test of canaries"),
    )
    .await;
    added.expect("an operator");
    let url = run.site().database_url("relink_operator");
    let trip = ["latch", "trip", "--reason", "a test of canaries"];
    let mut last = None;
    for token in [
        format!("rlo_{id}_{secret}"),
        format!("rlo_{}_{secret}", &id.replace('0', "f")),
    ] {
        let mut settings = settings.to_vec();
        settings.push((
            "RELINK_DATABASE_URL".to_owned(),
            url.replacen('@', &format!(":{DATABASE}@"), 1),
        ));
        settings.push(("RELINK_OPERATOR_TOKEN".to_owned(), token));
        let mut process = Process::relink("operator", &trip, &settings);
        process.ended(PATIENCE).await;
        last = Some(process);
    }
    last.expect("two acts")
}
