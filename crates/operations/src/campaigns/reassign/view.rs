//! Preview of a reassignment, for people and programs.

use crate::text::one_line;
use policy::campaigns::reassign::Reassignment;
use policy::ids::{AccountId, CampaignId, EnrollmentId};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use store::campaigns::ToReassign;
use store::operators::preview_token;
use utoipa::ToSchema;
use uuid::Uuid;

/// Stayers shown to a person; a program gets all.
const STAYERS_SHOWN: usize = 20;

/// What a reassignment would do.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReassignPreview {
    /// Say it to do exactly this.
    pub token: String,
    campaign: Uuid,
    from: Uuid,
    /// Who takes over.
    pub(super) takers: Vec<Taker>,
    /// Who stays with the old sender.
    pub(super) stays: Vec<Stayer>,
    #[serde(skip)]
    pub(super) moves: Vec<(EnrollmentId, AccountId)>,
}

/// A sender that takes over.
#[derive(Debug, Serialize, ToSchema)]
pub struct Taker {
    account: Uuid,
    name: String,
    /// People that come to it.
    people: u64,
    /// The same by the step that they stand on, `2. message`.
    #[schema(value_type = Object)]
    steps: BTreeMap<String, u64>,
    /// Days that it needs, inside its caps, for all that is then in line at it.
    days: u64,
}

/// Somebody who stays.
#[derive(Debug, Serialize, ToSchema)]
pub struct Stayer {
    enrollment: Uuid,
    person: String,
    step: String,
    why: &'static str,
}

impl Taker {
    pub(super) fn short(&self) -> String {
        format!("{} to {}", self.people, one_line(&self.name))
    }
}

/// A step as people know it.
fn title<'a>(facts: &'a ToReassign, key: &'a str) -> &'a str {
    facts.titles.get(key).map_or(key, String::as_str)
}

/// A reassignment with names, and the token that stands for all of it.
pub(super) fn shown(
    (campaign, from): (CampaignId, AccountId),
    facts: &ToReassign,
    dealt: Reassignment,
) -> ReassignPreview {
    let of: HashMap<EnrollmentId, _> = facts
        .waiting
        .iter()
        .map(|it| (it.enrolled.id, it))
        .collect();
    let mut takers: BTreeMap<AccountId, Taker> = BTreeMap::new();
    let mut said = vec![format!("{campaign} {from}")];
    for (id, account) in &dealt.moves {
        let step = of.get(id).map_or("", |it| title(facts, &it.enrolled.step));
        said.push(format!("{id} {step} {account}"));
        let taker = takers.entry(*account).or_insert_with(|| Taker {
            account: account.0,
            name: facts.names.get(account).cloned().unwrap_or_default(),
            people: 0,
            steps: BTreeMap::new(),
            days: dealt.days.get(account).copied().unwrap_or_default(),
        });
        taker.people += 1;
        *taker.steps.entry(step.to_owned()).or_default() += 1;
    }
    let stays = dealt.stays.iter().filter_map(|(id, why)| {
        let one = of.get(id)?;
        Some(Stayer {
            enrollment: id.0,
            person: one.person.clone(),
            step: title(facts, &one.enrolled.step).to_owned(),
            why: why.as_str(),
        })
    });
    ReassignPreview {
        token: preview_token(&said.join("\n")),
        campaign: campaign.0,
        from: from.0,
        takers: takers.into_values().collect(),
        stays: stays.collect(),
        moves: dealt.moves,
    }
}

impl fmt::Display for ReassignPreview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Taker {
            account,
            name,
            people,
            steps,
            days,
        } in &self.takers
        {
            let steps = steps
                .iter()
                .map(|(step, count)| format!("{count} at {step}"));
            let steps: Vec<String> = steps.collect();
            let name = one_line(name);
            writeln!(
                f,
                "{people} to {name} ({account}): {}; done in {days} days",
                steps.join(", ")
            )?;
        }
        for Stayer {
            enrollment,
            person,
            step,
            why,
        } in self.stays.iter().take(STAYERS_SHOWN)
        {
            let person = one_line(person);
            writeln!(f, "stays: {person} ({enrollment}) at {step}: {why}")?;
        }
        if self.stays.len() > STAYERS_SHOWN {
            writeln!(f, "and {} more stay", self.stays.len() - STAYERS_SHOWN)?;
        }
        if self.moves.is_empty() {
            return writeln!(f, "nobody moves");
        }
        writeln!(
            f,
            "what was sent stays with the old sender; to do exactly this: --token {}",
            self.token
        )
    }
}
