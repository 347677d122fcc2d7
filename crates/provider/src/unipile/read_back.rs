//! Looking for a send whose outcome nobody knows (R-CAP-6), by calls that do not act.

mod chats;
mod email;
mod invitation;
mod message;
pub(super) mod profile;
mod recent;
mod walk;

use super::http::Http;
use super::reply::NO_ATTENDEE;
use crate::ProviderError;
use policy::sends::Action;
use policy::sends::call::{ReadBack, Trace};

/// Why nothing is proved.
#[derive(Debug)]
pub(super) struct Unclear {
    /// For people.
    why: String,
    /// The provider's exact words for a person with whom the account has no chat.
    no_attendee: bool,
}

impl From<ProviderError> for Unclear {
    fn from(error: ProviderError) -> Self {
        let no_attendee = error.status == Some(404)
            && error.kind.as_deref() == Some("errors/resource_not_found")
            && error.not_found == Some(NO_ATTENDEE);
        Self {
            why: format!("{}: {}", error.route, error.why()),
            no_attendee,
        }
    }
}

impl From<&str> for Unclear {
    fn from(why: &str) -> Self {
        Self {
            why: why.to_owned(),
            no_attendee: false,
        }
    }
}

/// What the provider shows of a send.
pub(crate) async fn read_back(http: &Http, asked: &ReadBack) -> Trace {
    let found = match asked.request.action {
        Action::Invite => invitation::sent(http, &asked.request).await,
        Action::WithdrawInvite => invitation::withdrawn(http, &asked.request).await,
        Action::Message | Action::Inmail => message::sent(http, asked).await,
        Action::Email => email::sent(http, asked).await,
        Action::RemoveConnection => profile::removed(http, &asked.request).await,
        Action::ProfileView => Err("a view leaves no trace that we can read".into()),
    };
    match found {
        Ok(Some(receipt)) => Trace::Found(receipt),
        Ok(None) => Trace::Absent,
        Err(Unclear { why, .. }) => Trace::Unclear { why },
    }
}
