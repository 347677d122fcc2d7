//! A worker that dies over a mail.

use super::{MINUTE, SOON, Scene};
use tests::eventually::eventually;
use tests::liar::Lie;
use tests::process::Process;
use tokio_util::sync::CancellationToken;

/// Settings of a process that mails by way of the scene's server.
fn settings(scene: &Scene) -> Vec<(String, String)> {
    let mut settings = scene.run.settings();
    let more = [
        ("SMTP_URL", scene.liar.url()),
        ("MAIL_FROM", "Relink <notices@example.com>".to_owned()),
        ("SECRETS_KEY", super::KEY.to_owned()),
        ("PUBLIC_URL", "https://p.example".to_owned()),
    ];
    settings.extend(more.map(|(name, value)| (format!("RELINK_{name}"), value)));
    settings
}

#[tokio::test]
async fn r_lnk_7_a_worker_killed_over_a_mail_gives_it_away_once() {
    let mut scene = Scene::of(&["anna"]).await;
    scene.liar.lie("anna@example.net", Lie::Silence);
    let mut doomed = Process::relink("doomed", &["worker", "notices"], &settings(&scene));
    scene.lose("anna").await;
    scene.run.step_database(MINUTE).await;
    let stop = CancellationToken::new();
    let running = scene.run.schedule(&stop);
    eventually("the mail is out", SOON, || async {
        (scene.liar.mails().len() == 1).then_some(())
    })
    .await;
    doomed.kill9().await;
    scene.liar.repent();
    scene.work();
    // The dead worker's lease is over by the machine's time.
    eventually("the mail is settled", SOON * 3, || async {
        (scene.told("anna").await[0] == "first failed unanswered").then_some(())
    })
    .await;
    stop.cancel();
    running.await.map(drop).expect("the scheduler stops");
    scene.later(MINUTE * 20).await;
    assert_eq!(
        scene.liar.mails().len(),
        1,
        "what may have been taken is not given again"
    );
    assert_eq!(
        scene.told("anna").await,
        ["first failed unanswered", "day_1 planned"]
    );
    scene.run.is_sound_apart_from("vanished").await;
}
