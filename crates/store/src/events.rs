//! Events of the provider's, kept before they are answered (R-LNK-2): `provider_events`.

use crate::columns::{Columns, values};
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::trace::{self, Created};
use crate::tx::Tx;
use jiff::Timestamp;
use policy::events::{Callback, Source, Verdict, Webhook};
use policy::ids::{AccountId, AttemptId, JobId, SessionId, WorkspaceId};
use policy::jobs::{Kind, Queue};
use policy::trace::TraceParent;
use serde_json::Value;
use tokio_postgres::Row;
use uuid::Uuid;

const ATTEMPT: Sql = sql!("events/attempt");
const TAKE_CALLBACK: Sql = sql!("events/take_callback");
const TAKE_WEBHOOK: Sql = sql!("events/take_webhook");
const NOTE: Sql = sql!("events/note");
const NAMED: Sql = sql!("events/named");

/// Kind of the job that acts on an event; the database writes its row (`relink.enqueue_answer`).
const LINKS_ANSWER: Kind = Kind {
    name: "links.answer",
    queue: Queue::Watches,
    version: 1,
};

/// What the name of an attempt was signed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedAttempt {
    /// Account that the attempt is of.
    pub account: AccountId,
    /// Workspace of the account.
    pub workspace: WorkspaceId,
    /// Last instant at which its name binds.
    pub name_ends_at: Timestamp,
}

/// Event that was kept.
#[derive(Clone, Debug, PartialEq)]
pub struct ProviderEvent {
    /// Row.
    pub id: Uuid,
    /// Instant of its arrival, by the database's clock.
    pub received_at: Timestamp,
    /// Source of it.
    pub source: Source,
    /// Provider's word: a callback's status, a state, an event.
    pub message: String,
    /// Session that it names; null of a callback that named none.
    pub session: Option<SessionId>,
    /// Attempt that a callback proved; null of webhooks.
    pub attempt: Option<AttemptId>,
    /// Account of the attempt, or of the session when the event came; null of an unlinked one.
    pub account: Option<AccountId>,
    /// [`Verdict::Stored`], [`Verdict::Late`], [`Verdict::Replayed`] or [`Verdict::Unlinked`].
    pub verdict: Verdict,
    /// Fields that were kept.
    pub body: Value,
}

/// Alert of the listener as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventAlert {
    /// `webhooks_refused` or `webhooks_unlinked`.
    pub code: &'static str,
    /// Requests of the kind, as this process counted them.
    pub count: u64,
    /// Seconds in which they came.
    pub within_s: u64,
}

/// Row of an event that is about to be kept, and the job that acts on it, in a trace of its own.
struct AnswerStep {
    event: Uuid,
    job: Uuid,
    context: TraceParent,
}

impl AnswerStep {
    fn new() -> Self {
        let job = Uuid::now_v7();
        Self {
            event: Uuid::now_v7(),
            job,
            context: trace::start().child(trace::span_of(job)),
        }
    }
}

impl Tx {
    /// What an attempt's name was signed over; none for an attempt that there is not.
    pub async fn signed_attempt(
        &self,
        attempt: AttemptId,
    ) -> Result<Option<SignedAttempt>, StoreError> {
        let rows = self.rows(ATTEMPT, &[&attempt.0]).await?;
        let read = |found: &Row| {
            Ok(SignedAttempt {
                account: AccountId(row::get(found, "account_id")?),
                workspace: WorkspaceId(row::get(found, "workspace_id")?),
                name_ends_at: row::get(found, "ends_at")?,
            })
        };
        rows.first().map(read).transpose()
    }

    /// Keeps a callback whose name was proved to be that attempt's, once, with the job that acts on it.
    pub async fn take_callback(
        &self,
        attempt: AttemptId,
        callback: &Callback,
    ) -> Result<Verdict, StoreError> {
        let step = AnswerStep::new();
        let asked = values(TAKE_CALLBACK)
            .value("event", step.event)
            .value("attempt", attempt.0)
            .value("message", callback.status.as_str())
            .value("session", callback.session.as_ref().map(|it| it.0.as_str()))
            .value("body", &callback.body)
            .value("job", step.job)
            .value("version", LINKS_ANSWER.version)
            .value("traceparent", step.context.to_string());
        self.take_event(asked, &step).await
    }

    /// Keeps a webhook's event; a state that a linked session is said to be in, with the job that looks at it.
    pub async fn take_webhook(&self, webhook: &Webhook) -> Result<Verdict, StoreError> {
        let step = AnswerStep::new();
        let asked = values(TAKE_WEBHOOK)
            .value("event", step.event)
            .value("source", webhook.source.as_str())
            .value("message", webhook.message.as_str())
            .value("session", webhook.session.0.as_str())
            .value("body", &webhook.body)
            .value("job", step.job)
            .value("version", LINKS_ANSWER.version)
            .value("traceparent", step.context.to_string());
        self.take_event(asked, &step).await
    }

    /// The relay is rung for the job, where there is one, once this is committed.
    async fn take_event(
        &self,
        asked: Columns<'_, ()>,
        step: &AnswerStep,
    ) -> Result<Verdict, StoreError> {
        let rows = self.rows_with(asked).await?;
        let found = rows.first().ok_or(StoreError::RolledBack)?;
        let workspace: Option<Uuid> = row::get(found, "workspace_id")?;
        let job: Option<Uuid> = row::get(found, "job_id")?;
        if let (Some(workspace), Some(job)) = (workspace, job) {
            let created = Created {
                job: JobId(job),
                kind: LINKS_ANSWER,
                context: step.context,
                parent: None,
            };
            self.news.enqueued(std::iter::once((created, workspace)));
        }
        verdict(found)
    }

    /// Raises an alert of the listener as a whole, for a login that may raise no other.
    pub async fn note_events(&self, alert: EventAlert) -> Result<(), StoreError> {
        let EventAlert {
            code,
            count,
            within_s,
        } = alert;
        let detail = serde_json::json!({ "requests": count, "within_s": within_s });
        let asked = values(NOTE)
            .value("code", code)
            .value("subject", "links listener")
            .value("detail", detail);
        self.rows_with(asked).await.map(drop)
    }

    /// Events by their ids, in the order in which they came; one that was forgotten meanwhile is not among them.
    pub async fn provider_events(&self, ids: &[Uuid]) -> Result<Vec<ProviderEvent>, StoreError> {
        let rows = self.rows(NAMED, &[&ids]).await?;
        rows.iter().map(event).collect()
    }
}

fn event(found: &Row) -> Result<ProviderEvent, StoreError> {
    let source: &str = row::get(found, "kind")?;
    let source = Source::parse(source).ok_or_else(|| StoreError::Row {
        column: "kind",
        why: format!("unknown source {source}"),
    })?;
    Ok(ProviderEvent {
        id: row::get(found, "id")?,
        received_at: row::get(found, "received_at")?,
        source,
        message: row::get(found, "message")?,
        session: row::get::<Option<String>>(found, "session_id")?.map(SessionId),
        attempt: row::get::<Option<Uuid>>(found, "attempt_id")?.map(AttemptId),
        account: row::get::<Option<Uuid>>(found, "account_id")?.map(AccountId),
        verdict: verdict(found)?,
        body: row::get(found, "body")?,
    })
}

fn verdict(found: &Row) -> Result<Verdict, StoreError> {
    let word: &str = row::get(found, "verdict")?;
    Verdict::parse(word).ok_or_else(|| StoreError::Row {
        column: "verdict",
        why: format!("unknown verdict {word}"),
    })
}
