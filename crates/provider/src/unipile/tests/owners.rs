//! Whose session it is: one form in the list and in the owner's own profile, whatever the kind (R-LNK-4, R-LNK-6).

use crate::unipile::decode::{Lacks, owner};
use crate::unipile::session::session;
use serde_json::{Value, json};

fn listed(kind: &str, params: &Value) -> Option<String> {
    let account = json!({"object": "Account", "type": kind, "id": "a", "name": "Jane", "created_at": "2026-03-01T10:00:00Z",
        "connection_params": params, "sources": []});
    session(&account)
        .expect("a session")
        .identity
        .map(|it| it.0)
}

fn profile(provider: &str, rest: &Value) -> Value {
    let mut profile = json!({"object": "AccountOwnerProfile", "provider": provider});
    let keys = profile.as_object_mut().expect("an object");
    keys.extend(rest.as_object().expect("an object").clone());
    profile
}

#[track_caller]
fn check(kind: &str, params: &Value, provider: &str, me: &Value, person: &str) {
    let owner = owner(&profile(provider, me)).expect("a profile");
    let own = owner.identity.map(|it| it.0);
    assert_eq!(own.as_deref(), Some(person), "{kind} by its profile");
    assert_eq!(
        listed(kind, params).as_deref(),
        Some(person),
        "{kind} by the list"
    );
}

/// Watch A1, field F1: only `provider_id` was read, which no mailbox's profile has.
#[test]
fn r_lnk_6_every_kind_of_profile_names_whom_the_list_names() {
    let jane = "jane@x.org";
    let im = json!({"im": {"id": "ACoAAb", "publicIdentifier": "jane"}});
    let me = json!({"provider_id": "ACoAAb", "email": "jane@x.org", "public_identifier": "jane"});
    check("LINKEDIN", &im, "LINKEDIN", &me, "ACoAAb");
    let google = json!({"mail": {"id": "1", "username": "Jane@X.org"}, "calendar": {}});
    for me in [
        json!({"email": " JANE@x.org", "aliases": []}),
        json!({"email": null, "aliases": [{"email": "j@x.org"}, {"email": "Jane@x.org", "is_primary": true}]}),
        json!({"aliases": [{"email": "Jane@x.org"}]}),
    ] {
        check("GOOGLE_OAUTH", &google, "GMAIL", &me, jane);
        check("GOOGLE_OAUTH", &google, "GOOGLE", &me, jane);
    }
    for me in [
        json!({"id": "7", "email": "Jane@X.org", "user_principal_name": "jane@x.onmicrosoft.com"}),
        json!({"id": "7", "email": null, "user_principal_name": "Jane@X.org"}),
        json!({"id": "7", "email": "", "user_principal_name": "JANE@X.ORG"}),
    ] {
        check("OUTLOOK", &google, "OUTLOOK", &me, jane);
        check("EXCHANGE", &google, "OUTLOOK", &me, jane);
    }
    let imap = |user: &str, host: &str| json!({"mail": {"imap_host": host, "imap_user": user}});
    let me = |user: &str, host: &str| json!({"connection_params": {"imap": {"username": user, "host": host}, "smtp": {"username": "s"}}});
    for kind in ["MAIL", "ICLOUD"] {
        check(
            kind,
            &imap("Jane@X.org", "h"),
            "IMAP",
            &me("jane@x.ORG ", "h"),
            jane,
        );
        check(
            kind,
            &imap("Jane", "Imap.x.org"),
            "IMAP",
            &me("jane", "IMAP.X.ORG"),
            "jane@imap.x.org",
        );
    }
}

#[test]
fn r_lnk_6_a_mailbox_may_be_listed_by_another_of_its_addresses() {
    let me = json!({"email": "jane@x.org", "user_principal_name": "jane@x.onmicrosoft.com", "aliases": [{"email": "J@x.org"}]});
    let owner = owner(&profile("OUTLOOK", &me)).expect("a profile");
    let beside = |listed: Option<&str>| {
        let listed = listed.map(|it| policy::ids::Identity(it.to_owned()));
        owner.beside(listed.as_ref()).map(|it| it.0.as_str())
    };
    for one in ["jane@x.org", "jane@x.onmicrosoft.com", "j@x.org"] {
        assert_eq!(beside(Some(one)), Some(one));
    }
    assert_eq!(beside(Some("eve@x.org")), Some("jane@x.org"));
    assert_eq!(beside(None), Some("jane@x.org"));
}

/// Told apart from a profile that cannot be read: the provider answers for that very session.
#[test]
fn r_lnk_6_a_profile_that_names_nobody_is_a_profile() {
    for (provider, me) in [
        ("LINKEDIN", json!({"email": "jane@x.org"})),
        ("LINKEDIN", json!({"provider_id": "a\u{fffd}"})),
        (
            "GMAIL",
            json!({"provider_id": "ACoAAb", "email": "jane", "aliases": "none"}),
        ),
        ("OUTLOOK", json!({"id": "7"})),
        (
            "IMAP",
            json!({"connection_params": {"imap": {"username": "jane"}}}),
        ),
        ("NEWMAIL", json!({})),
    ] {
        let owner = owner(&profile(provider, &me)).expect("a profile");
        assert_eq!((owner.identity, owner.names.len()), (None, 0), "{provider}");
    }
    for (me, person) in [
        (
            json!({"provider_id": "ACoAAb", "email": "j@x.org"}),
            "ACoAAb",
        ),
        (json!({"email": "J@x.org"}), "j@x.org"),
    ] {
        let owner = owner(&profile("NEW", &me)).expect("a profile");
        assert_eq!(owner.identity.expect("a person").0, person);
    }
    assert_eq!(
        owner(&json!({"object": "Account"})).err(),
        Some(Lacks("object"))
    );
}
