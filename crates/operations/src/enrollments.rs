//! What people do to enrollments (R-CAM-6, R-CAM-7): stop them, send or skip overdue ones, move and restart them.

use crate::{Done, Operation, Refused};
use policy::ids::{CampaignId, EnrollmentId};
use serde::Deserialize;
use store::Tx;
use store::operators::{Act, EnrollmentAct, EnrollmentSelector, EnrollmentsChanged, Scope};
use store::schemas::EnrollmentActName;
use utoipa::ToSchema;
use uuid::Uuid;

/// Does one thing to enrollments: to all that are named, or to none. No step is sent twice by it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// `stop`, `send` (overdue ones go now, inside caps and window), `skip` (leaves their step out), `move` (to another
    /// step), or `restart` (at the step where they stopped).
    #[schema(value_type = EnrollmentActName)]
    pub act: String,
    /// Enrollments, at most 1,000; one that does not fit refuses all.
    #[serde(default)]
    #[schema(min_items = 1, max_items = 1_000)]
    pub enrollments: Option<Vec<Uuid>>,
    /// Or the overdue ones of this campaign, 1,000 at a time.
    #[serde(default)]
    pub overdue_of: Option<Uuid>,
    /// Number or key of the step, of a move alone.
    #[serde(default)]
    #[schema(example = "2")]
    pub step: Option<String>,
}

impl Operation for Change {
    const SCOPE: Scope = Scope::Operate;

    fn what(&self) -> String {
        let which = match (self.enrollments.as_deref(), self.overdue_of) {
            (Some([one]), _) => one.to_string(),
            (Some(several), _) => format!("{} enrollments", several.len()),
            (None, Some(campaign)) => format!("--overdue-of {campaign}"),
            (None, None) => String::new(),
        };
        format!("enrollments {} {which}", self.act)
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        let (what, which) = (self.known_act()?, self.selector()?);
        let done = tx.change_enrollments(act, &what, &which).await?;
        let made = Done::new(says(&what, done)).with_json("changed", done.changed.into());
        Ok(made.with_json("still_overdue", done.still_overdue.into()))
    }
}

impl Change {
    fn known_act(&self) -> Result<EnrollmentAct, Refused> {
        match (self.act.as_str(), self.step.as_deref()) {
            ("move", Some(step)) => Ok(EnrollmentAct::Move(step.to_owned())),
            ("move", None) => Err(Refused::invalid("step: say to which step")),
            ("stop" | "send" | "skip" | "restart", Some(_)) => {
                Err(Refused::invalid("step: only a move has one"))
            }
            ("stop", None) => Ok(EnrollmentAct::Stop),
            ("send", None) => Ok(EnrollmentAct::Send),
            ("skip", None) => Ok(EnrollmentAct::Skip),
            ("restart", None) => Ok(EnrollmentAct::Restart),
            (other, _) => Err(Refused::invalid(format!(
                "act: {other:?} is none; there are stop, send, skip, move, restart"
            ))),
        }
    }

    fn selector(&self) -> Result<EnrollmentSelector, Refused> {
        match (self.enrollments.as_deref(), self.overdue_of) {
            (Some(ids), None) if !ids.is_empty() => Ok(EnrollmentSelector::Ids(
                ids.iter().copied().map(EnrollmentId).collect(),
            )),
            (None, Some(campaign)) => Ok(EnrollmentSelector::OverdueOf(CampaignId(campaign))),
            _ => Err(Refused::invalid(
                "enrollments: say which, by their ids or by the campaign whose overdue ones are meant",
            )),
        }
    }
}

fn says(what: &EnrollmentAct, done: EnrollmentsChanged) -> String {
    let did = match what {
        EnrollmentAct::Stop => "stopped",
        EnrollmentAct::Send => "let go",
        EnrollmentAct::Skip => "took one step on",
        EnrollmentAct::Move(_) => "moved",
        EnrollmentAct::Restart => "restarted",
    };
    let EnrollmentsChanged {
        changed,
        under_way,
        still_overdue,
    } = done;
    let calls = match under_way {
        0 => String::new(),
        calls => format!("; {calls} calls are on their way and not taken back"),
    };
    let left = match still_overdue {
        0 => String::new(),
        left => format!("; {left} more are overdue"),
    };
    format!("{did} {changed} enrollments{calls}{left}")
}
