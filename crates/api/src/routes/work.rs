//! What operators ask and do about work: queues, pauses, dead letters, alerts.

use super::alerts::{Ack, Alerts, acked, listed};
use super::page::within;
use super::{ById, Nothing};
use crate::document::{Made, Ruled};
use crate::methods::{delete, post};
use crate::route::{Look, Route, act, shown, view};
use operations::dead::{DeadLetterSelector, Discard, LIMIT, LIMIT_MAX, Redrive, refuse_blank};
use operations::{Done, Life, Operation, Refused, pauses};
use policy::ids::JobId;
use policy::instant::optional as instant;
use policy::jobs::{KindName, Queue};
use policy::words::optional as word;
use serde::{Deserialize, Serialize};
use store::Tx;
use store::dead::{DeadFilter, DeadLetter, DeadMatches, DeadRow};
use store::operators::{Act, Scope};
use store::pauses::{Mode, PauseRow, PauseScope, PauseSelector};
use store::queues::QueueRow;
use store::schemas::{JobKind, PauseScopeName, QueueName};
use store::workers::WorkerView;
use utoipa::ToSchema;
use uuid::Uuid;

const READ: Scope = Scope::Read;
/// What acts on dead letters answer with.
const LETTERS: &[Made] = &[Made::Count("count"), Made::Ids("jobs")];

/// The part of operators' routes that is about work.
#[rustfmt::skip] // A table: a line a route.
pub(super) fn routes() -> Vec<Route> {
    vec![
        view("/v1/queues", READ, "What waits, runs, fails and is paused", |look, asked: Kinds| shown(queues(look, asked.kinds))),
        view("/v1/workers", READ, "Who works: queues, build, last sign of life, leases (R-JOB-4)", |look, _: Nothing| shown(workers(look))),
        view("/v1/pauses", READ, "Pauses in force, or all", |look, asked: PauseFilter| shown(look.tx.pauses(asked.all))),
        act::<Pause>(post(), "/v1/pauses", "Keeps work of a scope from starting (R-Q-1)").makes(&[Made::Id("pause"), Made::Instant("ends_at")]).ruled(Ruled::Unless("scope", "everything", "target")),
        act::<Resume>(delete(), "/v1/pauses/{id}", "Lifts a pause, at once or little by little").makes(&[Made::Ids("pauses")]),
        view("/v1/dead", READ, "The newest dead letters that fit (R-Q-3)", |look, asked: Fitting| shown(dead(look, asked))),
        view("/v1/dead/{id}", READ, "A dead letter with every attempt", |look, one: ById| shown(letter(look, one.id))),
        act::<RedriveDeadLetterSelector>(post(), "/v1/dead/redrive", "Lets dead letters wait again, as the jobs that they are").makes(LETTERS).ruled(Ruled::OneOf(&["jobs", "filter"])),
        act::<DiscardDeadLetterSelector>(post(), "/v1/dead/discard", "Gives dead letters up; they are kept").makes(LETTERS).ruled(Ruled::OneOf(&["jobs", "filter"])),
        view("/v1/alerts", READ, "Alerts, those raised last first", |look, asked: Alerts| shown(listed(look, asked))),
        act::<Ack>(post(), "/v1/alerts/ack", "Acknowledges alerts; raised again, each is a new one").makes(&[Made::Objects("alerts", acked)]).ruled(Ruled::OneOf(&["ids", "code"])),
    ]
}

/// How queues are shown.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Kinds {
    /// Each kind of job by itself.
    #[serde(default)]
    kinds: bool,
}

/// Every queue or kind.
#[derive(Serialize, ToSchema)]
struct QueuesView {
    queues: Vec<QueueRow>,
    pauses: Vec<PauseRow>,
}

async fn queues(look: &Look, kinds: bool) -> Result<QueuesView, Refused> {
    Ok(QueuesView {
        queues: look.tx.queues(kinds).await?,
        pauses: look.tx.pauses(false).await?,
    })
}

/// Workers that live, and those that fell silent within the hour.
#[derive(Serialize, ToSchema)]
struct WorkersView {
    workers: Vec<WorkerView>,
}

async fn workers(look: &Look) -> Result<WorkersView, Refused> {
    let workers = look.tx.worker_views().await?;
    Ok(WorkersView { workers })
}

/// Which pauses are listed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PauseFilter {
    /// Those that are over, too.
    #[serde(default)]
    all: bool,
}

/// A pause that is asked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Pause {
    /// What is paused.
    #[schema(value_type = PauseScopeName)]
    scope: String,
    /// Which; none for everything.
    target: Option<String>,
    /// `hold` unless said.
    #[serde(default)]
    mode: Mode,
    /// For how long, `2h`; until somebody lifts it, if not said.
    #[serde(rename = "for")]
    life: Option<Life>,
}

impl Operation for Pause {
    const SCOPE: Scope = Scope::Operate;

    fn what(&self) -> String {
        match self.pause() {
            Ok(pause) => pause.what(),
            Err(_) => "pause".to_owned(),
        }
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        self.pause()?.act(tx, act).await
    }
}

impl Pause {
    fn pause(&self) -> Result<pauses::Pause, Refused> {
        let over =
            PauseScope::parse(&self.scope, self.target.as_deref()).map_err(Refused::invalid)?;
        let (mode, life) = (self.mode, self.life);
        Ok(pauses::Pause { over, mode, life })
    }
}

