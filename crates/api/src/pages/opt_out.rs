//! The way off the list of mails to owners, by one click (R-LNK-7).
//!
//! `GET` changes nothing, for scanners of mails open every link; a button posts. A mail program posts by itself (RFC 8058), from
//! whatever site it stands on and with a body that nobody needs to read: the token of the path says all.

use super::apology::Apology;
use super::{headers, html, proved};
use crate::open::OpenCall;
use axum::response::{Html, IntoResponse as _, Response};
use policy::ids::AccountId;
use std::sync::Arc;
use store::{Store, StoreError};

/// Bytes of a body that are read, and not looked at.
const BODY_BYTES_MAX: usize = 4 * 1024;

/// `GET /o/{token}`: asks whether that is what its reader wants.
pub(crate) async fn ask_opt_out(call: OpenCall) -> Response {
    let answer = match admit(&call) {
        Ok(_) => html::question(
            "No more mails?",
            "You are mailed when your account has to be signed in to again, and when it is connected again.",
            "Send me no more",
        )
        .into_response(),
        Err(apology) => apology.into_response(),
    };
    headers::guarded(answer, call.app.minter.urls())
}

/// `POST /o/{token}`: takes the owner of an account off the list of its workspace's mails.
pub(crate) async fn opt_out(call: OpenCall) -> Response {
    let (app, admitted) = (Arc::clone(&call.app), admit(&call));
    // Whatever it says: a mail program's words differ, and the token is the proof.
    drop(call.bytes(BODY_BYTES_MAX).await);
    let answer = match admitted {
        Ok(account) => match taken(&app.store, account).await {
            Ok(page) => page.into_response(),
            Err(error) => Apology::later(&error).into_response(),
        },
        Err(apology) => apology.into_response(),
    };
    headers::guarded(answer, app.minter.urls())
}

async fn taken(store: &Store, account: AccountId) -> Result<Html<String>, StoreError> {
    let tx = store.begin().await?;
    let has_address = tx.opt_out(account).await?;
    tx.finish().await?;
    let line = if has_address {
        "You get no more mails about your account, nor about others of yours in the same team. Sign-in pages that your team \
         gives you go on working."
    } else {
        "We know no mail address of yours any more, so nobody mails you about your account."
    };
    Ok(html::statement("No more mails", line, None))
}

/// Account of a good token.
fn admit(call: &OpenCall) -> Result<AccountId, Apology> {
    let read = call.app.minter.keys().read_opt_out(call.part("token"));
    proved(call, read.map(|it| it.account))
}
