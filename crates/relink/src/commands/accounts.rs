//! `relink accounts …`.

pub(super) mod settings;

use super::act::{OperationArgs, perform};
use super::named::Named;
use super::page::{Size, or_dash, show};
use super::table::{one_line, table, utc};
use super::why::{self, WhyCommand, WhySubject};
use super::{Failure, configure};
use clap::{Args, Subcommand};
use operations::accounts::{Release, Restart};
use operations::workspaces::OwnerZone;
use policy::account::Status;
use policy::holds::HoldReason;
use policy::ids::{AccountId, SessionId, WorkspaceId};
use settings::{CapArgs, HoldArgs, RulesArgs, TierArgs};
use std::fmt::Write as _;
use std::process::ExitCode;
use store::Store;
use store::views::{AccountDetail, AccountFilter, AccountView};
use uuid::Uuid;

/// What is asked about accounts.
#[derive(Subcommand)]
pub(crate) enum Accounts {
    /// Lists accounts in the order of their ids.
    List(List),
    /// Shows one account: holds, campaigns, cases and its last changes of status.
    Show {
        /// Its id or name, its session or handle.
        which: String,
        /// The answer as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Says in which zone an account's owner is: without rules of its own it sends by that clock.
    Zone {
        /// Its id or name, its session or handle.
        which: String,
        /// A name of the tz database, like Europe/Berlin; `unknown` where nobody knows it.
        zone: String,
        #[command(flatten)]
        how: OperationArgs,
    },
    /// Says whether an account may do each of its actions, and if not, why and until when; as `relink why account`.
    Why(WhySubject),
    /// Makes an account of a living session that belongs to nobody; it is connected once its owner's profile has answered.
    Adopt(Adopt),
    /// Asks for a restart of the session of a recovering account now, inside the fleet's bound.
    Restart {
        /// Its id or name, its session or handle.
        which: String,
        #[command(flatten)]
        how: OperationArgs,
    },
    /// Keeps an account from sending, by the hold `operator`; what is reserved is taken back.
    Hold(HoldArgs),
    /// Changes its own caps of one action; those that are not named stay, and `default` takes one back to its tier's.
    Cap(CapArgs),
    /// Changes when and how fast it sends; what is not named stays, and `default` is inherited again.
    Rules(RulesArgs),
    /// Says what it pays for; the tier's caps hold at once.
    Tier(TierArgs),
    /// Ends one hold that a person may end. Other holds stay.
    Release {
        /// Its id or name, its session or handle.
        which: String,
        /// Hold to end: restricted, protective, operator, wrong_account. Others end with their own cause.
        #[arg(long, value_parser = hold)]
        hold: HoldReason,
        #[command(flatten)]
        how: OperationArgs,
    },
}

/// Which session, and whose account it becomes.
#[derive(Args)]
pub(crate) struct Adopt {
    /// The session, as the provider calls it.
    #[arg(allow_hyphen_values = true)]
    session: String,
    /// Workspace of the account, by its id or name.
    #[arg(long)]
    workspace: String,
    /// Display name of the account.
    #[arg(long)]
    name: String,
    /// Name that its product gives it, unique in the workspace.
    #[arg(long)]
    external_id: Option<String>,
    #[command(flatten)]
    how: OperationArgs,
}

/// Which of them.
#[derive(Args)]
pub(crate) struct List {
    /// Only of this workspace, by its id or name.
    #[arg(long)]
    workspace: Option<String>,
    /// Only in this status, like reconnect_needed.
    #[arg(long, value_parser = status)]
    status: Option<Status>,
    /// Only of this type of the provider's, like linkedin.
    #[arg(long)]
    kind: Option<String>,
    /// Only with this hold in force: restricted, protective, subscription, operator, wrong_account, session_gone.
    #[arg(long, value_parser = hold)]
    hold: Option<HoldReason>,
    /// Only after this id, as `next` of the page before said.
    #[arg(long)]
    after: Option<Uuid>,
    #[command(flatten)]
    size: Size,
}

fn status(text: &str) -> Result<Status, String> {
    let all = Status::ALL.map(Status::as_str).join(", ");
    Status::parse(text).ok_or_else(|| format!("there are {all}"))
}

fn hold(text: &str) -> Result<HoldReason, String> {
    let all = HoldReason::ALL.map(HoldReason::as_str).join(", ");
    HoldReason::parse(text).ok_or_else(|| format!("there are {all}"))
}

pub(crate) async fn run(asked: Accounts) -> Result<ExitCode, Failure> {
    match asked {
        Accounts::List(asked) => list(asked).await,
        Accounts::Show { which, json } => detail(&which, json).await,
        Accounts::Zone { which, zone, how } => {
            let zone = (zone != "unknown").then_some(zone);
            let id = Named::Account.id(&which).await?;
            perform(&how, &OwnerZone { id, zone }).await
        }
        Accounts::Why(asked) => why::run(&WhyCommand::Account(asked)).await,
        Accounts::Adopt(asked) => adopt(asked).await,
        Accounts::Restart { which, how } => {
            let id = Named::Account.id(&which).await?;
            perform(&how, &Restart { id }).await
        }
        Accounts::Hold(asked) => settings::hold_account(asked).await,
        Accounts::Cap(asked) => settings::cap_account(asked).await,
        Accounts::Rules(asked) => settings::rule_account(asked).await,
        Accounts::Tier(asked) => settings::tier_account(asked).await,
        Accounts::Release { which, hold, how } => {
            let (id, hold) = (Named::Account.id(&which).await?, hold.as_str().to_owned());
            perform(&how, &Release { id, hold }).await
        }
    }
}

async fn adopt(asked: Adopt) -> Result<ExitCode, Failure> {
    let Adopt {
        session,
        workspace,
        name,
        external_id,
        how,
    } = asked;
    let adopt = operations::accounts::Adopt {
        session: SessionId(session),
        workspace: WorkspaceId(Named::Workspace.id(&workspace).await?),
        name,
        external_id,
    };
    perform(&how, &adopt).await
}

async fn list(asked: List) -> Result<ExitCode, Failure> {
    let filter = AccountFilter {
        workspace: Named::Workspace.filter(asked.workspace.as_deref()).await?,
        status: asked.status,
        kind: asked.kind,
        hold: asked.hold,
    };
    let store = store()?;
    let found = store.reading(async |tx| {
        tx.account_views(&filter, asked.after, asked.size.limit)
            .await
    });
    show(&found.await?, asked.size.json, "no such account", |rows| {
        let rows: Vec<_> = rows.iter().map(row).collect();
        let titles = [
            "id",
            "name",
            "kind",
            "workspace",
            "status",
            "since",
            "holds",
            "session",
        ];
        table(titles, &rows)
    })?;
    Ok(ExitCode::SUCCESS)
}

fn row(account: &AccountView) -> [String; 8] {
    [
        account.id.to_string(),
        account.name.clone(),
        account.kind.clone(),
        account.workspace.clone(),
        account.status.clone(),
        utc(account.since),
        or_dash(Some(&account.holds.join(","))),
        or_dash(account.session.as_deref()),
    ]
}

async fn detail(which: &str, as_json: bool) -> Result<ExitCode, Failure> {
    let store = store()?;
    let found = store.reading(async |tx| {
        let id = Named::Account.id_in(tx, which).await?;
        let found = tx.account_detail(AccountId(id)).await?;
        found.ok_or_else(|| Failure::new("the account is gone"))
    });
    let found = found.await?;
    if as_json {
        println!("{}", serde_json::to_string_pretty(&found)?);
    } else {
        print!("{}", text(&found)?);
    }
    Ok(ExitCode::SUCCESS)
}

fn text(found: &AccountDetail) -> Result<String, std::fmt::Error> {
    let (mut text, of) = (String::new(), &found.account);
    let name = one_line(&of.name);
    writeln!(
        text,
        "{name}, {} ({}), workspace {}",
        of.kind, of.tier, of.workspace
    )?;
    writeln!(text, "  account    {}", of.id)?;
    writeln!(text, "  workspace  {}", of.workspace_id)?;
    let cause = or_dash(of.cause.as_deref());
    let since = utc(of.since);
    writeln!(text, "  status     {} since {since} ({cause})", of.status)?;
    writeln!(text, "  pill       {}", one_line(&of.pill))?;
    if let Some(line) = &of.pill_second_line {
        writeln!(text, "             {}", one_line(line))?;
    }
    writeln!(text, "  action     {}", of.action)?;
    if let Some(episode) = &of.episode {
        let began = utc(episode.began_at);
        writeln!(text, "  episode    since {began} ({})", episode.cause)?;
    }
    writeln!(text, "  session    {}", or_dash(of.session.as_deref()))?;
    writeln!(text, "  handle     {}", or_dash(of.handle.as_deref()))?;
    writeln!(text, "  external   {}", or_dash(of.external_id.as_deref()))?;
    if let Some(into) = of.merged_into {
        writeln!(text, "  merged     into account {into}, the same person's")?;
    }
    let at = |at: Option<_>| at.map_or_else(|| "never".to_owned(), utc);
    writeln!(text, "  connected  {} first", at(of.first_connected_at))?;
    writeln!(text, "  active     {} last", at(of.last_activity_at))?;
    writeln!(text, "  checked    {} last", at(of.checked_at))?;
    if let Some(working) = of.working_since {
        writeln!(text, "  working    since {}", utc(working))?;
    }
    for hold in &found.all_holds {
        let end = match (hold.in_force, hold.ends_at) {
            (false, _) => "over, until a send proves it wrong".to_owned(),
            (true, Some(end)) => format!("until {}", utc(end)),
            (true, None) => "until a person ends it".to_owned(),
        };
        let since = utc(hold.since);
        writeln!(text, "  hold       {} since {since}, {end}", hold.reason)?;
        writeln!(text, "             cleared by {}", hold.cleared_by)?;
    }
    for campaign in &found.campaigns {
        let state = match (campaign.active, campaign.pauses.as_slice()) {
            (false, _) => "is not active".to_owned(),
            (true, []) => "runs".to_owned(),
            (true, pauses) => format!("is paused: {}", pauses.join(", ")),
        };
        let name = one_line(&campaign.name);
        writeln!(text, "  campaign   {} {name} {state}", campaign.id)?;
    }
    for case in &found.cases {
        let verdict = case.verdict.as_deref().unwrap_or("open");
        let opened = utc(case.opened_at);
        writeln!(text, "  case       {} {verdict}, opened {opened}", case.id)?;
    }
    for flip in &found.flips {
        let from = flip.from.as_deref().unwrap_or("nothing");
        writeln!(
            text,
            "  flip       #{} {} {from} → {} ({})",
            flip.id,
            utc(flip.at),
            flip.to,
            flip.cause
        )?;
    }
    Ok(text)
}

fn store() -> Result<Store, Failure> {
    let config = configure(|reader| reader.database("relink-accounts"))?;
    Ok(Store::new(config)?)
}
