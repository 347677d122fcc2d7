//! What operators do, with ids in any order.

use super::scene::{Dice, Scene};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use policy::campaigns::PauseReason;
use policy::holds::HoldReason;
use policy::ids::AccountId;
use policy::sends::{Action, Tier};
use serde_json::json;
use std::time::Duration;
use store::operators::{EnrollmentAct, EnrollmentSelector, SendFinding};
use store::{StoreError, Tx};

type Done<'a> = BoxFuture<'a, Result<(), StoreError>>;

/// One transaction.
async fn once<T>(
    scene: &Scene,
    work: impl AsyncFnOnce(&Tx) -> Result<T, StoreError>,
) -> Result<(), StoreError> {
    let tx = scene.operator.begin().await?;
    match work(&tx).await {
        Ok(_) => tx.finish().await.map(drop),
        Err(error) => {
            tx.abandon().await;
            Err(error)
        }
    }
}

pub(super) fn decide_send<'a>(scene: &'a Scene, dice: &'a mut Dice) -> Done<'a> {
    async {
        let Some((_, send)) = dice.one(&scene.sends("unknown").await) else {
            return Ok(());
        };
        let found = SendFinding::Found;
        once(scene, async |tx: &Tx| {
            tx.decide_send(&scene.act(), send, found).await
        })
        .await
    }
    .boxed()
}

async fn change(
    scene: &Scene,
    dice: &mut Dice,
    (which, act): (&str, EnrollmentAct),
) -> Result<(), StoreError> {
    let those = scene.enrollments(which).await;
    if those.is_empty() {
        return Ok(());
    }
    let which = EnrollmentSelector::Ids(dice.some(&those, 6));
    once(scene, async |tx: &Tx| {
        tx.change_enrollments(&scene.act(), &act, &which).await
    })
    .await
}

pub(super) fn stop_enrollments<'a>(scene: &'a Scene, dice: &'a mut Dice) -> Done<'a> {
    change(scene, dice, ("e.state = 'active'", EnrollmentAct::Stop)).boxed()
}

pub(super) fn restart_enrollments<'a>(scene: &'a Scene, dice: &'a mut Dice) -> Done<'a> {
    let fit = "e.state = 'stopped' and not exists (
                   select from relink.sends s where s.enrollment_id = e.id and s.state in ('sending', 'sent', 'unknown'))";
    change(scene, dice, (fit, EnrollmentAct::Restart)).boxed()
}

/// From one sender to several others.
pub(super) fn reassign<'a>(scene: &'a Scene, dice: &'a mut Dice) -> Done<'a> {
    async {
        let (Some(campaign), Some(from)) = (dice.one(&scene.campaigns), dice.one(&scene.accounts)) else {
            return Ok(());
        };
        let which = format!(
            "e.state = 'active' and e.campaign_id = '{campaign}' and e.account_id = '{from}' and not exists (
                 select from relink.sends s where s.enrollment_id = e.id and s.state in ('sending', 'unknown'))"
        );
        let those = scene.enrollments(&which).await;
        let sql = "select id from relink.accounts where status = 'connected' and id <> $1";
        let others = scene.owner.query(sql, &[&from.0]).await.expect("accounts");
        let others: Vec<AccountId> = others.iter().map(|row| AccountId(row.get(0))).collect();
        if those.is_empty() || others.is_empty() {
            return Ok(());
        }
        let moves: Vec<_> = dice
            .some(&those, 6)
            .into_iter()
            .zip(dice.some(&others, 3).into_iter().cycle())
            .collect();
        once(scene, async |tx: &Tx| {
            tx.reassign_enrollments(&scene.act(), (campaign, from), &moves).await
        })
        .await
    }
    .boxed()
}

pub(super) fn pause_campaign<'a>(scene: &'a Scene, dice: &'a mut Dice) -> Done<'a> {
    async {
        let Some(campaign) = dice.one(&scene.campaigns) else {
            return Ok(());
        };
        once(scene, async |tx: &Tx| {
            tx.pause_campaign(&scene.act(), campaign, PauseReason::Manual)
                .await
        })
        .await
    }
    .boxed()
}

pub(super) fn resume_campaign<'a>(scene: &'a Scene, dice: &'a mut Dice) -> Done<'a> {
    async {
        let Some(campaign) = dice.one(&scene.campaigns) else {
            return Ok(());
        };
        once(scene, async |tx: &Tx| {
            tx.resume_campaign(&scene.act(), campaign, PauseReason::Manual)
                .await
        })
        .await
    }
    .boxed()
}

pub(super) fn hold_account<'a>(scene: &'a Scene, dice: &'a mut Dice) -> Done<'a> {
    async {
        let Some(account) = dice.one(&scene.accounts) else {
            return Ok(());
        };
        let life = Some(Duration::from_mins(5));
        once(scene, async |tx: &Tx| {
            tx.hold_account(&scene.act(), account, life).await
        })
        .await?;
        let held = HoldReason::Operator;
        once(scene, async |tx: &Tx| {
            tx.release_account(&scene.act(), account, held).await
        })
        .await
    }
    .boxed()
}

pub(super) fn set_account<'a>(scene: &'a Scene, dice: &'a mut Dice) -> Done<'a> {
    async {
        let Some(account) = dice.one(&scene.accounts) else {
            return Ok(());
        };
        let tier = if dice.below(2) == 0 {
            Tier::Free
        } else {
            Tier::Premium
        };
        let caps = (Action::Invite, &json!({ "day": 1 }), false);
        once(scene, async |tx: &Tx| {
            tx.cap_account(&scene.act(), account, caps).await?;
            tx.rule_account(
                &scene.act(),
                account,
                &json!({ "ramp_start": 5, "ramp_step": 5 }),
            )
            .await?;
            tx.tier_account(&scene.act(), account, tier).await
        })
        .await
    }
    .boxed()
}

pub(super) fn subscribe<'a>(scene: &'a Scene, dice: &'a mut Dice) -> Done<'a> {
    async {
        let ended = dice.below(3) == 0;
        let at = scene.operator.now().await?.at;
        once(scene, async |tx: &Tx| {
            tx.subscribe_workspace(&scene.act(), scene.workspace, ended.then_some(at))
                .await
        })
        .await
    }
    .boxed()
}

pub(super) fn set_workspace<'a>(scene: &'a Scene, dice: &'a mut Dice) -> Done<'a> {
    async {
        let hours = json!({ "start_minute": 60 * dice.below(8), "end_minute": 1_200 });
        once(scene, async |tx: &Tx| {
            tx.change_workspace(&scene.act(), Some(scene.workspace), None, &hours)
                .await
        })
        .await
    }
    .boxed()
}
