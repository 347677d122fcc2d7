//! What runs: schedulers by their lease, schedules by their ticks, and the operator's token.

use super::finding::Findings;
use super::settings::Settings;
use crate::commands::table::utc;
use ::fleet::chain;
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;
use store::clock_back::WrittenAhead;
use store::doctor::LeaseState;
use store::scheduler::LEASE_MAX;
use store::views::ScheduleView;
use store::{Refusal, Store, StoreError, Tx};

/// Ticks skipped in a row that raise an alert (R-WAT-2).
const SKIPS_MAX: i32 = 3;
/// Periods that a tick may be late before it is told.
const LATE_PERIODS: i64 = 2;
/// Machine's seconds without a sign of life after which a worker is told as silent.
const SILENT_S: f64 = 15.0;
/// A token with less than so many days left should be replaced.
const TOKEN_DAYS: i64 = 7;

/// An instant that lies ahead by less may be a clock that is being corrected.
const CLOCK_SLACK: Duration = Duration::from_mins(1);
const CLOCK: &str = "the leading scheduler undoes it within seconds: see its log, its duty `clock` in /readyz, and docs/runbooks/relink-clock-ahead.md";
const CLOCK_BY_HAND: &str = "it ends or is due later than was meant; docs/runbooks/relink-clock-ahead.md says how to set it right";

pub(super) async fn look(store: &Store, settings: &Settings, findings: &mut Findings) {
    let looked = store.reading_snapshot(async |tx| {
        lease(tx, findings).await;
        original(tx, findings).await;
        schedules(tx, findings).await;
        workers(tx, findings).await;
        written_ahead(tx, findings).await;
        Ok::<_, StoreError>(())
    });
    if let Err(error) = looked.await {
        findings.not_asked("scheduler lease", chain(&error));
    }
    match &settings.token {
        Some(token) => operator(store, token, findings).await,
        None => findings.not_asked("operator token", "RELINK_OPERATOR_TOKEN is not set"),
    }
}

async fn lease(tx: &Tx, findings: &mut Findings) {
    let name = "scheduler lease";
    let run = "start `relink scheduler`, and see in its log why it does not lead";
    match tx.lease().await {
        Ok(Some(LeaseState {
            expires_at: Some(end),
            ..
        })) if end > tx.now().after_machine(LEASE_MAX) => {
            let saw = format!(
                "it ends at {}, later than any can: a clock that has gone back wrote it",
                utc(end)
            );
            findings.fail(name, saw, CLOCK);
        }
        Ok(Some(lease)) => match (lease.is_held, lease.holder, lease.expires_at) {
            (true, Some(holder), Some(end)) => {
                findings.ok(name, format!("{holder} leads until {}", utc(end)));
            }
            (_, Some(_), Some(end)) => {
                let saw = format!("nobody has led since {}", utc(end));
                findings.fail(name, saw, run);
            }
            (_, Some(_), None) => {
                let saw = "the last scheduler gave it up, and no other took it";
                findings.fail(name, saw, run);
            }
            _ => findings.warn(name, "no scheduler has ever led here", run),
        },
        Ok(None) => {
            let todo =
                "a database administrator inserts the one row of relink.scheduler_lease again";
            findings.fail(name, "the lease's row is missing", todo);
        }
        Err(error) => findings.not_asked(name, chain(&error)),
    }
}

/// Whether this database may act outward, or is a restored copy (R-RES-1).
async fn original(tx: &Tx, findings: &mut Findings) {
    let name = "original";
    let state = match tx.originality().await {
        Ok(state) => state,
        Err(error) => return findings.not_asked(name, chain(&error)),
    };
    match (state.copy, state.raised_at) {
        (Some((since, why)), _) => {
            let saw = format!("a restored copy since {}: {why}", utc(since));
            let todo = "nothing is sent; stop the other fleet, then `relink adopt --reason …`, or throw this copy away";
            findings.fail(name, saw, todo);
        }
        (None, Some(at)) if state.is_original => {
            let saw = format!("number {} was raised at {}", state.number, utc(at));
            findings.ok(name, saw);
        }
        (None, Some(_)) => {
            let saw = "nobody has compared it with the broker's witness since its server started: nothing is sent";
            let todo = "a scheduler that leads and reaches the broker compares within seconds";
            findings.warn(name, saw, todo);
        }
        (None, None) => findings.ok(name, "no scheduler has ever raised its number"),
    }
}

/// What the database's clock wrote while it was ahead, and what nobody but a person sets right.
async fn written_ahead(tx: &Tx, findings: &mut Findings) {
    let name = "instants";
    let ahead = match tx.written_ahead(CLOCK_SLACK).await {
        Ok(ahead) => ahead,
        Err(error) => return findings.not_asked(name, chain(&error)),
    };
    for one in &ahead {
        let WrittenAhead {
            what,
            rows,
            latest,
            heals,
        } = one;
        let saw = format!(
            "{rows} {what} are of an instant that is yet to come, up to {}",
            utc(*latest)
        );
        if *heals {
            findings.fail(name, saw, CLOCK);
        } else {
            findings.warn(name, saw, CLOCK_BY_HAND);
        }
    }
    if ahead.is_empty() {
        findings.ok(name, "none lies ahead of the database's clock");
    }
}

