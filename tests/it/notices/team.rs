//! Whom a mail goes to beside its owner, and whom it does not (R-LNK-7).

use super::{KEY, MINUTE, Scene};
use jiff::SignedDuration;
use linking::Keys;

#[tokio::test]
async fn r_lnk_7_everybody_of_a_team_is_told_but_who_gets_no_mails() {
    let mut scene = Scene::mailing(&["anna"]).await;
    let team = "update relink.accounts set owner_email = null;
         insert into relink.contacts (workspace_id, address, name)
         select a.workspace_id, c.address, '' from relink.accounts a,
                unnest(array['one@example.com', 'two@example.com', 'gone@example.com']) as c(address);
         insert into relink.mail_stops (workspace_id, address, reason, since, account_id)
         select a.workspace_id, relink.person_digest('gone@example.com'), 'undeliverable', relink.clock(), a.id
           from relink.accounts a";
    scene.run.owner.batch_execute(team).await.expect("a team");
    scene.lose("anna").await;
    scene.later(MINUTE).await;
    for (address, count) in [
        ("one@example.com", 1),
        ("two@example.com", 1),
        ("gone@example.com", 0),
    ] {
        assert_eq!(scene.liar.mails_for(address).len(), count, "{address}");
    }
    let mail = scene.liar.mails().remove(0);
    assert_eq!(
        mail.header("List-Unsubscribe"),
        "",
        "a team ends no owner's mails"
    );
    // What its link leads to: this account, this loss, for a month.
    let said = mail.said();
    let link = said
        .lines()
        .find_map(|it| it.strip_prefix("Sign in again: https://p.example/r/"));
    let keys = Keys::parse(&KEY.into(), None).expect("a key");
    let ticket = keys
        .read_page(link.expect("a link").trim())
        .expect("a ticket");
    let episode = "select began_version from relink.episodes where account_id = $1";
    let anna = scene.id("anna");
    assert_eq!((ticket.account, ticket.step), (anna, 0));
    assert_eq!(ticket.episode, scene.run.number(episode, &[&anna.0]).await);
    let now = scene.run.store.begin().await.expect("begin").now().at;
    let left = ticket.ends_at.duration_since(now);
    assert!(SignedDuration::from_hours(24 * 29) < left, "{left}");
    scene.run.is_sound().await;
}

#[tokio::test]
async fn r_lnk_7_nobody_of_a_workspace_that_is_over_is_told() {
    let mut scene = Scene::mailing(&["ended", "unpaid"]).await;
    let over = "insert into relink.workspaces (id, name, created_at, version)
                values ('00000000-0000-7000-8000-000000000042', 'Over', relink.clock(), 1);
         update relink.accounts set workspace_id = '00000000-0000-7000-8000-000000000042' where name = 'ended'";
    scene.run.owner.batch_execute(over).await.expect("two");
    scene.lose("ended").await;
    scene.lose("unpaid").await;
    let over = "update relink.workspaces set ended_at = relink.clock() where name = 'Over';
         insert into relink.account_holds (account_id, reason, since)
         select id, 'subscription', relink.clock() from relink.accounts where name = 'unpaid'";
    scene.run.owner.batch_execute(over).await.expect("over");
    scene.later(MINUTE).await;
    for name in ["ended", "unpaid"] {
        assert_eq!(
            scene.told(name).await,
            ["first skipped workspace_over"],
            "{name}"
        );
    }
    assert_eq!(scene.liar.mails(), []);
}
