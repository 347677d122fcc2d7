//! `links.answer` (R-LNK-3): acts on one stored event of the provider.

use crate::asking::verification;
use fleet::{Decide, JobError, Look, Spec};
use jiff::Timestamp;
use policy::decision::Decision;
use policy::events::Source;
use policy::jobs::{AnswerLink, LINKS_ANSWER};
use policy::links::{AnswerFacts, LinkCase, LinkNews, answer, asked_for};
use policy::verify::person_of;
use store::events::ProviderEvent;
use store::linking::CaseAttempt;
use store::{StoreError, Tx};

/// Binds, connects, refuses or ends what a callback or the news of a session is about.
pub(crate) struct LinksAnswer;

impl Decide for LinksAnswer {
    const SPEC: Spec = Spec::new(
        LINKS_ANSWER,
        "Acts on one event of the provider: a callback of a link, or news of a session",
    )
    .batch(16);
    type Payload = AnswerLink;
    type Facts = AnswerFacts;

    async fn gather(look: &Look, asked: AnswerLink) -> Result<AnswerFacts, JobError> {
        let read = look.store.reading(async |tx| named(tx, asked).await);
        let (news, case) = read.await?;
        let mut facts = AnswerFacts {
            asked,
            news,
            case,
            verification: None,
            owners: vec![],
            earlier: vec![],
        };
        let now = look.now().await?;
        let (Some(news), Some(case)) = (&facts.news, &facts.case) else {
            return Ok(facts);
        };
        let Some(session) = asked_for(news, case, now) else {
            return Ok(facts);
        };
        let answers = verification(look, session).await?;
        let workspace = case.known.row.workspace;
        // Only now is it known who the person is: whom nobody had named may be somebody's.
        let person = person_of(session, &answers);
        let claims = look
            .store
            .reading(async |tx| tx.link_owners(workspace, session, person.as_ref()).await);
        (facts.owners, facts.earlier) = claims.await?;
        facts.verification = Some(answers);
        Ok(facts)
    }

    fn decide(facts: AnswerFacts, now: Timestamp) -> Decision {
        answer(&facts, now)
    }
}

/// What the event says, and the account and the attempt that it is of.
async fn named(
    tx: &Tx,
    asked: AnswerLink,
) -> Result<(Option<LinkNews>, Option<LinkCase>), StoreError> {
    let events = tx.provider_events(&[asked.event]).await?;
    let Some(event) = events.into_iter().next() else {
        return Ok((None, None));
    };
    let ProviderEvent {
        source,
        message,
        session,
        attempt,
        account,
        ..
    } = event;
    let case = match (account, attempt, &session) {
        (Some(account), Some(attempt), _) => {
            tx.link_case(account, CaseAttempt::Named(attempt)).await?
        }
        (Some(account), None, Some(session)) => {
            tx.link_case(account, CaseAttempt::OfSession(session))
                .await?
        }
        _ => None,
    };
    let news = match source {
        Source::Callback => LinkNews::of_callback(&message, session),
        Source::AccountStatus => session.map(|session| LinkNews::Hint(session, message)),
        Source::Users | Source::Messaging => None,
    };
    Ok((news, case))
}
