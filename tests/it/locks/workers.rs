//! What workers do, with ids in any order.

use super::scene::{Dice, Scene};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::SignedDuration;
use policy::account::{Cause, Flip, Status};
use policy::campaigns::heal as healed;
use policy::decision::Decision;
use policy::holds::{EndedHold, HoldReason, NewHold};
use policy::ids::AccountId;
use policy::schedule::{SHARDS, ShardRange};
use policy::sends::Action;
use policy::sends::call::{Outcome, Receipt};
use policy::sends::decided::{Closed, Look};
use policy::sends::settle::settle as settled;
use policy::templates::render::Texts;
use store::sends::NewPlan;
use store::{StoreError, Tx};
use tests::sends::{BY, ask};
use uuid::Uuid;

const ALL: ShardRange = ShardRange {
    first: 0,
    last: SHARDS - 1,
};
const ACTIONS: [Action; 3] = [Action::Invite, Action::Message, Action::ProfileView];

type Done<'a> = BoxFuture<'a, Result<(), StoreError>>;

/// One transaction.
async fn once<T>(
    scene: &Scene,
    work: impl AsyncFnOnce(&Tx) -> Result<T, StoreError>,
) -> Result<(), StoreError> {
    let tx = scene.worker.begin().await?;
    match work(&tx).await {
        Ok(_) => tx.finish().await.map(drop),
        Err(error) => {
            tx.abandon().await;
            Err(error)
        }
    }
}

async fn apply(scene: &Scene, decision: Decision) -> Result<(), StoreError> {
    once(scene, async |tx: &Tx| tx.apply(&decision, &BY).await).await
}

async fn nothing(scene: &Scene) -> Result<Decision, StoreError> {
    Ok(Decision::nothing(scene.worker.now().await?.at))
}

/// Many accounts at once lose their session, or are back.
async fn flip(
    scene: &Scene,
    dice: &mut Dice,
    (from, to, cause): (Status, Status, Cause),
) -> Result<(), StoreError> {
    let mut decision = nothing(scene).await?;
    let sql = "select id, status_version from relink.accounts where status::text = $1";
    let rows = scene.owner.query(sql, &[&from.as_str()]).await;
    let known: Vec<(Uuid, i64)> = rows
        .expect("accounts")
        .iter()
        .map(|row| (row.get(0), row.get(1)))
        .collect();
    if known.is_empty() {
        return Ok(());
    }
    let flips = dice.some(&known, 8).into_iter().map(|(id, version)| Flip {
        account: AccountId(id),
        version,
        from,
        to,
        cause,
        observed_at: decision.at,
        evidence: serde_json::json!({}),
        link: None,
        checkpoint: None,
    });
    decision.status.flips = flips.collect();
    apply(scene, decision).await
}

pub(super) fn flip_out<'a>(scene: &'a Scene, dice: &'a mut Dice) -> Done<'a> {
    let change = (
        Status::Connected,
        Status::ReconnectNeeded,
        Cause::Credentials,
    );
    flip(scene, dice, change).boxed()
}

pub(super) fn flip_back<'a>(scene: &'a Scene, dice: &'a mut Dice) -> Done<'a> {
    let change = (Status::ReconnectNeeded, Status::Connected, Cause::Verified);
    flip(scene, dice, change).boxed()
}

pub(super) fn heal<'a>(scene: &'a Scene, dice: &'a mut Dice) -> Done<'a> {
    async {
        let found = scene
            .worker
            .reading(async |tx| tx.campaigns_to_heal(ALL).await)
            .await?;
        let found = if found.is_empty() {
            found
        } else {
            dice.some(&found, 4)
        };
        let mut decision = healed(&found, scene.worker.now().await?.at);
        // Whatever the rules say of them today, a heal of these pauses is what meets flips.
        decision.campaigns.heals = found
            .iter()
            .filter_map(|row| {
                let pause = row.pause.as_ref()?;
                Some(policy::campaigns::Heal {
                    pause: pause.id,
                    version: pause.version,
                    campaign: row.campaign,
                    stuck: None,
                })
            })
            .collect();
        apply(scene, decision).await
    }
    .boxed()
}

