//! `losses.apply` (R-WAT-3): applies losses that an operator accepted after the breaker stopped them.

use crate::news::news_max;
use fleet::{Decide, JobError, Look, Spec};
use jiff::Timestamp;
use policy::decision::Decision;
use policy::jobs::{AcceptedLosses, LOSSES_APPLY};
use policy::watch::{AcceptedPage, SHARE_ROWS, apply_accepted};

/// Applies accepted losses page by page, on sights of the last period.
pub(crate) struct LossesApply;

impl Decide for LossesApply {
    const SPEC: Spec = Spec::new(
        LOSSES_APPLY,
        "Applies losses that an operator accepted after the breaker stopped them, some rows a job",
    );
    type Payload = AcceptedLosses;
    type Facts = AcceptedPage;

    async fn gather(look: &Look, payload: AcceptedLosses) -> Result<AcceptedPage, JobError> {
        let read = look.store.reading(async |tx| {
            let since = tx
                .now()
                .at
                .checked_sub(news_max(tx.now()))
                .unwrap_or(Timestamp::MIN);
            let rows = tx
                .accepted_losses(payload.after, since, i64::from(SHARE_ROWS))
                .await?;
            let is_last = rows.len() < SHARE_ROWS as usize;
            Ok(AcceptedPage {
                asked: payload,
                rows,
                is_last,
            })
        });
        read.await
    }

    fn decide(facts: AcceptedPage, now: Timestamp) -> Decision {
        apply_accepted(facts, now)
    }
}
