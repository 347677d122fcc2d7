//! `account.check` (R-CAP-7): looks at one account at once, because a send was refused for its session.

use crate::asking::probe;
use fleet::{Decide, JobError, Look, Spec};
use jiff::Timestamp;
use policy::decision::Decision;
use policy::jobs::{ACCOUNT_CHECK, CheckAccount};
use policy::sends::check::{Checked, check};

/// Asks for one session, and believes it rather than the refusal.
pub(crate) struct AccountCheck;

impl Decide for AccountCheck {
    const SPEC: Spec = Spec::new(
        ACCOUNT_CHECK,
        "Looks at one session at once because a send was refused for it; flips as the status watch would",
    )
    .batch(16);
    type Payload = CheckAccount;
    /// None: there is no such account, or it has no session to ask for.
    type Facts = Option<Checked>;

    async fn gather(look: &Look, payload: CheckAccount) -> Result<Self::Facts, JobError> {
        let read = look.store.reading(async |tx| {
            let known = tx.verification_facts(payload.account).await?;
            let losses = tx.check_losses(payload.account).await?;
            let stop = tx.standing_stop(payload.account).await?;
            Ok::<_, JobError>((known, losses, stop))
        });
        let (known, (losses_last_hour, fleet), stop) = read.await?;
        let Some(known) = known else { return Ok(None) };
        let Some(session) = known.row.session.clone() else {
            return Ok(None);
        };
        let observed_at = look.now().await?;
        let answer = probe(look, &session).await;
        Ok(Some(Checked {
            known,
            answer,
            observed_at,
            code: payload.code,
            losses_last_hour,
            fleet,
            stop,
        }))
    }

    fn decide(facts: Self::Facts, now: Timestamp) -> Decision {
        facts.map_or_else(|| Decision::nothing(now), |checked| check(&checked, now))
    }
}
