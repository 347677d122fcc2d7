//! What an error means for us: one table, data.

pub use policy::class::Class;

/// What each error type means, by HTTP status and type without its prefix `errors/`.
///
/// [`Class::Gone`] is not in it: that takes more than a type. Nor is [`Class::Indeterminate`]: that takes a route that
/// acts. Types that the provider documents without saying whom they concern stand where they do least harm.
pub const TABLE: &[(u16, &str, Class)] = &[
    (400, "invalid_parameters", Class::BadRequest),
    (400, "missing_parameters", Class::BadRequest),
    (400, "invalid_request", Class::BadRequest),
    (400, "malformed_request", Class::BadRequest),
    (400, "content_too_large", Class::BadRequest),
    (400, "invalid_url", Class::BadRequest),
    (400, "too_many_characters", Class::BadRequest),
    (400, "unescaped_characters", Class::BadRequest),
    (400, "limit_too_high", Class::BadRequest),
    (401, "missing_credentials", Class::OurKey),
    // Scopes are a key's, not an account's; and an alarm flips nobody.
    (401, "insufficient_privileges", Class::OurKey),
    (401, "disconnected_account", Class::Reconnect),
    (401, "expired_credentials", Class::Reconnect),
    (401, "invalid_credentials", Class::Reconnect),
    (401, "checkpoint_error", Class::Checkpoint),
    (401, "multiple_sessions", Class::Reconnect),
    (401, "wrong_account", Class::Reconnect),
    (401, "invalid_proxy_credentials", Class::Reconnect),
    (401, "invalid_imap_configuration", Class::Reconnect),
    (401, "invalid_smtp_configuration", Class::Reconnect),
    (
        401,
        "invalid_credentials_but_valid_account_imap",
        Class::Reconnect,
    ),
    (401, "invalid_checkpoint_solution", Class::Reconnect),
    (401, "expired_link", Class::Reconnect),
    (401, "disconnected_feature", Class::Degraded),
    (403, "account_restricted", Class::Restricted),
    (403, "unknown_authentication_context", Class::Reconnect),
    (403, "action_required", Class::Reconnect),
    (403, "session_mismatch", Class::Reconnect),
    (403, "feature_not_subscribed", Class::Degraded),
    (403, "subscription_required", Class::Degraded),
    (403, "insufficient_permissions", Class::Degraded),
    (403, "account_mismatch", Class::Degraded),
    (403, "resource_access_restricted", Class::ProspectLater),
    (404, "resource_not_found", Class::ProspectGone),
    (404, "invalid_resource_identifier", Class::ProspectGone),
    (408, "request_timeout", Class::Transient),
    (422, "cannot_resend_yet", Class::AccountCap),
    (422, "limit_exceeded", Class::AccountCap),
    (422, "connection_limit_reached", Class::AccountCap),
    (422, "insufficient_credits", Class::AccountCap),
    (422, "already_invited_recently", Class::ProspectLater),
    (422, "cannot_resend_within_24hrs", Class::ProspectLater),
    (422, "cant_send_message", Class::ProspectLater),
    (422, "no_connection_with_recipient", Class::ProspectGone),
    (422, "blocked_recipient", Class::ProspectGone),
    (422, "invalid_recipient", Class::ProspectGone),
    (422, "user_unreachable", Class::ProspectGone),
    (422, "recipient_rejected", Class::ProspectGone),
    (422, "not_allowed_inmail", Class::ProspectGone),
    (422, "cannot_invite_attendee", Class::ProspectGone),
    (422, "already_connected", Class::AimReached),
    (422, "action_already_performed", Class::AimReached),
    (422, "sender_rejected", Class::Degraded),
    (422, "ip_rejected_by_server", Class::Degraded),
    (422, "account_configuration_error", Class::Degraded),
    (422, "unauthorized", Class::Degraded),
    (422, "send_as_denied", Class::Degraded),
    (422, "provider_unreachable", Class::Transient),
    (422, "realtime_client_not_initialized", Class::Transient),
    (422, "invalid_account", Class::BadRequest),
    (422, "unprocessable_entity", Class::BadRequest),
    (422, "invalid_message", Class::BadRequest),
    (422, "invalid_post", Class::BadRequest),
    (422, "parent_mail_not_found", Class::BadRequest),
    (422, "invalid_reply_subject", Class::BadRequest),
    (422, "invalid_headers", Class::BadRequest),
    (422, "invalid_folder", Class::BadRequest),
    (422, "invalid_thread", Class::BadRequest),
    (422, "limit_too_high", Class::BadRequest),
    (425, "auth_in_progress", Class::Transient),
    (429, "too_many_requests", Class::AccountCap),
    (500, "unexpected_error", Class::Transient),
    // The provider answers so, too, when LinkedIn's own limits are exceeded.
    (500, "provider_error", Class::AccountCap),
    (500, "authentication_intent_error", Class::Reconnect),
    (501, "feature_not_implemented", Class::BadRequest),
    (502, "proxy_error", Class::Transient),
    (503, "no_client_session", Class::Transient),
    (503, "no_channel", Class::Transient),
    (503, "no_handler", Class::Transient),
    (503, "network_down", Class::Transient),
    (503, "service_unavailable", Class::Transient),
    (504, "request_timeout", Class::Transient),
];

/// What [`TABLE`] says of a refusal, by status and full type (`errors/…`); what it does not list is told by the
/// status alone. Never [`Class::Gone`].
pub(crate) fn class_of(status: u16, kind: Option<&str>) -> Class {
    let short = kind.and_then(|kind| kind.strip_prefix("errors/"));
    short
        .and_then(|short| listed(status, short))
        .unwrap_or(match status {
            429 => Class::AccountCap,
            408 | 425 | 500.. => Class::Transient,
            _ if kind.is_some() => Class::Unknown,
            _ => Class::Unreadable,
        })
}

/// The type counts more than the status beside which we know it, but a failing server's word is never a refusal.
fn listed(status: u16, short: &str) -> Option<Class> {
    let rows = || TABLE.iter().filter(|row| row.1 == short);
    let refusal = |status: u16| (400..500).contains(&status);
    rows()
        .find(|row| row.0 == status)
        .or_else(|| rows().find(|row| refusal(row.0) && refusal(status)))
        .map(|row| row.2)
}
