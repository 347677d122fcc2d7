//! Telling of losses in the transaction of their flips: counts, alerts, and owners' notices (R-WAT-6, R-WAT-7).

use crate::attempts::seconds;
use crate::columns::columns;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::{Parts, Tx, each_apart};
use jiff::Timestamp;
use policy::account::Cause;
use policy::decision::Alert;
use policy::losses::{
    HISTORY, LOSSES_MIN, Loss, LossCount, LossPace, TIMES_USUAL, WINDOW, WINDOWS, burst_alert,
};
use tokio_postgres::Row;

const COUNT: Sql = sql!("losses/count");
const LOCK: Sql = sql!("losses/lock");
const NOTE: Sql = sql!("losses/note");

impl Tx {
    /// Counts losses, raises their alerts, and writes the notices of their owners, which wait where it is a burst.
    ///
    /// Small transactions side by side would each see the others' losses too late, and together tell the owners of a burst.
    /// So those that see no burst count again, one after the other; what is a burst by itself waits for nobody, and nobody
    /// waits long.
    pub(crate) async fn tell_losses(
        &self,
        losses: &[Loss],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        if losses.is_empty() {
            return Ok(());
        }
        let mut counts = self.count_losses(losses, at).await?;
        if counts.iter().any(|count| count.pace() == LossPace::Usual) {
            self.wait_for_counts(&counts).await?;
            counts = self.count_losses(losses, at).await?;
        }
        each_apart!(
            self,
            Parts::of("losses.count", &counts),
            |it| format!("{} {}", it.kind, it.cause),
            |some| async { self.note_losses(some, at).await }
        );
        self.write_notices(losses, &counts, at).await?;
        self.raise(&alerts(losses, &counts)).await
    }

    async fn count_losses(
        &self,
        losses: &[Loss],
        at: Timestamp,
    ) -> Result<Vec<LossCount>, StoreError> {
        let asked = columns(COUNT, losses)
            .with("account_id", |loss| loss.account.0)
            .with("cause", |loss| loss.cause.as_str())
            .value("at", at)
            .value("window_s", seconds(WINDOW))
            .value("history_s", seconds(HISTORY))
            .value("losses_min", LOSSES_MIN)
            .value("times_usual", TIMES_USUAL)
            .value("windows", WINDOWS);
        self.rows_with(asked).await?.iter().map(counted).collect()
    }

    async fn wait_for_counts(&self, counts: &[LossCount]) -> Result<(), StoreError> {
        let names = counts.iter().map(|it| format!("{} {}", it.kind, it.cause));
        let names: Vec<String> = names.collect();
        self.rows(LOCK, &[&names]).await.map(drop)
    }

    async fn note_losses(&self, counts: &[LossCount], at: Timestamp) -> Result<(), StoreError> {
        let noted = columns(NOTE, counts)
            .with("kind", |it| it.kind.as_str())
            .with("cause", |it| it.cause.as_str())
            .with("losses", |it| it.own)
            .value("at", at);
        self.execute_on_with(counts.len(), noted).await
    }
}

fn alerts(losses: &[Loss], counts: &[LossCount]) -> Vec<Alert> {
    let own = losses.iter().filter_map(|loss| loss.alert.clone());
    let begin = counts
        .iter()
        .filter(|it| it.pace() == LossPace::BurstBegins);
    own.chain(begin.map(burst_alert)).collect()
}

fn counted(found: &Row) -> Result<LossCount, StoreError> {
    let word: &str = row::get(found, "cause")?;
    Ok(LossCount {
        kind: row::get(found, "kind")?,
        cause: Cause::parse(word).ok_or_else(|| StoreError::Row {
            column: "cause",
            why: format!("unknown cause {word}"),
        })?,
        own: row::get(found, "own")?,
        earlier: row::get(found, "earlier")?,
        history: row::get(found, "history")?,
        accounts: row::get(found, "accounts")?,
    })
}
