//! `sends.compare` (R-CAP-10): reads an account's sent invitations; those that are not ours were made by hand, and count.

use fleet::{Decide, JobError, Look, Spec};
use jiff::{SignedDuration, Timestamp};
use policy::decision::Decision;
use policy::ids::AccountId;
use policy::jobs::{CompareInvitations, SENDS_COMPARE};
use policy::sends::by_hand::{ListedInvitation, OwnInvitation, listed_since, not_ours};
use policy::sends::decided::SendChanges;

/// Ours that are older are not asked for: the list tells ages in whole weeks at worst.
const OWN_WITHIN: SignedDuration = SignedDuration::from_hours(31 * 24);

/// Counts what an account did by hand.
pub(crate) struct SendsCompare;

/// A list, and what we sent.
pub(crate) struct Compared {
    account: AccountId,
    listed: Vec<ListedInvitation>,
    own: Vec<OwnInvitation>,
}

impl Decide for SendsCompare {
    const SPEC: Spec = Spec::new(
        SENDS_COMPARE,
        "Compares the provider's sent invitations of an account with ours, once a day in which it invites; others were made by hand, and count",
    )
    .batch(16);
    type Payload = CompareInvitations;
    /// None: the account has no session to ask.
    type Facts = Option<Compared>;

    async fn gather(look: &Look, payload: CompareInvitations) -> Result<Self::Facts, JobError> {
        let account = payload.account;
        let session = look.store.reading(async |tx| {
            Ok::<_, JobError>((tx.session_to_ask(account).await?, tx.now().at))
        });
        let (Some(session), now) = session.await? else {
            return Ok(None);
        };
        let seen = look
            .provider
            .sent_invitations(&session, listed_since(now))
            .await?;
        if let Some(why) = &seen.gap {
            tracing::info!(why, %account, "not all sent invitations could be read");
        }
        // After the provider: whatever it showed was reserved by now, and is among ours.
        let own = look.store.reading(async |tx| {
            let since = tx.now().at.checked_sub(OWN_WITHIN);
            let since = since.unwrap_or(Timestamp::MIN);
            Ok::<_, JobError>(tx.own_invitations(account, since).await?)
        });
        Ok(Some(Compared {
            account,
            listed: seen.items,
            own: own.await?,
        }))
    }

    fn decide(found: Self::Facts, now: Timestamp) -> Decision {
        let Some(Compared {
            account,
            listed,
            own,
        }) = found
        else {
            return Decision::nothing(now);
        };
        Decision {
            sends: SendChanges {
                by_hand: not_ours(account, &own, &listed, now),
                ..SendChanges::default()
            },
            ..Decision::nothing(now)
        }
    }
}
