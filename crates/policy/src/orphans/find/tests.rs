use super::*;
use crate::orphans::samples::{again, first, free, near};
use crate::orphans::{Proof, Unclaimed};
use crate::samples::{account, at, identity, session_id};
use crate::schedule::ShardRange;

fn found(accounts: &[u128], waiting: Vec<Waiting>, sessions: Vec<Unclaimed>) -> OrphanSearch {
    OrphanSearch {
        page: OrphanPages {
            slot: at(300),
            shards: ShardRange {
                first: 0,
                last: 255,
            },
            after: None,
            asked: 0,
        },
        accounts: accounts.iter().map(|it| account(*it)).collect(),
        neighbourhood: near(waiting, sessions),
        next: None,
    }
}

fn link_of(job: &NewJob) -> LinkOrphan {
    serde_json::from_value(job.payload.clone()).expect("a payload")
}

#[test]
fn r_orp_1_each_account_that_has_a_session_gets_a_job_of_its_own() {
    let decision = find(
        &found(&[1, 2], vec![first(1), again(2)], vec![free(1), free(2)]),
        at(301),
    );
    let links: Vec<_> = decision.jobs.iter().map(link_of).collect();
    let expected = |number, proof| LinkOrphan {
        account: account(number),
        session: session_id(number),
        proof,
        found_by: LandedBy::Watcher,
    };
    assert_eq!(
        links,
        [expected(1, Proof::Declared), expected(2, Proof::Own)]
    );
    let job = &decision.jobs[0];
    assert_eq!(job.cause, format!("orphan.link@{}#{}", at(300), account(1)));
    assert_eq!(
        (job.account, job.workspace.is_some()),
        (Some(account(1)), true)
    );
    assert_eq!((decision.status.flips, decision.alerts), (vec![], vec![]));
}

#[test]
fn r_orp_1_accounts_of_another_page_are_only_rivals() {
    let decision = find(
        &found(&[2], vec![first(1), again(2)], vec![free(1), free(2)]),
        at(301),
    );
    assert_eq!(
        decision
            .jobs
            .iter()
            .map(link_of)
            .map(|it| it.account)
            .collect::<Vec<_>>(),
        [account(2)]
    );
}

#[test]
fn r_orp_1_verifications_are_paced_and_end_well_inside_the_hour() {
    let mut waiting = vec![];
    let mut sessions = vec![];
    for number in 1..=500 {
        waiting.push(again(number));
        sessions.push(free(number));
    }
    let all: Vec<u128> = (1..=500).collect();
    let decision = find(&found(&all, waiting.clone(), sessions.clone()), at(301));
    assert_eq!(decision.jobs.len(), 500);
    let waits: Vec<_> = decision
        .jobs
        .iter()
        .map(|it| it.run_at.duration_since(at(301)).as_millis())
        .collect();
    assert_eq!((waits[0], waits[1], waits[499]), (0, 500, 249_500));
    let mut late = found(&all, waiting, sessions);
    late.page.asked = 100_000;
    let decision = find(&late, at(301));
    assert!(
        decision
            .jobs
            .iter()
            .all(|it| it.run_at == at(301 + 15 * 60))
    );
}

#[test]
fn r_orp_1_a_full_page_hands_on_and_an_abandoned_link_holds_nobody_up() {
    let lone = |number| {
        let mut lone = first(number);
        lone.row.identity = Some(identity(number));
        lone
    };
    let mut page = found(&[1, 2], vec![lone(1), lone(2)], vec![]);
    page.next = Some(account(2));
    let decision = find(&page, at(301));
    let [next] = decision.jobs.as_slice() else {
        panic!("one job: {:?}", decision.jobs);
    };
    let rest: OrphanPages = serde_json::from_value(next.payload.clone()).expect("a payload");
    assert_eq!(
        (next.kind, rest.after, rest.asked),
        (ORPHANS_WATCH, Some(account(2)), 0)
    );
    assert_eq!(
        next.cause,
        format!("orphans.watch@{}#0-255>{}", at(300), account(2))
    );
}

#[test]
fn r_orp_2_doubt_of_the_watch_is_an_alert_and_no_job() {
    let mut twin = free(2);
    twin.session.handle = Some("handle-1".to_owned());
    let decision = find(&found(&[1], vec![first(1)], vec![free(1), twin]), at(301));
    let codes: Vec<_> = decision.alerts.iter().map(|it| it.code).collect();
    assert_eq!((decision.jobs.len(), codes), (0, vec!["orphan_ambiguous"]));
    let ids = |it: &serde_json::Value| it["candidates"].as_array().map(Vec::len);
    assert_eq!(ids(&decision.alerts[0].detail), Some(2));
}
