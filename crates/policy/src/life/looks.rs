//! Looks at an attempt that waits, in case nobody tells that its login has ended (R-LNK-3).

use super::attempt::later;
use crate::decision::NewJob;
use crate::ids::{AccountId, AttemptId, WorkspaceId};
use crate::jobs::{Kind, Queue};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

const LINKS_LOOK: Kind = Kind {
    name: "links.look",
    queue: Queue::Watches,
    version: 1,
};

/// Looks that a mint asks for, counted from it.
const FIRST_LOOKS: [SignedDuration; 7] = [
    SignedDuration::from_secs(15),
    SignedDuration::from_secs(45),
    SignedDuration::from_mins(2),
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(10),
    SignedDuration::from_mins(20),
    SignedDuration::from_mins(35),
];

/// The looks that a mint at `now` asks for.
pub fn first_looks(
    (workspace, account, attempt): (WorkspaceId, AccountId, AttemptId),
    mint: i32,
    now: Timestamp,
) -> Vec<NewJob> {
    let look = |(number, after): (usize, &SignedDuration)| NewJob {
        kind: LINKS_LOOK,
        cause: format!("{}@{attempt}/{mint}/{number}", LINKS_LOOK.name),
        workspace: Some(workspace),
        account: Some(account),
        run_at: later(now, *after),
        payload: json!({ "account": account, "attempt": attempt, "follow": u16::from(number == 0) }),
    };
    FIRST_LOOKS.iter().enumerate().map(look).collect()
}
