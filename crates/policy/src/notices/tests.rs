mod mailed;
mod many;
mod turns;
mod unread;

use super::*;
use crate::account::Status;
use crate::decision::Decision;
use crate::ids::WorkspaceId;
use crate::jobs::{MailNotices, NOTICES_DELIVER};
use crate::losses::NoticeReason;
use jiff::Timestamp;
use uuid::Uuid;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

/// A Monday noon, UTC.
fn noon() -> Timestamp {
    at("2026-03-02T12:00:00Z")
}

fn address(text: &str) -> MailAddress {
    MailAddress(text.to_owned())
}

/// A first notice of account `n`, whose owner has an address of their own.
fn first(n: u128) -> NoticeFacts {
    NoticeFacts {
        notice: NoticeName {
            account: AccountId(Uuid::from_u128(n)),
            episode: 5,
            step: NoticeStep::First,
        },
        state: NoticeState::Planned,
        tries: 0,
        reason: NoticeReason::ReconnectNeeded,
        cause: Some("credentials".to_owned()),
        created_at: noon(),
        awaits_look: false,
        was_held: false,
        episode: NoticeEpisode {
            began_at: noon(),
            ended_at: None,
        },
        status: Status::ReconnectNeeded,
        account_name: format!("account {n}"),
        kind: "LINKEDIN".to_owned(),
        owner: Owner {
            address: Some(address(&format!("owner-{n}@example.net"))),
            name: None,
            zone: None,
            stop: None,
        },
        tenant: Tenant {
            id: WorkspaceId(Uuid::from_u128(1)),
            name: "Acme".to_owned(),
            support: None,
            policy: MailPolicy::Mail,
            is_over: false,
            contacts: vec![],
        },
        told_before_at: None,
    }
}

fn step(n: u128, step: NoticeStep) -> NoticeFacts {
    let mut notice = first(n);
    notice.notice.step = step;
    notice
}

fn planned(due: Vec<NoticeFacts>, now: Timestamp) -> Decision {
    let facts = PlanFacts {
        due,
        ..PlanFacts::default()
    };
    plan(&facts, now)
}

/// Mails that a decision asks for, by how many notices each tells.
fn mails(decided: &Decision) -> Vec<usize> {
    let jobs = decided.jobs.iter().map(|job| {
        assert_eq!(job.kind, NOTICES_DELIVER);
        let payload: MailNotices =
            serde_json::from_value(job.payload.clone()).expect("its payload");
        payload.notices.len()
    });
    jobs.collect()
}

/// End of the one notice that a decision changes, and why.
fn end(decided: &Decision) -> (NoticeState, Option<NoticeWhy>) {
    let change = decided.notices.changes.first().expect("a change");
    (change.then.0, change.why)
}

#[test]
fn r_lnk_7_steps_are_due_by_day_in_their_owner_s_daytime() {
    let berlin = Some("Europe/Berlin");
    for (began, step, zone, due) in [
        // At once, at any hour.
        (
            "2026-03-02T02:00:00Z",
            NoticeStep::First,
            berlin,
            "2026-03-02T02:00:00Z",
        ),
        // Noon is daytime; 17:59 is; 18:00 is not.
        (
            "2026-03-02T11:00:00Z",
            NoticeStep::Day1,
            berlin,
            "2026-03-03T11:00:00Z",
        ),
        (
            "2026-03-02T16:59:00Z",
            NoticeStep::Day1,
            berlin,
            "2026-03-03T16:59:00Z",
        ),
        (
            "2026-03-02T17:00:00Z",
            NoticeStep::Day1,
            berlin,
            "2026-03-04T07:00:00Z",
        ),
        (
            "2026-03-02T02:00:00Z",
            NoticeStep::Day3,
            berlin,
            "2026-03-05T07:00:00Z",
        ),
        // Over the change of the clocks on the 29th.
        (
            "2026-03-26T02:00:00Z",
            NoticeStep::Day7,
            berlin,
            "2026-04-02T06:00:00Z",
        ),
        // No zone, or none that is known: UTC.
        (
            "2026-03-02T02:00:00Z",
            NoticeStep::Day1,
            None,
            "2026-03-03T08:00:00Z",
        ),
        (
            "2026-03-02T02:00:00Z",
            NoticeStep::Day1,
            Some("Mars/Base"),
            "2026-03-03T08:00:00Z",
        ),
    ] {
        assert_eq!(
            due_at(step, at(began), zone),
            Some(at(due)),
            "{step} of {began}"
        );
    }
    assert_eq!(due_at(NoticeStep::Back, noon(), None), None);
    let numbers = NoticeStep::ALL.map(NoticeStep::number);
    assert_eq!(numbers, [0, 1, 2, 3, 4]);
    assert_eq!(
        numbers.map(NoticeStep::of_number),
        NoticeStep::ALL.map(Some)
    );
}

