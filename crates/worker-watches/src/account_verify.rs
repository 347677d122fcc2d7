//! `account.verify` (R-LNK-4, R-LNK-6): asks for one account that looks well again.

use crate::asking::verification;
use fleet::{Decide, JobError, Look, Spec};
use jiff::Timestamp;
use policy::decision::Decision;
use policy::jobs::{ACCOUNT_VERIFY, VerifyAccount};
use policy::verify::{AccountRow, Verification, verified};

/// Calls an account connected if its session and its owner both answer.
pub(crate) struct AccountVerify;

impl Decide for AccountVerify {
    const SPEC: Spec = Spec::new(
        ACCOUNT_VERIFY,
        "Asks for a session and its owner before an account is called connected",
    )
    .batch(16);
    type Payload = VerifyAccount;
    /// None: there is no such account, or it has no session to ask for.
    type Facts = Option<(AccountRow, Verification)>;

    async fn gather(look: &Look, payload: VerifyAccount) -> Result<Self::Facts, JobError> {
        let row = look
            .store
            .reading(async |tx| tx.account(payload.account).await);
        let Some(row) = row.await? else {
            return Ok(None);
        };
        let Some(session) = row.session.clone() else {
            return Ok(None);
        };
        let verification = verification(look, &session).await?;
        Ok(Some((row, verification)))
    }

    fn decide(facts: Self::Facts, now: Timestamp) -> Decision {
        facts.map_or_else(
            || Decision::nothing(now),
            |(row, verification)| verified(&row, &verification, now),
        )
    }
}
