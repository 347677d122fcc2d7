//! Owners' pages: where a notice's link leads, and where the provider's page sends its owner back to (R-LNK-7, R-LNK-9).
//!
//! No bearer's token is asked for: the ticket in the path proves whose page it is. `GET` and `HEAD` look in a transaction that is
//! rolled back, so that whatever opens links in mails changes nothing; a button's `POST` asks for a link as the product would.

mod apology;
mod headers;
mod html;
mod opt_out;
mod press;

pub(crate) use opt_out::{ask_opt_out, opt_out};
pub(crate) use press::press;

use crate::app::App;
use crate::limits::Key;
use crate::open::OpenCall;
use apology::Apology;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use linking::PageTicket;
use policy::pages::{PagePlace, PageState, page_state, page_text};
use serde_json::json;
use std::sync::Arc;
use std::time::Instant;
use store::pages::OwnersPage;

/// What a page's visitor has, once it is proved: the ticket, and the text that it was read from.
struct Visit {
    token: String,
    ticket: PageTicket,
}

/// What is so at the moment of a visit.
struct Sight {
    page: OwnersPage,
    state: PageState,
}

/// `GET /r/{token}`: the page that a notice's link leads to.
pub(crate) async fn show(call: OpenCall) -> Response {
    let (app, visit) = admitted(&call);
    shown(&app, visit, PagePlace::Link).await
}

/// `GET /r/{token}/back`: the page that the provider's page leads back to. Whatever that one said, this one says the row.
pub(crate) async fn show_return(call: OpenCall) -> Response {
    let (app, visit) = admitted(&call);
    shown(&app, visit, PagePlace::Return).await
}

async fn shown(app: &App, visit: Result<Visit, Apology>, place: PagePlace) -> Response {
    let answer = match seen(app, visit).await {
        Err(apology) => apology.into_response(),
        Ok((visit, sight)) => {
            let text = page_text(sight.state, place, &sight.page.subject);
            let page = html::page(&html::View {
                token: &visit.token,
                place,
                state: sight.state,
                text: &text,
                subject: &sight.page.subject,
                support: sight.page.support.as_deref(),
            });
            (status(sight.state), page).into_response()
        }
    };
    headers::guarded(answer, app.minter.urls())
}

/// `GET /r/{token}/state`: the word of the page's state, for its poll.
pub(crate) async fn show_state(call: OpenCall) -> Response {
    let (app, visit) = admitted(&call);
    let answer = match seen(&app, visit).await {
        Err(apology) => apology.bare(),
        Ok((_, sight)) => axum::Json(json!({ "state": sight.state.as_str() })).into_response(),
    };
    headers::guarded(answer, app.minter.urls())
}

const fn status(state: PageState) -> StatusCode {
    match state {
        PageState::WorkspaceOver | PageState::Expired => StatusCode::GONE,
        PageState::Disconnected
        | PageState::Connected
        | PageState::Finishing
        | PageState::SigningIn
        | PageState::WrongAccount
        | PageState::Refused
        | PageState::Confirm
        | PageState::Recovering
        | PageState::NotConnected => StatusCode::OK,
    }
}

async fn seen(app: &App, visit: Result<Visit, Apology>) -> Result<(Visit, Sight), Apology> {
    let visit = visit?;
    let sight = look(app, &visit.ticket).await?;
    Ok((visit, sight))
}

fn admitted(call: &OpenCall) -> (Arc<App>, Result<Visit, Apology>) {
    (Arc::clone(&call.app), admit(call))
}

fn admit(call: &OpenCall) -> Result<Visit, Apology> {
    let token = call.part("token").to_owned();
    let ticket = proved(call, call.app.minter.keys().read_page(&token))?;
    Ok(Visit { token, ticket })
}

/// Counts the request: against the token of its path where that was read as one of ours, else against the address that guesses.
fn proved<T>(call: &OpenCall, read: Option<T>) -> Result<T, Apology> {
    let counted = match read {
        Some(_) => Key::token(call.part("token")),
        None => Key::peer(call.peer),
    };
    let room = call.app.limits.take(counted, Instant::now());
    room.map_err(Apology::too_many)?;
    read.ok_or_else(Apology::not_ours)
}

/// Looks at the row, in a transaction that is rolled back.
async fn look(app: &App, ticket: &PageTicket) -> Result<Sight, Apology> {
    let tx = app
        .store
        .begin()
        .await
        .map_err(|error| Apology::later(&error))?;
    let found = tx.owners_page(ticket.account, ticket.episode).await;
    let now = tx.now().at;
    tx.abandon().await;
    let page = found
        .map_err(|error| Apology::later(&error))?
        .ok_or_else(Apology::not_ours)?;
    let state = page_state(&page.facts, ticket.ends_at, now);
    Ok(Sight { page, state })
}
