//! The page of a hosted link, as an owner's browser meets it: one form, no script, and no field that takes a secret.

use super::owner::complete;
use crate::control::{Completion, Kind, LinkState, LinkView, NewSession};
use crate::world::World;
use axum::extract::{Form, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;
use std::sync::Arc;

const STYLE: &str = "body{font:1rem/1.5 sans-serif;max-width:28rem;margin:2rem auto;padding:0 1rem}\
    label,input,button{display:block;width:100%;box-sizing:border-box;margin:.5rem 0}\
    button,input{font:inherit;padding:.6rem}";

/// The person whom a stranger's sign-in shows, whatever the link was minted for.
const STRANGER: &str = "eve-else";

/// What an owner does on the page.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum OwnersDeed {
    /// Signs in, as the session's person where there is a session.
    SignIn,
    /// Signs in as somebody else.
    SignInAsAnother,
    /// Signs in, and neither callback nor webhook ever tells.
    SignInUntold,
    /// Leaves the page by its way out.
    GiveUp,
}

/// The form, as a browser sends it.
#[derive(Deserialize)]
pub(super) struct Filled {
    deed: OwnersDeed,
    /// Public identifier or address of a new session's person; made up, if empty.
    #[serde(default)]
    handle: String,
}

/// `GET /hosted/{token}`: what the owner's browser sees. No key is asked for.
pub(super) async fn show(State(world): State<Arc<World>>, Path(token): Path<String>) -> Response {
    match world.links().open(&token) {
        None => dead(StatusCode::NOT_FOUND, "This link does not exist"),
        Some(link) if link.expires_on < world.clock.now() => {
            dead(StatusCode::GONE, "This link has expired")
        }
        Some(link) if link.state != LinkState::Open => dead(StatusCode::GONE, "This link was used"),
        Some(link) => page("Connect your account", &form(&link)).into_response(),
    }
}

/// `POST /hosted/{token}`: the owner has pressed a button, and is sent on.
pub(super) async fn submit(
    State(world): State<Arc<World>>,
    Path(token): Path<String>,
    Form(filled): Form<Filled>,
) -> Response {
    let known = world.links().get(&token).cloned();
    let Some((link, provider)) = known else {
        return dead(StatusCode::NOT_FOUND, "This link does not exist");
    };
    let kept = link.reconnect_account.as_deref();
    let kept = kept.and_then(|id| Some(world.fleet().live(id)?.kind));
    let kind = kept.or_else(|| provider.as_deref().and_then(Kind::of_provider));
    let how = completion(&world, &link, kind.unwrap_or_default(), &filled);
    if let Err((status, why)) = complete(&world, &token, how) {
        return dead(status, why);
    }
    let (onward, said) = if filled.deed == OwnersDeed::GiveUp {
        (link.failure_redirect_url, "Nothing was connected")
    } else {
        (link.success_redirect_url, "Your account is connected")
    };
    match onward {
        Some(url) => (StatusCode::SEE_OTHER, [(header::LOCATION, url)]).into_response(),
        None => page(said, "<p>You can close this page.</p>").into_response(),
    }
}

fn completion(world: &World, link: &LinkView, kind: Kind, filled: &Filled) -> Completion {
    let typed = filled.handle.trim().to_lowercase();
    let handle = match filled.deed {
        OwnersDeed::SignInAsAnother => STRANGER.to_owned(),
        _ => typed,
    };
    let is_kept = link.reconnect_account.is_some() && filled.deed != OwnersDeed::SignInAsAnother;
    let session = (!handle.is_empty() && !is_kept).then(|| person(world, kind, handle));
    Completion {
        fails: filled.deed == OwnersDeed::GiveUp,
        session,
        silent: filled.deed == OwnersDeed::SignInUntold,
    }
}

/// The person of that handle: the known one where a session showed it before.
fn person(world: &World, kind: Kind, handle: String) -> NewSession {
    let handle = match kind {
        Kind::Linkedin => handle,
        _ if handle.contains('@') => handle,
        _ => format!("{handle}@example.test"),
    };
    let known = {
        let fleet = world.fleet();
        let of = fleet.every().find(|it| it.handle == handle);
        of.map(|it| (it.identity.clone(), it.name.clone()))
    };
    let (identity, name) = known.unwrap_or_else(|| match kind {
        Kind::Linkedin => (format!("ACoAA-{handle}"), handle.clone()),
        _ => (handle.clone(), handle.clone()),
    });
    NewSession {
        kind,
        name: Some(name),
        identity: Some(identity),
        handle: Some(handle),
        ..NewSession::default()
    }
}

fn form(link: &LinkView) -> String {
    let who = if link.reconnect_account.is_some() {
        ""
    } else {
        "<label for=\"handle\">Who signs in (public profile or address; empty: somebody new)</label>\
         <input id=\"handle\" name=\"handle\" autocomplete=\"off\">"
    };
    let buttons = [
        ("sign_in", "Sign in"),
        ("sign_in_as_another", "Sign in as somebody else"),
        (
            "sign_in_untold",
            "Sign in, and the provider tells nobody of it",
        ),
        ("give_up", "Give up"),
    ];
    let buttons = buttons.map(|(deed, label)| {
        format!("<button id=\"{deed}\" name=\"deed\" value=\"{deed}\">{label}</button>")
    });
    let buttons = buttons.concat();
    format!("<p>This is a simulated provider.</p><form method=\"post\">{who}{buttons}</form>")
}

fn dead(status: StatusCode, why: &str) -> Response {
    (status, page(why, "<p>Go back to where you came from.</p>")).into_response()
}

fn page(title: &str, body: &str) -> Html<String> {
    Html(format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <title>{title}</title><style>{STYLE}</style><h1>{title}</h1>{body}</html>\n"
    ))
}
