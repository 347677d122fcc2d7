//! Settings as they are asked for, checked where they are saved.

use crate::Refused;
use crate::hours::{known_zone, put_window, weekday_bits};
use policy::campaigns::OnSenderLoss;
use policy::owners::NoticesPolicy;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};
use store::schemas::{NoticesPolicyName, SenderLoss};
use utoipa::ToSchema;

const CONTACTS_MAX: usize = 50;
const TEXT_BYTES_MAX: usize = 200;
const URL_BYTES_MAX: usize = 2_000;

/// Setting that a change may name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Setting<T> {
    /// Not named: stays as it is.
    #[default]
    Kept,
    /// Null: taken back to its default.
    Default,
    /// Set to this.
    To(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Setting<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let found = Option::<T>::deserialize(from)?;
        Ok(found.map_or(Self::Default, Self::To))
    }
}

/// A person of the product's team.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// Mail address, kept in lower case.
    pub address: String,
    /// Name for people; may be left out.
    #[serde(default)]
    pub name: String,
}

/// Settings of a workspace; what is not named stays, and what is null gets its default.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Name that people read.
    pub name: Option<String>,
    /// Zone of accounts whose owner's is not known: a name of the tz database. Default: none, and then UTC.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub zone: Setting<String>,
    /// Hours in which its accounts send, in their zone; `22:00-06:00` ends on the next day. Default: `09:00-18:00`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "09:00-18:00")]
    pub window: Setting<String>,
    /// Weekdays on which its accounts send. Default: `mon` to `fri`.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, example = json!(["mon", "tue", "wed", "thu", "fri"]))]
    pub days: Setting<Vec<String>>,
    /// `pause_campaign`, the default, or `continue_with_remaining`.
    #[serde(default)]
    #[schema(value_type = Option<SenderLoss>)]
    pub on_sender_loss: Setting<String>,
    /// Mail address where owners are sent who need a person. Default: none.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub support_address: Setting<String>,
    /// A first link needs a declared profile or address. Default: false.
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    pub require_handle: Setting<bool>,
    /// How owners are told. Default: `mail`.
    #[serde(default)]
    #[schema(value_type = Option<NoticesPolicyName>)]
    pub notices: Setting<String>,
    /// Place for an owner's browser after a sign-in, unless a call says another. Default: our own page.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "https://app.example/linked")]
    pub success_url: Setting<String>,
    /// Place for an owner's browser after a sign-in that failed, unless a call says another. Default: our own page.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "https://app.example/not-linked")]
    pub failure_url: Setting<String>,
    /// The product's team; replaces all that were there, at most 50.
    pub contacts: Option<Vec<Contact>>,
}

impl Settings {
    /// Changes as the database takes them; a value that its reader could not obey is refused.
    pub(super) fn as_changes(&self) -> Result<Value, Refused> {
        let Self {
            name,
            zone,
            window,
            days,
            on_sender_loss,
            support_address,
            require_handle,
            notices,
            success_url,
            failure_url,
            contacts,
        } = self;
        let mut changes = Map::new();
        if let Some(name) = name {
            changes.insert("name".to_owned(), json!(short_text("name", name)?));
        }
        put_setting(&mut changes, "zone", zone, |it| {
            known_zone(it).map(|()| json!(it))
        })?;
        put_window(&mut changes, window)?;
        put_setting(&mut changes, "days", days, |it| {
            Ok(json!(weekday_bits(it)?))
        })?;
        put_setting(&mut changes, "on_sender_loss", on_sender_loss, |it| {
            let known = OnSenderLoss::parse(it).map(|it| json!(it.as_str()));
            known.ok_or_else(|| {
                let all = OnSenderLoss::ALL.map(OnSenderLoss::as_str).join(", ");
                Refused::invalid(format!("on_sender_loss: there are {all}"))
            })
        })?;
        put_setting(&mut changes, "support_address", support_address, |it| {
            Ok(json!(mail_address("support_address", it)?))
        })?;
        put_setting(&mut changes, "require_handle", require_handle, |it| {
            Ok(json!(it))
        })?;
        put_setting(&mut changes, "notices", notices, |it| {
            notices_policy(it).map(|it| json!(it.as_str()))
        })?;
        put_setting(&mut changes, "success_url", success_url, |it| {
            browser_url("success_url", it).map(|it| json!(it))
        })?;
        put_setting(&mut changes, "failure_url", failure_url, |it| {
            browser_url("failure_url", it).map(|it| json!(it))
        })?;
        if let Some(contacts) = contacts {
            changes.insert("contacts".to_owned(), contact_list(contacts)?);
        }
        Ok(Value::Object(changes))
    }
}

/// Writes a setting that is named into the changes, as `read` says it.
pub(crate) fn put_setting<T>(
    changes: &mut Map<String, Value>,
    name: &str,
    setting: &Setting<T>,
    read: impl Fn(&T) -> Result<Value, Refused>,
) -> Result<(), Refused> {
    let value = match setting {
        Setting::Kept => return Ok(()),
        Setting::Default => Value::Null,
        Setting::To(value) => read(value)?,
    };
    changes.insert(name.to_owned(), value);
    Ok(())
}

/// One line for people, trimmed.
pub(crate) fn short_text<'a>(field: &str, text: &'a str) -> Result<&'a str, Refused> {
    let text = text.trim();
    let is_good =
        !text.is_empty() && text.len() <= TEXT_BYTES_MAX && !text.chars().any(char::is_control);
    is_good.then_some(text).ok_or_else(|| {
        let why = format!("{field}: 1 to {TEXT_BYTES_MAX} bytes, without control characters");
        Refused::invalid(why)
    })
}

/// A mail address in lower case.
pub(crate) fn mail_address(field: &str, address: &str) -> Result<String, Refused> {
    let address = short_text(field, address)?.to_lowercase();
    let parts = address.split_once('@');
    let is_good = parts
        .is_some_and(|(user, host)| !user.is_empty() && !host.is_empty() && !host.contains('@'))
        && !address.contains(char::is_whitespace);
    is_good
        .then_some(address)
        .ok_or_else(|| Refused::invalid(format!("{field}: no mail address")))
}

fn notices_policy(word: &str) -> Result<NoticesPolicy, Refused> {
    NoticesPolicy::parse(word).ok_or_else(|| {
        let all = NoticesPolicy::ALL.map(NoticesPolicy::as_str).join(", ");
        Refused::invalid(format!("notices: there are {all}"))
    })
}

/// Address that a browser is sent to: of the web, without a user, in one word.
pub(crate) fn browser_url<'a>(field: &str, url: &'a str) -> Result<&'a str, Refused> {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next());
    let is_good = host.is_some_and(|host| !host.is_empty() && !host.contains(['@', '\\']))
        && url.len() <= URL_BYTES_MAX
        && !url.chars().any(|it| it.is_whitespace() || it.is_control());
    is_good.then_some(url).ok_or_else(|| {
        let why = format!(
            "{field}: an address like https://app.example/linked, of at most {URL_BYTES_MAX} bytes, without a user"
        );
        Refused::invalid(why)
    })
}

fn contact_list(contacts: &[Contact]) -> Result<Value, Refused> {
    if CONTACTS_MAX < contacts.len() {
        let why = format!("contacts: at most {CONTACTS_MAX}");
        return Err(Refused::invalid(why));
    }
    let read = contacts.iter().map(|one| {
        let name = match one.name.trim() {
            "" => "",
            name => short_text("contacts", name)?,
        };
        Ok(json!({ "address": mail_address("contacts", &one.address)?, "name": name }))
    });
    read.collect()
}

#[cfg(test)]
mod tests;
