//! `duplicates.watch` (R-DUP-1).

use fleet::{Decide, JobError, Look, Spec};
use jiff::Timestamp;
use policy::decision::Decision;
use policy::duplicates::{Duplicates, Unknown, duplicates_alert};
use policy::duties::of_outcome;
use policy::jobs::{DUPLICATES_WATCH, Tick};
use policy::schedule::Period;

/// People whom the alert lists; all are counted.
const SAMPLE_MAX: i64 = 20;

/// Tells of people with several live sessions, and ends none of them.
pub(crate) struct DuplicatesWatch;

impl Decide for DuplicatesWatch {
    const SPEC: Spec = Spec::new(
        DUPLICATES_WATCH,
        "Lists people with several live sessions, which is linked and which is inert; ends none",
    )
    .every(Period::hours(6));
    type Payload = Tick;
    type Facts = Result<Duplicates, Unknown>;

    async fn gather(look: &Look, _: Tick) -> Result<Self::Facts, JobError> {
        let found = look
            .store
            .reading(async |tx| tx.duplicates(SAMPLE_MAX).await);
        let found = found.await?;
        if let Err(unknown) = found {
            tracing::info!(why = %unknown, "nobody can say now who has several sessions");
        }
        Ok(found)
    }

    fn decide(found: Self::Facts, now: Timestamp) -> Decision {
        let verdict = of_outcome(DUPLICATES_WATCH, &found);
        let alert = found.ok().as_ref().and_then(duplicates_alert);
        Decision {
            alerts: alert.into_iter().collect(),
            duty: Some(verdict),
            ..Decision::nothing(now)
        }
    }
}
