//! What is paused, as sets: read once a look, so that a lane that is held costs no row. `relink.pauses_over` says the
//! same of one job; a test holds the two together.

use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use jiff::Timestamp;
use policy::jobs::Queue;
use std::collections::HashMap;
use tokio_postgres::Row;
use uuid::Uuid;

const HOLDS: Sql = sql!("jobs/holds");

/// Shares of some jobs that may start, from 0, none, to 1, all. Which jobs these are follows from their ids.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shares {
    /// Of all of them.
    pub hold: f64,
    /// Of those that have not started yet.
    pub drain: f64,
}

impl Shares {
    const ALL: Self = Self {
        hold: 1.0,
        drain: 1.0,
    };

    fn lower(&mut self, is_drain: bool, share: f64) {
        let side = if is_drain {
            &mut self.drain
        } else {
            &mut self.hold
        };
        *side = side.min(share);
    }

    fn and(self, other: Self) -> Self {
        Self {
            hold: self.hold.min(other.hold),
            drain: self.drain.min(other.drain),
        }
    }

    /// Nothing of it may start, whatever the row says.
    pub fn is_none(self) -> bool {
        self.hold <= 0.0
    }
}

/// A pause of an account that lets some of its jobs start.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AccountHold {
    /// The account.
    pub account: Uuid,
    /// Only what has not started yet is held.
    pub is_drain: bool,
    /// Share of the held jobs that may start.
    pub share: f64,
}

/// Pauses in force or ramping, by what they cover.
#[derive(Clone, Debug, Default)]
pub struct Holds {
    /// Each pause, and whether it was lifted: where these are the same, the same jobs are held but for ramps.
    pauses: Vec<(Uuid, bool)>,
    everything: Option<Shares>,
    queues: HashMap<String, Shares>,
    kinds: HashMap<String, Shares>,
    workspaces: HashMap<Uuid, Shares>,
    /// Accounts of which nothing may start.
    pub held_accounts: Vec<Uuid>,
    /// Pauses of accounts that let some start.
    pub part_held_accounts: Vec<AccountHold>,
    /// When a pause ends, or a ramp lets more start; none for never.
    pub changes_at: Option<Timestamp>,
}

impl Holds {
    /// Shares of the jobs of one kind of one workspace, accounts apart.
    pub fn shares(&self, queue: Queue, workspace: Uuid, kind: &str) -> Shares {
        let covering = [
            self.everything.as_ref(),
            self.queues.get(queue.as_str()),
            self.kinds.get(kind),
            self.workspaces.get(&workspace),
        ];
        covering
            .into_iter()
            .flatten()
            .fold(Shares::ALL, |all, one| all.and(*one))
    }

    /// The pauses are those of `other`: none began, ended or was lifted since.
    pub fn are_those_of(&self, other: &Self) -> bool {
        self.pauses == other.pauses
    }

    /// A lifted pause lets more and more of what it held start.
    pub fn is_ramping(&self) -> bool {
        self.pauses.iter().any(|(_, is_lifted)| *is_lifted)
    }

    pub(super) fn of(rows: &[Row]) -> Result<Self, StoreError> {
        let mut holds = Self::default();
        for found in rows {
            holds.add(found)?;
        }
        Ok(holds)
    }

    fn add(&mut self, found: &Row) -> Result<(), StoreError> {
        let target: String = row::get(found, "target")?;
        let is_drain = row::get::<&str>(found, "mode")? == "drain";
        let share: f64 = row::get(found, "share")?;
        self.pauses
            .push((row::get(found, "id")?, row::get(found, "is_lifted")?));
        let changes_at: Option<Timestamp> = row::get(found, "changes_at")?;
        self.changes_at = self.changes_at.into_iter().chain(changes_at).min();
        // A pause covers an id that is written as the database writes it, and no other.
        let id = || {
            let id = Uuid::parse_str(&target).ok();
            id.filter(|id| id.to_string() == target)
        };
        match row::get(found, "scope")? {
            "everything" => lower(&mut self.everything, is_drain, share),
            "queue" => lower_in(&mut self.queues, target, is_drain, share),
            "kind" => lower_in(&mut self.kinds, target, is_drain, share),
            "workspace" => {
                if let Some(id) = id() {
                    lower_in(&mut self.workspaces, id, is_drain, share);
                }
            }
            _ => {
                if let Some(account) = id() {
                    self.hold_account(account, is_drain, share);
                }
            }
        }
        Ok(())
    }

    fn hold_account(&mut self, account: Uuid, is_drain: bool, share: f64) {
        if !is_drain && share <= 0.0 {
            self.held_accounts.push(account);
        } else {
            self.part_held_accounts.push(AccountHold {
                account,
                is_drain,
                share,
            });
        }
    }
}

fn lower(shares: &mut Option<Shares>, is_drain: bool, share: f64) {
    shares.get_or_insert(Shares::ALL).lower(is_drain, share);
}

fn lower_in<K: std::hash::Hash + Eq>(
    shares: &mut HashMap<K, Shares>,
    of: K,
    is_drain: bool,
    share: f64,
) {
    shares
        .entry(of)
        .or_insert(Shares::ALL)
        .lower(is_drain, share);
}

impl Tx {
    /// What is paused now.
    pub async fn holds(&self) -> Result<Holds, StoreError> {
        Holds::of(&self.rows(HOLDS, &[&self.now().at]).await?)
    }
}
