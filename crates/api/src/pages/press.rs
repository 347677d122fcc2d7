//! The button of an owner's page.

use super::apology::Apology;
use super::{Sight, Visit, admit, headers, look};
use crate::open::OpenCall;
use crate::problem::Problem;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use linking::{LastLink, LinkAsk, Minted, Minter, NotMinted, PageTicket};
use policy::pages::button_intent;
use secrecy::ExposeSecret as _;
use std::sync::Arc;

/// Bytes of the form at most; it has one field.
const FORM_BYTES_MAX: usize = 1024;

/// `POST /r/{token}`: asks for a link, and sends the browser to the provider's page (R-LNK-1).
pub(crate) async fn press(call: OpenCall) -> Response {
    let minter = call.app.minter.clone();
    let answer = pressed(call, &minter).await;
    headers::guarded(answer, minter.urls())
}

async fn pressed(call: OpenCall, minter: &Minter) -> Response {
    let visit = match admit(&call) {
        Ok(visit) if is_elsewheres(&call.headers) => {
            return Apology::elsewhere().back_to(&visit.token).into_response();
        }
        Ok(visit) => visit,
        Err(apology) => return apology.into_response(),
    };
    let app = Arc::clone(&call.app);
    let dead = match said_dead(call).await {
        Ok(dead) => dead,
        Err(problem) => return problem.into_response(),
    };
    let sight = match look(&app, &visit.ticket).await {
        Ok(sight) => sight,
        Err(apology) => return apology.into_response(),
    };
    // The page says why there is nothing to begin.
    if !sight.state.mints() {
        return onward(&visit.token);
    }
    let ask = ask(&visit, &sight, dead);
    let minter = minter.clone();
    // Goes on when the owner's browser has hung up: the next press finds the link.
    let minting = app.acts.spawn(async move { minter.mint(&ask).await });
    match minting.await {
        Ok(ended) => sent_on(ended, &visit.token),
        Err(error) => Problem::broken(&error.to_string()).into_response(),
    }
}

fn ask(visit: &Visit, sight: &Sight, last: LastLink) -> LinkAsk {
    let by = if visit.ticket.step == PageTicket::OF_A_LINK {
        "owner via return page"
    } else {
        "owner via notice"
    };
    LinkAsk {
        account: sight.page.account,
        workspace: sight.page.workspace,
        by: by.to_owned(),
        intent: button_intent(sight.page.facts.status),
        last_link: last,
        success_url: None,
        failure_url: None,
    }
}

/// Whether the form was sent by another site's page. Browsers that do not say so send no other site's cookies either, and the
/// ticket in the address is all that counts.
fn is_elsewheres(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site");
    site.is_some_and(|it| it != "same-origin" && it != "none")
}

/// Whether the form says that the link of before does not work.
async fn said_dead(call: OpenCall) -> Result<LastLink, Problem> {
    let form = call.bytes(FORM_BYTES_MAX).await?;
    let mut fields = form_urlencoded::parse(&form);
    Ok(
        if fields.any(|(name, value)| name == "dead" && value == "1") {
            LastLink::Dead
        } else {
            LastLink::Unsaid
        },
    )
}

fn sent_on(minted: Result<Minted, NotMinted>, token: &str) -> Response {
    let apology = match minted {
        Ok(minted) => return onward(minted.url.expose_secret()),
        // Between the look and the mint it became so; the page says it.
        Err(
            NotMinted::AlreadyConnected
            | NotMinted::InProgress
            | NotMinted::Disconnected
            | NotMinted::Merged(_),
        ) => {
            return onward(token);
        }
        Err(NotMinted::Missing) => return Apology::not_ours().into_response(),
        Err(NotMinted::TooManyDead(wait)) => Apology::too_many_links(wait),
        Err(NotMinted::ProviderSilent) => Apology::no_sign_in_page(StatusCode::GATEWAY_TIMEOUT),
        Err(NotMinted::ProviderRefused(_) | NotMinted::ProviderDown | NotMinted::OurKey) => {
            Apology::no_sign_in_page(StatusCode::BAD_GATEWAY)
        }
        Err(NotMinted::Busy) => Apology::busy(),
        Err(NotMinted::Database(error)) => Apology::later(&error),
    };
    apology.back_to(token).into_response()
}

/// 303: the browser goes there by `GET`.
fn onward(place: &str) -> Response {
    match HeaderValue::from_str(place) {
        Ok(place) => (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response(),
        Err(_) => Apology::no_sign_in_page(StatusCode::BAD_GATEWAY).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::is_elsewheres;
    use axum::http::{HeaderMap, HeaderValue};

    #[test]
    fn r_lnk_7_a_form_of_another_site_is_none_of_ours() {
        let site = |word: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("sec-fetch-site", HeaderValue::from_static(word));
            is_elsewheres(&headers)
        };
        assert!(site("cross-site") && site("same-site") && site("") && site("Same-Origin"));
        assert!(!site("same-origin") && !site("none"));
        assert!(!is_elsewheres(&HeaderMap::new()));
    }
}
