//! `confirm.poll` (R-DEL-2, R-DEL-3).

use fleet::{Decide, JobError, Look, Spec};
use jiff::Timestamp;
use policy::confirm::{Answer, CaseFacts, Poll, poll};
use policy::decision::Decision;
use policy::duties::of_poll;
use policy::ids::SessionId;
use policy::jobs::{CONFIRM_POLL, PollCase};
use provider::answer_of;
use std::time::Duration;
use store::StoreError;
use store::cases::OpenCase;

/// Asks the provider for a suspected session and, beside it, for one that is known good.
pub(crate) struct ConfirmPoll;

impl Decide for ConfirmPoll {
    const SPEC: Spec = Spec::new(
        CONFIRM_POLL,
        "Polls a suspected-missing session beside a control session",
    )
    .batch(8)
    .limit(Duration::from_mins(1));
    type Payload = PollCase;
    /// None: the case is closed, or never was.
    type Facts = Option<CaseFacts>;

    async fn gather(look: &Look, payload: PollCase) -> Result<Self::Facts, JobError> {
        // A control that differs from poll to poll: one odd session cannot vouch for all.
        let spread = i16::from(
            payload.case.0.as_bytes()[15]
                .wrapping_add(payload.number.to_le_bytes()[0].wrapping_mul(85)),
        );
        let Some((case, control)) = read(look, payload, spread).await? else {
            return Ok(None);
        };
        let started_at = look.now().await?;
        let answer = answer_of(&look.provider.get_session(&case.session).await);
        let control_answer = match &control {
            Some(control) => answer_of(&look.provider.get_session(control).await),
            None => Answer::Inconclusive {
                why: "no session is known good".to_owned(),
            },
        };
        let finished_at = look.now().await?;
        let this = Poll {
            case: payload.case,
            number: payload.number,
            started_at,
            finished_at,
            answer,
            control,
            control_answer,
        };
        Ok(Some(facts(payload, case, this)))
    }

    fn decide(facts: Self::Facts, now: Timestamp) -> Decision {
        facts.map_or_else(
            || Decision::nothing(now),
            |facts| Decision {
                duty: Some(of_poll(&facts.this)),
                ..poll(&facts, now)
            },
        )
    }
}

async fn read(
    look: &Look,
    payload: PollCase,
    spread: i16,
) -> Result<Option<(OpenCase, Option<SessionId>)>, StoreError> {
    let found = look.store.reading(async |tx| {
        let Some(case) = tx.open_case(payload.case).await? else {
            return Ok(None);
        };
        let control = tx.control_session(&case.session, spread).await?;
        Ok(Some((case, control)))
    });
    found.await
}

fn facts(payload: PollCase, case: OpenCase, this: Poll) -> CaseFacts {
    CaseFacts {
        case: payload.case,
        row: case.row,
        attempt: case.attempt,
        session: case.session,
        opened_at: case.opened_at,
        earlier: case.polls,
        this,
        fleet: case.fleet,
        suspects: case.other_suspects.saturating_add(1),
        recovered_24h: case.recovered_24h,
        leave: case.leave,
    }
}
