//! RabbitMQ over AMQP: reachable, the topology, who consumes, whether it takes messages.

use super::certificate::{self, Manner};
use super::finding::Findings;
use super::management;
use super::settings::{MANAGEMENT, Settings};
use ::broker::inspect::{Inspection, Part, PartState, Publishing, version};
use ::broker::topology::{DEAD_QUEUE, EXCHANGE};
use ::broker::{BrokerError, Config};
use ::fleet::chain;
use policy::jobs::Queue;
use std::time::Duration;

/// The oldest that will do: what makes dead-lettering at-least-once came with it.
const VERSION_MIN: (u32, u32) = (3, 10);
/// For the greeting.
const WITHIN: Duration = Duration::from_secs(3);
const DECLARE: &str = "start a scheduler or a worker: each declares what is missing";

pub(super) async fn look(settings: &Settings, findings: &mut Findings) {
    let Some(config) = &settings.broker else {
        return findings.not_asked("broker", "RELINK_AMQP_URL is not set, or wrong");
    };
    let place = config.place().ok();
    if let Some((host, port, true, _)) = place.clone() {
        let place = (host, port);
        certificate::look("broker certificate", place, Manner::AtOnce, findings).await;
    }
    let mut told = management::ManagementInfo::default();
    match &settings.management {
        Some(url) => told = management::look(url, config, findings).await,
        None => findings.not_asked(
            "broker management",
            format!("{MANAGEMENT} is not set: policies, alarms and bindings were not looked at"),
        ),
    }
    let greeted = match &place {
        Some((host, port, false, _)) => version(host, *port, WITHIN).await,
        _ => None,
    };
    match greeted.or(told.version) {
        Some(version) => judge_version(&version, findings),
        None => findings.not_asked(
            "broker version",
            "told by TLS's other side only to the management interface",
        ),
    }
    match Inspection::start(config).await {
        Ok(inspection) => {
            let vhost = place.map(|it| it.3).unwrap_or_default();
            findings.ok("broker", format!("logged in to the vhost {vhost}"));
            inspect(&inspection, config, findings).await;
            inspection.end().await;
        }
        Err(error) => findings.fail("broker", chain(&error), advice(&error)),
    }
}

fn advice(error: &BrokerError) -> &'static str {
    let said = chain(error);
    if said.contains("NOT_ALLOWED") || said.contains("NOT-ALLOWED") {
        "create the vhost with `rabbitmqctl add_vhost`, and give the user its rights with `rabbitmqctl set_permissions`"
    } else if said.contains("ACCESS_REFUSED") || said.contains("ACCESS-REFUSED") {
        "correct user and password in RELINK_AMQP_URL; `rabbitmqctl change_password` sets one"
    } else {
        "see whether the broker runs, whether this machine reaches it, and whether RELINK_AMQP_CA_FILE names the authority of its certificate"
    }
}

fn judge_version(version: &str, findings: &mut Findings) {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().ok());
    let number = (parts.next().flatten(), parts.next().flatten());
    match number {
        (Some(major), Some(minor)) if (major, minor) >= VERSION_MIN => {
            findings.ok("broker version", version);
        }
        _ => findings.fail(
            "broker version",
            version,
            "upgrade RabbitMQ: what is older than 3.10 loses dead letters",
        ),
    }
}

async fn inspect(inspection: &Inspection, config: &Config, findings: &mut Findings) {
    let queues = Queue::ALL.map(Queue::as_str);
    let parts = match inspection.topology(&queues).await {
        Ok(parts) => parts,
        Err(error) => {
            let todo = "see what the broker's log says of it";
            return findings.fail("topology", chain(&error), todo);
        }
    };
    topology(&parts, findings);
    let dead = format!("{}{DEAD_QUEUE}", config.prefix);
    for part in parts.iter().filter(|part| part.what == "queue") {
        if let PartState::Good { ready, consumers } = part.state {
            if part.name == dead {
                dead_letters(&part.name, ready, findings);
            } else {
                consumed(part, config, (ready, consumers), findings);
            }
        }
    }
    let exchange = format!("{}{EXCHANGE}", config.prefix);
    let is_there =
        |part: &&Part| part.name == exchange && matches!(part.state, PartState::Good { .. });
    if parts.iter().find(is_there).is_some() {
        publishing(inspection, findings).await;
    } else {
        findings.not_asked("publishing", "the exchange is not as it should be");
    }
}

fn topology(parts: &[Part], findings: &mut Findings) {
    let mut is_well = true;
    for part in parts {
        let (what, name) = (part.what, &part.name);
        let finding = format!("{what} {name}");
        match &part.state {
            PartState::Good { .. } => continue,
            PartState::Missing => findings.fail(finding, "it is not there", DECLARE),
            PartState::Different(said) => {
                let todo = format!(
                    "delete it (`rabbitmqctl delete_queue {name}`, or the management page): it is declared anew; its jobs are rows and are rung again"
                );
                findings.fail(finding, said, &todo);
            }
            PartState::Refused(said) => {
                let todo = "give the user configure, write and read on the vhost with `rabbitmqctl set_permissions`";
                findings.fail(finding, said, todo);
            }
        }
        is_well = false;
    }
    if is_well {
        let saw = format!("{} parts, each as this build declares it", parts.len());
        findings.ok("topology", saw);
    }
}

/// A queue without a worker.
fn consumed(part: &Part, config: &Config, (ready, consumers): (u32, u32), findings: &mut Findings) {
    let queue = part.name.strip_prefix(config.prefix.as_str());
    let queue = queue.unwrap_or(&part.name);
    let name = format!("worker {queue}");
    let saw = format!("{consumers} consumers, {ready} doorbells wait");
    let todo = format!("start `relink worker {queue}`");
    if consumers > 0 {
        findings.ok(name, saw);
    } else if queue == Queue::Removals.as_str() {
        // Nothing is removed unless operators ask for it.
        findings.warn(name, saw, &todo);
    } else {
        findings.fail(name, saw, &todo);
    }
}

fn dead_letters(name: &str, ready: u32, findings: &mut Findings) {
    if ready == 0 {
        findings.ok("dead letter queue", format!("{name} is empty"));
    } else {
        let todo = "docs/runbooks/relink-dead-messages.md: they were unreadable (`relink alerts list --code undecodable_message`) or came back too often; no job is lost";
        findings.warn(
            "dead letter queue",
            format!("{ready} messages in {name}"),
            todo,
        );
    }
}

async fn publishing(inspection: &Inspection, findings: &mut Findings) {
    match inspection.publishing().await {
        Ok(Publishing::Good) => findings.ok("publishing", "a message to nobody came back"),
        Ok(Publishing::Blocked(why)) => {
            let todo = "give the broker memory or disk: it takes nothing while it is under an alarm (`rabbitmqctl status`)";
            findings.fail("publishing", why, todo);
        }
        Ok(Publishing::Refused(why)) => {
            let todo = "give the user write on the vhost with `rabbitmqctl set_permissions`";
            findings.fail("publishing", why, todo);
        }
        Err(error) => findings.not_asked("publishing", chain(&error)),
    }
}
