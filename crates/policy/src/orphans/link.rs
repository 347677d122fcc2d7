//! From proven matches, verified, to links.

use super::{Finding, Neighbourhood, Proof, Refusal, Waiting, matches};
use crate::account::{Cause, Flip, Link, Status};
use crate::decision::{Alert, Decision};
use crate::ids::{AccountId, Identity, SessionId, WorkspaceId};
use crate::verify::{SessionProof, Verification, holds, wrong_account};
use jiff::Timestamp;
use serde_json::json;

/// Links what is proven and verified, and alerts about what is not (R-ORP-1, R-ORP-2, R-LNK-6).
///
/// Findings are those of [`matches`] on the same neighbourhood; any other is ignored. A match without a verification,
/// or with one that proves nothing, is left for the next run.
pub fn link(
    neighbourhood: &Neighbourhood,
    findings: &[Finding],
    verifications: &[(AccountId, Verification)],
    now: Timestamp,
) -> Decision {
    let mut decision = Decision::nothing(now);
    let mut verified = vec![];
    let proven = matches(neighbourhood, now);
    for finding in proven.iter().filter(|it| findings.contains(it)) {
        match finding {
            Finding::Match {
                account,
                session,
                proof,
            } => {
                let own = |it: &&Waiting| it.row.account == *account;
                let news = verifications.iter().find(|it| it.0 == *account);
                let waiting = neighbourhood.waiting.iter().find(own);
                if let (Some(waiting), Some((_, news))) = (waiting, news) {
                    let found = VerifiedMatch {
                        waiting,
                        session,
                        proof: *proof,
                        news,
                    };
                    found.check(&mut decision, &mut verified);
                }
            }
            Finding::Ambiguous {
                account,
                candidates,
            } => decision.alerts.push(ambiguous(*account, candidates)),
            Finding::Refused { account, why } => decision.alerts.push(refused(*account, why)),
        }
    }
    for (index, (found, identity)) in verified.iter().enumerate() {
        let others = others(neighbourhood, &verified, index);
        if others.is_empty() {
            decision.status.flips.push(found.flip(identity));
        } else {
            let alert = claimed(found.waiting.row.account, found.session, &others);
            decision.alerts.push(alert);
        }
    }
    decision
}

/// A match and what was asked about it.
struct VerifiedMatch<'a> {
    waiting: &'a Waiting,
    session: &'a SessionId,
    proof: Proof,
    news: &'a Verification,
}

impl<'a> VerifiedMatch<'a> {
    fn check(self, decision: &mut Decision, verified: &mut Vec<(VerifiedMatch<'a>, Identity)>) {
        let row = &self.waiting.row;
        // News from before the last flip is dropped (R-ST-2).
        if self.news.observed_at < row.since {
            return;
        }
        match holds(self.session, row.identity.as_ref(), self.news) {
            SessionProof::Yes(identity) => verified.push((self, identity)),
            SessionProof::WrongAccount { expected, seen } => {
                let alert = wrong_account(row.account, self.session, &expected, &seen);
                decision.alerts.push(alert);
            }
            SessionProof::No => {}
        }
    }

    fn flip(&self, identity: &Identity) -> Flip {
        let row = &self.waiting.row;
        Flip {
            account: row.account,
            version: row.version,
            from: row.status,
            to: Status::Connected,
            cause: Cause::OrphanLinked,
            observed_at: self.news.observed_at,
            evidence: json!({
                "source": "orphans.watch",
                "proof": self.proof.as_str(),
                "session": self.session,
                "identity": identity,
                "declared": self.waiting.declared,
                "observed_at": self.news.observed_at,
            }),
            link: Some(Link {
                session: self.session.clone(),
                identity: Some(identity.clone()),
                attempt: self.waiting.attempt.as_ref().map(|it| it.id),
            }),
            checkpoint: None,
        }
    }
}

/// Other accounts that are the person whom only the verification named.
fn others(
    neighbourhood: &Neighbourhood,
    verified: &[(VerifiedMatch, Identity)],
    index: usize,
) -> Vec<(WorkspaceId, AccountId)> {
    let (found, identity) = &verified[index];
    let known = (neighbourhood.waiting.iter())
        .filter(|it| it.row.identity.as_ref() == Some(identity))
        .map(|it| &it.row);
    let same = (verified.iter())
        .filter(|it| it.1 == *identity)
        .map(|it| &it.0.waiting.row);
    let owners = (neighbourhood.sessions.iter())
        .filter(|it| it.session.identity.as_ref() == Some(identity))
        .flat_map(|it| it.identity_owner.into_iter().chain(it.claimed_by));
    let rows = known.chain(same).map(|it| (it.workspace, it.account));
    let mut all: Vec<_> = rows.chain(owners).collect();
    all.retain(|it| it.1 != found.waiting.row.account);
    all.sort_unstable();
    all.dedup();
    all
}

fn ambiguous(account: AccountId, candidates: &[SessionId]) -> Alert {
    Alert {
        code: "orphan_ambiguous",
        subject: format!("account {account}"),
        detail: json!({ "candidates": candidates }),
    }
}

fn refused(account: AccountId, why: &Refusal) -> Alert {
    match why {
        Refusal::SessionClaimed { session, by } => claimed(account, session, by),
        Refusal::WrongAccount {
            session,
            expected,
            seen,
        } => wrong_account(account, session, expected, seen),
    }
}

fn claimed(account: AccountId, session: &SessionId, by: &[(WorkspaceId, AccountId)]) -> Alert {
    let by: Vec<_> = (by.iter())
        .map(|(workspace, account)| json!({ "workspace": workspace, "account": account }))
        .collect();
    Alert {
        code: "session_claimed",
        subject: format!("account {account}"),
        detail: json!({ "session": session, "claimed_by": by }),
    }
}

#[cfg(test)]
mod tests;
