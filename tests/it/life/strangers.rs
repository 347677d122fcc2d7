//! A session that another person took over (R-ST-6).

use super::{connected, minutes};
use policy::campaigns::OnSenderLoss::ContinueWithRemaining;
use policy::ids::AccountId;
use policy::jobs::Queue;
use simulator::control::{Change, Kind};
use std::collections::BTreeSet;
use tests::fleet_run::FleetRun;
use tests::site::Site;

fn becomes(identity: &str) -> Change {
    Change {
        identity: Some(identity.to_owned()),
        quiet: true,
        ..Change::default()
    }
}

async fn held(run: &FleetRun) -> Vec<String> {
    let sql =
        "select a.name from relink.account_holds h join relink.accounts a on a.id = h.account_id
                where h.reason = 'wrong_account' and h.ended_at is null order by 1";
    run.words(sql, &[]).await
}

async fn in_rotation(run: &FleetRun) -> Vec<String> {
    let sql =
        "select a.name from relink.campaign_senders s join relink.accounts a on a.id = s.account_id
                where s.in_rotation order by 1";
    run.words(sql, &[]).await
}

/// A sender of each kind with a campaign of its own, and one whose address comes back in another form.
async fn senders() -> (FleetRun, Vec<AccountId>) {
    let mut senders = vec![];
    let run = FleetRun::without_workers(Site::shared().await, |cast| {
        for (kind, name) in [
            (Kind::Linkedin, "ada"),
            (Kind::Google, "ben"),
            (Kind::Outlook, "cleo"),
            (Kind::Mail, "dan"),
            (Kind::Icloud, "eve"),
            (Kind::Mail, "zoe"),
        ] {
            let account = connected(cast, kind, name);
            cast.campaign(ContinueWithRemaining, &[account]);
            cast.sends(account);
            senders.push(account);
        }
    })
    .await;
    let mails = "update relink.campaign_steps t set action = 'email', subject = 'A word'
                  from relink.campaign_senders s join relink.accounts a on a.id = s.account_id
                 where t.campaign_id = s.campaign_id and a.kind <> 'LINKEDIN'";
    run.owner
        .execute(mails, &[])
        .await
        .expect("they write mail");
    let targets = "update relink.enrollments e set step = 1, target = e.id || '@example.com'
                    from relink.accounts a where a.id = e.account_id and a.kind <> 'LINKEDIN'";
    run.owner.execute(targets, &[]).await.expect("to addresses");
    (run, senders)
}

#[tokio::test]
async fn r_st_6_a_session_taken_over_sends_nothing_until_its_person_returns() {
    let (mut run, senders) = senders().await;
    let worker = run.work(&Queue::ALL, run.provider.unipile());
    run.settle().await;
    run.beat().await;
    let sending: BTreeSet<_> = (run.provider.effects().await.into_iter())
        .map(|it| it.session)
        .collect();
    assert_eq!(sending.len(), senders.len(), "all send: {sending:?}");

    // Another form of the same address is nobody else.
    run.provider.change("s-zoe", becomes("Zoe@X.Example")).await;
    run.provider.change("s-ada", becomes("id-bob")).await;
    for name in ["ben", "cleo", "dan", "eve"] {
        run.provider
            .change(&format!("s-{name}"), becomes("bob@y.example"))
            .await;
    }
    run.beat().await;
    assert_eq!(held(&run).await, ["ada", "ben", "cleo", "dan", "eve"]);
    assert_eq!(in_rotation(&run).await, ["zoe"]);
    let sent_before = run.provider.effects().await;
    let alerts = "select sum(times)::bigint from relink.admin_alerts where code = 'wrong_account'";
    assert_eq!(run.number(alerts, &[]).await, 5, "one each");

    for _ in 0..6 {
        run.beat().await;
    }
    let by_others: Vec<_> = (run.provider.effects().await.into_iter())
        .skip(sent_before.len())
        .filter(|it| it.session != "s-zoe")
        .collect();
    assert!(by_others.is_empty(), "sent as another: {by_others:?}");
    assert_eq!(run.number(alerts, &[]).await, 5, "and told once");
    for account in &senders {
        assert_eq!(run.status(*account).await, "connected");
    }

    // A word that nobody knows does not keep the hold.
    let ada = Change {
        words: Some(vec!["OK".to_owned(), "SYNCING".to_owned()]),
        ..becomes("id-ada")
    };
    run.provider.change("s-ada", ada).await;
    for name in ["ben", "cleo", "dan", "eve"] {
        run.provider
            .change(&format!("s-{name}"), becomes(&format!("{name}@x.example")))
            .await;
    }
    run.beat().await;
    assert_eq!(held(&run).await, [] as [&str; 0], "they are back");
    assert_eq!(
        in_rotation(&run).await,
        ["ada", "ben", "cleo", "dan", "eve", "zoe"]
    );
    let sent_before = run.provider.effects().await.len();
    run.later(minutes(120)).await;
    let sent_after = run.provider.effects().await.len();
    assert!(sent_after > sent_before, "and send again");
    run.is_sound().await;
    drop(worker);
}
