//! One session: what the provider calls an account.

use crate::control::{MailServer, SessionView};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// What a session is linked to; written as the provider's `type`.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Kind {
    /// One source, `MESSAGING`.
    #[default]
    Linkedin,
    /// Two sources, `MAILS` and `CALENDAR`.
    #[serde(rename = "GOOGLE_OAUTH", alias = "GOOGLE")]
    Google,
    /// Two sources, `MAILS` and `CALENDAR`.
    Outlook,
    /// IMAP and SMTP; one source, `MAILS`.
    Mail,
    /// IMAP and SMTP at Apple; one source, `MAILS`.
    Icloud,
}

impl Kind {
    /// The account's `type`.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Linkedin => "LINKEDIN",
            Self::Google => "GOOGLE_OAUTH",
            Self::Outlook => "OUTLOOK",
            Self::Mail => "MAIL",
            Self::Icloud => "ICLOUD",
        }
    }

    /// The kind that a `provider` of a connect call or hosted link makes.
    pub(crate) fn of_provider(provider: &str) -> Option<Self> {
        match provider {
            "LINKEDIN" => Some(Self::Linkedin),
            "GOOGLE" | "GOOGLE_OAUTH" => Some(Self::Google),
            "OUTLOOK" => Some(Self::Outlook),
            "MAIL" | "IMAP" => Some(Self::Mail),
            "ICLOUD" => Some(Self::Icloud),
            _ => None,
        }
    }

    /// The services that run for it, each of which is one of its sources.
    pub(crate) fn services(self) -> &'static [&'static str] {
        match self {
            Self::Linkedin => &["MESSAGING"],
            Self::Google | Self::Outlook => &["MAILS", "CALENDAR"],
            Self::Mail | Self::Icloud => &["MAILS"],
        }
    }
}

/// A source's status, as the provider documents them.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "the names are the provider's own words")]
pub enum Health {
    #[default]
    Ok,
    Connecting,
    Credentials,
    Stopped,
    Error,
    Permissions,
}

impl Health {
    /// The word in `sources[].status` and in an account_status message.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Connecting => "CONNECTING",
            Self::Credentials => "CREDENTIALS",
            Self::Stopped => "STOPPED",
            Self::Error => "ERROR",
            Self::Permissions => "PERMISSIONS",
        }
    }
}

/// Which LinkedIn subscription the person pays for.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are LinkedIn's own")]
pub enum Tier {
    #[default]
    Free,
    Premium,
    SalesNavigator,
    Recruiter,
}

/// Whether the provider would still answer for a session.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Listed, and answered for.
    Live,
    /// Lost by the provider: 404, and in no list. It can come back.
    Gone,
    /// Deleted through the API: 404 for good.
    Deleted,
}

/// A source's status; nearly always one of [`Health`]'s words, which cost no memory.
pub(crate) type Word = Cow<'static, str>;

/// Who a session belongs to, as the provider would tell it.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) identity: String,
    pub(crate) handle: String,
}

/// A session as it is kept. Where it stands in the creation order is its index in the fleet.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) kind: Kind,
    pub(crate) tier: Tier,
    pub(crate) name: String,
    pub(crate) identity: String,
    pub(crate) handle: String,
    /// Person whose it was before somebody else signed in to it; none while it is theirs.
    pub(crate) taken_from: Option<Box<Person>>,
    pub(crate) created_at: Timestamp,
    /// One for each of the kind's services, in their order.
    pub(crate) words: Vec<Word>,
    pub(crate) presence: Presence,
    /// Since when it runs for the same person without a break; none while it does not run.
    pub(crate) well_since: Option<Timestamp>,
    /// LinkedIn refuses whatever it does.
    pub(crate) restricted: bool,
    /// Of a mailbox.
    pub(crate) mail: MailServer,
    /// Label by which bursts find it.
    pub(crate) workspace: Option<Box<str>>,
    /// Seed of what else its account holds.
    pub(crate) luck: u64,
}

impl Session {
    pub(crate) fn is_live(&self) -> bool {
        self.presence == Presence::Live
    }

    /// Live, and every source runs.
    pub(crate) fn is_well(&self) -> bool {
        self.is_live() && self.words.iter().all(|word| word == "OK")
    }

    /// Whether only its owner can make it run again.
    pub(crate) fn needs_owner(&self) -> bool {
        !self.is_live() || matches!(&*self.worst(), "CREDENTIALS" | "PERMISSIONS")
    }

    /// The word of the source that is worst off; an unknown one counts as worst.
    pub(crate) fn worst(&self) -> Word {
        self.words
            .iter()
            .max_by_key(|word| severity(word))
            .cloned()
            .unwrap_or(Cow::Borrowed("OK"))
    }
}

impl From<&Session> for SessionView {
    fn from(session: &Session) -> Self {
        Self {
            id: session.id.clone(),
            kind: session.kind,
            name: session.name.clone(),
            identity: session.identity.clone(),
            handle: session.handle.clone(),
            tier: session.tier,
            created_at: session.created_at,
            words: session.words.iter().map(ToString::to_string).collect(),
            presence: session.presence,
            well_since: session.well_since,
            workspace: session.workspace.as_deref().map(ToOwned::to_owned),
        }
    }
}

fn severity(word: &str) -> u8 {
    match word {
        "OK" => 0,
        "CONNECTING" => 1,
        "STOPPED" => 2,
        "ERROR" => 3,
        "PERMISSIONS" => 4,
        "CREDENTIALS" => 5,
        _ => 6,
    }
}
