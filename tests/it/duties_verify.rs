//! Verification of every kind of account, and how seldom what does not verify is asked for (R-LNK-6, R-ST-6).

use crate::duties::into;
use jiff::SignedDuration;
use policy::campaigns::OnSenderLoss::PauseCampaign;
use policy::decision::NewJob;
use policy::ids::{AccountId, CampaignId};
use policy::jobs::{ACCOUNT_CHECK, CheckAccount};
use serde_json::json;
use simulator::control::{
    Change, Faults, Health, Kind, NewSession, SessionFault, SessionFaultKind,
};
use store::seed::Account;
use tests::cast::Cast;
use tests::fleet_run::FleetRun;

const ME: &str = "GET /users/me";
const KINDS: [(Kind, &str); 5] = [
    (Kind::Linkedin, "LINKEDIN"),
    (Kind::Google, "GOOGLE_OAUTH"),
    (Kind::Outlook, "OUTLOOK"),
    (Kind::Mail, "MAIL"),
    (Kind::Icloud, "ICLOUD"),
];

/// A connected account of a kind. A mailbox's address stands in another case at each side.
fn connected(cast: &mut Cast, (kind, word): (Kind, &str), name: &str) -> AccountId {
    let id = cast.connected(name);
    let account = cast.fleet.accounts.last_mut().expect("the account");
    let session = cast.sessions.last_mut().expect("its session");
    if kind != Kind::Linkedin {
        *account = Account {
            kind: word.to_owned(),
            identity: Some(format!("Sam.{name}@x.example")),
            handle: Some(format!("sam.{name}@x.example").to_lowercase()),
            ..account.clone()
        };
        *session = NewSession {
            kind,
            identity: Some(format!("sam.{name}@X.Example")),
            handle: Some(format!("sam.{name}@X.Example")),
            ..session.clone()
        };
    }
    id
}

fn told(session: &str, kind: SessionFaultKind, route: &str) -> SessionFault {
    SessionFault {
        session: session.to_owned(),
        kind,
        route: route.to_owned(),
        times: None,
    }
}

fn lying(sessions: Vec<SessionFault>) -> Faults {
    Faults {
        sessions,
        ..Faults::default()
    }
}

fn person(identity: &str) -> Change {
    Change {
        identity: Some(identity.to_owned()),
        quiet: true,
        ..Change::default()
    }
}

#[tokio::test]
async fn r_lnk_6_r_heal_1_every_kind_comes_back_in_one_run_and_heals() {
    let words = [Health::Credentials, Health::Connecting, Health::Error];
    let mut cast_of: Vec<(String, Health, AccountId, CampaignId)> = vec![];
    let mut run = FleetRun::start(|cast| {
        for (nth, word) in words.into_iter().enumerate() {
            for kind in KINDS {
                let name = format!("{}-{nth}", kind.1.to_lowercase());
                let account = connected(cast, kind, &name);
                let campaign = cast.campaign(PauseCampaign, &[account]);
                cast_of.push((format!("s-{name}"), word, account, campaign));
            }
        }
        cast.crowd(50);
    })
    .await;
    for (session, word, _, _) in &cast_of {
        run.provider.change(session, into(*word)).await;
    }
    run.beat().await;
    for (session, _, account, campaign) in &cast_of {
        assert_ne!(run.status(*account).await, "connected", "{session}");
        assert_eq!(run.pauses(*campaign).await, ["account_disconnected"]);
    }
    for (session, _, _, _) in &cast_of {
        run.provider.change(session, into(Health::Ok)).await;
    }
    run.beat().await;
    for (session, word, account, _) in &cast_of {
        let status = run.status(*account).await;
        assert_eq!(status, "connected", "{session} after {word:?}");
    }
    run.beat().await;
    for (session, _, _, campaign) in &cast_of {
        assert_eq!(run.pauses(*campaign).await, [] as [&str; 0], "{session}");
    }
    assert_eq!(run.alerts().await, [] as [&str; 0]);
    run.is_sound().await;
}

