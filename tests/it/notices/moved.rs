//! Notices that move on between the look at them and what follows from it: what was decided on them is not done (R-LNK-7).

use super::{GIVING_AWAY, MINUTE, PLANNING, SOON, Scene, liars};
use std::time::Duration;
use tests::eventually::eventually;
use tests::liar::Lie;
use tokio_postgres::Client;
use tokio_util::sync::CancellationToken;

/// Somebody changes an account's first notice, in a transaction that is open still.
async fn change(scene: &mut Scene, name: &str, change: &str) -> Client {
    let other = scene.run.site().owner().await;
    let sql = format!(
        "begin; update relink.notices set {change} where account_id = '{}' and step = 0",
        scene.id(name)
    );
    other.batch_execute(&sql).await.expect("change it");
    other
}

async fn commit(other: &Client) {
    other.batch_execute("commit").await.expect("commit");
}

#[tokio::test]
async fn r_lnk_7_a_plan_leaves_alone_what_ended_meanwhile() {
    let mut scene = Scene::mailing(&["anna"]).await;
    scene.lose("anna").await;
    let ends = "state = 'suppressed', why = 'opted_out', ended_at = relink.clock()";
    let other = change(&mut scene, "anna", ends).await;
    scene.run.step_database(MINUTE).await;
    let stop = CancellationToken::new();
    let running = scene.run.schedule(&stop);
    scene.until_waits(PLANNING).await;
    commit(&other).await;
    scene.until_done("notices.plan").await;
    scene.until_done("notices.deliver").await;
    stop.cancel();
    running.await.map(drop).expect("the scheduler stops");
    assert_eq!(scene.told("anna").await[0], "first suppressed opted_out");
    assert_eq!(scene.liar.mails(), []);
    scene.run.is_sound().await;
}

/// Of two notices of one reader one is asked for again meanwhile: the mail of both is not given away, that of the other is.
#[tokio::test]
async fn r_lnk_7_a_mail_is_given_away_for_all_that_it_tells_or_not_at_all() {
    let mut scene = Scene::mailing(&["anna", "bert"]).await;
    let same = "update relink.accounts set owner_email = 'anna@example.net'";
    scene.run.owner.execute(same, &[]).await.expect("one owner");
    scene.lose("anna").await;
    scene.lose("bert").await;
    let stop = CancellationToken::new();
    let (running, desk) = scene.asked_for_a_mail(&stop).await;
    let other = change(&mut scene, "bert", "tries = tries + 1").await;
    desk.does(&["resume", "kind", "notices.deliver"]).await;
    scene.until_waits(GIVING_AWAY).await;
    commit(&other).await;
    scene.until_done("notices.deliver").await;
    stop.cancel();
    running.await.map(drop).expect("the scheduler stops");
    assert_eq!(scene.told("anna").await[0], "first sent");
    assert_eq!(scene.told("bert").await[0], "first planned");
    let mails = scene.liar.mails();
    assert_eq!(mails.len(), 1);
    assert!(mails[0].said().contains("anna"), "{}", mails[0].text);
    assert!(!mails[0].said().contains("bert ("), "{}", mails[0].text);
    scene.run.is_sound().await;
}

/// A worker that was believed dead knows what the mail server answered.
#[tokio::test]
async fn r_lnk_7_a_late_answer_goes_before_what_others_made_of_its_silence() {
    let mut scene = Scene::of(&["anna"]).await;
    let mut server = liars(&scene.liar);
    server.mail_within = Duration::from_secs(30);
    scene.work_by(server);
    scene.liar.lie("anna@example.net", Lie::Hold);
    scene.lose("anna").await;
    scene.run.step_database(MINUTE).await;
    let stop = CancellationToken::new();
    let running = scene.run.schedule(&stop);
    eventually("the mail is out", SOON, || async {
        (scene.liar.mails().len() == 1).then_some(())
    })
    .await;
    let unanswered = "state = 'failed', why = 'unanswered', ended_at = relink.clock()";
    let other = change(&mut scene, "anna", unanswered).await;
    commit(&other).await;
    scene.liar.repent();
    scene.until_done("notices.deliver").await;
    stop.cancel();
    running.await.map(drop).expect("the scheduler stops");
    assert_eq!(scene.told("anna").await[0], "first sent");
    scene.run.is_sound().await;
}
