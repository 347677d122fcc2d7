//! R-CAP-2, R-CAP-3, R-CAP-6, R-HEAL-4: thirty days of a fleet's life, with faults, outages, and caps and zones that
//! change under it.

use crate::duties::into;
use jiff::{SignedDuration, Timestamp};
use policy::ids::AccountId;
use simulator::control::{ActionFault, ActionFaultKind, Faults, Health, Rate};
use std::time::{Duration, Instant};
use tests::checker::{Account, History, summary, violations};
use tests::life::{Campaign, Life, Person, Step, plus};

const DAYS: i64 = 30;
/// Life begins here: the clocks of New York, Berlin and Lord Howe change in the month that follows.
const BEGIN: &str = "2027-03-08T00:00:00Z";
/// The one who is away for twenty days was lost so long before, and comes back on this day.
const AWAY: (i64, i64) = (14, 6);

const WEEKDAYS: u8 = 0b001_1111;
const EVERY_DAY: u8 = 0b111_1111;
const GROWN: (u32, u32) = (1_000, 0);
const LINKEDIN: &[(&str, i32, i32)] = &[
    ("profile_view", 2, 7),
    ("invite", 3, 10),
    ("message", 3, 11),
    ("withdraw_invite", 1, 4),
];
const MAILBOX: &[(&str, i32, i32)] = &[("email", 5, 18)];
const RETURNING: &[(&str, i32, i32)] = &[("invite", 12, 60), ("message", 4, 22)];

const fn member(
    name: &'static str,
    zone: &'static str,
    window: (u16, u16),
    days: u8,
    ramp: (u32, u32),
) -> Person {
    Person {
        name,
        zone,
        window,
        days,
        ramp,
        caps: LINKEDIN,
        is_mailbox: false,
    }
}

const fn mailbox(name: &'static str, zone: &'static str, window: (u16, u16)) -> Person {
    Person {
        caps: MAILBOX,
        is_mailbox: true,
        ..member(name, zone, window, WEEKDAYS, GROWN)
    }
}

const OLGA: Person = Person {
    caps: RETURNING,
    ..member("olga", "Europe/Berlin", (9 * 60, 18 * 60), EVERY_DAY, GROWN)
};
const PEOPLE: [Person; 11] = [
    member("ada", "Europe/Berlin", (9 * 60, 17 * 60), WEEKDAYS, GROWN),
    member(
        "ben",
        "America/New_York",
        (9 * 60, 17 * 60),
        WEEKDAYS,
        (1, 1),
    ),
    member(
        "cleo",
        "Asia/Kolkata",
        (10 * 60, 18 * 60 + 30),
        0b011_1111,
        GROWN,
    ),
    member("dan", "Pacific/Apia", (8 * 60, 12 * 60), WEEKDAYS, GROWN),
    member("eve", "Australia/Lord_Howe", (0, 1440), EVERY_DAY, (2, 1)),
    member(
        "finn",
        "Africa/Cairo",
        (7 * 60 + 45, 15 * 60),
        0b100_1111,
        GROWN,
    ),
    member(
        "gita",
        "America/Sao_Paulo",
        (9 * 60, 10 * 60),
        WEEKDAYS,
        GROWN,
    ),
    member("hugo", "America/New_York", (60, 4 * 60), EVERY_DAY, GROWN),
    mailbox("ines", "Europe/Berlin", (8 * 60, 16 * 60)),
    mailbox("jon", "America/New_York", (9 * 60, 17 * 60)),
    mailbox("kira", "Africa/Cairo", (10 * 60, 12 * 60)),
];

const COURTSHIP: &[Step] = &[
    ("profile_view", "0"),
    ("invite", "0"),
    ("message", "1 day"),
    ("withdraw_invite", "5 days"),
];
const LETTERS: &[Step] = &[("invite", "0"), ("message", "1 day"), ("message", "3 days")];
const MAILS: &[Step] = &[("email", "0"), ("email", "2 days"), ("email", "4 days")];

