//! RabbitMQ's management interface, where it is named: what AMQP cannot say.

use super::finding::Findings;
use super::settings::MANAGEMENT;
use ::broker::Config;
use ::broker::topology::{DEAD_QUEUE, EXCHANGE};
use ::fleet::chain;
use policy::jobs::Queue;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::time::Duration;

const WITHIN: Duration = Duration::from_secs(5);
/// What a policy may say that changes what we declare, or what is relied on: a delayed retry makes doorbells wait in the broker.
const OVERRIDING: [&str; 15] = [
    "delivery-limit",
    "max-length",
    "max-length-bytes",
    "overflow",
    "message-ttl",
    "expires",
    "dead-letter-exchange",
    "dead-letter-routing-key",
    "dead-letter-strategy",
    "max-in-memory-length",
    "alternate-exchange",
    "consumer-timeout",
    "delayed-retry-type",
    "delayed-retry-min",
    "delayed-retry-max",
];
/// What a policy may say that changes nothing for a quorum queue of ours.
const HARMLESS: [&str; 6] = [
    "queue-leader-locator",
    "queue-master-locator",
    "target-group-size",
    "queue-mode",
    "queue-version",
    "ha-mode",
];

/// What else is of use.
#[derive(Default)]
pub(super) struct ManagementInfo {
    pub(super) version: Option<String>,
}

/// An interface and the vhost that is looked at.
struct Management {
    client: reqwest::Client,
    base: reqwest::Url,
    vhost: String,
}

pub(super) async fn look(
    url: &SecretString,
    config: &Config,
    findings: &mut Findings,
) -> ManagementInfo {
    let name = "broker management";
    let todo = format!(
        "correct {MANAGEMENT}: http[s]://user:password@host:15672, of a user with the tag monitoring"
    );
    let management = match Management::new(url, config) {
        Ok(management) => management,
        Err(error) => {
            findings.fail(name, error, &todo);
            return ManagementInfo::default();
        }
    };
    let overview = match management.get(&["overview"]).await {
        Ok(overview) => overview,
        Err(error) => {
            findings.fail(name, error, &todo);
            return ManagementInfo::default();
        }
    };
    findings.ok(name, "it answers");
    let version = overview["rabbitmq_version"].as_str().map(str::to_owned);
    alarms(&management, findings).await;
    permissions(&management, config, findings).await;
    queues(&management, config, findings).await;
    ManagementInfo { version }
}

async fn alarms(management: &Management, findings: &mut Findings) {
    let nodes = match management.get(&["nodes"]).await {
        Ok(Value::Array(nodes)) => nodes,
        Ok(_) => return findings.not_asked("alarms", "the answer is no list"),
        Err(error) => return findings.not_asked("alarms", error),
    };
    let mut wrong = vec![];
    for node in &nodes {
        let name = node["name"].as_str().unwrap_or("a node");
        for (field, word) in [("mem_alarm", "memory"), ("disk_free_alarm", "disk")] {
            if node[field] == Value::Bool(true) {
                wrong.push(format!("{name}: {word} alarm"));
            }
        }
        if node["running"] == Value::Bool(false) {
            wrong.push(format!("{name} does not run"));
        }
        if node["partitions"]
            .as_array()
            .is_some_and(|it| !it.is_empty())
        {
            wrong.push(format!("{name} sees a partition"));
        }
    }
    if wrong.is_empty() {
        findings.ok("alarms", format!("none on {} nodes", nodes.len()));
    } else {
        let todo =
            "give the node memory or disk, or mend the cluster: the broker takes nothing meanwhile";
        findings.fail("alarms", wrong.join("; "), todo);
    }
}

/// What the user of RELINK_AMQP_URL may in its vhost.
async fn permissions(management: &Management, config: &Config, findings: &mut Findings) {
    let name = "broker rights";
    let Some(user) = user_of(config) else {
        return findings.not_asked(name, "the user's name cannot be read");
    };
    let found = management
        .get(&["permissions", &management.vhost, &user])
        .await;
    let found = match found {
        Ok(found) => found,
        Err(error) => return findings.not_asked(name, error),
    };
    let narrow: Vec<&str> = ["configure", "write", "read"]
        .into_iter()
        .filter(|right| found[*right].as_str() == Some(""))
        .collect();
    if narrow.is_empty() {
        findings.ok(name, format!("{user} may configure, write and read"));
    } else {
        let saw = format!("{user} may not {}", narrow.join(", nor "));
        let todo = "give the user configure, write and read on the vhost with `rabbitmqctl set_permissions`";
        findings.fail(name, saw, todo);
    }
}

