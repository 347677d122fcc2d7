//! Gate 3: three looks in a row, and a basis that they confirm.

use super::{Basis, GateFacts, LOOK_AGE_MAX, LOOKS, LookFacts, SPACING_MIN, Seen, WARRANT_LIFE};
use crate::ids::SessionId;
use jiff::Timestamp;

/// The looks that count, for people: `2 of 3 looks`.
pub(super) fn value(facts: &GateFacts) -> String {
    let counting = streak(facts).0;
    format!("{counting} of {LOOKS} looks")
}

/// Why a removal is not confirmed; none: it is.
pub(super) fn refusal(facts: &GateFacts) -> Option<String> {
    basis(facts).or_else(|| looks(facts))
}

/// Why the case or the warrant is no ground (any more) to remove this session.
pub(super) fn basis(facts: &GateFacts) -> Option<String> {
    let at = facts.at;
    let linked = facts.linked.as_deref();
    let why = match &facts.basis {
        Basis::Case {
            confirmed,
            same_session,
        } => {
            if !same_session {
                "the case is about another session".to_owned()
            } else if !confirmed {
                "the case is not confirmed".to_owned()
            } else if linked != Some("missing") {
                let linked = linked.unwrap_or("unlinked");
                format!("the session's account is not missing but {linked}")
            } else {
                return None;
            }
        }
        Basis::Warrant {
            same_session,
            issued_by,
            issued_at,
            approved_by,
            ends_at,
            revoked,
        } => {
            if let Some(status) = linked {
                format!("the session is linked to an account, which is {status}")
            } else if !same_session {
                "the warrant names another session".to_owned()
            } else if *revoked {
                "the warrant is revoked".to_owned()
            } else if approved_by.as_ref().is_none_or(|by| by == issued_by) {
                "no second operator has approved the warrant".to_owned()
            } else if *issued_at > at {
                format!("the warrant is not issued before {issued_at}")
            } else if at >= *ends_at {
                format!("the warrant ended at {ends_at}")
            } else if ends_at.duration_since(*issued_at) > WARRANT_LIFE {
                format!("the warrant lives longer than {WARRANT_LIFE:#}")
            } else {
                return None;
            }
        }
    };
    Some(why)
}

/// Why the newest looks do not confirm it.
fn looks(facts: &GateFacts) -> Option<String> {
    if facts.awaited {
        return Some("an open link attempt waits for this session".to_owned());
    }
    streak(facts).1
}

/// How many looks in a row count, newest first, and why that is too few.
fn streak(facts: &GateFacts) -> (usize, Option<String>) {
    let mut later: Option<&LookFacts> = None;
    for (counted, look) in facts.looks.iter().take(LOOKS).enumerate() {
        let counts = by_itself(look, facts).and_then(|finished_at| match later {
            None => fresh(finished_at, facts.at),
            Some(later) => apart(look, finished_at, later),
        });
        if let Err(fault) = counts {
            return (counted, Some(format!("look {}: {fault}", look.number)));
        }
        later = Some(look);
    }
    let counted = facts.looks.len().min(LOOKS);
    let why = (counted < LOOKS).then(|| format!("{} more must count", LOOKS - counted));
    (counted, why)
}

/// When a look that counts by itself ended, or why it does not count.
fn by_itself(look: &LookFacts, facts: &GateFacts) -> Result<Timestamp, String> {
    let must = match facts.basis {
        Basis::Case { .. } => Seen::Gone,
        Basis::Warrant { .. } => Seen::Duplicate,
    };
    let finished_at = look.finished_at.ok_or("it has not ended")?;
    if finished_at > facts.at {
        return Err(format!("it ended in the future, at {finished_at}"));
    }
    if look.started_at > finished_at {
        return Err("it ended before it began".to_owned());
    }
    if !look.by_worker {
        return Err("no worker wrote it".to_owned());
    }
    if look.seen != Some(must) {
        let seen = look.seen.map_or("nothing", Seen::as_str);
        return Err(format!("it saw {seen} and not {}", must.as_str()));
    }
    control(look, &facts.session)?;
    Ok(finished_at)
}

fn control(look: &LookFacts, session: &SessionId) -> Result<(), &'static str> {
    match &look.control {
        None => Err("no control was asked beside it"),
        Some(control) if control == session => Err("the session was its own control"),
        Some(_) if !look.control_good => Err("the control did not answer as it must"),
        Some(_) if !look.control_linked => Err("the control is not linked now"),
        Some(_) => Ok(()),
    }
}

/// The newest look must not be too old to act on.
fn fresh(finished_at: Timestamp, at: Timestamp) -> Result<(), String> {
    if at.duration_since(finished_at) <= LOOK_AGE_MAX {
        return Ok(());
    }
    Err(format!(
        "it ended at {finished_at}: more than {LOOK_AGE_MAX:#} ago"
    ))
}

/// An earlier look must have ended well before the next began.
fn apart(look: &LookFacts, finished_at: Timestamp, later: &LookFacts) -> Result<(), String> {
    if look.number >= later.number {
        return Err("its number is not below the next one's".to_owned());
    }
    if later.started_at.duration_since(finished_at) < SPACING_MIN {
        return Err(format!(
            "the next began less than {SPACING_MIN:#} after it ended"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
