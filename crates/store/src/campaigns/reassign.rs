//! Facts from which a reassignment is planned (R-CAM-6).

use crate::columns::values;
use crate::error::StoreError;
use crate::row;
use crate::sends::word;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use policy::campaigns::reassign::{Enrolled, Target};
use policy::ids::{AccountId, CampaignId, EnrollmentId};
use policy::sends::Action;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

const TO_REASSIGN: Sql = sql!("campaigns/to_reassign");
const STEP_ACTIONS: Sql = sql!("campaigns/step_actions");
const OTHER_SENDERS: Sql = sql!("campaigns/other_senders");

/// Enrollments that one reassignment moves at most; what is left is moved by the next.
const ENROLLMENTS_MAX: i64 = 5_000;
/// Accounts that take over at most.
const TARGETS_MAX: i64 = 100;
/// The provider's type of an account that does everything but e-mails.
const LINKEDIN: &str = "LINKEDIN";

/// Facts of a reassignment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToReassign {
    /// Keys and actions of the campaign's steps, in their order.
    pub steps: Vec<(String, Action)>,
    /// Steps by their keys, as people know them: `2. message`.
    pub titles: HashMap<String, String>,
    /// Enrollments of the old sender, in the order of their places in line.
    pub waiting: Vec<Waiting>,
    /// Senders that may take over, in the order of their ids.
    pub targets: Vec<Target>,
    /// Names of these.
    pub names: HashMap<AccountId, String>,
}

/// Enrollment of the old sender, and the person's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// What the rule looks at.
    pub enrolled: Enrolled,
    /// The person's name, as a stranger wrote it.
    pub person: String,
}

impl Tx {
    /// Facts of giving an account's enrollments of a campaign to `to`, or to the campaign's other senders in the rotation.
    pub async fn to_reassign(
        &self,
        campaign: CampaignId,
        from: AccountId,
        to: Option<&[AccountId]>,
    ) -> Result<ToReassign, StoreError> {
        let (mut steps, mut titles) = (vec![], HashMap::new());
        for found in self.rows(STEP_ACTIONS, &[&campaign.0]).await? {
            let (key, number): (String, i16) =
                (row::get(&found, "key")?, row::get(&found, "step")?);
            let action = word(&found, "action", Action::parse)?;
            titles.insert(key.clone(), format!("{number}. {action}"));
            steps.push((key, action));
        }
        let rows = self
            .rows(TO_REASSIGN, &[&campaign.0, &from.0, &ENROLLMENTS_MAX])
            .await?;
        let waiting = rows.iter().map(|found| {
            let enrolled = Enrolled {
                id: EnrollmentId(row::get(found, "id")?),
                step: row::get(found, "step_key")?,
                is_called: row::get(found, "is_called")?,
            };
            let person = row::get(found, "person")?;
            Ok::<_, StoreError>(Waiting { enrolled, person })
        });
        let waiting = waiting.collect::<Result<_, _>>()?;
        let (targets, names) = self.other_senders(campaign, from, to).await?;
        Ok(ToReassign {
            steps,
            titles,
            waiting,
            targets,
            names,
        })
    }

    async fn other_senders(
        &self,
        campaign: CampaignId,
        from: AccountId,
        to: Option<&[AccountId]>,
    ) -> Result<(Vec<Target>, HashMap<AccountId, String>), StoreError> {
        let to: Option<Vec<Uuid>> = to.map(|ids| ids.iter().map(|id| id.0).collect());
        let asked = values(OTHER_SENDERS)
            .value("campaign", campaign.0)
            .value("from", from.0)
            .value("to", to)
            .value("limit", TARGETS_MAX);
        let rows = self.rows_with(asked).await?;
        let mut lines: HashMap<Uuid, BTreeMap<Action, u64>> = HashMap::new();
        let mut ids = vec![];
        for found in &rows {
            let id: Uuid = row::get(found, "id")?;
            let actions: Vec<String> = row::get(found, "actions")?;
            let counts: Vec<i64> = row::get(found, "counts")?;
            let line = actions.iter().zip(counts).filter_map(|(action, count)| {
                Some((Action::parse(action)?, u64::try_from(count).ok()?))
            });
            ids.push(id);
            lines.insert(id, line.collect());
        }
        let sheets = self.account_sheets(&ids).await?;
        let targets = sheets.iter().map(|sheet| Target {
            account: sheet.known.sender.account,
            is_mailbox: sheet.appearance.facts.kind != LINKEDIN,
            caps: sheet
                .actions
                .iter()
                .map(|one| (one.facts.action, one.facts.caps))
                .collect(),
            in_line: lines
                .remove(&sheet.known.sender.account.0)
                .unwrap_or_default(),
        });
        let targets = targets.collect();
        let names = sheets
            .iter()
            .map(|sheet| (sheet.known.sender.account, sheet.known.name.clone()));
        Ok((targets, names.collect()))
    }
}
