use super::samples::{answers, attempt, attempt_id, id, in_health, linking, owner, reconnecting};
use super::*;
use crate::account::{AttemptOutcome, Cause, Flip};
use crate::decision::Decision;
use crate::ids::AccountId;
use crate::jobs::{ACCOUNT_CHECK, AnswerLink, LINKS_ANSWER, LINKS_LIST, LINKS_LOOK, LookAtLink};
use crate::orphans::Claim;
use crate::samples::{account, assert_lawful, at, row};
use crate::session::Health;
use crate::verify::{AccountRow, OwnerProbe, PriorLook, Probe, Verification};
use uuid::Uuid;

mod left;
mod looks;
mod renewals;

use looks::look_at;

const NOW: i64 = 110;

fn facts(case: LinkCase, news: LinkNews, verification: Option<Verification>) -> AnswerFacts {
    AnswerFacts {
        asked: AnswerLink {
            event: Uuid::nil(),
            waited: 0,
        },
        news: Some(news),
        case: Some(case),
        verification,
        owners: vec![],
        earlier: vec![],
    }
}

#[track_caller]
fn decide(facts: &AnswerFacts) -> Decision {
    let decision = answer(facts, at(NOW));
    assert_lawful(&decision);
    assert_eq!(decision.links.events.len(), 1, "every event has an end");
    decision
}

fn came_to(decision: &Decision) -> EventVerdict {
    decision.links.events[0].verdict
}

fn flips(decision: &Decision) -> Vec<(AccountId, Status, Cause)> {
    let flip = |it: &Flip| (it.account, it.to, it.cause);
    decision.status.flips.iter().map(flip).collect()
}

fn ends(decision: &Decision) -> Vec<(AttemptId, AttemptOutcome)> {
    let ends = decision.status.attempts.iter();
    ends.map(|it| (it.attempt, it.outcome)).collect()
}

fn landed(session: u128) -> LinkNews {
    LinkNews::Landed(id(session))
}

fn hint(session: u128, word: &str) -> LinkNews {
    LinkNews::Hint(id(session), word.to_owned())
}

const CONNECTED: (Status, Cause) = (Status::Connected, Cause::LinkLanded);
const BACK: (Status, Cause) = (Status::ReconnectNeeded, Cause::LinkFailed);

/// Whose a session is, by the rows, for every standing of the attempt that the news is of.
#[test]
fn r_lnk_3_only_the_newest_open_attempt_may_bind() {
    for purpose in AttemptPurpose::ALL {
        for standing in Standing::ALL {
            for status in Status::ALL {
                let mut case = linking();
                case.known.row.status = status;
                case.attempt = Some(attempt(purpose, standing));
                let subject = case.subject(&id(2));
                let is_out = status == Status::Disconnected;
                let binds = status != Status::Connected && purpose != AttemptPurpose::Renew;
                let expected = match standing {
                    _ if is_out => Subject::Nobody,
                    Standing::Open if binds => Subject::Candidate(attempt_id(1)),
                    Standing::Open | Standing::Superseded | Standing::Closed => {
                        Subject::Left(attempt_id(1))
                    }
                    Standing::Minting => Subject::Nobody,
                };
                assert_eq!(subject, expected, "{purpose} {standing} {status}");
                case.known.row.session = Some(id(2));
                let own = if is_out {
                    Subject::Nobody
                } else {
                    Subject::Own
                };
                assert_eq!(case.subject(&id(2)), own, "{purpose} {standing} {status}");
            }
        }
    }
}

#[test]
fn r_lnk_3_an_attempt_is_what_its_phase_its_rank_and_its_name_say() {
    for phase in AttemptPhase::ALL {
        for rank in [Rank::Newest, Rank::Older] {
            let standing = Standing::of(phase, rank, at(10), at(9));
            let over = Standing::of(phase, rank, at(10), at(10));
            let expected = match (phase, rank) {
                (AttemptPhase::Superseded, _) => Standing::Superseded,
                _ if phase.is_closed() => Standing::Closed,
                (_, Rank::Older) => Standing::Superseded,
                (AttemptPhase::Minting, _) => Standing::Minting,
                _ => Standing::Open,
            };
            assert_eq!(standing, expected, "{phase} {rank:?}");
            assert!(
                matches!(over, Standing::Closed | Standing::Superseded),
                "{phase} {rank:?}: its name has ended"
            );
        }
    }
}

