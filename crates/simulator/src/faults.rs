//! Which fault befalls which request: a function of the settings, the seed, and the request's number.

use std::time::Duration;

use crate::{
    chance::{Chance, Topic},
    control::{Faults, Span},
};

/// What is done to one request. At most one fault befalls a request; latency comes on top.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Verdict {
    pub(crate) latency: Duration,
    pub(crate) fault: Option<Fault>,
}

/// The faults in the order in which they are looked at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fault {
    Reset,
    Html404,
    Redirect,
    TooManyRequests { retry_after_seconds: Option<u64> },
    ServerError(ServerError),
    Unauthorized,
    SlowBody { gap: Duration },
    HugeBody { bytes: u64 },
}

/// The kinds of 5xx that the provider (or the edge in front of it) is known to answer with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ServerError {
    Unexpected,
    BadGatewayPage,
    Unavailable,
    Timeout,
}

const SLOW_BODY_GAP_MS: u64 = 100;
const HUGE_BODY_BYTES: u64 = 256 << 20;

impl Fault {
    /// As the log and the counters call it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Html404 => "html_404",
            Self::Redirect => "redirect",
            Self::TooManyRequests { .. } => "too_many_requests",
            Self::ServerError(_) => "server_error",
            Self::Unauthorized => "unauthorized",
            Self::SlowBody { .. } => "slow_body",
            Self::HugeBody { .. } => "huge_body",
        }
    }
}

/// What befalls request number `seq`. One draw decides about all rates, laid end to end, so that rates which add up to
/// less than 1 are each met exactly.
pub(crate) fn verdict(faults: &Faults, chance: Chance, seq: u64) -> Verdict {
    let Span { min, max } = faults.latency_ms.unwrap_or_default();
    let latency = Duration::from_millis(chance.between(Topic::Latency, seq, min, max));
    let server_error = match chance.draw(Topic::Flavour, seq) % 4 {
        0 => ServerError::Unexpected,
        1 => ServerError::BadGatewayPage,
        2 => ServerError::Unavailable,
        _ => ServerError::Timeout,
    };
    let slow = Fault::SlowBody {
        gap: Duration::from_millis(faults.slow_body_ms.unwrap_or(SLOW_BODY_GAP_MS)),
    };
    let huge = Fault::HugeBody {
        bytes: faults.huge_body_bytes.unwrap_or(HUGE_BODY_BYTES),
    };
    let too_many = Fault::TooManyRequests {
        retry_after_seconds: faults.retry_after_seconds,
    };
    let rates = [
        (faults.rate_reset, Fault::Reset),
        (faults.html_404, Fault::Html404),
        (faults.redirect, Fault::Redirect),
        (faults.rate_429, too_many),
        (faults.rate_5xx, Fault::ServerError(server_error)),
        (faults.slow_body, slow),
        (faults.huge_body, huge),
    ];
    let mut left = chance.unit(Topic::Fault, seq);
    let mut fault = None;
    for (rate, candidate) in rates {
        if left < rate.0 {
            fault = Some(candidate);
            break;
        }
        left -= rate.0;
    }
    Verdict {
        latency,
        fault: fault.or(faults.unauthorized_all.then_some(Fault::Unauthorized)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::Rate;

    #[test]
    fn rates_laid_end_to_end_are_each_met() {
        let faults = Faults {
            rate_reset: Rate(0.2),
            rate_5xx: Rate(0.3),
            ..Faults::default()
        };
        let names: Vec<_> = (1..=10_000)
            .filter_map(|seq| verdict(&faults, Chance::new(3), seq).fault.map(Fault::name))
            .collect();
        let count = |name| names.iter().filter(|&&known| known == name).count();
        assert!(
            (1_850..2_150).contains(&count("reset")),
            "{}",
            count("reset")
        );
        assert!(
            (2_850..3_150).contains(&count("server_error")),
            "{}",
            count("server_error")
        );
    }

    #[test]
    fn the_same_seed_decides_the_same_and_another_differently() {
        let faults = Faults {
            rate_5xx: Rate(0.5),
            latency_ms: Some(Span { min: 0, max: 900 }),
            ..Faults::default()
        };
        let run = |seed| {
            (1..200)
                .map(|seq| verdict(&faults, Chance::new(seed), seq))
                .collect::<Vec<_>>()
        };
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
    }

    #[test]
    fn no_faults_are_no_faults() {
        assert!(
            (1..1_000)
                .all(|seq| verdict(&Faults::default(), Chance::new(1), seq) == Verdict::default())
        );
    }
}
