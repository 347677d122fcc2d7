//! How late a request reaches the provider after its reservation, at most: four times whose sum must hold, for the windows
//! of caps are longer by it (R-CAP-2). All are times of the machine; the database's copies are `relink.reservation_life` and
//! `relink.send_slack`.

use std::time::Duration;

/// How long a reservation may be called on; an older one is taken anew.
pub const RESERVATION_LIFE: Duration = Duration::from_mins(1);

/// How long a worker may stand still between winning the right to call and calling. Later others may have found the call
/// begun, looked for it in vain, and planned it anew.
pub const CALL_WITHIN: Duration = Duration::from_secs(20);

/// Limit of a call to the provider, from its connection to its answer's last byte.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(20);

/// What is added to both rolling windows.
pub const SLACK: Duration = Duration::from_mins(2);

/// What is left of the slack when all three last as long as they may: for what is under way when a call is given up.
pub const SPARE: Duration = Duration::from_secs(20);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r_cap_2_the_slack_holds_the_latest_request() {
        assert_eq!(RESERVATION_LIFE + CALL_WITHIN + CALL_TIMEOUT + SPARE, SLACK);
        // A look for an unknown outcome comes half a reservation's life after it, when what was given up has arrived.
        assert!(SPARE < RESERVATION_LIFE / 2);
    }
}
