//! What people say of losses that the mass-change breaker stopped (R-WAT-3).

use crate::{Done, Operation, Refused};
use jiff::Timestamp;
use policy::ids::AccountId;
use policy::instant::optional;
use serde::Deserialize;
use store::Tx;
use store::operators::{Act, Scope, StoppedLosses};
use utoipa::ToSchema;
use uuid::Uuid;

/// Accepts losses that the breaker stopped: of a run, or of accounts. Those seen within the last 5 minutes are applied at
/// once, others with the next run.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Accept {
    /// Run that stopped them, as its alert names it.
    #[serde(default, deserialize_with = "optional")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub run: Option<Timestamp>,
    /// Accounts whose losses they are.
    #[serde(default)]
    pub accounts: Vec<Uuid>,
}

/// Refuses losses that the breaker stopped: for 24 hours nothing is done while their sessions keep saying them; then they
/// count as new.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Refuse {
    /// Run that stopped them, as its alert names it.
    #[serde(default, deserialize_with = "optional")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub run: Option<Timestamp>,
    /// Accounts whose losses they are.
    #[serde(default)]
    pub accounts: Vec<Uuid>,
}

impl Operation for Accept {
    const SCOPE: Scope = Scope::Operate;

    fn what(&self) -> String {
        format!("watch accept {}", named(self.run, &self.accounts))
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        let losses = losses(self.run, &self.accounts)?;
        let accepted = tx.accept_losses(act, &losses).await?;
        let says = match accepted {
            0 => "accepted nothing: all of them were accepted before".to_owned(),
            some => format!(
                "accepted {some} losses; those seen within the last 5 minutes are applied now, others with the next run"
            ),
        };
        Ok(Done::new(says).with_json("accepted", serde_json::json!(accepted)))
    }
}

impl Operation for Refuse {
    const SCOPE: Scope = Scope::Operate;

    fn what(&self) -> String {
        format!("watch refuse {}", named(self.run, &self.accounts))
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        let losses = losses(self.run, &self.accounts)?;
        let refused = tx.refuse_losses(act, &losses).await?;
        let says = match refused {
            0 => "refused nothing: none of them is open any more".to_owned(),
            some => format!(
                "refused {some} losses; while their sessions keep saying it nothing is done for 24 hours"
            ),
        };
        Ok(Done::new(says).with_json("refused", serde_json::json!(refused)))
    }
}

fn losses(run: Option<Timestamp>, accounts: &[Uuid]) -> Result<StoppedLosses, Refused> {
    match (run, accounts) {
        (Some(run), []) => Ok(StoppedLosses::OfRun(run)),
        (None, [_, ..]) => {
            let ids = accounts.iter().copied().map(AccountId).collect();
            Ok(StoppedLosses::OfAccounts(ids))
        }
        (Some(_), [_, ..]) => Err(Refused::invalid(
            "run: name a run or accounts, and not both",
        )),
        (None, []) => Err(Refused::invalid(
            "run: name the run that stopped them, or accounts; relink watch list shows them",
        )),
    }
}

fn named(run: Option<Timestamp>, accounts: &[Uuid]) -> String {
    match (run, accounts) {
        (Some(run), _) => run.to_string(),
        (None, [one]) => format!("--account {one}"),
        (None, several) => format!("{} accounts", several.len()),
    }
}
