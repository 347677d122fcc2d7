//! What the owners' product asks its API for.

use super::Site;
use crate::commands::Failure;
use crate::up::owners::Owner;
use crate::up::owners::diary::Deed;
use fleet::chain;
use policy::ids::AccountId;
use reqwest::{RequestBuilder, Response, StatusCode};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use uuid::Uuid;

/// An account as its product sees it.
pub(in crate::up::owners) struct Seen {
    pub(in crate::up::owners) status: String,
    /// Our page for its owner, while there is something to do.
    pub(in crate::up::owners) page: Option<String>,
}

/// A page of the provider, and the attempt that it is of.
pub(in crate::up::owners) struct Link {
    pub(in crate::up::owners) url: String,
    pub(in crate::up::owners) attempt: Uuid,
}

impl Site {
    /// Makes an account by the product's API; its link, or none where the provider made none.
    pub(in crate::up::owners) async fn join(
        &self,
        owner: &Owner,
        handle: Option<&str>,
    ) -> Result<(AccountId, Option<Link>), Failure> {
        let asked = json!({
            "kind": owner.kind(), "name": format!("Owner {}", owner.number), "external_id": owner.handle, "handle": handle,
            "owner": { "email": owner.address(), "name": format!("Owner {}", owner.number) },
            "reason": "its owner signed up",
        });
        let made = self.made(&asked, &owner.handle).await?;
        self.diary.did(owner, Deed::MadeAccount);
        let account = account_of(&made)?;
        let link = link_of(&made["link"]);
        if let Some(link) = &link {
            self.diary.given(&link.url);
        }
        Ok((account, link))
    }

    /// Makes an account that waits for whoever runs the demonstration; the page on which to begin.
    pub(crate) async fn welcome(&self, run: i64) -> Result<Option<String>, Failure> {
        let name = format!("you-{run}");
        let asked = json!({
            "kind": "linkedin", "name": "You", "external_id": name, "link": false, "reason": "somebody has a browser",
        });
        let made = self.made(&asked, &name).await?;
        Ok(made["action_url"].as_str().map(str::to_owned))
    }

    async fn made(&self, asked: &Value, key: &str) -> Result<Value, Failure> {
        let url = format!("{}/v1/accounts", self.addresses.product);
        let sent = || {
            self.ours(self.client.post(&url).json(asked))
                .header("Idempotency-Key", key)
        };
        let answer = self.asked("make an account", sent).await?;
        let (status, made) = read(answer).await?;
        if status.is_success() {
            return Ok(made);
        }
        Err(unexpected("make an account", status, &made))
    }

    /// Asks the product's API for a link; none where it says that none is needed now, or none can be had.
    pub(in crate::up::owners) async fn link(
        &self,
        owner: &Owner,
        account: AccountId,
        is_dead: bool,
    ) -> Result<Option<Link>, Failure> {
        let url = format!(
            "{}/v1/accounts/{}/reconnect",
            self.addresses.product, account.0
        );
        let asked = json!({ "dead": is_dead, "reason": "its owner clicked" });
        let sent = || self.ours(self.client.post(&url).json(&asked));
        let answer = self.asked("ask for a link", sent).await?;
        self.diary.did(owner, Deed::AskedForLink);
        let (status, given) = read(answer).await?;
        let link = link_of(&given).filter(|_| status.is_success());
        if let Some(link) = &link {
            self.diary.given(&link.url);
        }
        let is_known = matches!(status.as_u16(), 200 | 201 | 409 | 429 | 502 | 504);
        if is_known {
            Ok(link)
        } else {
            Err(unexpected("ask for a link", status, &given))
        }
    }

    /// Looks at an account by the product's API.
    pub(in crate::up::owners) async fn look(&self, account: AccountId) -> Result<Seen, Failure> {
        let url = format!("{}/v1/accounts/{}", self.addresses.product, account.0);
        let answer = self
            .asked("look at an account", || self.ours(self.client.get(&url)))
            .await?;
        let (status, shown) = read(answer).await?;
        let text = |name: &str| shown[name].as_str().map(str::to_owned);
        match text("status") {
            Some(word) => Ok(Seen {
                status: word,
                page: text("action_url"),
            }),
            None => Err(unexpected("look at an account", status, &shown)),
        }
    }

    /// Whether the account that the product calls `name` was connected ever.
    pub(in crate::up::owners) async fn was_connected(&self, name: &str) -> Result<bool, Failure> {
        let url = format!("{}/v1/accounts?external_id={name}", self.addresses.product);
        let answer = self
            .asked("look for an account", || self.ours(self.client.get(&url)))
            .await?;
        let (status, found) = read(answer).await?;
        if !status.is_success() {
            return Err(unexpected("look for an account", status, &found));
        }
        Ok(found["accounts"][0]["first_connected_at"].is_string())
    }

    pub(super) fn ours(&self, request: RequestBuilder) -> RequestBuilder {
        request.bearer_auth(self.addresses.token.expose_secret())
    }
}

pub(super) async fn read(answer: Response) -> Result<(StatusCode, Value), Failure> {
    let status = answer.status();
    let body = answer.json().await;
    let body = body.map_err(|error| Failure::new(chain(&error.without_url())));
    Ok((status, body?))
}

/// The code says it; what else an answer holds may be a secret.
pub(super) fn unexpected(what: &str, status: StatusCode, answer: &Value) -> Failure {
    let code = answer["code"].as_str().unwrap_or("no code");
    Failure::new(format!("{what}: {status} {code}"))
}

fn account_of(made: &Value) -> Result<AccountId, Failure> {
    let id = made["id"].as_str().and_then(|it| Uuid::parse_str(it).ok());
    id.map(AccountId)
        .ok_or_else(|| Failure::new("make an account: no id"))
}

fn link_of(given: &Value) -> Option<Link> {
    Some(Link {
        url: given["url"].as_str()?.to_owned(),
        attempt: Uuid::parse_str(given["attempt"].as_str()?).ok()?,
    })
}
