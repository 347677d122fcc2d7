//! `removals.look` (gate 3, R-DEL-2, R-DEL-4): one of the three looks before a removal.

use fleet::{Decide, JobError, Look, Spec};
use jiff::Timestamp;
use policy::confirm::Answer;
use policy::decision::Decision;
use policy::ids::{Identity, SessionId};
use policy::interlock::{AfterLook, LookedAt, after_look};
use policy::jobs::{LookAtRemoval, REMOVALS_LOOK};
use provider::answer_of;
use store::StoreError;
use store::removals::{Begun, Process, Removal};

/// Asks the provider for the session and, beside it, for one that is known good.
pub(crate) struct RemovalsLook;

impl Decide for RemovalsLook {
    const SPEC: Spec = Spec::new(
        REMOVALS_LOOK,
        "Looks at a session that operators want removed, beside a control session",
    );
    type Payload = LookAtRemoval;
    /// None: the removal is over, or this look is.
    type Facts = Option<AfterLook>;

    async fn gather(look: &Look, payload: LookAtRemoval) -> Result<Self::Facts, JobError> {
        let Some((removal, begun)) = begin(look, payload).await? else {
            return Ok(None);
        };
        let session = ask(look, &removal.session).await;
        let control = match begun.control {
            Some(control) => {
                let (answer, identity) = ask(look, &control).await;
                Some((control, answer, identity))
            }
            None => None,
        };
        let facts = read(look, payload).await?;
        Ok(Some(AfterLook {
            removal: removal.id,
            number: payload.number,
            requested_at: removal.requested_at,
            facts,
            looked: LookedAt { session, control },
        }))
    }

    fn decide(facts: Self::Facts, now: Timestamp) -> Decision {
        facts.map_or_else(|| Decision::nothing(now), |facts| after_look(&facts, now))
    }
}

/// The look's beginning is committed before the provider is asked, so that the database's time of it precedes the
/// question.
async fn begin(
    look: &Look,
    payload: LookAtRemoval,
) -> Result<Option<(Removal, Begun)>, StoreError> {
    let tx = look.store.begin().await?;
    let begun = async {
        let Some(removal) = tx.removal(payload.removal).await? else {
            return Ok(None);
        };
        // A control that differs from look to look: one odd session cannot vouch for all.
        let spread = payload.removal.0.as_bytes()[15]
            .wrapping_add(payload.number.to_le_bytes()[0].wrapping_mul(85));
        let control = tx
            .control_session(&removal.session, i16::from(spread))
            .await?;
        let begun = tx
            .begin_look(payload.removal, payload.number, control.as_ref())
            .await?;
        Ok(begun.map(|begun| (removal, begun)))
    }
    .await;
    match begun {
        Ok(begun) => tx.finish().await.map(|()| begun),
        Err(error) => {
            tx.abandon().await;
            Err(error)
        }
    }
}

async fn read(
    look: &Look,
    payload: LookAtRemoval,
) -> Result<policy::interlock::GateFacts, StoreError> {
    // Only the looks are read from it: what the process says of itself matters when it asks for the permit.
    let process = Process {
        switch: false,
        self_test: vec![],
    };
    let removal = Some(payload.removal);
    let judged = look
        .store
        .reading(async |tx| tx.removal_gates(removal, &process).await);
    judged.await.map(|judgement| judgement.facts)
}

async fn ask(look: &Look, session: &SessionId) -> (Answer, Option<Identity>) {
    let answered = look.provider.get_session(session).await;
    let identity = answered
        .as_ref()
        .ok()
        .and_then(|session| session.identity.clone());
    (answer_of(&answered), identity)
}
