//! What a product says of an account, checked where it is saved.

use crate::Refused;
use crate::hours::known_zone;
use crate::workspaces::{Setting, mail_address, put_setting, short_text};
use policy::account::AccountKind;
use policy::identity::NAME_BYTES_MAX;
use policy::sends::Tier;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

/// Characters of addresses and of markup.
const NEVER_IN_NAMES: [char; 9] = [':', '?', '#', '\\', '<', '>', '"', ',', ';'];
/// Letters of a language's tag at most.
const LOCALE_MAX: usize = 35;

/// The person whose account it is. Of one that exists, what is not named stays, and null takes it back.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnerSaid {
    /// Mail address; without one nobody is told anything by mail.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "ada@acme.example")]
    pub email: Setting<String>,
    /// Name.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "Ada Bauer")]
    pub name: Setting<String>,
    /// Language that they read, as a tag.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "de-DE")]
    pub locale: Setting<String>,
    /// Zone that they live in, a name of the tz database.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "Europe/Berlin")]
    pub zone: Setting<String>,
}

/// Hides the person: logs are no place for them.
impl std::fmt::Debug for OwnerSaid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OwnerSaid").finish_non_exhaustive()
    }
}

impl OwnerSaid {
    pub(super) fn put(&self, changes: &mut Map<String, Value>) -> Result<(), Refused> {
        let Self {
            email,
            name,
            locale,
            zone,
        } = self;
        put_setting(changes, "owner_email", email, |it| {
            Ok(json!(mail_address("owner.email", it)?))
        })?;
        put_setting(changes, "owner_name", name, |it| {
            Ok(json!(short_text("owner.name", it)?))
        })?;
        put_setting(changes, "locale", locale, |it| {
            language_tag(it).map(|it| json!(it))
        })?;
        put_setting(changes, "zone", zone, |it| {
            let known = known_zone(it).map(|()| json!(it));
            known.map_err(|_| {
                Refused::invalid("owner.zone: use a name of the tz database, such as Europe/Berlin")
            })
        })
    }
}

fn language_tag(tag: &str) -> Result<&str, Refused> {
    let mut parts = tag.split('-');
    let is_language = parts.next().is_some_and(|it| {
        (2..=3).contains(&it.len()) && it.bytes().all(|it| it.is_ascii_alphabetic())
    });
    let are_parts = parts
        .all(|it| (2..=8).contains(&it.len()) && it.bytes().all(|it| it.is_ascii_alphanumeric()));
    let is_tag = is_language && are_parts && tag.len() <= LOCALE_MAX;
    is_tag
        .then_some(tag)
        .ok_or_else(|| Refused::invalid("owner.locale: a language's tag, such as en or de-DE"))
}

/// Profile or address that is to sign in, as it is compared later. `kind` is null where the database knows it.
pub(super) fn handle(handle: &str, kind: Option<AccountKind>) -> Result<String, Refused> {
    let wrong = |why: &str| Err(Refused::invalid(format!("handle: {why}")));
    let handle = short_text("handle", handle)?;
    if kind.is_some_and(|it| it != AccountKind::Linkedin) {
        return mail_address("handle", handle);
    }
    if handle.contains(char::is_whitespace) {
        return wrong("a profile's address or public name, or a mail address, in one word");
    }
    // Sales Navigator and Recruiter name people by ids of their own, which no session shows.
    let is_foreign = ["/sales/", "/talent/", "/recruiter/"];
    if is_foreign.iter().any(|it| handle.contains(it)) {
        return wrong("use the address of the public profile, linkedin.com/in/…");
    }
    let is_id = handle.starts_with("ACoAA") || handle.contains("/in/ACoAA");
    if is_id {
        return wrong("use the public name of the profile, not the provider's id");
    }
    if kind == Some(AccountKind::Linkedin) && handle.contains('@') {
        return wrong("a LinkedIn account is named by its profile, not by a mail address");
    }
    if NAME_BYTES_MAX < handle.len() || !(handle.contains('@') || is_profile(handle)) {
        return wrong(
            "use the public name of a person's profile, or its address, linkedin.com/in/…",
        );
    }
    Ok(handle.to_owned())
}

