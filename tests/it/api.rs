//! `relink api`, as those who ask meet it: the real process, over sockets, over real rows.

mod accounts;
mod acts;
mod callbacks;
mod client;
mod documents;
mod errors;
mod flood;
mod keys;
mod losses;
mod notices;
mod product;
mod rates;
mod schemas;
mod scopes;
mod slow;
mod snapshot;
mod stops;
mod suites;
mod together;
mod webhooks;

use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::Value;
use std::time::Duration;
use store::operators::{NewToken, Scope};
use tests::database::{Database, SUPERUSER};
use tests::eventually::eventually;
use tests::interlock::REASON;
use tests::process::Process;
use uuid::Uuid;

const SOON: Duration = Duration::from_secs(15);
/// High enough that no test meets it unless it wants to.
const NO_RATE: (&str, &str) = ("RELINK_API_RATE_PER_MINUTE", "600000");

/// The process and where it listens.
struct Desk {
    process: Process,
    product: String,
    ops: String,
    webhooks: String,
    health: String,
    client: Client,
}

/// An answer, read to its end.
struct Answer {
    status: StatusCode,
    headers: reqwest::header::HeaderMap,
    body: Value,
}

impl Answer {
    #[track_caller]
    fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self
    }

    /// A problem of this status (RFC 9457); what it says.
    #[track_caller]
    fn problem(&self, status: u16) -> &str {
        self.is(status);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.body["status"], status);
        let code = self.text("code");
        let known = operations::Code::ALL
            .into_iter()
            .find(|it| it.as_str() == code);
        assert_eq!(known.map(operations::Code::status), Some(status), "{code}");
        assert_eq!(self.body["type"], format!("urn:relink:problem:{code}"));
        assert!(self.body["title"].is_string(), "{}", self.body);
        assert_eq!(self.body["request_id"], self.header("x-request-id"));
        self.body["detail"].as_str().expect("a detail")
    }

    fn header(&self, name: &str) -> &str {
        let found = self.headers.get(name);
        found.map_or("", |it| it.to_str().expect("text"))
    }

    fn text(&self, name: &str) -> &str {
        self.body[name]
            .as_str()
            .unwrap_or_else(|| panic!("{name}: {}", self.body))
    }
}

impl Desk {
    /// Over this database, as the operators' role.
    async fn over(database: &Database, settings: &[(&str, &str)]) -> Self {
        Self::at(&database.url("relink_operator"), settings).await
    }

    /// Over whatever is at that URL.
    async fn at(url: &str, settings: &[(&str, &str)]) -> Self {
        tests::site::secure();
        // Each listener takes a port of its own, and says which: no port is free that is only looked for.
        let anywhere = "127.0.0.1:0";
        let all = [
            ("RELINK_DATABASE_URL", url),
            ("RELINK_API_PRODUCT_ADDRESS", anywhere),
            ("RELINK_API_OPS_ADDRESS", anywhere),
            ("RELINK_API_WEBHOOKS_ADDRESS", anywhere),
            ("RELINK_HTTP_ADDRESS", anywhere),
            ("RELINK_STAND_IN_CLOCK", "true"),
            // Whatever any library logs must not hold a token.
            ("RELINK_LOG", "trace"),
            NO_RATE,
        ];
        let all: Vec<(String, String)> = all
            .iter()
            .filter(|(name, _)| !settings.iter().any(|(other, _)| other == name))
            .chain(settings)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let mut process = Process::relink("api", &["api"], &all);
        let found = eventually("the API listens", SOON, || {
            let (log, ended) = (process.log(), process.exited());
            assert!(ended.is_none(), "it ended: {log}");
            async move {
                let health = said(&log, |line| {
                    line["message"] == "health and metrics are served"
                })?;
                let at = |name| {
                    said(&log, |line| {
                        line["message"] == "listening" && line["listener"] == name
                    })
                };
                Some([health, at("product")?, at("ops")?, at("webhooks")?])
            }
        });
        let [health, product, ops, webhooks] = found.await;
        Self {
            process,
            product,
            ops,
            webhooks,
            health,
            client: Client::new(),
        }
    }

    /// Asks with that token, which may be empty.
    async fn ask(&self, method: Method, url: &str, token: &str, body: Option<Value>) -> Answer {
        let mut request = self.client.request(method, url);
        if !token.is_empty() {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        self.sent(request).await
    }

    async fn get(&self, url: &str, token: &str) -> Answer {
        self.ask(Method::GET, url, token, None).await
    }

    /// Every answer has the request's id, and is kept by nobody.
    async fn sent(&self, request: RequestBuilder) -> Answer {
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status(), response.headers().clone());
        assert!(headers.contains_key("x-request-id"), "{status}");
        assert_eq!(headers["cache-control"], "no-store");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        let text = response.text().await.expect("the body");
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer {
            status,
            headers,
            body,
        }
    }

    fn ops(&self, path: &str) -> String {
        format!("{}{path}", self.ops)
    }

    fn product(&self, path: &str) -> String {
        format!("{}{path}", self.product)
    }
}

/// Where the first such line says that a listener is.
fn said(log: &str, is_it: impl Fn(&Value) -> bool) -> Option<String> {
    let mut lines = log
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    let line = lines.find(is_it)?;
    Some(format!("http://{}", line["address"].as_str()?))
}

/// Hands out a token.
async fn token(
    database: &Database,
    operator: &str,
    scopes: &[Scope],
    (workspace, life): (Option<Uuid>, Duration),
) -> String {
    let id = Uuid::now_v7().simple().to_string()[20..].to_owned();
    let secret = [Uuid::now_v7(), Uuid::now_v7()].map(|it| it.simple().to_string());
    let secret = secret.concat();
    let new = NewToken {
        id: &id,
        secret: &secret,
        operator,
        scopes,
        workspace,
        life,
    };
    store::operators::add(&database.config(SUPERUSER), &new, ("test", REASON))
        .await
        .expect("a token");
    format!("rlo_{id}_{secret}")
}

/// A token of an operator that lives for an hour.
async fn operator(database: &Database, name: &str, scopes: &[Scope]) -> String {
    token(database, name, scopes, (None, Duration::from_hours(1))).await
}

/// A product's token that lives for an hour.
async fn product(database: &Database, workspace: Uuid) -> String {
    let of = (Some(workspace), Duration::from_hours(1));
    token(database, "product", &[Scope::Product], of).await
}

/// Acts that were refused and told (R-DEL-5).
async fn told(owner: &tokio_postgres::Client) -> i64 {
    let sql = "select coalesce(sum(times), 0)::bigint from relink.admin_alerts where code in ('operator_refused', 'removal_act_refused')";
    owner.query_one(sql, &[]).await.expect("the alerts").get(0)
}
