//! Holds of accounts and pauses of campaigns, as they were written.

use super::history::rows;
use jiff::Timestamp;
use tokio_postgres::{Client, Row};
use uuid::Uuid;

/// A hold of an account, or the pause of a campaign.
#[derive(Clone, Debug)]
pub(super) struct Stop {
    /// The account that is held, or the campaign that is paused.
    pub(super) of: Uuid,
    pub(super) name: String,
    pub(super) reason: String,
    pub(super) since: Timestamp,
    pub(super) until: Option<Timestamp>,
    /// By whom, and why, as it was written.
    pub(super) note: String,
    /// Of a campaign: one of its senders could not send then.
    pub(super) is_without_sender: bool,
}

const HOLDS: &str = "
    select h.account_id as of, a.name, h.reason, h.since, coalesce(h.ended_at, h.ends_at) as until, h.note,
           false as is_without_sender
      from relink.account_holds h join relink.accounts a on a.id = h.account_id order by h.since";
const PAUSES: &str = "
    select p.campaign_id as of, c.name, p.reason, p.paused_at as since, p.lifted_at as until, p.paused_by || ': ' || p.note as note,
           exists (select from relink.campaign_senders s
                     join lateral (select f.to_status from relink.account_audit f
                                    where f.account_id = s.account_id and f.at <= p.paused_at
                                    order by f.version desc limit 1) f on f.to_status <> 'connected'
                    where s.campaign_id = p.campaign_id) as is_without_sender
      from relink.campaign_pauses p join relink.campaigns c on c.id = p.campaign_id order by p.paused_at";
pub(super) async fn holds(owner: &Client) -> Vec<Stop> {
    rows(owner, HOLDS).await.iter().map(stop).collect()
}

pub(super) async fn pauses(owner: &Client) -> Vec<Stop> {
    rows(owner, PAUSES).await.iter().map(stop).collect()
}

fn stop(row: &Row) -> Stop {
    Stop {
        of: row.get("of"),
        name: row.get("name"),
        reason: row.get("reason"),
        since: row.get("since"),
        until: row.get("until"),
        note: row.get("note"),
        is_without_sender: row.get("is_without_sender"),
    }
}
