//! What operators say of when, how much and whether an account sends (R-CAP-1, R-CAP-3).

use crate::methods::{patch, post};
use crate::route::{Route, act};
use operations::accounts::{Cap, Hold, Rules, SetTier};

/// The part of operators' routes that is about accounts as senders.
#[rustfmt::skip] // A table: a line a route.
pub(super) fn routes() -> Vec<Route> {
    vec![
        act::<Hold>(post(), "/v1/accounts/{id}/holds", "Keeps an account from sending until its time, or until a person ends it"),
        act::<Cap>(patch(), "/v1/accounts/{id}/caps/{action}", "Lowers an account's caps of an action, or lifts them with a note (R-CAP-1)"),
        act::<Rules>(patch(), "/v1/accounts/{id}/rules", "Changes an account's window, weekdays, zone and ramp (R-CAP-3)"),
        act::<SetTier>(post(), "/v1/accounts/{id}/tier", "Says what an account pays for"),
    ]
}
