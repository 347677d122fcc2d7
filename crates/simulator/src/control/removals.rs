//! Requests to delete a session, and answers that lie about a single one.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What `GET /control/deletes` answers.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Deletes {
    /// Every `DELETE /accounts/{id}` that arrived, in that order, answered or not; at most [`DELETES_MAX`].
    pub requests: Vec<DeleteLine>,
    /// Those beyond.
    pub left_out: u64,
    /// The most requests in any 24 hours of the simulator's clock: from, but without, a request's instant minus 24
    /// hours, to that request.
    pub most_in_24_h: u64,
}

/// How many requests are listed; [`super::Counts::delete_requests`] counts all.
pub const DELETES_MAX: usize = 100_000;

/// One request to delete a session, noted before it was answered.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct DeleteLine {
    /// The request's number in the log.
    pub seq: u64,
    /// When it arrived, by the simulator's clock.
    pub at: Timestamp,
    /// The session that its path names, percent-decoded.
    pub session: String,
    /// Whether there was such a session, by the truth and not by what is answered for it.
    pub existed: bool,
    /// Whether it carried the right key.
    pub key_ok: bool,
    /// Whether it deleted that session. Stands here at once, whatever is answered.
    pub deleted: bool,
    /// The fault that befell it.
    pub fault: Option<String>,
    /// The answer's status; none as long as, or where, there is none.
    pub status: Option<u16>,
}

/// What one session is answered for with, instead of the truth. Comes before every other fault.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SessionFault {
    /// Which session.
    pub session: String,
    /// The answer. The request is not executed.
    pub kind: SessionFaultKind,
    /// On this route, as [`super::Counts::by_route`] names it; `GET /accounts/{id}` when left out.
    #[serde(default = "get")]
    pub route: String,
    /// How many requests it befalls; all when left out. Counted down.
    #[serde(default)]
    pub times: Option<u64>,
}

fn get() -> String {
    "GET /accounts/{id}".to_owned()
}

/// An answer that is no answer, or a wrong one.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionFaultKind {
    /// Exactly the provider's words for a session that is gone, while it is there.
    Gone,
    /// The same words about another resource: `Attendee not found`.
    OtherGone,
    /// 404, as a page of an edge server.
    #[serde(rename = "html_404")]
    Html404,
    /// 404 without a body.
    #[serde(rename = "empty_404")]
    Empty404,
    /// 401, as for a wrong key.
    Unauthorized,
    /// 500.
    ServerError,
    /// 401, as for a session that its owner must connect anew.
    Disconnected,
    /// 401, as for a session whose owner must confirm something.
    Checkpoint,
    /// 200: an owner's profile that names nobody.
    Nameless,
    /// 200: the profile of another person.
    Stranger,
}
