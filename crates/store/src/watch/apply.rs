//! Writing how far a run of the status watch has come.

use super::judged::JudgedRun;
use crate::columns::values;
use crate::error::StoreError;
use crate::number::clamp;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::{Parts, Tx, each_apart};
use jiff::Timestamp;
use policy::ids::AccountId;
use policy::listing;
use policy::watch::{RunOutcome, RunStep};
use uuid::Uuid;

const LISTED: Sql = sql!("watch/listed");
const END_RUN: Sql = sql!("watch/end_run");
const HANDLED: Sql = sql!("watch/handled");
const COUNT_SHARE: Sql = sql!("watch/count_share");

impl Tx {
    /// Writes one step of a run. A run that has ended keeps its outcome.
    pub(crate) async fn apply_run(&self, step: &RunStep, at: Timestamp) -> Result<(), StoreError> {
        match step {
            RunStep::Listed {
                slot,
                writer,
                sessions,
                unnamed,
                is_complete,
            } => {
                let listed = values(LISTED)
                    .value("slot", slot)
                    .value("writer", writer)
                    .value("sessions", i64::try_from(*sessions).unwrap_or(i64::MAX))
                    .value("unnamed", clamp::<i32, _>(*unnamed))
                    .value("unnamed_max", clamp::<i32, _>(listing::UNNAMED_MAX))
                    .value("listed_at", is_complete.then_some(at));
                self.execute_on_with(1, listed).await
            }
            RunStep::Inconclusive { slot, why } => {
                self.end_run(*slot, "inconclusive", why, at).await
            }
            RunStep::Judged {
                slot,
                verdict,
                watched,
                shares,
                released,
                cases,
            } => {
                let judged = JudgedRun {
                    slot: *slot,
                    verdict: *verdict,
                    watched: *watched,
                    shares: *shares,
                    released,
                    cases,
                };
                self.write_judgement(&judged, at).await
            }
            RunStep::Handled {
                slot,
                accounts,
                outcome,
            } => {
                self.handle_proposals(*slot, accounts).await?;
                self.note_applied(accounts, at).await?;
                self.count_share(*slot, *outcome, at).await
            }
            RunStep::Accepted { accounts } => self.note_applied(accounts, at).await,
        }
    }

    /// Ends the run with its last share. Locks the run until the transaction ends: the last thing that a share does.
    async fn count_share(
        &self,
        slot: Timestamp,
        outcome: RunOutcome,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let rows = self.rows(COUNT_SHARE, &[&slot]).await?;
        let left = rows.first().map(|found| row::get(found, "apply_jobs_left"));
        match left.transpose()? {
            Some(0) => self.end_run(slot, outcome.as_str(), "", at).await,
            Some::<i32>(_) | None => Ok(()),
        }
    }

    pub(super) async fn end_run(
        &self,
        slot: Timestamp,
        outcome: &str,
        note: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let end = values(END_RUN)
            .value("slot", slot)
            .value("outcome", outcome)
            .value("note", note)
            .value("at", at);
        self.execute_with(end).await.map(drop)
    }

    pub(super) async fn handle_proposals(
        &self,
        slot: Timestamp,
        accounts: &[AccountId],
    ) -> Result<(), StoreError> {
        let ids: Vec<Uuid> = accounts.iter().map(|account| account.0).collect();
        each_apart!(
            self,
            Parts::of("status.apply", &ids),
            |id| format!("account {id}"),
            |some| async { self.execute(HANDLED, &[&slot, &some]).await }
        );
        Ok(())
    }
}