async fn queues(management: &Management, config: &Config, findings: &mut Findings) {
    let full = |name: &str| format!("{}{name}", config.prefix);
    let (mut overriding, mut unbound, mut other, mut untold) = (vec![], vec![], vec![], vec![]);
    let mut unknown = vec![];
    for queue in Queue::ALL
        .map(Queue::as_str)
        .into_iter()
        .chain([DEAD_QUEUE])
    {
        let name = full(queue);
        let found = management.get(&["queues", &management.vhost, &name]).await;
        let Ok(found) = found else {
            untold.push(name);
            continue;
        };
        match found["type"].as_str() {
            Some("quorum") => {}
            kind => other.push(format!("{name} is a {} queue", kind.unwrap_or("strange"))),
        }
        let (changing, strange) = overrides(&found, &name);
        overriding.extend(changing);
        unknown.extend(strange);
        let path = ["queues", &management.vhost, &name, "bindings"];
        let source = if queue == DEAD_QUEUE {
            full("relink.dead")
        } else {
            full(EXCHANGE)
        };
        let key = if queue == DEAD_QUEUE { "" } else { queue };
        let is_ours = |it: &Value| it["source"] == *source && it["routing_key"] == *key;
        match management.get(&path).await {
            Ok(Value::Array(bindings)) if bindings.iter().any(is_ours) => {}
            Ok(Value::Array(_)) => unbound.push(format!("{name} is not bound to {source}")),
            _ => untold.push(name),
        }
    }
    let mut tell = |name, wrong: &[String], well, todo| {
        if !wrong.is_empty() {
            findings.fail(name, wrong.join("; "), todo);
        } else if untold.is_empty() {
            findings.ok(name, well);
        } else {
            // Missing, which AMQP tells, or too new for the interface to know of it.
            findings.not_asked(name, format!("nothing is told of {}", untold.join(", ")));
        }
    };
    tell(
        "queue types",
        &other,
        "all are quorum queues",
        "delete it: a scheduler or a worker declares a quorum queue in its place; its jobs are rows and are rung again",
    );
    tell(
        "policies",
        &overriding,
        "none changes any queue",
        "clear it with `rabbitmqctl clear_policy`: limits of queues are part of the build",
    );
    tell(
        "bindings",
        &unbound,
        "every queue is bound",
        "restart a scheduler or a worker: each binds what is not bound",
    );
    if !unknown.is_empty() {
        let todo = "see in the broker's documentation whether it changes queues of ours; if so, clear it with `rabbitmqctl clear_policy`";
        findings.warn("policies not known", unknown.join("; "), todo);
    }
}

/// What a policy says of a queue that we say otherwise, and what this build does not know.
fn overrides(found: &Value, name: &str) -> (Vec<String>, Vec<String>) {
    let who = found["policy"]
        .as_str()
        .or(found["operator_policy"].as_str());
    let who = who.unwrap_or("of no name");
    let said = found["effective_policy_definition"].as_object();
    let (mut changing, mut strange) = (vec![], vec![]);
    for (key, value) in said.into_iter().flatten() {
        let words = format!("policy {who} sets {key} {value} on {name}");
        if OVERRIDING.contains(&key.as_str()) {
            changing.push(words);
        } else if !HARMLESS.contains(&key.as_str()) {
            strange.push(words);
        }
    }
    (changing, strange)
}

fn user_of(config: &Config) -> Option<String> {
    let url = reqwest::Url::parse(config.url.expose_secret()).ok()?;
    (!url.username().is_empty()).then(|| url.username().to_owned())
}

impl Management {
    fn new(url: &SecretString, config: &Config) -> Result<Self, String> {
        // The parser's own message does not quote the URL, and nothing else may.
        let base = reqwest::Url::parse(url.expose_secret()).map_err(|error| error.to_string())?;
        if !matches!(base.scheme(), "http" | "https") {
            return Err("it is neither http:// nor https://".to_owned());
        }
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(WITHIN)
            .build()
            .map_err(|error| chain(&error.without_url()))?;
        let vhost = config.place().map_err(|error| chain(&error))?.3;
        Ok(Self {
            client,
            base,
            vhost,
        })
    }

    async fn get(&self, path: &[&str]) -> Result<Value, String> {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| "no path can be added to it".to_owned())?
            .pop_if_empty()
            .push("api")
            .extend(path);
        let answer = self.client.get(url).send().await;
        let answer = answer.and_then(reqwest::Response::error_for_status);
        let body = match answer {
            Ok(answer) => answer.json().await,
            Err(error) => Err(error),
        };
        body.map_err(|error| chain(&error.without_url()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_key_of_a_policy_is_named_unless_it_is_known_to_change_nothing() {
        for (key, changes, is_strange) in [
            ("delivery-limit", true, false),
            ("consumer-timeout", true, false),
            ("delayed-retry-type", true, false),
            ("queue-leader-locator", false, false),
            ("of-a-later-broker", false, true),
        ] {
            let found = json!({ "policy": "mine", "effective_policy_definition": { key: 1 } });
            let (changing, strange) = overrides(&found, "sends");
            assert_eq!(
                (changing.len() == 1, strange.len() == 1),
                (changes, is_strange),
                "{key}"
            );
            let named = format!("policy mine sets {key} 1 on sends");
            assert!(changing.iter().chain(&strange).all(|words| *words == named));
        }
    }
}
