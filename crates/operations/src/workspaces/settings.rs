//! Settings as they are asked for, checked where they are saved.

use crate::Refused;
use policy::campaigns::OnSenderLoss;
use policy::sends::sender::SendingRules;
use policy::sends::window::Window;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

/// Weekdays in the order of their bits.
pub(super) const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const CONTACTS_MAX: usize = 50;
const TEXT_BYTES_MAX: usize = 200;

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
    /// Hours in which its accounts send, in their zone. Default: `09:00-18:00`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "09:00-18:00")]
    pub window: Setting<String>,
    /// Weekdays on which its accounts send. Default: `mon` to `fri`.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, example = json!(["mon", "tue", "wed", "thu", "fri"]))]
    pub days: Setting<Vec<String>>,
    /// `pause_campaign`, the default, or `continue_with_remaining`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub on_sender_loss: Setting<String>,
    /// Mail address where owners are sent who need a person. Default: none.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub support_address: Setting<String>,
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
            contacts,
        } = self;
        let mut changes = Map::new();
        if let Some(name) = name {
            changes.insert("name".to_owned(), json!(short_text("name", name)?));
        }
        put_setting(&mut changes, "zone", zone, |it| {
            known_zone(it).map(|()| json!(it))
        })?;
        match window {
            Setting::Kept => {}
            Setting::Default => {
                changes.insert("start_minute".to_owned(), Value::Null);
                changes.insert("end_minute".to_owned(), Value::Null);
            }
            Setting::To(window) => {
                let (start, end) = window_minutes(window)?;
                changes.insert("start_minute".to_owned(), json!(start));
                changes.insert("end_minute".to_owned(), json!(end));
            }
        }
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
        if let Some(contacts) = contacts {
            changes.insert("contacts".to_owned(), contact_list(contacts)?);
        }
        Ok(Value::Object(changes))
    }
}

fn put_setting<T>(
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

/// The zone as the rules of sending will read it.
pub(super) fn known_zone(zone: &str) -> Result<(), Refused> {
    check_obeyed("zone", zone, (0, 1440), 0b111_1111)
}

/// `09:00-18:00` in minutes of the day.
fn window_minutes(window: &str) -> Result<(u16, u16), Refused> {
    let wrong = || Refused::invalid(format!("window: {window:?} is none; say 09:00-18:00"));
    let minute = |text: &str| -> Option<u16> {
        let (hour, minute) = text.trim().split_once(':')?;
        let is_number = |it: &str| it.len() == 2 && it.bytes().all(|it| it.is_ascii_digit());
        if !is_number(hour) || !is_number(minute) {
            return None;
        }
        let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
        (minute < 60).then_some(hour * 60 + minute)
    };
    let (start, end) = window.split_once('-').ok_or_else(wrong)?;
    let (start, end) = minute(start).zip(minute(end)).ok_or_else(wrong)?;
    check_obeyed("window", "UTC", (start, end), 0b111_1111)?;
    Ok((start, end))
}

/// Weekdays as bits, the lowest for Monday.
fn weekday_bits(days: &[String]) -> Result<u8, Refused> {
    let mut bits = 0;
    for day in days {
        let place = DAYS.iter().position(|it| it == day);
        let all = DAYS.join(", ");
        let place = place
            .ok_or_else(|| Refused::invalid(format!("days: {day:?} is none; there are {all}")))?;
        bits |= 1 << place;
    }
    check_obeyed("days", "UTC", (0, 1440), bits)?;
    Ok(bits)
}

/// Refuses rules that the sends' own window could not be made of (R-CAP-3).
fn check_obeyed(
    field: &str,
    zone: &str,
    (start_minute, end_minute): (u16, u16),
    days: u8,
) -> Result<(), Refused> {
    let rules = SendingRules {
        zone: zone.to_owned(),
        start_minute,
        end_minute,
        days,
        ramp_start: 0,
        ramp_step: 0,
    };
    let read = Window::of(&rules).map(drop);
    read.map_err(|bad| Refused::invalid(format!("{field}: {bad}")))
}

fn short_text<'a>(field: &str, text: &'a str) -> Result<&'a str, Refused> {
    let text = text.trim();
    let is_good =
        !text.is_empty() && text.len() <= TEXT_BYTES_MAX && !text.chars().any(char::is_control);
    is_good.then_some(text).ok_or_else(|| {
        let why = format!("{field}: 1 to {TEXT_BYTES_MAX} bytes, without control characters");
        Refused::invalid(why)
    })
}

fn mail_address(field: &str, address: &str) -> Result<String, Refused> {
    let address = short_text(field, address)?.to_lowercase();
    let parts = address.split_once('@');
    let is_good = parts
        .is_some_and(|(user, host)| !user.is_empty() && !host.is_empty() && !host.contains('@'))
        && !address.contains(char::is_whitespace);
    is_good
        .then_some(address)
        .ok_or_else(|| Refused::invalid(format!("{field}: no mail address")))
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
