//! R-RES-1: a restored copy of the database does nothing outward until a person adopts it.

use crate::text::utc;
use crate::{Done, Life, Operation, Refused};
use serde::Deserialize;
use std::time::Duration;
use store::Tx;
use store::operators::{Act, Scope};
use utoipa::ToSchema;

/// Over how long what was held back starts little by little, unless somebody says otherwise.
const RAMP: Duration = Duration::from_mins(10);

/// Makes a restored copy the fleet's database: its leader writes a number of its own into the broker, and what was held back
/// starts little by little. Of two fleets on one broker the other one must be stopped first.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Adopt {
    /// Over how long what was held back starts little by little, like `10m`; 10 minutes unless said.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub ramp: Option<Life>,
}

impl Operation for Adopt {
    const SCOPE: Scope = Scope::Operate;

    fn what(&self) -> String {
        "adopt this database".to_owned()
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        let ramp = self.ramp.map_or(RAMP, |it| it.0);
        let since = tx.adopt_database(act, ramp).await?;
        let says = format!(
            "adopted this database, a restored copy since {}: its scheduler tells the broker within seconds, and work starts little by little",
            utc(since)
        );
        Ok(Done::new(says).with("copy_since", &since))
    }
}
