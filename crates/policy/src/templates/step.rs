//! A step as it may be saved.

use super::limits::{length, text_limits};
use super::person::breaks_a_line;
use super::template::{Flaw, Part, Template};
use crate::sends::{Action, Tier};

/// Texts of a step that were looked at: whoever saves a step needs one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedStep {
    action: Action,
    subject: Option<String>,
    body: Option<String>,
}

/// Reason why a step is not saved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StepRefused {
    /// A text that could not be said to anybody.
    #[error("{part} of {action}: {flaw}")]
    Flawed {
        /// The step's action.
        action: Action,
        /// `subject` or `body`.
        part: &'static str,
        /// What is wrong with it.
        flaw: Flaw,
    },
    /// Longer than any account may write, without a value in it.
    #[error("{part} of {action}: over {max} characters")]
    TooLong {
        /// The step's action.
        action: Action,
        /// `subject` or `body`.
        part: &'static str,
        /// Most that a paying account may write.
        max: usize,
    },
    /// A line break in a subject, or a control character.
    #[error("{part} of {action}: a control character")]
    ControlCharacter {
        /// The step's action.
        action: Action,
        /// `subject` or `body`.
        part: &'static str,
    },
    /// The action says something, and the step does not say what.
    #[error("{part} of {action}: nothing")]
    Nothing {
        /// The step's action.
        action: Action,
        /// `subject` or `body`.
        part: &'static str,
    },
    /// The action says nothing, and the step has a text.
    #[error("{part} of {action}: it says nothing to anybody")]
    Unsaid {
        /// The step's action.
        action: Action,
        /// `subject` or `body`.
        part: &'static str,
    },
}

impl CheckedStep {
    /// Looks at a step's texts. `known` are names that people may have values for, beside those that everybody has.
    pub fn check(
        action: Action,
        subject: Option<&str>,
        body: Option<&str>,
        known: &[&str],
    ) -> Result<Self, StepRefused> {
        let limits = text_limits(action, Tier::Premium);
        let subject = checked((action, "subject", limits.subject), subject, known)?;
        let body = checked((action, "body", limits.body), body, known)?;
        let nothing = |part| StepRefused::Nothing { action, part };
        match action {
            Action::Email if subject.is_none() => return Err(nothing("subject")),
            Action::Message | Action::Inmail | Action::Email if body.is_none() => {
                return Err(nothing("body"));
            }
            _ => {}
        }
        Ok(Self {
            action,
            subject,
            body,
        })
    }

    /// What is done.
    pub fn action(&self) -> Action {
        self.action
    }

    /// Subject, unrendered; null where the action has none.
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// Body, unrendered; null where nothing is said.
    pub fn body(&self) -> Option<&str> {
        self.body.as_deref()
    }
}

fn checked(
    (action, part, max): (Action, &'static str, usize),
    text: Option<&str>,
    known: &[&str],
) -> Result<Option<String>, StepRefused> {
    let Some(text) = text.filter(|it| !it.trim().is_empty()) else {
        return Ok(None);
    };
    if max == 0 {
        return Err(StepRefused::Unsaid { action, part });
    }
    let flawed = |flaw| StepRefused::Flawed { action, part, flaw };
    let template = Template::parse(text).map_err(flawed)?;
    if let Some(name) = template.unknown(known) {
        return Err(flawed(Flaw::Unknown(name.to_owned())));
    }
    let is_forbidden = |it: char| match part {
        "subject" => breaks_a_line(it),
        _ => it.is_control() && !matches!(it, '\n' | '\r' | '\t'),
    };
    if text.chars().any(is_forbidden) {
        return Err(StepRefused::ControlCharacter { action, part });
    }
    let shortest: usize = template.parts().iter().map(said_at_least).sum();
    if shortest > max {
        return Err(StepRefused::TooLong { action, part, max });
    }
    Ok(Some(text.to_owned()))
}

/// Fewest signs that a piece of a text stands for.
fn said_at_least(part: &Part) -> usize {
    match part {
        Part::Text(text) => length(text),
        Part::Placeholder(_) => 0,
    }
}

#[cfg(test)]
mod tests;
