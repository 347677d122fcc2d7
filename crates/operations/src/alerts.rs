//! Acknowledging alerts: somebody has seen them. What is raised again after that is a new alert.

use crate::{Done, Operation, Refused};
use policy::alerts::CodeName;
use policy::words::Word;
use serde_json::json;
use store::Tx;
use store::operators::{Act, Scope};
use uuid::Uuid;

/// Which alerts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AlertSelector {
    /// Those with these ids.
    Ids(Vec<Uuid>),
    /// Every open one of this code.
    Code(CodeName),
}

/// Acknowledges open alerts.
pub struct Ack {
    /// Which.
    pub which: AlertSelector,
}

impl Operation for Ack {
    const SCOPE: Scope = Scope::Operate;

    fn what(&self) -> String {
        match &self.which {
            AlertSelector::Ids(ids) => {
                let ids: Vec<String> = ids.iter().map(Uuid::to_string).collect();
                format!("alerts ack {}", ids.join(" "))
            }
            AlertSelector::Code(code) => format!("alerts ack --code {}", code.word()),
        }
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        let acked = match &self.which {
            AlertSelector::Ids(ids) if ids.is_empty() => {
                return Err(Refused::invalid("ids: name at least one"));
            }
            AlertSelector::Ids(ids) => {
                let acked = tx.ack_alerts(act, Some(ids), None).await?;
                let is_open = |id: &Uuid| acked.iter().any(|one| one.id == *id);
                if let Some(id) = ids.iter().find(|id| !is_open(id)) {
                    let why =
                        format!("alert: no open alert has the id {id}; nothing is acknowledged");
                    return Err(Refused::missing(why));
                }
                acked
            }
            AlertSelector::Code(code) => tx.ack_alerts(act, None, Some(*code)).await?,
        };
        let says = match (acked.len(), &self.which) {
            (0, AlertSelector::Code(code)) => {
                format!("found no open alert of code {}", code.word())
            }
            (1, _) => "acknowledged 1 alert; if it is raised again, that is a new one".to_owned(),
            (many, _) => format!("acknowledged {many} alerts; what is raised again is a new one"),
        };
        Ok(Done::new(says).with_json("alerts", json!(acked)))
    }
}
