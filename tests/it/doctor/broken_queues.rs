//! A broker whose queues are not as this build declares them.

use super::patient::{Patient, examine, management, text};
use super::ward::{Ward, failing};
use broker::topology;
use lapin::options::{QueueDeclareOptions, QueueDeleteOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{Channel, Connection, ConnectionProperties};
use policy::jobs::Queue;
use secrecy::SecretString;
use serde_json::json;
use std::collections::BTreeSet;
use std::time::Duration;
use tests::eventually::eventually;

#[expect(clippy::too_many_lines, reason = "a list, one breakage an entry")]
#[tokio::test]
async fn each_broken_queue_is_named_with_its_fix() {
    let mut patient = Patient::fresh().await;
    patient
        .settings
        .retain(|name, _| name.contains("AMQP") || name.contains("MANAGEMENT"));
    let config = broker::Config {
        url: SecretString::from(patient.site.amqp_url()),
        ca_file: None,
        connect_timeout: Duration::from_secs(10),
        heartbeat: Duration::from_secs(10),
        prefix: String::new(),
    };
    let queues = Queue::ALL.map(Queue::as_str);
    topology::declare(&config, &queues).await.expect("declare");
    let ward = Ward::of(patient).await;
    // Nobody consumes, which is told of all but removals: those wait for operators.
    let all = queues.into_iter().filter(|queue| *queue != "removals");
    let nobody: BTreeSet<String> = all.map(|queue| format!("worker {queue}")).collect();
    assert_eq!(ward.before, nobody);
    let patient = &ward.patient;
    let report = examine(&patient.settings).await;
    let worker = report.bad("worker sends").expect("nobody consumes");
    println!(
        "| no worker for a queue | `worker sends` | {} | {} |",
        text(worker, "saw"),
        text(worker, "todo")
    );
    let connection =
        Connection::connect(&patient.site.amqp_url(), ConnectionProperties::default()).await;
    let connection = connection.expect("connect");
    let channel = connection.create_channel().await.expect("a channel");
    let declared = "it is declared anew";
    for (what, change, [saw, todo]) in [
        (
            "a queue is missing",
            None,
            ["it is not there", "start a scheduler or a worker"],
        ),
        (
            "a classic queue instead of a quorum queue",
            Some(classic()),
            ["inequivalent arg", declared],
        ),
        (
            "another delivery limit",
            Some(limited()),
            ["x-delivery-limit", declared],
        ),
    ] {
        remove(&channel, "sends").await;
        if let Some(arguments) = change {
            let options = QueueDeclareOptions {
                durable: true,
                ..QueueDeclareOptions::default()
            };
            channel
                .queue_declare("sends".into(), options, arguments)
                .await
                .expect("declare");
        }
        let report = examine(&patient.settings).await;
        let found = report
            .bad("queue sends")
            .unwrap_or_else(|| panic!("{what}: {}", report.text));
        assert!(text(found, "saw").contains(saw), "{what}: {found}");
        assert!(text(found, "todo").contains(todo), "{what}: {found}");
        let new: Vec<String> = failing(&report).difference(&nobody).cloned().collect();
        assert!(new.contains(&"queue sends".to_owned()), "{what}: {new:?}");
        assert_eq!(report.code, Some(1));
        let kinds = report.bad("queue types").map(|kinds| text(kinds, "saw"));
        let is_classic = what.starts_with("a classic");
        assert_eq!(
            kinds,
            is_classic.then_some("sends is a classic queue"),
            "{what}"
        );
        println!(
            "| {what} | `queue sends` | {} | {} |",
            text(found, "saw"),
            text(found, "todo")
        );
    }
    remove(&channel, "sends").await;
    let seen = examine(&patient.settings).await;
    let missing = seen.bad("queue sends").expect("it is gone");
    assert_eq!(
        text(missing, "saw"),
        "it is not there",
        "looking made no queue"
    );
    topology::declare(&config, &queues).await.expect("declare");
    let vhost = patient
        .site
        .amqp_url()
        .rsplit_once('/')
        .expect("a vhost")
        .1
        .to_owned();
    let policy = format!("{}/api/policies/{vhost}/short", management());
    let told = json!({ "pattern": ".*", "definition": { "delivery-limit": 5 }, "apply-to": "queues", "priority": 0 });
    let client = reqwest::Client::new();
    let put = client
        .put(&policy)
        .json(&told)
        .send()
        .await
        .expect("a policy");
    assert!(put.status().is_success(), "{}", put.status());
    let report = eventually(
        "the policy is in force",
        Duration::from_secs(15),
        || async {
            let report = examine(&patient.settings).await;
            let found = report
                .bad("policies")
                .map(|found| text(found, "saw").to_owned());
            // The broker lays it over one queue after the other.
            let is_over_all =
                |saw: String| saw.matches("delivery-limit 5").count() == Queue::ALL.len() + 1;
            found.is_some_and(is_over_all).then_some(report)
        },
    )
    .await;
    let found = report.bad("policies").expect("it");
    assert!(
        text(found, "saw").contains("policy short sets delivery-limit 5 on sweeps"),
        "{found}"
    );
    assert_eq!(
        failing(&report)
            .difference(&ward.before)
            .collect::<Vec<_>>(),
        ["policies"]
    );
    println!(
        "| a policy over our limits | `policies` | {} | {} |",
        text(found, "saw"),
        text(found, "todo")
    );
}

async fn remove(channel: &Channel, queue: &str) {
    let options = QueueDeleteOptions::default();
    channel
        .queue_delete(queue.into(), options)
        .await
        .expect("delete it");
}

fn classic() -> FieldTable {
    let mut arguments = FieldTable::default();
    arguments.insert(
        "x-queue-type".into(),
        AMQPValue::LongString("classic".into()),
    );
    arguments
}

/// As ours, but for one argument.
fn limited() -> FieldTable {
    let mut arguments = FieldTable::default();
    let text = |value: &str| AMQPValue::LongString(value.into());
    arguments.insert("x-queue-type".into(), text("quorum"));
    arguments.insert(
        "x-quorum-initial-group-size".into(),
        AMQPValue::LongLongInt(3),
    );
    let length = i64::from(topology::QUEUE_LENGTH_MAX);
    arguments.insert("x-max-length".into(), AMQPValue::LongLongInt(length));
    arguments.insert("x-delivery-limit".into(), AMQPValue::LongLongInt(20));
    arguments.insert("x-overflow".into(), text("reject-publish"));
    arguments.insert(
        "x-dead-letter-exchange".into(),
        text(topology::DEAD_EXCHANGE),
    );
    arguments.insert("x-dead-letter-strategy".into(), text("at-least-once"));
    arguments
}