/// Another person is behind some sessions, and no longer behind others.
pub(super) fn rotate<'a>(scene: &'a Scene, dice: &'a mut Dice) -> Done<'a> {
    async {
        let mut decision = nothing(scene).await?;
        let accounts = dice.some(&scene.accounts, 6);
        let (held, free) = accounts.split_at(accounts.len() / 2);
        decision.status.holds = holds(held, HoldReason::WrongAccount, None);
        decision.status.ended_holds = free
            .iter()
            .map(|account| EndedHold {
                account: *account,
                reason: HoldReason::WrongAccount,
            })
            .collect();
        apply(scene, decision).await
    }
    .boxed()
}

fn holds(
    accounts: &[AccountId],
    reason: HoldReason,
    until: Option<jiff::Timestamp>,
) -> Vec<NewHold> {
    let hold = |account: &AccountId| NewHold {
        account: *account,
        reason,
        until,
        note: "a storm".to_owned(),
    };
    accounts.iter().map(hold).collect()
}

/// Pages of a range, one after the other in a transaction, as `sends.dispatch` closes and plans them.
pub(super) fn dispatch<'a>(scene: &'a Scene, dice: &'a mut Dice) -> Done<'a> {
    async {
        let due = scene
            .enrollments("e.state = 'active' and e.due_at is not null")
            .await;
        let tx = scene.worker.begin().await?;
        let at = tx.now().at;
        for _ in 0..3 {
            let closed: Vec<Closed> = dice
                .some(&scene.accounts, 5)
                .into_iter()
                .flat_map(|account| ACTIONS.map(|action| closed(account, action, at)))
                .collect();
            tx.close_actions(&closed).await?;
            if due.is_empty() {
                continue;
            }
            let facts = tx.step_facts(&dice.some(&due, 6)).await?;
            let said = || Texts {
                subject: None,
                body: Some("Hello".to_owned()),
            };
            let plans: Vec<_> = facts
                .iter()
                .map(|one| NewPlan::of(one, at, Ok(said())))
                .collect();
            tx.plan(&plans).await?;
        }
        tx.finish().await.map(drop)
    }
    .boxed()
}

fn closed(account: AccountId, action: Action, at: jiff::Timestamp) -> Closed {
    Closed {
        account,
        action,
        until: at + SignedDuration::from_secs(1),
        rule: "a storm",
    }
}

/// Holds whose end is past, ended.
pub(super) fn release<'a>(scene: &'a Scene, dice: &'a mut Dice) -> Done<'a> {
    async {
        let mut decision = nothing(scene).await?;
        let over = decision.at - SignedDuration::from_secs(1);
        decision.sends.holds = holds(
            &dice.some(&scene.accounts, 6),
            HoldReason::Protective,
            Some(over),
        );
        apply(scene, decision).await?;
        once(scene, async |tx: &Tx| tx.release(ALL).await).await
    }
    .boxed()
}

pub(super) fn mark_overdue<'a>(scene: &'a Scene, dice: &'a mut Dice) -> Done<'a> {
    let limit = i64::try_from(1 + dice.below(20)).unwrap_or(1);
    let shards: Vec<i16> = (0..256).collect();
    async move { once(scene, async |tx: &Tx| tx.mark_overdue(&shards, limit).await).await }.boxed()
}

