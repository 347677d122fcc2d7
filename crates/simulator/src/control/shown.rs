//! What the provider makes of what it was told, where it shows it again.

use super::Span;
use serde::{Deserialize, Serialize};

/// How lists show what stands there. The default shows everything at once, as it was written.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Shown {
    /// Form of notes, messages and subjects.
    pub texts: TextForm,
    /// Simulator seconds until a list shows what is new, drawn for each; profiles are never late. At once when left out.
    pub late_seconds: Option<Span>,
}

/// Form in which a text is shown; what was kept, and what the referee judges by, stays as it was written.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TextForm {
    /// As it was written.
    #[default]
    Written,
    /// Composed characters (NFC).
    Composed,
    /// Decomposed characters (NFD).
    Decomposed,
    /// Typographic quotes, dashes and dots.
    Quotes,
    /// Entities of HTML.
    Entities,
    /// Signs that nobody sees: variation selectors, joiners, a mark of order at the beginning.
    Selectors,
    /// Links shortened.
    Links,
    /// Trimmed, and each run of white space a single space.
    Trimmed,
    /// Any of the others, drawn for each text.
    Any,
}

/// What the server of a mailbox shows of the e-mails that were sent. The default is a good one.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct MailServer {
    /// It files no copy of what it sends: the list stays empty.
    pub keeps_no_copy: bool,
    /// Copies do not carry the label that they were sent under.
    pub shows_no_label: bool,
    /// How far the `date` of copies is ahead of the truth, in simulator seconds; behind, when negative.
    pub date_seconds: i64,
}
