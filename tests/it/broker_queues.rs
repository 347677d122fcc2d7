//! R-Q-5: a queue that the broker has in a bad state costs itself alone, and is named where people and machines look.

use broker::{Backoff, Consumer, ConsumerOptions, ConsumerState, Subscription};
use fleet::{BrokenQueues, Context};
use lapin::options::{QueueDeclareOptions, QueueDeleteOptions};
use lapin::types::FieldTable;
use lapin::{Channel, Connection, ConnectionProperties};
use secrecy::SecretString;
use serde_json::Value;
use std::time::Duration;
use store::Store;
use tests::eventually::eventually;
use tests::process::Process;
use tests::provider::client_of;
use tests::scraped::{address_of, scrape};
use tests::site::Site;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

const PATIENCE: Duration = Duration::from_mins(2);
/// Declared with other arguments.
const BROKEN: &str = "watches";

async fn readiness(address: &str) -> (u16, Value) {
    let answer = reqwest::get(format!("http://{address}/readyz")).await;
    let answer = answer.expect("it answers");
    (answer.status().as_u16(), answer.json().await.expect("json"))
}

/// A connection over which the queue was declared otherwise.
async fn break_queue(site: &Site) -> (Connection, Channel) {
    let connection = Connection::connect(&site.amqp_url(), ConnectionProperties::default()).await;
    let connection = connection.expect("connect");
    let channel = connection.create_channel().await.expect("a channel");
    let made = channel.queue_declare(
        BROKEN.into(),
        QueueDeclareOptions::default(),
        FieldTable::default(),
    );
    made.await.expect("a queue of another kind");
    (connection, channel)
}

