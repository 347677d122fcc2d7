//! Losses that the mass-change breaker stopped (R-WAT-3).

use crate::columns::{columns, values};
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::{Parts, Tx, account_of, each_apart};
use crate::watch::{cause, proposed};
use crate::whole::whole;
use jiff::Timestamp;
use policy::confirm::ANSWERED_A_RUN;
use policy::ids::{AccountId, CaseId, StopId, WorkspaceId};
use policy::watch::{
    DueCase, DueStop, DueWork, NewStop, Proposed, RELEASED_A_RUN, RUNS_SAY, StandingStop,
    StopChanges, StopLook, StopState,
};
use tokio_postgres::Row;
use uuid::Uuid;

const DUE: Sql = sql!("stops/due");
const DUE_CASES: Sql = sql!("cases/due");
const STANDING: Sql = sql!("stops/standing");
const ACCEPTED: Sql = sql!("stops/accepted");
const APPLIED: Sql = sql!("stops/applied");
const STOP_LOOKED: Sql = sql!("stops/stop_looked");
const LOOK: Sql = sql!("stops/look");

/// Work on stopped losses, as alerts of rows set aside name it.
const STOPS: &str = "losses.apply";
/// Between words in one text; no word has it.
const BETWEEN: &str = "\u{1f}";

impl Tx {
    /// What of earlier runs may go on with this one, as far as a run lets it.
    pub async fn due_stops(&self, slot: Timestamp) -> Result<DueWork, StoreError> {
        let asked = values(DUE)
            .value("slot", slot)
            .value("runs", RUNS_SAY)
            .value("limit", i64::from(RELEASED_A_RUN));
        let stops = self.rows_with(asked).await?;
        let limit = i64::from(ANSWERED_A_RUN);
        let cases = self.rows(DUE_CASES, &[&slot, &limit]).await?;
        Ok(DueWork {
            stops: self.readable(STOPS, &stops, account_of("account_id"), due_stop),
            cases: self.readable(STOPS, &cases, account_of("account_id"), due_case),
        })
    }

    /// The stopped loss that stands for an account, if one does.
    pub async fn standing_stop(
        &self,
        account: AccountId,
    ) -> Result<Option<StandingStop>, StoreError> {
        let rows = self.rows(STANDING, &[&account.0, &self.now().at]).await?;
        rows.first().map(standing).transpose()
    }

    /// Accepted losses after an account, as they were seen since then, each with the run that saw it last.
    pub async fn accepted_losses(
        &self,
        after: Option<AccountId>,
        seen_since: Timestamp,
        limit: i64,
    ) -> Result<Vec<(Timestamp, Proposed)>, StoreError> {
        let after = after.map(|account| account.0);
        let rows = self.rows(ACCEPTED, &[&after, &seen_since, &limit]).await?;
        let read = |found: &Row| Ok((row::get(found, "last_run")?, proposed(found)?));
        Ok(self.readable(STOPS, &rows, account_of("account_id"), read))
    }

    /// Writes what looks did to stopped losses.
    pub(crate) async fn apply_stops(
        &self,
        changes: &StopChanges,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let StopChanges { stopped, looks } = changes;
        each_apart!(
            self,
            Parts::of(STOPS, stopped),
            |one| format!("account {}", one.account),
            |some| async { self.stop_looked(some, at).await }
        );
        whole!(StopLook {
            account,
            stop,
            observed_at,
            agrees
        });
        each_apart!(
            self,
            Parts::of(STOPS, looks),
            |look| format!("account {}", look.account),
            |some| async {
                let noted = columns(LOOK, some)
                    .with("account_id", |look| look.account.0)
                    .with("stop", |look| look.stop.0)
                    .with("observed_at", |look| look.observed_at)
                    .with("agrees", |look| look.agrees);
                self.execute_with(noted).await
            }
        );
        Ok(())
    }

    async fn stop_looked(&self, stopped: &[NewStop], at: Timestamp) -> Result<(), StoreError> {
        whole!(NewStop {
            account,
            session,
            version,
            from,
            to,
            cause,
            observed_at,
            words
        });
        let found = columns(STOP_LOOKED, stopped)
            .with("account_id", |one| one.account.0)
            .with("id", |_| Uuid::now_v7())
            .with("session_id", |one| one.session.0.as_str())
            .with("version", |one| one.version)
            .with("from_status", |one| one.from.as_str())
            .with("to_status", |one| one.to.as_str())
            .with("cause", |one| one.cause.as_str())
            .with("observed_at", |one| one.observed_at)
            .with("words", |one| one.words.join(BETWEEN))
            .value("at", at);
        self.execute_with(found).await.map(drop)
    }

    /// Notes which accepted losses were applied, after the flips of this transaction.
    pub(crate) async fn note_applied(
        &self,
        accounts: &[AccountId],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let ids: Vec<Uuid> = accounts.iter().map(|account| account.0).collect();
        each_apart!(
            self,
            Parts::of(STOPS, &ids),
            |id| format!("account {id}"),
            |some| async { self.execute(APPLIED, &[&some, &at]).await }
        );
        Ok(())
    }
}

fn due_stop(found: &Row) -> Result<DueStop, StoreError> {
    Ok(DueStop {
        stop: StopId(row::get(found, "id")?),
        account: AccountId(row::get(found, "account_id")?),
        workspace: WorkspaceId(row::get(found, "workspace_id")?),
        runs: row::get(found, "runs")?,
        look_agrees: row::get(found, "look_agrees")?,
    })
}

fn due_case(found: &Row) -> Result<DueCase, StoreError> {
    let number: i32 = row::get(found, "number")?;
    Ok(DueCase {
        case: CaseId(row::get(found, "id")?),
        account: AccountId(row::get(found, "account_id")?),
        workspace: WorkspaceId(row::get(found, "workspace_id")?),
        number: u32::try_from(number).unwrap_or(1),
    })
}

fn standing(found: &Row) -> Result<StandingStop, StoreError> {
    let word: &str = row::get(found, "state")?;
    let state = StopState::parse(word).ok_or_else(|| StoreError::Row {
        column: "state",
        why: format!("unknown state {word}"),
    })?;
    Ok(StandingStop {
        stop: StopId(row::get(found, "id")?),
        state,
        to: row::status(found, "to_status")?,
        cause: cause(found)?,
        runs: row::get(found, "runs")?,
    })
}
