//! Words of an owner's page: honest ones, in plain sentences, without a deadline.

use super::{PageState, shown_text};
use crate::account::{AccountKind, Status};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Characters of a workspace's name, and of a checkpoint's words, at most.
const NAME_MAX: usize = 80;
const CHECKPOINT_MAX: usize = 200;

/// What every owner asks first.
const SAFE: &str = "Nothing is lost. Pending invitations stay pending, conversations stay where they are, and every campaign \
    keeps its exact place and goes on from there by itself. There is no deadline.";

/// Where somebody stands when they look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PagePlace {
    /// At the page that a notice's link leads to.
    Link,
    /// Back from the provider's page, whatever that said.
    Return,
}

/// Whose page it is, and since when.
#[derive(Clone, Debug, PartialEq)]
pub struct PageSubject {
    /// Kind of the account; null for one that this build does not know.
    pub kind: Option<AccountKind>,
    /// Name of the account, masked.
    pub name: String,
    /// Login that is expected, masked; null where nobody knows it yet.
    pub expected: Option<String>,
    /// Name of the workspace, as its product wrote it.
    pub team: String,
    /// Words of the provider's checkpoint, if it has any.
    pub checkpoint: Option<String>,
    /// Status of the account.
    pub status: Status,
    /// Start of that status.
    pub since: Timestamp,
    /// When it was connected for the first time; null: never yet.
    pub first_connected_at: Option<Timestamp>,
    /// Start of its newest episode, open or over.
    pub lost_at: Option<Timestamp>,
    /// End of the episode that the link is about; null while that is open, and of a link before the first connection.
    pub told_ended_at: Option<Timestamp>,
    /// Zone that instants are shown in.
    pub zone: TimeZone,
}

/// Text of a page. Nothing of it is markup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageText {
    /// Headline.
    pub title: String,
    /// Paragraphs.
    pub lines: Vec<String>,
    /// Label of the button; none where there is nothing to begin.
    pub button: Option<String>,
    /// Offer of another link, where one was given that may not work.
    pub dead: Option<&'static str>,
}

/// Text of the page in that state.
pub fn page_text(state: PageState, place: PagePlace, of: &PageSubject) -> PageText {
    let (title, mut lines) = said(state, place, of);
    if state.mints() {
        lines.extend(of.earlier());
        // Of what was never connected there is nothing to lose.
        let safe = of
            .first_connected_at
            .map_or("There is no deadline.", |_| SAFE);
        lines.push(safe.to_owned());
        lines.push(
            "You sign in on our connection provider's page. Nobody here sees or keeps your password."
                .to_owned(),
        );
    }
    PageText {
        title,
        lines,
        button: state.mints().then(|| of.label(state)),
        dead: (state == PageState::SigningIn)
            .then_some("The sign-in page does not work? Get another one."),
    }
}

fn said(state: PageState, place: PagePlace, of: &PageSubject) -> (String, Vec<String>) {
    let (service, team) = (of.service(), of.team());
    let since = of.at(of.since);
    match state {
        PageState::WorkspaceOver => text(
            "This page is closed",
            [format!(
                "{team} does not use this service any more. Nothing is sent from your account, and you need do nothing."
            )],
        ),
        PageState::Expired => text(
            "This link is too old",
            [format!(
                "For your safety a link works for a limited time. Ask {team} for a new one. {SAFE}"
            )],
        ),
        PageState::Disconnected => text(
            "This account was disconnected",
            [format!(
                "It was disconnected on {since}, and nothing is sent from it. You need do nothing. If you want it back, \
                 ask {team}."
            )],
        ),
        PageState::Connected => text(
            "Connected",
            [format!(
                "The account is connected since {since}. There is nothing to do; you can close this page."
            )],
        ),
        PageState::Finishing => finishing(),
        PageState::SigningIn if place == PagePlace::Return => finishing(),
        PageState::SigningIn => text(
            "A sign-in was begun",
            ["If its page is still open, finish there. If not, go on here.".to_owned()],
        ),
        PageState::WrongAccount => wrong_account(of),
        PageState::Refused => text(
            "This sign-in cannot be used",
            [format!(
                "The account was not connected: that login cannot be used for it. Sign in with another one, or ask {team}."
            )],
        ),
        PageState::Confirm => text(
            "Please confirm that it is you",
            [of.confirmation(), format!("If nothing waits for you there, sign in to {service} anew.")],
        ),
        PageState::Recovering => text(
            "Reconnecting by itself",
            ["The connection is being restored, and you need do nothing. If you do not want to wait, you can sign in \
              anew."
                .to_owned()],
        ),
        PageState::NotConnected => not_connected(place, of),
    }
}

