//! `sends.resolve` (R-CAP-6): looks at the provider for one send whose outcome nobody knows.

use fleet::{Decide, JobError, Look, Spec, chain};
use jiff::Timestamp;
use policy::decision::Decision;
use policy::duties::{DutyVerdict, of_look};
use policy::jobs::{NameSend, SENDS_RESOLVE};
use policy::sends::call::Trace;
use policy::sends::resolve::{ResolveFacts, resolve};

/// Reads an unknown outcome back.
pub(crate) struct SendsResolve;

impl Decide for SendsResolve {
    const SPEC: Spec = Spec::new(
        SENDS_RESOLVE,
        "Looks at the provider for a send whose outcome is unknown; found it is sent, twice absent it failed",
    )
    .batch(16);
    type Payload = NameSend;
    /// None: it is settled by now, or its account has no session to ask.
    type Facts = Option<(ResolveFacts, Trace, DutyVerdict)>;

    async fn gather(look: &Look, payload: NameSend) -> Result<Self::Facts, JobError> {
        let asked = look
            .store
            .reading(async |tx| tx.read_back(payload.account, payload.send).await);
        let Some((asked, facts)) = asked.await? else {
            return Ok(None);
        };
        let (trace, failed) = match look.provider.read_back(&asked).await {
            Ok(trace) => (trace, None),
            Err(error) => {
                let why = chain(&error);
                (Trace::Unclear { why: why.clone() }, Some(why))
            }
        };
        Ok(Some((facts, trace, of_look(failed))))
    }

    fn decide(facts: Self::Facts, now: Timestamp) -> Decision {
        facts.map_or_else(
            || Decision::nothing(now),
            |(facts, trace, verdict)| Decision {
                duty: Some(verdict),
                ..resolve(&facts, &trace, now)
            },
        )
    }
}