/// A pause that is to be lifted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Resume {
    /// Which.
    id: Uuid,
    /// Over how long what was held starts little by little, `10m`; at once, if not said.
    ramp: Option<Life>,
}

impl Operation for Resume {
    const SCOPE: Scope = Scope::Operate;

    fn what(&self) -> String {
        self.resume().what()
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        self.resume().act(tx, act).await
    }
}

impl Resume {
    fn resume(&self) -> pauses::Resume {
        let (which, ramp) = (PauseSelector::Id(self.id), self.ramp);
        pauses::Resume { which, ramp }
    }
}

/// Which dead letters are listed; all that is said must fit.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Fitting {
    #[serde(default, deserialize_with = "word")]
    #[schema(value_type = Option<QueueName>)]
    queue: Option<Queue>,
    #[serde(default, deserialize_with = "word")]
    #[schema(value_type = Option<JobKind>)]
    kind: Option<KindName>,
    workspace: Option<Uuid>,
    account: Option<Uuid>,
    /// Dead since then.
    #[serde(default, deserialize_with = "instant")]
    #[schema(value_type = Option<String>, format = DateTime)]
    since: Option<jiff::Timestamp>,
    /// Whose last error holds this text, in any case.
    #[schema(pattern = r"\S")]
    error: Option<String>,
    /// At most, 100 unless said, at most 10,000.
    #[schema(minimum = 1, maximum = 10_000)]
    limit: Option<u32>,
}

/// Dead letters, and how many fit of the newest that are looked at.
#[derive(Serialize, ToSchema)]
struct DeadView {
    rows: Vec<DeadRow>,
    fit: i64,
    /// Older ones were not looked at: more may fit.
    is_more: bool,
}

async fn dead(look: &Look, asked: Fitting) -> Result<DeadView, Refused> {
    let limit = within("limit", asked.limit.unwrap_or(LIMIT), LIMIT_MAX)?;
    let filter = DeadFilter {
        queue: asked.queue,
        kind: asked.kind,
        workspace: asked.workspace,
        account: asked.account,
        since: asked.since,
        error: asked.error,
    };
    refuse_blank("error", filter.error.as_deref())?;
    let (rows, DeadMatches { fit, is_more }) = look.tx.dead(&filter, i64::from(limit)).await?;
    Ok(DeadView { rows, fit, is_more })
}

async fn letter(look: &Look, id: Uuid) -> Result<DeadLetter, Refused> {
    let missing = || Refused::missing(format!("there is no dead letter {id}"));
    look.tx.dead_letter(JobId(id)).await?.ok_or_else(missing)
}

/// Dead letters that something is done with: by their ids, or by a filter.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DiscardDeadLetterSelector {
    /// These; one that is not dead refuses all.
    #[schema(min_items = 1)]
    jobs: Option<Vec<Uuid>>,
    /// Or those that fit.
    filter: Option<DeadFilter>,
    /// Of those that fit, at most so many; 100 unless said.
    #[schema(minimum = 1, maximum = 10_000)]
    limit: Option<u32>,
}

impl DiscardDeadLetterSelector {
    fn which(&self) -> Result<DeadLetterSelector, Refused> {
        match (&self.jobs, &self.filter) {
            (Some(jobs), None) => Ok(DeadLetterSelector::Jobs(
                jobs.iter().copied().map(JobId).collect(),
            )),
            (None, Some(filter)) => Ok(DeadLetterSelector::Fitting(
                filter.clone(),
                self.limit.unwrap_or(LIMIT),
            )),
            _ => Err(Refused::invalid("jobs: say which, by jobs or by filter")),
        }
    }
}

impl Operation for DiscardDeadLetterSelector {
    const SCOPE: Scope = Scope::Operate;

    fn what(&self) -> String {
        let which = self.which();
        which.map_or("dead discard".to_owned(), |which| Discard { which }.what())
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        let which = self.which()?;
        Discard { which }.act(tx, act).await
    }
}

/// Dead letters that are to be driven again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct RedriveDeadLetterSelector {
    /// These; one that is not dead refuses all.
    #[schema(min_items = 1)]
    jobs: Option<Vec<Uuid>>,
    /// Or those that fit.
    filter: Option<DeadFilter>,
    /// Of those that fit, at most so many; 100 unless said.
    #[schema(minimum = 1, maximum = 10_000)]
    limit: Option<u32>,
    /// Over how long they come due, `5m`; 50 a second, if not said.
    spread: Option<Life>,
}

impl RedriveDeadLetterSelector {
    fn redrive(&self) -> Result<Redrive, Refused> {
        let letters = DiscardDeadLetterSelector {
            jobs: self.jobs.clone(),
            filter: self.filter.clone(),
            limit: self.limit,
        };
        let (which, spread) = (letters.which()?, self.spread);
        Ok(Redrive { which, spread })
    }
}

impl Operation for RedriveDeadLetterSelector {
    const SCOPE: Scope = Scope::Operate;

    fn what(&self) -> String {
        let redrive = self.redrive();
        redrive.map_or("dead redrive".to_owned(), |redrive| redrive.what())
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        self.redrive()?.act(tx, act).await
    }
}
