//! Adopting a living session that belongs to nobody (R-WSP-1).

use super::Act;
use crate::columns::values;
use crate::error::StoreError;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use policy::ids::{AccountId, SessionId, WorkspaceId};
use policy::links::LandedBy;
use policy::orphans::{LinkOrphan, Proof};
use uuid::Uuid;

const ADOPT_SESSION: Sql = sql!("operators/adopt_session");

/// Account that a session is to become.
#[derive(Clone, Copy, Debug)]
pub struct Adoption<'a> {
    /// The session.
    pub session: &'a SessionId,
    /// Workspace of the account.
    pub workspace: WorkspaceId,
    /// Display name of the account.
    pub name: &'a str,
    /// Name that its product gives it, unique in the workspace.
    pub external_id: Option<&'a str>,
}

impl Tx {
    /// Makes an account of a session that no account of any workspace has a claim to, and asks for its verification. The
    /// account and its kind; the database refuses everything else.
    pub async fn adopt_session(
        &self,
        act: &Act<'_>,
        adoption: Adoption<'_>,
    ) -> Result<(AccountId, String), StoreError> {
        let Adoption {
            session,
            workspace,
            name,
            external_id,
        } = adoption;
        let account = AccountId(Uuid::now_v7());
        let asked = values(ADOPT_SESSION)
            .value("token", act.secret())
            .value("audit", act.audit)
            .value("account", account.0)
            .value("attempt", Uuid::now_v7())
            .value("session", session.0.as_str())
            .value("workspace", workspace.0)
            .value("name", name)
            .value("external_id", external_id)
            .value("reason", act.reason);
        let kind: String = self.acted(asked, "kind").await?;
        let link = LinkOrphan {
            account,
            session: session.clone(),
            proof: Proof::Attempt,
            found_by: LandedBy::Watcher,
        };
        let job = link.job(
            format!("orphan.link@adopt#{account}"),
            workspace,
            self.now().at,
        );
        self.enqueue_of_act(act, &[job]).await?;
        Ok((account, kind))
    }
}
