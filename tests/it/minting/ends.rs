//! Attempts that nobody ends (races 28, 26), that are taken back, and accounts that change while a link is minted.

use super::scene::{BY, Scene};
use jiff::SignedDuration;
use linking::{Intent, LinkAsk};
use policy::account::{AttemptPhase, Status};
use policy::jobs::EndAttempts;
use policy::life::{Ended, end_attempts};
use std::time::Duration;
use tests::eventually::eventually;
use tests::tcp::{Flow, Gate};

const SOON: Duration = Duration::from_mins(1);

impl Scene {
    /// One run of `attempts.end`.
    async fn end_attempts(&self) {
        let read = self.worker.reading(async |tx| {
            Ok::<_, store::StoreError>(Ended {
                asked: EndAttempts {
                    slot: tx.now().at,
                    chunk: 0,
                },
                accounts: tx.unended_accounts(100).await?,
                attempts: tx.ending_attempts(100).await?,
                lapsed: tx.lapsing_attempts(100).await?,
                is_cut: false,
                observed_at: tx.now().at,
            })
        });
        let found = read.await.expect("look");
        let tx = self.worker.begin().await.expect("begin");
        let decision = end_attempts(found, tx.now().at);
        tx.apply(&decision, &BY).await.expect("apply");
        tx.finish().await.expect("commit");
    }

    async fn newest(&self) -> AttemptPhase {
        self.attempts().await.swap_remove(0).phase
    }
}

/// Races 28 and L8: an owner clicks and leaves.
#[tokio::test]
async fn r_lnk_10_an_abandoned_link_lapses_within_35_min_and_ends_within_a_day() {
    let mut scene = Scene::of(Status::ReconnectNeeded).await;
    scene.mint(&scene.ask()).await.expect("a link");
    let episodes = scene.episodes().await;
    scene.pass(SignedDuration::from_mins(33)).await;
    scene.end_attempts().await;
    assert_eq!(
        (scene.newest().await, scene.status().await.0.as_str()),
        (AttemptPhase::Open, "connecting")
    );
    scene.pass(SignedDuration::from_mins(2)).await;
    scene.end_attempts().await;
    assert_eq!(scene.newest().await, AttemptPhase::Lapsed);
    let back = ("reconnect_needed".to_owned(), "link_unused".to_owned());
    assert_eq!(scene.status().await, back);
    assert_eq!(scene.episodes().await, episodes, "the same episode");
    scene.urls_are_sealed(&[]).await;
    // Still it may bind, until a newer one takes its place.
    scene.pass(SignedDuration::from_hours(23)).await;
    scene.end_attempts().await;
    assert_eq!(scene.newest().await, AttemptPhase::Lapsed);
    scene.pass(SignedDuration::from_mins(26)).await;
    scene.end_attempts().await;
    assert_eq!(scene.newest().await, AttemptPhase::Expired);
    let minted = scene.mint(&scene.ask()).await.expect("a link");
    assert!(!minted.is_reused);
}

/// Race 26: a renewal that nobody uses.
#[tokio::test]
async fn r_lnk_10_a_renewal_that_is_left_changes_nothing() {
    let mut scene = Scene::of(Status::Connected).await;
    let before = scene.status().await;
    let ask = LinkAsk {
        intent: Intent::Renew,
        ..scene.ask()
    };
    let minted = scene.mint(&ask).await.expect("a link");
    assert_eq!(minted.purpose.as_str(), "renew");
    scene.pass(SignedDuration::from_mins(35)).await;
    scene.end_attempts().await;
    assert_eq!(scene.newest().await, AttemptPhase::Lapsed);
    assert_eq!((scene.status().await, scene.episodes().await), (before, 0));
}

/// The account comes back, or is disconnected, while the provider is asked.
#[tokio::test]
async fn r_lnk_9_what_changes_during_a_mint_is_the_last_word() {
    for (to, word, phase) in [
        (
            Status::Connected,
            "refused already_connected",
            AttemptPhase::Repaired,
        ),
        (
            Status::Disconnected,
            "refused disconnected",
            AttemptPhase::Cancelled,
        ),
    ] {
        let scene = Scene::of(Status::ReconnectNeeded).await;
        let gate = Gate::before(scene.provider.base()).await;
        gate.set(Flow::HoldAnswers);
        let calling = scene.process_before(gate.base(), 1);
        eventually("it has called", SOON, || async {
            (scene.minted().await == 1).then_some(())
        })
        .await;
        scene.flip(to).await;
        gate.set(Flow::Open);
        assert_eq!(calling.ended().await, [word]);
        assert_eq!(
            (scene.newest().await, scene.status().await.0.as_str()),
            (phase, to.as_str())
        );
        assert_eq!(scene.flips().await, 0);
    }
}

/// Race 24's other half: a restore is for the disconnect that it answers, and no later one.
#[tokio::test]
async fn r_lnk_9_a_restore_does_not_undo_a_later_disconnect() {
    let scene = Scene::of(Status::Disconnected).await;
    let ask = LinkAsk {
        intent: Intent::Restore,
        ..scene.ask()
    };
    let gate = Gate::before(scene.provider.base()).await;
    gate.set(Flow::HoldAnswers);
    let slow = scene.minter_before(gate.base());
    let disconnected = async {
        eventually("it has called", SOON, || async {
            (scene.minted().await == 1).then_some(())
        })
        .await;
        // Linked by another way, and disconnected once more, while the provider is asked.
        for to in [Status::Connecting, Status::Disconnected] {
            scene.flip(to).await;
        }
        gate.set(Flow::Open);
    };
    let (ended, ()) = tokio::join!(slow.mint(&ask), disconnected);
    assert_eq!(ended.expect_err("no link").word(), "disconnected");
    assert_eq!(scene.status().await.0, "disconnected");
    assert_eq!(scene.newest().await, AttemptPhase::Cancelled);
    assert_eq!(scene.flips().await, 0, "no link was handed out");

    let minted = scene.mint(&ask).await.expect("a link");
    assert_eq!(
        (minted.purpose.as_str(), scene.status().await.0.as_str()),
        ("restore", "connecting")
    );
    let links = scene.provider.hosted_links().await;
    let asked = links.last().and_then(|it| it.reconnect_account.clone());
    assert!(asked.is_some(), "the session that it kept the name of");
}