/// What may go is reserved, and the rest taken back and closed, as `sends.execute` does it.
pub(super) fn reserve<'a>(scene: &'a Scene, dice: &'a mut Dice) -> Done<'a> {
    async {
        let mut open = scene.sends("planned").await;
        open.extend(scene.sends("reserved").await);
        if open.is_empty() {
            return Ok(());
        }
        let some = dice.some(&open, 8);
        let (wanted, kept) = some.split_at(some.len().div_ceil(2));
        once(scene, async |tx: &Tx| {
            let owners: Vec<AccountId> = some.iter().map(|(account, _)| *account).collect();
            tx.lock_accounts(&owners).await?;
            let asks: Vec<_> = wanted
                .iter()
                .map(|(account, send)| ask(*account, *send))
                .collect();
            tx.reserve(&asks, &BY).await?;
            let taken: Vec<_> = kept
                .iter()
                .map(|(account, send)| (*account, *send, "later".to_owned()))
                .collect();
            tx.cancel_sends(&taken, &BY).await?;
            let at = tx.now().at;
            let until: Vec<_> = kept
                .iter()
                .map(|(account, _)| closed(*account, Action::Invite, at))
                .collect();
            tx.close_actions(&distinct(until)).await
        })
        .await
    }
    .boxed()
}

/// One statement does not write one row twice.
fn distinct(mut closed: Vec<Closed>) -> Vec<Closed> {
    closed.sort_by_key(|one| one.account);
    closed.dedup_by_key(|one| one.account);
    closed
}

pub(super) fn start<'a>(scene: &'a Scene, dice: &'a mut Dice) -> Done<'a> {
    async {
        let Some((account, send)) = dice.one(&scene.sends("reserved").await) else {
            return Ok(());
        };
        once(scene, async |tx: &Tx| tx.start_send(account, send).await).await
    }
    .boxed()
}

/// Calls of several accounts end in one transaction, well or as nobody knows.
pub(super) fn settle<'a>(scene: &'a Scene, dice: &'a mut Dice) -> Done<'a> {
    async {
        let called = scene.sends("sending").await;
        if called.is_empty() {
            return Ok(());
        }
        let some = dice.some(&called, 6);
        let known = dice.below(3) > 0;
        let receipt = Receipt {
            reference: None,
            chat: None,
            usage: None,
        };
        let why = "a storm".to_owned();
        let outcome = if known {
            Outcome::Sent(receipt)
        } else {
            Outcome::Untold { why }
        };
        once(scene, async |tx: &Tx| {
            let mut all = Decision::nothing(tx.now().at);
            for (account, send) in &some {
                if let Some(facts) = tx.settle_facts(*account, *send).await? {
                    let one = settled(&facts, &outcome, tx.now().at).decision;
                    all.sends.settlements.extend(one.sends.settlements);
                    all.sends.silences.extend(one.sends.silences);
                    all.campaigns.pauses.extend(one.campaigns.pauses);
                }
            }
            tx.apply(&all, &BY).await
        })
        .await
    }
    .boxed()
}

/// A look found nothing, as `sends.settle` notes it of those that nobody else holds.
pub(super) fn look<'a>(scene: &'a Scene, dice: &'a mut Dice) -> Done<'a> {
    async {
        let unknown = scene.sends("unknown").await;
        if unknown.is_empty() {
            return Ok(());
        }
        let some = dice.some(&unknown, 8);
        once(scene, async |tx: &Tx| {
            let owners: Vec<AccountId> = some.iter().map(|(account, _)| *account).collect();
            let free = tx.lock_free_accounts(&owners).await?;
            let mut noted = Decision::nothing(tx.now().at);
            let looks = some.iter().filter(|(account, _)| free.contains(account));
            noted.sends.looks = looks
                .map(|(account, send)| Look {
                    account: *account,
                    send: *send,
                    absent: false,
                    next: Some(tx.now().at),
                })
                .collect();
            tx.apply(&noted, &BY).await
        })
        .await
    }
    .boxed()
}

pub(super) fn follow_subscriptions<'a>(scene: &'a Scene, _dice: &'a mut Dice) -> Done<'a> {
    async {
        once(scene, async |tx: &Tx| {
            tx.hold_ended(ALL, &BY).await?;
            tx.pause_ended(ALL, &BY).await?;
            tx.undo_renewed(ALL, &BY).await
        })
        .await
    }
    .boxed()
}
