//! Alerts to operators, and what they acknowledged.

use super::{ByAge, Page, fetched};
use crate::columns::values;
use crate::error::StoreError;
use crate::operators::Act;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use policy::alerts::{CodeName, alert_class};
use policy::words::Word;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

const ALERTS: Sql = sql!("views/alerts");
const ACK: Sql = sql!("views/ack_alerts");

/// Which alerts.
#[derive(Clone, Debug, Default)]
pub struct AlertFilter {
    /// Of one code.
    pub code: Option<CodeName>,
    /// Only those that nobody acknowledged.
    pub open: bool,
}

/// An alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AlertView {
    /// Its id.
    pub id: Uuid,
    /// What kind of trouble.
    pub code: String,
    /// Urgency: `page`, `ticket`, or `feed` for what calls nobody by itself.
    pub class: String,
    /// What it is about.
    pub subject: String,
    /// How often it was raised.
    pub times: i32,
    /// When first.
    #[schema(value_type = String, format = DateTime)]
    pub raised_at: Timestamp,
    /// When last.
    #[schema(value_type = String, format = DateTime)]
    pub last_at: Timestamp,
    /// When somebody acknowledged it.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub acked_at: Option<Timestamp>,
    /// Who.
    pub acked_by: Option<String>,
    /// Details, as last raised.
    #[schema(value_type = Object)]
    pub detail: Value,
}

/// An alert that an act acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Acked {
    /// Its id.
    pub id: Uuid,
    /// Its code.
    pub code: String,
    /// Its subject.
    pub subject: String,
}

impl Tx {
    /// One page of alerts, those raised last first.
    pub async fn alert_views(
        &self,
        filter: &AlertFilter,
        before: Option<ByAge>,
        limit: u32,
    ) -> Result<Page<AlertView>, StoreError> {
        let (at, id) = before.map(|ByAge(at, id)| (at, id)).unzip();
        let page = values(ALERTS)
            .value("code", filter.code.map(Word::word))
            .value("open", filter.open)
            .value("before_at", at)
            .value("before_id", id)
            .value("limit", fetched(limit));
        let rows = self.rows_with(page).await?;
        let rows = rows.iter().map(|found| {
            Ok::<_, StoreError>(AlertView {
                id: row::get(found, "id")?,
                class: alert_class(row::get(found, "code")?).to_string(),
                code: row::get(found, "code")?,
                subject: row::get(found, "subject")?,
                times: row::get(found, "times")?,
                raised_at: row::get(found, "raised_at")?,
                last_at: row::get(found, "last_at")?,
                acked_at: row::get(found, "acked_at")?,
                acked_by: row::get(found, "acked_by")?,
                detail: row::get(found, "detail")?,
            })
        });
        let rows = rows.collect::<Result<_, _>>()?;
        Ok(Page::of(rows, limit, |one: &AlertView| {
            ByAge::text(one.last_at, one.id)
        }))
    }

    /// Acknowledges alerts by their ids or, if `code` is named, all open ones of it. Those that were open.
    pub async fn ack_alerts(
        &self,
        act: &Act<'_>,
        ids: Option<&[Uuid]>,
        code: Option<CodeName>,
    ) -> Result<Vec<Acked>, StoreError> {
        let asked = values(ACK)
            .value("token", act.secret())
            .value("audit", act.audit)
            .value("ids", ids)
            .value("code", code.map(Word::word))
            .value("reason", act.reason);
        let rows = self.rows_with(asked).await?;
        rows.iter()
            .map(|found| {
                Ok(Acked {
                    id: row::get(found, "id")?,
                    code: row::get(found, "code")?,
                    subject: row::get(found, "subject")?,
                })
            })
            .collect()
    }
}
