//! Looks at a session that is to be removed (gate 3). Their times are the database's.

use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use policy::ids::{RemovalId, SessionId};
use policy::interlock::RemovalLook;
use uuid::Uuid;

const BEGIN: Sql = sql!("removals/begin_look");
const END: Sql = sql!("removals/end_look");

/// A look that may be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    /// The session to ask beside it, if one is known good, or linked to the same person.
    pub control: Option<SessionId>,
}

impl Tx {
    /// Begins a look, beside `control` for a session that is gone. None: it has ended already, or the removal is over.
    /// Commit it before asking the provider, so that its start precedes the question.
    pub async fn begin_look(
        &self,
        removal: RemovalId,
        number: i32,
        control: Option<&SessionId>,
    ) -> Result<Option<Begun>, StoreError> {
        let control = control.map(|session| session.0.as_str());
        let rows = self.rows(BEGIN, &[&removal.0, &number, &control]).await?;
        rows.first()
            .map(|found| {
                let control: Option<String> = row::get(found, "control_session")?;
                Ok(Begun {
                    control: control.map(SessionId),
                })
            })
            .transpose()
    }

    pub(super) async fn end_looks(&self, looks: &[&RemovalLook]) -> Result<(), StoreError> {
        if looks.is_empty() {
            return Ok(());
        }
        let removals: Vec<Uuid> = looks.iter().map(|look| look.removal.0).collect();
        let numbers: Vec<i32> = looks.iter().map(|look| look.number).collect();
        let seen: Vec<&str> = looks.iter().map(|look| look.seen.as_str()).collect();
        let whys: Vec<&str> = looks.iter().map(|look| look.why.as_str()).collect();
        let good: Vec<bool> = looks.iter().map(|look| look.control_good).collect();
        let control_whys: Vec<&str> = looks.iter().map(|look| look.control_why.as_str()).collect();
        self.execute(
            END,
            &[&removals, &numbers, &seen, &whys, &good, &control_whys],
        )
        .await
        .map(|_| ())
    }
}
