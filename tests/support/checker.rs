//! The history checker: what must hold of every send, found out anew from raw history alone.
//!
//! It reads the rows of `relink.sends`, `relink.send_audit`, `relink.account_audit`, `relink.enrollments`,
//! `relink.account_holds`, `relink.campaign_pauses` and `relink.jobs`, the [journals](JOURNALS) of caps and rules, and the referee's own log of effects. It asks no process
//! what it did, and nothing of `policy`: windows are computed by PostgreSQL's own zones, allowances by a few lines here.

mod blame;
mod caps;
mod effects;
mod history;
mod report;
mod rules;
mod stops;
mod trails;

pub use caps::Peak;
pub use history::{History, JOURNALS};
pub use report::{Account, Unknowns};
pub use rules::is_open;

use std::collections::BTreeMap;

/// What a violation is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Broken {
    /// R-CAP-2: more rows in a rolling window than the cap then in force.
    CapInDatabase,
    /// R-CAP-2: more effects in a rolling window than the cap in force when the last one was reserved.
    CapAtReferee,
    /// R-CAP-5: the same session did the same thing to the same person twice.
    Duplicate,
    /// R-CAP-5: an effect without an intent that was committed before it.
    NoIntent,
    /// R-CAP-5: more than one effect of one send.
    TwoEffects,
    /// R-CAP-5: capacity given back for what had an effect.
    RefundOfEffect,
    /// R-CAP-5: capacity given back for what was ever unknown.
    RefundOfUnknown,
    /// R-CAP-5: a call was begun, and no open job will settle it.
    Unsettled,
    /// R-CAP-6: an unknown outcome was settled otherwise than it was.
    WronglySettled,
    /// R-CAP-6: neither resolved, nor to be looked for, nor alerted.
    UnknownLeft,
    /// R-CAP-5: intents and outcomes do not pair.
    Unpaired,
    /// R-HEAL-1: an enrollment moved without exactly one `sent` for each step.
    Step,
    /// R-CAP-3: reserved outside the local window or active weekdays.
    Window,
    /// R-CAP-3, R-HEAL-4: more than ramp and recovery allow.
    Allowance,
    /// R-CAP-3: two sends of one account too close.
    Gap,
    /// R-CAP-8: an account held or a campaign paused, and nothing speaks of it.
    Blame,
    /// R-TPL-1: something of a template was said to a person.
    Template,
    /// R-CAP-4: a person whose turn it is waits while another's row cannot be taken.
    Starved,
}

/// Something that must not be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// Of what.
    pub of: Broken,
    /// Where, for people.
    pub what: String,
}

/// Everything in the history that must not be there.
pub fn violations(history: &History) -> Vec<Violation> {
    let mut found = caps::violations(history);
    found.extend(effects::violations(history));
    found.extend(trails::violations(history));
    found.extend(rules::violations(history));
    found.extend(blame::violations(history));
    found
}

/// How many of each, as `Duplicate 2, Step 1`.
pub fn summary(violations: &[Violation]) -> String {
    let mut counts: BTreeMap<Broken, usize> = BTreeMap::new();
    for one in violations {
        *counts.entry(one.of).or_default() += 1;
    }
    let words = counts.iter().map(|(of, count)| format!("{of:?} {count}"));
    words.collect::<Vec<_>>().join(", ")
}
