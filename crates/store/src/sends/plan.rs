//! Planning sends with what they say, one row at a time where one is refused (R-CAP-4, R-TPL-1).

use super::facts::word;
use crate::columns::columns;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use crate::whole::whole;
use jiff::Timestamp;
use policy::ids::{AccountId, CampaignId, EnrollmentId, SendId, WorkspaceId};
use policy::sends::{Action, Tier};
use policy::templates::person::Person;
use policy::templates::render;
use policy::templates::render::{StepTexts, Texts};
use tokio_postgres::Row;
use uuid::Uuid;

const STEP_FACTS: Sql = sql!("sends/step_facts");
const PLAN: Sql = sql!("sends/plan");

/// An enrollment's present step, and who it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepFacts {
    /// The enrollment.
    pub enrollment: EnrollmentId,
    /// Its account.
    pub account: AccountId,
    /// Its campaign.
    pub campaign: CampaignId,
    /// Its tenant.
    pub workspace: WorkspaceId,
    /// Key of the step.
    pub step: String,
    /// What rendering needs; or the column that no rule can read, and why.
    pub said: Result<render::Facts, String>,
}

/// A send to plan, or a reason to stop its enrollment instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPlan {
    /// Id of the send to be.
    pub send: SendId,
    /// The enrollment.
    pub enrollment: EnrollmentId,
    /// Key of the step that the texts were rendered for; an enrollment on another is left alone.
    pub step: String,
    /// When it may go.
    pub slot: Timestamp,
    /// What is said, or the reason to be kept with the enrollment.
    pub texts: Result<Texts, String>,
}

impl NewPlan {
    /// A plan for the present step of an enrollment, with a new send's id.
    pub fn of(facts: &StepFacts, slot: Timestamp, texts: Result<Texts, String>) -> Self {
        Self {
            send: SendId(Uuid::now_v7()),
            enrollment: facts.enrollment,
            step: facts.step.clone(),
            slot,
            texts,
        }
    }
}

/// Answer to one [`NewPlan`] that was not left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanVerdict {
    /// There is a send.
    Planned,
    /// There is none; the enrollment stopped for the plan's own reason, or because its step was sent already.
    Stopped(String),
    /// The database refused it, by this constraint or for this error; the enrollment stopped.
    SetAside(String),
    /// The database refused even that the enrollment stops; it stands in line still.
    Stuck(String),
}

impl Tx {
    /// What the present steps of enrollments say, and to whom. In no order.
    pub async fn step_facts(
        &self,
        enrollments: &[EnrollmentId],
    ) -> Result<Vec<StepFacts>, StoreError> {
        if enrollments.is_empty() {
            return Ok(vec![]);
        }
        let ids: Vec<Uuid> = enrollments.iter().map(|one| one.0).collect();
        let rows = self.rows(STEP_FACTS, &[&ids, &self.now().at]).await?;
        rows.iter().map(step_facts).collect()
    }

    /// Plans the present steps of enrollments, or stops them. A row that the database refuses stops its own enrollment only.
    /// Those that moved on meanwhile are not in the answer.
    pub async fn plan(&self, plans: &[NewPlan]) -> Result<Vec<(SendId, PlanVerdict)>, StoreError> {
        whole!(NewPlan {
            send,
            enrollment,
            step,
            slot,
            texts
        });
        if plans.is_empty() {
            return Ok(vec![]);
        }
        let planned = columns(PLAN, plans)
            .with("sends", |one| one.send.0)
            .with("enrollments", |one| one.enrollment.0)
            .with("steps", |one| one.step.as_str())
            .with("slots", |one| one.slot)
            .with("subjects", |one| {
                text(&one.texts, |it| it.subject.as_deref())
            })
            .with("bodies", |one| text(&one.texts, |it| it.body.as_deref()))
            .with("whys", |one| one.texts.as_ref().err().map(String::as_str))
            .value("now", self.now().at);
        let rows = self.rows_with(planned).await?;
        rows.iter()
            .map(|found| Ok((SendId(row::get(found, "send_id")?), verdict(found)?)))
            .collect()
    }
}

fn verdict(found: &Row) -> Result<PlanVerdict, StoreError> {
    let why = || Ok(row::get::<Option<String>>(found, "why")?.unwrap_or_default());
    match row::get::<&str>(found, "verdict")? {
        "planned" => Ok(PlanVerdict::Planned),
        "stopped" => why().map(PlanVerdict::Stopped),
        "set_aside" => why().map(PlanVerdict::SetAside),
        "stuck" => why().map(PlanVerdict::Stuck),
        other => Err(StoreError::Row {
            column: "verdict",
            why: format!("unknown {other}"),
        }),
    }
}

fn text<'a>(
    texts: &'a Result<Texts, String>,
    of: impl Fn(&'a Texts) -> Option<&'a str>,
) -> Option<&'a str> {
    texts.as_ref().ok().and_then(of)
}

fn step_facts(found: &Row) -> Result<StepFacts, StoreError> {
    Ok(StepFacts {
        enrollment: EnrollmentId(row::get(found, "enrollment_id")?),
        account: AccountId(row::get(found, "account_id")?),
        campaign: CampaignId(row::get(found, "campaign_id")?),
        workspace: WorkspaceId(row::get(found, "workspace_id")?),
        step: row::get(found, "step_key")?,
        said: said(found).map_err(|error| error.to_string()),
    })
}

fn said(found: &Row) -> Result<render::Facts, StoreError> {
    let keys: Option<Vec<String>> = row::get(found, "keys")?;
    let values: Option<Vec<String>> = row::get(found, "said")?;
    let step = StepTexts {
        subject: row::get(found, "subject")?,
        body: row::get(found, "body")?,
    };
    Ok(render::Facts {
        action: word(found, "action", Action::parse)?,
        tier: word(found, "tier", Tier::parse)?,
        step: row::get::<bool>(found, "has_step")?.then_some(step),
        is_note_refused: row::get(found, "is_note_refused")?,
        person: Person {
            name: row::get(found, "name")?,
            variables: keys
                .unwrap_or_default()
                .into_iter()
                .zip(values.unwrap_or_default())
                .collect(),
        },
    })
}
