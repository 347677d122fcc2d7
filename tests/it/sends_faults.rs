//! R-CAP-5, R-CAP-6, scenarios 40, 41, 47: what the provider does wrong with an outward call, for every action that can
//! be read back in a list of its own. An account and a campaign for each pair of fault and action.

use jiff::SignedDuration;
use policy::campaigns::OnSenderLoss;
use policy::ids::AccountId;
use policy::jobs::Queue;
use simulator::control::{Action, ActionFault, ActionFaultKind, Faults, Kind, Rate};
use tests::cast::Cast;
use tests::fleet_run::FleetRun;
use tests::ledger::audit;
use tests::provider::{CALL_TIMEOUT, client_of};
use tests::site::Site;
use tests::tcp::Gate;

const ACTIONS: [Action; 4] = [
    Action::Invite,
    Action::Message,
    Action::Email,
    Action::WithdrawInvite,
];
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// What goes wrong with the first call of each account, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrong {
    /// The provider does it, and this.
    Done(ActionFaultKind),
    /// The provider does this instead.
    Undone(ActionFaultKind),
    /// Nobody listens.
    Refused,
}

const WRONGS: [(&str, Wrong); 8] = [
    (
        "500 after doing it",
        Wrong::Done(ActionFaultKind::ErrorAfter),
    ),
    (
        "500 before doing it",
        Wrong::Undone(ActionFaultKind::ErrorBefore),
    ),
    (
        "done, never answered",
        Wrong::Done(ActionFaultKind::SilenceAfter),
    ),
    (
        "done, answered twice too late",
        Wrong::Done(ActionFaultKind::SlowAfter),
    ),
    ("done, then reset", Wrong::Done(ActionFaultKind::ResetAfter)),
    (
        "reset before doing it",
        Wrong::Undone(ActionFaultKind::ResetBefore),
    ),
    (
        "done, 2xx cut in the middle",
        Wrong::Done(ActionFaultKind::UndecodableAfter),
    ),
    ("connection refused", Wrong::Refused),
];

/// An account with its one prospect.
struct Sender {
    name: String,
    account: AccountId,
    action: Action,
}

fn plant(cast: &mut Cast) -> Vec<Vec<Sender>> {
    let mut sender = |round: usize, action: Action| {
        let name = format!("{}-{round}", action.name());
        let account = cast.connected(&name);
        cast.campaign(OnSenderLoss::default(), &[account]);
        cast.fleet
            .campaigns
            .last_mut()
            .expect("planted")
            .enrollments = 1;
        if action == Action::Email {
            let planted = cast.fleet.accounts.last_mut().expect("planted");
            "GOOGLE_OAUTH".clone_into(&mut planted.kind);
            cast.sessions.last_mut().expect("planted").kind = Kind::Google;
        }
        Sender {
            name,
            account,
            action,
        }
    };
    (0..WRONGS.len())
        .map(|round| ACTIONS.map(|action| sender(round, action)).into())
        .collect()
}

/// What each campaign's steps do, and to whom.
async fn stage(run: &FleetRun, senders: &[Vec<Sender>]) {
    for sender in senders.iter().flatten() {
        let steps: &[(i16, &str)] = match sender.action {
            Action::WithdrawInvite => &[(1, "invite"), (2, "withdraw_invite")],
            // A mailbox proves something once it has shown a copy of an e-mail.
            Action::Email => &[(1, "email"), (2, "email")],
            other => &[(1, other.name())],
        };
        for (step, action) in steps {
            let sql = "update relink.campaign_steps t
                          set action = $3, subject = 'Word ' || $2, body = 'Text ' || $2,
                              wait = case when $2 = 2::smallint then interval '1 hour' else wait end
                         from relink.campaign_senders s
                        where s.account_id = $1 and t.campaign_id = s.campaign_id and t.step = $2";
            run.owner
                .execute(sql, &[&sender.account.0, step, action])
                .await
                .expect("set a step");
        }
        let to = (sender.action == Action::Email).then(|| format!("{}@example.com", sender.name));
        let sql = "update relink.enrollments set step = 1, target = coalesce($2, target) where account_id = $1";
        run.owner
            .execute(sql, &[&sender.account.0, &to])
            .await
            .expect("set a target");
    }
}

/// Lets these accounts send from now on, on these weekdays.
async fn let_send(run: &FleetRun, senders: impl Iterator<Item = &Sender>, days: i16) {
    let ids: Vec<_> = senders.map(|sender| sender.account.0).collect();
    let sql = "update relink.send_rules set days = $2 where account_id = any ($1)";
    run.owner.execute(sql, &[&ids, &days]).await.expect("rules");
}

