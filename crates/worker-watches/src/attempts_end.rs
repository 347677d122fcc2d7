//! `attempts.end` (R-LNK-10, R-ST-5): nobody waits for an owner who left.

use fleet::{Decide, JobError, Look, Spec};
use jiff::Timestamp;
use policy::decision::Decision;
use policy::jobs::{ATTEMPTS_END, EndAttempts};
use policy::life::{Ended, end_attempts};
use policy::schedule::Period;

/// Accounts, and attempts, that one look ends; what is left, the next takes at once.
const ENDED_MAX: u16 = 2_000;

/// Takes accounts back to where they were, and ends attempts.
pub(crate) struct AttemptsEnd;

impl Decide for AttemptsEnd {
    const SPEC: Spec = Spec::new(
        ATTEMPTS_END,
        "Takes accounts whose link or checkpoint nobody answered back to where they were; lets attempts lapse whose page nobody used, closes those that are over",
    )
    .every(Period::minutes(1));
    type Payload = EndAttempts;
    type Facts = Ended;

    async fn gather(look: &Look, payload: EndAttempts) -> Result<Ended, JobError> {
        let read = look.store.reading(async |tx| {
            let observed_at = tx.now().at;
            let accounts = tx.unended_accounts(i64::from(ENDED_MAX)).await?;
            let attempts = tx.ending_attempts(i64::from(ENDED_MAX)).await?;
            let lapsed = tx.lapsing_attempts(i64::from(ENDED_MAX)).await?;
            let most = accounts.len().max(attempts.len()).max(lapsed.len());
            let is_cut = most >= usize::from(ENDED_MAX);
            Ok(Ended {
                asked: payload,
                accounts,
                attempts,
                lapsed,
                is_cut,
                observed_at,
            })
        });
        read.await
    }

    fn decide(found: Ended, now: Timestamp) -> Decision {
        end_attempts(found, now)
    }
}
