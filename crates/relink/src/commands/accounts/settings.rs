//! When, how much and whether an account sends: `relink accounts hold|cap|rules|tier`.

use crate::commands::Failure;
use crate::commands::act::{OperationArgs, perform};
use crate::commands::named::Named;
use clap::Args;
use operations::Life;
use operations::accounts::{Cap, Hold, Rules, SetTier};
use operations::workspaces::Setting;
use policy::sends::{Action, Tier};
use std::process::ExitCode;
use std::str::FromStr;

/// Taken back to what it is without a setting of its own.
const DEFAULT: &str = "default";

/// Which account is held, and for how long.
#[derive(Args)]
pub(crate) struct HoldArgs {
    /// Account, by its id or name, its session or handle.
    which: String,
    /// How long, like 6h; until a person ends it, if not said. Said again, it moves the end.
    #[arg(long = "for")]
    life: Option<Life>,
    #[command(flatten)]
    how: OperationArgs,
}

/// Which caps change.
#[derive(Args)]
pub(crate) struct CapArgs {
    /// Account, by its id or name, its session or handle.
    which: String,
    /// Action that they bound: invite, message, inmail, profile_view, withdraw_invite, remove_connection, email.
    #[arg(value_parser = action)]
    action: Action,
    /// Sends in any 24 hours, or `default` for its tier's.
    #[arg(long)]
    day: Option<Number>,
    /// Sends in any 7 × 24 hours, or `default` for its tier's.
    #[arg(long)]
    week: Option<Number>,
    /// A cap above its tier's is meant; the reason is kept with it.
    #[arg(long)]
    lift: bool,
    #[command(flatten)]
    how: OperationArgs,
}

/// Which rules of sending change.
#[derive(Args)]
pub(crate) struct RulesArgs {
    /// Account, by its id or name, its session or handle.
    which: String,
    /// Zone of its hours, like Europe/Berlin.
    #[arg(long)]
    zone: Option<String>,
    /// Hours in which it sends, like 09:00-18:00; 22:00-06:00 ends on the next day.
    #[arg(long)]
    window: Option<String>,
    /// Weekdays on which its window opens, like mon,tue,wed.
    #[arg(long)]
    days: Option<String>,
    /// Sends a day of one action when it is new, and how many more each day, like 10+5.
    #[arg(long)]
    ramp: Option<String>,
    #[command(flatten)]
    how: OperationArgs,
}

/// What an account pays for.
#[derive(Args)]
pub(crate) struct TierArgs {
    /// Account, by its id or name, its session or handle.
    which: String,
    /// Tier: free, or premium for Premium and Sales Navigator.
    #[arg(value_parser = tier)]
    tier: Tier,
    #[command(flatten)]
    how: OperationArgs,
}

/// A number, or none of its own.
#[derive(Clone, Copy)]
struct Number(Option<u32>);

impl FromStr for Number {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            DEFAULT => Ok(Self(None)),
            number => number
                .parse()
                .map(|it| Self(Some(it)))
                .map_err(|_| format!("{text:?} is no number from 0, nor {DEFAULT}")),
        }
    }
}

fn action(text: &str) -> Result<Action, String> {
    let all = Action::ALL.map(Action::as_str).join(", ");
    Action::parse(text).ok_or_else(|| format!("there are {all}"))
}

fn tier(text: &str) -> Result<Tier, String> {
    let all = Tier::ALL.map(Tier::as_str).join(", ");
    Tier::parse(text).ok_or_else(|| format!("there are {all}"))
}

fn number(number: Option<Number>) -> Setting<u32> {
    match number {
        None => Setting::Kept,
        Some(Number(None)) => Setting::Default,
        Some(Number(Some(number))) => Setting::To(number),
    }
}

/// Setting as it is written: `default` takes it back.
pub(crate) fn text_setting(text: Option<&str>) -> Setting<String> {
    match text {
        None => Setting::Kept,
        Some(DEFAULT) => Setting::Default,
        Some(text) => Setting::To(text.to_owned()),
    }
}

/// Weekdays as they are written, `mon,tue`.
pub(crate) fn days_setting(text: Option<&str>) -> Setting<Vec<String>> {
    match text_setting(text) {
        Setting::Kept => Setting::Kept,
        Setting::Default => Setting::Default,
        Setting::To(days) => Setting::To(days.split(',').map(|it| it.trim().to_owned()).collect()),
    }
}

pub(super) async fn hold_account(asked: HoldArgs) -> Result<ExitCode, Failure> {
    let HoldArgs { which, life, how } = asked;
    let id = Named::Account.id(&which).await?;
    perform(&how, &Hold { id, life }).await
}

pub(super) async fn cap_account(asked: CapArgs) -> Result<ExitCode, Failure> {
    let CapArgs {
        which,
        action,
        day,
        week,
        lift,
        how,
    } = asked;
    let cap = Cap {
        id: Named::Account.id(&which).await?,
        action: action.as_str().to_owned(),
        day: number(day),
        week: number(week),
        lift,
    };
    perform(&how, &cap).await
}

pub(super) async fn rule_account(asked: RulesArgs) -> Result<ExitCode, Failure> {
    let RulesArgs {
        which,
        zone,
        window,
        days,
        ramp,
        how,
    } = asked;
    let rules = Rules {
        id: Named::Account.id(&which).await?,
        zone: text_setting(zone.as_deref()),
        window: text_setting(window.as_deref()),
        days: days_setting(days.as_deref()),
        ramp: text_setting(ramp.as_deref()),
    };
    perform(&how, &rules).await
}

pub(super) async fn tier_account(asked: TierArgs) -> Result<ExitCode, Failure> {
    let TierArgs { which, tier, how } = asked;
    let id = Named::Account.id(&which).await?;
    let tier = tier.as_str().to_owned();
    perform(&how, &SetTier { id, tier }).await
}
