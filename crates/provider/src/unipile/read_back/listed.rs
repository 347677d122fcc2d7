//! Every invitation that waits for an answer, for whoever counts those made by hand.

use super::Unclear;
use super::invitation::list;
use super::walk::{Page, Walker};
use crate::unipile::decode::id;
use crate::unipile::http::Http;
use jiff::{SignedDuration, Timestamp};
use policy::ids::SessionId;
use policy::sends::by_hand::{ListedInvitation, SentInvitations};
use serde_json::Value;
use std::ops::ControlFlow;

/// Most items that one look reads; no week holds as many.
const ITEMS_MAX: usize = 1_000;

/// Reads until a page shows nothing of the time since then: the newest come first.
pub(super) async fn invitations(
    http: &Http,
    session: &SessionId,
    since: Timestamp,
) -> SentInvitations {
    let mut seen = SentInvitations::default();
    let walked = Walker::new(http, session)
        .walk(&list(), |page| {
            let read: Vec<ListedInvitation> =
                page.items.iter().map(|item| listed(item, page)).collect();
            let is_old = |item: &ListedInvitation| item.sent_at.is_some_and(|at| at <= since);
            let is_over = !read.is_empty() && read.iter().all(is_old);
            seen.items.extend(read);
            if is_over {
                ControlFlow::Break(None)
            } else if seen.items.len() >= ITEMS_MAX {
                ControlFlow::Break(Some(format!("more than {ITEMS_MAX} invitations")))
            } else {
                ControlFlow::Continue(())
            }
        })
        .await;
    seen.gap = match walked {
        Ok(gap) => gap.flatten(),
        Err(Unclear { why, .. }) => Some(why),
    };
    seen
}

fn listed(item: &Value, page: &Page) -> ListedInvitation {
    let person = ["invited_user_id", "invited_user_public_id"];
    ListedInvitation {
        id: id(item, "id"),
        person: person.iter().filter_map(|key| id(item, key)).collect(),
        sent_at: sent_at(item).or_else(|| days_ago(item, page.answered_at?)),
    }
}

fn sent_at(item: &Value) -> Option<Timestamp> {
    item.get("parsed_datetime")?.as_str()?.parse().ok()
}

/// Reads `Sent today`, `Sent yesterday` and `Sent 3 days ago` by the clock that answered, to the day.
fn days_ago(item: &Value, answered_at: Timestamp) -> Option<Timestamp> {
    let words = item.get("date")?.as_str()?.to_ascii_lowercase();
    let days = match words.strip_prefix("sent ")?.trim() {
        "today" => 0,
        "yesterday" => 1,
        days => days
            .strip_suffix("ago")?
            .split_once(" day")?
            .0
            .parse()
            .ok()?,
    };
    let before = SignedDuration::from_hours(24_i64.checked_mul(days)?);
    answered_at.checked_sub(before).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn r_cap_10_words_say_the_day_where_no_instant_is_given() {
        let answered: Timestamp = "2026-03-10T12:00:00Z".parse().expect("an instant");
        for (words, expected) in [
            ("Sent today", Some("2026-03-10T12:00:00Z")),
            ("Sent yesterday", Some("2026-03-09T12:00:00Z")),
            ("Sent 1 day ago", Some("2026-03-09T12:00:00Z")),
            ("Sent 6 days ago", Some("2026-03-04T12:00:00Z")),
            ("Sent 2 weeks ago", None),
            ("Sent 999999999999999999 days ago", None),
            ("Sent recently", None),
            ("", None),
        ] {
            let found = days_ago(&json!({ "date": words }), answered);
            let expected = expected.map(|it| it.parse().expect("an instant"));
            assert_eq!(found, expected, "{words}");
        }
    }
}
