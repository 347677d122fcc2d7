//! `sends.resolve` (R-CAP-6): looks at the provider for one send whose outcome nobody knows.

use fleet::{Decide, JobError, Look, Spec, chain};
use jiff::Timestamp;
use policy::decision::Decision;
use policy::duties::{DutyVerdict, of_look};
use policy::jobs::{NameSend, SENDS_RESOLVE};
use policy::sends::call::Trace;
use policy::sends::resolve::{ResolveFacts, resolve_sight};
use policy::sends::sight::{OtherSend, Sight};
use store::sends::Question;

/// Reads an unknown outcome back.
pub(crate) struct SendsResolve;

/// Result of a look, and the facts to judge it with.
pub(crate) struct LookResult {
    facts: ResolveFacts,
    sight: Sight,
    others: Vec<OtherSend>,
    verdict: DutyVerdict,
}

impl Decide for SendsResolve {
    const SPEC: Spec = Spec::new(
        SENDS_RESOLVE,
        "Looks at the provider for a send whose outcome is unknown; what is proved ends it, as the table of proofs says",
    )
    .batch(16);
    type Payload = NameSend;
    /// None: it is settled by now.
    type Facts = Option<LookResult>;

    async fn gather(look: &Look, payload: NameSend) -> Result<Self::Facts, JobError> {
        let (account, send) = (payload.account, payload.send);
        let question = look
            .store
            .reading(async |tx| tx.read_back(account, send).await);
        let Some(question) = question.await? else {
            return Ok(None);
        };
        let (sight, failed) = sight_of(look, question).await;
        // After the provider: whatever it showed had begun by now, and is among the others.
        let known = look.store.reading(async |tx| {
            let facts = tx.resolve_facts(account, send).await?;
            let others = match &sight {
                Sight::Items(_) => tx.other_sends(account, send).await?,
                Sight::State(_) => vec![],
            };
            Ok::<_, JobError>(facts.map(|facts| (facts, others)))
        });
        Ok(known.await?.map(|(facts, others)| LookResult {
            facts,
            sight,
            others,
            verdict: of_look(failed),
        }))
    }

    fn decide(found: Self::Facts, now: Timestamp) -> Decision {
        let Some(found) = found else {
            return Decision::nothing(now);
        };
        Decision {
            duty: Some(found.verdict),
            ..resolve_sight(&found.facts, &found.sight, &found.others, now)
        }
    }
}

/// Asks the provider; the second is why it could not be asked.
async fn sight_of(look: &Look, question: Question) -> (Sight, Option<String>) {
    let unclear = |why: String| Sight::State(Trace::Unclear { why });
    match question {
        Question::NoSession => (
            unclear("the account has no session to ask".to_owned()),
            None,
        ),
        Question::Ask(asked) => match look.provider.read_back(&asked).await {
            Ok(sight) => (sight, None),
            Err(error) => {
                let why = chain(&error);
                (unclear(why.clone()), Some(why))
            }
        },
    }
}