fn faults(wrong: Wrong) -> Faults {
    let (Wrong::Done(kind) | Wrong::Undone(kind)) = wrong else {
        return Faults::default();
    };
    let late = u64::try_from(CALL_TIMEOUT.as_millis() * 2).expect("small");
    let once = |action| ActionFault {
        kind,
        route: None,
        action: Some(action),
        rate: Rate(1.0),
        times: Some(1),
        ms: (kind == ActionFaultKind::SlowAfter).then_some(late),
    };
    Faults {
        actions: ACTIONS.map(once).into(),
        ..Faults::default()
    }
}

/// Whether it does something before its part of the test.
fn goes_first(sender: &Sender) -> bool {
    matches!(sender.action, Action::WithdrawInvite | Action::Email)
}

/// The sends of an account's action by state, and how many count, came back, were unknown; not the first of an e-mail.
async fn sends(run: &FleetRun, sender: &Sender) -> String {
    let sql = "select concat_ws('; ', string_agg(state, ', ' order by planned_at), 'counted ' || count(counted_at),
                      'refunded ' || count(refunded_at), 'unknown ' || count(*) filter (where was_unknown))
                 from relink.sends where account_id = $1 and action = $2 and state <> 'cancelled'
                  and (step = 2 or action not in ('email', 'withdraw_invite'))";
    let action = sender.action.name();
    run.words(sql, &[&sender.account.0, &action]).await.concat()
}

async fn effects(run: &FleetRun, sender: &Sender) -> usize {
    let session = format!("s-{}", sender.name);
    let all = run.provider.effects().await;
    let ours = all
        .iter()
        .filter(|it| it.session == session && it.action == sender.action);
    // A first e-mail is no part of it.
    ours.count() - usize::from(sender.action == Action::Email)
}

#[tokio::test]
async fn r_cap_5_whatever_the_provider_does_wrong_a_send_happens_once_and_its_enrollment_moves_once()
 {
    let mut senders = vec![];
    let mut run =
        FleetRun::without_workers(Site::shared().await, |cast| senders = plant(cast)).await;
    stage(&run, &senders).await;
    let mut gate = Gate::before(run.provider.base()).await;
    let _others = run.work(
        &[
            Queue::Sweeps,
            Queue::Watches,
            Queue::Confirmations,
            Queue::Notices,
        ],
        run.provider.unipile(),
    );
    let _sends = run.work(&[Queue::Sends], client_of(gate.base(), CALL_TIMEOUT));
    run.settle().await;
    // What is to be withdrawn, and an e-mail of each mailbox, is sent first.
    let first = || senders.iter().flatten().filter(|it| goes_first(it));
    let_send(&run, first(), 127).await;
    run.later(MINUTE).await;
    assert_eq!(run.provider.effects().await.len(), 2 * WRONGS.len());
    let_send(&run, first(), 0).await;
    run.later(SignedDuration::from_hours(1)).await;
    for ((what, wrong), round) in WRONGS.into_iter().zip(&senders) {
        befall(&mut run, &mut gate, (what, wrong), round).await;
    }
    let ledger = audit(&run).await;
    assert_eq!(ledger.resolved, ledger.unknown);
    println!("all {} pairs: {ledger}", WRONGS.len() * ACTIONS.len());
    run.is_sound().await;
}

/// Four accounts send for the first time, each into this.
async fn befall(run: &mut FleetRun, gate: &mut Gate, what: (&str, Wrong), senders: &[Sender]) {
    let (what, wrong) = what;
    run.provider.faults(&faults(wrong)).await;
    if wrong == Wrong::Refused {
        gate.close().await;
    }
    let_send(run, senders.iter(), 127).await;
    run.later(MINUTE).await;
    let (at_once, in_the_end) = match wrong {
        Wrong::Done(_) => (
            "unknown; counted 1; refunded 0; unknown 1",
            "sent; counted 1; refunded 0; unknown 1",
        ),
        Wrong::Undone(_) => (
            "unknown; counted 1; refunded 0; unknown 1",
            "failed, sent; counted 2; refunded 0; unknown 1",
        ),
        Wrong::Refused => (
            "failed; counted 0; refunded 1; unknown 0",
            "failed, sent; counted 1; refunded 1; unknown 0",
        ),
    };
    for sender in senders {
        let name = &sender.name;
        assert_eq!(sends(run, sender).await, at_once, "{what}: {name}");
        let happened = usize::from(matches!(wrong, Wrong::Done(_)));
        assert_eq!(effects(run, sender).await, happened, "{what}: {name}");
    }
    run.provider.faults(&Faults::default()).await;
    if wrong == Wrong::Refused {
        gate.open().await;
    }
    // Two looks that prove an absence, and a third of an hour for spacing.
    for _ in 0..8 {
        run.later(MINUTE * 5).await;
    }
    for sender in senders {
        let name = &sender.name;
        assert_eq!(sends(run, sender).await, in_the_end, "{what}: {name}");
        assert_eq!(effects(run, sender).await, 1, "{what}: {name}");
        println!(
            "{what:<30} {:<16} effects 1, resends 0 | at once: {at_once:<42} | in the end: {in_the_end}",
            sender.action.name()
        );
    }
}
