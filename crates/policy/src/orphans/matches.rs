//! Which session is which waiting account's, by proof (R-ORP-2).

use super::{Finding, Neighbourhood, Proof, Refusal, Unclaimed, Waiting};
use crate::account::Status;
use crate::ids::{AccountId, WorkspaceId};
use crate::pill::LINK_PATIENCE;
use crate::session::Health;
use jiff::Timestamp;

/// At most one finding for each account that has been `connecting` for more than [`LINK_PATIENCE`] (R-ORP-1).
///
/// Accounts that have waited less get no finding, but compete for sessions all the same.
pub fn matches(neighbourhood: &Neighbourhood, now: Timestamp) -> Vec<Finding> {
    let field = Field::new(neighbourhood);
    let waits = |it: &&&Waiting| now.duration_since(it.row.since) > LINK_PATIENCE;
    let overdue = field.waiting.iter().filter(waits);
    overdue.filter_map(|it| field.finding(it)).collect()
}

/// A session and everybody who has a strong claim to it.
struct Candidate<'a> {
    it: &'a Unclaimed,
    claimants: Vec<(WorkspaceId, AccountId)>,
}

impl Candidate<'_> {
    fn is_well(&self) -> bool {
        self.it.session.health == Health::Ok
    }

    fn claimed_by_others(&self, waiting: &Waiting) -> Option<Refusal> {
        let other = |it: &&(WorkspaceId, AccountId)| it.1 != waiting.row.account;
        let by: Vec<_> = self.claimants.iter().filter(other).copied().collect();
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

/// How far a session fits a first link that nothing proves.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fit {
    /// In time, and the declared identity agrees.
    Agrees,
    /// In time, and nothing says whose it is.
    Open,
    /// Not that account's.
    No,
}

struct Field<'a> {
    waiting: Vec<&'a Waiting>,
    candidates: Vec<Candidate<'a>>,
}

impl<'a> Field<'a> {
    fn new(neighbourhood: &'a Neighbourhood) -> Self {
        let connecting = |it: &&Waiting| it.row.status == Status::Connecting;
        let candidate = |it| Candidate {
            it,
            claimants: claimants(neighbourhood, it),
        };
        Self {
            waiting: neighbourhood.waiting.iter().filter(connecting).collect(),
            candidates: neighbourhood.sessions.iter().map(candidate).collect(),
        }
    }

    fn finding(&self, waiting: &Waiting) -> Option<Finding> {
        if let Some(named) = self.named(waiting) {
            return match named.refusal(waiting) {
                Some(why) => Some(refused(waiting, why)),
                None => matched(waiting, named, Proof::Attempt),
            };
        }
        if is_first_link(waiting) {
            self.first_link(waiting)
        } else {
            self.known(waiting)
        }
    }

