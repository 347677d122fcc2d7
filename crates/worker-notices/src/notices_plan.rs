//! `notices.plan` (R-LNK-7): what becomes of notices that are due.

use fleet::{Decide, JobError, Look, Spec};
use jiff::Timestamp;
use policy::decision::Decision;
use policy::jobs::{NOTICES_PLAN, Tick};
use policy::notices::{PlanFacts, plan};
use policy::schedule::Period;

/// Plans notices that are due.
pub(crate) struct NoticesPlan;

impl Decide for NoticesPlan {
    const SPEC: Spec = Spec::new(
        NOTICES_PLAN,
        "Skips due notices that nobody needs, holds back very many of one cause, and asks for one mail for each reader",
    )
    .every(Period::minutes(1));
    type Payload = Tick;
    type Facts = PlanFacts;

    async fn gather(look: &Look, _payload: Tick) -> Result<PlanFacts, JobError> {
        let due = look.store.reading(async |tx| tx.due_notices().await);
        Ok(due.await?)
    }

    fn decide(facts: PlanFacts, now: Timestamp) -> Decision {
        plan(&facts, now)
    }
}
