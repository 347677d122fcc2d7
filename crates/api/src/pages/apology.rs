//! What an owner is told when there is no page: in words of theirs, with what was changed, which is nothing.

use super::html;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::time::Duration;
use store::StoreError;

/// When to try again what may work by then.
const SOON: Duration = Duration::from_secs(30);

/// A page instead of the page.
pub(super) struct Apology {
    status: StatusCode,
    title: &'static str,
    line: String,
    retry_after: Option<Duration>,
    /// Ticket of the page to go back to, where it is known to be one.
    token: Option<String>,
}

impl Apology {
    fn of(status: StatusCode, title: &'static str, line: impl Into<String>) -> Self {
        Self {
            status,
            title,
            line: line.into(),
            retry_after: None,
            token: None,
        }
    }

    /// 404: no ticket, a changed one, and one of an account that is gone.
    pub(super) fn not_ours() -> Self {
        let line = "Perhaps it was cut off: copy it from the mail as a whole, or ask whoever sent it to you for a new one.";
        Self::of(StatusCode::NOT_FOUND, "This link is not complete", line)
    }

    /// 403: another site's page sent the form.
    pub(super) fn elsewhere() -> Self {
        let line = "The button was pressed on a page of somebody else's. Nothing was changed. Open the link from the mail.";
        Self::of(StatusCode::FORBIDDEN, "Not from here", line)
    }

    /// 429: too many requests.
    pub(super) fn too_many(wait: Duration) -> Self {
        let line = "This page was asked for too often. Wait a moment, and load it again.";
        let apology = Self::of(StatusCode::TOO_MANY_REQUESTS, "One moment, please", line);
        apology.after(wait)
    }

    /// 429: too many links were said to be dead.
    pub(super) fn too_many_links(wait: Duration) -> Self {
        let minutes = wait.as_secs().div_ceil(60).max(1);
        let line = format!(
            "Several sign-in pages were made within a few minutes. Try again in {minutes} min; nothing was changed."
        );
        let apology = Self::of(StatusCode::TOO_MANY_REQUESTS, "One moment, please", line);
        apology.after(wait)
    }

    /// 502 or 504: the provider makes no page.
    pub(super) fn no_sign_in_page(status: StatusCode) -> Self {
        let line = "The sign-in page cannot be opened at the moment. Nothing was changed, and your link goes on working: try \
            again in a minute.";
        Self::of(status, "Please try again", line).after(SOON)
    }

    /// 503: another press is being answered all the while.
    pub(super) fn busy() -> Self {
        let line = "Your sign-in page is being made by another press of the button. Nothing was changed: try again in a minute.";
        let apology = Self::of(StatusCode::SERVICE_UNAVAILABLE, "Please try again", line);
        apology.after(SOON)
    }

    /// 503: the database does not answer.
    pub(super) fn later(error: &StoreError) -> Self {
        tracing::warn!(
            error = fleet::chain(error),
            "an owner's page was not answered"
        );
        let line = "We cannot look at your account at the moment. Nothing was changed, and your link goes on working: try again \
            in a minute.";
        let apology = Self::of(StatusCode::SERVICE_UNAVAILABLE, "Please try again", line);
        apology.after(SOON)
    }

    fn after(self, wait: Duration) -> Self {
        let retry_after = Some(wait);
        Self {
            retry_after,
            ..self
        }
    }

    /// Offers the way back to the page.
    pub(super) fn back_to(self, token: &str) -> Self {
        let token = Some(token.to_owned());
        Self { token, ..self }
    }

    /// Status and headers alone, for whoever does not show pages.
    pub(super) fn bare(self) -> Response {
        let wait = self.retry_after;
        waiting(self.status.into_response(), wait)
    }
}

impl IntoResponse for Apology {
    fn into_response(self) -> Response {
        let Self {
            status,
            title,
            line,
            retry_after,
            token,
        } = self;
        let page = html::statement(title, &line, token.as_deref());
        waiting((status, page).into_response(), retry_after)
    }
}

fn waiting(mut response: Response, wait: Option<Duration>) -> Response {
    if let Some(wait) = wait {
        // Whole seconds, and never too early.
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        let headers = response.headers_mut();
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    }
    response
}