    /// The session that the attempt's own answer named, once it is live.
    fn named(&self, waiting: &Waiting) -> Option<&Candidate<'a>> {
        let named = waiting.attempt.as_ref()?.session.as_ref()?;
        self.candidates.iter().find(|it| it.it.session.id == *named)
    }

    /// The account's earlier session, or another of the same person.
    fn known(&self, waiting: &Waiting) -> Option<Finding> {
        let theirs = |it: &&Candidate| is_of(waiting, it.it);
        let theirs: Vec<_> = self.candidates.iter().filter(theirs).collect();
        if let Some(why) = theirs.iter().find_map(|it| it.refusal(waiting)) {
            return Some(refused(waiting, why));
        }
        let well: Vec<_> = theirs.into_iter().filter(|it| it.is_well()).collect();
        match well.as_slice() {
            [] => None,
            [one] => matched(waiting, one, Proof::SameIdentity),
            several => Some(ambiguous(waiting, several)),
        }
    }

    /// Exactly one session and exactly one account that fit each other, and nothing else.
    fn first_link(&self, waiting: &Waiting) -> Option<Finding> {
        let agreeing = self.agreeing(waiting);
        let claimed = |it: &&Candidate| it.claimed_by_others(waiting);
        if let Some(why) = agreeing.iter().find_map(claimed) {
            return Some(refused(waiting, why));
        }
        match agreeing.as_slice() {
            [] => {
                let open = |it: &&Candidate| fit(waiting, it.it) == Fit::Open;
                let free = |it: &&Candidate| it.claimants.is_empty() && !self.is_taken(it);
                let open: Vec<_> = self.candidates.iter().filter(open).filter(free).collect();
                (!open.is_empty()).then(|| ambiguous(waiting, &open))
            }
            [one] if self.rivals(one) == 1 => matched(waiting, one, Proof::Declared),
            several => Some(ambiguous(waiting, several)),
        }
    }

    fn agreeing(&self, waiting: &Waiting) -> Vec<&Candidate<'a>> {
        let agrees = |it: &&Candidate| fit(waiting, it.it) == Fit::Agrees;
        self.candidates.iter().filter(agrees).collect()
    }

    /// Accounts that the session agrees with.
    fn rivals(&self, candidate: &Candidate) -> usize {
        let agrees = |it: &&&Waiting| fit(it, candidate.it) == Fit::Agrees;
        self.waiting.iter().filter(agrees).count()
    }

    /// Whether the session is another account's own by the same proof, and so nobody else's candidate.
    fn is_taken(&self, candidate: &Candidate) -> bool {
        let mut agreeing = (self.waiting.iter()).filter(|it| fit(it, candidate.it) == Fit::Agrees);
        match (agreeing.next(), agreeing.next()) {
            (Some(only), None) => self.agreeing(only).len() == 1,
            _ => false,
        }
    }
}

/// Everybody with a claim that is stronger than a fit: by a link, by an answer that named it, or by its person.
fn claimants(neighbourhood: &Neighbourhood, it: &Unclaimed) -> Vec<(WorkspaceId, AccountId)> {
    let waiting = neighbourhood.waiting.iter().filter(|waiting| {
        let attempt = waiting.attempt.as_ref();
        let named = attempt.and_then(|it| it.session.as_ref()) == Some(&it.session.id);
        named || is_of(waiting, it)
    });
    let waiting = waiting.map(|it| (it.row.workspace, it.row.account));
    let mut all: Vec<_> = waiting
        .chain(it.claimed_by)
        .chain(it.identity_owner)
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Whether it is the account's earlier session, or one of the account's person.
fn is_of(waiting: &Waiting, it: &Unclaimed) -> bool {
    let row = &waiting.row;
    let person = row.identity.is_some() && row.identity == it.session.identity;
    person || row.session.as_ref() == Some(&it.session.id)
}

/// Whether it never had a session or a person, and its attempt has named none.
fn is_first_link(waiting: &Waiting) -> bool {
    let attempt = waiting.attempt.as_ref();
    let named = attempt.is_some_and(|it| it.session.is_some());
    waiting.row.session.is_none() && waiting.row.identity.is_none() && !named
}

fn fit(waiting: &Waiting, it: &Unclaimed) -> Fit {
    let attempt = waiting.attempt.as_ref();
    let created = it.session.created_at;
    let in_time = |it: &super::Attempt| it.started_at <= created && created <= it.ends_at;
    if !is_first_link(waiting) || !attempt.is_some_and(in_time) {
        return Fit::No;
    }
    let Some(declared) = waiting.declared.as_deref() else {
        return Fit::Open;
    };
    let handle = it.session.handle.as_deref();
    let identity = it.session.identity.as_ref().map(|it| it.0.as_str());
    match (handle, identity) {
        _ if handle == Some(declared) || identity == Some(declared) => Fit::Agrees,
        (None, _) => Fit::Open,
        (Some(_), _) => Fit::No,
    }
}

/// Nothing yet for a session that is not well: it could not be verified.
fn matched(waiting: &Waiting, candidate: &Candidate, proof: Proof) -> Option<Finding> {
    candidate.is_well().then(|| Finding::Match {
        account: waiting.row.account,
        session: candidate.it.session.id.clone(),
        proof,
    })
}

fn ambiguous(waiting: &Waiting, candidates: &[&Candidate]) -> Finding {
    Finding::Ambiguous {
        account: waiting.row.account,
        candidates: candidates
            .iter()
            .map(|it| it.it.session.id.clone())
            .collect(),
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
