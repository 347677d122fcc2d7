//! Where the ids of traces come from, and which jobs a transaction has made in which step.

use crate::tx::Tx;
use policy::ids::JobId;
use policy::jobs::Kind;
use policy::trace::TraceParent;
use uuid::Uuid;

/// A job that a transaction has enqueued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Created {
    /// The row.
    pub job: JobId,
    /// Its kind.
    pub kind: Kind,
    /// The step that its row names.
    pub context: TraceParent,
    /// The step of whoever asked for it, if that was known.
    pub parent: Option<TraceParent>,
}

/// The first step of a new trace: what an operator's act, an API's request or a tick begins with. Its ids are times
/// and chance, as a UUIDv7 has them, so traces sort by their age.
pub fn start() -> TraceParent {
    loop {
        // The first UUIDv7 will do: neither of its halves is ever all zeroes.
        if let Some(step) = TraceParent::new(Uuid::now_v7().into_bytes(), span()) {
            return step;
        }
    }
}

/// The id of a new step.
pub fn span() -> [u8; 8] {
    span_of(Uuid::now_v7())
}

/// The id of the step in which a job was created: half of its own id, so that a row and its span name each other.
pub fn span_of(id: Uuid) -> [u8; 8] {
    id.as_u64_pair().1.to_be_bytes()
}

impl Tx {
    /// The jobs that this transaction has enqueued so far.
    pub fn created(&self) -> Vec<Created> {
        self.news.created().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_two_traces_and_no_two_steps_have_one_id() {
        let steps: Vec<TraceParent> = (0..10_000).map(|_| start()).collect();
        let traces: HashSet<[u8; 16]> = steps.iter().map(|step| step.trace()).collect();
        let spans: HashSet<[u8; 8]> = steps.iter().map(|step| step.span()).collect();
        assert_eq!((traces.len(), spans.len()), (10_000, 10_000));
        assert!(steps.iter().all(|step| step.is_sampled()));
    }
}
