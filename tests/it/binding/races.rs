//! The races: who takes part, and where each ends.

use super::scene::Scene;
use policy::campaigns::OnSenderLoss;
use policy::ids::{AccountId, AttemptId};
use std::sync::OnceLock;
use tests::cast::Cast;
use uuid::Uuid;

macro_rules! races {
    ($($(#[doc = $doc:literal])+ $race:ident => ($status:literal, $outcome:literal, $refusal:literal),)+) => {
        /// One race; its doc says what happens.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(super) enum Race {
            $($(#[doc = $doc])+ $race,)+
        }

        /// Every race.
        pub(super) const RACES: [Race; [$($status),+].len()] = [$(Race::$race),+];

        /// Status of the account, end of its newest attempt, and why that was refused.
        pub(super) fn expected(race: Race) -> (String, String, String) {
            let (status, outcome, refusal) = match race {
                $(Race::$race => ($status, $outcome, $refusal),)+
            };
            (status.to_owned(), outcome.to_owned(), refusal.to_owned())
        }
    };
}

races! {
    /// 6: the callback is there before the mint's second transaction.
    EarlyCallback => ("connected", "linked", ""),
    /// 7: the same callback comes twice.
    Twice => ("connected", "linked", ""),
    /// 8: the name comes again with another session.
    Replayed => ("connected", "linked", ""),
    /// 9: the callback comes after the end of its name; the account's own session is looked at all the same.
    Late => ("connected", "repaired", ""),
    /// 10: a reconnect of which nobody tells.
    SilentReconnect => ("connected", "linked", ""),
    /// 10: a first link of which nobody tells.
    SilentFirst => ("connected", "linked", ""),
    /// 11: the webhook comes first.
    WebhookFirst => ("connected", "repaired", ""),
    /// 12: the callback comes first, then older news.
    CallbackFirst => ("connected", "linked", ""),
    /// 13: the login of a superseded reconnect mends the account's own session.
    SupersededReconnect => ("connected", "repaired", ""),
    /// 14: the login of a superseded create is bound by its person alone.
    SupersededCreate => ("connected", "repaired", ""),
    /// 15: both attempts are completed.
    BothCompleted => ("connected", "linked", ""),
    /// 17: somebody else signs in to the account's own session; then the known person does.
    WrongReconnect => ("connected", "linked", ""),
    /// 18: somebody else than was declared signs in.
    WrongFirst => ("reconnect_needed", "refused", "wrong_account"),
    /// 17: somebody else than the known person makes a new session, for the old one is gone.
    WrongNewSession => ("reconnect_needed", "refused", "wrong_account"),
    /// 17: somebody else signs in at the way back of a disconnected account, which has its kept session all the same.
    RestoreRefused => ("connected", "refused", "wrong_account"),
    /// 19: nobody was declared.
    Undeclared => ("connected", "linked", ""),
    /// 20: the same person's row of before comes back.
    Restored => ("disconnected", "linked", ""),
    /// 21: the person is another account's, which lives.
    IdentityKnown => ("reconnect_needed", "refused", "identity_known"),
    /// 22: the person is another workspace's.
    Elsewhere => ("reconnect_needed", "refused", "elsewhere"),
    /// 21: the session itself is another account's, which lives.
    SessionTaken => ("reconnect_needed", "refused", "session_taken"),
    /// 21: the session is the one that a disconnected account kept.
    SessionKept => ("reconnect_needed", "refused", "session_taken"),
    /// 21: the session is the one that another account's attempt was told of, and is being verified there.
    SessionNamed => ("reconnect_needed", "refused", "session_taken"),
    /// 22: the session itself is another workspace's.
    SessionElsewhere => ("reconnect_needed", "refused", "elsewhere"),
    /// 22: the person is another workspace's, whose account is disconnected.
    GoneElsewhere => ("reconnect_needed", "refused", "elsewhere"),
    /// 23: the account was disconnected meanwhile.
    Disconnected => ("disconnected", "cancelled", ""),
    /// 26: a renewal fails.
    RenewalFails => ("connected", "failed", ""),
    /// A renewal is completed.
    Renewed => ("connected", "linked", ""),
    /// A renewal whose callback comes before its session is OK: a look ends it.
    RenewedLate => ("connected", "linked", ""),
    /// A renewal of which only the webhook tells.
    RenewedByWebhook => ("connected", "linked", ""),
    /// The account is lost while it is renewed, and nobody tells of the login.
    RenewedLost => ("connected", "linked", ""),
    /// The person's first login is told of once a second one has connected the account. Then that one is lost, and a third fails.
    LeftBehind => ("reconnect_needed", "failed", ""),
    /// 27: old news of the session come while its owner is at the page.
    Shielded => ("connecting", "", ""),
    /// 29: the login failed, and the account is back at once.
    Failed => ("reconnect_needed", "failed", ""),
    /// 29: the login of a superseded attempt failed; the newer one waits on.
    SupersededFails => ("connecting", "", ""),
    /// 33: a mailbox whose provider has no profiles.
    Mailbox => ("connected", "linked", ""),
    /// 32: the profile does not answer.
    Inconclusive => ("connecting", "", ""),
}

/// Who takes part in a race.
pub(super) struct Actor {
    pub(super) name: String,
    pub(super) account: AccountId,
    /// The account of before, the account that lives, or the other workspace's.
    pub(super) other: Option<AccountId>,
    pub(super) first: OnceLock<AttemptId>,
    pub(super) second: OnceLock<AttemptId>,
}

impl Actor {
    pub(super) fn plant(cast: &mut Cast, race: Race) -> Self {
        let name = format!("{race:?}").to_lowercase();
        let mut other = None;
        let account = match race {
            Race::Late
            | Race::SilentReconnect
            | Race::WebhookFirst
            | Race::CallbackFirst
            | Race::SupersededReconnect
            | Race::WrongReconnect
            | Race::Shielded
            | Race::RenewalFails
            | Race::Renewed
            | Race::RenewedLate
            | Race::RenewedByWebhook
            | Race::RenewedLost
            | Race::WrongNewSession
            | Race::RestoreRefused
            | Race::Failed => cast.connected(&name),
            Race::Restored | Race::IdentityKnown | Race::SessionTaken | Race::SessionKept => {
                other = Some(cast.connected(&format!("old-{name}")));
                let account = nobody(cast, &name);
                if race == Race::Restored {
                    cast.campaign(OnSenderLoss::PauseCampaign, &[account]);
                }
                account
            }
            Race::Elsewhere | Race::SessionElsewhere | Race::GoneElsewhere => {
                let there = cast.second_workspace();
                other = Some(cast.connected(&format!("old-{name}")));
                cast.fleet.accounts.last_mut().expect("planted").workspace = there;
                nobody(cast, &name)
            }
            Race::SessionNamed => {
                other = Some(nobody(cast, &format!("old-{name}")));
                nobody(cast, &name)
            }
            Race::Undeclared => nobody(cast, &name),
            Race::Mailbox => cast.waiting(&name, |it| {
                (it.attempt, it.handle) = (None, Some(format!("{name}@mail.example")));
                "MAIL".clone_into(&mut it.kind);
            }),
            _ => cast.waiting(&name, |it| it.attempt = None),
        };
        Self {
            name,
            account,
            other,
            first: OnceLock::new(),
            second: OnceLock::new(),
        }
    }

    /// The account's own session.
    pub(super) fn own(&self) -> String {
        format!("s-{}", self.name)
    }

    /// The session of the other account.
    pub(super) fn others(&self) -> String {
        format!("s-old-{}", self.name)
    }

    /// A session that a login makes.
    pub(super) fn new_session(&self, number: u8) -> String {
        format!("n{number}-{}", self.name)
    }

    pub(super) fn first_attempt(&self) -> AttemptId {
        *self.first.get().expect("begun")
    }

    pub(super) fn second_attempt(&self) -> AttemptId {
        *self.second.get().expect("begun")
    }
}

/// An account of which nobody said whose it is.
fn nobody(cast: &mut Cast, name: &str) -> AccountId {
    cast.waiting(name, |it| (it.attempt, it.handle) = (None, None))
}

pub(super) async fn linked(scene: &Scene, account: AccountId) -> String {
    let sql = "select session_id from relink.accounts where id = $1";
    scene.run.words(sql, &[&account.0]).await.concat()
}

pub(super) async fn held(scene: &Scene, account: AccountId) -> i64 {
    let sql = "select count(*) from relink.account_holds where account_id = $1 and reason = 'wrong_account' and ended_at is null";
    scene.run.number(sql, &[&account.0]).await
}

/// Where a race stands.
pub(super) async fn end(scene: &Scene, actor: &Actor) -> (String, String, String) {
    let sql = "select coalesce(outcome, '') from relink.link_attempts where account_id = $1 order by started_at desc, id desc limit 1";
    let id: &Uuid = &actor.account.0;
    let outcome = scene.run.words(sql, &[id]).await.concat();
    let sql = "select coalesce(refusal, '') from relink.link_attempts where account_id = $1 order by started_at desc, id desc limit 1";
    let refusal = scene.run.words(sql, &[id]).await.concat();
    (scene.run.status(actor.account).await, outcome, refusal)
}
