//! The line about the newest notice of an account's owner.

use crate::why::words::at;
use policy::notices::{NoticeState, NoticeWhy, ServerTrouble};
use policy::sends::sender::Sender;
use store::notices::Notice;

/// When it is due, for what it waits, or what became of it.
pub(super) fn line(sender: &Sender, notice: &Notice) -> String {
    let ended = notice.ended_at.map_or(String::new(), |it| at(sender, it));
    let because = notice.why.map_or(String::new(), |why| {
        format!(" ({})", NoticeWhy::as_str(why))
    });
    let state = match (notice.state, notice.due_at, notice.look_after) {
        (NoticeState::Planned, Some(due), _) => {
            let failed = notice.trouble.map(ServerTrouble::as_str);
            let failed = failed.map_or(String::new(), |place| {
                format!(", after the mail server failed at {place}")
            });
            format!("is due {}{failed}", at(sender, due))
        }
        (NoticeState::Planned, None, look) => {
            let look = look.map_or(String::new(), |it| at(sender, it));
            format!("was one of many, and waits for a run of the status watch after {look}")
        }
        (NoticeState::Sending, ..) => "is being given to the mail server".to_owned(),
        (NoticeState::Sent, ..) => format!("was taken by the mail server {ended}"),
        (NoticeState::Failed, ..) => format!("reached nobody {ended}{because}"),
        (NoticeState::Skipped, ..) => format!("was dropped {ended}{because}"),
        (NoticeState::Suppressed, ..) => format!("was not mailed {ended}{because}"),
    };
    format!("{} {}: {state}", notice.reason, notice.step)
}
