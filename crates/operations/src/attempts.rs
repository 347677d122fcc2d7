//! Attempts of owners to sign in, taken back by those who may.

use crate::{Code, Done, Operation, Refused};
use policy::ids::{AccountId, AttemptId};
use serde::Deserialize;
use store::Tx;
use store::operators::{Act, Scope};
use store::views::AttemptFilter;
use utoipa::ToSchema;
use uuid::Uuid;

/// Takes back an open attempt of an account of the token's workspace. The account is back where it was within a minute.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelAttempt {
    /// Id of the account.
    pub id: Uuid,
    /// Id of the attempt.
    pub attempt: Uuid,
}

impl Operation for CancelAttempt {
    const SCOPE: Scope = Scope::Product;

    fn what(&self) -> String {
        format!("attempts cancel {}", self.attempt)
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        cancel(tx, act, (AccountId(self.id), AttemptId(self.attempt))).await
    }
}

/// Takes back an open attempt of any account, as an operator.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawAttempt {
    /// Id of the attempt.
    pub attempt: Uuid,
}

impl Operation for WithdrawAttempt {
    const SCOPE: Scope = Scope::Operate;

    fn what(&self) -> String {
        format!("attempts cancel {}", self.attempt)
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        let (any, attempt) = (AttemptFilter::default(), AttemptId(self.attempt));
        let found = tx.attempt_view(&any, attempt).await?;
        let missing = || Refused::missing(format!("there is no attempt {attempt}"));
        let found = found.ok_or_else(missing)?;
        cancel(tx, act, (AccountId(found.account_id), attempt)).await
    }
}

async fn cancel(
    tx: &Tx,
    act: &Act<'_>,
    (account, attempt): (AccountId, AttemptId),
) -> Result<Done, Refused> {
    if tx.cancel_attempt(act, (account, attempt)).await? {
        let says = "cancelled the attempt: its link binds nothing any more, and its account is back where it was within a minute";
        return Ok(Done::new(says));
    }
    let why = format!("attempt: {attempt} has ended already");
    Err(Refused::of_code(Code::Finished, why))
}
