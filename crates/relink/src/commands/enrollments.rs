//! `relink enrollments …`: people in campaigns, and what operators do about them (R-CAM-7).

use super::Failure;
use super::act::{OperationArgs, perform, store};
use super::named::Named;
use super::page::{Size, or_dash, show};
use super::table::{table, utc};
use super::words::word;
use clap::{Args, Subcommand};
use operations::enrollments::Change;
use std::process::ExitCode;
use store::views::{EnrollmentFilter, EnrollmentState, EnrollmentView};
use uuid::Uuid;

/// What is asked about enrollments, or done to them.
#[derive(Subcommand)]
pub(crate) enum Enrollments {
    /// Lists a campaign's enrollments in the order of their ids.
    List(List),
    /// Stops enrollments for good; a call that is on its way is not taken back.
    Stop(Selected),
    /// Lets overdue enrollments go now, inside caps and window.
    Send(Selected),
    /// Leaves out the step that enrollments stand on; the next one is due after its wait.
    Skip(Selected),
    /// Puts enrollments on another step of their campaign, due at once; a step that was sent is not sent again.
    Move {
        /// Their ids.
        #[arg(required = true)]
        enrollments: Vec<Uuid>,
        /// Number or key of the step.
        #[arg(long = "to")]
        step: String,
        #[command(flatten)]
        how: OperationArgs,
    },
    /// Lets stopped enrollments go on at the step where they stopped, due at once.
    Restart {
        /// Their ids.
        #[arg(required = true)]
        enrollments: Vec<Uuid>,
        #[command(flatten)]
        how: OperationArgs,
    },
}

/// Which of them.
#[derive(Args)]
pub(crate) struct List {
    /// The campaign's id or name.
    #[arg(long)]
    campaign: String,
    /// Only those in this state.
    #[arg(long, value_parser = word::<EnrollmentState>())]
    state: Option<EnrollmentState>,
    /// Only of this sender, by its id or name, session or handle.
    #[arg(long)]
    account: Option<String>,
    /// Only those that are too late to go by themselves.
    #[arg(long)]
    overdue: bool,
    /// Only after this id, as `next` of the page before said.
    #[arg(long)]
    after: Option<Uuid>,
    #[command(flatten)]
    size: Size,
}

/// Enrollments by their ids, or the overdue ones of a campaign.
#[derive(Args)]
#[command(group = clap::ArgGroup::new("which").required(true))]
pub(crate) struct Selected {
    /// Their ids.
    #[arg(group = "which")]
    enrollments: Vec<Uuid>,
    /// The overdue ones of this campaign, by its id or name; 1,000 at a time.
    #[arg(long, group = "which")]
    overdue_of: Option<String>,
    #[command(flatten)]
    how: OperationArgs,
}

pub(crate) async fn run(asked: Enrollments) -> Result<ExitCode, Failure> {
    match asked {
        Enrollments::List(asked) => list(asked).await,
        Enrollments::Stop(asked) => selected("stop", asked).await,
        Enrollments::Send(asked) => selected("send", asked).await,
        Enrollments::Skip(asked) => selected("skip", asked).await,
        Enrollments::Move {
            enrollments,
            step,
            how,
        } => {
            let change = change("move", Some(enrollments));
            let step = Some(step);
            perform(&how, &Change { step, ..change }).await
        }
        Enrollments::Restart { enrollments, how } => {
            perform(&how, &change("restart", Some(enrollments))).await
        }
    }
}

fn change(act: &str, enrollments: Option<Vec<Uuid>>) -> Change {
    Change {
        act: act.to_owned(),
        enrollments,
        overdue_of: None,
        step: None,
    }
}

async fn selected(act: &str, asked: Selected) -> Result<ExitCode, Failure> {
    let Selected {
        enrollments,
        overdue_of,
        how,
    } = asked;
    let named = overdue_of.is_none().then_some(enrollments);
    let overdue_of = Named::Campaign.filter(overdue_of.as_deref()).await?;
    let change = Change {
        overdue_of,
        ..change(act, named)
    };
    perform(&how, &change).await
}

async fn list(asked: List) -> Result<ExitCode, Failure> {
    let List {
        campaign,
        state,
        account,
        overdue,
        after,
        size,
    } = asked;
    let filter = EnrollmentFilter {
        state,
        account: Named::Account.filter(account.as_deref()).await?,
        overdue,
    };
    let store = store()?;
    let found = store.reading(async |tx| {
        let id = Named::Campaign.id_in(tx, &campaign).await?;
        let page = tx.enrollment_views(id, &filter, after, size.limit).await?;
        Ok::<_, Failure>(page)
    });
    show(&found.await?, size.json, "no such enrollment", |rows| {
        let rows: Vec<_> = rows.iter().map(row).collect();
        let titles = ["id", "person", "sender", "step", "state", "due", "send"];
        table(titles, &rows)
    })?;
    Ok(ExitCode::SUCCESS)
}

fn row(found: &EnrollmentView) -> [String; 7] {
    let state = match (&found.stopped_why, found.overdue_since) {
        (Some(why), _) => format!("{}: {why}", found.state),
        (None, Some(since)) => format!("overdue since {}", utc(since)),
        (None, None) => found.state.clone(),
    };
    let due = found.not_before.max(found.due_at);
    let send = found.send_id.zip(found.send_state.as_ref());
    [
        found.id.to_string(),
        found.person.clone(),
        found.account.clone(),
        format!("{}. {}", found.step, found.action),
        state,
        or_dash(due.map(utc).as_deref()),
        or_dash(send.map(|(id, state)| format!("{state} {id}")).as_deref()),
    ]
}
