//! What the fleet does: a job that reads, asks and decides, the watch, the watch for orphans, and the ends of time.

use crate::facts::{
    ACCOUNT, attempt_id, attempt_index, case, earlier, neighbourhood, now, owners, session_id,
    session_index, verification,
};
use crate::rows::{close, flip, judge, write};
use crate::world::{Act, Asked, Bug, LINK, NAME, Pending, World};
use policy::account::{AttemptOutcome, AttemptPhase, AttemptPurpose, Flip, Status};
use policy::decision::Decision;
use policy::ids::SessionId;
use policy::jobs::{AnswerLink, LINKS_ANSWER, LookAtLink, ORPHAN_LINK};
use policy::life::{Answer, Step, cell};
use policy::links::{
    AnswerFacts, LinkCase, LinkNews, LookedAt, Subject, answer, asked_for, looked,
    session_to_look_at,
};
use policy::orphans::{Finding, LinkFacts, LinkOrphan, Proof, finding, link};
use uuid::Uuid;

/// A job reads, asks and decides.
pub(crate) fn gather(bug: Bug, world: &mut World, asked: Asked) {
    let decision = match asked {
        Asked::Callback(index) => callback(bug, world, index),
        Asked::Webhook(session) => webhook(bug, world, session),
        Asked::Look(index) => look(bug, world, index),
        Asked::Kept => kept(bug, world),
    };
    let act = act_of(&decision);
    judge(world, act);
    if let (Some((session, _)), Some(Status::Connected)) = (act.link.or(own(world)), act.to) {
        let is_well = world.live(session).is_some_and(|it| it.well);
        world.wrongs.believed |= !is_well;
    }
    world.landed.refused |= !decision.links.refused.is_empty();
    world.pending = Some(Pending {
        moved: false,
        act,
        asked,
    });
}

fn own(world: &World) -> Option<(u8, Option<u8>)> {
    world.session.map(|session| (session, None))
}

fn callback(bug: Bug, world: &World, index: u8) -> Decision {
    let session = world.callbacks[usize::from(index)].and_then(|it| it.session);
    let news = match session {
        Some(session) => LinkNews::Landed(session_id(session)),
        None => LinkNews::Failed,
    };
    answered(bug, world, Some(index), news)
}

/// News come for a session that an account has, or that its open attempt named or renews.
fn webhook(bug: Bug, world: &World, session: u8) -> Decision {
    let is_own = world.session == Some(session);
    let named = |index: &u8| {
        let attempt = world.attempt(*index);
        attempt.is_some_and(|it| {
            let renews = is_own && it.purpose == AttemptPurpose::Renew;
            it.is_open() && (it.session == Some(session) || renews)
        })
    };
    let of = (0_u8..).take(world.attempts.len()).find(named);
    if !is_own && of.is_none() {
        return Decision::nothing(now());
    }
    answered(
        bug,
        world,
        of,
        LinkNews::Hint(session_id(session), "RECONNECTED".to_owned()),
    )
}

fn answered(bug: Bug, world: &World, of: Option<u8>, news: LinkNews) -> Decision {
    let mut seen = *world;
    if bug == Bug::RevivesDisconnected && seen.status == Status::Disconnected {
        seen.status = Status::ReconnectNeeded;
    }
    let case = case(bug, &seen, of);
    let session = asked_for(&news, &case, now()).filter(|_| !is_ignored(bug, &case, &news));
    let session = session.and_then(session_index);
    let facts = AnswerFacts {
        asked: AnswerLink {
            event: Uuid::nil(),
            waited: 0,
        },
        verification: session.map(|it| verification(bug, world, it)),
        owners: session.map_or(vec![], |it| owners(bug, world, it)),
        earlier: session.map_or(vec![], |it| earlier(bug, world, it)),
        news: Some(news),
        case: Some(case),
    };
    answer(&facts, now())
}

/// Whether the bug is that nobody is asked because of these news.
fn is_ignored(bug: Bug, case: &LinkCase, news: &LinkNews) -> bool {
    let LinkNews::Landed(session) = news else {
        return false;
    };
    let is_left = matches!(case.subject(session), Subject::Left(_));
    let is_connected = case.known.row.status == Status::Connected;
    match bug {
        Bug::IgnoresTheLeft => is_left,
        Bug::BelievesTheRow => is_left && is_connected,
        _ => false,
    }
}

fn look(bug: Bug, world: &World, index: u8) -> Decision {
    if bug == Bug::LooksForNothing {
        return Decision::nothing(now());
    }
    let case = case(bug, world, Some(index));
    let session = session_to_look_at(&case).and_then(session_index);
    // A look asks on only where the session says that it is OK.
    let session = session.filter(|it| world.live(*it).is_some_and(|live| live.well));
    let facts = LookedAt {
        asked: LookAtLink {
            account: ACCOUNT,
            attempt: attempt_id(index),
            follow: 0,
        },
        verification: session.map(|it| verification(bug, world, it)),
        owners: session.map_or(vec![], |it| owners(bug, world, it)),
        earlier: session.map_or(vec![], |it| earlier(bug, world, it)),
        case: Some(case),
    };
    looked(&facts, now())
}

