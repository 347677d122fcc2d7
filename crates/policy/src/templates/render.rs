//! What is said to one person, or why nothing is.

use super::limits::{length, text_limits};
use super::person::{Person, Value, breaks_a_line};
use super::template::{Flaw, Part, Template, has_braces};
use crate::sends::{Action, Tier};

/// A step as it stands, and the person whose turn it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Its action.
    pub action: Action,
    /// The account's tier.
    pub tier: Tier,
    /// Its texts; null once the step is gone.
    pub step: Option<StepTexts>,
    /// The provider refused this person's invitation once, for its note; a free account makes it anew without (R-CAP-7).
    pub is_note_refused: bool,
    /// To whom it is said.
    pub person: Person,
}

/// Texts of a step, unrendered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepTexts {
    /// Of an e-mail or InMail.
    pub subject: Option<String>,
    /// What is said; null where nothing is.
    pub body: Option<String>,
}

/// What is said, rendered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    /// Of an e-mail or InMail, on one line.
    pub subject: Option<String>,
    /// Null where nothing is said.
    pub body: Option<String>,
}

/// Whose mistake it is that a step cannot be said to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The person's values or name: others go on.
    Person,
    /// The step's: it stops everybody until somebody mends it.
    Step,
}

/// Reason why a step cannot be said to a person; kept with the enrollment that it stops, without the person's values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// The step that the enrollment stands on was taken away.
    #[error("step gone")]
    StepGone,
    /// A text that no builder of ours would have saved.
    #[error("step broken: {0}")]
    Broken(Flaw),
    /// A placeholder that the person has nothing by the name of.
    #[error("unknown placeholder: {0}")]
    Unknown(String),
    /// Nothing in the person's value, and no fallback.
    #[error("missing value: {0}")]
    Missing(String),
    /// Too many characters.
    #[error("{part} too long: over {max} characters")]
    TooLong {
        /// `subject` or `body`.
        part: &'static str,
        /// Most that its action may have for the account's tier.
        max: usize,
    },
    /// A line break in a subject or a name, or a control character anywhere.
    #[error("control character in {0}")]
    ControlCharacter(&'static str),
    /// Braces that a person's value brought along.
    #[error("braces in {0}")]
    Braces(&'static str),
    /// Nothing to say where something must be said.
    #[error("no {0}")]
    Nothing(&'static str),
}

impl Stop {
    /// Whose mistake it is.
    pub fn fault(&self) -> Fault {
        match self {
            Self::StepGone | Self::Broken(_) | Self::Unknown(_) | Self::Nothing(_) => Fault::Step,
            Self::Missing(_)
            | Self::TooLong { .. }
            | Self::ControlCharacter(_)
            | Self::Braces(_) => Fault::Person,
        }
    }
}

/// What a step says to a person (R-TPL-1). Nothing of it takes capacity: it is asked before a send exists.
pub fn texts(facts: &Facts) -> Result<Texts, Stop> {
    let Facts {
        action,
        tier,
        step,
        is_note_refused,
        person,
    } = facts;
    let step = step.as_ref().ok_or(Stop::StepGone)?;
    let limits = text_limits(*action, *tier);
    let is_without_note = *action == Action::Invite && *tier == Tier::Free && *is_note_refused;
    let (has_subject, has_body) = (limits.subject > 0, limits.body > 0 && !is_without_note);
    let subject = said(step.subject.as_deref(), has_subject, person)?;
    let body = said(step.body.as_deref(), has_body, person)?;
    let texts = Texts {
        subject: subject.map(|it| it.trim().to_owned()),
        body,
    };
    needed(*action, &texts)?;
    if let Some(subject) = &texts.subject {
        sendable("subject", subject, limits.subject, breaks_a_line)?;
    }
    if let Some(body) = &texts.body {
        sendable("body", body, limits.body, |it| {
            it.is_control() && !matches!(it, '\n' | '\r' | '\t')
        })?;
    }
    Ok(texts)
}

/// A text rendered; none where its action says nothing, or it is blank.
fn said(text: Option<&str>, is_said: bool, person: &Person) -> Result<Option<String>, Stop> {
    let Some(text) = text.filter(|_| is_said) else {
        return Ok(None);
    };
    let template = Template::parse(text).map_err(Stop::Broken)?;
    let rendered = render(&template, person)?;
    Ok(Some(rendered).filter(|it| !it.trim().is_empty()))
}

/// A template with a person's values in their places.
pub fn render(template: &Template, person: &Person) -> Result<String, Stop> {
    let mut rendered = String::new();
    for part in template.parts() {
        match part {
            Part::Text(text) => rendered.push_str(text),
            Part::Placeholder(at) => match (person.value(&at.name), &at.fallback) {
                (Value::Said(value), _) => rendered.push_str(&value),
                (Value::Unprintable, _) => return Err(Stop::ControlCharacter("name")),
                (Value::Blank | Value::Unknown, Some(fallback)) => rendered.push_str(fallback),
                (Value::Blank, None) => return Err(Stop::Missing(at.name.clone())),
                (Value::Unknown, None) => return Err(Stop::Unknown(at.name.clone())),
            },
        }
    }
    Ok(rendered)
}

fn needed(action: Action, texts: &Texts) -> Result<(), Stop> {
    match action {
        Action::Email if texts.subject.is_none() => Err(Stop::Nothing("subject")),
        Action::Message | Action::Inmail | Action::Email if texts.body.is_none() => {
            Err(Stop::Nothing("text"))
        }
        _ => Ok(()),
    }
}

fn sendable(
    part: &'static str,
    text: &str,
    max: usize,
    is_forbidden: impl Fn(char) -> bool,
) -> Result<(), Stop> {
    if has_braces(text) {
        Err(Stop::Braces(part))
    } else if text.chars().any(is_forbidden) {
        Err(Stop::ControlCharacter(part))
    } else if length(text) > max {
        Err(Stop::TooLong { part, max })
    } else {
        Ok(())
    }
}
