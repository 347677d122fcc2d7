//! Finds what a person calls by an id or a name.

use super::Failure;
use super::table::one_line;
use store::Tx;
use store::why::NameMatch;
use uuid::Uuid;

/// What goes by names.
#[derive(Clone, Copy)]
pub(crate) enum Named {
    /// By its id, name, session or handle.
    Account,
    /// By its id or name.
    Campaign,
    /// By its id or name.
    Workspace,
}

impl Named {
    /// Id of the only one that goes by `called`; an error that helps to name it, unless there is just one.
    pub(crate) async fn id_in(self, tx: &Tx, called: &str) -> Result<Uuid, Failure> {
        let (kind, found) = match self {
            Self::Account => ("account", tx.find_account(called).await?),
            Self::Campaign => ("campaign", tx.find_campaign(called).await?),
            Self::Workspace => ("workspace", tx.find_workspace(called).await?),
        };
        one(kind, called, found)
    }

    /// As [`Self::id_in`], asked of the operators' database.
    pub(crate) async fn id(self, called: &str) -> Result<Uuid, Failure> {
        let store = super::act::store()?;
        store.reading(async |tx| self.id_in(tx, called).await).await
    }

    /// Ids of several, in their order.
    pub(crate) async fn ids(self, called: &[String]) -> Result<Vec<Uuid>, Failure> {
        let store = super::act::store()?;
        let ids = store.reading(async |tx| {
            let mut ids = Vec::new();
            for called in called {
                ids.push(self.id_in(tx, called).await?);
            }
            Ok(ids)
        });
        ids.await
    }

    /// Id for a filter; null if the filter is not asked for. What reads as an id is taken for one, and may fit nothing.
    pub(crate) async fn filter(self, called: Option<&str>) -> Result<Option<Uuid>, Failure> {
        let Some(called) = called else {
            return Ok(None);
        };
        if let Ok(id) = called.parse() {
            return Ok(Some(id));
        }
        self.id(called).await.map(Some)
    }
}

fn one(kind: &str, called: &str, found: NameMatch) -> Result<Uuid, Failure> {
    match found {
        NameMatch::One(id) => Ok(id),
        NameMatch::Several(all) => {
            let lines = all.iter().map(|(id, name, workspace, session)| {
                let session = session.as_ref().map(|it| format!(", session {it}"));
                let session = session.unwrap_or_default();
                let named = one_line(&format!("{name}, workspace {workspace}{session}"));
                format!("\n  {id}  {named}")
            });
            let lines: String = lines.collect();
            Err(Failure::new(format!(
                "several {kind}s are called {called:?}; name one by its id:{lines}"
            )))
        }
        NameMatch::Nothing { known: 0, .. } => Err(Failure::new(format!(
            "no {kind} is called {called:?}: this database knows no {kind} at all"
        ))),
        NameMatch::Nothing { known, like } => Err(Failure::new(format!(
            "no {kind} is called {called:?}: {known} are known by id and name, such as {}",
            one_line(&like.join(", "))
        ))),
    }
}
