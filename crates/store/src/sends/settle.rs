//! Committing what was decided about sends: settlements with their audit rows, cooldowns, holds and looks.

use crate::decision::Author;
use crate::error::StoreError;
use crate::row;
use crate::sends::facts::{unsigned, word};
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use policy::ids::{AccountId, CampaignId, SendId, WorkspaceId};
use policy::sends::Action;
use policy::sends::decided::{Look, NewCooldown, NewHold, NextStep, Settlement};
use policy::sends::settle::SettleFacts;
use uuid::Uuid;

const FACTS: Sql = sql!("sends/settle_facts");
const SETTLE: Sql = sql!("sends/settle");
const COOL: Sql = sql!("sends/cool");
const HOLD: Sql = sql!("sends/hold");
const LOOK: Sql = sql!("sends/look");

impl Tx {
    /// What settling a send needs; none if there is no such send.
    pub async fn settle_facts(
        &self,
        account: AccountId,
        send: SendId,
    ) -> Result<Option<SettleFacts>, StoreError> {
        let rows = self
            .rows(FACTS, &[&account.0, &send.0, &self.now().at])
            .await?;
        let Some(found) = rows.first() else {
            return Ok(None);
        };
        let odd: i16 = row::get(found, "odd_refusals")?;
        Ok(Some(SettleFacts {
            send,
            account,
            workspace: WorkspaceId(row::get(found, "workspace_id")?),
            campaign: row::get::<Option<Uuid>>(found, "campaign_id")?.map(CampaignId),
            action: word(found, "action", Action::parse)?,
            odd_before: odd > 0,
            cooldown_streak: unsigned(found, "cooldown_streak")?,
            recent: row::get(found, "recent")?,
            campaign_recent: row::get(found, "campaign_recent")?,
            probing: row::get(found, "probing")?,
        }))
    }

    /// Writes ends of calls. Returns how many were settled; one that has moved on is not, and with it what follows from
    /// it would be wrong, so that is an error.
    pub(crate) async fn settle(
        &self,
        settlements: &[Settlement],
        at: Timestamp,
        by: &Author<'_>,
    ) -> Result<u64, StoreError> {
        if settlements.is_empty() {
            return Ok(0);
        }
        let all = settlements;
        let rows = self
            .rows(
                SETTLE,
                &[
                    &column(all, |one| one.account.0),
                    &column(all, |one| one.send.0),
                    &column(all, |one| one.from.as_str()),
                    &column(all, |one| one.to.as_str()),
                    &column(all, |one| one.refund),
                    &column(all, |one| one.code.as_str()),
                    &column(all, |one| one.note.as_str()),
                    &column(all, |one| one.reference.as_deref()),
                    &column(all, |one| one.chat.as_deref()),
                    &column(all, |one| one.usage.map(i16::from)),
                    &column(all, |one| one.look_at),
                    &column(all, |one| next_word(&one.enrollment)),
                    &column(all, |one| again(&one.enrollment)),
                    &column(all, |one| {
                        matches!(one.enrollment, NextStep::Again { odd: true, .. })
                    }),
                    &column(all, |one| why(&one.enrollment)),
                    &at,
                    &by.actor,
                    &by.job,
                ],
            )
            .await?;
        if rows.len() == settlements.len() {
            Ok(rows.len() as u64)
        } else {
            Err(StoreError::Moved {
                rows: settlements.len() - rows.len(),
            })
        }
    }

    pub(crate) async fn cool(&self, cooldowns: &[NewCooldown]) -> Result<(), StoreError> {
        if cooldowns.is_empty() {
            return Ok(());
        }
        let accounts: Vec<Uuid> = cooldowns.iter().map(|one| one.account.0).collect();
        let actions: Vec<&str> = cooldowns.iter().map(|one| one.action.as_str()).collect();
        let untils: Vec<Timestamp> = cooldowns.iter().map(|one| one.until).collect();
        let codes: Vec<&str> = cooldowns.iter().map(|one| one.code.as_str()).collect();
        let streaks: Vec<i16> = cooldowns
            .iter()
            .map(|one| i16::try_from(one.streak).unwrap_or(i16::MAX))
            .collect();
        self.execute(COOL, &[&accounts, &actions, &untils, &codes, &streaks])
            .await
            .map(drop)
    }

    pub(crate) async fn hold(&self, holds: &[NewHold], at: Timestamp) -> Result<(), StoreError> {
        if holds.is_empty() {
            return Ok(());
        }
        let accounts: Vec<Uuid> = holds.iter().map(|one| one.account.0).collect();
        let reasons: Vec<&str> = holds.iter().map(|one| one.reason.as_str()).collect();
        let untils: Vec<Option<Timestamp>> = holds.iter().map(|one| one.until).collect();
        let notes: Vec<&str> = holds.iter().map(|one| one.note.as_str()).collect();
        self.execute(HOLD, &[&accounts, &reasons, &untils, &notes, &at])
            .await
            .map(drop)
    }

    pub(crate) async fn look(&self, looks: &[Look], at: Timestamp) -> Result<(), StoreError> {
        if looks.is_empty() {
            return Ok(());
        }
        let accounts: Vec<Uuid> = looks.iter().map(|one| one.account.0).collect();
        let sends: Vec<Uuid> = looks.iter().map(|one| one.send.0).collect();
        let absent: Vec<bool> = looks.iter().map(|one| one.absent).collect();
        let next: Vec<Option<Timestamp>> = looks.iter().map(|one| one.next).collect();
        self.execute(LOOK, &[&accounts, &sends, &absent, &next, &at])
            .await
            .map(drop)
    }
}

/// One column of what is asked.
fn column<'a, T>(of: &'a [Settlement], read: impl Fn(&'a Settlement) -> T) -> Vec<T> {
    of.iter().map(read).collect()
}

fn next_word(next: &NextStep) -> &'static str {
    match next {
        NextStep::Advance => "advance",
        NextStep::Again { .. } => "again",
        NextStep::Keep => "keep",
        NextStep::Stop { .. } => "stop",
    }
}

fn again(next: &NextStep) -> Option<Timestamp> {
    match next {
        NextStep::Again { at, .. } => Some(*at),
        _ => None,
    }
}

fn why(next: &NextStep) -> Option<&str> {
    match next {
        NextStep::Stop { why } => Some(why),
        _ => None,
    }
}