/// Whether it is a public name, or the address of a person's profile: no session shows anything else.
fn is_profile(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let rest = ["https://", "http://"]
        .iter()
        .find_map(|it| lower.strip_prefix(it));
    let Some((host, path)) = rest.unwrap_or(&lower).split_once('/') else {
        return rest.is_none() && !text.contains(NEVER_IN_NAMES);
    };
    let is_country = |it: &str| it.bytes().all(|it| it.is_ascii_alphabetic());
    let is_theirs =
        host == "linkedin.com" || host.strip_suffix(".linkedin.com").is_some_and(is_country);
    let mut parts = path.split(['/', '?', '#']);
    let is_persons = matches!(parts.next(), Some("in" | "pub"));
    is_theirs && is_persons && parts.next().is_some_and(|it| !it.is_empty())
}

/// Word of a tier that there is.
pub(super) fn tier(word: &str) -> Result<&'static str, Refused> {
    let known = Tier::parse(word).map(Tier::as_str);
    known.ok_or_else(|| {
        let all = Tier::ALL.map(Tier::as_str).join(", ");
        Refused::invalid(format!("tier: there are {all}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r_api_1_a_declared_handle_is_one_that_a_session_can_show() {
        let read = |text: &str, kind| handle(text, kind).map_err(|refused| refused.why);
        let linkedin = Some(AccountKind::Linkedin);
        for good in [
            "https://www.linkedin.com/in/Ada-Bauer/",
            "ada-bauer",
            "Größe",
            "linkedin.com/in/ADA-bauer?x=1",
            "http://de.linkedin.com/pub/ada/1/2",
        ] {
            assert!(read(good, linkedin).is_ok(), "{good}");
        }
        for bad in [
            "",
            "ada bauer",
            "ada@acme.example",
            "https://www.linkedin.com/sales/lead/ACwAA",
            "ACoAABcdEfGhIjKl",
            "a\u{0}b",
            "https://www.linkedin.com/company/acme",
            "https://www.linkedin.com/in/",
            "https://linkedin.com",
            "https://evil.example/in/ada",
            "https://notlinkedin.com/in/ada",
            "/in/ada",
            "in:ada",
            &"ö".repeat(150),
        ] {
            let why = read(bad, linkedin).expect_err(bad);
            assert!(why.starts_with("handle: "), "{why}");
        }
        let mailbox = Some(AccountKind::Google);
        let address = read(" Ada@Acme.Example ", mailbox);
        assert_eq!(address.as_deref(), Ok("ada@acme.example"));
        assert!(read("ada-bauer", mailbox).is_err());
        for (changed, is_good) in [
            ("ada@acme.example", true),
            ("ada", true),
            ("evil.example/in/ada", false),
        ] {
            assert_eq!(read(changed, None).is_ok(), is_good, "{changed}");
        }
    }

    #[test]
    fn an_owner_is_said_field_by_field() {
        let put = |of: Value| {
            let said: OwnerSaid = serde_json::from_value(of).map_err(|error| error.to_string())?;
            let mut changes = Map::new();
            said.put(&mut changes).map_err(|refused| refused.why)?;
            Ok::<_, String>(Value::Object(changes))
        };
        let asked = json!({ "email": "Ada@Acme.Example", "locale": "de-DE", "zone": null });
        let written = json!({ "owner_email": "ada@acme.example", "locale": "de-DE", "zone": null });
        assert_eq!(put(asked), Ok(written));
        for (bad, field) in [
            (json!({ "email": "ada" }), "owner.email: "),
            (json!({ "name": " " }), "owner.name: "),
            (json!({ "locale": "german please" }), "owner.locale: "),
            (json!({ "zone": "Mars/Phobos" }), "owner.zone: "),
        ] {
            let why = put(bad).expect_err(field);
            assert!(why.starts_with(field), "{why}");
        }
        assert!(put(json!({ "phone": "1" })).is_err());
    }
}
