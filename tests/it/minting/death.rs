//! Race 3: whoever mints dies, before the call, after it, and while others wait.

use super::scene::{Scene, url};
use jiff::SignedDuration;
use policy::account::{AttemptPhase, Status};
use std::time::Duration;
use tests::eventually::eventually;
use tests::tcp::{Flow, Gate};

const SOON: Duration = Duration::from_mins(1);

/// Kills a process that mints, where `flow` holds its call; links that the referee has seen by then.
async fn kill(scene: &Scene, flow: Flow, seen: u64) {
    let gate = Gate::before(scene.provider.base()).await;
    gate.set(flow);
    let mut calling = scene.process_before(gate.base(), 1);
    gate.connected(1, SOON).await;
    eventually("the call is as far as it may go", SOON, || async {
        let is_far = scene.minted().await == seen && scene.attempts().await.len() == 1;
        is_far.then_some(())
    })
    .await;
    calling.0.kill9().await;
}

async fn dies(flow: Flow, seen: u64) {
    let mut scene = Scene::of(Status::ReconnectNeeded).await;
    let before = scene.status().await;
    kill(&scene, flow, seen).await;
    let left = scene.attempts().await.swap_remove(0);
    assert_eq!((left.phase, left.mints), (AttemptPhase::Minting, 1));
    assert_eq!(scene.status().await, before, "no flip without a link");
    // Its lease still runs; nobody mints beside it.
    let ask = scene.ask();
    let waits = scene.mint(&ask);
    let early = tokio::time::timeout(Duration::from_millis(300), waits).await;
    assert!(early.is_err(), "it waits");
    scene.pass(SignedDuration::from_secs(31)).await;
    let minted = scene.mint(&scene.ask()).await.expect("a link");
    assert!(!minted.is_reused);
    let attempts = scene.attempts().await;
    assert_eq!(attempts.len(), 1, "the same attempt, taken over");
    assert_eq!(
        (attempts[0].phase, attempts[0].mints),
        (AttemptPhase::Open, 2)
    );
    assert_eq!(attempts[0].id, minted.attempt);
    assert_eq!(
        scene.minted().await,
        seen + 1,
        "at most one URL that nobody has"
    );
    scene.names_are_proved().await;
    let again = scene.mint(&scene.ask()).await.expect("a link");
    assert_eq!(url(&again), url(&minted));
}

#[tokio::test]
async fn r_lnk_1_a_minter_that_dies_before_its_call_is_taken_over() {
    dies(Flow::HoldRequests, 0).await;
}

#[tokio::test]
async fn r_lnk_1_a_minter_that_dies_after_its_call_is_taken_over() {
    dies(Flow::HoldAnswers, 1).await;
}

/// A minter that stood still past its lease hands out nothing: another has the attempt.
#[tokio::test]
async fn r_lnk_1_a_minter_that_was_overtaken_hands_out_nothing() {
    let mut scene = Scene::of(Status::ReconnectNeeded).await;
    let gate = Gate::before(scene.provider.base()).await;
    gate.set(Flow::HoldAnswers);
    let calling = scene.process_before(gate.base(), 1);
    gate.connected(1, SOON).await;
    eventually("it has called", SOON, || async {
        (scene.minted().await == 1).then_some(())
    })
    .await;
    scene.pass(SignedDuration::from_secs(31)).await;
    let minted = scene.mint(&scene.ask()).await.expect("a link");
    gate.set(Flow::Open);
    assert_eq!(calling.ended().await, ["refused busy"]);
    let held = scene.mint(&scene.ask()).await.expect("a link");
    assert_eq!(url(&held), url(&minted), "the newer one stands");
    assert_eq!(scene.flips().await, 1);
}
