//! Settings as they are asked for, checked where they are saved.

use super::texts::{browser_url, mail_address, short_text};
use crate::Refused;
use crate::hours::{known_zone, put_window, weekday_bits};
use policy::campaigns::OnSenderLoss;
use policy::owners::NoticesPolicy;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};
use store::schemas::{NoticesPolicyName, SenderLoss};
use utoipa::ToSchema;

const CONTACTS_MAX: usize = 50;

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

fn notices_policy(word: &str) -> Result<NoticesPolicy, Refused> {
    NoticesPolicy::parse(word).ok_or_else(|| {
        let all = NoticesPolicy::ALL.map(NoticesPolicy::as_str).join(", ");
        Refused::invalid(format!("notices: there are {all}"))
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
