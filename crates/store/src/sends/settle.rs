//! Committing what was decided about sends: settlements with their audit rows, cooldowns, holds and looks.

use crate::columns::columns;
use crate::counted::Applied;
use crate::decision::Author;
use crate::error::StoreError;
use crate::number::clamp;
use crate::row;
use crate::sends::facts::{unsigned, word};
use crate::sql::{Sql, sql};
use crate::tx::{Parts, Tx, each_apart};
use crate::whole::whole;
use jiff::Timestamp;
use policy::ids::{AccountId, CampaignId, SendId, WorkspaceId};
use policy::sends::blame::Blame;
use policy::sends::decided::{
    ClockSeen, Cooled, Look, NewCooldown, NextStep, SendChanges, Settlement, Silence,
};
use policy::sends::settle::SettleFacts;
use policy::sends::{Action, SendState};
use tokio_postgres::Row;
use uuid::Uuid;

const FACTS: Sql = sql!("sends/settle_facts");
const SETTLE: Sql = sql!("sends/settle");
const COOL: Sql = sql!("sends/cool");
const LOOK: Sql = sql!("sends/look");
const REST: Sql = sql!("sends/rest");
const CLOCK: Sql = sql!("sends/clock");

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
            state: word(found, "state", SendState::parse)?,
            code: row::get(found, "code")?,
            action: word(found, "action", Action::parse)?,
            has_scarce_note: row::get(found, "has_scarce_note")?,
            note_streak: unsigned(found, "note_streak")?,
            silence_streak: unsigned(found, "silence_streak")?,
            odd_before: odd > 0,
            cooldown_streak: unsigned(found, "cooldown_streak")?,
            recent: blames(found, "recent")?,
            campaign_recent: blames(found, "campaign_recent")?,
            probing: row::get(found, "probing")?,
        }))
    }

    /// Writes ends of calls, cooldowns, holds, looks and clocks. Sends settled count as changed.
    pub(crate) async fn apply_sends(
        &self,
        changes: &SendChanges,
        at: Timestamp,
        by: &Author<'_>,
    ) -> Result<Applied, StoreError> {
        let SendChanges {
            settlements,
            cooldowns,
            holds,
            looks,
            silences,
            clocks,
            by_hand,
        } = changes;
        let settled = self.settle(settlements, at, by).await?;
        self.cool(cooldowns).await?;
        self.rest(silences).await?;
        let held = self.hold(holds, at).await?;
        self.look(looks, at).await?;
        self.note_clocks(clocks).await?;
        self.note_by_hand(by_hand, at).await?;
        let mut applied = Applied {
            changed: settled,
            ..Applied::default()
        };
        for one in settlements {
            applied.count("relink_sends_total", &[("state", one.to.as_str())], 1);
        }
        // A streak of 0 ends a cooldown.
        for one in cooldowns.iter().filter(|one| one.streak > 0) {
            let action = match one.cooled {
                Cooled::Action(action) => action.as_str(),
                Cooled::Notes => Action::Invite.as_str(),
            };
            applied.count("relink_send_cooldowns_total", &[("action", action)], 1);
        }
        applied.add(held);
        Ok(applied)
    }

    /// Writes ends of calls, each with its audit row. Returns how many; one that has moved on is not settled, and with
    /// it what follows from it would be wrong, so that is an error.
    async fn settle(
        &self,
        settlements: &[Settlement],
        at: Timestamp,
        by: &Author<'_>,
    ) -> Result<u64, StoreError> {
        whole!(Settlement {
            account,
            send,
            from,
            to,
            refund,
            code,
            blame,
            note,
            reference,
            chat,
            usage,
            look_at,
            enrollment
        });
        if settlements.is_empty() {
            return Ok(0);
        }
        let ends = columns(SETTLE, settlements)
            .with("accounts", |one| one.account.0)
            .with("sends", |one| one.send.0)
            .with("from", |one| one.from.as_str())
            .with("to", |one| one.to.as_str())
            .with("refunds", |one| one.refund)
            .with("codes", |one| one.code.as_str())
            .with("blames", |one| one.blame.map(Blame::as_str))
            .with("notes", |one| one.note.as_str())
            .with("references", |one| one.reference.as_deref())
            .with("chats", |one| one.chat.as_deref())
            .with("usages", |one| one.usage.map(i16::from))
            .with("look_ats", |one| one.look_at)
            .with("nexts", |one| next_word(&one.enrollment))
            .with("agains", |one| again(&one.enrollment))
            .with("odds", |one| is_odd(&one.enrollment))
            .with("whys", |one| why(&one.enrollment))
            .value("now", at)
            .value("actor", by.actor)
            .value("job", by.job);
        let rows = self.rows_with(ends).await?;
        if rows.len() == settlements.len() {
            Ok(rows.len() as u64)
        } else {
            Err(StoreError::Moved {
                rows: settlements.len() - rows.len(),
            })
        }
    }

    async fn cool(&self, cooldowns: &[NewCooldown]) -> Result<(), StoreError> {
        whole!(NewCooldown {
            account,
            cooled,
            until,
            code,
            streak
        });
        if cooldowns.is_empty() {
            return Ok(());
        }
        let cooled = columns(COOL, cooldowns)
            .with("account_id", |one| one.account.0)
            .with("action", |one| one.cooled.as_str())
            .with("until", |one| one.until)
            .with("code", |one| one.code.as_str())
            .with("streak", |one| clamp::<i16, _>(one.streak));
        self.execute_with(cooled).await.map(drop)
    }

    async fn rest(&self, silences: &[Silence]) -> Result<(), StoreError> {
        whole!(Silence {
            account,
            until,
            streak
        });
        if silences.is_empty() {
            return Ok(());
        }
        let rested = columns(REST, silences)
            .with("account_id", |one| one.account.0)
            .with("until", |one| one.until)
            .with("streak", |one| clamp::<i16, _>(one.streak));
        self.execute_with(rested).await.map(drop)
    }

    async fn look(&self, looks: &[Look], at: Timestamp) -> Result<(), StoreError> {
        whole!(Look {
            account,
            send,
            absent,
            next
        });
        each_apart!(
            self,
            Parts::of("sends.settle", looks),
            |one| format!("send {}", one.send),
            |some| async {
                let looked = columns(LOOK, some)
                    .with("account_id", |one| one.account.0)
                    .with("id", |one| one.send.0)
                    .with("is_absent", |one| one.absent)
                    .with("next", |one| one.next)
                    .value("at", at);
                self.execute_with(looked).await
            }
        );
        Ok(())
    }

    async fn note_clocks(&self, clocks: &[ClockSeen]) -> Result<(), StoreError> {
        whole!(ClockSeen {
            account,
            send,
            shown_at
        });
        if clocks.is_empty() {
            return Ok(());
        }
        let seen = columns(CLOCK, clocks)
            .with("account_id", |one| one.account.0)
            .with("id", |one| one.send.0)
            .with("shown_at", |one| one.shown_at);
        self.execute_with(seen).await.map(drop)
    }
}

/// Whom sends speak of; a word that this build does not know speaks of nobody.
fn blames(found: &Row, column: &'static str) -> Result<Vec<Option<Blame>>, StoreError> {
    let words: Vec<Option<String>> = row::get(found, column)?;
    let blame = |word: Option<String>| word.as_deref().and_then(Blame::parse);
    Ok(words.into_iter().map(blame).collect())
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

fn is_odd(next: &NextStep) -> bool {
    matches!(next, NextStep::Again { odd: true, .. })
}

fn why(next: &NextStep) -> Option<&str> {
    match next {
        NextStep::Stop { why } => Some(why),
        _ => None,
    }
}