/// Effect of a decision on the rows of the model.
fn act_of(decision: &Decision) -> Act {
    let of_it = |flip: &&Flip| flip.account == ACCOUNT;
    let own = decision.status.flips.iter().find(of_it);
    let mut links = decision.status.flips.iter();
    let linked = links.find(|flip| flip.link.is_some());
    let link = linked.and_then(|flip| flip.link.as_ref()).and_then(|it| {
        let attempt = it.attempt.and_then(attempt_index);
        Some((session_index(&it.session)?, attempt))
    });
    let holds = match &decision.status {
        changes if !changes.holds.is_empty() => Some(true),
        changes if !changes.ended_holds.is_empty() => Some(false),
        _ => None,
    };
    Act {
        to: own.map(|flip| flip.to),
        link,
        revives: linked.is_some_and(|flip| flip.account != ACCOUNT),
        ends: decision
            .status
            .attempts
            .first()
            .and_then(|end| Some((attempt_index(end.attempt)?, end.outcome))),
        answers: decision
            .links
            .answered
            .first()
            .and_then(|one| Some((attempt_index(one.attempt)?, session_index(&one.session)?))),
        holds,
        waits: decision.jobs.iter().any(|job| job.kind == LINKS_ANSWER),
        asks_kept: decision.jobs.iter().any(|job| job.kind == ORPHAN_LINK),
    }
}

/// A run of the watch, and the verification that it asks for.
pub(crate) fn watch(bug: Bug, world: &mut World) {
    let Some(live) = world.session.and_then(|it| world.live(it)) else {
        return;
    };
    let answer = match (live.well, world.known) {
        (_, Some(known)) if known != live.person && bug != Bug::TakesStrangers => Answer::Stranger,
        (true, _) => Answer::Ok,
        (false, _) => Answer::Credentials,
    };
    if answer != Answer::Stranger {
        world.held = false;
    }
    let state = case(Bug::None, world, None).known.attempt_state(now());
    match cell(world.status, state, answer).step {
        Step::Verify => flip(bug, world, Status::Connected, None),
        Step::Flip(to, _) => flip(bug, world, to, None),
        Step::Hold => world.held = true,
        Step::Nothing | Step::Alert | Step::OpenCase => {}
    }
}

/// The watch for orphans, and the job that it asks for; a look's list does the same.
pub(crate) fn orphans(bug: Bug, world: &mut World) {
    // It pages through those that say that they wait, and those whose owner tried.
    let newest = world.newest().and_then(|index| world.attempt(index));
    // Without this net below, so that what it would catch shows.
    let has_net = !matches!(
        bug,
        Bug::LooksWhileOpen | Bug::IgnoresTheLeft | Bug::BelievesTheRow | Bug::ForgetsTheKept
    );
    let is_tried = newest.is_some_and(|it| it.is_open() || has_net);
    if world.status != Status::Connecting && !is_tried {
        return;
    }
    let near = neighbourhood(bug, world);
    let Some(Finding::Match { session, proof, .. }) = finding(&near, ACCOUNT) else {
        return;
    };
    let act = act_of(&orphan(bug, world, session, proof));
    judge(world, act);
    write(bug, world, act);
}

/// The job for a session that the account kept.
fn kept(bug: Bug, world: &World) -> Decision {
    match world.kept {
        Some(session) => orphan(bug, world, session_id(session), Proof::Own),
        None => Decision::nothing(now()),
    }
}

fn orphan(bug: Bug, world: &World, session: SessionId, proof: Proof) -> Decision {
    let Some(index) = session_index(&session) else {
        return Decision::nothing(now());
    };
    let facts = LinkFacts {
        asked: LinkOrphan {
            account: ACCOUNT,
            session,
            proof,
            found_by: policy::links::LandedBy::Watcher,
        },
        neighbourhood: neighbourhood(bug, world),
        prior: None,
        verification: Some(verification(bug, world, index)),
        owners: owners(bug, world, index),
        earlier: earlier(bug, world, index),
    };
    link(&facts, now())
}

/// A step of time, and the ends that it brings.
pub(crate) fn pass(bug: Bug, world: &mut World) {
    for index in (0_u8..).take(world.attempts.len()) {
        let Some(attempt) = world.attempt_mut(index).filter(|it| it.is_open()) else {
            continue;
        };
        attempt.age += 1;
        let renews = attempt.purpose == AttemptPurpose::Renew;
        let unused = matches!(attempt.phase, AttemptPhase::Minting | AttemptPhase::Open);
        if attempt.age > LINK && unused {
            attempt.phase = AttemptPhase::Lapsed;
            if renews && bug == Bug::RenewalFlips && world.status == Status::Connected {
                world.wrongs.renewal_flipped = true;
            }
        }
        if world.attempt(index).is_some_and(|it| it.age > NAME) {
            if bug == Bug::NeverExpires {
                world.wrongs.too_old = true;
                // Time goes on, and the model need not.
                world.attempts[usize::from(index)] = None;
            } else {
                close(world, index, AttemptOutcome::Expired);
            }
        }
    }
    let newest = world.newest().and_then(|index| world.attempt(index));
    let is_over = newest.is_none_or(|it| !it.is_open() || it.age > LINK);
    if world.status == Status::Connecting && is_over {
        flip(bug, world, Status::ReconnectNeeded, None);
    }
}
