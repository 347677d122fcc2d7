//! `relink sends …`: sends, their steps, and what a person says of one whose outcome is unknown (R-CAP-6).

use super::Failure;
use super::act::{OperationArgs, perform, store};
use super::named::Named;
use super::page::{Size, or_dash, show};
use super::table::{one_line, table, utc};
use clap::{Args, Subcommand};
use operations::sends::{Decide, checked};
use policy::ids::SendId;
use policy::sends::SendState;
use std::fmt::Write as _;
use std::process::ExitCode;
use store::views::{ByAge, SendDetail, SendFilter, SendView};
use uuid::Uuid;

/// What is asked about sends.
#[derive(Subcommand)]
pub(crate) enum Sends {
    /// Lists sends, the newest plan first: unless said, those whose outcome is unknown.
    List(List),
    /// Shows one send with its steps.
    Show {
        /// Its id.
        id: Uuid,
        /// Its sender, by its id or name, session or handle; needed once it is settled.
        #[arg(long)]
        account: Option<String>,
        /// The answer as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Decides a send whose outcome is unknown, as a person saw it at the provider.
    Decide {
        /// Its id.
        id: Uuid,
        /// found: it happened, the enrollment goes on. absent: it did not, the same step goes again.
        #[arg(long = "as", value_parser = ["found", "absent"])]
        finding: String,
        #[command(flatten)]
        how: OperationArgs,
    },
}

/// Which of them.
#[derive(Args)]
pub(crate) struct List {
    /// Only those in this state; settled ones need an account or a campaign.
    #[arg(long, default_value = "unknown", value_parser = state)]
    state: SendState,
    /// Only of this account, by its id or name, session or handle.
    #[arg(long)]
    account: Option<String>,
    /// Only of this campaign, by its id or name.
    #[arg(long)]
    campaign: Option<String>,
    /// Only of this workspace, by its id or name.
    #[arg(long)]
    workspace: Option<String>,
    /// Only after that place, as `next` of the page before said.
    #[arg(long)]
    after: Option<ByAge>,
    #[command(flatten)]
    size: Size,
}

fn state(text: &str) -> Result<SendState, String> {
    let all = SendState::ALL.map(SendState::as_str).join(", ");
    SendState::parse(text).ok_or_else(|| format!("there are {all}"))
}

pub(crate) async fn run(asked: Sends) -> Result<ExitCode, Failure> {
    match asked {
        Sends::List(asked) => list(asked).await,
        Sends::Show { id, account, json } => {
            let account = Named::Account.filter(account.as_deref()).await?;
            detail(SendId(id), account, json).await
        }
        Sends::Decide { id, finding, how } => perform(&how, &Decide { id, finding }).await,
    }
}

async fn list(asked: List) -> Result<ExitCode, Failure> {
    let List {
        state,
        account,
        campaign,
        workspace,
        after,
        size,
    } = asked;
    let filter = checked(SendFilter {
        state,
        account: Named::Account.filter(account.as_deref()).await?,
        campaign: Named::Campaign.filter(campaign.as_deref()).await?,
        workspace: Named::Workspace.filter(workspace.as_deref()).await?,
    })?;
    let store = store()?;
    let found = store.reading(async |tx| tx.send_views(&filter, after, size.limit).await);
    show(&found.await?, size.json, "no such send", |rows| {
        let rows: Vec<_> = rows.iter().map(row).collect();
        let titles = [
            "id", "account", "sender", "campaign", "action", "to", "called", "state",
        ];
        table(titles, &rows)
    })?;
    Ok(ExitCode::SUCCESS)
}

fn row(send: &SendView) -> [String; 8] {
    [
        send.id.to_string(),
        send.account_id.to_string(),
        send.account.clone(),
        or_dash(send.campaign.as_deref()),
        send.action.clone(),
        send.target.clone(),
        or_dash(send.called_at.map(utc).as_deref()),
        stands(send),
    ]
}

fn stands(send: &SendView) -> String {
    match (send.state.as_str(), send.look_at) {
        ("unknown", Some(at)) => format!("unknown, next look {}", utc(at)),
        ("unknown", None) => "unknown, waits for a person".to_owned(),
        (state, _) => match send.code.as_deref() {
            Some(code) => format!("{state} ({code})"),
            None => state.to_owned(),
        },
    }
}

async fn detail(id: SendId, account: Option<Uuid>, as_json: bool) -> Result<ExitCode, Failure> {
    let store = store()?;
    let found = store.reading(async |tx| tx.send_detail(id, account).await);
    let found = found.await?.ok_or_else(|| {
        Failure::new(format!(
            "there is no send {id}; one that is settled is shown with its --account"
        ))
    })?;
    if as_json {
        println!("{}", serde_json::to_string_pretty(&found)?);
    } else {
        print!("{}", text(&found)?);
    }
    Ok(ExitCode::SUCCESS)
}

fn text(found: &SendDetail) -> Result<String, std::fmt::Error> {
    let (mut text, of) = (String::new(), &found.send);
    writeln!(text, "{} to {}", of.action, one_line(&of.target))?;
    writeln!(text, "  send       {}", of.id)?;
    writeln!(
        text,
        "  sender     {} ({})",
        one_line(&of.account),
        of.account_id
    )?;
    if let Some(campaign) = &of.campaign {
        let step = or_dash(of.step.as_deref());
        writeln!(text, "  campaign   {}, {step}", one_line(campaign))?;
    }
    if let Some(enrollment) = of.enrollment_id {
        writeln!(text, "  enrollment {enrollment}")?;
    }
    writeln!(text, "  state      {}", stands(of))?;
    if of.state == SendState::Unknown.as_str() {
        writeln!(
            text,
            "             decided by relink sends decide {} --as found|absent --reason …",
            of.id
        )?;
    }
    for step in &found.steps {
        let note = one_line(format!("{} {}", step.code, step.note).trim());
        let (at, actor) = (utc(step.at), one_line(&step.actor));
        writeln!(
            text,
            "  {:<10} {at} {} to {} by {actor} {note}",
            step.event, step.from, step.to
        )?;
    }
    Ok(text)
}