/// A callback, by what its session and its owner answer.
#[test]
fn r_lnk_3_a_callback_binds_what_is_verified_and_nothing_else() {
    let proven = decide(&facts(linking(), landed(2), Some(answers(2, 1))));
    assert_eq!(flips(&proven), [(account(1), CONNECTED.0, CONNECTED.1)]);
    let link = proven.status.flips[0].link.clone().expect("a link");
    assert_eq!((link.session, link.attempt), (id(2), Some(attempt_id(1))));
    assert_eq!(proven.links.landed[0].by, LandedBy::Callback);
    assert_eq!(came_to(&proven), EventVerdict::Landed);

    let own = decide(&facts(reconnecting(), landed(1), Some(answers(1, 1))));
    assert_eq!(
        flips(&own),
        [(account(1), Status::Connected, Cause::Verified)]
    );
    assert_eq!(ends(&own), [(attempt_id(1), AttemptOutcome::Linked)]);

    let mut silent = answers(2, 1);
    silent.owner = OwnerProbe::Inconclusive("503".to_owned());
    let mut away = answers(2, 1);
    away.session = Probe::Inconclusive("504".to_owned());
    for doubt in [
        silent,
        away,
        in_health(answers(2, 1), Health::Connecting),
        in_health(answers(2, 1), Health::Credentials),
    ] {
        let decision = decide(&facts(linking(), landed(2), Some(doubt)));
        assert_eq!(flips(&decision), []);
        assert_eq!(came_to(&decision), EventVerdict::Verifying);
        assert_eq!(decision.links.answered[0].session, id(2));
        let next = &decision.jobs[0];
        assert_eq!((next.kind, next.run_at), (LINKS_LOOK, at(NOW + 3)));
    }
}

/// A login of the wrong person, in its ways.
#[test]
fn r_lnk_4_another_person_is_refused_and_the_account_goes_back() {
    let mut known = linking();
    known.known.row.identity = Some(crate::samples::identity(1));
    known.attempt = Some(attempt(AttemptPurpose::Create, Standing::Open));
    let mut of_mail = answers(2, 1);
    if let Probe::Answered(seen) = &mut of_mail.session {
        "MAIL".clone_into(&mut seen.kind);
    }
    for (case, session, verification) in [
        (linking(), 2, answers(2, 3)),
        (known, 2, answers(2, 3)),
        (linking(), 2, of_mail),
        (reconnecting(), 1, answers(1, 3)),
    ] {
        let decision = decide(&facts(case, landed(session), Some(verification)));
        assert_eq!(flips(&decision), [(account(1), BACK.0, BACK.1)]);
        assert_eq!(ends(&decision), [(attempt_id(1), AttemptOutcome::Refused)]);
        let refused = decision.links.refused[0];
        assert_eq!(refused.why, LinkRefusal::WrongAccount);
        let codes: Vec<_> = decision.alerts.iter().map(|it| it.code).collect();
        assert_eq!(codes, ["wrong_account"]);
    }
    // Of the account's own session it is held besides, and nothing is sent.
    let own = decide(&facts(reconnecting(), landed(1), Some(answers(1, 3))));
    assert_eq!(own.status.holds.len(), 1);
    // A look at a stranger's session is no end of the attempt: its owner may be at the page to mend just that.
    let looked = looked(
        &LookedAt {
            asked: look_at(0),
            case: Some(reconnecting()),
            verification: Some(answers(1, 3)),
            owners: vec![],
            earlier: vec![],
        },
        at(NOW),
    );
    assert_eq!(
        (looked.status.attempts.len(), looked.links.refused.len()),
        (0, 0)
    );
}

