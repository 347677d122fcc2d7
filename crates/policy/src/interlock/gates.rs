//! The six gates, each written twice: here and in the database's `removal_gates` (V0011; docs/database.md says where its
//! current text stands). `tests/it/interlock_oracle.rs` holds the two together: change both or neither.

use super::{FLAG_LIFE_MAX, FlagFacts, GateFacts, PER_DAY, SUSPECTS_MAX, confirmation};
use serde::{Deserialize, Serialize};

/// Accounts to which the database counts a fleet that no removal is about.
const COUNTED: i64 = 1_001;

crate::words! {
    serde:
    /// One of the six, in the order of their checks.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
    pub enum Gate {
        /// 1: the process's kill switch.
        Switch = "switch",
        /// 2: not too many at once, and no latch.
        Sanity = "sanity",
        /// 3: three looks.
        Confirmation = "confirmation",
        /// 4: three a day.
        Cap = "cap",
        /// 5: a named operator's flag.
        Flag = "flag",
        /// 6: the record's guards.
        Audit = "audit",
    }
}

/// What a gate says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Which.
    pub gate: Gate,
    /// Its present value, for people: `2 of 3 in 24 h`.
    pub value: String,
    /// Why it refuses; none: it lets pass.
    pub refusal: Option<String>,
}

/// What each gate says of these facts: six, in order.
pub fn judge(facts: &GateFacts) -> [Verdict; 6] {
    [
        switch(facts),
        sanity(facts),
        confirmation(facts),
        cap(facts),
        flag(facts),
        audit(facts),
    ]
}

/// The gates that refuse, in order.
pub fn refused(facts: &GateFacts) -> Vec<Gate> {
    judge(facts)
        .into_iter()
        .filter(|verdict| verdict.refusal.is_some())
        .map(|verdict| verdict.gate)
        .collect()
}

fn switch(facts: &GateFacts) -> Verdict {
    let value = if facts.switch { "on" } else { "off" };
    let why = "the process's kill switch is off (RELINK_REMOVALS_ENABLED is not `true`)";
    Verdict {
        gate: Gate::Switch,
        value: value.to_owned(),
        refusal: (!facts.switch).then(|| why.to_owned()),
    }
}

fn sanity(facts: &GateFacts) -> Verdict {
    let GateFacts {
        fleet, suspects, ..
    } = *facts;
    let refusal = if let Some(why) = &facts.latch {
        Some(format!("the latch is set until a person clears it: {why}"))
    } else if fleet <= 0 {
        Some("no account is linked: the fleet cannot be judged".to_owned())
    } else if suspects > SUSPECTS_MAX {
        Some(format!("more than {SUSPECTS_MAX} suspects within 24 h"))
    } else if suspects.saturating_mul(4) > fleet {
        Some("the suspects within 24 h are more than 25 % of the fleet".to_owned())
    } else {
        None
    };
    let of = if fleet == COUNTED {
        format!("more than {}", COUNTED - 1)
    } else {
        fleet.to_string()
    };
    Verdict {
        gate: Gate::Sanity,
        value: format!("{suspects} suspects of {of} in 24 h"),
        refusal,
    }
}

fn confirmation(facts: &GateFacts) -> Verdict {
    Verdict {
        gate: Gate::Confirmation,
        value: confirmation::value(facts),
        refusal: confirmation::refusal(facts),
    }
}

fn cap(facts: &GateFacts) -> Verdict {
    let intents = facts.intents;
    // A negative count is nonsense, and nonsense is no reason to remove anything.
    let refusal = if intents < 0 {
        Some("the count of removals makes no sense".to_owned())
    } else if intents >= PER_DAY {
        let why = "wait until the oldest of them is a day old";
        Some(format!("{PER_DAY} removals a day are the most: {why}"))
    } else {
        None
    };
    Verdict {
        gate: Gate::Cap,
        value: format!("{intents} of {PER_DAY} in 24 h"),
        refusal,
    }
}

fn flag(facts: &GateFacts) -> Verdict {
    let at = facts.at;
    let (value, refusal) = match &facts.flag {
        None => (
            "off".to_owned(),
            Some("nobody has enabled the flag".to_owned()),
        ),
        Some(flag) => {
            let FlagFacts {
                enabled_at,
                ends_at,
                by,
            } = flag;
            let refusal = if by.trim().is_empty() {
                Some("the flag names nobody who enabled it".to_owned())
            } else if *enabled_at > at {
                Some(format!("the flag is not enabled before {enabled_at}"))
            } else if at >= *ends_at {
                Some(format!("the flag ended at {ends_at}"))
            } else if ends_at.duration_since(*enabled_at) > FLAG_LIFE_MAX {
                Some(format!("the flag lives longer than {FLAG_LIFE_MAX:#}"))
            } else {
                None
            };
            (
                format!("enabled by {by} from {enabled_at} until {ends_at}"),
                refusal,
            )
        }
    };
    Verdict {
        gate: Gate::Flag,
        value,
        refusal,
    }
}

fn audit(facts: &GateFacts) -> Verdict {
    let missing = facts.guards.join(", ");
    let (value, refusal) = if facts.guards.is_empty() {
        ("the record's guards stand".to_owned(), None)
    } else {
        let why = format!("the record is not guarded: {missing}");
        (format!("{} guards down", facts.guards.len()), Some(why))
    };
    Verdict {
        gate: Gate::Audit,
        value,
        refusal,
    }
}

#[cfg(test)]
mod tests;
