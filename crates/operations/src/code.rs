//! Codes by which a program tells one refusal from another.

use serde::Serialize;
use utoipa::ToSchema;

policy::words! {
    serde:
    /// Code of a refusal: a closed list, each with one status. Never changed or reused; new ones may come.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, ToSchema)]
    #[schema(title = "Code")]
    pub enum Code {
        /// A head or a body that breaks the rules of HTTP/1.1, or broke off.
        BadRequest = "bad_request",
        /// A body that is no JSON object, or names a member twice.
        BadJson = "bad_json",
        /// A cursor that no page of this list gave.
        BadCursor = "bad_cursor",
        /// No `Idempotency-Key`, where one is needed.
        KeyRequired = "key_required",
        /// No token in force.
        Unauthorized = "unauthorized",
        /// A token without the scope.
        Scope = "scope",
        /// Something that this bearer may not do, whatever the scope: a warrant of one's own.
        Forbidden = "forbidden",
        /// No such path or thing, or another workspace's.
        NotFound = "not_found",
        /// Other methods than this.
        Method = "method",
        /// A body that did not come in time.
        SlowBody = "slow_body",
        /// A thing that is not in a state for it.
        Conflict = "conflict",
        /// A reconnect of an account that is connected.
        AlreadyConnected = "already_connected",
        /// A login that was answered and is being looked at.
        LinkInProgress = "link_in_progress",
        /// Another account of this workspace is that person.
        IdentityKnown = "identity_known",
        /// An account that is disconnected.
        Disconnected = "disconnected",
        /// An account that went on as an earlier one of the same person, which `account` names.
        Merged = "merged",
        /// Something that has ended already.
        Finished = "finished",
        /// The first request with this `Idempotency-Key` runs still.
        KeyInUse = "key_in_use",
        /// The rows are not what the preview showed.
        ChangedSincePreview = "changed_since_preview",
        /// A link, a page or a preview whose time is over.
        Expired = "expired",
        /// Another version than `If-Match` says.
        Changed = "changed",
        /// A body over 64 KiB.
        TooLarge = "too_large",
        /// A body that is not said to be plain JSON.
        MediaType = "media_type",
        /// An `Expect` that is not `100-continue`.
        Expectation = "expectation",
        /// A field that is wrong or missing.
        Invalid = "invalid",
        /// A field that there is not.
        UnknownField = "unknown_field",
        /// An `Idempotency-Key` that was used for another request.
        KeyReused = "key_reused",
        /// The provider refused what it was asked for.
        ProviderRefused = "provider_refused",
        /// No `If-Match`, where one is needed.
        IfMatchRequired = "if_match_required",
        /// Too many requests.
        Rate = "rate",
        /// A mistake of this service; its log has it.
        Broken = "broken",
        /// A transfer coding other than `chunked`.
        TransferCoding = "transfer_coding",
        /// The provider does not work; nothing changed.
        ProviderDown = "provider_down",
        /// The database does not answer, or too many requests are being answered.
        Later = "later",
        /// The provider did not answer in time; nothing changed.
        ProviderSilent = "provider_silent",
    }
}

impl Code {
    /// Status of HTTP that it is answered with.
    pub const fn status(self) -> u16 {
        match self {
            Self::BadRequest | Self::BadJson | Self::BadCursor | Self::KeyRequired => 400,
            Self::Unauthorized => 401,
            Self::Scope | Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Method => 405,
            Self::SlowBody => 408,
            Self::Conflict
            | Self::AlreadyConnected
            | Self::LinkInProgress
            | Self::IdentityKnown
            | Self::Disconnected
            | Self::Merged
            | Self::Finished
            | Self::KeyInUse
            | Self::ChangedSincePreview => 409,
            Self::Expired => 410,
            Self::Changed => 412,
            Self::TooLarge => 413,
            Self::MediaType => 415,
            Self::Expectation => 417,
            Self::Invalid | Self::UnknownField | Self::KeyReused => 422,
            Self::ProviderRefused => 424,
            Self::IfMatchRequired => 428,
            Self::Rate => 429,
            Self::Broken => 500,
            Self::TransferCoding => 501,
            Self::ProviderDown => 502,
            Self::Later => 503,
            Self::ProviderSilent => 504,
        }
    }

    /// `urn:relink:problem:` and the code (RFC 9457's `type`).
    pub fn urn(self) -> String {
        format!("urn:relink:problem:{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn codes_stand_in_the_order_of_their_statuses() {
        let statuses = Code::ALL.map(Code::status);
        assert!(statuses.is_sorted(), "{statuses:?}");
        assert_eq!(Code::BadCursor.urn(), "urn:relink:problem:bad_cursor");
    }
}
