//! No record names a person, whatever befell them (R-AUD-5).

use crate::duties::into;
use crate::duties_confirm::gone;
use jiff::SignedDuration;
use policy::campaigns::OnSenderLoss;
use serde_json::json;
use simulator::control::{Change, Health, ScriptedRefusal};
use store::operators::Scope;
use tests::cast::Cast;
use tests::desk::Desk;
use tests::fleet_run::FleetRun;

/// In every name, handle, identity, address and text; in no session's id, campaign's or operator's name.
const CANARY: &str = "canary-5d7e";
const RECORDS: [&str; 4] = [
    "account_audit",
    "send_audit",
    "operator_audit",
    "removal_audit",
];
const A_WHILE: SignedDuration = SignedDuration::from_mins(6);
const A_POLL: SignedDuration = SignedDuration::from_secs(90);

/// The newest account and session of the cast get a person's name, handle and identity.
fn named(cast: &mut Cast, who: &str) {
    let account = cast.fleet.accounts.last_mut().expect("an account");
    account.name = format!("{who} {CANARY}");
    account.handle = Some(format!("{who}-handle-{CANARY}"));
    let known = account.identity.is_some();
    account.identity = known.then(|| format!("id-{who}-{CANARY}"));
    let session = cast.sessions.last_mut().expect("a session");
    session.name = Some(format!("{who} {CANARY}"));
    session.identity = Some(format!("id-{who}-{CANARY}"));
    session.handle = Some(format!("{who}-handle-{CANARY}"));
}

async fn refuse(run: &FleetRun, session: &str, times: u64, kind: &str) {
    let refusal =
        json!({ "session": session, "target": null, "status": 422, "type": kind, "times": times });
    let refusal: ScriptedRefusal = serde_json::from_value(refusal).expect("a refusal");
    run.provider.refuse(&refusal).await;
}

/// Records with a canary, each with its row.
async fn told(run: &FleetRun) -> Vec<String> {
    let mut found = vec![];
    for record in RECORDS {
        let sql = format!(
            "select '{record}: ' || t::text from relink.{record} t where strpos(lower(t::text), '{CANARY}') > 0"
        );
        found.extend(run.words(&sql, &[]).await);
    }
    found
}

async fn planted() -> FleetRun {
    let run = FleetRun::start(|cast| {
        for who in ["sender", "lost", "stranger", "missing", "refused"] {
            let account = cast.connected(who);
            named(cast, who);
            if ["sender", "refused"].contains(&who) {
                cast.sends(account);
            }
            cast.campaign(OnSenderLoss::default(), &[account]);
        }
        cast.session("orphan");
        cast.waiting("orphan", |_| {});
        named(cast, "orphan");
    })
    .await;
    let people = format!(
        "update relink.prospects set name = 'Person {CANARY}', handle = 'p-{CANARY}-' || id;
         update relink.campaign_steps set body = 'Text {CANARY}', subject = 'Text {CANARY}';
         update relink.enrollments set step = 1"
    );
    run.owner.batch_execute(&people).await.expect("name them");
    run
}

/// Sends and refusals, an orphan, losses and a return, a session that is gone, another person behind one.
async fn befalls(run: &mut FleetRun) {
    refuse(run, "s-refused", 2, "already_invited_recently").await;
    refuse(run, "s-refused", 1, "errors/nobody-knows-this-one").await;
    for lost in ["s-lost", "s-stranger"] {
        run.provider.change(lost, into(Health::Credentials)).await;
    }
    run.provider.change("s-missing", gone()).await;
    let confirmed = "select count(*) from relink.cases where session_id = 's-missing' and verdict = 'confirmed'";
    // Polls between two ticks: a watch that runs beside the last of them may open a case that is withdrawn.
    run.beat().await;
    while run.number(confirmed, &[]).await == 0 {
        run.later(A_POLL).await;
    }
    let stranger = Change {
        identity: Some(format!("id-another-{CANARY}")),
        ..into(Health::Ok)
    };
    run.provider.change("s-stranger", stranger).await;
    run.provider.change("s-lost", into(Health::Ok)).await;
}

async fn operators_act(run: &mut FleetRun) {
    let desk = Desk::of(run.site(), "ada", &[Scope::Remove, Scope::Operate]).await;
    desk.does(&["removals", "request", "s-missing"]).await;
    run.later(A_WHILE).await;
    run.later(SignedDuration::from_hours(1)).await;
    let account = "select id::text from relink.accounts where session_id = 's-sender'";
    let account = run.words(account, &[]).await.remove(0);
    desk.does(&["accounts", "zone", &account, "Europe/Berlin"])
        .await;
    let contact = format!("someone@{CANARY}.example");
    let made = [
        "workspace",
        "create",
        CANARY,
        "--contact",
        &contact,
        "--support-address",
        &contact,
    ];
    desk.does(&made).await;
    desk.does(&["alerts", "ack", "--code", "wrong_account"])
        .await;
}

/// The control: all of it is in the records.
async fn happened(run: &FleetRun) {
    let causes = "select distinct cause from relink.account_audit order by 1";
    let causes = run.words(causes, &[]).await;
    for cause in [
        "confirmed_missing",
        "orphan_linked",
        "credentials",
        "verified",
    ] {
        assert!(causes.iter().any(|it| it == cause), "{cause} of {causes:?}");
    }
    let sends = "select distinct to_state from relink.send_audit order by 1";
    let sends = run.words(sends, &[]).await;
    for state in ["refused", "sent"] {
        assert!(sends.iter().any(|it| it == state), "{state} of {sends:?}");
    }
    for record in RECORDS {
        let rows = format!("select count(*) from relink.{record}");
        assert!(run.number(&rows, &[]).await > 0, "{record}");
    }
}

#[tokio::test]
async fn r_aud_5_no_record_names_a_person_whatever_befell_them() {
    let mut run = planted().await;
    befalls(&mut run).await;
    operators_act(&mut run).await;
    happened(&run).await;
    assert_eq!(told(&run).await, [] as [String; 0]);
    // A person's rows can be laid side by side all the same.
    let digests = "select count(distinct a.evidence ->> 'person') from relink.account_audit a join relink.accounts b on b.id = a.account_id
                    where b.session_id in ('s-lost', 's-orphan')";
    assert_eq!(run.number(digests, &[]).await, 2);
    run.is_sound().await;
}
