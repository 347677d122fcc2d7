//! Accounts: the only writer of an account's status, and of what follows from a change of it.

mod claims;
mod followed;
mod outages;

use crate::columns::columns;
use crate::counted::Applied;
use crate::decision::Author;
use crate::error::StoreError;
use crate::row;
use crate::sends::word;
use crate::sql::{Sql, sql};
use crate::tx::{OnRefused, Parts, Tx, each_apart};
use crate::whole::whole;
use jiff::Timestamp;
use outages::Outages;
use policy::account::{Flip, Link, Status, StatusChanges, allowed};
use policy::decision::OnMoved;
use policy::holds::{EndedHold, NewHold};
use policy::ids::AccountId;
use policy::losses::Loss;
use policy::restarts::{self, ReturnedBy};
use std::collections::HashSet;
use uuid::Uuid;

const LOCK: Sql = sql!("accounts/lock");
const FLIP: Sql = sql!("accounts/flip");
const ROW: Sql = sql!("accounts/row");
const RETURNS: Sql = sql!("restarts/returns");
const ROTATE: Sql = sql!("campaigns/rotate");

/// Work on accounts, as alerts of rows set aside name it.
const FLIPS: &str = "accounts.flip";
const ROTATION: &str = "accounts.rotate";

/// Flip that found its row as it was decided on.
struct Flipped {
    account: AccountId,
    from: Status,
    to: Status,
}

impl Tx {
    /// Writes changes of status, each with its audit row, and what they mean for campaigns, owners and link attempts.
    /// Rows that have moved on are left alone and counted, or refuse all of it, as `on_moved` says; those that the database
    /// refuses do as `on_refused` says. What was lost is left for [`Tx::tell_losses`]. Its accounts and their campaigns are
    /// locked ([`Tx::lock_rows_of`]).
    pub(crate) async fn apply_status(
        &self,
        changes: &StatusChanges,
        (at, on_moved): (Timestamp, OnMoved),
        on_refused: OnRefused,
        by: &Author<'_>,
    ) -> Result<(Applied, Vec<Loss>), StoreError> {
        let StatusChanges {
            flips,
            holds,
            ended_holds,
            attempts,
            lapsed,
        } = changes;
        if !flips.is_empty() {
            self.lock_claims(flips).await?;
        }
        // First: of those that a flip leaves open it says itself how they end.
        let mut applied = self.close_attempts(attempts, lapsed, at).await?;
        let parts = Parts::or(on_refused, FLIPS, flips);
        let flipped = each_apart!(
            self,
            parts,
            |flip| format!("account {}", flip.account),
            |some| async { self.flip_and_follow(some, (at, on_moved), by).await }
        );
        let mut lost = vec![];
        for (part, losses) in flipped {
            applied.add(part);
            lost.extend(losses);
        }
        applied.add(self.change_holds(holds, ended_holds, at).await?);
        Ok((applied, lost))
    }

    /// Flips accounts that are locked, with all that follows from each.
    async fn flip_and_follow(
        &self,
        flips: &[Flip],
        (at, on_moved): (Timestamp, OnMoved),
        by: &Author<'_>,
    ) -> Result<(Applied, Vec<Loss>), StoreError> {
        let flipped = self.flip(flips, at, by).await?;
        let claimed = self.tell_claimed(flips, &flipped).await?;
        let moved = (flips.len() - flipped.len()).saturating_sub(claimed);
        if moved > 0 && on_moved == OnMoved::Retry {
            return Err(StoreError::Moved { rows: moved });
        }
        let (resumed, answered) = self.follow_flips(flips, &flipped, at, by).await?;
        let restarting = self.restart_recovering(&flipped, by).await?;
        let returns = self.count_returns(&flipped, at).await?;
        let mut applied = Applied {
            changed: flipped.len() as u64,
            moved: moved as u64,
            jobs: resumed + restarting,
            ..Applied::default()
        };
        applied.count(
            "relink_alerts_total",
            &[("code", "session_claimed")],
            claimed as u64,
        );
        applied.add(returns);
        applied.add(answered);
        for flip in flips {
            applied.count("relink_flips_total", &[("cause", flip.cause.as_str())], 1);
        }
        applied.count("relink_flips_dropped_total", &[], moved as u64);
        Ok((applied, losses(flips, &flipped)))
    }

