//! The provider's objects, readable and not.

use crate::Page;
use crate::unipile::decode::{Lacks, hosted_link, owner};
use crate::unipile::session::session;
use policy::session::Health;
use proptest::prelude::*;
use serde_json::{Value, json};

fn page(list: &Value) -> Result<Page, Lacks> {
    crate::unipile::session::page(&list.to_string())
}

fn linkedin() -> Value {
    json!({"object":"Account","type":"LINKEDIN","id":"e54m8LR22bA7G5qsAc8w","name":"Jane Doe",
     "created_at":"2025-12-31T23:59:59.999Z",
     "connection_params":{"im":{"id":"ACoAAA","publicIdentifier":"Jane-Doe","username":"Jane Doe",
       "premiumId":null,"premiumContractId":null,"premiumFeatures":["recruiter"],
       "organizations":[{"name":"","messaging_enabled":true,"organization_urn":"","mailbox_urn":""}],
       "proxy":{"source":"USER","host":"","port":1,"protocol":"https","username":"","password":"p"}}},
     "current_signature":"id","signatures":[],"groups":["id"],"sources":[{"id":"s","status":"OK"}]})
}

#[test]
fn a_linkedin_account_is_read() {
    let session = session(&linkedin()).expect("a session");
    assert_eq!(session.id.0, "e54m8LR22bA7G5qsAc8w");
    assert_eq!(
        (session.kind.as_str(), session.name.as_str()),
        ("LINKEDIN", "Jane Doe")
    );
    assert_eq!(
        (session.health, session.words),
        (Health::Ok, vec!["OK".to_owned()])
    );
    assert_eq!(session.identity.expect("a person").0, "ACoAAA");
    assert_eq!(session.handle.as_deref(), Some("jane-doe"));
    assert_eq!(session.created_at.to_string(), "2025-12-31T23:59:59.999Z");
}

#[track_caller]
fn check_person(params: &Value, identity: Option<&str>, handle: Option<&str>) {
    let mut account = linkedin();
    account["connection_params"] = params.clone();
    let session = session(&account).expect("a session");
    assert_eq!(
        session.identity.map(|identity| identity.0).as_deref(),
        identity
    );
    assert_eq!(session.handle.as_deref(), handle);
}

#[test]
fn the_person_behind_a_mailbox_is_its_address_in_lower_case() {
    let jane = Some("jane@x.org");
    check_person(
        &json!({"mail":{"id":"1","username":"Jane@X.org"},"calendar":{}}),
        jane,
        jane,
    );
    check_person(
        &json!({"mail":{"imap_host":"h","imap_user":"Jane@X.org"}}),
        jane,
        jane,
    );
    let bare = json!({"mail":{"imap_host":"imap.x.org","imap_user":"Jane"}});
    check_person(&bare, Some("jane@imap.x.org"), Some("jane"));
    check_person(&json!({"mail":{"imap_user":"jane"}}), None, Some("jane"));
    check_person(&json!({"im":{"id":"ACoB"}}), Some("ACoB"), None);
    check_person(&json!({"im":null}), None, None);
    check_person(&json!([]), None, None);
}

#[track_caller]
fn check_health(sources: &Value, health: Health, words: &[&str]) {
    let mut account = linkedin();
    account["sources"] = sources.clone();
    let session = session(&account).expect("a session");
    assert_eq!(
        (session.health, session.words.as_slice()),
        (
            health,
            &*words
                .iter()
                .map(|&word| word.to_owned())
                .collect::<Vec<_>>()
        )
    );
}

#[test]
fn the_worst_source_counts_and_an_unknown_word_is_kept_as_unknown_r_st_3() {
    let source = |word: &str| json!({"id":"s","status":word});
    check_health(
        &json!([source("OK"), source("CREDENTIALS")]),
        Health::Credentials,
        &["OK", "CREDENTIALS"],
    );
    check_health(
        &json!([source("CREDENTIALS"), source("ZEN")]),
        Health::Credentials,
        &["CREDENTIALS", "ZEN"],
    );
    check_health(
        &json!([source("CONNECTING"), source("STOPPED")]),
        Health::Stopped,
        &["CONNECTING", "STOPPED"],
    );
    check_health(
        &json!([source("OK"), {"id":"s"}]),
        Health::Unknown,
        &["OK", "(none)"],
    );
    check_health(&json!([7, null]), Health::Unknown, &["(none)", "(none)"]);
    check_health(&json!([]), Health::Unknown, &[]);
    check_health(&json!("OK"), Health::Unknown, &[]);
}

