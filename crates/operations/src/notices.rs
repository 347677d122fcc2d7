//! What people do about notices that reached nobody (R-LNK-7).

use crate::{Done, Operation, Refused};
use policy::ids::AccountId;
use policy::notices::{NoticeName, NoticeStep};
use serde::Deserialize;
use store::Tx;
use store::operators::{Act, Scope};
use utoipa::ToSchema;
use uuid::Uuid;

/// Has a notice told again that reached nobody, or at once that is held back; an address that a mail server called unknown
/// is tried again. What may have been told is never told twice.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Redrive {
    /// Account that it is about.
    pub account: Uuid,
    /// Episode, as the list names it.
    pub episode: i64,
    /// Step of the ladder: `first`, `day_1`, `day_3`, `day_7`, `back`.
    #[schema(value_type = String)]
    pub step: NoticeStep,
}

impl Operation for Redrive {
    const SCOPE: Scope = Scope::Operate;

    fn what(&self) -> String {
        format!(
            "notices redrive {} {} {}",
            self.account, self.episode, self.step
        )
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        let notice = NoticeName {
            account: AccountId(self.account),
            episode: self.episode,
            step: self.step,
        };
        tx.redrive_notice(act, notice).await?;
        let says = format!(
            "planned the notice {} anew; it is looked at within a minute",
            self.step
        );
        Ok(Done::new(says))
    }
}
