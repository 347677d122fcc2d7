//! Bugs of the protocol, the rules and the steps: met by a fleet in a short life.

use super::resends::Resends;
use super::{Line, all_caught, alter};
use crate::duties::into;
use jiff::{SignedDuration, Timestamp};
use provider::Provider;
use simulator::control::{
    ActionFault, ActionFaultKind, Faults, Health, Manners, Rate, ScriptedRefusal,
};
use std::sync::Arc;
use tests::checker::{Broken, Violation, violations};
use tests::life::{Campaign, Life, Person, Step};
use tests::size::is_full;

const BEGIN: &str = "2027-03-10T06:30:00Z";
const STEPS: &[Step] = &[("message", "0"), ("profile_view", "0"), ("invite", "0")];
const CAPS: &[(&str, i32, i32)] = &[
    ("message", 6, 30),
    ("profile_view", 6, 30),
    ("invite", 6, 30),
];
const ADA: Person = Person {
    name: "ada",
    zone: "Europe/Berlin",
    window: (8 * 60, 12 * 60),
    days: 127,
    ramp: (1_000, 0),
    caps: CAPS,
    is_mailbox: false,
};
const BEN: Person = Person {
    name: "ben",
    zone: "Africa/Cairo",
    ..ADA
};

/// A scene: what is planted, and how long the life is.
struct Scene {
    plant: Plant,
    hours: i64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Plant {
    RefundOnUnknown,
    ResendOnTimeout,
    CloseBeforeSettle,
    RetryOfSending,
    AdvanceOnRefused,
    WindowIgnored,
    RecoveryIgnored,
    SpacingIgnored,
    IntentLeftOut,
    UnknownGivenUp,
}

/// Of outward calls, three of ten.
fn often(kind: ActionFaultKind) -> Faults {
    let fault = ActionFault {
        kind,
        route: None,
        action: None,
        rate: Rate(0.3),
        times: None,
        ms: None,
    };
    Faults {
        actions: vec![fault],
        ..Faults::default()
    }
}

async fn plant(life: &Life, plant: Plant) {
    match plant {
        Plant::RefundOnUnknown => {
            life.sql(
                "alter table relink.sends drop constraint only_what_did_not_happen_gives_back",
            )
            .await;
            alter(life, "settle_sends", &[
                ("counted_at = case when q.refund then", "counted_at = case when q.refund or q.to_state = 'unknown' then"),
                ("refunded_at = case when q.refund then p_now end",
                 "refunded_at = case when q.refund or q.to_state = 'unknown' then p_now else s.refunded_at end"),
            ]).await;
        }
        Plant::ResendOnTimeout => {}
        Plant::CloseBeforeSettle => {
            alter(life, "start_send", &[("    instant := relink.clock();", "    instant := relink.clock();
                update relink.jobs set state = 'done', finished_at = instant, leased_until = null, leased_by = null
                 where cause = 'sends.execute:' || p_send;")]).await;
        }
        Plant::RetryOfSending => {
            life.sql("alter table relink.sends disable trigger step_send;
                      create function relink.test_retry() returns trigger language plpgsql security definer as $$ begin
                          update relink.sends set state = 'planned' where 'sends.execute:' || id = new.cause and state = 'sending';
                          return new;
                      end $$;
                      create trigger test_retry after update on relink.jobs for each row
                          when (old.state = 'leased' and new.state = 'waiting') execute function relink.test_retry();").await;
        }
        _ => plant_in_rules(life, plant).await,
    }
}

async fn plant_in_rules(life: &Life, plant: Plant) {
    match plant {
        Plant::AdvanceOnRefused => {
            alter(life, "settle_sends", &[("q.code, q.note, q.next, q.again_at",
                "q.code, q.note, case when q.to_state = 'refused' then 'advance' else q.next end as next, q.again_at")]).await;
        }
        Plant::WindowIgnored => {
            alter(
                life,
                "senders_at",
                &[(
                    "r.start_minute, r.end_minute,",
                    "0::smallint, 1440::smallint,",
                )],
            )
            .await;
        }
        Plant::RecoveryIgnored => {
            alter(
                life,
                "senders_at",
                &[(
                    "a.outage_from, a.outage_until",
                    "null::timestamptz, null::timestamptz",
                )],
            )
            .await;
        }
        Plant::SpacingIgnored => {
            alter(
                life,
                "senders_at",
                &[("last.id, last.at,", "null::uuid, null::timestamptz,")],
            )
            .await;
        }
        Plant::IntentLeftOut => {
            alter(
                life,
                "reserve_sends",
                &[(
                    "p_actor, m.job_id\n          from moved m",
                    "p_actor, m.job_id\n          from moved m where false",
                )],
            )
            .await;
        }
        Plant::UnknownGivenUp => {
            life.sql("create function relink.test_mute() returns trigger language plpgsql as $$ begin return null; end $$;
                      create trigger test_mute before insert on relink.admin_alerts for each row
                          when (new.code = 'send_unclear') execute function relink.test_mute();").await;
        }
        _ => unreachable!("planted before"),
    }
}

/// What goes wrong around a fleet, with a bug and without it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Around {
    Nothing,
    /// Done, and the connection reset.
    Resets,
    /// The worker dies in mid-call.
    Crash,
    /// One call is refused, for good.
    Refusal,
    /// Ada's session is lost for two days.
    Outage,
    /// Looks at everything, every minute.
    Hurry,
    /// Done and answered with 500, and what is shown of it is in a form that nobody knows again.
    Unclear,
}

impl Plant {
    const fn around(self) -> Around {
        match self {
            Self::RefundOnUnknown | Self::ResendOnTimeout => Around::Resets,
            Self::CloseBeforeSettle | Self::RetryOfSending => Around::Crash,
            Self::AdvanceOnRefused => Around::Refusal,
            Self::RecoveryIgnored => Around::Outage,
            Self::SpacingIgnored => Around::Hurry,
            Self::UnknownGivenUp => Around::Unclear,
            Self::WindowIgnored | Self::IntentLeftOut => Around::Nothing,
        }
    }
}

async fn befall(life: &mut Life, around: Around) {
    match around {
        Around::Nothing => {}
        Around::Resets => life.faults(often(ActionFaultKind::ResetAfter)).await,
        Around::Unclear => {
            life.sql("create function relink.test_form() returns trigger language plpgsql as $$ begin
                          new.body := 'In another form'; return new; end $$;
                      create trigger test_form before update on relink.sends for each row
                          when (new.state = 'unknown' and old.state = 'sending') execute function relink.test_form();").await;
            life.faults(often(ActionFaultKind::ErrorAfter)).await;
        }
        Around::Crash => assert!(life.crash().await, "a send was due"),
        Around::Refusal => {
            let refusal = ScriptedRefusal {
                session: None,
                target: None,
                action: None,
                status: 422,
                kind: "invalid_recipient".to_owned(),
                detail: None,
                retry_after_seconds: None,
                times: 1,
            };
            life.provider.refuse(&refusal).await;
        }
        Around::Outage => {
            life.provider
                .change("s-ada", into(Health::Credentials))
                .await;
            life.wake();
            life.live(SignedDuration::from_hours(48)).await;
            life.provider.change("s-ada", into(Health::Ok)).await;
            life.wake();
        }
        Around::Hurry => life.pace = SignedDuration::from_mins(1),
    }
}

async fn run(scene: &Scene, is_planted: bool) -> Vec<Violation> {
    let at: Timestamp = BEGIN.parse().expect("an instant");
    let resends = is_planted && scene.plant == Plant::ResendOnTimeout;
    let through = |provider: Arc<dyn Provider>| -> Arc<dyn Provider> {
        if resends {
            Arc::new(Resends(provider))
        } else {
            provider
        }
    };
    let mut life = Life::begin(at, through).await;
    let manners = Manners {
        repeated_invites: true,
        ..Manners::default()
    };
    life.provider.manners(&manners).await;
    let people = life.people(&[ADA, BEN]).await;
    if is_planted {
        plant(&life, scene.plant).await;
    }
    let senders = [(people[0], 12), (people[1], 12)];
    life.campaign(Campaign {
        name: "short",
        steps: STEPS,
        senders: &senders,
    })
    .await;
    befall(&mut life, scene.plant.around()).await;
    life.live(SignedDuration::from_hours(scene.hours)).await;
    violations(&life.history().await)
}

/// What is planted, what must be found, hours of life, runs.
const SCENES: &[(&str, Plant, Broken, i64, usize)] = &[
    (
        "capacity given back on unknown",
        Plant::RefundOnUnknown,
        Broken::RefundOfUnknown,
        3,
        2,
    ),
    (
        "resend on a time-out",
        Plant::ResendOnTimeout,
        Broken::Duplicate,
        3,
        2,
    ),
    (
        "job closed before the send is settled, worker killed",
        Plant::CloseBeforeSettle,
        Broken::Unsettled,
        0,
        3,
    ),
    (
        "a begun call tried again after a crash",
        Plant::RetryOfSending,
        Broken::Duplicate,
        3,
        2,
    ),
    (
        "enrollment advanced on a refusal",
        Plant::AdvanceOnRefused,
        Broken::Step,
        2,
        1,
    ),
    (
        "window and weekdays ignored",
        Plant::WindowIgnored,
        Broken::Window,
        2,
        1,
    ),
    (
        "recovery after an outage ignored",
        Plant::RecoveryIgnored,
        Broken::Allowance,
        5,
        1,
    ),
    ("spacing ignored", Plant::SpacingIgnored, Broken::Gap, 2, 1),
    (
        "call without a written intent",
        Plant::IntentLeftOut,
        Broken::NoIntent,
        2,
        1,
    ),
    (
        "unknown given up without an alert",
        Plant::UnknownGivenUp,
        Broken::UnknownLeft,
        29,
        1,
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r_cap_5_planted_bugs_of_protocol_rules_and_steps_are_named_by_the_checker() {
    let mut lines = vec![];
    let mut lived: Vec<((Around, i64), Vec<Violation>)> = vec![];
    for (bug, plant, by, hours, count) in SCENES {
        let (plant, by, hours, count) = (*plant, *by, *hours, *count);
        let scene = Scene { plant, hours };
        let mut runs = vec![];
        // Each run must be caught; by name there are several where chance has a part.
        for _ in 0..if is_full() { count } else { 1 } {
            runs.push(run(&scene, true).await);
        }
        // Scenes that differ in nothing but their bugs are one scene without them.
        let around = (plant.around(), hours);
        if lived.iter().all(|it| it.0 != around) {
            lived.push((around, run(&scene, false).await));
        }
        let without = lived.iter().find(|it| it.0 == around);
        let without = without.map_or(&[][..], |it| &it.1);
        lines.push(Line::of(bug, by, &runs, without));
    }
    all_caught(&lines);
}
