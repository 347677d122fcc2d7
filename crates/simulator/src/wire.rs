//! The provider's JSON: accounts, profiles, problems. Only what is certain about Unipile v1 is spelled out here.

use axum::{
    Json,
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::{Value, json};

use crate::session::{Kind, Session, Tier};

/// An `Account`, as listed and as fetched alone.
pub(crate) fn account(session: &Session) -> Value {
    let sources: Vec<Value> = session
        .kind
        .services()
        .iter()
        .zip(&session.words)
        .map(|(service, word)| json!({ "id": format!("{}_{service}", session.id), "status": word }))
        .collect();
    json!({
        "object": "Account",
        "type": session.kind.word(),
        "id": session.id,
        "name": session.name,
        "created_at": format!("{:.3}", session.created_at),
        "connection_params": connection_params(session),
        "signatures": [],
        "groups": [],
        "sources": sources,
    })
}

fn connection_params(session: &Session) -> Value {
    let Session {
        identity,
        handle,
        name,
        ..
    } = session;
    match session.kind {
        Kind::Linkedin => json!({ "im": {
            "id": identity, "publicIdentifier": handle, "username": name, "premiumId": null,
            "premiumContractId": null, "premiumFeatures": premium_features(session.tier), "organizations": [],
        } }),
        Kind::Google => json!({
            "mail": { "id": handle, "username": identity },
            "calendar": { "id": handle, "username": identity },
        }),
        Kind::Outlook => json!({ "mail": { "id": handle, "username": identity } }),
        Kind::Mail | Kind::Icloud => json!({ "mail": {
            "imap_host": "imap.example.test", "imap_port": 993, "imap_user": identity, "imap_encryption": "tls",
            "smtp_host": "smtp.example.test", "smtp_port": 465, "smtp_user": identity,
        } }),
    }
}

fn premium_features(tier: Tier) -> &'static [&'static str] {
    match tier {
        Tier::Free => &[],
        Tier::Premium => &["premium"],
        Tier::SalesNavigator => &["premium", "sales_navigator"],
        Tier::Recruiter => &["premium", "recruiter"],
    }
}

/// An `AccountOwnerProfile`.
pub(crate) fn profile(session: &Session) -> Value {
    let Session {
        identity,
        handle,
        name,
        tier,
        ..
    } = session;
    let (first, last) = name.split_once(' ').unwrap_or((name, ""));
    let seat = |has: bool| {
        if has {
            json!({ "owner_seat_id": "1", "contract_id": "1" })
        } else {
            Value::Null
        }
    };
    match session.kind {
        Kind::Linkedin => json!({
            "object": "AccountOwnerProfile", "provider": "LINKEDIN", "provider_id": identity,
            "entity_urn": format!("urn:li:fsd_profile:{identity}"), "object_urn": format!("urn:li:member:{identity}"),
            "first_name": first, "last_name": last, "profile_picture_url": null,
            "public_profile_url": format!("https://www.linkedin.com/in/{handle}"), "public_identifier": handle,
            "email": format!("{handle}@example.test"), "premium": *tier != Tier::Free, "open_profile": false,
            "recruiter": seat(*tier == Tier::Recruiter), "sales_navigator": seat(*tier == Tier::SalesNavigator),
        }),
        Kind::Google => json!({
            "object": "AccountOwnerProfile", "provider": "GMAIL", "email": identity, "aliases": [],
        }),
        Kind::Outlook => json!({
            "object": "AccountOwnerProfile", "provider": "OUTLOOK", "id": handle, "email": identity,
            "display_name": name, "given_name": first, "surname": last, "user_principal_name": identity,
            "job_title": "", "mobile_phone": "", "preferred_language": "en",
        }),
        Kind::Mail | Kind::Icloud => json!({
            "object": "AccountOwnerProfile", "provider": "IMAP", "connection_params": {
                "imap": { "username": identity, "port": 993, "host": "imap.example.test" },
                "smtp": { "username": identity, "port": 465, "host": "smtp.example.test" },
            },
        }),
    }
}

/// An error body. Where the detail is not fixed by what is known of the provider, it says what was wrong.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Problem {
    status: u16,
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

impl Problem {
    fn new(status: u16, kind: &'static str, title: &'static str, detail: &str) -> Self {
        Self {
            status,
            kind,
            title,
            detail: Some(detail.to_owned()),
        }
    }

    /// The only body that means that the session itself is gone.
    pub(crate) fn account_not_found() -> Self {
        Self::not_found("Account not found")
    }

    /// The same status and type with another last line says nothing about any account.
    pub(crate) fn not_found(what: &str) -> Self {
        let detail = format!("The requested resource were not found.\n{what}");
        Self::new(
            404,
            "errors/resource_not_found",
            "Resource not found.",
            &detail,
        )
    }

    pub(crate) fn missing_credentials() -> Self {
        let detail = "Some credentials are necessary to perform the request.";
        Self::new(
            401,
            "errors/missing_credentials",
            "Missing credentials",
            detail,
        )
    }

    pub(crate) fn invalid_parameters(detail: &str) -> Self {
        Self::new(
            400,
            "errors/invalid_parameters",
            "Invalid parameters",
            detail,
        )
    }

    pub(crate) fn missing_parameters(detail: &str) -> Self {
        Self::new(
            400,
            "errors/missing_parameters",
            "Missing parameters",
            detail,
        )
    }

    pub(crate) fn content_too_large() -> Self {
        Self::new(
            400,
            "errors/content_too_large",
            "Content too large",
            "The content is too large.",
        )
    }

    pub(crate) fn disconnected_account() -> Self {
        let detail = "The account appears to be disconnected from the provider service.";
        Self::new(
            401,
            "errors/disconnected_account",
            "Disconnected account",
            detail,
        )
    }

    pub(crate) fn invalid_checkpoint_solution() -> Self {
        let detail = "The checkpoint resolution did not pass successfully. Please retry.";
        Self::new(
            401,
            "errors/invalid_checkpoint_solution",
            "Invalid checkpoint solution",
            detail,
        )
    }

    pub(crate) fn intent_killed() -> Self {
        let detail = "The current authentication intent was killed after failure. Please start the process again";
        Self::new(
            500,
            "errors/authentication_intent_error",
            "Authentication intent error",
            detail,
        )
    }

    pub(crate) fn too_many_requests() -> Self {
        let detail =
            "The provider cannot accept any more requests at the moment. Please try again later.";
        Self::new(429, "errors/too_many_requests", "Too many requests", detail)
    }

    pub(crate) fn unexpected() -> Self {
        Self::new(
            500,
            "errors/unexpected_error",
            "Unexpected error",
            "Something went wrong.",
        )
    }

    pub(crate) fn unavailable() -> Self {
        let detail = "Please try again later.";
        Self::new(
            503,
            "errors/service_unavailable",
            "Service unavailable",
            detail,
        )
    }

    pub(crate) fn timeout() -> Self {
        let detail =
            "Request timed out. Please try again, and if the issue persists, contact support.";
        Self::new(504, "errors/request_timeout", "Request timed out", detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, Json(self)).into_response()
    }
}

/// An error page as an edge server writes it, in no shape of the provider's.
pub(crate) fn edge_page(status: StatusCode) -> Response {
    let text = format!(
        "<html>\r\n<head><title>{status}</title></head>\r\n<body>\r\n<center><h1>{status}</h1></center>\r\n\
         <hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    );
    (status, [(CONTENT_TYPE, "text/html")], text).into_response()
}
