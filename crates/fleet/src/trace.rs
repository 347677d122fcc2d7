//! Where work stands in its trace: spans of this fleet, and the one that is current.

use policy::jobs::Kind;
use policy::trace::TraceParent;
use store::trace::{Created, span, start};
use store::{StoreError, Tx};
use telemetry::{Details, Span};
use uuid::Uuid;

tokio::task_local! {
    static CURRENT: TraceParent;
}

/// The step in which this task works now, if any.
pub fn current() -> Option<TraceParent> {
    CURRENT.try_with(|step| *step).ok()
}

/// Works in a step.
pub async fn within<F: Future>(step: TraceParent, work: F) -> F::Output {
    CURRENT.scope(step, work).await
}

/// Begins a span below `parent`, or a trace with it. `details` is asked only where traces are told.
pub fn begin(parent: Option<TraceParent>, details: impl FnOnce() -> Details) -> Span {
    let place = parent.map_or_else(start, |parent| parent.child(span()));
    Span::begin(place, parent, details)
}

/// Begins the span of an operator's act or of a request, in the trace that a `traceparent` header names, if it names
/// one. `name` is of few different ones (`POST /v1/pauses`, `pause`).
pub fn asked(traceparent: Option<&str>, name: &str) -> Span {
    let parent = traceparent.and_then(TraceParent::parse);
    begin(parent, || plain(name, telemetry::Kind::Server))
}

/// Begins a span of our own work below the current one.
pub fn inside(name: &str) -> Span {
    begin(current(), || plain(name, telemetry::Kind::Internal))
}

/// Commits, as a step of the current one, and tells of each job that came to be with it: its row names that very step.
pub async fn commit(tx: Tx) -> Result<(), StoreError> {
    let mut commit = inside("commit");
    let created = if commit.is_told() {
        tx.created()
    } else {
        vec![]
    };
    let finished = tx.finish().await;
    match &finished {
        Ok(()) => tell(&created),
        Err(_) => commit.fail("commit"),
    }
    finished
}

/// Begins the trace of a schedule's run.
pub fn tick(schedule: &'static str) -> Span {
    begin(None, || Details {
        attributes: vec![("relink.schedule", schedule.into())],
        ..plain(&format!("tick {schedule}"), telemetry::Kind::Internal)
    })
}

/// Tells of jobs that came to be: a span of no length each, which their runs then have as their parent or link.
pub fn tell(created: &[Created]) {
    for job in created {
        drop(Span::begin(job.context, job.parent, || Details {
            name: format!("create {}", job.kind.queue.as_str()),
            kind: telemetry::Kind::Producer,
            links: vec![],
            attributes: [
                messaging(job.kind.queue.as_str(), "create", "create"),
                vec![
                    ("relink.job.id", job.job.to_string().into()),
                    ("relink.job.kind", job.kind.name.into()),
                ],
            ]
            .concat(),
        }));
    }
}

/// Begins the span of ringing for jobs that were created in these steps.
pub fn ringing(queue: &'static str, created: &[Option<TraceParent>], message: Uuid) -> Span {
    begin(TraceParent::of_run(created), || Details {
        name: format!("send {queue}"),
        kind: telemetry::Kind::Producer,
        links: created.iter().copied().flatten().collect(),
        attributes: [
            messaging(queue, "send", "send"),
            vec![
                ("messaging.rabbitmq.destination.routing_key", queue.into()),
                ("messaging.message.id", message.to_string().into()),
                ("messaging.batch.message_count", count(created.len())),
            ],
        ]
        .concat(),
    })
}

/// What a run says of itself beside its jobs.
pub(crate) fn processing(kind: &Kind) -> Vec<(&'static str, telemetry::Value)> {
    let queue = kind.queue.as_str();
    let mut attributes = messaging(queue, "process", "process");
    attributes.push(("relink.job.kind", kind.name.into()));
    attributes
}

pub(crate) fn count(number: usize) -> telemetry::Value {
    i64::try_from(number).unwrap_or(i64::MAX).into()
}

fn messaging(
    queue: &'static str,
    name: &'static str,
    kind: &'static str,
) -> Vec<(&'static str, telemetry::Value)> {
    vec![
        ("messaging.system", "rabbitmq".into()),
        ("messaging.destination.name", queue.into()),
        ("messaging.operation.name", name.into()),
        ("messaging.operation.type", kind.into()),
    ]
}

fn plain(name: &str, kind: telemetry::Kind) -> Details {
    Details {
        name: name.to_owned(),
        kind,
        links: vec![],
        attributes: vec![],
    }
}
