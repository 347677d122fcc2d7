//! Who wants to be told, and what they are told. Bodies carry no event id and no time, as the provider's do not.

use crate::chance::Topic;
use crate::clock::later;
use crate::control::{Deliveries, Faults, LinkView, Span};
use crate::dispatch::{DispatchTime, Message, Sort};
use crate::world::World;
use serde_json::{Value, json};
use std::sync::atomic::Ordering;

/// How many webhooks can be registered.
pub(crate) const SUBSCRIPTIONS_MAX: usize = 1_000;

/// How late a delayed message is when the faults do not say.
const DELAY_SECONDS: Span = Span { min: 10, max: 60 };

/// One registered webhook.
#[derive(Clone, Debug)]
pub(crate) struct Subscription {
    pub(crate) id: String,
    pub(crate) source: String,
    pub(crate) request_url: String,
    pub(crate) name: Option<String>,
    pub(crate) format: String,
    pub(crate) enabled: bool,
    /// Empty: every account, now and in future.
    pub(crate) account_ids: Vec<String>,
    /// None: every event.
    pub(crate) events: Option<Vec<String>>,
    pub(crate) headers: Vec<(String, String)>,
}

impl Subscription {
    fn wants(&self, account: &str, message: &str) -> bool {
        let event = message.to_lowercase();
        self.enabled
            && self.source == "account_status"
            && (self.account_ids.is_empty() || self.account_ids.iter().any(|id| id == account))
            && self
                .events
                .as_ref()
                .is_none_or(|events| events.contains(&event))
    }

    /// As `GET /webhooks` lists it.
    pub(crate) fn view(&self, account_type: impl Fn(&str) -> Option<&'static str>) -> Value {
        let accounts: Vec<Value> = self
            .account_ids
            .iter()
            .map(|id| json!({ "id": id, "type": account_type(id) }))
            .collect();
        let headers: Vec<Value> = self
            .headers
            .iter()
            .map(|(key, value)| json!({ "key": key, "value": value }))
            .collect();
        let mut view = json!({
            "object": "Webhook", "id": self.id, "type": "AUTO", "source": self.source, "enabled": self.enabled,
            "request_url": self.request_url, "format": self.format, "account_ids": accounts, "headers": headers,
            "data": [],
        });
        if let Some(name) = &self.name {
            view["name"] = json!(name);
        }
        if let Some(events) = &self.events {
            view["events"] = json!(events);
        }
        view
    }
}

impl World {
    /// Tells every webhook that wants to know.
    pub(crate) fn tell(&self, account: &str, account_type: &str, message: &str) {
        let body = json!({
            "AccountStatus": { "account_id": account, "account_type": account_type, "message": message }
        });
        let body = body.to_string();
        let wanted: Vec<Subscription> = self
            .subscriptions()
            .iter()
            .filter(|known| known.wants(account, message))
            .cloned()
            .collect();
        for subscription in wanted {
            self.post(&Message {
                sort: Sort::Webhook,
                account: account.to_owned(),
                url: subscription.request_url,
                // No Content-Type unless the webhook was registered with one: the provider does not add it either.
                headers: subscription.headers,
                body: body.clone(),
                attempt: 0,
            });
        }
    }

    /// Tells whoever minted the link how it ended, if they left an address.
    pub(crate) fn call_back(&self, link: &LinkView, status: &str, account: Option<&str>) {
        let Some(url) = link.notify_url.clone() else {
            return;
        };
        let body = json!({ "status": status, "account_id": account, "name": link.name });
        self.post(&Message {
            sort: Sort::Callback,
            account: account.unwrap_or(&link.token).to_owned(),
            url,
            headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
            body: body.to_string(),
            attempt: 0,
        });
    }

    /// Hands a message to the dispatcher, as faithfully as the faults let it.
    fn post(&self, message: &Message) {
        let event = self.events.fetch_add(1, Ordering::Relaxed);
        let faults = self.faults();
        let mut counts = self.counts();
        let sent = message.sort.deliveries(&mut counts);
        sent.raised += 1;
        if self
            .chance
            .happens(Topic::HookDrop, event, faults.webhook_drop.0)
        {
            sent.dropped += 1;
            return;
        }
        let when = self.plan(&faults, event, sent);
        let twice = self
            .chance
            .happens(Topic::HookDuplicate, event, faults.webhook_duplicate.0);
        sent.duplicated += u64::from(twice);
        for _ in 0..=u8::from(twice) {
            if !self.outbox.put(message.clone(), when) {
                message.sort.deliveries(&mut counts).overflowed += 1;
            }
        }
    }

    fn plan(&self, faults: &Faults, event: u64, sent: &mut Deliveries) -> DispatchTime {
        if self
            .chance
            .happens(Topic::HookDelay, event, faults.webhook_delay.0)
        {
            let Span { min, max } = faults.webhook_delay_seconds.unwrap_or(DELAY_SECONDS);
            let seconds = self.chance.between(Topic::HookDelayLength, event, min, max);
            sent.delayed += 1;
            return DispatchTime::At(later(
                self.clock.now(),
                std::time::Duration::from_secs(seconds),
            ));
        }
        if self
            .chance
            .happens(Topic::HookReorder, event, faults.webhook_reorder.0)
        {
            sent.reordered += 1;
            return DispatchTime::Overtaken;
        }
        DispatchTime::Now
    }
}
