//! The provider's JSON: accounts and profiles. Only what is certain about Unipile v1 is spelled out here.

use crate::content;
use crate::session::{Kind, Session, Tier};
use serde_json::{Value, json};

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
        "signatures": content::signatures(session),
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
            "premiumContractId": null, "premiumFeatures": premium_features(session.tier),
            "organizations": content::organizations(session),
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
