//! What becomes of notices that are due.

use super::settle::later;
use super::{
    Delivery, MailAddress, NoticeChange, NoticeChanges, NoticeFacts, NoticeName, NoticeState,
    NoticeStep, NoticeTry, NoticeWhy, PlannedNotice, delivery, due_at, latest_due, next_open,
};
use crate::account::Status;
use crate::decision::{Alert, Decision, NewJob};
use crate::ids::WorkspaceId;
use crate::jobs::{MailNotices, NOTICES_DELIVER};
use crate::losses::NoticeReason;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// First notices of one cause that come due within [`FIRSTS_WITHIN`] and are told at once; of more none is, before an
/// operator has had [`HELD_FOR`] to look.
pub const FIRSTS_MAX: i64 = 50;
/// Time in which first notices are counted.
pub const FIRSTS_WITHIN: SignedDuration = SignedDuration::from_mins(10);
/// Time for which they are held back.
pub const HELD_FOR: SignedDuration = SignedDuration::from_mins(30);

/// Time from a mail about an account to the next first one, unless its owner brought it back in between: an account that
/// comes and goes by itself is told of once.
pub const QUIET: SignedDuration = SignedDuration::from_hours(6);

/// Time in which a job must have taken up its notices; after it they are planned anew.
pub const PICKED_UP_WITHIN: SignedDuration = SignedDuration::from_mins(15);

/// Due notices that one job plans; what is left the next one does.
pub const PLANNED_MAX: i64 = 1_000;

/// Wait of a due notice that cannot be read: others are due, too, and one job plans so many.
pub const WHILE_UNREAD: SignedDuration = SignedDuration::from_mins(15);

/// Notices that one mail tells at most.
const MAIL_MAX: usize = 20;
/// Wait while the owner is at a link's page.
const WHILE_LINKING: SignedDuration = SignedDuration::from_mins(10);
/// Wait while the fleet repairs it alone.
const WHILE_RECOVERING: SignedDuration = SignedDuration::from_hours(1);

/// Notices that are due, and what else their fate depends on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlanFacts {
    /// Planned notices that are due.
    pub due: Vec<NoticeFacts>,
    /// Those that are due and cannot be read, with their tries until now.
    pub unread: Vec<NoticeTry>,
    /// First notices of each cause that came due within [`FIRSTS_WITHIN`], whatever became of them.
    pub firsts: BTreeMap<String, i64>,
}

/// Fate of a due notice.
enum Fate {
    Skip(NoticeWhy),
    /// Skips it, and all between it and that later step.
    GiveWay(NoticeStep),
    Wait(Timestamp),
    HoldBack,
    Suppress(NoticeWhy),
    Mail(Option<MailAddress>),
}

/// Plans notices that are due: what is not needed is skipped, what an owner must hear goes into one mail for each reader.
pub fn plan(facts: &PlanFacts, now: Timestamp) -> Decision {
    let mut decided = Decision::nothing(now);
    let mut mails: BTreeMap<(WorkspaceId, Option<MailAddress>), Vec<NoticeTry>> = BTreeMap::new();
    let mut held = BTreeSet::new();
    for notice in &facts.due {
        let fate = fate(notice, &facts.firsts, now);
        if matches!(fate, Fate::HoldBack) {
            held.extend(notice.cause.clone());
        }
        note(&mut decided.notices, notice, &fate, now);
        if let Fate::Mail(reader) = fate {
            let mail = mails.entry((notice.tenant.id, reader)).or_default();
            mail.push(NoticeTry {
                notice: notice.notice,
                tries: notice.tries + 1,
            });
        }
    }
    let unread = facts.unread.iter().map(|it| left_unread(*it, now));
    decided.notices.changes.extend(unread);
    let jobs = mails.iter().flat_map(|((workspace, _), notices)| {
        notices
            .chunks(MAIL_MAX)
            .filter_map(|some| mail_job(*workspace, some, now))
    });
    decided.jobs = jobs.collect();
    decided.alerts = held
        .iter()
        .map(|cause| held_alert(cause, facts.firsts.get(cause)))
        .collect();
    decided
}

fn fate(notice: &NoticeFacts, firsts: &BTreeMap<String, i64>, now: Timestamp) -> Fate {
    let step = notice.notice.step;
    if let Some(why) = notice.unneeded() {
        return Fate::Skip(why);
    }
    let zone = notice.owner.zone.as_deref();
    let latest = latest_due(step, notice.episode.began_at, zone, now);
    if latest != step {
        return Fate::GiveWay(latest);
    }
    if let Some(until) = waits_until(notice, now) {
        return Fate::Wait(until);
    }
    match delivery(notice) {
        Delivery::Nobody(why) => Fate::Suppress(why),
        Delivery::Owner(_) | Delivery::Team(_) if is_of_many(notice, firsts) => Fate::HoldBack,
        Delivery::Owner(address) => Fate::Mail(Some(address)),
        Delivery::Team(_) => Fate::Mail(None),
    }
}