#[test]
fn r_lnk_7_one_mail_a_reader_tells_all_their_accounts() {
    let mut due = vec![first(1), first(2), first(3)];
    due[1].owner = due[0].owner.clone();
    // Another workspace's mails are its own, whoever reads them.
    let mut other = first(4);
    other.owner = due[0].owner.clone();
    other.tenant.id = WorkspaceId(Uuid::from_u128(2));
    due.push(other);
    let decided = planned(due, noon() + MINUTE);
    let mut told = mails(&decided);
    told.sort_unstable();
    assert_eq!(told, [1, 1, 2]);
    assert_eq!(decided.notices.planned.len(), 4, "the next step of each");
    let all = (0..45).map(|n| {
        let mut notice = first(n);
        notice.owner.address = Some(address("one@example.net"));
        notice
    });
    assert_eq!(mails(&planned(all.collect(), noon())), [20, 20, 5]);
}

#[test]
fn r_lnk_7_after_an_outage_one_mail_tells_and_the_steps_before_are_skipped() {
    let decided = planned(vec![step(1, NoticeStep::Day1)], noon() + DAY * 8);
    assert_eq!(
        mails(&decided),
        [] as [usize; 0],
        "the step that is due is mailed with the next look"
    );
    assert_eq!(
        end(&decided),
        (NoticeState::Skipped, Some(NoticeWhy::LaterStep))
    );
    let later: Vec<_> = decided
        .notices
        .planned
        .iter()
        .map(|it| (it.notice.step, it.skipped))
        .collect();
    assert_eq!(
        later,
        [
            (NoticeStep::Day3, Some(NoticeWhy::LaterStep)),
            (NoticeStep::Day7, None)
        ]
    );
    let last = planned(vec![step(1, NoticeStep::Day7)], noon() + DAY * 8);
    assert_eq!(mails(&last), [1]);
    assert!(
        last.notices.planned.is_empty(),
        "nothing follows the last step"
    );
}

#[test]
fn r_lnk_7_what_nobody_needs_is_skipped() {
    use NoticeStep::{Back, Day1, First};
    for (of, status, is_over, wanted) in [
        (First, Status::Connected, false, Some(NoticeWhy::CameBack)),
        (
            First,
            Status::Disconnected,
            false,
            Some(NoticeWhy::Disconnected),
        ),
        (
            First,
            Status::ReconnectNeeded,
            true,
            Some(NoticeWhy::WorkspaceOver),
        ),
        (Day1, Status::Connected, false, Some(NoticeWhy::CameBack)),
        (Back, Status::Connected, false, None),
        (
            Back,
            Status::ReconnectNeeded,
            false,
            Some(NoticeWhy::LostAgain),
        ),
        (
            Back,
            Status::Disconnected,
            false,
            Some(NoticeWhy::Disconnected),
        ),
        (First, Status::ReconnectNeeded, false, None),
        (First, Status::Missing, false, None),
        (First, Status::ActionRequired, false, None),
    ] {
        let mut notice = step(1, of);
        (notice.status, notice.tenant.is_over) = (status, is_over);
        assert_eq!(notice.unneeded(), wanted, "{of} {status}");
    }
    // It came back and was lost again: the episode is over, whatever the status says.
    let mut notice = step(1, Day1);
    notice.episode.ended_at = Some(noon());
    assert_eq!(notice.unneeded(), Some(NoticeWhy::CameBack));
}

