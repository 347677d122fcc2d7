//! What both answers say of the workspace's subscription (R-SUB-1).

use super::words::utc;
use jiff::Timestamp;
use policy::ids::WorkspaceId;
use policy::subscriptions::{Standing, standing};
use serde::Serialize;
use std::fmt;
use store::{StoreError, Tx};
use utoipa::ToSchema;

/// A subscription that ended or is to end.
#[derive(Debug, Serialize, ToSchema)]
pub struct SubscriptionView {
    standing: &'static str,
    #[schema(value_type = String, format = DateTime)]
    ended_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    grace_until: Option<Timestamp>,
    told_days: Vec<i16>,
    answer: String,
}

/// None when it runs and no end of it is known.
pub(super) async fn read(
    tx: &Tx,
    workspace: WorkspaceId,
) -> Result<Option<SubscriptionView>, StoreError> {
    let Some(row) = tx.subscription(workspace).await? else {
        return Ok(None);
    };
    let stands = standing(row.ended_at, tx.now().at);
    let (ended_at, grace_until) = match stands {
        Standing::Runs => return Ok(None),
        Standing::Ends { at } => (at, None),
        Standing::Grace { ended_at, until } => (ended_at, Some(until)),
        Standing::GraceOver { ended_at, since } => (ended_at, Some(since)),
    };
    Ok(Some(SubscriptionView {
        standing: stands.as_str(),
        ended_at,
        grace_until,
        answer: answer(stands, &row.told_days),
        told_days: row.told_days,
    }))
}

/// Its line, if there is something to say.
pub(super) fn show(view: Option<&SubscriptionView>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    view.map_or(Ok(()), |it| writeln!(f, "  subscribed {}", it.answer))
}

fn answer(stands: Standing, told_days: &[i16]) -> String {
    let days: Vec<String> = told_days.iter().map(i16::to_string).collect();
    let told = if days.is_empty() {
        "its workspace was not told yet".to_owned()
    } else {
        format!("its workspace was told on day {}", days.join(", "))
    };
    let rest = format!("nothing is deleted, a renewal undoes all of it; {told}");
    match stands {
        Standing::Runs => "without a known end".to_owned(),
        Standing::Ends { at } => format!("until {}", utc(at)),
        Standing::Grace { ended_at, until } => {
            format!(
                "until {}, grace until {}: {rest}",
                utc(ended_at),
                utc(until)
            )
        }
        Standing::GraceOver { ended_at, since } => {
            format!(
                "until {}, grace over since {}: {rest}",
                utc(ended_at),
                utc(since)
            )
        }
    }
}
