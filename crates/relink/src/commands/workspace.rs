//! `relink workspace …`: the tenants and their settings (R-WSP-1).

use super::Failure;
use super::accounts::settings::{days_setting, text_setting};
use super::act::{OperationArgs, perform, store};
use super::named::Named;
use super::page::or_dash;
use super::table::{table, utc};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use operations::Refused;
use operations::workspaces::{
    Change, Contact, Create, End, EndSubscription, RenewSubscription, Setting, Settings,
    WorkspaceView, read_workspace, read_workspaces,
};
use policy::ids::WorkspaceId;
use policy::instant::read_instant;
use std::process::ExitCode;
use uuid::Uuid;

/// Taken back to the default.
const DEFAULT: &str = "default";

/// Acts on workspaces. Reasons are kept for good: name nobody in them.
#[derive(Subcommand)]
pub(crate) enum Workspace {
    /// Makes a workspace.
    Create {
        /// Name that people read.
        name: String,
        #[command(flatten)]
        settings: SettingsArgs,
        #[command(flatten)]
        how: OperationArgs,
    },
    /// Shows one workspace with its settings.
    Show {
        /// Id or name of the workspace.
        workspace: String,
        /// The answer as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Lists workspaces in the order of their ids.
    List {
        /// Only after this id.
        #[arg(long)]
        after: Option<Uuid>,
        /// At most this many.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000))]
        limit: u32,
        /// The answer as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Changes settings; those that are not named stay, and `default` takes one back.
    Set {
        /// Id or name of the workspace.
        workspace: String,
        /// Another name.
        #[arg(long)]
        name: Option<String>,
        /// Only if it is still at this version.
        #[arg(long)]
        version: Option<i32>,
        #[command(flatten)]
        settings: SettingsArgs,
        #[command(flatten)]
        how: OperationArgs,
    },
    /// Says whether its subscription runs; what follows is in force at once (R-SUB-1).
    #[command(subcommand)]
    Subscription(Subscription),
    /// Ends a workspace for good: revokes its tokens, pauses its work, ends its subscription. Its rows stay.
    End {
        /// Id or name of the workspace.
        workspace: String,
        #[command(flatten)]
        how: OperationArgs,
    },
}

/// Settings of a workspace, each as it is named.
#[derive(Args)]
pub(crate) struct SettingsArgs {
    /// Zone of accounts whose owner's is not known, like Europe/Berlin.
    #[arg(long)]
    zone: Option<String>,
    /// Hours in which its accounts send, in their zone, like 09:00-18:00; 22:00-06:00 ends on the next day.
    #[arg(long)]
    window: Option<String>,
    /// Weekdays on which its accounts send, like mon,tue,wed.
    #[arg(long)]
    days: Option<String>,
    /// Meaning of a lost sender for campaigns: pause_campaign or continue_with_remaining.
    #[arg(long)]
    on_sender_loss: Option<String>,
    /// Mail address where owners are sent who need a person.
    #[arg(long)]
    support_address: Option<String>,
    /// Whether a first link needs a declared profile or address: true or false.
    #[arg(long)]
    require_handle: Option<String>,
    /// How owners are told: mail, event, both or none.
    #[arg(long)]
    notices: Option<String>,
    /// Place for an owner's browser after a sign-in, like https://app.example/linked; default: our own page.
    #[arg(long)]
    success_url: Option<String>,
    /// Place for an owner's browser after a sign-in that failed; default: our own page.
    #[arg(long)]
    failure_url: Option<String>,
    /// Mail address of a person of the product's team; several are allowed, and they replace all that were there.
    #[arg(long = "contact")]
    contacts: Vec<String>,
}

/// What happened to a subscription.
#[derive(Subcommand)]
pub(crate) enum Subscription {
    /// Ends it: pauses the workspace's campaigns and holds its accounts; nothing is deleted.
    End {
        /// Id or name of the workspace.
        workspace: String,
        /// Instant of its end, also one to come, like 2026-12-01T00:00:00Z; now, if not said.
        #[arg(long, value_parser = read_instant)]
        at: Option<Timestamp>,
        #[command(flatten)]
        how: OperationArgs,
    },
    /// Renews it: lets go what its end paused and held, and takes back an end to come.
    Renew {
        /// Id or name of the workspace.
        workspace: String,
        /// Instant of its next end, which must be to come; none, if not said.
        #[arg(long, value_parser = read_instant)]
        until: Option<Timestamp>,
        #[command(flatten)]
        how: OperationArgs,
    },
}

impl SettingsArgs {
    fn settings(&self, name: Option<String>) -> Result<Settings, Failure> {
        let contacts = self.contacts.iter().map(|address| Contact {
            address: address.clone(),
            name: String::new(),
        });
        Ok(Settings {
            name,
            zone: text_setting(self.zone.as_deref()),
            window: text_setting(self.window.as_deref()),
            days: days_setting(self.days.as_deref()),
            on_sender_loss: text_setting(self.on_sender_loss.as_deref()),
            support_address: text_setting(self.support_address.as_deref()),
            require_handle: match self.require_handle.as_deref() {
                None => Setting::Kept,
                Some(DEFAULT) => Setting::Default,
                Some(text) => Setting::To(switch(text)?),
            },
            notices: text_setting(self.notices.as_deref()),
            success_url: text_setting(self.success_url.as_deref()),
            failure_url: text_setting(self.failure_url.as_deref()),
            contacts: (!self.contacts.is_empty()).then(|| contacts.collect()),
        })
    }
}

fn switch(text: &str) -> Result<bool, Failure> {
    let is_on = text.parse();
    is_on.map_err(|_| Failure::new("--require-handle: true, false or default"))
}

pub(crate) async fn run(asked: Workspace) -> Result<ExitCode, Failure> {
    match asked {
        Workspace::Create {
            name,
            settings,
            how,
        } => {
            let settings = settings.settings(Some(name))?;
            perform(&how, &Create { settings }).await
        }
        Workspace::Show { workspace, json } => {
            show_one(WorkspaceId(found(&workspace).await?), json).await
        }
        Workspace::List { after, limit, json } => {
            list_all(after.map(WorkspaceId), limit, json).await
        }
        Workspace::Set {
            workspace,
            name,
            version,
            settings,
            how,
        } => {
            let change = Change {
                id: found(&workspace).await?,
                version,
                settings: settings.settings(name)?,
            };
            perform(&how, &change).await
        }
        Workspace::Subscription(asked) => say_subscription(asked).await,
        Workspace::End { workspace, how } => {
            let id = found(&workspace).await?;
            perform(&how, &End { id }).await
        }
    }
}

async fn say_subscription(asked: Subscription) -> Result<ExitCode, Failure> {
    match asked {
        Subscription::End { workspace, at, how } => {
            let id = found(&workspace).await?;
            perform(&how, &EndSubscription { id, at }).await
        }
        Subscription::Renew {
            workspace,
            until,
            how,
        } => {
            let renewal = RenewSubscription {
                id: found(&workspace).await?,
                until,
            };
            perform(&how, &renewal).await
        }
    }
}

async fn found(called: &str) -> Result<Uuid, Failure> {
    Named::Workspace.id(called).await
}

async fn show_one(id: WorkspaceId, as_json: bool) -> Result<ExitCode, Failure> {
    let found: Result<WorkspaceView, Refused> = store()?
        .reading(async |tx| read_workspace(tx, id).await)
        .await;
    let found = found?;
    if as_json {
        println!("{}", serde_json::to_string_pretty(&found)?);
        return Ok(ExitCode::SUCCESS);
    }
    let of = &found.configured;
    let days = of.days.as_ref().map(|it| it.join(","));
    let team: Vec<&str> = of.contacts.iter().map(|it| it.address.as_str()).collect();
    for (name, value) in [
        ("id", of.id.to_string()),
        ("name", of.name.clone()),
        ("version", of.version.to_string()),
        ("zone", or_default(of.zone.as_deref())),
        ("window", or_default(of.window.as_deref())),
        ("days", or_default(days.as_deref())),
        ("a lost sender", of.on_sender_loss.clone()),
        ("support", or_dash(of.support_address.as_deref())),
        ("handle", needed(of.require_handle)),
        ("notices", of.notices.clone()),
        ("success", or_default(of.success_url.as_deref())),
        ("failure", or_default(of.failure_url.as_deref())),
        ("contacts", or_dash(Some(&team.join(", ")))),
        (
            "subscription",
            of.subscription_ends_at
                .map_or("runs".to_owned(), |at| format!("ends {}", utc(at))),
        ),
        ("ended", found.ended_at.map_or("-".to_owned(), utc)),
    ] {
        println!("  {name:<13} {value}");
    }
    Ok(ExitCode::SUCCESS)
}

fn needed(is_needed: bool) -> String {
    let word = if is_needed { "needed" } else { "not needed" };
    word.to_owned()
}

fn or_default(text: Option<&str>) -> String {
    text.unwrap_or(DEFAULT).to_owned()
}

async fn list_all(after: Option<WorkspaceId>, limit: u32, json: bool) -> Result<ExitCode, Failure> {
    let found: Result<Vec<WorkspaceView>, Refused> = store()?
        .reading(async |tx| read_workspaces(tx, after, limit).await)
        .await;
    super::table::show(&found?, json, "no such workspace", |all| {
        let rows: Vec<_> = all.iter().map(table_row).collect();
        table(["id", "name", "zone", "window", "version", "ended"], &rows)
    })?;
    Ok(ExitCode::SUCCESS)
}

fn table_row(found: &WorkspaceView) -> [String; 6] {
    let of = &found.configured;
    [
        of.id.to_string(),
        of.name.clone(),
        or_default(of.zone.as_deref()),
        or_default(of.window.as_deref()),
        of.version.to_string(),
        or_dash(found.ended_at.map(utc).as_deref()),
    ]
}