#[test]
fn r_lnk_7_a_notice_waits_for_its_owner_and_for_daytime() {
    let waits = |notice: NoticeFacts, now: Timestamp| {
        let decided = planned(vec![notice], now);
        let change = decided.notices.changes.first().expect("a change").clone();
        assert_eq!(
            change.then,
            (NoticeState::Planned, i32::from(!mails(&decided).is_empty()))
        );
        mails(&decided)
            .is_empty()
            .then(|| change.due_at.expect("a later look"))
    };
    let mut linking = first(1);
    linking.status = Status::Connecting;
    assert_eq!(waits(linking, noon()), Some(noon() + MINUTE * 10));
    let mut recovering = first(1);
    recovering.status = Status::Recovering;
    assert_eq!(waits(recovering.clone(), noon()), Some(noon() + HOUR));
    recovering.reason = NoticeReason::RecoveringLong;
    assert_eq!(waits(recovering, noon()), None);
    let night = at("2026-03-04T03:00:00Z");
    assert_eq!(
        waits(step(1, NoticeStep::Day1), night),
        Some(at("2026-03-04T08:00:00Z"))
    );
    assert_eq!(
        waits(first(1), at("2026-03-03T03:00:00Z")),
        None,
        "the first at any hour"
    );
}

#[test]
fn r_lnk_7_an_account_that_comes_and_goes_is_told_of_once() {
    let flapping = |before: SignedDuration| {
        let mut notice = first(1);
        notice.told_before_at = Some(noon() - before);
        let decided = planned(vec![notice], noon());
        let due_at = decided.notices.changes.first().expect("a change").due_at;
        (mails(&decided).len(), due_at)
    };
    assert_eq!(flapping(MINUTE * 5), (0, Some(noon() + QUIET - MINUTE * 5)));
    assert_eq!(flapping(QUIET - SignedDuration::from_secs(1)).0, 0);
    assert_eq!(flapping(QUIET).0, 1, "no longer than that");
}

#[test]
fn r_lnk_7_readers_follow_the_policy_the_opt_out_and_the_team() {
    let team = || vec![address("team@example.com")];
    for (policy, has_address, stop, has_team, wanted) in [
        (MailPolicy::Mail, true, None, true, "owner"),
        (MailPolicy::Both, true, None, false, "owner"),
        (MailPolicy::None, true, None, true, "policy_none"),
        (MailPolicy::Event, true, None, true, "policy_event"),
        (
            MailPolicy::Mail,
            true,
            Some(MailStop::OptedOut),
            true,
            "opted_out",
        ),
        (
            MailPolicy::Mail,
            true,
            Some(MailStop::Undeliverable),
            true,
            "team",
        ),
        (
            MailPolicy::Mail,
            true,
            Some(MailStop::Undeliverable),
            false,
            "undeliverable",
        ),
        (MailPolicy::Mail, false, None, true, "team"),
        (MailPolicy::Mail, false, None, false, "no_address"),
    ] {
        let mut notice = first(1);
        notice.tenant.policy = policy;
        notice.owner.stop = stop;
        notice.owner.address = notice.owner.address.filter(|_| has_address);
        notice.tenant.contacts = if has_team { team() } else { vec![] };
        let told = match delivery(&notice) {
            Delivery::Owner(_) => "owner",
            Delivery::Team(_) => "team",
            Delivery::Nobody(why) => why.as_str(),
        };
        assert_eq!(told, wanted, "{policy} {stop:?}");
    }
    let shown = format!("{:?}", first(1));
    assert!(!shown.contains("example.net"), "{shown}");
}
