//! Bugs that only a nasty provider or a poisoned row brings out: wrong clocks, other forms of a text, an outage, a template,
//! one row of one tenant.

use super::twisted::{Base, Twist, Twisted};
use super::{Line, all_caught};
use jiff::{SignedDuration, Timestamp};
use policy::ids::AccountId;
use provider::Provider;
use simulator::control::{
    Action, ActionFault, ActionFaultKind, Faults, Manners, Rate, Shown, TextForm,
};
use std::sync::Arc;
use tests::checker::{Broken, Violation, violations};
use tests::life::{Campaign, Life, Person, Step};

const BEGIN: &str = "2027-03-10T08:30:00Z";
const MESSAGES: &[Step] = &[("message", "0")];
const INVITATIONS: &[Step] = &[("invite", "0")];
const ALL: &[Step] = &[("message", "0"), ("profile_view", "0"), ("invite", "0")];
const PEOPLE: i32 = 12;
/// One name decomposed, one composed: each form changes one of them.
const BODY: &str = "Dear {{first_name}}, Jose\u{301} and Zo\u{eb} say hello.";
const ADA: Person = Person {
    name: "ada",
    zone: "Europe/Berlin",
    window: (0, 1440),
    days: 127,
    ramp: (1_000, 0),
    caps: &[
        ("message", 12, 60),
        ("profile_view", 12, 60),
        ("invite", 12, 60),
    ],
    is_mailbox: false,
};
const BEN: Person = Person { name: "ben", ..ADA };

/// What surrounds the fleet, with the bug and without it.
#[derive(Clone, Copy)]
enum Scene {
    /// The provider's clock is so many minutes ahead, and three of ten answers to messages are lost.
    Clock(i64),
    /// The provider shows texts in that form, and three of ten answers to messages are lost.
    Form(TextForm),
    /// An hour in which everything is answered with 5xx.
    Outage,
    /// An ordinary morning.
    Morning,
    /// A person of ada's whom the database does not take.
    PoisonedPerson,
}

/// The bug: in the client, or one row fails everybody's set.
#[derive(Clone, Copy)]
enum Plant {
    Client(Twist),
    OneFailsAll,
}

fn lost(skew_min: i64) -> Faults {
    let fault = ActionFault {
        kind: ActionFaultKind::ErrorAfter,
        route: None,
        action: Some(Action::Message),
        rate: Rate(0.3),
        times: None,
        ms: None,
    };
    Faults {
        actions: vec![fault],
        skew_seconds: 60 * skew_min,
        ..Faults::default()
    }
}

/// Refuses the poisoned row, alone; with the bug whatever is written beside it too.
const PERSON: &str = "
    update relink.enrollments set target = 'poison'
     where id = (select e.id from relink.enrollments e join relink.accounts a on a.id = e.account_id
                  where a.name = 'ada' order by e.due_at limit 1);
    create function relink.test_poison() returns trigger language plpgsql as $$ begin
        if new.target = 'poison' then raise exception 'this row is not taken'; end if;
        return new;
    end $$;
    create trigger test_poison before insert on relink.sends for each row execute function relink.test_poison();";
const PERSON_FAILS_ALL: &str = "
    create function relink.test_all() returns trigger language plpgsql security definer as $$ begin
        if exists (select from relink.enrollments where target = 'poison') then raise exception 'one row fails all'; end if;
        return null;
    end $$;
    create trigger test_all before insert on relink.sends for each statement execute function relink.test_all();";
/// Sets the scene before the first send.
async fn set(life: &mut Life, scene: Scene, plant: Option<Plant>) {
    let all = matches!(plant, Some(Plant::OneFailsAll));
    let also = |sql: &'static str| if all { sql } else { "" };
    let text = format!("update relink.campaign_steps set body = '{BODY}' where body is not null");
    life.sql(&text).await;
    match scene {
        Scene::Clock(minutes) => life.faults(lost(minutes)).await,
        Scene::Form(texts) => {
            let manners = Manners {
                shown: Shown {
                    texts,
                    late_seconds: None,
                },
                ..Manners::default()
            };
            life.provider.manners(&manners).await;
            life.faults(lost(0)).await;
        }
        Scene::PoisonedPerson => {
            life.sql(&format!("{PERSON}{}", also(PERSON_FAILS_ALL)))
                .await;
        }
        Scene::Outage | Scene::Morning => {}
    }
}