#[test]
fn an_account_without_what_it_must_have_is_not_read_and_a_new_type_is() {
    for key in ["object", "id", "type", "created_at"] {
        let mut account = linkedin();
        account[key] = Value::Null;
        assert_eq!(session(&account), Err(Lacks(key)));
    }
    for (key, odd) in [
        ("id", json!(" a")),
        ("id", json!("")),
        ("id", json!(7)),
        ("created_at", json!("soon")),
    ] {
        let mut account = linkedin();
        account[key] = odd;
        assert_eq!(session(&account), Err(Lacks(key)));
    }
    let mut account = linkedin();
    account["type"] = "BLUESKY".into();
    for key in ["name", "sources", "connection_params", "groups"] {
        account.as_object_mut().expect("an object").remove(key);
    }
    let session = session(&account).expect("a session");
    assert_eq!(
        (session.kind.as_str(), session.health),
        ("BLUESKY", Health::Unknown)
    );
}

#[test]
fn an_unreadable_item_does_not_lose_the_others() {
    let items = json!([{"object":"Account","id":"half"}, linkedin(), 7]);
    let page = page(&json!({"object":"AccountList","items":items,"cursor":null})).expect("a page");
    assert_eq!((page.sessions.len(), page.cursor), (1, None));
    let unreadable: Vec<_> = page
        .unreadable
        .iter()
        .map(|item| (item.id.as_ref().map(|id| id.0.as_str()), item.why.as_str()))
        .collect();
    assert_eq!(
        unreadable,
        [
            (Some("half"), "no readable type"),
            (None, "no readable object")
        ]
    );
}

#[test]
fn a_list_that_does_not_say_where_it_ends_is_no_list() {
    for cursor in [json!(""), json!(7), json!({})] {
        let list = json!({"object":"AccountList","items":[],"cursor":cursor});
        assert_eq!(page(&list), Err(Lacks("cursor")));
    }
    assert_eq!(
        page(&json!({"object":"AccountList","items":[]})),
        Err(Lacks("cursor"))
    );
    assert_eq!(
        page(&json!({"object":"AccountList","cursor":null})),
        Err(Lacks("items"))
    );
    assert_eq!(
        page(&json!({"object":"WebhookList","items":[],"cursor":null})),
        Err(Lacks("object"))
    );
}

#[test]
fn a_hosted_link_that_is_no_web_page_is_no_link() {
    for url in [
        json!(null),
        json!(""),
        json!("javascript:alert(1)"),
        json!("/relative"),
    ] {
        let answer = json!({"object":"HostedAuthURL","url":url});
        assert_eq!(hosted_link(&answer).err(), Some(Lacks("url")));
    }
}

/// Any JSON under the keys that are read.
fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        prop_oneof![
            Just("Account"),
            Just("AccountList"),
            Just("HostedAuthURL"),
            Just("AccountOwnerProfile")
        ]
        .prop_map(Value::from),
        Just(Value::from("2026-03-01T10:00:00Z")),
    ];
    let key = prop::sample::select(vec![
        "object",
        "id",
        "type",
        "created_at",
        "sources",
        "status",
        "connection_params",
        "im",
        "mail",
        "username",
        "imap_host",
        "imap_user",
        "items",
        "cursor",
        "url",
        "recruiter",
        "error",
    ]);
    leaf.prop_recursive(4, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..12).prop_map(|pairs| pairs
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect()),
        ]
    })
}

proptest! {
    #[test]
    fn no_json_panics_and_what_is_read_has_an_id(value in anything()) {
        drop((owner(&value), hosted_link(&value)));
        let read = session(&value).into_iter().chain(page(&value).into_iter().flat_map(|page| page.sessions));
        for session in read {
            prop_assert!(!session.id.0.is_empty());
        }
    }
}
