//! The live summary: one screen on a terminal, plain lines elsewhere.

use super::Options;
use super::stage::Stage;
use crate::commands::Failure;
use jiff::Timestamp;
use policy::pill::{LABELS, label};
use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _, stdout};
use std::time::Duration;
use store::report::{ActionState, AlertLine, Campaigns, FlipLine, QueueState, Totals};
use store::{ClockReading, StoreError};

/// Between two plain lines.
const LINE_EVERY: Duration = Duration::from_secs(5);
const FLIPS_SHOWN: i64 = 8;
const ALERTS_SHOWN: i64 = 4;
const SLOTS_SHOWN: i64 = 5;
/// Home, and clear what is below.
const CLEAR: &str = "\x1b[H\x1b[J";

/// What is shown.
pub(crate) struct Screen {
    is_terminal: bool,
    speed: f64,
    run_for: Option<Duration>,
    last_line: Option<Duration>,
    last: Option<(Duration, i64)>,
}

/// One look at the database.
struct Look {
    now: ClockReading,
    totals: Totals,
    pills: Vec<(&'static str, usize)>,
    campaigns: Campaigns,
    queues: Vec<QueueState>,
    flips: Vec<FlipLine>,
    alerts: Vec<AlertLine>,
    sends: Vec<ActionState>,
    slots: Vec<(String, String, Timestamp)>,
    jobs_per_s: f64,
    /// Mails in the mailbox.
    mails: usize,
}

impl Screen {
    /// Prints where to look, and decides how to show.
    pub(crate) fn new(options: &Options, stage: &Stage) -> Self {
        println!(
            "The fleet is up; its clock runs {} times as fast as this machine's.",
            options.speed
        );
        for (what, place) in &stage.places {
            println!("  {what:<10} {place}");
        }
        println!("  Ctrl-C stops everything.");
        Self {
            is_terminal: stdout().is_terminal(),
            speed: options.speed,
            run_for: options.run_for,
            last_line: None,
            last: None,
        }
    }

    /// Looks, and shows if it is time to.
    pub(crate) async fn show(&mut self, stage: &Stage, elapsed: Duration) -> Result<(), Failure> {
        if !self.is_terminal
            && self
                .last_line
                .is_some_and(|last| elapsed < last + LINE_EVERY)
        {
            return Ok(());
        }
        self.last_line = Some(elapsed);
        let look = self.look(stage, elapsed).await?;
        let text = if self.is_terminal {
            self.screen(&look, elapsed, stage)?
        } else {
            line(&look, elapsed)?
        };
        let mut out = stdout().lock();
        out.write_all(text.as_bytes())?;
        out.flush()?;
        Ok(())
    }

    async fn look(&mut self, stage: &Stage, elapsed: Duration) -> Result<Look, StoreError> {
        let read = stage.store.reading(async |tx| {
            Ok::<_, StoreError>((
                tx.now(),
                tx.totals(tx.now().at).await?,
                tx.account_statuses().await?,
                tx.campaign_states().await?,
                tx.queue_states().await?,
                tx.last_flips(FLIPS_SHOWN).await?,
                tx.open_alerts(ALERTS_SHOWN).await?,
                tx.send_states().await?,
                tx.next_sends(SLOTS_SHOWN).await?,
            ))
        });
        let (now, totals, accounts, campaigns, queues, flips, alerts, sends, slots) = read.await?;
        let count = |wanted: &str| {
            accounts
                .iter()
                .filter(|(status, since)| label(*status, *since, now.at) == wanted)
                .count()
        };
        let pills = LABELS
            .into_iter()
            .map(|label| (label, count(label)))
            .filter(|(_, count)| *count > 0)
            .collect();
        let before = self.last.replace((elapsed, totals.jobs_finished));
        let jobs_per_s = before.map_or(0.0, |(then, finished)| {
            let jobs = u32::try_from(totals.jobs_finished - finished).unwrap_or(0);
            f64::from(jobs) / elapsed.saturating_sub(then).as_secs_f64().max(0.001)
        });
        Ok(Look {
            now,
            totals,
            pills,
            campaigns,
            queues,
            flips,
            alerts,
            sends,
            slots,
            jobs_per_s,
            mails: stage.front.mails().count(),
        })
    }

