use super::*;
use crate::ids::Identity;
use proptest::prelude::*;

const MAILBOXES: [&str; 9] = [
    "GOOGLE_OAUTH",
    "GMAIL",
    "google",
    "OUTLOOK",
    "microsoft",
    "MAIL",
    "IMAP",
    "ICLOUD",
    "EXCHANGE",
];

fn person(text: &str) -> Identity {
    Identity(text.to_owned())
}

#[test]
fn r_lnk_4_each_kind_of_account_has_one_form_of_a_person() {
    for kind in MAILBOXES {
        for said in ["jane@x.org", " Jane@X.Org ", "JANE@X.ORG"] {
            assert_eq!(canonical(kind, said), Some(person("jane@x.org")), "{kind}");
        }
        for nobody in [
            "jane",
            "",
            "  ",
            "@x.org",
            "jane@",
            "a\0@x.org",
            "a\u{fffd}@x.org",
        ] {
            assert_eq!(canonical(kind, nobody), None, "{kind} {nobody:?}");
        }
    }
    assert_eq!(canonical("LINKEDIN", " ACoAAb "), Some(person("ACoAAb")));
    assert_eq!(canonical("linkedin", "A@B"), Some(person("A@B")));
    assert_eq!(canonical("WHATSAPP", "49@S.net"), Some(person("49@s.net")));
    assert_eq!(canonical("WHATSAPP", "Abc"), Some(person("Abc")));
    let long = "a".repeat(NAME_BYTES_MAX);
    assert_eq!(canonical("LINKEDIN", &long), Some(person(&long)));
    assert_eq!(canonical("LINKEDIN", &format!("{long}a")), None);
}

#[test]
fn r_lnk_4_a_bare_user_is_somebody_only_with_its_server() {
    assert_eq!(
        mailbox("Jane", Some("IMAP.x.org")),
        Some(person("jane@imap.x.org"))
    );
    assert_eq!(
        mailbox("Jane", Some(" imap.x.org. ")),
        Some(person("jane@imap.x.org"))
    );
    assert_eq!(mailbox("Jane@X.org", Some("h")), Some(person("jane@x.org")));
    assert_eq!(mailbox("Jane@X.org", None), Some(person("jane@x.org")));
    for (user, server) in [
        ("jane", None),
        ("jane", Some("")),
        ("", Some("h")),
        ("a\0", Some("h")),
    ] {
        assert_eq!(mailbox(user, server), None);
    }
}

#[test]
fn r_orp_2_a_declared_handle_is_its_public_identifier_or_address() {
    for (kind, said, means) in [
        (
            "LINKEDIN",
            "https://www.linkedin.com/in/jane-doe-77/?x",
            "jane-doe-77",
        ),
        (
            "LINKEDIN",
            "https://www.linkedin.com/in/Jane-Doe-77",
            "jane-doe-77",
        ),
        (
            "LINKEDIN",
            "de.linkedin.com/in/J%C3%BCrgen-M%c3%bcller-88/#a",
            "jürgen-müller-88",
        ),
        ("LINKEDIN", "J%C3%BCrgen-M%C3%BCller-88", "jürgen-müller-88"),
        (
            "LINKEDIN",
            "https://www.linkedin.com/mwlite/in/jane/details/skills/",
            "jane",
        ),
        ("LINKEDIN", "/in/jane/", "jane"),
        (
            "LINKEDIN",
            "https://www.linkedin.com/pub/jane/1/2/3",
            "jane",
        ),
        ("linkedin", " @Jane ", "jane"),
        ("linkedin", "100%", "100%"),
        ("linkedin", "%zz%C3", "%zz%c3"),
        ("GOOGLE_OAUTH", " Jane@X.org ", "jane@x.org"),
        ("OUTLOOK", "mailto:Jane@X.org?subject=a", "jane@x.org"),
        ("MAIL", "Jane Doe <Jane@X.org>", "jane@x.org"),
        ("ICLOUD", "Jane", "jane"),
    ] {
        assert_eq!(handle(kind, said).as_deref(), Some(means), "{said}");
    }
    for nobody in [
        "",
        "https://www.linkedin.com/",
        "https://x.org/company/y",
        "a\0",
        "%00",
        "/in/",
    ] {
        assert_eq!(handle("LINKEDIN", nobody), None, "{nobody}");
    }
}

#[track_caller]
fn check(declared: Option<&str>, handle: Option<&str>, identity: Option<&str>, is: Agreement) {
    let identity = identity.map(|it| Identity(it.to_owned()));
    assert_eq!(agreement(declared, handle, identity.as_ref()), is);
}

#[test]
fn r_orp_2_a_session_agrees_by_handle_identity_or_user_and_server() {
    use Agreement::{Agrees, Differs, Open};
    check(None, Some("jane"), Some("ACoA"), Open);
    check(Some("jane"), Some("jane"), Some("ACoA"), Agrees);
    check(Some("jane"), Some("joan"), Some("ACoA"), Differs);
    check(Some("jane"), None, Some("ACoA"), Open);
    check(Some("acoa"), Some("joan"), Some("ACoA"), Agrees);
    check(
        Some("jane@x.org"),
        Some("jane@x.org"),
        Some("jane@x.org"),
        Agrees,
    );
    check(
        Some("jane@x.org"),
        Some("jane@y.org"),
        Some("jane@y.org"),
        Differs,
    );
    let user = (Some("jane"), Some("jane@imap.x.org"));
    check(Some("jane@imap.x.org"), user.0, user.1, Agrees);
    check(Some("jane@x.org"), user.0, user.1, Agrees);
    check(Some("jane"), user.0, user.1, Agrees);
    // Her mail may be kept anywhere, and a domain is no end of letters.
    check(Some("jane@y.org"), user.0, user.1, Open);
    check(Some("jane@p.x.org"), user.0, user.1, Open);
    check(Some("jane@org"), user.0, user.1, Open);
    check(Some("jane@ap.x.org"), user.0, user.1, Open);
    check(Some("joan@x.org"), user.0, user.1, Differs);
    check(Some("jane"), Some("jane@x.org"), Some("jane@x.org"), Open);
    check(
        Some("joan"),
        Some("jane@x.org"),
        Some("jane@x.org"),
        Differs,
    );
    assert_eq!(lookups("jane@x.org"), ["jane@x.org", "jane"]);
    assert_eq!(lookups("jane"), ["jane"]);
}

proptest! {
    /// Saying it again changes nothing, so both sides may pass through the rule however often.
    #[test]
    fn r_lnk_4_a_canonical_form_is_its_own(kind in "LINKEDIN|MAIL|OUTLOOK|WHATSAPP", text in ".*") {
        if let Some(once) = canonical(&kind, &text) {
            prop_assert_eq!(canonical(&kind, &once.0), Some(once));
        }
        if let Some(handle) = handle(&kind, &text) {
            prop_assert!(!handle.contains(char::is_control) && handle.len() <= NAME_BYTES_MAX);
        }
    }
}
