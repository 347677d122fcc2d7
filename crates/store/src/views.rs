//! Rows as operators and programs read them: bounded pages, one statement a page, changed by nothing here.

mod accounts;
mod alerts;
mod attempts;
mod audit;
mod campaigns;
mod cases;
mod enrollments;
mod kept;
mod losses;
mod notices;
mod operators;
mod recoveries;
mod schedules;
mod sends;
mod stops;

pub use accounts::{AccountDetail, AccountFilter, AccountView, HoldView, MembershipView};
pub use alerts::{Acked, AlertFilter, AlertView};
pub use attempts::{AttemptFilter, AttemptView};
pub use audit::{AuditFilter, AuditView, Follower};
pub use campaigns::{CampaignDetail, CampaignFilter, CampaignView, PauseView, StepView};
pub use cases::{CaseDetail, CaseFilter, CaseView, PollView};
pub use enrollments::{EnrollmentFilter, EnrollmentState, EnrollmentView};
pub use kept::KeptSession;
pub use losses::{LossFilter, LossPage, LossPlace, LossView};
pub use notices::{NoticeFilter, NoticePlace, NoticeView};
pub use operators::OperatorActView;
pub use recoveries::Recoveries;
pub use schedules::ScheduleView;
pub use sends::{SendDetail, SendFilter, SendStepView, SendView};
pub use stops::{StoppedLossView, StoppedRunView};

use jiff::Timestamp;
use policy::instant::read_instant;
use serde::Serialize;
use std::str::FromStr;
use utoipa::ToSchema;
use uuid::Uuid;

/// Rows of a page at most, whatever is asked for.
pub const PAGE_MAX: u32 = 1_000;

/// One page, and where the next one begins.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Page<T> {
    /// The rows.
    #[schema(inline)]
    pub rows: Vec<T>,
    /// Asked with this, the next page follows; none on the last one.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// From one row more than the page may have: that it is there says that a next page is.
    fn of(mut rows: Vec<T>, limit: u32, cursor: impl Fn(&T) -> String) -> Self {
        let limit = bounded(limit) as usize;
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| has_more).map(cursor);
        Self { rows, next }
    }
}

/// How many rows a page may have: at least one, at most [`PAGE_MAX`].
fn bounded(limit: u32) -> u32 {
    limit.clamp(1, PAGE_MAX)
}

/// One row more than asked for.
fn fetched(limit: u32) -> i64 {
    i64::from(bounded(limit)) + 1
}

/// Where a page by age begins: an instant and the id that tells rows of one instant apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByAge(Timestamp, Uuid);

impl ByAge {
    fn text(at: Timestamp, id: Uuid) -> String {
        format!("{at}~{id}")
    }
}

impl FromStr for ByAge {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = text.split_once('~').and_then(|(at, id)| {
            let at = read_instant(at).ok()?;
            Some(Self(at, id.parse().ok()?))
        });
        parsed.ok_or_else(|| "not where a page of this list ended".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_a_next_one_only_if_a_row_is_left_over() {
        let of = |rows: u32, limit| {
            let page = Page::of((0..rows).collect(), limit, ToString::to_string);
            (page.rows.len(), page.next)
        };
        assert_eq!(of(0, 2), (0, None));
        assert_eq!(of(2, 2), (2, None));
        assert_eq!(of(3, 2), (2, Some("1".to_owned())));
        assert_eq!(of(3, 0), (1, Some("0".to_owned())));
        assert_eq!(bounded(1_000_000), PAGE_MAX);
    }

    #[test]
    fn a_cursor_comes_back_as_it_was_and_no_other_text_is_one() {
        let (at, id) = (Timestamp::UNIX_EPOCH, Uuid::nil());
        assert_eq!(ByAge::text(at, id).parse(), Ok(ByAge(at, id)));
        for other in [
            "yesterday",
            "-004713-01-01T00:00:00Z~00000000-0000-0000-0000-000000000000",
        ] {
            assert!(other.parse::<ByAge>().is_err(), "{other}");
        }
    }
}
