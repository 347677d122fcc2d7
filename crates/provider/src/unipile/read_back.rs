//! Looking for a send whose outcome nobody knows (R-CAP-6), by calls that do not act.

mod age;
mod chats;
mod email;
mod fold;
mod invitation;
mod listed;
mod message;
pub(super) mod profile;
mod walk;

use super::http::Http;
use super::reply::NO_ATTENDEE;
use crate::ProviderError;
use jiff::Timestamp;
use policy::ids::SessionId;
use policy::sends::Action;
use policy::sends::by_hand::SentInvitations;
use policy::sends::call::{ReadBack, Receipt, Trace};
use policy::sends::sight::Sight;

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
pub(crate) async fn read_back(http: &Http, asked: &ReadBack) -> Sight {
    let said = &asked.request;
    match said.action {
        Action::Invite => state(invitation::sent(http, said).await),
        Action::WithdrawInvite => state(invitation::withdrawn(http, said).await),
        Action::RemoveConnection => state(profile::removed(http, said).await),
        Action::Message | Action::Inmail => Sight::Items(message::sent(http, asked).await),
        Action::Email => Sight::Items(email::sent(http, asked).await),
        Action::ProfileView => state(Err("a view leaves no trace that we can read".into())),
    }
}

/// Invitations of a session that wait for an answer, whoever made them (R-CAP-10).
pub(crate) async fn sent_invitations(
    http: &Http,
    session: &SessionId,
    since: Timestamp,
) -> SentInvitations {
    listed::invitations(http, session, since).await
}

fn state(found: Result<Option<Receipt>, Unclear>) -> Sight {
    Sight::State(match found {
        Ok(Some(receipt)) => Trace::Found(receipt),
        Ok(None) => Trace::Absent,
        Err(Unclear { why, .. }) => Trace::Unclear { why },
    })
}
