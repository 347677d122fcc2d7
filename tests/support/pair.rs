//! Two PostgreSQL servers, one of which follows the other, behind one address.

use crate::database::{SUPERUSER, connect};
use crate::site::room;
use crate::tcp::Gate;
use servers::{Postgres, PostgresOptions};
use tempfile::TempDir;

/// A primary, its standby, and the address that processes know.
pub struct Pair {
    primary: Postgres,
    standby: Postgres,
    address: Gate,
    // Dropped last: the servers stop first.
    _room: TempDir,
}

impl Pair {
    /// Starts both; the address leads to the primary.
    pub async fn start() -> Self {
        let room = room();
        let options = PostgresOptions::default;
        let primary = Postgres::start(&room.path().join("one"), options()).await;
        let primary = primary.expect("start PostgreSQL");
        let other = room.path().join("other");
        let standby = Postgres::start_standby(&other, &primary, options()).await;
        let standby = standby.expect("start its standby");
        Self {
            address: Gate::before(&base(&primary)).await,
            primary,
            standby,
            _room: room,
        }
    }

    /// Where the address leads to.
    pub fn url(&self, role: &str, database: &str) -> String {
        let address = self.address.base().strip_prefix("http://").expect("http");
        format!("postgresql://{role}@{address}/{database}")
    }

    /// The standby itself.
    pub fn standby_url(&self, role: &str, database: &str) -> String {
        self.standby.url(role, database)
    }

    /// What processes reach the servers through.
    pub fn address(&self) -> &Gate {
        &self.address
    }

    /// The two change parts: the primary stops in good order, its standby takes over, and the primary comes back as a standby of
    /// that. The address still leads to it.
    pub async fn change_parts(&mut self) {
        self.primary.halt().await;
        let promote = "select pg_promote()";
        let owner = connect(&self.standby.url(SUPERUSER, "postgres")).await;
        owner.query_one(promote, &[]).await.expect("promote it");
        std::mem::swap(&mut self.primary, &mut self.standby);
        let follows = self.standby.restart_as_standby(&self.primary).await;
        follows.expect("start the demoted one");
    }

    /// The address leads to the primary, from now on.
    pub fn follow(&self) {
        self.address.lead_to(&base(&self.primary));
    }
}

fn base(server: &Postgres) -> String {
    format!("http://127.0.0.1:{}", server.port())
}
