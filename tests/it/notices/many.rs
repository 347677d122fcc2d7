//! Many losses of one cause, one reader of many accounts, and readers of several workspaces.

use super::{KEY, MINUTE, Scene};
use linking::Keys;
use policy::account::{Cause, Status};
use policy::ids::AccountId;
use std::collections::BTreeSet;
use tests::liar::{Liar, Lie};

/// More than are told at once of one cause.
const CROWD: usize = 51;

/// Accounts whose pages the mails for that address lead to; each link stands once in the text.
fn led_to(liar: &Liar, address: &str) -> Vec<AccountId> {
    let keys = Keys::parse(&KEY.into(), None).expect("a key");
    let mails = liar.mails_for(address);
    let texts: Vec<String> = mails.iter().map(tests::liar::Mail::said).collect();
    let told = texts.iter().flat_map(|text| text.lines());
    told.filter_map(|line| line.strip_prefix("Sign in again: https://p.example/r/"))
        .map(|token| keys.read_page(token.trim()).expect("a ticket").account)
        .collect()
}

#[tokio::test]
async fn r_lnk_7_a_burst_is_held_and_each_reader_gets_what_is_theirs() {
    let crowd: Vec<&'static str> = (0..CROWD)
        .map(|number| &*format!("crowd-{number}").leak())
        .collect();
    let others = ["here", "there", "again"];
    let mut scene = Scene::mailing(&[&crowd[..], &others[..]].concat()).await;
    let readers = format!(
        "update relink.accounts set owner_email = 'crowd@example.net' where name like 'crowd-%';
         update relink.accounts set owner_email = 'both@example.net' where name in ('here', 'there');
         update relink.accounts set workspace_id = (select id from relink.workspaces where name = 'Second') where name = 'there';
         select relink.opt_out('{}')",
        scene.id("here")
    );
    scene.run.owner.batch_execute(&readers).await.expect("them");
    scene.liar.lie("again@example.net", Lie::Data(451));
    for name in &crowd {
        scene.lose(name).await;
    }
    for name in others {
        scene
            .flip(name, Status::ReconnectNeeded, Cause::Permissions)
            .await;
    }
    // So many losses wait for a second look (R-WAT-6), which says that they are.
    let looked = "update relink.notices set due_at = relink.clock() where due_at is null";
    let looked = scene.run.owner.execute(looked, &[]).await;
    assert!(looked.expect("settled") > 0);
    scene.later(MINUTE).await;
    assert_eq!(scene.told("crowd-0").await, ["first planned"], "held back");
    assert!(scene.liar.mails_for("crowd@example.net").is_empty());
    assert_eq!(scene.alerts().await, ["notices_held"]);
    // Who opted out of one workspace's mails gets another's.
    assert_eq!(scene.told("here").await[0], "first suppressed opted_out");
    assert_eq!(scene.told("there").await[0], "first sent");
    assert_eq!(led_to(&scene.liar, "both@example.net"), [scene.id("there")]);
    assert_eq!(scene.told("again").await[0], "first planned");

    scene.liar.repent();
    scene.later(MINUTE * 31).await;
    let led = led_to(&scene.liar, "crowd@example.net");
    let everybody: BTreeSet<AccountId> = crowd.iter().map(|name| scene.id(name)).collect();
    assert_eq!(led.len(), CROWD, "each account once");
    assert_eq!(led.into_iter().collect::<BTreeSet<_>>(), everybody);
    assert_eq!(
        scene.liar.mails_for("crowd@example.net").len(),
        3,
        "a mail tells twenty at most"
    );
    // A mail that was put off is the same mail when it comes again, as its row names it.
    let row = "select message_id from relink.notices where account_id = $1 and step = 0";
    let row = scene.run.words(row, &[&scene.id("again").0]).await;
    let names: Vec<String> = scene
        .liar
        .mails_for("again@example.net")
        .iter()
        .map(|mail| {
            mail.header("Message-ID")
                .trim_matches(['<', '>'])
                .to_owned()
        })
        .collect();
    assert_eq!(names.len(), 2, "put off once");
    assert_eq!(names[0], names[1]);
    assert!(names[0].starts_with(&row.concat()), "{names:?}, {row:?}");
    is_lost_again(&mut scene).await;
}

/// Back and lost again before anybody looked: the steps of the time before are over, and the new one is not told at once.
async fn is_lost_again(scene: &mut Scene) {
    scene.come_back("there").await;
    scene.lose("there").await;
    scene.later(MINUTE).await;
    assert_eq!(
        scene.told("there").await,
        [
            "first sent",
            "day_1 skipped came_back",
            "back skipped lost_again",
            "first planned"
        ]
    );
    assert_eq!(scene.liar.mails_for("both@example.net").len(), 1);
}