/// Whoever else has a claim, whatever its status, and what the owner is told.
#[test]
fn r_lnk_5_a_session_or_person_of_others_is_refused() {
    for status in Status::ALL {
        for claim in Claim::ALL {
            for tenant in [1, 2] {
                let mut all = facts(linking(), landed(2), Some(answers(2, 1)));
                all.owners = vec![owner(tenant, 5, status, claim)];
                let decision = decide(&all);
                let is_earlier =
                    tenant == 1 && claim == Claim::Person && status == Status::Disconnected;
                if is_earlier {
                    assert_eq!(flips(&decision), [(account(1), CONNECTED.0, CONNECTED.1)]);
                    continue;
                }
                let expected = match (tenant, claim) {
                    (2, _) => LinkRefusal::Elsewhere,
                    (_, Claim::Person) => LinkRefusal::IdentityKnown,
                    _ => LinkRefusal::SessionTaken,
                };
                assert_eq!(
                    decision.links.refused[0].why, expected,
                    "{tenant} {status} {claim}"
                );
                assert_eq!(flips(&decision), [(account(1), BACK.0, BACK.1)]);
                assert_eq!(decision.alerts[0].code, "session_claimed");
            }
        }
    }
}

#[test]
fn r_lnk_5_the_same_persons_earlier_row_comes_back_instead() {
    let mut all = facts(linking(), landed(2), Some(answers(2, 1)));
    all.owners = vec![owner(1, 5, Status::Disconnected, Claim::Person)];
    let mut earlier = row(5, Status::Disconnected);
    earlier.session = None;
    all.earlier = vec![earlier];
    let decision = decide(&all);
    let expected = [
        (account(1), Status::Disconnected, Cause::Merged),
        (account(5), Status::Connected, Cause::Restored),
    ];
    assert_eq!(flips(&decision), expected);
    let merge = decision.links.merges[0];
    assert_eq!((merge.account, merge.into), (account(1), account(5)));
    let link = decision.status.flips[1].link.clone().expect("a link");
    assert_eq!((link.session, link.attempt), (id(2), Some(attempt_id(1))));
    // An account that knows its person is that row itself.
    all.case = Some(LinkCase {
        known: VerificationFacts {
            row: AccountRow {
                identity: Some(crate::samples::identity(1)),
                ..linking().known.row
            },
            ..linking().known
        },
        ..linking()
    });
    assert_eq!(
        flips(&decide(&all)),
        [(account(1), CONNECTED.0, CONNECTED.1)]
    );
}

/// News of attempts that are over, and of accounts whose owner has left.
#[test]
fn r_lnk_3_old_news_bind_nothing() {
    for standing in [Standing::Superseded, Standing::Closed] {
        let mut case = linking();
        case.attempt = Some(attempt(AttemptPurpose::First, standing));
        (case.declared, case.open) = (None, None);
        assert_eq!(asked_for(&landed(2), &case, at(NOW)), None);
        let decision = decide(&facts(case, landed(2), None));
        assert_eq!(
            (flips(&decision), came_to(&decision)),
            (vec![], EventVerdict::Noted)
        );
    }
    let mut left = reconnecting();
    left.known.row.status = Status::Disconnected;
    for news in [landed(1), landed(2), hint(1, "OK"), LinkNews::Failed] {
        let mut all = facts(left.clone(), news, Some(answers(1, 1)));
        all.case.as_mut().expect("a case").open = None;
        let decision = decide(&all);
        assert_eq!(
            (flips(&decision), came_to(&decision)),
            (vec![], EventVerdict::Nothing)
        );
    }
    // The account's own session is observed all the same, whoever's the news is: it repairs beside the open attempt.
    let mut older = reconnecting();
    older.attempt = Some(LinkAttempt {
        id: attempt_id(7),
        ..attempt(AttemptPurpose::Reconnect, Standing::Superseded)
    });
    let decision = decide(&facts(older, landed(1), Some(answers(1, 1))));
    assert_eq!(
        flips(&decision),
        [(account(1), Status::Connected, Cause::Verified)]
    );
    assert_eq!(ends(&decision), [(attempt_id(1), AttemptOutcome::Repaired)]);
}

