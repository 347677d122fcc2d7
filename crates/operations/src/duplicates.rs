//! People with several live sessions, for programs (R-DUP-1).

use jiff::Timestamp;
use policy::duplicates::{Duplicate, Duplicates, LinkedTo, Twin, Unknown};
use policy::ids::{AccountId, Identity, SessionId, WorkspaceId};
use serde::Serialize;
use utoipa::ToSchema;

/// What the newest listing says, or why nobody can say it now.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum DuplicatesView {
    /// It says who they are.
    Known(PeopleView),
    /// It is too old, or not whole, or there was never one.
    Unknown(UnknownView),
}

/// Nobody can say it now.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnknownView {
    /// False.
    known: bool,
    why: String,
}

/// Everybody who has several live sessions of one kind.
#[derive(Debug, Serialize, ToSchema)]
pub struct PeopleView {
    /// True.
    known: bool,
    /// When the sessions were listed.
    #[schema(value_type = String, format = DateTime)]
    pub listed_at: Timestamp,
    /// People.
    pub identities: i64,
    /// Their sessions.
    pub sessions: i64,
    /// Sessions that are linked to no account.
    pub inert: i64,
    /// People of whose sessions several are linked.
    pub several_linked: i64,
    /// People of whose sessions none is linked.
    pub none_linked: i64,
    /// Some of them: those with several linked sessions first.
    pub people: Vec<PersonView>,
}

/// A person with several live sessions.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonView {
    #[schema(value_type = String)]
    identity: Identity,
    kind: String,
    /// `one_linked`, `none_linked` or `several_linked`.
    standing: &'static str,
    sessions: i64,
    linked: i64,
    twins: Vec<TwinView>,
}

/// The account that a session is linked to.
#[derive(Debug, Serialize, ToSchema)]
pub struct LinkedView {
    #[schema(value_type = Uuid)]
    account: AccountId,
    name: String,
    #[schema(value_type = Uuid)]
    workspace: WorkspaceId,
}

/// One of their sessions.
#[derive(Debug, Serialize, ToSchema)]
pub struct TwinView {
    #[schema(value_type = String)]
    session: SessionId,
    health: &'static str,
    /// None: it is inert.
    linked_to: Option<LinkedView>,
    #[schema(value_type = String, format = DateTime)]
    first_seen: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    last_seen: Timestamp,
}

impl DuplicatesView {
    /// As programs read it.
    pub fn of(found: Result<Duplicates, Unknown>) -> Self {
        match found {
            Ok(found) => Self::Known(PeopleView {
                known: true,
                listed_at: found.listed_at,
                identities: found.identities,
                sessions: found.sessions,
                inert: found.inert,
                several_linked: found.several_linked,
                none_linked: found.none_linked,
                people: found.sample.into_iter().map(person).collect(),
            }),
            Err(why) => Self::Unknown(UnknownView {
                known: false,
                why: why.to_string(),
            }),
        }
    }
}

fn person(one: Duplicate) -> PersonView {
    PersonView {
        standing: one.standing().as_str(),
        identity: one.identity,
        kind: one.kind,
        sessions: one.sessions,
        linked: one.linked,
        twins: one.twins.into_iter().map(twin).collect(),
    }
}

fn twin(one: Twin) -> TwinView {
    TwinView {
        session: one.session,
        health: one.health.as_str(),
        linked_to: one.linked.map(linked),
        first_seen: one.first_seen,
        last_seen: one.last_seen,
    }
}

fn linked(to: LinkedTo) -> LinkedView {
    LinkedView {
        account: to.account,
        name: to.name,
        workspace: to.workspace,
    }
}
