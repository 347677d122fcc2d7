//! A burst that is seen while the mail about one of its losses is on its way (R-WAT-6).

use super::{GIVING_AWAY, MINUTE, PLANNING, Scene};
use policy::account::{Cause, Status};
use policy::schedule::ShardRange;
use tokio_util::sync::CancellationToken;

const LOST: (Status, Cause) = (Status::ReconnectNeeded, Cause::Credentials);
/// With one loss before them a burst.
const CROWD: [&str; 6] = ["c-1", "c-2", "c-3", "c-4", "c-5", "c-6"];
const ALL: ShardRange = ShardRange {
    first: 0,
    last: 255,
};

/// Whose loss is not known to be one of a burst, and a worker that mails.
async fn scene() -> Scene {
    Scene::mailing(&[&["anna"], &CROWD[..]].concat()).await
}

/// Nobody has been told, and a second look that says that it was no burst tells each once.
async fn is_held_and_told_once(scene: &mut Scene) {
    assert_eq!(scene.liar.mails(), [], "held back");
    assert_eq!(scene.told("anna").await[0], "first planned");
    let waits = "select count(*) from relink.notices where due_at is null and state = 'planned'";
    let waiting = scene.run.number(waits, &[]).await;
    assert_eq!(usize::try_from(waiting), Ok(CROWD.len() + 1));
    let looked = "update relink.notices set due_at = relink.clock() where due_at is null";
    let looked = scene.run.owner.execute(looked, &[]).await;
    assert_eq!(looked.expect("settled"), 7);
    scene.later(MINUTE).await;
    // The job of a try that was left alone has been, and was moot; there is one for each try.
    scene.later(MINUTE * 16).await;
    assert_eq!(scene.told("anna").await[0], "first sent");
    assert_eq!(scene.liar.mails_for("anna@example.net").len(), 1);
    scene.run.is_sound().await;
}

#[tokio::test]
async fn r_lnk_7_a_burst_holds_back_a_notice_that_is_being_planned() {
    let mut scene = scene().await;
    scene.lose("anna").await;
    let burst = scene.flipping(&CROWD, LOST).await;
    scene.run.step_database(MINUTE).await;
    let stop = CancellationToken::new();
    let running = scene.run.schedule(&stop);
    scene.until_waits(PLANNING).await;
    burst.finish().await.expect("the burst is seen");
    scene.until_done("notices.plan").await;
    scene.until_done("notices.deliver").await;
    stop.cancel();
    running.await.map(drop).expect("the scheduler stops");
    is_held_and_told_once(&mut scene).await;
}

#[tokio::test]
async fn r_lnk_7_a_burst_holds_back_a_notice_whose_mail_is_on_its_way() {
    let mut scene = scene().await;
    scene.lose("anna").await;
    let stop = CancellationToken::new();
    let (running, desk) = scene.asked_for_a_mail(&stop).await;
    let burst = scene.flipping(&CROWD, LOST).await;
    desk.does(&["resume", "kind", "notices.deliver"]).await;
    scene.until_waits(GIVING_AWAY).await;
    burst.finish().await.expect("the burst is seen");
    scene.until_done("notices.deliver").await;
    stop.cancel();
    running.await.map(drop).expect("the scheduler stops");
    is_held_and_told_once(&mut scene).await;
}

/// A build of before may have mailed what was held back: it was told, whatever a second look says.
#[tokio::test]
async fn r_lnk_7_what_was_mailed_although_a_burst_held_it_back_stays_told() {
    let mut scene = Scene::mailing(&["anna"]).await;
    scene.lose("anna").await;
    scene.later(MINUTE).await;
    let held =
        "update relink.notices set due_at = null, look_after = relink.clock() where state = 'sent'";
    let held = scene.run.owner.execute(held, &[]).await;
    assert_eq!(held.expect("as it was left"), 1);
    scene.come_back("anna").await;
    let tx = scene.run.store.begin().await.expect("begin");
    assert_eq!(tx.settle_notices(ALL).await.expect("settle"), 0);
    tx.finish().await.expect("commit");
    assert_eq!(
        scene.told("anna").await,
        ["first sent", "day_1 planned"],
        "told is told"
    );
    scene.run.is_sound().await;
}
