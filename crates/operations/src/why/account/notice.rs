//! The line about the newest notice of an account's owner.

use crate::why::words::at;
use jiff::Timestamp;
use policy::sends::sender::Sender;
use store::notices::Notice;

/// When it is due, or for what it waits.
pub(super) fn line(sender: &Sender, notice: &Notice) -> String {
    let time = |it: Option<Timestamp>| it.map_or(String::new(), |it| at(sender, it));
    let (due, look) = (time(notice.due_at), time(notice.look_after));
    let state = match &notice.dropped {
        Some((gone, why)) => format!("was dropped {} ({why})", at(sender, *gone)),
        None if notice.due_at.is_some() => format!("is due {due}"),
        None => format!("was one of many, and waits for a run of the status watch after {look}"),
    };
    format!("{} {state}", notice.reason)
}
