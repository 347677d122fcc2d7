//! `relink campaigns …`.

use super::act::{OperationArgs, perform};
use super::named::Named;
use super::page::{Size, or_dash, show};
use super::table::{one_line, table, utc};
use super::why::{self, WhyCommand, WhySubject};
use super::{Failure, configure};
use clap::{Args, Subcommand};
use operations::campaigns::{Pause, Reassign, Resume, preview};
use policy::campaigns::PauseReason;
use policy::ids::{AccountId, CampaignId};
use std::fmt::Write as _;
use std::process::ExitCode;
use store::Store;
use store::views::{CampaignDetail, CampaignFilter, CampaignView};
use uuid::Uuid;

/// What is asked about campaigns.
#[derive(Subcommand)]
pub(crate) enum Campaigns {
    /// Lists campaigns in the order of their ids.
    List(List),
    /// Shows one campaign: why it does not run, its steps and senders.
    Show {
        /// Its id or name.
        which: String,
        /// The answer as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Says why a campaign does not run or does not send; as `relink why campaign`.
    Why(WhySubject),
    /// Pauses a campaign until a person lifts that pause; nothing that is planned for it goes out.
    Pause {
        /// Its id or name.
        which: String,
        /// Pause to set: manual or operator.
        #[arg(long, default_value = "manual", value_parser = pause)]
        pause: PauseReason,
        #[command(flatten)]
        how: OperationArgs,
    },
    /// Lifts one pause that a person lifts; its failures until now are forgotten. Other pauses stay.
    Resume {
        /// Its id or name.
        which: String,
        /// Pause to lift: manual, stuck_loop, failure_rate, operator. Others are lifted by their own cause.
        #[arg(long, value_parser = pause)]
        pause: PauseReason,
        #[command(flatten)]
        how: OperationArgs,
    },
    /// Says who would take over a sender's people and in how many days; with the token that this prints, does it.
    Reassign(ReassignArgs),
}

/// Who gives to whom.
#[derive(Args)]
pub(crate) struct ReassignArgs {
    /// The campaign's id or name.
    which: String,
    /// Account that gives away, by its id or name, session or handle.
    #[arg(long)]
    from: String,
    /// Account that takes over; several may be named. Unless said, the campaign's other senders in the rotation.
    #[arg(long)]
    to: Option<Vec<String>>,
    /// Does what the preview with this token said; without it, prints a preview.
    #[arg(long, requires = "reason")]
    token: Option<String>,
    /// Why; kept with the act for good.
    #[arg(long, requires = "token")]
    reason: Option<String>,
    /// Checks everything, says what would be done, and writes nothing.
    #[arg(long, requires = "token")]
    dry_run: bool,
    /// Does it once: said again with the same key, the same command line answers as it did, and does nothing.
    #[arg(long, value_name = "KEY", requires = "token")]
    idempotency_key: Option<String>,
    /// The answer as JSON.
    #[arg(long)]
    json: bool,
}

/// Which of them.
#[derive(Args)]
pub(crate) struct List {
    /// Only of this workspace, by its id or name.
    #[arg(long)]
    workspace: Option<String>,
    /// Only those that do not run for this reason, like account_disconnected.
    #[arg(long, value_parser = pause)]
    pause: Option<PauseReason>,
    /// Only after this id, as `next` of the page before said.
    #[arg(long)]
    after: Option<Uuid>,
    #[command(flatten)]
    size: Size,
}

fn pause(text: &str) -> Result<PauseReason, String> {
    let all = PauseReason::ALL.map(PauseReason::as_str).join(", ");
    let found = PauseReason::ALL.into_iter().find(|it| it.as_str() == text);
    found.ok_or_else(|| format!("there are {all}"))
}

pub(crate) async fn run(asked: Campaigns) -> Result<ExitCode, Failure> {
    match asked {
        Campaigns::List(asked) => list(asked).await,
        Campaigns::Show { which, json } => detail(&which, json).await,
        Campaigns::Why(asked) => why::run(&WhyCommand::Campaign(asked)).await,
        Campaigns::Pause { which, pause, how } => {
            let (id, pause) = (Named::Campaign.id(&which).await?, pause.as_str().to_owned());
            perform(&how, &Pause { id, pause }).await
        }
        Campaigns::Resume { which, pause, how } => {
            let (id, pause) = (Named::Campaign.id(&which).await?, pause.as_str().to_owned());
            perform(&how, &Resume { id, pause }).await
        }
        Campaigns::Reassign(asked) => reassign(asked).await,
    }
}

async fn reassign(asked: ReassignArgs) -> Result<ExitCode, Failure> {
    let ReassignArgs {
        which,
        from,
        to,
        token,
        reason,
        dry_run,
        idempotency_key,
        json,
    } = asked;
    let id = Named::Campaign.id(&which).await?;
    let from = Named::Account.id(&from).await?;
    let to = match to {
        Some(called) => Some(Named::Account.ids(&called).await?),
        None => None,
    };
    if let Some((token, reason)) = token.zip(reason) {
        let how = OperationArgs::of(reason, dry_run, json, idempotency_key);
        let operation = Reassign {
            id,
            from,
            to,
            token,
        };
        return perform(&how, &operation).await;
    }
    let store = super::act::store()?;
    let (id, from) = (CampaignId(id), AccountId(from));
    let seen = store
        .reading(async |tx| preview(tx, id, from, to.as_deref()).await)
        .await?;
    if json {
        println!("{}", serde_json::to_string_pretty(&seen)?);
    } else {
        print!("{seen}");
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(asked: List) -> Result<ExitCode, Failure> {
    let filter = CampaignFilter {
        workspace: Named::Workspace.filter(asked.workspace.as_deref()).await?,
        pause: asked.pause,
    };
    let store = store()?;
    let found = store.reading(async |tx| {
        tx.campaign_views(&filter, asked.after, asked.size.limit)
            .await
    });
    show(&found.await?, asked.size.json, "no such campaign", |rows| {
        let rows: Vec<_> = rows.iter().map(row).collect();
        table(
            [
                "id",
                "name",
                "workspace",
                "state",
                "pauses",
                "senders",
                "made",
            ],
            &rows,
        )
    })?;
    Ok(ExitCode::SUCCESS)
}

fn row(campaign: &CampaignView) -> [String; 7] {
    [
        campaign.id.to_string(),
        campaign.name.clone(),
        campaign.workspace.clone(),
        state(campaign).to_owned(),
        or_dash(Some(&campaign.pauses.join(","))),
        format!("{} of {}", campaign.in_rotation, campaign.senders),
        utc(campaign.created_at),
    ]
}

fn state(campaign: &CampaignView) -> &'static str {
    match (campaign.active, campaign.runs) {
        (false, _) => "not active",
        (true, true) => "runs",
        (true, false) => "paused",
    }
}

async fn detail(which: &str, as_json: bool) -> Result<ExitCode, Failure> {
    let store = store()?;
    let found = store.reading(async |tx| {
        let id = Named::Campaign.id_in(tx, which).await?;
        let found = tx.campaign_detail(CampaignId(id)).await?;
        found.ok_or_else(|| Failure::new("the campaign is gone"))
    });
    let found = found.await?;
    if as_json {
        println!("{}", serde_json::to_string_pretty(&found)?);
    } else {
        print!("{}", text(&found)?);
    }
    Ok(ExitCode::SUCCESS)
}

fn text(found: &CampaignDetail) -> Result<String, std::fmt::Error> {
    let (mut text, of) = (String::new(), &found.campaign);
    writeln!(
        text,
        "{}, workspace {}",
        one_line(&of.name),
        one_line(&of.workspace)
    )?;
    writeln!(text, "  campaign   {}", of.id)?;
    writeln!(text, "  workspace  {}", of.workspace_id)?;
    writeln!(
        text,
        "  state      {} (a lost sender: {})",
        state(of),
        of.on_sender_loss
    )?;
    for pause in &found.all_pauses {
        let note = match pause.note.as_str() {
            "" => String::new(),
            note => format!(": {}", one_line(note)),
        };
        let since = utc(pause.since);
        let (reason, by) = (&pause.reason, one_line(&pause.by));
        writeln!(text, "  paused     {reason} since {since} by {by}{note}")?;
        writeln!(text, "             cleared by {}", pause.cleared_by)?;
    }
    for step in &found.steps {
        writeln!(
            text,
            "  step       {}. {}: {} due, {} later, {} on their way, {} done, {} stopped",
            step.step, step.action, step.due, step.waiting, step.sending, step.done, step.stopped
        )?;
    }
    writeln!(
        text,
        "  senders    {} of {} in the rotation",
        of.in_rotation, of.senders
    )?;
    for id in &found.sender_ids {
        writeln!(text, "  sender     {id}")?;
    }
    Ok(text)
}

fn store() -> Result<Store, Failure> {
    let config = configure(|reader| reader.database("relink-campaigns"))?;
    Ok(Store::new(config)?)
}
