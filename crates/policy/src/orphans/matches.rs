//! Which session is which waiting account's, by proof (R-ORP-2).

use super::fit::{Clocks, Fit, is_first_link, kinds_fit};
use super::{Claim, Finding, Neighbourhood, Owner, Proof, Refusal, Unclaimed, Waiting};
use crate::account::Status;
use crate::ids::AccountId;
use crate::pill::LINK_PATIENCE;
use crate::session::Health;
use jiff::Timestamp;
use std::cmp::Reverse;

/// At most one finding for each account that has waited for more than [`LINK_PATIENCE`] (R-ORP-1).
///
/// Accounts that have waited less get no finding, but compete for sessions all the same.
pub fn matches(neighbourhood: &Neighbourhood, now: Timestamp) -> Vec<Finding> {
    let field = Field::new(neighbourhood);
    let overdue = field.waiting.iter().filter(|it| is_overdue(it, now));
    overdue.filter_map(|it| field.finding(it)).collect()
}

/// What there is for one account, however short it has waited; none if it does not wait.
pub fn finding(neighbourhood: &Neighbourhood, account: AccountId) -> Option<Finding> {
    let field = Field::new(neighbourhood);
    let waiting = field.waiting.iter().find(|it| it.row.account == account)?;
    field.finding(waiting)
}

/// Whether an account waits for a link: it says so, or its owner tried while it says something worse, or had tried to bring it
/// back, and the session that it kept is still its own.
fn waits(waiting: &Waiting) -> bool {
    match waiting.row.status {
        Status::Connecting => true,
        Status::Missing | Status::ReconnectNeeded | Status::ActionRequired => {
            waiting.is_at_it() || !waiting.tries.is_empty()
        }
        Status::Connected | Status::Recovering | Status::Disconnected => false,
    }
}

fn is_overdue(waiting: &Waiting, now: Timestamp) -> bool {
    let since = match (waiting.row.status, &waiting.attempt) {
        (Status::Connecting, _) | (_, None) => waiting.row.since,
        (_, Some(attempt)) => attempt.started_at,
    };
    now.duration_since(since) > LINK_PATIENCE
}

/// A session and everybody who has a claim to it that is stronger than a fit.
struct Candidate<'a> {
    it: &'a Unclaimed,
    owners: Vec<Owner>,
}

impl Candidate<'_> {
    fn is_well(&self) -> bool {
        self.it.session.health == Health::Ok
    }

    fn claimed_by_others(&self, waiting: &Waiting) -> Option<Refusal> {
        let keeps_off = |it: &&Owner| it.keeps_off(&waiting.row);
        let by: Vec<_> = self.owners.iter().filter(keeps_off).copied().collect();
        let session = self.it.session.id.clone();
        (!by.is_empty()).then_some(Refusal::SessionClaimed { session, by })
    }

    fn of_another_person(&self, waiting: &Waiting) -> Option<Refusal> {
        let seen = self.it.session.identity.as_ref()?;
        let expected = waiting.row.identity.as_ref()?;
        (seen != expected).then(|| Refusal::WrongAccount {
            session: self.it.session.id.clone(),
            expected: expected.clone(),
            seen: seen.clone(),
        })
    }

    fn refusal(&self, waiting: &Waiting) -> Option<Refusal> {
        let person = self.of_another_person(waiting);
        person.or_else(|| self.claimed_by_others(waiting))
    }
}

struct Field<'a> {
    clocks: Clocks,
    waiting: Vec<&'a Waiting>,
    candidates: Vec<Candidate<'a>>,
}

impl<'a> Field<'a> {
    fn new(neighbourhood: &'a Neighbourhood) -> Self {
        let candidate = |it| Candidate {
            it,
            owners: owners(neighbourhood, it),
        };
        Self {
            clocks: Clocks::of(neighbourhood),
            waiting: neighbourhood
                .waiting
                .iter()
                .filter(|it| waits(it))
                .collect(),
            candidates: neighbourhood.sessions.iter().map(candidate).collect(),
        }
    }

    /// After the end of its attempts only what is proven: what is no proof was said while its owner was at it.
    fn finding(&self, waiting: &Waiting) -> Option<Finding> {
        let found = if is_first_link(waiting) {
            self.first_link(waiting)
        } else {
            self.known(waiting)
        };
        found.filter(|it| waiting.is_at_it() || matches!(it, Finding::Match { .. }))
    }

    /// A session that is proven to be the account's: its own, the one that its attempt named, another of the same person.
    /// The first that may be linked and is well is it; a second one of the same person stands in nobody's way.
    fn known(&self, waiting: &Waiting) -> Option<Finding> {
        let theirs = self.theirs(waiting);
        let (fitting, odd): (Vec<_>, Vec<_>) = theirs
            .into_iter()
            .partition(|(_, it)| kinds_fit(waiting, it.it));
        let mut refusal = None;
        for (proof, candidate) in fitting {
            match candidate.refusal(waiting) {
                Some(why) => {
                    refusal.get_or_insert(why);
                }
                None if candidate.is_well() => return Some(matched(waiting, candidate, proof)),
                None => {}
            }
        }
        if let Some(why) = refusal {
            return Some(refused(waiting, why));
        }
        let odd: Vec<_> = odd.into_iter().map(|(_, it)| it).collect();
        (!odd.is_empty()).then(|| ambiguous(waiting, &odd))
    }