/// What befalls one person or everybody, on a day and at an hour (UTC).
enum Event {
    Lost(usize, Health),
    Back(usize),
    Caps(usize, &'static str, i32, i32),
    Zone(usize, &'static str),
    QueuePaused,
    Crash,
}

/// Days and hours from the beginning; those of ada, ben, … by their place.
const EVENTS: &[(i64, i64, Event)] = &[
    (1, 11, Event::Crash),
    (2, 10, Event::Caps(0, "invite", 1, 10)),
    (2, 15, Event::Zone(1, "America/Los_Angeles")),
    (3, 10, Event::Lost(2, Health::Credentials)),
    (3, 13, Event::Back(2)),
    (4, 9, Event::Caps(0, "invite", 4, 6)),
    (4, 15, Event::Crash),
    (5, 10, Event::Zone(0, "Europe/London")),
    (7, 15, Event::Lost(1, Health::Error)),
    (8, 9, Event::Caps(8, "email", 2, 7)),
    (9, 9, Event::Zone(8, "Asia/Kolkata")),
    (10, 9, Event::Zone(8, "Europe/Berlin")),
    (10, 12, Event::Caps(8, "email", 8, 26)),
    (11, 16, Event::Back(1)),
    (11, 17, Event::Caps(1, "message", 5, 16)),
    (12, 10, Event::Zone(0, "Pacific/Auckland")),
    (12, 22, Event::Zone(0, "America/New_York")),
    (13, 6, Event::Zone(0, "Europe/Berlin")),
    (14, 10, Event::Crash),
    (15, 8, Event::QueuePaused),
    (17, 9, Event::Caps(5, "message", 1, 3)),
    (18, 9, Event::Caps(5, "message", 5, 20)),
    (19, 2, Event::Zone(4, "Africa/Cairo")),
    (21, 10, Event::Lost(0, Health::Credentials)),
    (21, 11, Event::Back(0)),
    (22, 11, Event::Crash),
    (24, 15, Event::Zone(6, "America/New_York")),
    (25, 10, Event::Caps(0, "profile_view", 0, 0)),
    (26, 10, Event::Caps(0, "profile_view", 5, 20)),
    (28, 14, Event::Crash),
];

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

/// One of a hundred calls for each.
fn faults() -> Faults {
    use ActionFaultKind as Kind;
    let kinds = [
        (Kind::ErrorBefore, None),
        (Kind::ResetBefore, None),
        (Kind::Latency, Some(400)),
        (Kind::ErrorAfter, None),
        (Kind::ResetAfter, None),
        (Kind::SilenceAfter, Some(400)),
        (Kind::SlowAfter, Some(500)),
        (Kind::UndecodableAfter, None),
    ];
    let of = |(kind, ms)| ActionFault {
        kind,
        route: None,
        action: None,
        rate: Rate(0.01),
        times: None,
        ms,
    };
    Faults {
        actions: kinds.map(of).to_vec(),
        ..Faults::default()
    }
}

/// The one who will be away, a fortnight before everybody else.
async fn begin() -> (Life, AccountId) {
    let begin: Timestamp = BEGIN.parse().expect("an instant");
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
    }
    life.wake();
}

/// An operator looks once a day, and lets campaigns go on that failures have paused.
async fn operator(life: &Life) {
    life.sql(
        "update relink.campaign_pauses set lifted_at = relink.clock(), lifted_by = 'test'
          where reason = 'failure_rate' and lifted_at is null;
         update relink.campaigns set failures_from = relink.clock() where id in (
             select campaign_id from relink.campaign_pauses where lifted_at = (select max(lifted_at) from relink.campaign_pauses)
                and lifted_by = 'test')",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r_cap_2_3_6_r_heal_4_thirty_days_of_life_with_faults_break_no_cap_and_leave_no_unknown() {
    let machine = Instant::now();
    let (mut life, olga) = begin().await;
    let begin = life.now;
    let people = life.people(&PEOPLE).await;
    let many = |range: std::ops::Range<usize>, count: i32| {
        people[range]
            .iter()
            .map(|one| (*one, count))
            .collect::<Vec<_>>()
    };
    for (name, steps, senders) in [
        ("courtship", COURTSHIP, many(0..6, 60)),
        ("letters", LETTERS, many(3..8, 60)),
        ("mails", MAILS, many(8..11, 70)),
        ("return", LETTERS, vec![(olga, 260)]),
    ] {
        life.campaign(Campaign {
            name,
            steps,
            senders: &senders,
        })
        .await;
    }
    life.faults(faults()).await;
    let mut back = None;
    let mut events = EVENTS.iter().peekable();
    for day in 0..DAYS {
        while let Some((_, hour, event)) = events.next_if(|it| it.0 == day) {
            life.until(plus(
                plus(begin, days(day)),
                SignedDuration::from_hours(*hour),
            ))
            .await;
            meet(&mut life, &people, event).await;
        }
        if day == AWAY.1 {
            life.provider.change("s-olga", into(Health::Ok)).await;
            life.wake();
            back = Some(life.now);
        }
        operator(&life).await;
        life.until(plus(begin, days(day + 1))).await;
    }
    assert!(events.peek().is_none() && back.is_some());
    // Nothing new is begun; what is unknown is looked for until it is known or somebody was told.
    life.sql("update relink.campaigns set active = false").await;
    life.faults(Faults::default()).await;
    life.live(days(2)).await;
    let history = life.history().await;
    report(&life, &history, machine.elapsed()).await;
    returns(&history, history.named("olga"));
    let found = violations(&history);
    assert_eq!(found, [], "{}", summary(&found));
    let verdict = life.provider.verdict().await;
    assert_eq!(verdict.duplicated, 0);
    assert!(
        1_000 < verdict.effects,
        "a life of {} effects is none",
        verdict.effects
    );
    let dead = "select kind || ': ' || coalesce((select error from relink.job_failures f where f.job_id = j.id order by at desc limit 1), '')
                  from relink.jobs j where state = 'dead'";
    assert_eq!(life.words(dead).await, [] as [String; 0]);
}

async fn report(life: &Life, history: &History, took: Duration) {
    let counts = life.provider.counts().await;
    let calls: u64 = counts.requests;
    let faults: u64 = counts.faults.values().sum();
    let tally = history.unknown();
    println!(
        "days {DAYS}, sends called {}, effects {}, faults injected {faults} {:?}, workers killed at the provider {}",
        history.called(),
        counts.effects.values().sum::<u64>(),
        counts.faults,
        life.crashes
    );
    println!(
        "unknown {}, resolved {} ({} sent, {} failed), alerted {}: {}/{}",
        tally.ever,
        tally.sent + tally.failed,
        tally.sent,
        tally.failed,
        tally.alerted,
        tally.sent + tally.failed + tally.alerted,
        tally.ever
    );
    println!(
        "requests to the provider {calls}, steps of the clock {}, {} s of the machine",
        life.steps,
        took.as_secs()
    );
    println!("{}", life.words("select 'flips ' || count(*) || ', protective holds '
        || (select count(*) from relink.admin_alerts where code = 'protective_hold') || ', campaigns paused for failures '
        || (select count(*) from relink.campaign_pauses where reason = 'failure_rate') || ', changes of caps '
        || (select count(*) from relink.test_limits) || ', of rules ' || (select count(*) from relink.test_rules)
        from relink.account_audit").await.concat());
    println!(
        "states: {}",
        life.words(
            "select state || ' ' || count(*) from relink.sends group by state order by state"
        )
        .await
        .join(", ")
    );
    println!(
        "{:<16} {:>14} {:>14} {:>14} {:>14}",
        "fullest window", "rows 24 h", "rows 7 d", "referee 24 h", "referee 7 d"
    );
    for (action, (rows, referee)) in history.peaks() {
        let cell = |peak: (usize, i32)| format!("{} of {}", peak.0, peak.1);
        println!(
            "{action:<16} {:>14} {:>14} {:>14} {:>14}",
            cell(rows.day),
            cell(rows.week),
            cell(referee.day),
            cell(referee.week)
        );
    }
}

/// R-HEAL-4: day by day after the outage.
fn returns(history: &History, account: Account) {
    for action in ["invite", "message"] {
        println!("olga after {}: {action}", history.longest_outage(account));
        println!("{:>4} {:>10} {:>6}", "day", "allowance", "sends");
        let days = history.after_outage(account, action);
        for (day, allowance, sends) in &days {
            println!("{day:>4} {allowance:>10} {sends:>6}");
            assert!(sends <= allowance, "R-HEAL-4: day {day}");
        }
        assert!(
            days.iter().filter(|day| day.2 > 0).count() > 10,
            "R-HEAL-4: she sends"
        );
    }
}
