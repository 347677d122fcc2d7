//! Looks that verify accounts: facts before one, and the note of it (R-LNK-6).

use crate::apart::{Apart, Only};
use crate::columns::{columns, values};
use crate::error::StoreError;
use crate::number::clamp;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::{Parts, Tx, each_apart};
use crate::whole::whole;
use jiff::{SignedDuration, Timestamp};
use policy::ids::{AccountId, SessionId};
use policy::life::NewestAttempt;
use policy::verify::{NotedLook, PriorLook, VerificationChanges, VerificationFacts};
use tokio_postgres::Row;
use uuid::Uuid;

const FACTS: Sql = sql!("verifications/facts");
const NOTE: Sql = sql!("verifications/note");
const RESET: Sql = sql!("verifications/reset");
const BEGUN: Sql = sql!("apart/verifications");

/// A session in trouble lets its verification begin anew once in this time.
const RESET_EVERY: SignedDuration = SignedDuration::from_hours(24);

impl Tx {
    /// Facts for a look at an account's session; none if there is no such account.
    pub async fn verification_facts(
        &self,
        account: AccountId,
    ) -> Result<Option<VerificationFacts>, StoreError> {
        let rows = self.rows(FACTS, &[&account.0]).await?;
        rows.first().map(facts).transpose()
    }

    /// Notes looks for the next ones.
    pub(crate) async fn apply_verifications(
        &self,
        changes: &VerificationChanges,
    ) -> Result<(), StoreError> {
        let VerificationChanges { looks } = changes;
        whole!(NotedLook {
            account,
            version,
            session,
            tries,
            next_at,
            why,
            refused
        });
        each_apart!(
            self,
            Parts::of("verifications.note", looks),
            |look| format!("account {}", look.account),
            |some| async {
                let noted = columns(NOTE, some)
                    .with("account_id", |look| look.account.0)
                    .with("version", |look| look.version)
                    .with("session_id", |look| look.session.0.as_str())
                    .with("tries", |look| clamp::<i16, _>(look.tries))
                    .with("next_at", |look| look.next_at)
                    .with("last_why", |look| look.why.as_str())
                    .with("refused", |look| look.refused);
                self.execute_with(noted).await
            }
        );
        Ok(())
    }

    /// Lets verifications begin anew whose sessions the newest list shows in trouble, each once a day.
    pub(crate) async fn reset_verifications(&self) -> Result<(), StoreError> {
        let now = self.now().at;
        let before = now.checked_sub(RESET_EVERY).unwrap_or(Timestamp::MIN);
        let mut apart = Apart::<Uuid>::of("verifications.reset", "account", values(BEGUN));
        while let Some(Only(only)) = apart.next(self).await? {
            let ran = self.execute(RESET, &[&now, &before, &only]).await;
            apart.end(self, only, ran).await?;
        }
        apart.tell(self).await.map(drop)
    }
}

/// The columns of `verifications/facts.sql`.
pub(crate) fn facts(found: &Row) -> Result<VerificationFacts, StoreError> {
    let look: Option<String> = row::get(found, "look_session")?;
    let prior = look.map(|session| prior(found, SessionId(session)));
    Ok(VerificationFacts {
        row: row::account(found, "id")?,
        prior: prior.transpose()?,
        is_held: row::get(found, "is_held")?,
        attempt: newest_attempt(found)?,
        checkpoint: row::get(found, "checkpoint")?,
    })
}

fn prior(found: &Row, session: SessionId) -> Result<PriorLook, StoreError> {
    let tries: i16 = row::get(found, "tries")?;
    Ok(PriorLook {
        version: row::get(found, "look_version")?,
        session,
        tries: u16::try_from(tries).unwrap_or(0),
        next_at: row::get(found, "next_at")?,
    })
}

/// The columns `link_ends_at` and `attempt_closed_at`, both null without an attempt.
pub(crate) fn newest_attempt(found: &Row) -> Result<Option<NewestAttempt>, StoreError> {
    let ends: Option<Timestamp> = row::get(found, "link_ends_at")?;
    let Some(link_ends_at) = ends else {
        return Ok(None);
    };
    Ok(Some(NewestAttempt {
        link_ends_at,
        closed_at: row::get(found, "attempt_closed_at")?,
    }))
}
