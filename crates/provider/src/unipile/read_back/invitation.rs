//! An invitation, among those that wait for an answer.

use super::Unclear;
use super::profile::{self, Standing};
use super::walk::{List, Walker};
use crate::unipile::decode::id;
use crate::unipile::http::Http;
use crate::unipile::routes::traces::INVITATIONS;
use policy::sends::call::{Receipt, Request};
use serde_json::Value;
use std::ops::ControlFlow;

pub(super) fn list() -> List<'static> {
    List {
        route: INVITATIONS,
        id: "",
        object: "InvitationList",
    }
}

/// The list shows only what waits; an invitation that was accepted since is told by the person's profile.
pub(super) async fn sent(http: &Http, said: &Request) -> Result<Option<Receipt>, Unclear> {
    let mut nameless = false;
    let found = Walker::new(http, &said.session)
        .walk(&list(), |page| {
            let is_target = |item: &&Value| {
                let invited = id(item, "invited_user_id");
                nameless |= invited.is_none();
                invited.is_some_and(|invited| invited == said.target)
            };
            match page.items.iter().find(is_target) {
                Some(item) => ControlFlow::Break(Receipt {
                    reference: id(item, "id"),
                    ..Receipt::default()
                }),
                None => ControlFlow::Continue(()),
            }
        })
        .await?;
    if found.is_some() {
        return Ok(found);
    }
    match profile::standing(http, said).await? {
        Standing::Connected | Standing::Invited => Ok(Some(Receipt::default())),
        Standing::InvitedOnce => Err("an invitation was sent, and it may be an older one".into()),
        Standing::Stranger if nameless => Err("the list does not say whom it shows".into()),
        Standing::Stranger => Ok(None),
    }
}

/// Found if the invitation is in the list no more, and the profile does not say that it still waits: a list may be
/// late, and one that does not show the newest yet would pass for one without it.
pub(super) async fn withdrawn(http: &Http, said: &Request) -> Result<Option<Receipt>, Unclear> {
    let Some(invitation) = said.reference.as_deref() else {
        return Err("the invitation's id is not known".into());
    };
    let mut nameless = false;
    let still_there = Walker::new(http, &said.session)
        .walk(&list(), |page| {
            let ids: Vec<_> = page.items.iter().map(|item| id(item, "id")).collect();
            nameless |= ids.contains(&None);
            if ids.iter().any(|id| id.as_deref() == Some(invitation)) {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })
        .await?;
    match still_there {
        Some(()) => return Ok(None),
        None if nameless => return Err("the list shows invitations without an id".into()),
        None => {}
    }
    match profile::standing(http, said).await? {
        Standing::Invited => Err("the list and the person's profile do not agree".into()),
        Standing::Connected | Standing::InvitedOnce | Standing::Stranger => {
            Ok(Some(Receipt::default()))
        }
    }
}