/// The morning that follows.
async fn pass(life: &mut Life, scene: Scene) {
    if let Scene::Outage = scene {
        life.pace = SignedDuration::from_mins(3);
        life.live(SignedDuration::from_mins(30)).await;
        let all_fail = Faults {
            rate_5xx: Rate(1.0),
            ..Faults::default()
        };
        life.faults(all_fail).await;
        life.live(SignedDuration::from_hours(1)).await;
        life.faults(Faults::default()).await;
    }
    life.live(SignedDuration::from_hours(2)).await;
}

async fn run(scene: Scene, plant: Option<Plant>) -> Vec<Violation> {
    let base = Base::default();
    let through = |provider: Arc<dyn Provider>| -> Arc<dyn Provider> {
        match plant {
            Some(Plant::Client(twist)) => Arc::new(Twisted::new(provider, twist, base.clone())),
            _ => provider,
        }
    };
    let at: Timestamp = BEGIN.parse().expect("an instant");
    let mut life = Life::begin(at, through).await;
    base.set(life.provider.base().to_owned()).expect("once");
    let people = life.people(&[ADA, BEN]).await;
    let steps = match scene {
        Scene::Outage => ALL,
        Scene::Morning => INVITATIONS,
        _ => MESSAGES,
    };
    for (person, account) in [ADA, BEN].iter().zip(&people) {
        campaign(&life, person.name, steps, *account).await;
    }
    set(&mut life, scene, plant).await;
    pass(&mut life, scene).await;
    let history = life.history().await;
    let mut found = violations(&history);
    if let Scene::PoisonedPerson = scene {
        found.extend(history.starved(&["ben"]));
    }
    found
}

async fn campaign(life: &Life, name: &str, steps: &[Step], account: AccountId) {
    let senders = [(account, PEOPLE)];
    life.campaign(Campaign {
        name,
        steps,
        senders: &senders,
    })
    .await;
}

/// What is planted, where, and what must be found.
const SCENES: [(&str, Scene, Plant, Broken); 7] = [
    (
        "dates held against our clock, the provider's 10 min behind",
        Scene::Clock(-10),
        Plant::Client(Twist::ComparesClocks),
        Broken::WronglySettled,
    ),
    (
        "dates held against our clock, the provider's 10 min ahead",
        Scene::Clock(10),
        Plant::Client(Twist::ComparesClocks),
        Broken::WronglySettled,
    ),
    (
        "texts held against what was said, shown in NFC",
        Scene::Form(TextForm::Composed),
        Plant::Client(Twist::ComparesTexts),
        Broken::WronglySettled,
    ),
    (
        "texts held against what was said, shown in NFD",
        Scene::Form(TextForm::Decomposed),
        Plant::Client(Twist::ComparesTexts),
        Broken::WronglySettled,
    ),
    (
        "an outage of an hour blamed on accounts",
        Scene::Outage,
        Plant::Client(Twist::BlamesAccounts),
        Broken::Blame,
    ),
    (
        "a template that leaks",
        Scene::Morning,
        Plant::Client(Twist::LeavesPlaceholders),
        Broken::Template,
    ),
    (
        "one person fails the dispatch of all",
        Scene::PoisonedPerson,
        Plant::OneFailsAll,
        Broken::Starved,
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r_cap_6_planted_bugs_of_blame_form_clock_and_poison_are_named_by_the_checker() {
    let mut lines = vec![];
    for (bug, scene, plant, by) in SCENES {
        let planted = run(scene, Some(plant)).await;
        let without = run(scene, None).await;
        lines.push(Line::of(bug, by, &[planted], &without));
    }
    all_caught(&lines);
}
