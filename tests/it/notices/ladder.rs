//! Steps of an episode.

use super::{HOUR, MINUTE, Scene};
use policy::account::{Cause, Status};

#[tokio::test]
async fn r_lnk_7_an_episode_is_told_of_four_times_and_its_end_once() {
    let mut scene = Scene::mailing(&["anna", "bert"]).await;
    // One owner of two accounts.
    let same = "update relink.accounts set owner_email = 'anna@example.net'";
    scene.run.owner.execute(same, &[]).await.expect("one owner");
    scene.lose("anna").await;
    scene.lose("bert").await;
    scene.later(MINUTE).await;
    let mails = scene.liar.mails_for("anna@example.net");
    let [first] = mails.as_slice() else {
        panic!("one mail tells both: {mails:?}");
    };
    assert!(
        first.said().contains("2 accounts need you"),
        "{}",
        first.text
    );
    assert_eq!(first.header("Auto-Submitted"), "auto-generated");
    assert_eq!(
        first.header("List-Unsubscribe-Post"),
        "List-Unsubscribe=One-Click"
    );
    assert!(
        first
            .header("List-Unsubscribe")
            .starts_with("<https://p.example/o/o1.")
    );
    assert_eq!(scene.told("anna").await, ["first sent", "day_1 planned"]);

    // An owner who clicks and gives up is in the same episode; while the link is open nobody is reminded.
    scene
        .flip("anna", Status::Connecting, Cause::Verified)
        .await;
    scene.later(MINUTE * 40).await;
    scene
        .flip("anna", Status::ReconnectNeeded, Cause::LinkUnused)
        .await;
    scene.later(MINUTE).await;
    assert_eq!(scene.liar.mails().len(), 1, "nothing is told again");
    for (days, steps) in [(1, 2), (2, 3), (4, 4), (9, 4)] {
        scene.later(HOUR * 24 * days).await;
        let told = scene.told("anna").await;
        let sent = told.iter().filter(|it| it.ends_with(" sent")).count();
        assert_eq!(sent, steps, "{days}: {told:?}");
    }
    let all = ["first sent", "day_1 sent", "day_3 sent", "day_7 sent"];
    assert_eq!(scene.told("anna").await, all);
    assert_eq!(scene.told("bert").await, all);

    scene.come_back("anna").await;
    scene.later(MINUTE).await;
    assert_eq!(
        scene.told("anna").await.last().map(String::as_str),
        Some("back sent")
    );
    let mails = scene.liar.mails();
    let last = mails.last().expect("a mail");
    assert!(
        last.said().contains("anna is connected again"),
        "{}",
        last.text
    );
    let mut names: Vec<&str> = mails.iter().map(|it| it.header("Message-ID")).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), mails.len(), "each mail has its own name");
    let due = "select count(*) from relink.notices where state = 'planned' and account_id = $1";
    assert_eq!(scene.run.number(due, &[&scene.id("anna").0]).await, 0);
}

#[tokio::test]
async fn r_lnk_7_what_heals_first_or_flaps_or_nobody_can_mail_is_told_rightly() {
    let mut scene = Scene::of(&["healed", "flaps", "none", "away", "team"]).await;
    let settings = format!(
        "update relink.accounts set owner_email = null where name in ('away', 'team');
         insert into relink.workspaces (id, name, created_at, version) values ('{0}', 'Teamed', relink.clock(), 1);
         update relink.accounts set workspace_id = '{0}' where name = 'team';
         insert into relink.contacts (workspace_id, address, name) values ('{0}', 'team@example.com', '')",
        uuid::Uuid::now_v7()
    );
    scene
        .run
        .owner
        .batch_execute(&settings)
        .await
        .expect("settings");
    // Nobody has a mail server: what is due says so, and is not lost silently.
    let without = scene.worker(fleet::Tools::default());
    scene.lose("none").await;
    scene.later(MINUTE).await;
    assert_eq!(
        scene.told("none").await,
        ["first suppressed no_mail_server", "day_1 planned"]
    );
    drop(without);
    scene.work();
    scene.lose("healed").await;
    scene.come_back("healed").await;
    scene.lose("away").await;
    scene
        .flip("team", Status::Missing, Cause::ConfirmedMissing)
        .await;
    scene.later(MINUTE).await;
    assert_eq!(scene.told("healed").await, ["first skipped came_back"]);
    assert_eq!(
        scene.told("away").await,
        ["first suppressed no_address", "day_1 planned"]
    );
    assert_eq!(scene.told("team").await, ["first sent", "day_1 planned"]);
    let teams = scene.liar.mails_for("team@example.com")[0].said();
    assert!(teams.contains("Please hand the link on"), "{teams}");
    let gone = "The connection to it was lost on";
    assert!(teams.contains(gone), "R-DEL-3: {teams}");

    for _ in 0..12 {
        scene.lose("flaps").await;
        scene.later(MINUTE * 2).await;
        scene.come_back("flaps").await;
        scene.later(MINUTE * 3).await;
    }
    let told = scene.told("flaps").await;
    assert_eq!(
        scene.liar.mails_for("flaps@example.net").len(),
        1,
        "{told:?}"
    );
    // Lost for good at last: the owner hears of it, later.
    scene.lose("flaps").await;
    scene.later(HOUR * 6).await;
    assert_eq!(scene.liar.mails_for("flaps@example.net").len(), 2);
    // An owner who brought it back and loses it again hears at once.
    scene.come_back("flaps").await;
    let by_owner = "update relink.episodes set returned_by = 'owner' where ended_at = (select max(ended_at) from relink.episodes)";
    scene
        .run
        .owner
        .execute(by_owner, &[])
        .await
        .expect("by its owner");
    scene.later(MINUTE).await;
    scene.lose("flaps").await;
    scene.later(MINUTE).await;
    assert_eq!(scene.liar.mails_for("flaps@example.net").len(), 3);
}
