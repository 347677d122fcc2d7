//! What an answer means for a send: the one place that says whether it may have happened (R-CAP-5).

use crate::{Cause, Class, ProviderError};
use jiff::SignedDuration;
use policy::restarts::RestartOutcome;
use policy::sends::call::{Outcome, Receipt};

/// What the provider's type would be, had it and not we refused the call.
const OUR_REFUSAL: &str = "invalid_request";

/// What it would be where nothing was left to do.
const NOTHING_LEFT: &str = "action_already_performed";

/// The type for a call that the provider itself gave up waiting for, whatever the status beside it.
const TIMED_OUT: &str = "request_timeout";

/// Longest type that is believed, in bytes.
const CODE_BYTES_MAX: usize = 64;

/// What [`crate::Provider::send`] told. Without a connection nothing happened; a 4xx in the provider's own words, or
/// any 429, says that nothing did. All else is untold: time-outs, broken connections, every 5xx (501 too), redirects,
/// pages of an edge, good answers that cannot be read.
///
/// What we refused ourselves before sending is a refusal for good, [`Class::Unsayable`] as `invalid_request`, and not
/// a failure of the network: the same call would be refused again.
pub fn outcome_of(result: Result<Receipt, ProviderError>) -> Outcome {
    let error = match result {
        Ok(receipt) => return Outcome::Sent(receipt),
        Err(error) => error,
    };
    match ending(&error) {
        Ending::NotSent => Outcome::NotSent { why: error.why() },
        Ending::Refused(code) => Outcome::Refused {
            class: error.class,
            code,
            retry_after: error
                .retry_after
                .and_then(|wait| SignedDuration::try_from(wait).ok()),
        },
        Ending::Untold => Outcome::Untold { why: error.why() },
    }
}

/// What [`crate::Provider::restart`] told. A restart is no send: whether it happened matters less than what the provider said
/// of the session, and the next one may always be made.
pub fn restart_outcome_of(result: Result<(), ProviderError>) -> RestartOutcome {
    let error = match result {
        Ok(()) => return RestartOutcome::Restarted,
        Err(error) => error,
    };
    let why = error.why();
    match (&error.cause, error.class) {
        (Cause::Unreached(_) | Cause::NotSent(_), _) => RestartOutcome::NotSent { why },
        // A good answer that only asks for a confirmation is weighed as if nobody knew.
        (Cause::Refused(_), _) if error.checkpoint.is_some() => RestartOutcome::Refused {
            class: Class::Checkpoint,
            code: why,
            checkpoint: error.checkpoint.unwrap_or_default().into(),
        },
        (Cause::Refused(_), class) if class != Class::Indeterminate => RestartOutcome::Refused {
            class,
            code: why,
            checkpoint: String::new(),
        },
        _ => RestartOutcome::Unknown { why },
    }
}

/// The same error, with [`Class::Indeterminate`] where nobody knows whether the call happened: for calls that must never
/// be repeated on the strength of another class.
pub(crate) fn weighed(error: ProviderError) -> ProviderError {
    match ending(&error) {
        Ending::Untold => ProviderError {
            class: Class::Indeterminate,
            ..error
        },
        _ => error,
    }
}

enum Ending {
    NotSent,
    Refused(String),
    Untold,
}

fn ending(error: &ProviderError) -> Ending {
    match &error.cause {
        Cause::Unreached(_) => Ending::NotSent,
        Cause::NotSent(_) if error.class == Class::AimReached => {
            Ending::Refused(NOTHING_LEFT.to_owned())
        }
        Cause::NotSent(_) => Ending::Refused(OUR_REFUSAL.to_owned()),
        Cause::Refused(_) => refusal(error).map_or(Ending::Untold, Ending::Refused),
        Cause::TimedOut(_)
        | Cause::Broken(_)
        | Cause::TooLong(_)
        | Cause::Shape(_)
        | Cause::OtherSession => Ending::Untold,
    }
}

/// The code of an answer by which the provider says that it did nothing.
fn refusal(error: &ProviderError) -> Option<String> {
    let status = error.status.filter(|status| (400..500).contains(status))?;
    if error.class == Class::Indeterminate {
        return None;
    }
    match error.kind.as_deref().and_then(code) {
        Some(TIMED_OUT) => None,
        Some(code) => Some(code.to_owned()),
        // An edge's 429 stops a call as well as the provider's own.
        None => (status == 429).then(|| status.to_string()),
    }
}

/// The provider's type without its prefix, where it is one: a word. Gateways have types of their own (`about:blank`).
pub(crate) fn code(kind: &str) -> Option<&str> {
    let code = kind.strip_prefix("errors/")?;
    let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let fits = !code.is_empty() && code.len() <= CODE_BYTES_MAX && code.bytes().all(word);
    fits.then_some(code)
}
