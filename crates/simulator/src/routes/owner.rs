//! What an owner does on a hosted link's page, in a browser or by a call of `/control`.

use crate::control::{Change, Completion, Health, Kind, LinkState, LinkView, NewSession};
use crate::counts::Cause;
use crate::world::World;
use axum::http::StatusCode;

/// Ends a link as its owner would.
pub(super) fn complete(
    world: &World,
    token: &str,
    how: Completion,
) -> Result<LinkView, (StatusCode, &'static str)> {
    let (link, provider) = world
        .links()
        .get(token)
        .cloned()
        .ok_or((StatusCode::NOT_FOUND, "there is no such link"))?;
    if link.state != LinkState::Open {
        return Err((StatusCode::CONFLICT, "the link was used"));
    }
    if link.expires_on < world.clock.now() {
        return Err((StatusCode::GONE, "the link has expired"));
    }
    if how.fails {
        world.call_back(&link, "CREATION_FAIL", None);
        return end(world, &link, LinkState::Failed, None);
    }
    let (id, status) = match &link.reconnect_account {
        Some(id) => (
            reconnect(world, id, how.session, how.silent)?,
            "RECONNECTED",
        ),
        None => (
            connect(world, provider.as_deref(), how.session, how.silent)?,
            "CREATION_SUCCESS",
        ),
    };
    world.counts().links_completed += 1;
    if !how.silent {
        world.call_back(&link, status, Some(&id));
    }
    end(world, &link, LinkState::Completed, Some(id))
}

fn end(
    world: &World,
    link: &LinkView,
    state: LinkState,
    account: Option<String>,
) -> Result<LinkView, (StatusCode, &'static str)> {
    world
        .links()
        .end(&link.token, state, account)
        .ok_or((StatusCode::NOT_FOUND, "the link was forgotten"))
}

fn connect(
    world: &World,
    provider: Option<&str>,
    session: Option<NewSession>,
    silent: bool,
) -> Result<String, (StatusCode, &'static str)> {
    let kind = provider.and_then(Kind::of_provider).unwrap_or_default();
    let new = session.unwrap_or(NewSession {
        kind,
        ..NewSession::default()
    });
    let refused = |_| {
        (
            StatusCode::CONFLICT,
            "the session is there already, or the simulator is full",
        )
    };
    let view = world.connect(new).map_err(refused)?;
    if !silent {
        world.tell(&view.id, view.kind.word(), "CREATION_SUCCESS");
        world.tell(&view.id, view.kind.word(), "OK");
    }
    Ok(view.id)
}

fn reconnect(
    world: &World,
    id: &str,
    session: Option<NewSession>,
    silent: bool,
) -> Result<String, (StatusCode, &'static str)> {
    if world.fleet().live(id).is_none() {
        return Err((StatusCode::CONFLICT, "the session is gone"));
    }
    let person = if let Some(other) = session {
        world.fleet().note_owner(id);
        Some((other.name, other.identity, other.handle))
    } else {
        // Whoever signs in without saying who is the one whose session it was before another took it.
        let owner = world.fleet().return_to_owner(id);
        owner.map(|it| (Some(it.name), Some(it.identity), Some(it.handle)))
    };
    if let Some((name, identity, handle)) = person {
        let other = Change {
            name,
            identity,
            handle,
            quiet: true,
            ..Change::default()
        };
        world.change(id, &other, Cause::Owner);
    }
    if silent {
        let quietly = Change {
            health: Some(Health::Ok),
            quiet: true,
            ..Change::default()
        };
        world.change(id, &quietly, Cause::Owner);
    } else {
        world.recover(id, Cause::Owner);
    }
    Ok(id.to_owned())
}
