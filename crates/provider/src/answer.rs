//! What a `GET /accounts/{id}` tells about a session (R-DEL-2).

use crate::unipile::routes;
use crate::{Cause, Class, ProviderError};
use policy::confirm::Answer;
use policy::session::Session;

/// What [`crate::Provider::get_session`] told. `Present` rests on that call's promise: 200 and that very id.
pub fn answer_of(result: &Result<Session, ProviderError>) -> Answer {
    match result {
        Ok(_) => Answer::Present,
        Err(error) => error.answer(),
    }
}

impl ProviderError {
    /// `Gone` only where `GET /accounts/{id}` itself said exactly so; the same words on any other route are a reason
    /// to ask that one.
    pub fn answer(&self) -> Answer {
        if self.class == Class::Gone && self.route == routes::GET.name {
            return Answer::Gone;
        }
        Answer::Inconclusive { why: self.why() }
    }

    /// In short what it was: status and type, or the cause. Nothing of the call's own texts.
    pub(crate) fn why(&self) -> String {
        match (self.status, &self.kind, &self.cause) {
            (Some(status), Some(kind), _) => format!("{status} {kind}"),
            (_, None, Cause::Refused(words)) => words.to_string(),
            (Some(status), None, cause) => format!("{status}, {cause}"),
            (None, _, cause) => cause.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(status: Option<u16>, kind: Option<&str>, cause: Cause, why: &str) {
        let error = ProviderError {
            status,
            kind: kind.map(Into::into),
            ..ProviderError::new(routes::GET.name, Class::Unknown, cause)
        };
        let why = why.to_owned();
        assert_eq!(error.answer(), Answer::Inconclusive { why });
    }

    #[test]
    fn an_inconclusive_answer_says_in_short_what_it_was() {
        let key = Some("errors/missing_credentials");
        let refused = |words: &str| Cause::Refused(words.into());
        check(
            Some(401),
            key,
            refused("…"),
            "401 errors/missing_credentials",
        );
        check(
            Some(302),
            None,
            refused("302, a redirect"),
            "302, a redirect",
        );
        check(
            Some(200),
            None,
            Cause::OtherSession,
            "200, the answer is for another session",
        );
        check(None, None, Cause::NotSent("x"), "not sent: x");
    }
}
