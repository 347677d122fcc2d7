//! What is told to operators, and what they have seen of it.

use super::page::{after, limit};
use crate::route::Look;
use operations::{Done, Operation, Refused, alerts};
use policy::alerts::CodeName;
use policy::words::optional as word;
use serde::Deserialize;
use serde_json::{Value, json};
use store::Tx;
use store::operators::{Act, Scope};
use store::schemas::AlertCode;
use store::views::{Acked, AlertFilter, AlertView, Page};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

/// Which alerts are listed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Alerts {
    #[serde(default, deserialize_with = "word")]
    #[schema(value_type = Option<AlertCode>)]
    code: Option<CodeName>,
    /// Only those that nobody acknowledged.
    #[serde(default)]
    open: bool,
    /// The `next` of the page before.
    after: Option<String>,
    /// At most, 100 unless said, at most 1,000.
    #[schema(minimum = 1, maximum = 1_000)]
    limit: Option<u32>,
}

pub(super) async fn listed(look: &Look, asked: Alerts) -> Result<Page<AlertView>, Refused> {
    let limit = limit(asked.limit)?;
    let after = after(asked.after.as_deref())?;
    let (code, open) = (asked.code, asked.open);
    let filter = AlertFilter { code, open };
    Ok(look.tx.alert_views(&filter, after, limit).await?)
}

/// Alerts that somebody has seen: by their ids, or all open ones of a code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Ack {
    /// These; one that is not open refuses all.
    #[schema(min_items = 1)]
    ids: Option<Vec<Uuid>>,
    /// Or every open one of this code.
    #[serde(default, deserialize_with = "word")]
    #[schema(value_type = Option<AlertCode>)]
    code: Option<CodeName>,
}

/// Schema of an alert that was acknowledged.
pub(super) fn acked() -> Value {
    json!(Acked::schema())
}

impl Ack {
    fn ack(&self) -> Result<alerts::Ack, Refused> {
        let which = match (&self.ids, self.code) {
            (Some(ids), None) => alerts::AlertSelector::Ids(ids.clone()),
            (None, Some(code)) => alerts::AlertSelector::Code(code),
            _ => return Err(Refused::invalid("ids: say which, by ids or by code")),
        };
        Ok(alerts::Ack { which })
    }
}

impl Operation for Ack {
    const SCOPE: Scope = Scope::Operate;

    fn what(&self) -> String {
        let ack = self.ack();
        ack.map_or("alerts ack".to_owned(), |ack| ack.what())
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        self.ack()?.act(tx, act).await
    }
}
