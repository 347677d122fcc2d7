//! What the end of a workspace's subscription means, and when its owner is told (R-SUB-1).
//!
//! From the first day on its campaigns are paused and its accounts held. The days of grace are a promise to the owner:
//! nothing is deleted when they are over either, and a renewal undoes everything however late it comes.

use jiff::{SignedDuration, Timestamp};

/// How long an ended subscription is promised that nothing is lost.
pub const GRACE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Days after its end, of 24 hours each, on which the workspace is told.
pub const NOTICE_DAYS: [i16; 3] = [0, 3, 6];

/// How a workspace's subscription stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It runs, and no end of it is known.
    Runs,
    /// It runs until then.
    Ends {
        /// The end.
        at: Timestamp,
    },
    /// It ended; the days of grace go on.
    Grace {
        /// The end.
        ended_at: Timestamp,
        /// The end of the grace.
        until: Timestamp,
    },
    /// It ended, and the grace is over. Nothing else follows from that by itself.
    GraceOver {
        /// The end.
        ended_at: Timestamp,
        /// The end of the grace.
        since: Timestamp,
    },
}

impl Standing {
    /// The word in answers to programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Runs => "runs",
            Self::Ends { .. } => "ends",
            Self::Grace { .. } => "grace",
            Self::GraceOver { .. } => "grace_over",
        }
    }
}

/// How a subscription stands that ended, or will end, at that instant.
pub fn standing(ended_at: Option<Timestamp>, now: Timestamp) -> Standing {
    let Some(ended_at) = ended_at else {
        return Standing::Runs;
    };
    if now < ended_at {
        return Standing::Ends { at: ended_at };
    }
    let over = ended_at.checked_add(GRACE).unwrap_or(Timestamp::MAX);
    if now < over {
        return Standing::Grace {
            ended_at,
            until: over,
        };
    }
    Standing::GraceOver {
        ended_at,
        since: over,
    }
}

/// For each day of [`NOTICE_DAYS`] the latest end of a subscription that has it behind it at `now`. Of several due
/// days only the last is told: after an outage nobody hears three times at once.
pub fn notice_cutoffs(now: Timestamp) -> [(i16, Timestamp); 3] {
    NOTICE_DAYS.map(|day| {
        let ago = SignedDuration::from_hours(i64::from(day) * 24);
        (day, now.checked_sub(ago).unwrap_or(Timestamp::MIN))
    })
}

#[cfg(test)]
mod tests;