    async fn flip(
        &self,
        flips: &[Flip],
        at: Timestamp,
        by: &Author<'_>,
    ) -> Result<Vec<Flipped>, StoreError> {
        whole!(Link {
            session,
            identity,
            attempt
        });
        whole!(Flip {
            account,
            version,
            from,
            to,
            cause,
            observed_at,
            evidence,
            link,
            checkpoint
        });
        if !flips.iter().all(is_allowed) {
            return Err(StoreError::Row {
                column: "status",
                why: "a flip outside the transition table (R-ST-1)".into(),
            });
        }
        let ids: Vec<Uuid> = flips.iter().map(|flip| flip.account.0).collect();
        let outages = Outages::of_locked(&self.rows(LOCK, &[&ids]).await?)?;
        let session = |link: &Link| link.session.0.clone();
        let identity = |link: &Link| link.identity.as_ref().map(|person| person.0.clone());
        let attempt = |link: &Link| link.attempt.map(|attempt| attempt.0);
        let wanted = columns(FLIP, flips)
            .with("account_id", |flip| flip.account.0)
            .with("version", |flip| flip.version)
            .with("from_status", |flip| flip.from.as_str())
            .with("to_status", |flip| flip.to.as_str())
            .with("cause", |flip| flip.cause.as_str())
            .with("observed_at", |flip| flip.observed_at)
            .with("evidence", |flip| &flip.evidence)
            .with("session_id", |flip| flip.link.as_ref().map(session))
            .with("identity", |flip| flip.link.as_ref().and_then(identity))
            .value("at", at)
            .value("actor", by.actor)
            .value("job", by.job)
            .with("checkpoint", |flip| flip.checkpoint.as_deref())
            .with("outage_from", |flip| {
                outages.after(flip, at).map(|it| it.from)
            })
            .with("outage_until", |flip| {
                outages.after(flip, at).map(|it| it.until)
            })
            .with("attempt_id", |flip| flip.link.as_ref().and_then(attempt));
        self.rows_with(wanted)
            .await?
            .iter()
            .map(|found| {
                Ok(Flipped {
                    account: AccountId(row::get(found, "account_id")?),
                    from: row::status(found, "from_status")?,
                    to: row::status(found, "to_status")?,
                })
            })
            .collect()
    }

    /// Writes holds and ends of holds that take accounts out of rotation and bring them back (R-ST-6).
    async fn change_holds(
        &self,
        holds: &[NewHold],
        ended: &[EndedHold],
        at: Timestamp,
    ) -> Result<Applied, StoreError> {
        let applied = self.hold(holds, at).await?;
        self.end_holds(ended, at).await?;
        let held: Vec<Uuid> = holds.iter().map(|one| one.account.0).collect();
        let free: Vec<Uuid> = ended.iter().map(|one| one.account.0).collect();
        for (accounts, in_rotation) in [(held, false), (free, true)] {
            each_apart!(
                self,
                Parts::of(ROTATION, &accounts),
                |id| format!("account {id}"),
                |some| async { self.execute(ROTATE, &[&some, &in_rotation]).await }
            );
        }
        Ok(applied)
    }

    /// Asks for the first restart of sessions whose accounts have just become `recovering` (R-LNK-8). How many jobs.
    async fn restart_recovering(
        &self,
        flipped: &[Flipped],
        by: &Author<'_>,
    ) -> Result<u64, StoreError> {
        let recovering = flipped.iter().filter(|it| it.to == Status::Recovering);
        let recovering: Vec<Uuid> = recovering.map(|it| it.account.0).collect();
        if recovering.is_empty() {
            return Ok(0);
        }
        let rows = self.rows(ROW, &[&recovering]).await?;
        let rows: Vec<_> = rows
            .iter()
            .map(|found| row::account(found, "id"))
            .collect::<Result<_, _>>()?;
        let jobs = restarts::first_jobs(&rows);
        self.enqueue(&jobs, None, by.traceparent).await
    }

    /// Counts who brought accounts back, and how long that took (R-ANA-1).
    async fn count_returns(
        &self,
        flipped: &[Flipped],
        at: Timestamp,
    ) -> Result<Applied, StoreError> {
        let mut applied = Applied::default();
        let back = flipped.iter().filter(|it| it.to == Status::Connected);
        let back: Vec<Uuid> = back.map(|it| it.account.0).collect();
        if back.is_empty() {
            return Ok(applied);
        }
        for found in &self.rows(RETURNS, &[&back, &at]).await? {
            let by = word(found, "returned_by", ReturnedBy::parse)?.as_str();
            let (returns, seconds): (i64, i64) =
                (row::get(found, "returns")?, row::get(found, "seconds")?);
            let (returns, seconds) = (returns.unsigned_abs(), seconds.unsigned_abs());
            applied.count("relink_returns_total", &[("by", by)], returns);
            applied.count("relink_return_seconds_total", &[("by", by)], seconds);
        }
        Ok(applied)
    }
}

/// Losses among the flips that found their rows.
fn losses(flips: &[Flip], flipped: &[Flipped]) -> Vec<Loss> {
    let done: HashSet<AccountId> = flipped.iter().map(|it| it.account).collect();
    let made = flips.iter().filter(|flip| done.contains(&flip.account));
    made.filter_map(Loss::of).collect()
}

fn is_allowed(flip: &Flip) -> bool {
    allowed(Some(flip.from), flip.to).is_ok()
}