#[tokio::test]
async fn r_lnk_6_what_never_verifies_is_asked_twelve_times_a_day_and_told_once() {
    use SessionFaultKind::{
        Checkpoint, Disconnected, Nameless, ServerError, Stranger, Unauthorized,
    };
    let lies = [
        ("silent", KINDS[0], ServerError),
        ("keyless", KINDS[0], Unauthorized),
        ("refused", KINDS[0], Disconnected),
        ("asked", KINDS[0], Checkpoint),
        ("nameless", KINDS[0], Nameless),
        ("strange", KINDS[0], Stranger),
        ("google", KINDS[1], ServerError),
        ("imap", KINDS[3], Disconnected),
    ];
    let mut accounts: Vec<AccountId> = vec![];
    let mut run = FleetRun::start(|cast| {
        for (name, kind, _) in lies {
            accounts.push(connected(cast, kind, name));
        }
        cast.crowd(40);
    })
    .await;
    let faults = lies.map(|(name, _, kind)| told(&format!("s-{name}"), kind, ME));
    run.provider.faults(&lying(faults.to_vec())).await;
    for (name, _, _) in lies {
        run.provider
            .change(&format!("s-{name}"), into(Health::Error))
            .await;
    }
    run.beat().await;
    // Neither list nor profile names anybody.
    run.provider.change("s-nameless", person("")).await;
    for (name, _, _) in lies {
        run.provider
            .change(&format!("s-{name}"), into(Health::Ok))
            .await;
    }
    // A day of runs: each five minutes for the first hour, then each half hour.
    for beat in 0..12 + 46 {
        let minutes = if beat < 12 { 5 } else { 30 };
        run.later(SignedDuration::from_mins(minutes)).await;
    }
    for ((name, _, kind), account) in lies.iter().zip(&accounts) {
        let asked = run.provider.asked(ME, &format!("s-{name}")).await;
        assert!((4..=12).contains(&asked), "{name}: asked {asked} times");
        assert_ne!(run.status(*account).await, "connected", "{name}");
        let expected = if *kind == Stranger {
            "wrong_account"
        } else {
            "verify_stuck"
        };
        let sql = "select code || ' ' || times from relink.admin_alerts where subject = 'account ' || $1::text";
        let alerts = run.words(sql, &[&account.0.to_string()]).await;
        assert_eq!(alerts, [format!("{expected} 1")], "{name}");
    }
    let refused = "select count(*) from relink.verifications where refused";
    assert_eq!(run.number(refused, &[]).await, 2);
    // What answers again is believed at its next look.
    run.provider.faults(&Faults::default()).await;
    run.provider
        .change("s-nameless", person("id-nameless"))
        .await;
    for _ in 0..13 {
        run.later(SignedDuration::from_mins(30)).await;
    }
    for account in &accounts {
        assert_eq!(run.status(*account).await, "connected");
    }
    run.is_sound().await;
}

#[tokio::test]
async fn r_lnk_6_a_session_whose_profile_refuses_is_its_owners() {
    let mut ada = None;
    let mut run = FleetRun::start(|cast| {
        ada = Some(connected(cast, KINDS[1], "ada"));
        cast.crowd(3);
    })
    .await;
    let ada = ada.expect("ada");
    run.provider.change("s-ada", into(Health::Error)).await;
    run.beat().await;
    assert_eq!(run.status(ada).await, "recovering");
    let refusal = told("s-ada", SessionFaultKind::Disconnected, ME);
    run.provider.faults(&lying(vec![refusal])).await;
    run.provider.change("s-ada", into(Health::Ok)).await;
    run.beat().await;
    assert_eq!(run.status(ada).await, "reconnect_needed");
    let causes = run.causes(ada).await;
    assert_eq!(causes.last().map(String::as_str), Some("session_refused"));
    // Its owner signs in anew where nobody told us: the list shows the session in trouble, then healthy.
    run.provider.faults(&Faults::default()).await;
    run.provider
        .change("s-ada", into(Health::Credentials))
        .await;
    run.beat().await;
    run.provider.change("s-ada", into(Health::Ok)).await;
    run.beat().await;
    assert_eq!(run.status(ada).await, "connected");
    run.is_sound().await;
}

#[tokio::test]
async fn r_st_6_one_look_holds_a_stranger_of_every_kind_until_the_owner_is_back() {
    let mut accounts: Vec<(&str, AccountId)> = vec![];
    let mut run = FleetRun::start(|cast| {
        for kind in KINDS {
            let account = connected(cast, kind, &kind.1.to_lowercase());
            cast.campaign(PauseCampaign, &[account]);
            accounts.push((kind.1, account));
        }
    })
    .await;
    for (kind, account) in accounts.clone() {
        let name = kind.to_lowercase();
        let session = format!("s-{name}");
        let mine = match kind {
            "LINKEDIN" => format!("id-{name}"),
            _ => format!("SAM.{name}@x.EXAMPLE"),
        };
        run.provider.change(&session, person("eve@x.example")).await;
        for look in ["first", "second"] {
            check(&mut run, account, &format!("{kind} {look}")).await;
        }
        assert_eq!(held(&run, account).await, (1, 0), "{kind}");
        assert_eq!(run.status(account).await, "connected", "{kind}");
        let told = "select times::bigint from relink.admin_alerts where code = 'wrong_account' and subject = 'account ' || $1::text";
        let id = account.0.to_string();
        assert_eq!(run.number(told, &[&id]).await, 1, "{kind}: told once");
        run.provider.change(&session, person(&mine)).await;
        check(&mut run, account, &format!("{kind} again")).await;
        assert_eq!(held(&run, account).await, (0, 1), "{kind}");
    }
    run.is_sound().await;
}

/// A look at one account, between two runs of the watch.
async fn check(run: &mut FleetRun, account: AccountId, cause: &str) {
    let tx = run.store.begin().await.expect("begin");
    let job = NewJob {
        kind: ACCOUNT_CHECK,
        cause: format!("test {cause}"),
        workspace: None,
        account: Some(account),
        run_at: tx.now().at,
        payload: json!(CheckAccount {
            account,
            code: "disconnected_account".to_owned()
        }),
    };
    tx.enqueue(&[job], None, None).await.expect("enqueue");
    tx.finish().await.expect("commit");
    run.later(SignedDuration::from_secs(1)).await;
}

/// Standing holds of a stranger, and campaigns that have the account in their rotation.
async fn held(run: &FleetRun, account: AccountId) -> (i64, i64) {
    let holds = "select count(*) from relink.account_holds where account_id = $1 and reason = 'wrong_account' and ended_at is null";
    let senders =
        "select count(*) from relink.campaign_senders where account_id = $1 and in_rotation";
    (
        run.number(holds, &[&account.0]).await,
        run.number(senders, &[&account.0]).await,
    )
}
