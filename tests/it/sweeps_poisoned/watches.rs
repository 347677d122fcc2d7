//! Poisoned rows of the status watch: what it compares, flips and tells of.

use super::poison::Refusal;
use super::scene::{LOST, Scene, WELL, mine};
use crate::duties::into;
use simulator::control::Health;

/// `status.compare`: what the run proposes for her is refused by a check.
pub(super) async fn compared(it: &mut Scene) {
    let poison = it
        .poison(
            "watch_proposals",
            &mine("account_id", it.eve),
            Refusal::Check,
        )
        .await;
    it.both(into(Health::Credentials)).await;
    assert_eq!(it.statuses().await, [LOST, WELL]);
    let subject = format!("status.compare account {}", it.eve);
    assert_eq!(it.told(&subject).await, 1);
    it.run.beat().await;
    assert_eq!(it.told(&subject).await, 2, "counted up");
    it.heal(poison).await;
    it.run.beat().await;
    assert_eq!(it.statuses().await, [LOST, LOST]);
    it.both(into(Health::Ok)).await;
    it.run.beat().await;
    assert_eq!(it.statuses().await, [WELL, WELL]);
}

/// `status.apply`: her flip is refused by a trigger, then at the commit only, then for its campaign's pause.
pub(super) async fn flipped(it: &mut Scene) {
    let hers = mine("account_id", it.eve);
    let of_campaign = format!("new.campaign_id = '{}'", it.campaigns[1]);
    let poisons = [
        ("account_audit", hers.clone(), Refusal::Raise("P0001")),
        ("audit_heads", hers.clone(), Refusal::AtCommit("P0001")),
        ("episodes", hers, Refusal::Raise("55000")),
        ("campaign_pauses", of_campaign, Refusal::AtCommit("23514")),
    ];
    for (table, of, by) in poisons {
        it.forget_heals().await;
        let poison = it.poison(table, &of, by).await;
        it.both(into(Health::Credentials)).await;
        assert_eq!(it.statuses().await, [LOST, WELL], "{table}");
        let paused = it.run.pauses(it.campaigns[0]).await;
        assert_eq!(paused, ["account_disconnected"], "{table}");
        it.heal(poison).await;
        it.run.beat().await;
        assert_eq!(it.statuses().await, [LOST, LOST], "{table}");
        it.both(into(Health::Ok)).await;
        it.run.beat().await;
        assert_eq!(it.statuses().await, [WELL, WELL], "{table}");
    }
    let subject = format!("accounts.flip account {}", it.eve);
    assert_eq!(it.told(&subject).await, 4, "counted up");
}

/// Notices of losses, in the same transaction: her flip stands, and her notice alone is missing.
pub(super) async fn told_of(it: &mut Scene) {
    let poison = it
        .poison("notices", &mine("account_id", it.eve), Refusal::Check)
        .await;
    let notices = "select count(*) from relink.notices where account_id = $1";
    let before = [
        it.count(notices, it.ada).await,
        it.count(notices, it.eve).await,
    ];
    it.both(into(Health::Credentials)).await;
    assert_eq!(it.statuses().await, [LOST, LOST]);
    let after = [
        it.count(notices, it.ada).await,
        it.count(notices, it.eve).await,
    ];
    assert_eq!(after, [before[0] + 1, before[1]]);
    it.heal(poison).await;
}
