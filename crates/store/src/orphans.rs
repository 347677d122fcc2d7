//! Accounts whose link never landed, and the sessions that could be theirs.

mod ghosts;
mod owners;

use crate::columns::{columns, values};
use crate::error::StoreError;
use crate::number::shard_ends;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::{Parts, Tx};
use jiff::{SignedDuration, Timestamp};
use policy::account::Status;
use policy::identity;
use policy::ids::{AccountId, AttemptId, Identity, SessionId};
use policy::jobs::OrphanPages;
use policy::life::{LINK_LIFE, NAME_LIFE};
use policy::orphans::{Attempt, EarlierAlert, LinkTime, Neighbourhood, Owner, Unclaimed, Waiting};
use tokio_postgres::Row;
use uuid::Uuid;

pub use ghosts::Ghosts;
pub(crate) use owners::owner;
use owners::unclaimed;

const PAGE: Sql = sql!("orphans/page");
const WAITING: Sql = sql!("orphans/waiting");
const CANDIDATES: Sql = sql!("orphans/candidates");
const RIVALS: Sql = sql!("orphans/rivals");
const OWNERS: Sql = sql!("orphans/owners");
const CLOCK_LEAD: Sql = sql!("orphans/clock_lead");
const TOLD: Sql = sql!("orphans/told");

/// Sessions that fit a first link in nothing but time; more are not listed for it.
const NEAR_MAX: i64 = 6;
/// Slack of the search for what was made in an attempt's time; rules judge it to the minute.
const WITHIN: SignedDuration = SignedDuration::from_mins(15);
/// Codes of alerts that are raised once.
const ONCE: [&str; 3] = ["orphan_ambiguous", "session_claimed", "wrong_account"];

impl Tx {
    /// Next page of accounts of a range that wait for a link since before `before`, by id.
    pub async fn waiting_page(
        &self,
        page: &OrphanPages,
        before: Timestamp,
        limit: i64,
    ) -> Result<Vec<AccountId>, StoreError> {
        let (first, last) = shard_ends(page.shards);
        let asked = values(PAGE)
            .value("first", first)
            .value("last", last)
            .value("after", page.after.map_or(Uuid::nil(), |it| it.0))
            .value("at", self.now().at)
            .value("before", before)
            .value("limit", limit);
        let rows = self.rows_with(asked).await?;
        rows.iter()
            .map(|found| row::get(found, "id").map(AccountId))
            .collect()
    }

    /// Those accounts, every session that could be theirs with everybody who has a claim to it, every other account that
    /// those sessions could fit, and what operators were told of the accounts before.
    pub async fn neighbourhood(&self, accounts: &[AccountId]) -> Result<Neighbourhood, StoreError> {
        let ids: Vec<Uuid> = accounts.iter().map(|it| it.0).collect();
        let own = self.waiting(&ids).await?;
        let clock_lead = self.clock_lead().await?;
        // Instants of the provider's clock stand on one side, of ours on the other.
        let ahead = clock_lead.unwrap_or_default();
        let sessions = self.candidates(&own, ahead).await?;
        let rivals = self.rivals(&sessions, ahead).await?;
        let (mut waiting, own_ids) = (own, ids);
        let others: Vec<Uuid> = rivals
            .into_iter()
            .filter(|id| !own_ids.contains(id))
            .collect();
        waiting.extend(self.waiting(&others).await?);
        Ok(Neighbourhood {
            waiting,
            sessions,
            clock_lead,
            told: self.told(accounts).await?,
        })
    }

    /// Neighbourhoods of accounts, taken together, and the accounts that they are of. One that cannot be read whole proves
    /// nothing: its account is left out, and operators are told.
    pub async fn neighbourhoods(
        &self,
        accounts: &[AccountId],
    ) -> Result<(Vec<AccountId>, Neighbourhood), StoreError> {
        let mut parts = Parts::of("orphans.watch", accounts);
        let (mut read, mut near) = (vec![], Neighbourhood::default());
        while let Some(some) = self.next_part(&mut parts).await? {
            let found = self.neighbourhood(some).await;
            if let Some(found) = self.end_part(&mut parts, some, found).await? {
                read.extend_from_slice(some);
                near = both(near, found);
            }
        }
        self.note_aside(parts, |account| format!("account {account}"));
        Ok((read, near))
    }

    /// Every account that is a person, whatever its status.
    pub async fn owners_of(&self, person: &Identity) -> Result<Vec<Owner>, StoreError> {
        let rows = self.rows(OWNERS, &[&person.0]).await?;
        rows.iter().map(owner).collect()
    }

    async fn waiting(&self, ids: &[Uuid]) -> Result<Vec<Waiting>, StoreError> {
        if ids.is_empty() {
            return Ok(vec![]);
        }
        let rows = self.rows(WAITING, &[&ids, &self.now().at]).await?;
        rows.iter().map(waiting).collect()
    }

