//! Rows that no owner should have, beside one that is well (R-JOB-3, R-LNK-7).

use super::{MINUTE, SOON, Scene};
use policy::account::{Cause, Status};
use tests::eventually::eventually;
use tests::liar::Mail;
use tokio_util::sync::CancellationToken;

/// Owners with odd rows who are told nevertheless, then those of whom something cannot be read, written or mailed.
const NAMES: [&str; 7] = [
    "well",
    "rude",
    "lost-zone",
    "tongues",
    "unread",
    "unwritten",
    "abroad",
];

/// Each by its name. Checks that stand in the way are taken off: a row of before may have been let in without them.
const POISON: &str = r#"
    alter table relink.accounts drop constraint if exists accounts_zone_check, drop constraint if exists accounts_owner_email_check,
                                drop constraint if exists accounts_locale_check;
    update relink.accounts set name = repeat(chr(1) || U&'\202E' || '\u0000<b>"' || E'\r\nBcc: all@example.net ', 300),
           owner_name = repeat(E'O''Brien\r\n\t', 1500) where name = 'rude';
    update relink.accounts set zone = 'Mars/Olympus' where name = 'lost-zone';
    update relink.accounts set locale = 'tlh-Piqd-' || repeat('x', 9000) where name = 'tongues';
    update relink.accounts set owner_email = 'abroad@ex' || U&'\00E4' || 'mple.net' where name = 'abroad';
    create function public.poison() returns trigger language plpgsql as $$ begin
        raise exception 'poisoned' using errcode = '22001'; end $$;"#;

#[tokio::test]
async fn r_lnk_7_one_owner_s_poisoned_row_stops_nobody_s_mail() {
    let mut scene = Scene::of(&NAMES).await;
    scene.run.owner.batch_execute(POISON).await.expect("poison");
    scene.work();
    // Of two causes, so that all of them are no burst.
    for (nth, name) in NAMES.into_iter().enumerate() {
        let cause = if nth % 2 == 0 {
            Cause::Credentials
        } else {
            Cause::Permissions
        };
        scene.flip(name, Status::ReconnectNeeded, cause).await;
    }
    let unreadable = format!(
        "update relink.notices set reason = 'pigeons' where account_id = '{}';
         create trigger poisoned before update on relink.notices for each row when (new.account_id = '{}')
            execute function public.poison()",
        scene.id("unread"),
        scene.id("unwritten"),
    );
    scene
        .run
        .owner
        .batch_execute(&unreadable)
        .await
        .expect("poison");
    scene.run.step_database(MINUTE).await;
    let stop = CancellationToken::new();
    let running = scene.run.schedule(&stop);
    for name in ["well", "rude", "lost-zone", "tongues"] {
        eventually(&format!("{name} is told"), SOON, || async {
            (scene.told(name).await == ["first sent", "day_1 planned"]).then_some(())
        })
        .await;
    }
    eventually("nobody can be mailed abroad", SOON, || async {
        (scene.told("abroad").await[0] == "first failed undeliverable").then_some(())
    })
    .await;
    for name in ["unread", "unwritten"] {
        assert_eq!(scene.told(name).await[0], "first planned", "{name}");
    }
    let aside =
        "select distinct subject from relink.admin_alerts where code = 'row_set_aside' order by 1";
    let mut wanted = [
        format!("notices.change account {}", scene.id("unwritten")),
        format!("notices.facts account {}", scene.id("unread")),
    ];
    wanted.sort();
    eventually("operators know whose rows they are", SOON, || async {
        (scene.run.words(aside, &[]).await == wanted).then_some(())
    })
    .await;
    are_whole(&scene.liar.mails());
    // A row that cannot be read makes room for others: it is looked at again later.
    let waits = "select extract(epoch from due_at - relink.clock()) > 600 from relink.notices where account_id = $1 and step = 0";
    let unread = scene.id("unread").0;
    let row = scene.run.owner.query_one(waits, &[&unread]).await;
    assert!(row.expect("it").get::<_, bool>(0));

    are_mended(&mut scene).await;
    stop.cancel();
    running.await.map(drop).expect("the scheduler stops");
    assert_eq!(scene.liar.mails().len(), 6);
    scene.run.is_sound().await;
}

/// Mended rows are told by then, those of before not again.
async fn are_mended(scene: &mut Scene) {
    let mended = "update relink.notices set reason = 'reconnect_needed' where reason = 'pigeons';
         drop trigger poisoned on relink.notices";
    scene.run.owner.batch_execute(mended).await.expect("mend");
    scene.run.step_database(MINUTE * 16).await;
    eventually("what can be read is told", SOON, || async {
        (scene.told("unread").await[0] == "first sent").then_some(())
    })
    .await;
    // The job of its first try has been, and was moot; there is one for each try.
    let asked = "select tries::bigint from relink.notices where account_id = $1 and step = 0";
    let unwritten = scene.id("unwritten").0;
    eventually("a mail is asked for", SOON, || async {
        (scene.run.number(asked, &[&unwritten]).await == 1).then_some(())
    })
    .await;
    scene.run.step_database(MINUTE * 16).await;
    eventually("what can be written is told", SOON, || async {
        (scene.told("unwritten").await[0] == "first sent").then_some(())
    })
    .await;
}

/// Neither a line of the head that a name made, nor one that is too long.
fn are_whole(mails: &[Mail]) {
    assert_eq!(mails.len(), 4);
    for mail in mails {
        let (head, _) = mail.text.split_once("\n\n").expect("a head");
        assert!(!head.lines().any(|it| it.starts_with("Bcc")), "{head}");
        assert!(head.lines().all(|it| it.len() <= 998), "RFC 5322: {head}");
    }
}
