//! Logins that owners made on hosted pages: what is read before one is bound, and what is written of it (R-LNK-3, R-LNK-5).

mod unseen;

use crate::columns::{columns, values};
use crate::counted::Applied;
use crate::decision::Author;
use crate::error::StoreError;
use crate::orphans::owner;
use crate::row;
use crate::sends::word;
use crate::sql::{Sql, sql};
use crate::tx::{Parts, Tx, each_apart};
use crate::verifications::facts;
use crate::whole::whole;
use jiff::{SignedDuration, Timestamp};
use policy::account::{AttemptPhase, AttemptPurpose};
use policy::identity;
use policy::ids::{AccountId, AttemptId, Identity, SessionId, WorkspaceId};
use policy::life::ATTEMPT_GRACE;
use policy::links::{
    AnsweredAttempt, CandidateSession, EventEnd, ForgottenEvents, LinkAttempt, LinkCase,
    LinkChanges, Merge, Rank, RefusedAttempt, Standing,
};
use policy::orphans::Owner;
use policy::verify::AccountRow;
use tokio_postgres::Row;
use uuid::Uuid;

const CASE: Sql = sql!("links/case");
const OWNERS: Sql = sql!("links/owners");
const EARLIER: Sql = sql!("links/earlier");
const REFUSE: Sql = sql!("links/refuse");
const CANDIDATE: Sql = sql!("links/candidate");
const MERGE: Sql = sql!("links/merge");
const FOLLOW_MERGES: Sql = sql!("links/follow_merges");
const FORGET_EVENTS: Sql = sql!("events/forget");
const EVENT: Sql = sql!("links/event");
const WAITING: Sql = sql!("links/waiting");

/// Work on links, as alerts of rows set aside name it.
const LINKS: &str = "links.answer";

/// Attempt that a look at an account is about.
#[derive(Clone, Copy, Debug)]
pub enum CaseAttempt<'a> {
    /// That one.
    Named(AttemptId),
    /// The newest that named this session; none: news of the account's session alone.
    OfSession(&'a SessionId),
}

impl Tx {
    /// An account and the attempt that news are of; none if there is no such account.
    pub async fn link_case(
        &self,
        account: AccountId,
        attempt: CaseAttempt<'_>,
    ) -> Result<Option<LinkCase>, StoreError> {
        let (named, session) = match attempt {
            CaseAttempt::Named(id) => (Some(id.0), None),
            CaseAttempt::OfSession(session) => (None, Some(session.0.as_str())),
        };
        let asked = values(CASE)
            .value("account", account.0)
            .value("attempt", named)
            .value("session", session);
        let rows = self.rows_with(asked).await?;
        let now = self.now().at;
        rows.first().map(|found| case(found, now)).transpose()
    }

    /// Every account with a claim to a session or to its person, and those of them, disconnected and of `workspace`, that a
    /// return revives.
    pub async fn link_owners(
        &self,
        workspace: WorkspaceId,
        session: &SessionId,
        person: Option<&Identity>,
    ) -> Result<(Vec<Owner>, Vec<AccountRow>), StoreError> {
        let asked = values(OWNERS)
            .value("session", session.0.as_str())
            .value("identity", person.map(|it| it.0.as_str()))
            .value("at", self.now().at);
        let owners = self.rows_with(asked).await?;
        let owners = owners.iter().map(owner).collect::<Result<_, _>>()?;
        let earlier = match person {
            Some(person) => self.earlier_rows(workspace, person).await?,
            None => vec![],
        };
        Ok((owners, earlier))
    }

    /// Disconnected rows of a workspace that are a person, the one that was connected last first.
    pub async fn earlier_rows(
        &self,
        workspace: WorkspaceId,
        person: &Identity,
    ) -> Result<Vec<AccountRow>, StoreError> {
        let rows = self.rows(EARLIER, &[&workspace.0, &person.0]).await?;
        rows.iter().map(|found| row::account(found, "id")).collect()
    }

    /// Accounts whose newest attempt may make a session that nobody has named, at most `limit`, the newest first.
    pub async fn unnamed_links(&self, limit: i64) -> Result<Vec<AccountId>, StoreError> {
        let asked = values(WAITING)
            .value("at", self.now().at)
            .value("grace_s", seconds(ATTEMPT_GRACE))
            .value("limit", limit);
        let rows = self.rows_with(asked).await?;
        let read = |found: &Row| row::get(found, "account_id").map(AccountId);
        rows.iter().map(read).collect()
    }

    /// Writes what is decided of attempts and of what they brought. Their accounts are locked ([`Tx::lock_rows_of`]).
    pub(crate) async fn apply_links(
        &self,
        changes: &LinkChanges,
        at: Timestamp,
        by: &Author<'_>,
    ) -> Result<Applied, StoreError> {
        let LinkChanges {
            answered,
            refused,
            candidates,
            merges,
            events,
            landed,
            forgets,
        } = changes;
        self.note_answers(answered, at).await?;
        self.note_refusals(refused).await?;
        self.note_candidates(candidates).await?;
        self.merge_accounts(merges, at, by).await?;
        self.end_events(events, at).await?;
        if let Some(ForgottenEvents { before, limit }) = forgets {
            self.rows(FORGET_EVENTS, &[before, limit]).await?;
        }
        let mut applied = Applied::default();
        for login in landed {
            let by = login.by.as_str();
            applied.count("relink_link_landed_by_total", &[("by", by)], 1);
            for (since, took) in login.took(at) {
                applied.observe(
                    "relink_link_seconds",
                    [("by", by), ("since", since.as_str())],
                    took.unsigned_abs(),
                );
            }
        }
        Ok(applied)
    }

