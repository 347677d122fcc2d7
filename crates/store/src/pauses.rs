//! Pauses: what they are over, beginning and lifting them (R-Q-1, R-AUD-4; V0014), and what still runs under one.

mod running;

pub use running::Running;

use crate::columns::values;
use crate::error::StoreError;
use crate::operators::Act;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use policy::ids::{AccountId, WorkspaceId};
use policy::jobs::{KINDS, Queue};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;
use utoipa::ToSchema;
use uuid::Uuid;

const BEGIN: Sql = sql!("pauses/begin");
const LIFT: Sql = sql!("pauses/lift");
const LIST: Sql = sql!("pauses/list");

/// What a pause is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "scope", content = "target", rename_all = "snake_case")]
pub enum PauseScope {
    /// All work.
    Everything,
    /// A queue, by name.
    Queue(String),
    /// A kind of job, by name.
    Kind(String),
    /// A workspace's work.
    #[schema(value_type = Uuid)]
    Workspace(WorkspaceId),
    /// An account's work.
    #[schema(value_type = Uuid)]
    Account(AccountId),
}

impl PauseScope {
    /// Words of the scopes.
    pub const NAMES: [&'static str; 5] = ["everything", "queue", "kind", "workspace", "account"];

    /// Reads a scope and its target, as a person writes them.
    pub fn parse(scope: &str, target: Option<&str>) -> Result<Self, String> {
        let named = || target.ok_or_else(|| format!("target: say which {scope}"));
        let id = || {
            let text = named()?;
            let id: Result<Uuid, _> = text.parse();
            id.map_err(|_| format!("target: {text:?} is no id of a {scope}"))
        };
        match scope {
            "everything" if target.is_some() => Err("target: everything has none".to_owned()),
            "everything" => Ok(Self::Everything),
            "queue" => Ok(Self::Queue(named()?.to_owned())),
            "kind" => Ok(Self::Kind(named()?.to_owned())),
            "workspace" => Ok(Self::Workspace(WorkspaceId(id()?))),
            "account" => Ok(Self::Account(AccountId(id()?))),
            _ => Err(format!(
                "scope: {scope:?} is none; there are {}",
                Self::NAMES.join(", ")
            )),
        }
    }

    /// The scope's word.
    pub const fn scope(&self) -> &'static str {
        match self {
            Self::Everything => "everything",
            Self::Queue(_) => "queue",
            Self::Kind(_) => "kind",
            Self::Workspace(_) => "workspace",
            Self::Account(_) => "account",
        }
    }

    /// The target as its row has it; empty for everything.
    pub fn target(&self) -> String {
        match self {
            Self::Everything => String::new(),
            Self::Queue(name) | Self::Kind(name) => name.clone(),
            Self::Workspace(id) => id.0.to_string(),
            Self::Account(id) => id.0.to_string(),
        }
    }

    /// Kinds of jobs that it can hold; none: any.
    fn kinds(&self) -> Option<Vec<&str>> {
        match self {
            Self::Kind(name) => Some(vec![name]),
            Self::Queue(name) => Queue::parse(name).map(|queue| {
                let of_queue = KINDS.iter().filter(|kind| kind.queue == queue);
                of_queue.map(|kind| kind.name).collect()
            }),
            Self::Everything | Self::Workspace(_) | Self::Account(_) => None,
        }
    }
}

impl fmt::Display for PauseScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(format!("{} {}", self.scope(), self.target()).trim_end())
    }
}

policy::words! {
    serde:
    /// What becomes of work that has started before a pause; nothing new starts in either.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
    pub enum Mode {
        /// Runs finish; what waits to be tried again waits on.
        #[default]
        Hold = "hold",
        /// Runs finish, and what has started once may be tried again until it is done.
        Drain = "drain",
    }
}

impl FromStr for Mode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::parse(text).ok_or_else(|| format!("mode: a pause is hold or drain, not {text:?}"))
    }
}