fn text<const LINES: usize>(title: &str, lines: [String; LINES]) -> (String, Vec<String>) {
    (title.to_owned(), lines.into())
}

fn finishing() -> (String, Vec<String>) {
    text(
        "Finishing the connection",
        ["It is being checked that the account works. This page follows by itself; you can close it, too.".to_owned()],
    )
}

fn wrong_account(of: &PageSubject) -> (String, Vec<String>) {
    let expected = match &of.expected {
        Some(expected) => format!("the login {}", isolated(expected)),
        None => "the login that was connected before".to_owned(),
    };
    let team = of.team();
    let other = format!(
        "Expected is {expected}, so sign in with that one. If the account is to change hands, ask {team}."
    );
    let happened =
        "Somebody else signed in than the account belongs to, so nothing is sent from it.";
    text("This was another login", [happened.to_owned(), other])
}

fn not_connected(place: PagePlace, of: &PageSubject) -> (String, Vec<String>) {
    let service = of.service();
    let since = of.lost_at.map(|lost| of.at(lost)).unwrap_or_default();
    match (of.first_connected_at, of.status) {
        _ if place == PagePlace::Return => text(
            "Not connected",
            ["The account is not connected yet, and nothing was changed. You can try again at any time.".to_owned()],
        ),
        (None, _) => text(
            &format!("Connect your {service} account"),
            [format!("{} asks you to connect this account.", of.team())],
        ),
        (Some(_), Status::Missing) => text(
            "The connection was lost",
            [format!(
                "The connection to {service} was lost on {since}. Nothing is sent from this account until you sign in again."
            )],
        ),
        (Some(_), _) => text(
            &format!("{service} asks you to sign in again"),
            [format!(
                "Since {since} this account is not connected. Nothing is sent from it until you sign in again."
            )],
        ),
    }
}

impl PageSubject {
    /// Name of whom an owner signs in to.
    pub const fn service(&self) -> &'static str {
        match self.kind {
            Some(AccountKind::Linkedin) => "LinkedIn",
            Some(AccountKind::Google) => "Google",
            Some(AccountKind::Microsoft) => "Microsoft",
            Some(AccountKind::Icloud) => "iCloud",
            Some(AccountKind::Imap) | None => "mailbox",
        }
    }

    /// Name of the workspace, as it stands in a sentence.
    pub fn team(&self) -> String {
        isolated(&shown_text(&self.team, NAME_MAX))
    }

    fn label(&self, state: PageState) -> String {
        match state {
            PageState::SigningIn => "Go on".to_owned(),
            _ if self.service() == "mailbox" => "Connect the mailbox".to_owned(),
            _ => format!("Sign in to {}", self.service()),
        }
    }

    fn confirmation(&self) -> String {
        let words = self.checkpoint.as_deref().unwrap_or_default();
        let words = shown_text(words, CHECKPOINT_MAX);
        if !words.is_empty() {
            return format!("{} asks: {}", self.service(), isolated(&words));
        }
        match self.kind {
            Some(AccountKind::Linkedin) => {
                "Open the LinkedIn app and confirm the sign-in that it asks about.".to_owned()
            }
            _ => "Confirm the sign-in at your mail provider.".to_owned(),
        }
    }

    /// Said where the link is of an interruption that is over.
    fn earlier(&self) -> Option<String> {
        let ended = self.told_ended_at.map(|ended| self.at(ended))?;
        Some(format!(
            "The link that you followed is about an earlier interruption, which ended on {ended}. It works for this one, too."
        ))
    }

    fn at(&self, instant: Timestamp) -> String {
        let local = instant.to_zoned(self.zone.clone());
        local.strftime("%-d %B %Y, %H:%M (%Z)").to_string()
    }
}

/// A name between marks that keep its direction to itself.
fn isolated(name: &str) -> String {
    format!("\u{2068}{name}\u{2069}")
}
