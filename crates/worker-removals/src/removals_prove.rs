//! `removals.prove`: what became of a removal that nobody saw end. It looks, and never calls again.

use fleet::{Decide, JobError, Look, Spec};
use jiff::Timestamp;
use policy::confirm::Answer;
use policy::decision::Decision;
use policy::ids::RemovalId;
use policy::interlock::proved;
use policy::jobs::{LookAtRemoval, REMOVALS_PROVE};
use provider::answer_of;

/// Asks whether the session is gone.
pub(crate) struct RemovalsProve;

/// What was found.
pub(crate) struct ProofFacts {
    removal: RemovalId,
    called_at: Timestamp,
    number: i32,
    answer: Answer,
}

impl Decide for RemovalsProve {
    const SPEC: Spec = Spec::new(
        REMOVALS_PROVE,
        "Looks whether a session is gone whose removal nobody saw end",
    );
    type Payload = LookAtRemoval;
    /// None: it is proved already.
    type Facts = Option<ProofFacts>;

    async fn gather(look: &Look, payload: LookAtRemoval) -> Result<Self::Facts, JobError> {
        let removal = look
            .store
            .reading(async |tx| tx.removal(payload.removal).await);
        let Some(removal) = removal.await?.filter(|removal| removal.state == "unknown") else {
            return Ok(None);
        };
        let answer = answer_of(&look.provider.get_session(&removal.session).await);
        Ok(Some(ProofFacts {
            removal: removal.id,
            // Unknown from `permitted` alone is not possible: whatever became unknown was calling.
            called_at: removal.called_at.unwrap_or(removal.requested_at),
            number: payload.number,
            answer,
        }))
    }

    fn decide(found: Self::Facts, now: Timestamp) -> Decision {
        match found {
            None => Decision::nothing(now),
            Some(it) => proved(it.removal, it.called_at, it.number, &it.answer, now),
        }
    }
}