/// A pause.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PauseRow {
    /// Its id.
    pub id: Uuid,
    /// `everything`, `queue`, `kind`, `workspace` or `account`.
    pub scope: String,
    /// Which; empty for everything.
    pub target: String,
    /// `hold` or `drain`.
    pub mode: String,
    /// `operator` or `system`.
    pub origin: String,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub paused_at: Timestamp,
    /// By whom.
    pub paused_by: String,
    /// Why.
    pub why: String,
    /// When it ends by itself.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ends_at: Option<Timestamp>,
    /// When it was lifted.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub lifted_at: Option<Timestamp>,
    /// By whom.
    pub lifted_by: Option<String>,
    /// Until when what it held starts little by little.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ramp_until: Option<Timestamp>,
    /// `in force`, `ramp` or `over`.
    pub state: String,
}

/// Which pauses are lifted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PauseSelector {
    /// One.
    Id(Uuid),
    /// Each that is over exactly this.
    Scope(PauseScope),
}

/// A pause that was lifted.
#[derive(Clone, Debug, Serialize)]
pub struct Lifted {
    /// Its id.
    pub id: Uuid,
    /// What it was over.
    pub over: String,
    /// Who had begun it.
    pub paused_by: String,
}

impl Tx {
    /// Begins a pause; its id and its end. In force on every pod when this transaction is committed.
    pub async fn pause_work(
        &self,
        act: &Act<'_>,
        over: &PauseScope,
        mode: Mode,
        life: Option<Duration>,
    ) -> Result<(Uuid, Option<Timestamp>), StoreError> {
        let (id, seconds) = (Uuid::now_v7(), life.map(|it| it.as_secs_f64()));
        let queues = Queue::ALL.map(Queue::as_str).to_vec();
        let kinds: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
        let (scope, target, mode) = (over.scope(), over.target(), mode.as_str());
        let asked = values(BEGIN)
            .value("token", act.secret())
            .value("audit", act.audit)
            .value("id", id)
            .value("scope", scope)
            .value("target", target)
            .value("mode", mode)
            .value("for_s", seconds)
            .value("queues", queues)
            .value("kinds", kinds)
            .value("reason", act.reason);
        Ok((id, self.acted(asked, "ends_at").await?))
    }

    /// Lifts pauses; with a ramp, what they held starts little by little.
    pub async fn resume_work(
        &self,
        act: &Act<'_>,
        which: &PauseSelector,
        ramp: Option<Duration>,
    ) -> Result<Vec<Lifted>, StoreError> {
        let seconds = ramp.map(|it| it.as_secs_f64());
        let (id, scope, target) = match which {
            PauseSelector::Id(id) => (Some(*id), None, None),
            PauseSelector::Scope(over) => (None, Some(over.scope()), Some(over.target())),
        };
        let asked = values(LIFT)
            .value("token", act.secret())
            .value("audit", act.audit)
            .value("pause", id)
            .value("scope", scope)
            .value("target", target)
            .value("ramp_s", seconds)
            .value("reason", act.reason);
        let rows = self.rows_with(asked).await?;
        rows.iter()
            .map(|found| {
                let (scope, target): (String, String) =
                    (row::get(found, "scope")?, row::get(found, "target")?);
                Ok(Lifted {
                    id: row::get(found, "id")?,
                    over: format!("{scope} {target}").trim_end().to_owned(),
                    paused_by: row::get(found, "paused_by")?,
                })
            })
            .collect()
    }

    /// Pauses that are not over; or the newest 200 of all.
    pub async fn pauses(&self, all: bool) -> Result<Vec<PauseRow>, StoreError> {
        let rows = self.rows(LIST, &[&self.now().at, &all]).await?;
        rows.iter().map(pause_row).collect()
    }
}

fn pause_row(found: &tokio_postgres::Row) -> Result<PauseRow, StoreError> {
    Ok(PauseRow {
        id: row::get(found, "id")?,
        scope: row::get(found, "scope")?,
        target: row::get(found, "target")?,
        mode: row::get(found, "mode")?,
        origin: row::get(found, "origin")?,
        paused_at: row::get(found, "paused_at")?,
        paused_by: row::get(found, "paused_by")?,
        why: row::get(found, "why")?,
        ends_at: row::get(found, "ends_at")?,
        lifted_at: row::get(found, "lifted_at")?,
        lifted_by: row::get(found, "lifted_by")?,
        ramp_until: row::get(found, "ramp_until")?,
        state: row::get(found, "state")?,
    })
}
