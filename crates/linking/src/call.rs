//! What the provider is asked for, and what its refusals mean.

use crate::ask::LinkAsk;
use crate::minter::Minter;
use crate::names::AttemptName;
use crate::tickets::PageTicket;
use crate::turn::Grant;
use policy::account::AccountKind;
use policy::life::LinkTarget;
use provider::{Cause, Class, LinkRequest, ProviderError, Purpose};

/// Longest type of a refusal that is kept, in bytes.
const TYPE_BYTES_MAX: usize = 80;

/// First part of the word of a refusal; its type follows.
const REFUSED: &str = "refused";

/// Why a call brought no link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Exactly the provider's words for a session that is gone.
    Gone,
    /// Its refusal, with its type where it gave one.
    Refused(Option<String>),
    /// It is not well, or no connection was made.
    Down,
    /// No whole answer came in time.
    Silent,
    /// It refuses our key.
    OurKey,
    /// It was not made: the time of the mint was over.
    Late,
}

impl Failure {
    /// What an error means for a call that may be made again.
    pub(crate) fn of(error: &ProviderError) -> Self {
        match (&error.cause, error.class, error.status) {
            (_, Class::Gone, _) => Self::Gone,
            (_, Class::OurKey, _) => Self::OurKey,
            (Cause::TimedOut(_) | Cause::Broken(_), ..) | (_, _, Some(504)) => Self::Silent,
            (Cause::Refused(_), _, Some(400..500)) => Self::Refused(kept(error.kind.as_deref())),
            // No connection was made, too: nothing was asked.
            _ => Self::Down,
        }
    }

    /// Word that the attempt keeps, for whoever waits for it and for people.
    pub(crate) fn word(&self) -> String {
        match self {
            Self::Gone => format!("{REFUSED} errors/resource_not_found"),
            Self::Refused(Some(kind)) => format!("{REFUSED} {kind}"),
            Self::Refused(None) => REFUSED.to_owned(),
            Self::Down => "down".to_owned(),
            Self::Silent => "silent".to_owned(),
            Self::OurKey => "our_key".to_owned(),
            Self::Late => "late".to_owned(),
        }
    }

    /// Reads such a word; what this build does not know is a provider that is not well.
    pub(crate) fn of_word(word: &str) -> Self {
        match word.split_once(' ') {
            Some((REFUSED, kind)) => Self::Refused(Some(kind.to_owned())),
            None if word == REFUSED => Self::Refused(None),
            None if word == "silent" => Self::Silent,
            None if word == "our_key" => Self::OurKey,
            _ => Self::Down,
        }
    }
}

fn kept(kind: Option<&str>) -> Option<String> {
    let fits = |kind: &&str| kind.len() <= TYPE_BYTES_MAX;
    kind.filter(fits).map(str::to_owned)
}

/// The request of one mint. Without addresses of the caller's an owner's browser comes back to our own page.
pub(crate) fn request(minter: &Minter, ask: &LinkAsk, grant: &Grant) -> LinkRequest {
    let name = AttemptName {
        attempt: grant.attempt,
        account: grant.account,
        workspace: ask.workspace,
        name_ends_at: grant.name_ends_at,
    };
    let ticket = PageTicket {
        account: grant.account,
        episode: grant.episode,
        step: PageTicket::OF_A_LINK,
        ends_at: grant.name_ends_at,
    };
    let back = || {
        let ticket = minter.keys().page(&ticket);
        minter.urls().page_back(&ticket).to_string()
    };
    LinkRequest {
        purpose: purpose(&grant.target, &grant.kind),
        expires_at: grant.link_ends_at,
        name: minter.keys().name(&name),
        notify_url: minter.urls().link_callback().to_string(),
        success_redirect_url: Some(ask.success_url.clone().unwrap_or_else(back)),
        failure_redirect_url: Some(ask.failure_url.clone().unwrap_or_else(back)),
    }
}

fn purpose(target: &LinkTarget, kind: &str) -> Purpose {
    match target {
        LinkTarget::Reconnect(session) => Purpose::Reconnect {
            session: session.clone(),
        },
        LinkTarget::Create => Purpose::Create {
            providers: vec![hosted_name(kind).to_owned()],
        },
    }
}

/// The provider's name of what its page offers, which is not the type of what it makes. Apple's mailboxes have no page of
/// their own: they are mail servers to it.
fn hosted_name(kind: &str) -> &str {
    match AccountKind::parse(kind) {
        Some(AccountKind::Linkedin) => "LINKEDIN",
        Some(AccountKind::Google) => "GOOGLE",
        Some(AccountKind::Microsoft) => "OUTLOOK",
        Some(AccountKind::Imap | AccountKind::Icloud) => "MAIL",
        None => kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(class: Class, status: Option<u16>, cause: Cause) -> ProviderError {
        ProviderError {
            status,
            kind: Some("errors/invalid_parameters".into()),
            ..ProviderError::new("POST /hosted/accounts/link", class, cause)
        }
    }

    #[test]
    fn r_lnk_1_each_refusal_of_a_mint_has_its_word_and_is_read_back() {
        let lost = || Box::<dyn std::error::Error + Send + Sync>::from("x");
        let said = || Cause::Refused("x".into());
        let refused = Failure::Refused(Some("errors/invalid_parameters".into()));
        for (class, status, cause, expected) in [
            (Class::Gone, Some(404), said(), Failure::Gone),
            (Class::OurKey, Some(401), said(), Failure::OurKey),
            (Class::BadRequest, Some(400), said(), refused.clone()),
            (Class::Unknown, Some(422), said(), refused.clone()),
            (Class::Transient, Some(503), said(), Failure::Down),
            (Class::Transient, Some(504), said(), Failure::Silent),
            (
                Class::Unreadable,
                Some(200),
                Cause::Shape("url"),
                Failure::Down,
            ),
            (
                Class::Transient,
                None,
                Cause::Unreached(lost()),
                Failure::Down,
            ),
            (
                Class::Transient,
                None,
                Cause::TimedOut(lost()),
                Failure::Silent,
            ),
            (
                Class::Indeterminate,
                None,
                Cause::Broken(lost()),
                Failure::Silent,
            ),
        ] {
            let failure = Failure::of(&error(class, status, cause));
            assert_eq!(failure, expected, "{class:?} {status:?}");
            let read = Failure::of_word(&failure.word());
            assert_eq!(read.word(), failure.word());
        }
        assert_eq!(Failure::of_word("a later build's word"), Failure::Down);
    }

    #[test]
    fn every_kind_has_a_page_of_the_provider() {
        let names = AccountKind::ALL.map(|kind| hosted_name(kind.as_str()));
        assert_eq!(names, ["LINKEDIN", "GOOGLE", "OUTLOOK", "MAIL", "MAIL"]);
    }
}