    /// One at most: an event and a look are of one attempt.
    async fn note_answers(
        &self,
        answered: &[AnsweredAttempt],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        for one in answered {
            let AnsweredAttempt {
                account,
                attempt,
                session,
            } = one;
            self.answer_attempt((*account, *attempt), session, (AttemptPhase::Verifying, at))
                .await?;
        }
        Ok(())
    }

    async fn note_refusals(&self, refused: &[RefusedAttempt]) -> Result<(), StoreError> {
        whole!(RefusedAttempt {
            account,
            attempt,
            why
        });
        each_apart!(
            self,
            Parts::of(LINKS, refused),
            |one| format!("account {}", one.account),
            |some| async {
                let noted = columns(REFUSE, some)
                    .with("attempt", |one| one.attempt.0)
                    .with("refusal", |one| one.why.as_str());
                self.execute_with(noted).await
            }
        );
        Ok(())
    }

    async fn note_candidates(&self, candidates: &[CandidateSession]) -> Result<(), StoreError> {
        whole!(CandidateSession {
            account,
            attempt,
            session
        });
        each_apart!(
            self,
            Parts::of(LINKS, candidates),
            |one| format!("account {}", one.account),
            |some| async {
                let noted = columns(CANDIDATE, some)
                    .with("attempt", |one| one.attempt.0)
                    .with("session", |one| one.session.0.as_str());
                self.execute_with(noted).await
            }
        );
        Ok(())
    }

    /// Gives what the account was to send for away with it.
    async fn merge_accounts(
        &self,
        merges: &[Merge],
        at: Timestamp,
        by: &Author<'_>,
    ) -> Result<(), StoreError> {
        whole!(Merge { account, into });
        each_apart!(
            self,
            Parts::of(LINKS, merges),
            |one| format!("account {}", one.account),
            |some| async {
                let written = columns(MERGE, some)
                    .with("account", |one| one.account.0)
                    .with("earlier", |one| one.into.0);
                self.execute_with(written).await?;
                let followed = columns(FOLLOW_MERGES, some)
                    .with("accounts", |one| one.account.0)
                    .with("into", |one| one.into.0)
                    .value("at", at)
                    .value("actor", by.actor);
                self.rows_with(followed).await
            }
        );
        Ok(())
    }

    async fn end_events(&self, events: &[EventEnd], at: Timestamp) -> Result<(), StoreError> {
        whole!(EventEnd { event, verdict });
        each_apart!(
            self,
            Parts::of(LINKS, events),
            |one| format!("event {}", one.event),
            |some| async {
                let ended = columns(EVENT, some)
                    .with("event", |one| one.event)
                    .with("came_to", |one| one.verdict.as_str())
                    .value("at", at);
                self.execute_with(ended).await
            }
        );
        Ok(())
    }
}

fn seconds(length: SignedDuration) -> f64 {
    length.as_secs_f64()
}

fn case(found: &Row, now: Timestamp) -> Result<LinkCase, StoreError> {
    let kind: String = row::get(found, "kind")?;
    let handle: Option<String> = row::get(found, "handle")?;
    let newest: Option<Uuid> = row::get(found, "newest_id")?;
    let newest = newest.map(AttemptId);
    let standing = match newest {
        Some(_) => {
            let phase = word(found, "newest_state", AttemptPhase::parse)?;
            let ends = row::get(found, "newest_ends_at")?;
            Some(Standing::of(phase, Rank::Newest, ends, now))
        }
        None => None,
    };
    Ok(LinkCase {
        known: facts(found)?,
        declared: handle.and_then(|text| identity::handle(&kind, &text)),
        kind,
        kept: row::get::<Option<String>>(found, "kept_session")?.map(SessionId),
        attempt: attempt(found, newest, now)?,
        open: newest.filter(|_| standing == Some(Standing::Open)),
    })
}

fn attempt(
    found: &Row,
    newest: Option<AttemptId>,
    now: Timestamp,
) -> Result<Option<LinkAttempt>, StoreError> {
    let Some(id) = row::get::<Option<Uuid>>(found, "attempt_id")?.map(AttemptId) else {
        return Ok(None);
    };
    let rank = if newest == Some(id) {
        Rank::Newest
    } else {
        Rank::Older
    };
    let phase = word(found, "attempt_state", AttemptPhase::parse)?;
    let name_ends_at = row::get(found, "attempt_ends_at")?;
    Ok(Some(LinkAttempt {
        id,
        purpose: word(found, "purpose", AttemptPurpose::parse)?,
        standing: Standing::of(phase, rank, name_ends_at, now),
        link_ends_at: row::get(found, "attempt_link_ends_at")?,
        session: row::get::<Option<String>>(found, "attempt_session")?.map(SessionId),
        called_back_at: row::get(found, "called_back_at")?,
    }))
}