#[tokio::test]
async fn r_q_5_a_broken_queue_is_named_and_others_go_on() {
    let site = Site::shared().await;
    let (connection, channel) = break_queue(&site).await;
    let settings = |role: &str| {
        let own = [
            ("DATABASE_URL", site.database_url(role)),
            ("AMQP_URL", site.amqp_url()),
            ("PROVIDER_URL", "http://127.0.0.1:9".to_owned()),
            ("PROVIDER_API_KEY", "no-key".to_owned()),
            ("HTTP_ADDRESS", "127.0.0.1:0".to_owned()),
        ];
        let named = own.map(|(name, value)| (format!("RELINK_{name}"), value));
        named.to_vec()
    };
    let worker = ["worker", BROKEN, "sweeps"];
    let worker = Process::relink("worker", &worker, &settings("relink_worker"));
    let scheduler = Process::relink("scheduler", &["scheduler"], &settings("relink_scheduler"));
    let words = format!("queue {BROKEN} cannot be used");
    for (process, check, metric) in [
        (&worker, "consumer", "relink_consumer_up"),
        (&scheduler, "broker", "relink_publisher_up"),
    ] {
        let address = address_of(process).await;
        let answer = eventually("it is ready and names the queue", PATIENCE, || async {
            let (status, answer) = readiness(&address).await;
            let said = answer["checks"][check].as_str().unwrap_or_default();
            (status == 200 && said.contains(&words)).then(|| said.to_owned())
        })
        .await;
        assert!(answer.contains("other arguments"), "{answer}");
        // Each queue is begun for itself, whichever comes first.
        eventually("the other queue is used", PATIENCE, || async {
            let told = scrape(&address).await;
            assert_eq!(told.value(metric, &[("queue", BROKEN)]), Some(0.0));
            (told.value(metric, &[("queue", "sweeps")]) == Some(1.0)).then_some(())
        })
        .await;
        let log = process.log();
        assert!(log.contains("this queue cannot be used"), "{log}");
        let is_error = log.contains(r#""level":"ERROR""#);
        assert!(!is_error, "a broken queue is no error of ours");
    }
    let deleted = channel.queue_delete(BROKEN.into(), QueueDeleteOptions::default());
    deleted.await.expect("deleted, as the runbook says");
    for (process, metric) in [
        (&worker, "relink_consumer_up"),
        (&scheduler, "relink_publisher_up"),
    ] {
        let address = address_of(process).await;
        eventually("it mends itself", PATIENCE, || async {
            let told = scrape(&address).await;
            (told.value(metric, &[("queue", BROKEN)]) == Some(1.0)).then_some(())
        })
        .await;
        let (_, answer) = readiness(&address).await;
        assert!(!answer.to_string().contains(&words), "{answer}");
    }
    connection.close(200, "OK".into()).await.expect("close");
}

/// A worker's context over the database of this URL.
fn context(site: &Site, url: String) -> Context {
    let mut config = site.database("relink_worker");
    config.url = SecretString::from(url);
    let nowhere = client_of("http://127.0.0.1:9", Duration::from_secs(1));
    let store = Store::new(config).expect("a store");
    Context::new(
        store,
        nowhere,
        "a test".to_owned(),
        CancellationToken::new(),
    )
}

/// Consumes both queues, the broken one by trying again ten times a second.
fn listen(site: &Site) -> Consumer {
    let config = broker::Config {
        url: SecretString::from(site.amqp_url()),
        ca_file: None,
        connect_timeout: Duration::from_secs(5),
        heartbeat: Duration::from_secs(10),
        prefix: String::new(),
    };
    let subscriptions = [BROKEN, "sweeps"].map(|queue| Subscription {
        queue: queue.to_owned(),
        prefetch: 1,
    });
    let backoff = Backoff::new(|_| Duration::from_millis(100));
    Consumer::start(config, subscriptions.to_vec(), ConsumerOptions { backoff })
}

#[tokio::test]
async fn r_wat_7_a_broken_queue_becomes_one_row_that_operators_read() {
    let site = Site::shared().await;
    let (connection, channel) = break_queue(&site).await;
    let owner = site.owner().await;
    let rows = async || {
        let sql =
            "select subject || ' ' || times || ' ' || (detail ->> 'why') from relink.admin_alerts
                    where code = 'queue_broken' order by raised_at";
        let rows = owner.query(sql, &[]).await.expect("the alerts");
        rows.iter().map(|row| row.get(0)).collect::<Vec<String>>()
    };
    let here = context(&site, site.database_url("relink_worker"));
    let away = context(
        &site,
        "postgresql://relink_worker@127.0.0.1:9/relink".to_owned(),
    );
    let consumer = listen(&site);
    let mut lines = consumer.queues();
    let is_broken = |line: &broker::QueueHealth<ConsumerState>| {
        line.state == ConsumerState::Connecting && line.is_reached
    };
    let broken = lines.wait_for(|it| is_broken(&it[0]) && it[1].state == ConsumerState::Consuming);
    let seen = tokio::time::timeout(PATIENCE, broken).await;
    let seen = seen.expect("it breaks").expect("a board").clone();
    let after = |seconds| seen[0].since + Duration::from_secs(seconds);
    let mut told = BrokenQueues::default();
    told.look(&here, &seen, after(59)).await;
    assert_eq!(rows().await, [""; 0], "most mend themselves");
    told.look(&away, &seen, after(60)).await;
    assert_eq!(rows().await, [""; 0], "the database is away");
    for later in [70, 80, 3_600] {
        told.look(&here, &seen, after(later)).await;
        let [row] = &rows().await[..] else {
            panic!("one row at {later} s");
        };
        assert!(row.starts_with(&format!("{BROKEN} 1 ")), "{row}");
        assert!(row.contains("other arguments"), "{row}");
    }
    let deleted = channel.queue_delete(BROKEN.into(), QueueDeleteOptions::default());
    deleted.await.expect("deleted, as the runbook says");
    let mended = lines.wait_for(|it| it[0].state == ConsumerState::Consuming);
    let mended = tokio::time::timeout(PATIENCE, mended).await;
    let mended = mended.expect("it mends itself").expect("a board").clone();
    told.look(&here, &mended, Instant::now() + Duration::from_hours(1))
        .await;
    // Broken once more, it is told once more.
    let mut again = seen.clone();
    again[0].since = mended[0].since + Duration::from_secs(1);
    told.look(&here, &again, again[0].since + Duration::from_mins(1))
        .await;
    let [row] = &rows().await[..] else {
        panic!("one row, counted up");
    };
    assert!(row.starts_with(&format!("{BROKEN} 2 ")), "{row}");
    consumer.close(Duration::from_secs(2)).await;
    connection.close(200, "OK".into()).await.expect("close");
}
