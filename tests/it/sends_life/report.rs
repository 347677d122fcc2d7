//! What came of these days.

use std::time::Duration;
use tests::checker::{Account, History};
use tests::life::Life;
use tests::size::is_full;

/// R-CAP-6: without a person, of what can be read back. The rule speaks of thirty days: of the seventy unknown ones of half
/// as many, chance adds one or takes it away, and three deviations of it are no finding.
pub(super) fn settled(history: &History) {
    for action in ["invite", "message", "email"] {
        let tally = history.unknown_of(action);
        println!(
            "unknown {action}: {}, {} sent, {} failed, {} left to a person",
            tally.ever, tally.sent, tally.failed, tally.alerted
        );
    }
    let of = |action| history.unknown_of(action);
    let tallies = ["invite", "message", "email"].map(of);
    let ever: usize = tallies.iter().map(|it| it.ever).sum();
    let known: usize = tallies.iter().map(|it| it.sent + it.failed).sum();
    let (left, allowed) = (ever - known, ever / 20);
    let chance = if is_full() { 0 } else { 3 * allowed.isqrt() };
    assert!(
        left <= allowed + chance,
        "R-CAP-6: {known} of {ever} are settled"
    );
    for stop in history.stops() {
        println!("{stop}");
    }
}

pub(super) async fn report(life: &Life, history: &History, (days, took): (i64, Duration)) {
    let counts = life.provider.counts().await;
    let calls: u64 = counts.requests;
    let faults: u64 = counts.faults.values().sum();
    let tally = history.unknown();
    println!(
        "days {days}, sends called {}, effects {}, faults injected {faults} {:?}, workers killed at the provider {}",
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

/// R-HEAL-4: day by day after the outage, on more than so many of which something is sent.
pub(super) fn returns(history: &History, account: Account, at_least: i64) {
    for action in ["invite", "message"] {
        println!("olga after {}: {action}", history.longest_outage(account));
        println!("{:>4} {:>10} {:>6}", "day", "allowance", "sends");
        let days = history.after_outage(account, action);
        let busy = days.iter().filter(|day| day.2 > 0).count();
        for (day, allowance, sends) in &days {
            println!("{day:>4} {allowance:>10} {sends:>6}");
            assert!(sends <= allowance, "R-HEAL-4: day {day}");
        }
        assert!(
            usize::try_from(at_least).is_ok_and(|least| least < busy),
            "R-HEAL-4: she sends on {busy} days"
        );
    }
}
