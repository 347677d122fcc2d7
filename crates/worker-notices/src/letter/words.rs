//! Sentences of mails, and foreign names made safe for them.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use policy::account::Status;
use policy::losses::NoticeReason;
use policy::notices::{NoticeFacts, NoticeStep};

/// Characters of a name that a mail shows.
const NAME_MAX: usize = 80;

/// A name on one line: without controls, and without what turns the direction of the text behind it.
pub(super) fn clean(name: &str) -> String {
    let is_odd = |it: char| {
        it.is_control()
            || matches!(it, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let shown: String = name
        .chars()
        .map(|it| if is_odd(it) { ' ' } else { it })
        .collect();
    let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    if shown.chars().count() <= NAME_MAX {
        return shown;
    }
    let cut: String = shown.chars().take(NAME_MAX).collect();
    format!("{cut}…")
}

/// Name of a notice's account, as a mail says it.
pub(super) fn name(notice: &NoticeFacts) -> String {
    let name = clean(&notice.account_name);
    // Of a name that is nothing but unseen characters nothing is left.
    if name.is_empty() {
        "Your account".to_owned()
    } else {
        name
    }
}

/// The provider's type, for people.
pub(super) fn kind(kind: &str) -> &'static str {
    match kind {
        "LINKEDIN" => "LinkedIn",
        "GOOGLE" => "Google",
        "OUTLOOK" => "Microsoft",
        "MAIL" => "mailbox",
        _ => "account",
    }
}

/// Subject of a mail that tells these notices.
pub(super) fn subject(notices: &[NoticeFacts]) -> String {
    let lead = notices.first().map_or(String::new(), name);
    let count = notices.len();
    let are_back = notices.iter().all(|it| it.notice.step == NoticeStep::Back);
    match (count, are_back) {
        (1, true) => format!("{lead} is connected again"),
        (_, true) => format!("{count} accounts are connected again"),
        (1, false) => notices
            .first()
            .map_or(String::new(), |it| one_subject(it, &lead)),
        (_, false) => format!("{count} accounts need you"),
    }
}

fn one_subject(notice: &NoticeFacts, name: &str) -> String {
    let again = match notice.notice.step {
        NoticeStep::First | NoticeStep::Back => "",
        NoticeStep::Day1 | NoticeStep::Day3 | NoticeStep::Day7 => "Still: ",
    };
    let what = match notice.status {
        Status::ActionRequired => "needs a confirmation of yours",
        Status::Recovering => "cannot be reached",
        _ => "needs you to sign in again",
    };
    format!("{again}{name} {what}")
}

/// What happened to an account, and what waits for it.
pub(super) fn happened(notice: &NoticeFacts) -> String {
    if notice.notice.step == NoticeStep::Back {
        return "It is connected again, and everything goes on by itself. There is nothing to do."
            .to_owned();
    }
    let since = when(notice.episode.began_at, notice.owner.zone.as_deref());
    let what = match (notice.status, notice.reason) {
        (Status::ActionRequired, _) => {
            format!("Since {since} it waits for a confirmation of yours, such as a code.")
        }
        (Status::Missing, _) => format!("The connection to it was lost on {since}."),
        (Status::Recovering, NoticeReason::RecoveringLong) => format!(
            "Since {since} we cannot reach it. We go on trying; if you like, sign in again."
        ),
        _ => format!("Since {since} it is signed out."),
    };
    format!("{what} Nothing is sent by way of it meanwhile.")
}

/// What is safe meanwhile.
pub(super) fn safe() -> Vec<String> {
    vec![
        "Invitations that wait, conversations, and each person's place in your campaigns are safe and stay as they are. There is no deadline: everything goes on where it stopped once you have signed in.".to_owned(),
        "The link leads to our page and does nothing before you press its button. It works for 30 days.".to_owned(),
    ]
}

/// An instant in the owner's zone, or in UTC where that is not known.
fn when(at: Timestamp, zone: Option<&str>) -> String {
    let zone = zone.and_then(|zone| TimeZone::get(zone).ok());
    let at = at.to_zoned(zone.unwrap_or(TimeZone::UTC));
    at.strftime("%-d %B %Y, %H:%M %Z").to_string()
}
