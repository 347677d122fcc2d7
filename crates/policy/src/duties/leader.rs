//! What the leading scheduler does itself, beside asking for jobs.

crate::words! {
    /// Duty of the leading scheduler. Each has its own time, its own errors and its own delays: one that fails or hangs stops
    /// no other (R-JOB-8).
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum LeaderDuty {
        /// Rings the doorbell for what is due.
        Relay = "relay",
        /// Turns schedules into jobs.
        Tick = "tick",
        /// Makes this build's schedules and duties known.
        Declare = "declare",
        /// Takes up jobs whose worker vanished.
        Rescue = "rescue",
        /// Tells of jobs that no worker knows.
        LeftBehind = "left_behind",
        /// Makes the audit's partitions, months ahead.
        AuditPartitions = "audit_partitions",
        /// Counts the fleet for metrics.
        Census = "census",
        /// Looks whether schedules decide anything.
        DutyWatch = "duty_watch",
        /// Undoes what a clock wrote that was ahead.
        Clock = "clock",
        /// Tells this database from a copy of it.
        Witness = "witness",
    }
}

/// Failures in a row after which people are told.
pub const LEADER_FAILURES_ALERTED: u32 = 3;
/// Failures between two tellings of one trouble.
const TOLD_AGAIN: u32 = 20;

/// Whether people are told of a duty that has failed that many times in a row.
pub fn is_failure_told(in_a_row: u32) -> bool {
    in_a_row == LEADER_FAILURES_ALERTED || in_a_row > 0 && in_a_row.is_multiple_of(TOLD_AGAIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r_job_8_people_are_told_at_the_third_failure_and_seldom_again() {
        let told: Vec<u32> = (0..=40)
            .filter(|failures| is_failure_told(*failures))
            .collect();
        assert_eq!(told, [3, 20, 40]);
    }
}
