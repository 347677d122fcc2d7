//! R-CAP-6 on a running fleet: what stays unknown is proved or left to a person, whichever clock is wrong and whatever the
//! provider makes of a text.

use jiff::SignedDuration;
use policy::campaigns::OnSenderLoss;
use policy::ids::AccountId;
use simulator::control::{Action, ActionFault, ActionFaultKind, Faults, Rate};
use tests::cast::Cast;
use tests::fleet_run::FleetRun;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
/// The decomposed form of a name is other code points than the composed one.
const SAID: &str = "Hello Jose\u{301}, it\u{2019}s me: https://relink.example/a";

/// An account with its prospects, and what it does to them.
struct Sender {
    account: AccountId,
    name: &'static str,
    action: Action,
}

fn plant(cast: &mut Cast, name: &'static str, action: Action, people: usize) -> Sender {
    let account = cast.connected(name);
    cast.campaign(OnSenderLoss::default(), &[account]);
    let campaign = cast.fleet.campaigns.last_mut().expect("planted");
    campaign.enrollments = people;
    Sender {
        account,
        name,
        action,
    }
}

/// Each sends its action at step 1; a step of invitations follows.
async fn stage(run: &FleetRun, senders: &[Sender]) {
    for sender in senders {
        let sql = "update relink.campaign_steps t
                      set action = case when t.step = 1 then $2 else 'invite' end, body = $3,
                          wait = case when t.step = 1 then interval '0' else interval '1 hour' end
                     from relink.campaign_senders s
                    where s.account_id = $1 and t.campaign_id = s.campaign_id";
        let action = sender.action.name();
        let id = sender.account.0;
        run.owner
            .execute(sql, &[&id, &action, &SAID])
            .await
            .expect("set the steps");
        let sql = "update relink.enrollments set step = 1 where account_id = $1";
        run.owner.execute(sql, &[&id]).await.expect("set a step");
    }
}

async fn let_send(run: &FleetRun, senders: &[&Sender], days: i16) {
    let ids: Vec<_> = senders.iter().map(|sender| sender.account.0).collect();
    let sql = "update relink.send_rules set days = $2 where account_id = any ($1)";
    run.owner.execute(sql, &[&ids, &days]).await.expect("rules");
}

fn fault(kind: ActionFaultKind, action: Action, skew: SignedDuration) -> Faults {
    Faults {
        actions: vec![ActionFault {
            kind,
            route: None,
            action: Some(action),
            rate: Rate(1.0),
            times: None,
            ms: None,
        }],
        skew_seconds: skew.as_secs(),
        ..Faults::default()
    }
}

/// Its first send's calls all end like this, by a provider whose clock is so far off; from then on only the clock is wrong.
async fn befall(run: &mut FleetRun, sender: &Sender, kind: ActionFaultKind, skew: SignedDuration) {
    run.provider.faults(&fault(kind, sender.action, skew)).await;
    let_send(run, &[sender], 127).await;
    run.later(MINUTE).await;
    assert_eq!(states(run, sender).await, "unknown", "{}", sender.name);
    let off = Faults {
        skew_seconds: skew.as_secs(),
        ..Faults::default()
    };
    run.provider.faults(&off).await;
    let_send(run, &[sender], 0).await;
}

async fn states(run: &FleetRun, sender: &Sender) -> String {
    let sql = "select concat_ws(' ', state, nullif(code, 'untold')) from relink.sends
                where account_id = $1 and state <> 'cancelled' order by planned_at";
    run.words(sql, &[&sender.account.0]).await.join(", ")
}

async fn effects(run: &FleetRun, sender: &Sender) -> usize {
    let session = format!("s-{}", sender.name);
    let all = run.provider.effects().await;
    all.iter().filter(|it| it.session == session).count()
}

async fn say(run: &FleetRun, sender: &Sender, change: &str) {
    let sql = format!(
        "update relink.sends set body = {change} where account_id = $1 and state = 'unknown'"
    );
    let changed = run.owner.execute(&sql, &[&sender.account.0]).await;
    assert_eq!(changed.expect("change what was said"), 1);
}

