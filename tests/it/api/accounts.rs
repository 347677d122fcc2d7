//! Accounts as their product makes, finds, changes and links them (R-API-1, R-API-2, R-LNK-1, R-WSP-1).

mod keys;
mod making;
mod one_person;
mod said;

use super::{Answer, Desk, product};
use jiff::Timestamp;
use policy::ids::AccountId;
use reqwest::Method;
use serde_json::{Value, json};
use simulator::control::{Faults, Rate};
use tests::cast::Cast;
use tests::database::{Database, SUPERUSER};
use tests::provider::{KEY, SimulatedProvider};
use uuid::Uuid;

/// Two workspaces with a connected account each, the API, and a provider that answers it.
struct Site {
    database: Database,
    provider: SimulatedProvider,
    desk: Desk,
    /// Connected, and of the first workspace.
    connected: AccountId,
    tokens: [String; 2],
}

impl Site {
    async fn new() -> Self {
        let database = Database::fresh().await;
        let now = database.store("relink_worker").now().await;
        let now = now.expect("the clock").at;
        let provider = SimulatedProvider::start(now).await;
        let at: Timestamp = "2026-01-05T08:00:00Z".parse().expect("an instant");
        let mut cast = Cast::new(at);
        let connected = cast.connected("connie");
        let first = cast.fleet.workspaces[0].0;
        let second = cast.second_workspace();
        store::seed::plant(&database.config(SUPERUSER), &cast.fleet, at)
            .await
            .expect("plant it");
        provider.create(cast.sessions).await;
        let tokens = [
            product(&database, first.0).await,
            product(&database, second.0).await,
        ];
        let base = provider.base().to_owned();
        let settings = [
            ("RELINK_PROVIDER_URL", base.as_str()),
            ("RELINK_PROVIDER_API_KEY", KEY),
        ];
        Self {
            desk: Desk::over(&database, &settings).await,
            database,
            provider,
            connected,
            tokens,
        }
    }

    /// Asks as the product of that workspace, with a key of its own for each act.
    async fn asks(&self, who: usize, method: Method, path: &str, body: Option<Value>) -> Answer {
        let key = Uuid::now_v7().to_string();
        let headers = [("idempotency-key", key.as_str())];
        self.asks_with(who, (method, path), body, &headers).await
    }

    async fn asks_with(
        &self,
        who: usize,
        (method, path): (Method, &str),
        body: Option<Value>,
        headers: &[(&str, &str)],
    ) -> Answer {
        let url = self.desk.product(path);
        let mut request = self.desk.client.request(method, url);
        request = request.bearer_auth(&self.tokens[who]);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        self.desk.sent(request).await
    }

    async fn gets(&self, who: usize, path: &str) -> Answer {
        self.asks_with(who, (Method::GET, path), None, &[]).await
    }

    async fn posts(&self, who: usize, path: &str, body: Value) -> Answer {
        self.asks(who, Method::POST, path, Some(body)).await
    }

    async fn is_down(&self, is_down: bool) {
        let rate_5xx = Rate(if is_down { 1.0 } else { 0.0 });
        let faults = Faults {
            rate_5xx,
            ..Faults::default()
        };
        self.provider.faults(&faults).await;
    }
}

/// Body of a first call, for that person.
fn ada(handle: &str) -> Value {
    json!({
        "kind": "linkedin", "name": "Ada Bauer", "handle": handle, "reason": "signed up",
        "owner": { "email": "Ada@First.Example", "name": "Ada Bauer", "locale": "de-DE", "zone": "Europe/Berlin" },
    })
}

fn id_of(answer: &Answer) -> String {
    answer.text("id").to_owned()
}
