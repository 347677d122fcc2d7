//! Texts from hell through every door: nothing that leaves this crate is longer than its bound, or holds what no column
//! takes (R-WAT-4).

use crate::unipile::decode::{hosted_link, list, owner, restarted};
use crate::unipile::door::mended;
use crate::unipile::reply::Reply;
use crate::unipile::routes;
use crate::unipile::send::receipt;
use crate::unipile::session::{page, session};
use crate::{Owner, Page, Product};
use policy::identity::NAME_BYTES_MAX;
use policy::sends::Action;
use policy::session::Session;
use proptest::prelude::*;
use serde_json::Value;

/// JSON as text, for half a character cannot be in a value of ours.
fn hell() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => ".{0,12}".prop_map(|text| Value::from(text).to_string()),
        1 => Just(r#""Ann \u0000a""#.to_owned()),
        1 => Just(r#""Ann \ud83d""#.to_owned()),
        1 => Just(r#""\ude00 \u202e\u2028""#.to_owned()),
        1 => Just(r#""a\u0001\u001b[31m\u007f\u0085b""#.to_owned()),
        1 => Just(r#""\uffff,\u001f""#.to_owned()),
        1 => (200_usize..5000).prop_map(|long| format!("\"{}\"", "é".repeat(long))),
        1 => Just("1e999".to_owned()),
        1 => Just("-7".to_owned()),
        1 => Just("true".to_owned()),
        1 => Just("null".to_owned()),
        1 => Just(r#""2026-03-01T10:00:00Z""#.to_owned()),
        1 => Just(r#""https://x/\u0000\n""#.to_owned()),
        1 => Just(r#""jane@x.org""#.to_owned()),
        4 => prop::sample::select(vec![
            "Account", "AccountList", "HostedAuthURL", "AccountOwnerProfile", "UserInvitationSent", "ChatStarted",
            "EmailSent", "Checkpoint", "LINKEDIN", "GMAIL", "IMAP", "MAIL", "OK", "errors/a b", "errors/checkpoint_error",
        ])
        .prop_map(|word| format!("\"{word}\"")),
    ]
}

const KEYS: [&str; 30] = [
    "object",
    "id",
    "type",
    "name",
    "created_at",
    "sources",
    "status",
    "connection_params",
    "im",
    "mail",
    "imap",
    "publicIdentifier",
    "username",
    "imap_host",
    "imap_user",
    "host",
    "items",
    "cursor",
    "url",
    "recruiter",
    "error",
    "provider",
    "provider_id",
    "public_identifier",
    "email",
    "aliases",
    "invitation_id",
    "message_id",
    "checkpoint",
    "chat_id",
];

fn anything() -> impl Strategy<Value = String> {
    hell().prop_recursive(4, 48, 8, |inner| {
        let pair = (prop::sample::select(KEYS.to_vec()), inner.clone());
        prop_oneof![
            prop::collection::vec(inner, 0..6).prop_map(|all| format!("[{}]", all.join(","))),
            prop::collection::vec(pair, 0..14).prop_map(|all| {
                let all: Vec<_> = all
                    .iter()
                    .map(|(key, value)| format!("\"{key}\":{value}"))
                    .collect();
                format!("{{{}}}", all.join(","))
            }),
        ]
    })
}

/// An account of which most can be read.
fn accounts() -> impl Strategy<Value = String> {
    prop::collection::vec(anything(), 6).prop_map(|of| {
        format!(
            r#"{{"object":"Account","id":{},"type":{},"name":{},"created_at":"2026-03-01T10:00:00Z","sources":[{{"id":{},"status":{}}}],
            "connection_params":{}}}"#,
            of[0], of[1], of[2], of[3], of[4], of[5]
        )
    })
}

#[track_caller]
fn holds(text: &str, bytes_max: usize) {
    assert!(!text.contains(char::is_control), "{text:?}");
    assert!(text.len() <= bytes_max, "{} bytes", text.len());
}

#[track_caller]
fn names(text: &str) {
    holds(text, NAME_BYTES_MAX);
    assert!(!text.is_empty() && !text.contains('\u{fffd}'), "{text:?}");
}

fn check_session(session: Session) {
    let Session {
        id,
        kind,
        name,
        health: _,
        words,
        odd,
        side: _,
        identity,
        handle,
        created_at: _,
    } = session;
    names(&id.0);
    holds(&kind, 4 * 64);
    assert!(!kind.is_empty());
    holds(&name, 4 * 200);
    assert!(words.len() <= 16 && odd.len() <= 16);
    words
        .iter()
        .chain(&odd)
        .for_each(|word| holds(word, 4 * 64));
    if let Some(person) = &identity {
        names(&person.0);
    }
    if let Some(handle) = &handle {
        names(handle);
    }
}

fn check_owner(owner: Owner) {
    let Owner {
        identity,
        names: all,
        public_identifier,
        premium: _,
        recruiter,
        sales_navigator,
    } = owner;
    assert_eq!(identity.as_ref(), all.first());
    for person in &all {
        names(&person.0);
    }
    if let Some(handle) = &public_identifier {
        names(handle);
    }
    for product in [recruiter, sales_navigator] {
        if let Product::Failed { word } = product {
            holds(&word, 4 * 64);
        }
    }
}

fn check_page(page: Page) {
    let Page {
        sessions,
        cursor,
        unreadable,
        answered_at: _,
    } = page;
    sessions.into_iter().for_each(check_session);
    if let Some(cursor) = &cursor {
        holds(cursor, 2000);
    }
    for item in unreadable {
        item.id.iter().for_each(|id| names(&id.0));
        holds(&item.why, 100);
    }
}

proptest! {
    #[test]
    fn r_wat_4_nothing_that_leaves_here_breaks_a_column(body in anything(), account in accounts(), status in 200_u16..600) {
        let text = mended(body.as_bytes());
        for text in [text.clone(), mended(account.as_bytes()), format!(r#"{{"object":"AccountList","items":[{text}],"cursor":{text}}}"#)] {
            page(&text).into_iter().for_each(check_page);
            drop(list(&text, "AccountList"));
            let Ok(value) = serde_json::from_str::<Value>(&text) else { continue };
            session(&value).into_iter().for_each(check_session);
            owner(&value).into_iter().for_each(check_owner);
            if let Ok(link) = hosted_link(&value) {
                holds(&link.url, 4096);
            }
            restarted(&value).ok();
            for action in [Action::Invite, Action::Message, Action::Email, Action::RemoveConnection] {
                if let Ok(receipt) = receipt(action, &value) {
                    receipt.reference.iter().chain(&receipt.chat).for_each(|it| names(it));
                }
            }
        }
        let items = format!(r#"{{"object":"AccountList","items":[{account},{account}],"cursor":null}}"#);
        let page = page(&mended(items.as_bytes())).expect("a page, whatever its items");
        prop_assert_eq!(page.sessions.len() + page.unreadable.len(), 2);
        check_page(page);
        let reply = Reply { status, retry_after: None, date: None, body: Ok(body.as_bytes()), body_bytes_max: 1, secret: "k" };
        if let Err(error) = reply.json(&routes::GET) {
            for text in error.kind.iter().chain(&error.checkpoint) {
                holds(text, 128);
            }
            holds(&format!("{error} {:?}", error.cause), 500);
        }
    }
}
