//! R-CAP-2, R-CAP-3, R-CAP-6, R-CAP-8, R-HEAL-4: thirty days of a fleet's life among everyday people, with faults, outages,
//! a provider whose clock is wrong and who shows texts in other forms and late, and caps and zones that change under it. In
//! the whole suite fifteen, in which the same befalls them.

mod report;
mod scenery;

use crate::duties::into;
use jiff::{SignedDuration, Timestamp};
use policy::ids::AccountId;
use report::{report, returns, settled};
use scenery::{
    COURTSHIP, EVENTS, Event, LETTERS, MAIL_SERVERS, MAILS, MANNERS, OLGA, PEOPLE, RESTRICTED,
    faults,
};
use simulator::control::{Action, Change, Faults, HandInvitations, Health, Limit, Rate};
use std::time::Instant;
use tests::checker::{summary, violations};
use tests::life::{Campaign, Life, plus};
use tests::size::is_full;

/// How long it is.
struct Length {
    days: i64,
    begin: &'static str,
    /// What befalls people comes so many times closer together.
    haste: i64,
}

/// The clocks of New York, Berlin and Lord Howe change in the month that follows.
const FULL: Length = Length {
    days: 30,
    begin: "2027-03-08T00:00:00Z",
    haste: 1,
};
/// The clocks of Berlin and Lord Howe do.
const HALF: Length = Length {
    days: 15,
    begin: "2027-03-24T00:00:00Z",
    haste: 2,
};
/// The one who is away for weeks was lost so many days before, and comes back on this day.
const AWAY: (i64, i64) = (14, 6);

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

/// The one who will be away, a fortnight before everybody else.
async fn begin(begin: &str) -> (Life, AccountId) {
    let begin: Timestamp = begin.parse().expect("an instant");
    let before = begin.checked_sub(days(AWAY.0)).expect("an instant");
    let mut life = Life::begin(before, |provider| provider).await;
    let olga = life.people(&[OLGA]).await[0];
    life.live(SignedDuration::from_hours(2)).await;
    life.provider
        .change("s-olga", into(Health::Credentials))
        .await;
    life.wake();
    life.work().await;
    let lost = life.words("select status::text from relink.accounts").await;
    assert_eq!(lost, ["reconnect_needed"]);
    life.step(begin).await;
    (life, olga)
}

async fn meet(life: &mut Life, people: &[AccountId], event: &Event) {
    let session = |person: usize| format!("s-{}", PEOPLE[person].name);
    match event {
        Event::Lost(person, health) => life.provider.change(&session(*person), into(*health)).await,
        Event::Back(person) => {
            life.provider
                .change(&session(*person), into(Health::Ok))
                .await;
        }
        Event::Caps(person, action, day, week) => {
            life.cap(people[*person], action, *day, *week).await;
        }
        Event::Zone(person, zone) => life.zone(people[*person], zone).await,
        Event::QueuePaused => {
            life.sql(
                "insert into relink.pauses (id, scope, target, mode, paused_by, why, ends_at)
                 values (gen_random_uuid(), 'queue', 'sends', 'hold', 'test', 'a day off', relink.clock() + interval '1 day')",
            )
            .await;
        }
        Event::Crash => {
            life.crash().await;
        }
        Event::Clock(minutes) => life.faults(faults(*minutes)).await,
        Event::Outage => outage(life).await,
        Event::Restricted(person) => {
            let change = Change {
                restricted: Some(true),
                ..Change::default()
            };
            life.provider.change(&session(*person), change).await;
        }
        Event::ByHand(person, count) => {
            let invitations = HandInvitations {
                session: session(*person),
                count: *count,
                ..HandInvitations::default()
            };
            life.provider.by_hand(&invitations).await;
        }
    }
    life.wake();
}

/// An hour of it; the clock is as wrong as before.
async fn outage(life: &mut Life) {
    let before = life.faults_now().clone();
    let all_fail = Faults {
        rate_5xx: Rate(1.0),
        actions: vec![],
        ..before.clone()
    };
    life.faults(all_fail).await;
    life.live(SignedDuration::from_hours(1)).await;
    life.faults(before).await;
}

/// The provider's own limit is beyond every cap of ours; a share of it is used by hand.
async fn surroundings(life: &Life) {
    let limit = Limit {
        action: Action::Invite,
        day: Some(14),
        week: Some(100),
    };
    life.provider.limits(&[limit]).await;
    life.provider.manners(&MANNERS).await;
    for (session, mail) in MAIL_SERVERS {
        let change = Change {
            mail: Some(mail),
            ..Change::default()
        };
        life.provider.change(session, change).await;
    }
}

/// Campaigns of these people.
async fn courtships(life: &Life, people: &[AccountId], olga: AccountId) {
    let many = |range: std::ops::Range<usize>, count: i32| {
        people[range]
            .iter()
            .map(|one| (*one, count))
            .collect::<Vec<_>>()
    };
    for (name, steps, senders) in [
        ("courtship", COURTSHIP, many(0..6, 60)),
        ("letters", LETTERS, many(3..8, 60)),
        ("mails", MAILS, many(8..12, 70)),
        ("return", LETTERS, vec![(olga, 260)]),
    ] {
        life.campaign(Campaign {
            name,
            steps,
            senders: &senders,
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r_cap_2_3_6_r_heal_4_life_with_faults_breaks_no_cap_and_leaves_no_unknown() {
    let machine = Instant::now();
    let Length {
        days: all,
        begin: since,
        haste,
    } = if is_full() { FULL } else { HALF };
    let (mut life, olga) = begin(since).await;
    let begin = life.now;
    let people = life.people(&PEOPLE).await;
    courtships(&life, &people, olga).await;
    surroundings(&life).await;
    life.faults(faults(0)).await;
    let mut back = None;
    let mut events = EVENTS.iter().peekable();
    for day in 0..all {
        while let Some((_, hour, event)) = events.next_if(|it| it.0 / haste == day) {
            life.until(plus(
                plus(begin, days(day)),
                SignedDuration::from_hours(*hour),
            ))
            .await;
            meet(&mut life, &people, event).await;
        }
        if day == AWAY.1 / haste {
            life.provider.change("s-olga", into(Health::Ok)).await;
            life.wake();
            back = Some(life.now);
        }
        life.until(plus(begin, days(day + 1))).await;
    }
    assert!(events.peek().is_none() && back.is_some());
    // Nothing new is begun; what is unknown is looked for until it is known or somebody was told.
    life.sql("update relink.campaigns set active = false").await;
    life.faults(Faults::default()).await;
    life.live(days(2)).await;
    let history = life.history().await;
    report(&life, &history, (all, machine.elapsed())).await;
    returns(&history, history.named("olga"), all / 3);
    let found = violations(&history);
    assert_eq!(found, [], "{}", summary(&found));
    settled(&history);
    assert_eq!(
        history.held(),
        [(PEOPLE[RESTRICTED].name.to_owned(), "restricted".to_owned())],
        "R-CAP-8: {:#?}",
        history.stops()
    );
    let verdict = life.provider.verdict().await;
    assert_eq!(verdict.duplicated, 0);
    assert!(
        1_000 < verdict.effects * haste.unsigned_abs(),
        "a life of {} effects is none",
        verdict.effects
    );
    let dead = "select kind || ': ' || coalesce((select error from relink.job_failures f where f.job_id = j.id order by at desc limit 1), '')
                  from relink.jobs j where state = 'dead'";
    assert_eq!(life.words(dead).await, [] as [String; 0]);
}