async fn schedules(tx: &Tx, findings: &mut Findings) {
    let name = "schedules";
    let all = match tx.schedule_views().await {
        Ok(all) => all,
        Err(error) => return findings.not_asked(name, chain(&error)),
    };
    let now = tx.now().at;
    let late = all.iter().filter(|one| {
        let period = SignedDuration::from_secs(one.every_s.saturating_mul(LATE_PERIODS));
        let due = one.next_slot.and_then(|next| next.checked_add(period).ok());
        due.is_some_and(|due| due < now)
    });
    let late: Vec<&str> = late.map(|one| one.name.as_str()).collect();
    let is_stuck = |one: &&ScheduleView| one.skips >= SKIPS_MAX && !one.is_held;
    let stuck = all.iter().filter(is_stuck);
    let stuck: Vec<&str> = stuck.map(|one| one.name.as_str()).collect();
    if !late.is_empty() {
        let saw = format!("no tick for more than two periods: {}", late.join(", "));
        findings.warn(name, saw, "see the scheduler's log, and `relink schedules`");
    }
    if !stuck.is_empty() {
        let saw = format!("skipped, because a run does not end: {}", stuck.join(", "));
        let todo = "see whether a worker of its queue runs, and `relink schedules`";
        findings.warn(name, saw, todo);
    }
    if all.is_empty() {
        findings.warn(name, "none is declared yet", "start `relink scheduler`");
    } else if late.is_empty() && stuck.is_empty() {
        findings.ok(name, format!("{} on time", all.len()));
    }
    duties(&all, findings);
}

/// Who works. Silence is told, not judged: that is for the leader's stopwatch.
async fn workers(tx: &Tx, findings: &mut Findings) {
    let name = "workers";
    let all = match tx.worker_views().await {
        Ok(all) => all,
        Err(error) => return findings.not_asked(name, chain(&error)),
    };
    let silent_s = SILENT_S * tx.now().rate;
    let (silent, heard): (Vec<_>, Vec<_>) = all
        .iter()
        .partition(|one| one.lost_at.is_some() || one.seen_s > silent_s);
    let holding = silent.iter().filter(|one| one.running > 0);
    let holding: Vec<&str> = holding.map(|one| one.name.as_str()).collect();
    if !holding.is_empty() {
        let saw = format!("silent, with jobs in hand: {}", holding.join(", "));
        let todo = "docs/runbooks/relink-job-rescues.md; see `relink workers`";
        findings.warn(name, saw, todo);
    } else if heard.is_empty() {
        let todo = "start `relink worker`; those of builds before this schema give no sign of life";
        findings.warn(name, "nobody gives a sign of life", todo);
    } else {
        findings.ok(name, format!("{} give signs of life", heard.len()));
    }
}

/// What is blind, since when, and why (R-WAT-5): one line each, so that nobody has to count columns.
fn duties(all: &[ScheduleView], findings: &mut Findings) {
    let name = "duties";
    let blind = all.iter().filter_map(|one| Some((one, one.blind_since?)));
    let mut seen = 0_u32;
    for (one, since) in blind {
        seen += 1;
        let why = one
            .note
            .as_deref()
            .unwrap_or("no run of it ends with every job done");
        let saw = format!(
            "{} has decided nothing since {}: {why}",
            one.name,
            utc(since)
        );
        let todo = "docs/runbooks/relink-duty-blind.md; see `relink queues` and `relink dead list`";
        findings.fail(name, saw, todo);
    }
    let held: Vec<&str> = all
        .iter()
        .filter(|one| one.is_held)
        .map(|one| one.name.as_str())
        .collect();
    if !held.is_empty() {
        let saw = format!("held by a pause: {}", held.join(", "));
        findings.warn(name, saw, "see `relink pauses`");
    }
    if seen == 0 && held.is_empty() && !all.is_empty() {
        findings.ok(
            name,
            format!("{} decide what there is to decide", all.len()),
        );
    }
}

async fn operator(store: &Store, token: &SecretString, findings: &mut Findings) {
    let name = "operator token";
    let hand_out = "hand out another with `relink operator add`";
    let id = id_of(token).to_owned();
    let tried = store.try_token(token).await;
    let refused = tried
        .as_ref()
        .err()
        .and_then(store::StoreError::refusal_kind);
    let note = match (&tried, refused) {
        (Ok(()), _) | (_, Some(Refusal::Unknown)) => "",
        (_, Some(Refusal::Forbidden)) => ", its secret was not tried: relink_operator may",
        (Err(error), _) => return findings.not_asked(name, chain(error)),
    };
    // Another transaction: the refusal ended the one before.
    let found =
        store.reading_snapshot(async |tx| Ok::<_, StoreError>((tx.token(&id).await?, tx.now().at)));
    let (row, now) = match found.await {
        Ok((Some(row), now)) => (row, now),
        Ok((None, _)) => {
            let saw = "the database knows no token of this id";
            return findings.fail(name, saw, hand_out);
        }
        Err(error) => return findings.not_asked(name, chain(&error)),
    };
    let (who, scopes) = (&row.operator, row.scopes.join(", "));
    if let Some(at) = row.revoked_at {
        findings.fail(name, format!("{who}'s, revoked at {}", utc(at)), hand_out);
    } else if row.ends_at <= now {
        let saw = format!("{who}'s, expired at {}", utc(row.ends_at));
        findings.fail(name, saw, hand_out);
    } else if refused == Some(Refusal::Unknown) {
        let saw = format!("{who}'s by its id, but its secret is not the one handed out");
        findings.fail(name, saw, hand_out);
    } else {
        let saw = format!("{who}'s ({scopes}), good until {}{note}", utc(row.ends_at));
        if left_days(row.ends_at, now) < TOKEN_DAYS {
            findings.warn(name, saw, hand_out);
        } else {
            findings.ok(name, saw);
        }
    }
}

/// The part that names it, `rlo_<id>_<secret>`.
fn id_of(token: &SecretString) -> &str {
    token.expose_secret().split('_').nth(1).unwrap_or_default()
}

fn left_days(end: Timestamp, now: Timestamp) -> i64 {
    end.duration_since(now).as_hours() / 24
}
