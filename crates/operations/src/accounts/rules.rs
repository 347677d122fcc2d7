//! When and how fast one account sends (R-CAP-3).

use crate::hours::{day_names, known_zone, put_ramp, put_window, weekday_bits, window_text};
use crate::workspaces::{Setting, put_setting};
use crate::{Done, Operation, Refused};
use policy::ids::AccountId;
use policy::sends::sender::{SendingRules, ZoneFrom};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use store::Tx;
use store::operators::{Act, Scope};
use utoipa::ToSchema;
use uuid::Uuid;

/// Changes an account's own rules of sending. What is not named stays, and null is inherited again: from its workspace, its
/// owner's zone, or the defaults.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Account whose rules change.
    pub id: Uuid,
    /// Zone of its hours: a name of the tz database.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "Europe/Berlin")]
    pub zone: Setting<String>,
    /// Hours in which it sends; `22:00-06:00` ends on the next day.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "09:00-18:00")]
    pub window: Setting<String>,
    /// Weekdays on which its window opens.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, example = json!(["mon", "tue", "wed", "thu", "fri"]))]
    pub days: Setting<Vec<String>>,
    /// Sends a day of one action when it is new, and how many more each day.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "10+5")]
    pub ramp: Setting<String>,
}

impl Operation for Rules {
    const SCOPE: Scope = Scope::Operate;

    fn what(&self) -> String {
        format!("accounts rules {}", self.id)
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        let changes = self.as_changes()?;
        let (rules, zone_from) = tx.rule_account(act, AccountId(self.id), &changes).await?;
        let says = format!(
            "set the rules of sending; in force: {}",
            words(&rules, zone_from)
        );
        Ok(Done::new(says).with_json("rules", in_force(&rules)))
    }
}

impl Rules {
    fn as_changes(&self) -> Result<Value, Refused> {
        let Self {
            id: _,
            zone,
            window,
            days,
            ramp,
        } = self;
        let mut changes = Map::new();
        put_setting(&mut changes, "zone", zone, |it| {
            known_zone(it).map(|()| json!(it))
        })?;
        put_window(&mut changes, window)?;
        put_setting(&mut changes, "days", days, |it| {
            Ok(json!(weekday_bits(it)?))
        })?;
        put_ramp(&mut changes, ramp)?;
        if changes.is_empty() {
            let why = "rules: name the zone, the window, the days or the ramp";
            return Err(Refused::invalid(why));
        }
        Ok(Value::Object(changes))
    }
}

fn words(rules: &SendingRules, zone_from: ZoneFrom) -> String {
    let window = window_text((rules.start_minute, rules.end_minute));
    let next_day = if rules.end_minute < rules.start_minute {
        " of the next day"
    } else {
        ""
    };
    let whose = match zone_from {
        ZoneFrom::Account => "",
        ZoneFrom::Owner => ", where its owner is",
        ZoneFrom::Workspace => ", its workspace's zone",
        ZoneFrom::Unknown => ", because nobody knows its zone",
    };
    format!(
        "{window}{next_day} in {}{whose}, on {}; {} a day and {} more each day",
        rules.zone,
        day_names(rules.days).join(", "),
        rules.ramp_start,
        rules.ramp_step
    )
}

fn in_force(rules: &SendingRules) -> Value {
    json!({
        "zone": rules.zone,
        "window": window_text((rules.start_minute, rules.end_minute)),
        "days": day_names(rules.days),
        "ramp": format!("{}+{}", rules.ramp_start, rules.ramp_step),
    })
}
