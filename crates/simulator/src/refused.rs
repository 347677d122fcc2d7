//! How the provider says no to an outward action.

use crate::control::ScriptedRefusal;
use crate::problem::Problem;
use std::borrow::Cow;

impl Problem {
    /// The account has done too much; despite its name nothing about the person.
    pub(crate) fn cannot_resend_yet() -> Self {
        let detail = "You have reached a temporary provider limit. Please try again later.";
        Self::new(422, "errors/cannot_resend_yet", "Cannot resend yet", detail)
    }

    /// This person only.
    pub(crate) fn already_invited_recently() -> Self {
        let detail = "An invitation has already been sent recently to this recipient. Please try again later.";
        Self::new(
            422,
            "errors/already_invited_recently",
            "Should delay new invitation to this recipient",
            detail,
        )
    }

    /// Seen in the field, in none of the provider's lists.
    pub(crate) fn already_connected() -> Self {
        let detail = "The recipient is already a connection.";
        Self::new(422, "errors/already_connected", "Already connected", detail)
    }

    pub(crate) fn no_connection_with_recipient() -> Self {
        let detail = "The recipient is not a connection of the account.";
        Self::new(
            422,
            "errors/no_connection_with_recipient",
            "No connection with recipient",
            detail,
        )
    }

    /// Nobody whom the session can reach, in one of the ways that the draw chooses.
    pub(crate) fn unreachable(draw: u64) -> Self {
        let (status, kind, title, detail) = match draw % 3 {
            0 => (
                404,
                "errors/invalid_resource_identifier",
                "Invalid resource identifier",
                "The requested resource were not found.\nUser not found",
            ),
            1 => (
                422,
                "errors/user_unreachable",
                "User unreachable",
                "The user cannot be reached.",
            ),
            _ => (
                422,
                "errors/blocked_recipient",
                "Blocked recipient",
                "The recipient has been blocked.",
            ),
        };
        Self::new(status, kind, title, detail)
    }

    /// The mail server of the one to whom an e-mail goes.
    pub(crate) fn recipient_rejected() -> Self {
        let detail = "The recipient was rejected by the mail server.";
        Self::new(
            422,
            "errors/recipient_rejected",
            "Recipient rejected",
            detail,
        )
    }

    /// The session itself, until LinkedIn lifts it.
    pub(crate) fn account_restricted() -> Self {
        let detail = "The account is restricted by the provider.";
        Self::new(
            403,
            "errors/account_restricted",
            "Account restricted",
            detail,
        )
    }

    pub(crate) fn insufficient_credits() -> Self {
        let detail = "The account has no credits left for this.";
        Self::new(
            422,
            "errors/insufficient_credits",
            "Insufficient credits",
            detail,
        )
    }

    pub(crate) fn unprocessable(detail: &str) -> Self {
        Self::new(
            422,
            "errors/unprocessable_entity",
            "Unprocessable entity",
            detail,
        )
    }

    pub(crate) fn invalid_account() -> Self {
        let detail = "The account's provider has no such feature.";
        Self::new(422, "errors/invalid_account", "Invalid account", detail)
    }

    pub(crate) fn account_mismatch() -> Self {
        let detail = "The chat belongs to another account.";
        Self::new(403, "errors/account_mismatch", "Account mismatch", detail)
    }

    pub(crate) fn too_many_characters(detail: &str) -> Self {
        Self::new(
            400,
            "errors/too_many_characters",
            "Too many characters",
            detail,
        )
    }

    pub(crate) fn invalid_request(detail: &str) -> Self {
        Self::new(400, "errors/invalid_request", "Invalid request", detail)
    }

    /// As a test has asked for it.
    pub(crate) fn scripted(refusal: &ScriptedRefusal) -> Self {
        let name = refusal.kind.trim_start_matches("errors/");
        Self {
            status: refusal.status,
            kind: Cow::Owned(format!("errors/{name}")),
            title: Cow::Owned(name.replace('_', " ")),
            detail: refusal.detail.clone(),
            retry_after_seconds: refusal.retry_after_seconds,
        }
    }
}
