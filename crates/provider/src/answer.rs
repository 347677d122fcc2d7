//! What a `GET /accounts/{id}` tells about a session (R-DEL-2).

use crate::unipile::routes;
use crate::{Class, ProviderError};
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

    fn why(&self) -> String {
        match (self.status, &self.kind) {
            (Some(status), Some(kind)) => format!("{status} {kind}"),
            (Some(status), None) => format!("{status}, {}", self.cause),
            (None, _) => self.cause.to_string(),
        }
    }
}
