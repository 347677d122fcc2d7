//! Looks at a session that is to be removed (gate 3). Their times are the database's.

use crate::columns::columns;
use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use crate::whole::whole;
use policy::ids::{RemovalId, SessionId};
use policy::interlock::RemovalLook;

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
        whole!(RemovalLook {
            removal,
            number,
            seen,
            why,
            control_good,
            control_why
        });
        if looks.is_empty() {
            return Ok(());
        }
        let ended = columns(END, looks)
            .with("removal_id", |look| look.removal.0)
            .with("number", |look| look.number)
            .with("seen", |look| look.seen.as_str())
            .with("why", |look| look.why.as_str())
            .with("control_good", |look| look.control_good)
            .with("control_why", |look| look.control_why.as_str());
        self.execute_with(ended).await.map(drop)
    }
}
