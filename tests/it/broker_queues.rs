//! R-Q-5: a queue that the broker has in a bad state costs itself alone, and is named where people and machines look.

use lapin::options::{QueueDeclareOptions, QueueDeleteOptions};
use lapin::types::FieldTable;
use lapin::{Connection, ConnectionProperties};
use serde_json::Value;
use std::time::Duration;
use tests::eventually::eventually;
use tests::process::Process;
use tests::scraped::{address_of, scrape};
use tests::site::Site;

const PATIENCE: Duration = Duration::from_secs(40);
/// Declared with other arguments.
const BROKEN: &str = "watches";

async fn readiness(address: &str) -> (u16, Value) {
    let answer = reqwest::get(format!("http://{address}/readyz")).await;
    let answer = answer.expect("it answers");
    (answer.status().as_u16(), answer.json().await.expect("json"))
}

#[tokio::test]
async fn r_q_5_a_broken_queue_is_named_and_others_go_on() {
    let site = Site::shared().await;
    let connection = Connection::connect(&site.amqp_url(), ConnectionProperties::default()).await;
    let connection = connection.expect("connect");
    let channel = connection.create_channel().await.expect("a channel");
    let made = channel.queue_declare(
        BROKEN.into(),
        QueueDeclareOptions::default(),
        FieldTable::default(),
    );
    made.await.expect("a queue of another kind");
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
        let told = scrape(&address).await;
        assert_eq!(told.value(metric, &[("queue", BROKEN)]), Some(0.0));
        assert_eq!(told.value(metric, &[("queue", "sweeps")]), Some(1.0));
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