    async fn candidates(
        &self,
        own: &[Waiting],
        ahead: SignedDuration,
    ) -> Result<Vec<Unclaimed>, StoreError> {
        if own.is_empty() {
            return Ok(vec![]);
        }
        let named = |one: &Waiting| {
            let attempt = one.attempt.as_ref().and_then(|it| it.session.clone());
            [one.row.session.clone(), one.kept.clone(), attempt]
        };
        let ids: Vec<String> = own
            .iter()
            .flat_map(named)
            .flatten()
            .map(|it| it.0)
            .collect();
        let people: Vec<&str> = own
            .iter()
            .filter_map(|one| one.row.identity.as_ref().map(|it| it.0.as_str()))
            .collect();
        // What was declared may be the person's own name at the provider, as well as a handle.
        let declared = own.iter().filter_map(|one| one.declared.as_deref());
        let handles: Vec<String> = declared.clone().flat_map(identity::lookups).collect();
        let people: Vec<&str> = people.into_iter().chain(declared).collect();
        let first: Vec<(&str, &LinkTime)> = own
            .iter()
            .filter(|one| one.row.session.is_none() && one.row.identity.is_none())
            .flat_map(|one| one.tries.iter().map(|time| (one.kind.as_str(), time)))
            .collect();
        let asked = columns(CANDIDATES, &first)
            .value("session_ids", ids)
            .value("identities", people)
            .value("handles", handles)
            .with("kind", |(kind, _)| *kind)
            .with("opens_at", |(_, it)| within(it.opens_at, ahead - WITHIN))
            .with("closes_at", |(_, it)| within(it.closes_at, ahead + WITHIN))
            .value("near_max", NEAR_MAX)
            .value("at", self.now().at);
        let rows = self.rows_with(asked).await?;
        rows.iter().map(unclaimed).collect()
    }

    async fn rivals(
        &self,
        sessions: &[Unclaimed],
        ahead: SignedDuration,
    ) -> Result<Vec<Uuid>, StoreError> {
        if sessions.is_empty() {
            return Ok(vec![]);
        }
        let asked = columns(RIVALS, sessions)
            .with("kind", |one| one.session.kind.as_str())
            .with("made_at", |one| within(one.session.created_at, -ahead))
            .value("at", self.now().at)
            .value("within_s", WITHIN.as_secs_f64())
            .value("link_life_s", LINK_LIFE.as_secs_f64())
            .value("name_life_s", NAME_LIFE.as_secs_f64());
        let rows = self.rows_with(asked).await?;
        rows.iter().map(|found| row::get(found, "id")).collect()
    }

    async fn clock_lead(&self) -> Result<Option<SignedDuration>, StoreError> {
        let rows = self.rows(CLOCK_LEAD, &[]).await?;
        let Some(found) = rows.first() else {
            return Ok(None);
        };
        let lead: Option<i64> = row::get(found, "clock_lead_ms")?;
        Ok(lead.map(SignedDuration::from_millis))
    }

    async fn told(&self, accounts: &[AccountId]) -> Result<Vec<EarlierAlert>, StoreError> {
        let subjects: Vec<String> = accounts.iter().map(|it| format!("account {it}")).collect();
        let rows = self.rows(TOLD, &[&subjects, &ONCE.as_slice()]).await?;
        rows.iter()
            .map(|found| {
                Ok(EarlierAlert {
                    code: row::get(found, "code")?,
                    subject: row::get(found, "subject")?,
                    detail: row::get(found, "detail")?,
                })
            })
            .collect()
    }
}

fn both(mut one: Neighbourhood, other: Neighbourhood) -> Neighbourhood {
    let Neighbourhood {
        waiting,
        sessions,
        clock_lead,
        told,
    } = other;
    let is_new = |it: &Waiting| {
        one.waiting
            .iter()
            .all(|had| had.row.account != it.row.account)
    };
    let waiting: Vec<Waiting> = waiting.into_iter().filter(is_new).collect();
    one.waiting.extend(waiting);
    let is_new = |it: &Unclaimed| {
        one.sessions
            .iter()
            .all(|had| had.session.id != it.session.id)
    };
    let sessions: Vec<Unclaimed> = sessions.into_iter().filter(is_new).collect();
    one.sessions.extend(sessions);
    one.clock_lead = one.clock_lead.or(clock_lead);
    one.told.extend(told);
    one
}

fn within(instant: Timestamp, slack: SignedDuration) -> Timestamp {
    instant.checked_add(slack).unwrap_or(instant)
}

fn waiting(found: &Row) -> Result<Waiting, StoreError> {
    let account = row::account(found, "id")?;
    let mut tries = tries(found)?;
    let attempt = match row::get::<Option<Uuid>>(found, "attempt_id")? {
        // A wait of which no attempt was noted has one that began with it.
        None if account.status == Status::Connecting => {
            tries.push(LinkTime {
                opens_at: account.since,
                closes_at: within(account.since, LINK_LIFE),
            });
            Some(Attempt {
                id: None,
                started_at: account.since,
                session: None,
            })
        }
        Some(id) if row::get(found, "may_bind")? => Some(Attempt {
            id: Some(AttemptId(id)),
            started_at: row::get(found, "started_at")?,
            session: row::get::<Option<String>>(found, "attempt_session")?.map(SessionId),
        }),
        _ => None,
    };
    let kind: String = row::get(found, "kind")?;
    let handle: Option<String> = row::get(found, "handle")?;
    Ok(Waiting {
        row: account,
        declared: handle.and_then(|text| identity::handle(&kind, &text)),
        kind,
        kept: row::get::<Option<String>>(found, "kept_session")?.map(SessionId),
        attempt,
        tries,
    })
}

fn tries(found: &Row) -> Result<Vec<LinkTime>, StoreError> {
    let opens: Option<Vec<Timestamp>> = row::get(found, "opens_at")?;
    let closes: Option<Vec<Timestamp>> = row::get(found, "closes_at")?;
    let both = opens
        .into_iter()
        .flatten()
        .zip(closes.into_iter().flatten());
    let times = both.map(|(opens_at, closes_at)| LinkTime {
        opens_at,
        closes_at,
    });
    Ok(times.collect())
}
