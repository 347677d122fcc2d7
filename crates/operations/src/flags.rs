//! Gate 5: a flag allows removals for at most 4 hours and ends by itself.

use crate::text::utc;
use crate::{Done, Life, Operation, Refused};
use policy::interlock::FLAG_LIFE_MAX;
use policy::words::Word;
use serde::Deserialize;
use store::Tx;
use store::operators::{Act, Scope};
use utoipa::ToSchema;

policy::words! {
    serde:
    /// Flag that there is.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
    pub enum FlagName {
        /// Removals of sessions.
        Removals = "removals",
    }
}

/// Allows something for a while; an earlier flag of that name ends.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Enable {
    /// What is allowed.
    #[schema(value_type = FlagName)]
    pub name: String,
    /// For how long, at most 4h: `30m`, `2h`, `1h30m`.
    #[serde(rename = "for")]
    #[schema(value_type = String, example = "2h", pattern = "^(4h|[1-3]h([1-9]m|[1-5][0-9]m)?|[1-9]m|[1-5][0-9]m)$")]
    pub life: Life,
}

impl Operation for Enable {
    const SCOPE: Scope = Scope::Remove;

    fn what(&self) -> String {
        format!("flag enable {} for {}", self.name, self.life)
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        if self.life.0 > FLAG_LIFE_MAX.unsigned_abs() {
            let why = format!("for: a flag lives at most 4h, not {}", self.life);
            return Err(Refused::invalid(why));
        }
        let name = known(&self.name)?;
        let ends_at = tx.enable_flag(act, name.as_str(), self.life.0).await?;
        let says = format!(
            "enabled the flag {name} until {}; it ends by itself",
            utc(ends_at)
        );
        Ok(Done::new(says).with("ends_at", &ends_at))
    }
}

/// Ends a flag before its time.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Disable {
    /// What is allowed no longer.
    #[schema(value_type = FlagName)]
    pub name: String,
}

impl Operation for Disable {
    const SCOPE: Scope = Scope::Remove;

    fn what(&self) -> String {
        format!("flag disable {}", self.name)
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        let name = known(&self.name)?;
        Ok(Done::new(match tx.end_flag(act, name.as_str()).await? {
            0 => format!("found the flag {name} not enabled"),
            _ => format!("ended the flag {name}: no removal is permitted or begun any more"),
        }))
    }
}

/// A name that is none ends nothing, and whoever wrote it must not read that it is done.
fn known(name: &str) -> Result<FlagName, Refused> {
    FlagName::read(name)
        .map_err(|why| Refused::invalid(format!("flag: there is no such flag: {why}")))
}
