//! The header `Retry-After`: seconds, or a date.

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use std::time::Duration;

/// Longest wait that we let a provider ask for.
const WAIT_MAX: Duration = Duration::from_hours(24);

/// How long to wait. A date is measured against the answer's own `Date`, so no clock is read and none can differ.
/// What cannot be read asks for nothing; what is past asks for zero.
pub(crate) fn parse(retry_after: &str, date: Option<&str>) -> Option<Duration> {
    let text = retry_after.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More digits than fit is a long time, not a mistake.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)).min(WAIT_MAX));
    }
    let wait = instant(text)?.duration_since(instant(date?)?);
    Some(
        Duration::try_from(wait)
            .unwrap_or(Duration::ZERO)
            .min(WAIT_MAX),
    )
}

/// Instant of a date as HTTP writes it.
pub(crate) fn instant(text: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(text.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATE: &str = "Sun, 01 Mar 2026 10:00:00 GMT";

    #[track_caller]
    fn check(retry_after: &str, date: Option<&str>, seconds: Option<u64>) {
        assert_eq!(
            parse(retry_after, date),
            seconds.map(Duration::from_secs),
            "{retry_after}"
        );
    }

    #[test]
    fn seconds_and_dates_are_read_clamped_to_a_day_and_nonsense_is_ignored() {
        check("120", None, Some(120));
        check(" 0 ", None, Some(0));
        check("86400", None, Some(86_400));
        check("86401", None, Some(86_400));
        check("99999999999999999999999", None, Some(86_400));
        check("Sun, 01 Mar 2026 10:02:00 GMT", Some(DATE), Some(120));
        check("Sun, 01 Mar 2026 09:00:00 GMT", Some(DATE), Some(0));
        check("Fri, 01 Mar 2030 10:00:00 GMT", Some(DATE), Some(86_400));
        check("Sun, 01 Mar 2026 10:02:00 GMT", None, None);
        check("Sun, 01 Mar 2026 10:02:00 GMT", Some("yesterday"), None);
        for nonsense in ["", "-1", "1.5", "soon", "1e3", "0x10", "１２"] {
            check(nonsense, Some(DATE), None);
        }
    }
}
