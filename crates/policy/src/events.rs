//! What the provider tells of itself: callbacks of hosted links and webhooks, read from bytes that anybody may have sent and
//! cut to the fields that we know (R-LNK-2, R-LNK-11). What is not named here is not kept anywhere.

mod fields;
#[cfg(test)]
mod tests;

use crate::ids::SessionId;
use fields::Fields;
use serde_json::{Value, json};
use std::fmt;

/// Header by which a webhook proves itself, as it is registered with the provider.
pub const SECRET_HEADER: &str = "unipile-auth";

crate::words! {
    /// What became of a request to the links listener; only the first five keep anything.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Verdict {
        /// Kept; acted on, if it calls for something.
        Stored = "stored",
        /// Known already; nothing is done.
        Again = "again",
        /// Kept, of a signed name that has ended: binds nothing, and is worth one look at the account's own session.
        Late = "late",
        /// Kept, of a name that was used with another session: binds nothing, and people are told.
        Replayed = "replayed",
        /// Kept, of a session that is nobody's; nothing is done.
        Unlinked = "unlinked",
        /// Of an attempt that there is not.
        Unknown = "unknown",
        /// Without the proof that it is the provider's: a name that we did not sign, a secret that is not ours.
        Unsigned = "unsigned",
        /// Not what the provider sends.
        Malformed = "malformed",
        /// Longer than any of its kind.
        TooLarge = "too_large",
        /// Its body did not come in time.
        Slow = "slow",
        /// The database was not reached: to be sent again.
        Unavailable = "unavailable",
    }
}

impl Verdict {
    /// Whether a row of the event is written, or was before.
    pub const fn is_kept(self) -> bool {
        matches!(
            self,
            Self::Stored | Self::Again | Self::Late | Self::Replayed | Self::Unlinked
        )
    }
}

crate::words! {
    /// Source of an event; the word in `provider_events.kind`, and the provider's own but for callbacks.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum Source {
        /// End of a hosted link, told to the address that it was minted with.
        Callback = "callback",
        /// Session that changed its state.
        AccountStatus = "account_status",
        /// New relation of a session's person.
        Users = "users",
        /// Message that a session received or sent.
        Messaging = "messaging",
    }
}

impl Source {
    /// Sources of webhooks: what is registered with the provider.
    pub const WEBHOOKS: [Self; 3] = [Self::AccountStatus, Self::Users, Self::Messaging];
}

/// End of a hosted link, as its callback tells it. Its `Debug` hides the signed name.
#[derive(Clone, PartialEq, Eq)]
pub struct Callback {
    /// Signed name of the attempt, not yet looked at.
    pub name: String,
    /// Provider's word: `CREATION_SUCCESS`, `RECONNECTED`, `CREATION_FAIL`, or one that we do not know.
    pub status: String,
    /// Session, where the provider names one.
    pub session: Option<SessionId>,
    /// Fields that are kept; never the name.
    pub body: Value,
}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callback")
            .field("status", &self.status)
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
}

/// Event of a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Source that it was registered for.
    pub source: Source,
    /// Provider's word for what happened.
    pub message: String,
    /// Session that it happened to.
    pub session: SessionId,
    /// Fields that are kept.
    pub body: Value,
}

/// Body that is not the provider's: which field is missing or wrong, in our words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// No JSON object.
    #[error("the body is no JSON object")]
    NotAnObject,
    /// A field that must be there is not, or is of another form.
    #[error("{0}: missing, or not of its form")]
    Field(&'static str),
    /// A webhook of none of the sources that are registered.
    #[error("no event of account_status, users or messaging")]
    Source,
}

/// Reads a callback. An empty session is none.
pub fn read_callback(bytes: &[u8]) -> Result<Callback, Malformed> {
    let fields = Fields::of(bytes)?;
    let session = fields.id("account_id")?;
    let status = fields.word("status")?;
    Ok(Callback {
        name: fields.text("name")?,
        body: json!({ "status": status, "account_id": session }),
        status,
        session: session.map(SessionId),
    })
}

/// Reads a webhook's event, of whichever source.
pub fn read_webhook(bytes: &[u8]) -> Result<Webhook, Malformed> {
    let fields = Fields::of(bytes)?;
    if let Some(status) = fields.object("AccountStatus") {
        return account_status(&status);
    }
    match fields.word("event")?.as_str() {
        "new_relation" => users(&fields),
        event if event.starts_with("message_") => messaging(&fields),
        _ => Err(Malformed::Source),
    }
}

fn account_status(fields: &Fields) -> Result<Webhook, Malformed> {
    let message = fields.word("message")?;
    event(Source::AccountStatus, fields, message, |body| {
        body.keep_word("product");
    })
}

fn users(fields: &Fields) -> Result<Webhook, Malformed> {
    event(Source::Users, fields, fields.word("event")?, |body| {
        body.keep_id("user_provider_id");
        body.keep_id("user_public_identifier");
    })
}

/// Who wrote to whom and when, so that an answer can be told from our own message; never what, nor names.
fn messaging(fields: &Fields) -> Result<Webhook, Malformed> {
    event(Source::Messaging, fields, fields.word("event")?, |body| {
        body.keep_id("chat_id");
        body.keep_id("message_id");
        body.keep_word("timestamp");
        body.keep_id_of("sender", "attendee_provider_id");
        body.keep_id_of("account_info", "user_id");
    })
}

fn event(
    source: Source,
    fields: &Fields,
    message: String,
    keep: impl FnOnce(&mut fields::Kept<'_>),
) -> Result<Webhook, Malformed> {
    let session = fields.id("account_id")?;
    let session = session.ok_or(Malformed::Field("account_id"))?;
    let mut body = fields.kept();
    body.put("account_id", &session);
    body.put("message", &message);
    body.keep_word("account_type");
    keep(&mut body);
    Ok(Webhook {
        source,
        message,
        session: SessionId(session),
        body: body.into_value(),
    })
}
