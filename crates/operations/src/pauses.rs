//! Stopping work and letting it go on (R-Q-1).

use crate::text::utc;
use crate::{Done, Life, Operation, Refused};
use store::Tx;
use store::operators::{Act, Scope};
use store::pauses::{Mode, PauseScope, PauseSelector};

/// Keeps work of a scope from starting, on every pod, the moment it is committed. Runs in progress finish.
pub struct Pause {
    /// What is paused.
    pub over: PauseScope,
    /// Whether what has started once may be tried again.
    pub mode: Mode,
    /// For how long; none: until somebody lifts it.
    pub life: Option<Life>,
}

impl Operation for Pause {
    const SCOPE: Scope = Scope::Operate;

    fn what(&self) -> String {
        let life = self.life.map(|it| format!(" for {it}"));
        let (over, mode) = (&self.over, self.mode.as_str());
        format!("pause {over} ({mode}){}", life.unwrap_or_default())
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        let life = self.life.map(|it| it.0);
        let (pause, ends_at) = tx.pause_work(act, &self.over, self.mode, life).await?;
        let until = ends_at.map_or("until it is lifted".to_owned(), |at| {
            format!("until {}", utc(at))
        });
        let says = format!("paused {} ({}) {until}", self.over, self.mode.as_str());
        let done = Done::new(says).with("pause", &pause);
        Ok(match ends_at {
            Some(at) => done.with("ends_at", &at),
            None => done,
        })
    }
}

/// Lifts pauses; what others hold stays held.
pub struct Resume {
    /// Which.
    pub which: PauseSelector,
    /// Over how long what was held starts little by little; none: at once.
    pub ramp: Option<Life>,
}

impl Operation for Resume {
    const SCOPE: Scope = Scope::Operate;

    fn what(&self) -> String {
        let ramp = self.ramp.map(|it| format!(" over {it}"));
        match &self.which {
            PauseSelector::Id(id) => format!("resume {id}{}", ramp.unwrap_or_default()),
            PauseSelector::Scope(over) => format!("resume {over}{}", ramp.unwrap_or_default()),
        }
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        let ramp = self.ramp.map(|it| it.0);
        let lifted = tx.resume_work(act, &self.which, ramp).await?;
        let names: Vec<String> = lifted
            .iter()
            .map(|one| format!("{} (of {})", one.over, one.paused_by))
            .collect();
        let left = tx.pauses(false).await?;
        let left = left.iter().filter(|one| one.state == "in force").count();
        let rest = match left {
            0 => String::new(),
            1 => "; 1 pause is in force still".to_owned(),
            many => format!("; {many} pauses are in force still"),
        };
        let how = self.ramp.map(|it| format!(", little by little over {it}"));
        let says = format!(
            "resumed {}{}{rest}",
            names.join(", "),
            how.unwrap_or_default()
        );
        let ids: Vec<_> = lifted.iter().map(|one| one.id).collect();
        Ok(Done::new(says).with_json("pauses", serde_json::json!(ids)))
    }
}
