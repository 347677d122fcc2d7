//! Looking for a send whose outcome nobody knows (R-CAP-6), by calls that do not act.

mod email;
mod invitation;
mod message;
mod profile;
mod recent;
mod walk;

use super::http::Http;
use super::reply::without_texts;
use crate::ProviderError;
use policy::sends::Action;
use policy::sends::call::{ReadBack, Trace};

/// Why nothing is proved, for people.
#[derive(Debug)]
struct Unclear(String);

impl From<ProviderError> for Unclear {
    fn from(error: ProviderError) -> Self {
        let error = without_texts(error);
        Self(format!("{}: {}", error.route, error.why()))
    }
}

impl From<&str> for Unclear {
    fn from(why: &str) -> Self {
        Self(why.to_owned())
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
        Err(Unclear(why)) => Trace::Unclear { why },
    }
}
