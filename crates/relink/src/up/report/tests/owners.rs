//! What is said of owners' links and notices.

use super::super::{Links, Report};
use super::{no, report, report_of, rows, verdict};
use crate::up::letters::Letter;
use crate::up::owners::OwnersNote;
use jiff::Timestamp;
use policy::ids::AccountId;
use simulator::control::{LinkState, LinkView};
use std::collections::BTreeMap;
use store::report::{LinkTotals, OverdueAttempt};
use uuid::Uuid;

/// One attempt that came to something, by one link, and two notices of one mail.
pub(super) fn links() -> Links {
    let counts = |word: &str| BTreeMap::from([(word.to_owned(), 1)]);
    Links {
        totals: LinkTotals {
            attempts: counts("linked"),
            overdue: vec![],
            landed: counts("callback"),
            notices: [("first".to_owned(), counts("sent"))].into(),
        },
        letters: vec![letter("<a.1.0@example.com>", &[1, 2])],
        minted: vec![
            link("l1", LinkState::Completed),
            link("l2", LinkState::Open),
        ],
        owners: OwnersNote {
            deeds: [("gave up", 1)].into(),
            ..OwnersNote::default()
        },
    }
}

/// A mail that tells the first notices of these accounts.
fn letter(id: &str, accounts: &[u128]) -> Letter {
    let told = accounts
        .iter()
        .map(|it| (AccountId(Uuid::from_u128(*it)), 1, 0));
    Letter {
        to: "ada@example.net".to_owned(),
        id: id.to_owned(),
        told: told.collect(),
    }
}

/// A link of the one attempt.
fn link(token: &str, state: LinkState) -> LinkView {
    LinkView {
        token: token.to_owned(),
        url: format!("http://provider/{token}"),
        purpose: "create".to_owned(),
        name: Some("attempt".to_owned()),
        reconnect_account: None,
        notify_url: None,
        success_redirect_url: None,
        failure_redirect_url: None,
        expires_on: Timestamp::UNIX_EPOCH,
        minted_at: Timestamp::UNIX_EPOCH,
        opened: 0,
        state,
        account_id: None,
    }
}

fn report_on(links: Links) -> Report {
    report_of(&rows(), &verdict(), 0, links)
}

#[test]
fn r_lnk_3_what_links_and_notices_came_to_is_said() {
    let shown = report_on(links()).to_string();
    for line in [
        "owners               1 gave up",
        "attempts to sign in  1 linked (2 links minted)",
        "landed by            1 callback",
        "notices              first: 1 sent (1 mails)",
    ] {
        assert!(shown.contains(line), "{shown}");
    }
}

#[test]
fn r_lnk_7_a_notice_that_one_reader_was_mailed_twice_is_said_and_named() {
    let with = |more: Letter| {
        let mut twice = links();
        twice.letters.push(more);
        report_on(twice)
    };
    let other = Letter {
        to: "ben@example.net".to_owned(),
        ..letter("<a.1.0@example.com>", &[1])
    };
    for allowed in [other, letter("<c.1.0@example.com>", &[3])] {
        assert_eq!(no(&with(allowed)), [] as [&str; 0]);
    }
    for (more, named) in [
        (letter("<b.1.0@example.com>", &[2]), "step 0: 2 mails"),
        (
            letter("<a.1.0@example.com>", &[]),
            "mail <a.1.0@example.com>: 2 times",
        ),
    ] {
        let twice = with(more);
        assert_eq!(no(&twice), ["nobody was told twice of one thing"]);
        let shown = twice.to_string();
        assert!(shown.contains(named), "{shown}");
        assert!(!shown.contains("ada@"), "{shown}");
    }
}

#[test]
fn r_lnk_1_a_link_that_is_used_or_given_twice_is_said() {
    let mut taken = links();
    taken.minted.push(link("l3", LinkState::Completed));
    let mut given = links();
    given.owners.given_again = 1;
    for links in [taken, given] {
        assert_eq!(no(&report_on(links)), ["no link was used twice"]);
    }
}

#[test]
fn r_lnk_10_an_attempt_that_is_open_past_its_end_is_said() {
    let mut late = links();
    let at = Timestamp::UNIX_EPOCH;
    late.totals.overdue = vec![OverdueAttempt {
        id: Uuid::nil(),
        account: "Ada".to_owned(),
        state: "open".to_owned(),
        link_ends_at: at,
        ends_at: at,
    }];
    let late = report_on(late);
    assert_eq!(no(&late), ["no attempt to sign in is open past its end"]);
    assert!(late.to_string().contains("Ada: attempt 00000000"), "{late}");
}

#[test]
fn r_lnk_4_an_account_that_is_connected_without_a_proof_is_said_and_named() {
    let mut report = report(&rows(), &verdict());
    report.accounts_unproven = vec!["Ada: connected, its session is gone".to_owned()];
    assert_eq!(
        no(&report),
        ["every connected account has a live session of its own person"]
    );
    let shown = report.to_string();
    assert!(shown.contains("Ada: connected, its session"), "{shown}");
}