/// Instant before which it is not told.
fn waits_until(notice: &NoticeFacts, now: Timestamp) -> Option<Timestamp> {
    let waits = match notice.status {
        Status::Connecting => Some(WHILE_LINKING),
        Status::Recovering if notice.reason != NoticeReason::RecoveringLong => {
            Some(WHILE_RECOVERING)
        }
        _ => None,
    };
    if let Some(wait) = waits {
        return Some(later(now, wait));
    }
    let opens = match notice.notice.step {
        NoticeStep::First => later(notice.told_before_at?, QUIET),
        NoticeStep::Back => return None,
        NoticeStep::Day1 | NoticeStep::Day3 | NoticeStep::Day7 => {
            next_open(now, notice.owner.zone.as_deref())
        }
    };
    (now < opens).then_some(opens)
}

fn is_of_many(notice: &NoticeFacts, firsts: &BTreeMap<String, i64>) -> bool {
    let cause = notice.cause.as_ref();
    let together = cause.and_then(|cause| firsts.get(cause));
    notice.notice.step == NoticeStep::First
        && !notice.was_held
        && together.is_some_and(|count| FIRSTS_MAX < *count)
}

fn unchanged(notice: NoticeName, seen: (NoticeState, i32)) -> NoticeChange {
    NoticeChange {
        notice,
        seen,
        then: seen,
        due_at: None,
        why: None,
        code: None,
        trouble: None,
        is_held: false,
    }
}

/// Operators are told of a row that cannot be read where it is read.
fn left_unread(unread: NoticeTry, now: Timestamp) -> NoticeChange {
    NoticeChange {
        due_at: Some(later(now, WHILE_UNREAD)),
        ..unchanged(unread.notice, (NoticeState::Planned, unread.tries))
    }
}

/// Writes a fate down, and the step that follows it.
fn note(into: &mut NoticeChanges, notice: &NoticeFacts, fate: &Fate, now: Timestamp) {
    let mut change = unchanged(notice.notice, (notice.state, notice.tries));
    match fate {
        Fate::Skip(why) => {
            (change.then.0, change.why) = (NoticeState::Skipped, Some(*why));
        }
        Fate::GiveWay(latest) => {
            (change.then.0, change.why) = (NoticeState::Skipped, Some(NoticeWhy::LaterStep));
            into.planned.extend(given_way(notice.notice, *latest, now));
        }
        Fate::Wait(until) => change.due_at = Some(*until),
        Fate::HoldBack => {
            (change.due_at, change.is_held) = (Some(later(now, HELD_FOR)), true);
        }
        Fate::Suppress(why) => {
            (change.then.0, change.why) = (NoticeState::Suppressed, Some(*why));
            into.planned.extend(following(notice));
        }
        Fate::Mail(_) => {
            change.then.1 = notice.tries + 1;
            change.due_at = Some(later(now, PICKED_UP_WITHIN));
            into.planned.extend(following(notice));
        }
    }
    into.changes.push(change);
}

/// Steps up to the latest that is due: those between are skipped, it is sent with the next look.
fn given_way(from: NoticeName, latest: NoticeStep, now: Timestamp) -> Vec<PlannedNotice> {
    let mut steps = vec![];
    let mut step = from.step;
    while let Some(next) = step.next().filter(|next| *next <= latest) {
        steps.push(PlannedNotice {
            notice: NoticeName { step: next, ..from },
            due_at: now,
            skipped: (next != latest).then_some(NoticeWhy::LaterStep),
        });
        step = next;
    }
    steps
}

/// Step after this one, whatever becomes of it.
fn following(notice: &NoticeFacts) -> Option<PlannedNotice> {
    let step = notice.notice.step.next()?;
    let zone = notice.owner.zone.as_deref();
    let due_at = due_at(step, notice.episode.began_at, zone)?;
    Some(PlannedNotice {
        notice: NoticeName {
            step,
            ..notice.notice
        },
        due_at,
        skipped: None,
    })
}

fn mail_job(workspace: WorkspaceId, notices: &[NoticeTry], now: Timestamp) -> Option<NewJob> {
    let lead = notices.first()?;
    let (name, tries) = (super::message_name(lead.notice), lead.tries);
    let payload = MailNotices {
        notices: notices.to_vec(),
    };
    Some(NewJob {
        kind: NOTICES_DELIVER,
        cause: format!("{}@{name}/{tries}", NOTICES_DELIVER.name),
        workspace: Some(workspace),
        account: (notices.len() == 1).then_some(lead.notice.account),
        run_at: now,
        payload: json!(payload),
    })
}

fn held_alert(cause: &str, together: Option<&i64>) -> Alert {
    Alert {
        code: "notices_held",
        subject: format!("cause {cause}"),
        detail: json!({
            "cause": cause,
            "first_notices": together,
            "held_minutes": HELD_FOR.as_mins(),
            "to_keep_them": "relink pause queue notices",
        }),
    }
}
