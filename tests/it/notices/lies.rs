//! What a mail server may say, and what it may leave unsaid.

use super::{MINUTE, Scene};
use policy::account::{Cause, Status};
use tests::liar::Lie;

#[tokio::test]
async fn r_lnk_7_a_mail_server_s_lies_repeat_nothing_and_lose_nobody() {
    let mut scene = Scene::mailing(&["well", "nobody", "later", "spam", "silent", "closed"]).await;
    let owner = |name: &str| format!("{name}@example.net");
    scene.liar.lie(&owner("nobody"), Lie::Recipient(550));
    scene.liar.lie(&owner("later"), Lie::Recipient(451));
    scene.liar.lie(&owner("spam"), Lie::Data(554));
    scene.liar.lie(&owner("silent"), Lie::Silence);
    scene.liar.lie(&owner("closed"), Lie::Close);
    for name in ["well", "nobody", "later"] {
        scene.lose(name).await;
    }
    // Of another cause, so that all of them are no burst.
    for name in ["spam", "silent", "closed"] {
        scene
            .flip(name, Status::ReconnectNeeded, Cause::Permissions)
            .await;
    }
    scene.later(MINUTE).await;
    for (name, told) in [
        ("well", "first sent"),
        ("nobody", "first failed undeliverable"),
        ("later", "first planned"),
        ("spam", "first failed refused"),
        ("silent", "first failed unanswered"),
        ("closed", "first failed unanswered"),
    ] {
        assert_eq!(scene.told(name).await, [told, "day_1 planned"], "{name}");
    }
    scene.liar.repent();
    scene.later(MINUTE * 7).await;
    let came = ["well", "nobody", "later", "spam", "silent", "closed"]
        .map(|name| scene.liar.mails_for(&owner(name)).len());
    assert_eq!(
        came,
        [1, 0, 1, 1, 1, 1],
        "what may have been taken is not given again"
    );
    assert_eq!(scene.told("later").await[0], "first sent");
    let code = "select coalesce(smtp_code, 0)::text from relink.notices where account_id = $1 and step = 0";
    assert_eq!(
        scene.run.words(code, &[&scene.id("nobody").0]).await,
        ["550"]
    );
    assert_eq!(scene.alerts().await, ["notice_undeliverable"]);
    let addresses = "select count(*) from relink.admin_alerts where detail::text like '%@example%' or subject like '%@%'";
    assert_eq!(
        scene.run.number(addresses, &[]).await,
        0,
        "no alert names an address"
    );

    // The next step goes to nobody, for there is no team; the day after its product says another address.
    let day = jiff::SignedDuration::from_hours(24);
    scene.later(day).await;
    assert_eq!(
        scene.told("nobody").await[1],
        "day_1 suppressed undeliverable"
    );
    let moved = "update relink.accounts set owner_email = 'new@example.net' where name = 'nobody'";
    scene
        .run
        .owner
        .execute(moved, &[])
        .await
        .expect("another address");
    scene.later(day * 2).await;
    assert_eq!(scene.liar.mails_for("new@example.net").len(), 1);
}

#[tokio::test]
async fn r_lnk_7_a_server_that_takes_no_mails_of_ours_blames_no_owner() {
    let mut scene = Scene::mailing(&["anna"]).await;
    scene.liar.lie("anybody", Lie::Sender(550));
    scene.lose("anna").await;
    scene.later(MINUTE).await;
    assert_eq!(scene.told("anna").await, ["first planned", "day_1 planned"]);
    assert_eq!(scene.alerts().await, ["mail_server"]);
    assert_eq!(scene.troubles("anna").await, ["550 sender"]);
    let stops = "select count(*) from relink.mail_stops";
    assert_eq!(scene.run.number(stops, &[]).await, 0);
    scene.liar.repent();
    // An owner who opted out meanwhile is left alone, also by the mail that waits.
    let known = "select relink.opt_out($1)::text";
    assert_eq!(
        scene.run.words(known, &[&scene.id("anna").0]).await,
        ["true"]
    );
    scene.later(MINUTE * 7).await;
    assert_eq!(
        scene.told("anna").await,
        ["first suppressed opted_out", "day_1 planned"]
    );
    assert_eq!(scene.liar.mails().len(), 0);
    // Not settled by a call: what was so at the last one stands.
    assert_eq!(scene.troubles("anna").await, ["550 sender"]);
}