    fn screen(
        &self,
        look: &Look,
        elapsed: Duration,
        stage: &Stage,
    ) -> Result<String, std::fmt::Error> {
        let mut out = String::from(CLEAR);
        let until = self.run_for.map_or_else(
            || "Ctrl-C stops".to_owned(),
            |limit| format!("of {} s", limit.as_secs()),
        );
        writeln!(
            out,
            "relink up   {} s {until}   fleet time {} ({}×)",
            elapsed.as_secs(),
            clock(look),
            self.speed
        )?;
        writeln!(out, "\nAccounts")?;
        for (label, count) in &look.pills {
            writeln!(out, "  {count:>5}  {label}")?;
        }
        writeln!(out, "\nCampaigns\n  {:>5}  running", look.campaigns.running)?;
        for (reason, count) in &look.campaigns.paused {
            writeln!(out, "  {count:>5}  paused: {reason}")?;
        }
        sends(&mut out, look)?;
        let totals = &look.totals;
        writeln!(
            out,
            "\nJobs   {} finished, {:.0}/s, {} dead letters",
            totals.jobs_finished, look.jobs_per_s, totals.dead_letters
        )?;
        for queue in &look.queues {
            let age = queue
                .oldest_s
                .map_or_else(String::new, |age| format!(", oldest {age:.0} s"));
            writeln!(
                out,
                "  {:<14} {} due, {} running{age}",
                queue.queue, queue.due, queue.running
            )?;
        }
        writeln!(out, "\nLast flips (audit id)")?;
        for flip in &look.flips {
            writeln!(out, "  {}", describe(flip))?;
        }
        writeln!(out, "\nAlerts ({} open)", totals.alerts)?;
        for alert in &look.alerts {
            writeln!(
                out,
                "  {}: {} ({}×)",
                alert.code, alert.subject, alert.times
            )?;
        }
        writeln!(out)?;
        writeln!(out, "Mail   {} in the mailbox", look.mails)?;
        let wanted = |what: &str| matches!(what, "logs" | "mail" | "browser" | "at hand");
        for (what, place) in stage.places.iter().filter(|(what, _)| wanted(what)) {
            writeln!(out, "{what:<8} {place}")?;
        }
        Ok(out)
    }
}

fn line(look: &Look, elapsed: Duration) -> Result<String, std::fmt::Error> {
    let mut out = String::new();
    let pills: Vec<String> = look
        .pills
        .iter()
        .map(|(label, count)| format!("{label} {count}"))
        .collect();
    let paused: Vec<String> = look
        .campaigns
        .paused
        .iter()
        .map(|(reason, count)| format!("{reason} {count}"))
        .collect();
    let totals = &look.totals;
    write!(
        out,
        "{:>4} s  {}  {}",
        elapsed.as_secs(),
        clock(look),
        pills.join(", ")
    )?;
    write!(out, " | campaigns: running {}", look.campaigns.running)?;
    if !paused.is_empty() {
        write!(out, ", paused {}", paused.join(", "))?;
    }
    write!(
        out,
        " | jobs: {} ({:.0}/s), {} waiting",
        totals.jobs_finished, look.jobs_per_s, totals.jobs_waiting
    )?;
    write!(out, " | {}", sends_in_brief(look))?;
    write!(out, " | alerts {} | mails {}", totals.alerts, look.mails)?;
    if let Some(flip) = look.flips.first() {
        write!(out, " | last: {}", describe(flip))?;
    }
    out.push('\n');
    Ok(out)
}

fn clock(look: &Look) -> String {
    time(look.now.at)
}

fn describe(flip: &FlipLine) -> String {
    let from = flip.from.as_deref().unwrap_or("new");
    format!(
        "#{} {} {} → {} ({})",
        flip.id, flip.name, from, flip.to, flip.cause
    )
}

/// Each action against the caps of all accounts that may send, and what goes next.
fn sends(out: &mut String, look: &Look) -> std::fmt::Result {
    writeln!(
        out,
        "\nSends                     24 h of caps     7 days of caps  at cap  unknown  next slot"
    )?;
    for one in &look.sends {
        let slot = one.next_slot_at.map_or("–".to_owned(), time);
        writeln!(
            out,
            "  {:<18} {:>7} of {:<8} {:>7} of {:<8} {:>6} {:>8}  {slot}",
            one.action,
            one.used_day,
            one.cap_day,
            one.used_week,
            one.cap_week,
            one.full_accounts,
            one.unknown
        )?;
    }
    let slots = look.slots.iter();
    let slots = slots.map(|(name, action, at)| format!("{} {action} {name}", time(*at)));
    let slots: Vec<String> = slots.collect();
    writeln!(out, "  next: {}", slots.join(", "))
}

/// `sends: invite 12/2610, message 3/8000; unknown 1; next 14:03:20`.
fn sends_in_brief(look: &Look) -> String {
    let used = look.sends.iter().filter(|one| one.used_day > 0);
    let used = used.map(|one| format!("{} {}/{}", one.action, one.used_day, one.cap_day));
    let used: Vec<String> = used.collect();
    let full: i64 = look.sends.iter().map(|one| one.full_accounts).sum();
    let unknown: i64 = look.sends.iter().map(|one| one.unknown).sum();
    let next = look.slots.first().map(|(.., at)| time(*at));
    format!(
        "sends: {}, {full} caps full, {unknown} unknown, next {}",
        used.join(", "),
        next.as_deref().unwrap_or("none")
    )
}

fn time(at: Timestamp) -> String {
    at.strftime("%H:%M:%S").to_string()
}