#[test]
fn r_lnk_3_a_callback_waits_for_the_end_of_its_mint() {
    let mut case = linking();
    case.attempt = Some(attempt(AttemptPurpose::First, Standing::Minting));
    case.open = None;
    assert_eq!(asked_for(&landed(2), &case, at(NOW)), None);
    let mut all = facts(case, landed(2), None);
    let decision = decide(&all);
    let job = &decision.jobs[0];
    assert_eq!((job.kind, job.run_at), (LINKS_ANSWER, at(NOW + 1)));
    all.asked.waited = 60;
    assert_eq!(came_to(&decide(&all)), EventVerdict::Nothing);
}

#[test]
fn r_lnk_1_a_login_that_failed_ends_its_attempt_at_once() {
    let decision = decide(&facts(linking(), LinkNews::Failed, None));
    assert_eq!(flips(&decision), [(account(1), BACK.0, BACK.1)]);
    assert_eq!(ends(&decision), [(attempt_id(1), AttemptOutcome::Failed)]);
    // The session that it had answers after all.
    let own = decide(&facts(
        reconnecting(),
        LinkNews::Failed,
        Some(answers(1, 1)),
    ));
    assert_eq!(
        flips(&own),
        [(account(1), Status::Connected, Cause::Verified)]
    );
    // R-LNK-10: a renewal flips nothing.
    let mut renewing = reconnecting();
    renewing.known.row.status = Status::Connected;
    renewing.attempt = Some(attempt(AttemptPurpose::Renew, Standing::Open));
    let decision = decide(&facts(
        renewing.clone(),
        LinkNews::Failed,
        Some(answers(1, 1)),
    ));
    assert_eq!(flips(&decision), []);
    assert_eq!(ends(&decision), [(attempt_id(1), AttemptOutcome::Failed)]);
    let renewed = decide(&facts(renewing, landed(1), Some(answers(1, 1))));
    assert_eq!(flips(&renewed), []);
    assert_eq!(ends(&renewed), [(attempt_id(1), AttemptOutcome::Linked)]);
}

#[test]
fn r_st_2_news_of_a_session_are_a_hint_and_no_more() {
    let well = ["OK", "RECONNECTED", "CREATION_SUCCESS", "SYNC_SUCCESS"];
    for word in well
        .into_iter()
        .chain(["CREDENTIALS", "ERROR", "DELETED", "PONDERING"])
    {
        let is_good = well.contains(&word);
        let mut connected = reconnecting();
        connected.known.row.status = Status::Connected;
        (connected.attempt, connected.open) = (None, None);
        assert_eq!(asked_for(&hint(1, word), &connected, at(NOW)), None);
        let decision = decide(&facts(connected, hint(1, word), None));
        let kinds: Vec<_> = decision.jobs.iter().map(|it| it.kind).collect();
        let expected = if is_good { vec![] } else { vec![ACCOUNT_CHECK] };
        assert_eq!((kinds, flips(&decision)), (expected, vec![]), "{word}");
        let asked = asked_for(&hint(1, word), &reconnecting(), at(NOW)).is_some();
        assert_eq!(asked, is_good, "{word} of a lost account");
    }
    let told = decide(&facts(reconnecting(), hint(1, "OK"), Some(answers(1, 1))));
    assert_eq!(
        flips(&told),
        [(account(1), Status::Connected, Cause::Verified)]
    );
    assert_eq!(told.links.landed, [LandedLogin::by(LandedBy::Webhook)]);
    // A session that the attempt has not named is nobody's by a webhook.
    let mut other = linking();
    other.attempt.as_mut().expect("one").session = None;
    assert_eq!(asked_for(&hint(2, "OK"), &other, at(NOW)), None);
}

#[test]
fn r_lnk_5_an_accounts_own_claim_is_in_nobodys_way() {
    let mut all = facts(linking(), landed(2), Some(answers(2, 1)));
    // The account's own claim is in nobody's way.
    all.owners = vec![owner(1, 1, Status::Connecting, Claim::Attempt)];
    assert_eq!(
        flips(&decide(&all)),
        [(account(1), CONNECTED.0, CONNECTED.1)]
    );
}