    fn theirs(&self, waiting: &Waiting) -> Vec<(Proof, &Candidate<'a>)> {
        let proven = |it| Some((proof_of(waiting, it)?, it));
        let mut theirs: Vec<(Proof, &Candidate)> =
            self.candidates.iter().filter_map(proven).collect();
        theirs.sort_by_key(|(proof, candidate)| {
            let it = candidate.it;
            let rank = match proof {
                Proof::Own => 0,
                Proof::Attempt => 1,
                _ if self.clocks.in_time(waiting, it) => 2,
                _ => 3,
            };
            (rank, Reverse(it.session.created_at), &it.session.id)
        });
        theirs
    }

    /// Exactly one session and exactly one account that fit each other, and nothing else.
    fn first_link(&self, waiting: &Waiting) -> Option<Finding> {
        let agreeing = self.of_fit(waiting, &[Fit::Agrees]);
        let claimed = |it: &&Candidate| it.claimed_by_others(waiting);
        if let Some(why) = agreeing.iter().find_map(claimed) {
            return Some(refused(waiting, why));
        }
        match agreeing.as_slice() {
            [] => {
                let free = |it: &&Candidate| {
                    it.is_well() && it.claimed_by_others(waiting).is_none() && !self.is_taken(it)
                };
                let near = self.of_fit(waiting, &[Fit::Open, Fit::Differs]);
                let near: Vec<_> = near.into_iter().filter(free).collect();
                (!near.is_empty()).then(|| ambiguous(waiting, &near))
            }
            [one] if self.rivals(one) == 1 => one
                .is_well()
                .then(|| matched(waiting, one, Proof::Declared)),
            several => Some(ambiguous(waiting, several)),
        }
    }

    fn of_fit(&self, waiting: &Waiting, wanted: &[Fit]) -> Vec<&Candidate<'a>> {
        let fits = |it: &&Candidate| wanted.contains(&self.clocks.fit(waiting, it.it));
        self.candidates.iter().filter(fits).collect()
    }

    /// Accounts that the session could be: those that it agrees with, and those whose owners are at it and of whom nobody said
    /// who they are. Who declares a stranger does not get the session of a neighbour who declared nothing.
    fn rivals(&self, candidate: &Candidate) -> usize {
        let could = |it: &&&Waiting| match self.clocks.fit(it, candidate.it) {
            Fit::Agrees => true,
            Fit::Open => it.is_at_it(),
            Fit::Differs | Fit::No => false,
        };
        self.waiting.iter().filter(could).count()
    }

    /// Whether the session will be another account's by the same proof, and so is nobody else's candidate.
    fn is_taken(&self, candidate: &Candidate) -> bool {
        let agrees = |it: &&&Waiting| self.clocks.fit(it, candidate.it) == Fit::Agrees;
        self.rivals(candidate) == 1
            && self
                .waiting
                .iter()
                .filter(agrees)
                .any(|it| self.of_fit(it, &[Fit::Agrees]).len() == 1)
    }
}

/// Everybody with a claim: as the rows say, and as the waiting accounts beside them do.
fn owners(neighbourhood: &Neighbourhood, it: &Unclaimed) -> Vec<Owner> {
    let claims = |waiting: &Waiting| {
        let claim = match proof_of_row(waiting, it)? {
            Proof::Own if waiting.kept.as_ref() == Some(&it.session.id) => Claim::Kept,
            Proof::Own => Claim::Session,
            Proof::Attempt => Claim::Attempt,
            Proof::SameIdentity | Proof::Declared => Claim::Person,
        };
        Some(Owner {
            workspace: waiting.row.workspace,
            account: waiting.row.account,
            status: waiting.row.status,
            claim,
        })
    };
    let beside = neighbourhood.waiting.iter().filter_map(claims);
    let mut all: Vec<_> = beside.chain(it.owners.iter().copied()).collect();
    all.sort_unstable_by_key(|it| (it.account, it.claim, it.workspace, it.status));
    all.dedup_by_key(|it| it.account);
    all
}

fn proof_of(waiting: &Waiting, candidate: &Candidate) -> Option<Proof> {
    proof_of_row(waiting, candidate.it)
}

/// Why the session is known to be the account's, if it is; the strongest reason.
fn proof_of_row(waiting: &Waiting, it: &Unclaimed) -> Option<Proof> {
    let (row, id) = (&waiting.row, Some(&it.session.id));
    let attempt = waiting.attempt.as_ref();
    if row.session.as_ref() == id || waiting.kept.as_ref() == id {
        Some(Proof::Own)
    } else if attempt.and_then(|it| it.session.as_ref()) == id {
        Some(Proof::Attempt)
    } else if row.identity.is_some() && row.identity == it.session.identity {
        Some(Proof::SameIdentity)
    } else {
        None
    }
}

fn matched(waiting: &Waiting, candidate: &Candidate, proof: Proof) -> Finding {
    Finding::Match {
        account: waiting.row.account,
        session: candidate.it.session.id.clone(),
        proof,
    }
}

/// In the order of their ids, so that the same candidates are the same finding.
fn ambiguous(waiting: &Waiting, candidates: &[&Candidate]) -> Finding {
    let mut candidates: Vec<_> = candidates
        .iter()
        .map(|it| it.it.session.id.clone())
        .collect();
    candidates.sort_unstable();
    Finding::Ambiguous {
        account: waiting.row.account,
        candidates,
    }
}

fn refused(waiting: &Waiting, why: Refusal) -> Finding {
    Finding::Refused {
        account: waiting.row.account,
        why,
    }
}

#[cfg(test)]
mod tests;