#[tokio::test]
async fn r_cap_6_no_wrong_clock_and_no_other_form_of_a_text_sends_twice() {
    let mut senders = vec![];
    let mut run = FleetRun::start(|cast| {
        senders = vec![
            plant(cast, "behind", Action::Message, 1),
            plant(cast, "ahead", Action::Message, 1),
            plant(cast, "form", Action::Message, 1),
            plant(cast, "other", Action::Message, 1),
            plant(cast, "gone", Action::Message, 1),
        ];
    })
    .await;
    stage(&run, &senders).await;
    let [behind, ahead, form, other, gone] = senders.as_slice() else {
        panic!("five senders");
    };
    let done = ActionFaultKind::ErrorAfter;
    // The provider shows what it was told; what was said is changed instead, before the first look.
    befall(&mut run, form, done, MINUTE * -10).await;
    say(&run, form, "replace(replace(normalize(body, NFC), '\u{2019}', '&#39;'), 'https://relink.example/a', 'lnkd.in/x')").await;
    befall(&mut run, other, done, MINUTE * -10).await;
    say(&run, other, "'Something else'").await;
    befall(&mut run, behind, done, MINUTE * -10).await;
    befall(&mut run, ahead, done, MINUTE * 10).await;
    befall(&mut run, gone, ActionFaultKind::ErrorBefore, MINUTE * -10).await;
    let everybody: Vec<&Sender> = senders.iter().collect();
    for _ in 0..8 {
        run.beat().await;
    }
    let_send(&run, &everybody, 127).await;
    run.beat().await;
    for sender in [behind, ahead, form] {
        assert_eq!(states(&run, sender).await, "sent found", "{}", sender.name);
        assert_eq!(effects(&run, sender).await, 1, "{}", sender.name);
    }
    // An own message that nothing explains: it waits for a person.
    assert_eq!(states(&run, other).await, "unknown");
    assert_eq!(effects(&run, other).await, 1);
    // What does not stand there is sent again, once.
    assert_eq!(states(&run, gone).await, "failed absent, sent sent");
    assert_eq!(effects(&run, gone).await, 1);
    run.is_sound().await;
}

/// Jobs that were asked for a look and ended without one.
const DEAD_LOOKS: &str = "
    insert into relink.jobs (id, queue, kind, version, cause, workspace_id, account_id, payload, state, run_at, finished_at)
    select gen_random_uuid(), 'sends', 'sends.resolve', 1, 'sends.resolve:' || id || '#0', workspace_id, account_id,
           jsonb_build_object('account', account_id, 'send', id), 'dead', relink.clock(), relink.clock()
      from relink.sends where state = 'unknown'";

#[tokio::test]
async fn r_cap_6_a_lost_view_goes_on_and_a_look_that_died_is_repeated() {
    let mut senders = vec![];
    let mut run = FleetRun::start(|cast| {
        senders = vec![
            plant(cast, "view", Action::ProfileView, 3),
            plant(cast, "dead", Action::Invite, 1),
        ];
    })
    .await;
    stage(&run, &senders).await;
    let [view, dead] = senders.as_slice() else {
        panic!("two senders");
    };
    befall(
        &mut run,
        dead,
        ActionFaultKind::ErrorAfter,
        SignedDuration::ZERO,
    )
    .await;
    let planted = run.owner.execute(DEAD_LOOKS, &[]).await;
    assert_eq!(planted.expect("plant a dead letter"), 1);
    let silent = fault(
        ActionFaultKind::ErrorBefore,
        Action::ProfileView,
        SignedDuration::ZERO,
    );
    run.provider.faults(&silent).await;
    let_send(&run, &[view], 127).await;
    for _ in 0..8 {
        run.later(MINUTE * 2).await;
    }
    run.provider.faults(&Faults::default()).await;
    run.beat().await;
    let viewed = states(&run, view).await;
    assert_eq!(viewed, ["sent assumed"; 3].join(", "));
    let steps = "select count(*) from relink.enrollments where account_id = $1 and step = 2 and state = 'active'";
    assert_eq!(run.number(steps, &[&view.account.0]).await, 3);
    let told = "select times::text from relink.admin_alerts where code = 'send_assumed'";
    assert_eq!(
        run.words(told, &[]).await.len(),
        1,
        "one row for the account"
    );
    assert_eq!(states(&run, dead).await, "sent found");
    let discard = "update relink.jobs set state = 'discarded' where state = 'dead'";
    run.owner.execute(discard, &[]).await.expect("discard it");
    run.is_sound().await;
}
