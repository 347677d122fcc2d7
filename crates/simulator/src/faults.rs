//! Which fault befalls which request: a function of the settings, the seed, and the request's number.

use crate::chance::{Chance, Topic};
use crate::control::{
    Action, ActionFault, ActionFaultKind, Faults, SessionFault, SessionFaultKind, Span,
};
use std::time::Duration;

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
    TooManyRequests {
        retry_after_seconds: Option<u64>,
    },
    ServerError(ServerError),
    Unauthorized,
    SlowBody {
        gap: Duration,
    },
    HugeBody {
        bytes: u64,
    },
    /// Of one session.
    Told(SessionFaultKind),
    /// Of one route or action; how long it takes is its kind's matter.
    Struck(ActionFaultKind, Duration),
}

/// A request, as far as faults of single routes and actions care.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestFacts<'a> {
    /// As the log names it.
    pub(crate) route: &'a str,
    /// The outward effect that it may have.
    pub(crate) action: Option<Action>,
    /// The session that it names.
    pub(crate) account: Option<&'a str>,
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
const LATENCY_MS: u64 = 1_000;
const SILENCE_MS: u64 = 600_000;
const SLOW_MS: u64 = 20_000;

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
            Self::Told(kind) => match kind {
                SessionFaultKind::Gone => "told_gone",
                SessionFaultKind::OtherGone => "told_other_gone",
                SessionFaultKind::Html404 => "told_html_404",
                SessionFaultKind::Empty404 => "told_empty_404",
                SessionFaultKind::Unauthorized => "told_unauthorized",
                SessionFaultKind::ServerError => "told_server_error",
                SessionFaultKind::Disconnected => "told_disconnected",
                SessionFaultKind::Checkpoint => "told_checkpoint",
                SessionFaultKind::Nameless => "told_nameless",
                SessionFaultKind::Stranger => "told_stranger",
            },
            Self::Struck(kind, _) => match kind {
                ActionFaultKind::ErrorBefore => "error_before",
                ActionFaultKind::ResetBefore => "reset_before",
                ActionFaultKind::Latency => "latency",
                ActionFaultKind::ErrorAfter => "error_after",
                ActionFaultKind::ResetAfter => "reset_after",
                ActionFaultKind::SilenceAfter => "silence_after",
                ActionFaultKind::SlowAfter => "slow_after",
                ActionFaultKind::UndecodableAfter => "undecodable_after",
            },
        }
    }

    /// Whether the client gets no byte of an answer.
    pub(crate) fn is_mute(self) -> bool {
        use ActionFaultKind::{ResetAfter, ResetBefore, SilenceAfter};
        matches!(
            self,
            Self::Reset | Self::Struck(ResetBefore | ResetAfter | SilenceAfter, _)
        )
    }
}

impl Verdict {
    /// What this fault does to the request that it befalls.
    pub(crate) fn of(fault: &ActionFault) -> Self {
        let default = match fault.kind {
            ActionFaultKind::Latency => LATENCY_MS,
            ActionFaultKind::SilenceAfter => SILENCE_MS,
            _ => SLOW_MS,
        };
        let time = Duration::from_millis(fault.ms.unwrap_or(default));
        let latency = match fault.kind {
            ActionFaultKind::Latency => time,
            _ => Duration::ZERO,
        };
        Self {
            latency,
            fault: Some(Fault::Struck(fault.kind, time)),
        }
    }
}

/// Which of these faults is meant for this request.
pub(crate) fn told(faults: &[SessionFault], asked: &RequestFacts<'_>) -> Option<usize> {
    faults.iter().position(|fault| {
        asked.account == Some(fault.session.as_str())
            && asked.route == fault.route
            && fault.times != Some(0)
    })
}

/// Which of these faults befalls request number `seq`. One draw decides, as in [`verdict`].
pub(crate) fn struck(
    faults: &[ActionFault],
    asked: &RequestFacts<'_>,
    chance: Chance,
    seq: u64,
) -> Option<usize> {
    let mut left = chance.unit(Topic::ActionFault, seq);
    for (place, fault) in faults.iter().enumerate() {
        let meant = match (&fault.route, fault.action) {
            (None, None) => asked.action.is_some(),
            (route, action) => {
                route.as_deref().is_none_or(|route| route == asked.route)
                    && (action.is_none() || action == asked.action)
            }
        };
        if !meant || fault.times == Some(0) {
            continue;
        }
        if left < fault.rate.0 {
            return Some(place);
        }
        left -= fault.rate.0;
    }
    None
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
