//! What people say of cases whose verdict the breaker stopped (R-WAT-3, R-DEL-3).

use crate::{Done, Operation, Refused};
use policy::ids::CaseId;
use serde::Deserialize;
use store::Tx;
use store::operators::{Act, Scope};
use utoipa::ToSchema;
use uuid::Uuid;

/// Confirms cases whose verdict is stopped: the next poll that finds the session gone makes its account missing. One that
/// finds it present ends the case.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Confirm {
    /// Cases to confirm.
    #[schema(min_items = 1)]
    pub cases: Vec<Uuid>,
}

/// Ends cases whose sessions are not gone; these are not suspected again for 24 hours.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Dismiss {
    /// Cases to end.
    #[schema(min_items = 1)]
    pub cases: Vec<Uuid>,
}

impl Operation for Confirm {
    const SCOPE: Scope = Scope::Operate;

    fn what(&self) -> String {
        format!("cases confirm {}", named(&self.cases))
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        let cases = ids(&self.cases)?;
        tx.confirm_cases(act, &cases).await?;
        let says = format!(
            "confirmed {} cases; each has its verdict with its next poll, within a minute or two",
            cases.len()
        );
        Ok(Done::new(says).with_json("cases", serde_json::json!(self.cases)))
    }
}

impl Operation for Dismiss {
    const SCOPE: Scope = Scope::Operate;

    fn what(&self) -> String {
        format!("cases dismiss {}", named(&self.cases))
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        let cases = ids(&self.cases)?;
        let dismissed = tx.dismiss_cases(act, &cases).await?;
        let says = format!(
            "dismissed {dismissed} cases; their sessions are not suspected again for 24 hours, and nothing holds their accounts for them"
        );
        Ok(Done::new(says).with_json("cases", serde_json::json!(self.cases)))
    }
}

/// Each once, so that a list that names one twice is counted right.
fn ids(cases: &[Uuid]) -> Result<Vec<CaseId>, Refused> {
    if cases.is_empty() {
        return Err(Refused::invalid("cases: name at least one"));
    }
    let mut ids: Vec<CaseId> = cases.iter().copied().map(CaseId).collect();
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

fn named(cases: &[Uuid]) -> String {
    let first = cases.iter().take(3).map(Uuid::to_string);
    let rest = cases.len().saturating_sub(3);
    let named = first.collect::<Vec<_>>().join(" ");
    match rest {
        0 => named,
        rest => format!("{named} and {rest} more"),
    }
}
