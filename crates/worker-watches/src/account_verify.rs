//! `account.verify` (R-LNK-4, R-LNK-6): asks for one account that looks well again.

use crate::asking::verification;
use fleet::{Decide, JobError, Look, Spec};
use jiff::Timestamp;
use policy::decision::Decision;
use policy::jobs::{ACCOUNT_VERIFY, VerifyAccount};
use policy::verify::{Verification, VerificationFacts, is_due, verified};

/// Calls an account connected if its session and its owner both answer.
pub(crate) struct AccountVerify;

impl Decide for AccountVerify {
    const SPEC: Spec = Spec::new(
        ACCOUNT_VERIFY,
        "Asks for a session and its owner before an account is called connected",
    )
    .batch(16);
    type Payload = VerifyAccount;
    /// None: there is no such account, it has no session to ask for, or it was asked a short while ago.
    type Facts = Option<(VerificationFacts, Verification)>;

    async fn gather(look: &Look, payload: VerifyAccount) -> Result<Self::Facts, JobError> {
        let known = look
            .store
            .reading(async |tx| tx.verification_facts(payload.account).await);
        let Some(known) = known.await? else {
            return Ok(None);
        };
        let Some(session) = known.row.session.clone() else {
            return Ok(None);
        };
        if !is_due(&known.row, known.prior.as_ref(), look.now().await?) {
            return Ok(None);
        }
        let verification = verification(look, &session).await?;
        Ok(Some((known, verification)))
    }

    fn decide(facts: Self::Facts, now: Timestamp) -> Decision {
        facts.map_or_else(
            || Decision::nothing(now),
            |(known, verification)| verified(&known, &verification, now),
        )
    }
}
