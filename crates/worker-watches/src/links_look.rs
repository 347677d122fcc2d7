//! `links.look` (R-LNK-3): looks whether the login of one open attempt has ended, in case nobody tells.

use crate::asking::{owner, probe};
use fleet::{Decide, JobError, Look, Spec};
use jiff::Timestamp;
use policy::decision::Decision;
use policy::ids::SessionId;
use policy::jobs::{LINKS_LOOK, LookAtLink};
use policy::links::{LinkCase, LookedAt, is_asked_in_vain, looked, session_to_look_at};
use policy::session::Health;
use policy::verify::{Probe, Verification, person_of};
use store::linking::CaseAttempt;

/// Asks for the session that the attempt has or may have mended; a list is asked for where there is none to ask for.
pub(crate) struct LinksLook;

impl Decide for LinksLook {
    const SPEC: Spec = Spec::new(
        LINKS_LOOK,
        "Looks whether the login of one open attempt has ended, in case nobody tells",
    )
    .batch(16);
    type Payload = LookAtLink;
    type Facts = LookedAt;

    async fn gather(look: &Look, asked: LookAtLink) -> Result<LookedAt, JobError> {
        let attempt = CaseAttempt::Named(asked.attempt);
        let read = look
            .store
            .reading(async |tx| tx.link_case(asked.account, attempt).await);
        let mut facts = LookedAt {
            asked,
            case: read.await?,
            verification: None,
            owners: vec![],
            earlier: vec![],
        };
        let Some(case) = &facts.case else {
            return Ok(facts);
        };
        let Some(session) = session_to_look_at(case) else {
            return Ok(facts);
        };
        let Some(answers) = ask(look, case, session).await? else {
            return Ok(facts);
        };
        let workspace = case.known.row.workspace;
        let person = person_of(session, &answers);
        let claims = look
            .store
            .reading(async |tx| tx.link_owners(workspace, session, person.as_ref()).await);
        (facts.owners, facts.earlier) = claims.await?;
        facts.verification = Some(answers);
        Ok(facts)
    }

    fn decide(facts: LookedAt, now: Timestamp) -> Decision {
        looked(&facts, now)
    }
}

/// The session costs nobody anything; its owner's profile is asked for only once it is OK, and not again at once (R-LNK-6).
/// Nothing else is news at a link whose owner may be at its page.
async fn ask(
    look: &Look,
    case: &LinkCase,
    session: &SessionId,
) -> Result<Option<Verification>, JobError> {
    let observed_at = look.now().await?;
    let answered = probe(look, session).await;
    let Probe::Answered(seen) = &answered else {
        return Ok(None);
    };
    if seen.health != Health::Ok || is_asked_in_vain(case, session, observed_at) {
        return Ok(None);
    }
    let owner = owner(look, session, seen).await;
    Ok(Some(Verification {
        session: answered,
        owner,
        observed_at,
    }))
}
