//! What operators ask and do about campaigns, the people in them and their sends.

use super::ById;
use super::page::{after, limit};
use crate::document::{Made, Ruled};
use crate::methods::{delete, post};
use crate::route::{Look, Route, act, shown, view};
use operations::campaigns::{Pause, Reassign, ReassignPreview, Resume, preview};
use operations::enrollments::Change;
use operations::sends::{Decide, checked};
use operations::{Code, Refused, why};
use policy::ids::{AccountId, CampaignId, SendId};
use policy::sends::SendState;
use policy::words::optional as word;
use serde::Deserialize;
use store::operators::Scope;
use store::schemas::{EnrollmentStateName, SendStateName};
use store::views::{
    EnrollmentFilter, EnrollmentState, EnrollmentView, Page, SendDetail, SendFilter, SendView,
};
use utoipa::ToSchema;
use uuid::Uuid;

const READ: Scope = Scope::Read;

/// The part of operators' routes that is about campaigns.
#[rustfmt::skip] // A table: a line a route.
pub(super) fn routes() -> Vec<Route> {
    vec![
        view("/v1/campaigns/{id}/why", READ, "Why a campaign sends, or does not", |look, one: ById| shown(why::campaign(&look.tx, CampaignId(one.id), None))),
        act::<Pause>(post(), "/v1/campaigns/{id}/pauses", "Pauses a campaign until a person lifts it (R-CAM-1)").makes(&[Made::Words("pauses")]),
        act::<Resume>(delete(), "/v1/campaigns/{id}/pauses/{pause}", "Lifts a pause that a person lifts (R-CAM-1)").makes(&[Made::Words("pauses")]),
        view("/v1/campaigns/{id}/reassignment", READ, "Who would take over a sender's people, in how many days, and who stays (R-CAM-6)", |look, asked: FromTo| shown(previewed(look, asked))),
        act::<Reassign>(post(), "/v1/campaigns/{id}/reassignments", "Does what a preview with this token said (R-CAM-6)").makes(&[Made::Count("moved")]).may(&[Code::ChangedSincePreview]),
        view("/v1/campaigns/{id}/enrollments", READ, "A campaign's enrollments, in the order of their ids", |look, asked: Enrollments| shown(enrollments(look, asked))),
        act::<Change>(post(), "/v1/enrollments/{act}", "Stops, sends, skips, moves or restarts enrollments (R-CAM-7)").makes(&[Made::Count("changed"), Made::Count("still_overdue")]).ruled(Ruled::OneOf(&["enrollments", "overdue_of"])),
        view("/v1/sends", READ, "Sends, the newest plan first; unless said, those of unknown outcome (R-CAP-6)", |look, asked: Sends| shown(sends(look, asked))),
        view("/v1/sends/{id}", READ, "A send with its steps", |look, asked: OneSend| shown(send(look, asked))),
        act::<Decide>(post(), "/v1/sends/{id}/decision", "Decides a send of unknown outcome, as a person saw it (R-CAP-6)").makes(&[Made::Id("account")]),
    ]
}

/// Who gives to whom.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FromTo {
    id: Uuid,
    /// Account that gives away.
    from: Uuid,
    /// Accounts that take over, with commas between them; the campaign's other senders in the rotation, if not said.
    to: Option<String>,
}

async fn previewed(look: &Look, asked: FromTo) -> Result<ReassignPreview, Refused> {
    let to = asked.to.as_deref().map(|text| {
        let ids = text.split(',').map(|id| id.trim().parse::<Uuid>());
        let ids: Result<Vec<Uuid>, _> = ids.collect();
        ids.map_err(|_| Refused::invalid(format!("to: {text:?} is no list of ids")))
    });
    let (campaign, from) = (CampaignId(asked.id), AccountId(asked.from));
    preview(&look.tx, campaign, from, to.transpose()?.as_deref()).await
}

/// Which enrollments; all that is said must fit.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Enrollments {
    id: Uuid,
    #[serde(default, deserialize_with = "word")]
    #[schema(value_type = Option<EnrollmentStateName>)]
    state: Option<EnrollmentState>,
    /// Of one sender.
    account: Option<Uuid>,
    /// Only those that are too late to go by themselves.
    #[serde(default)]
    overdue: bool,
    /// The `next` of the page before.
    after: Option<Uuid>,
    /// At most, 100 unless said, at most 1,000.
    #[schema(minimum = 1, maximum = 1_000)]
    limit: Option<u32>,
}

async fn enrollments(look: &Look, asked: Enrollments) -> Result<Page<EnrollmentView>, Refused> {
    let limit = limit(asked.limit)?;
    let filter = EnrollmentFilter {
        state: asked.state,
        account: asked.account,
        overdue: asked.overdue,
    };
    let (of, after) = (asked.id, asked.after);
    Ok(look.tx.enrollment_views(of, &filter, after, limit).await?)
}

/// Which sends; all that is said must fit.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Sends {
    /// `unknown` unless said; settled ones need an account or a campaign.
    #[serde(default, deserialize_with = "word")]
    #[schema(value_type = Option<SendStateName>)]
    state: Option<SendState>,
    account: Option<Uuid>,
    campaign: Option<Uuid>,
    workspace: Option<Uuid>,
    /// The `next` of the page before.
    after: Option<String>,
    /// At most, 100 unless said, at most 1,000.
    #[schema(minimum = 1, maximum = 1_000)]
    limit: Option<u32>,
}

async fn sends(look: &Look, asked: Sends) -> Result<Page<SendView>, Refused> {
    let limit = limit(asked.limit)?;
    let before = after(asked.after.as_deref())?;
    let filter = checked(SendFilter {
        state: asked.state.unwrap_or(SendState::Unknown),
        account: asked.account,
        campaign: asked.campaign,
        workspace: asked.workspace,
    })?;
    Ok(look.tx.send_views(&filter, before, limit).await?)
}

/// Which send.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OneSend {
    id: Uuid,
    /// Its sender; needed once it is settled.
    account: Option<Uuid>,
}

async fn send(look: &Look, asked: OneSend) -> Result<SendDetail, Refused> {
    let found = look.tx.send_detail(SendId(asked.id), asked.account).await?;
    found.ok_or_else(|| {
        let why = "there is no such send; one that is settled is shown with its account";
        Refused::missing(why)
    })
}
