//! What steps say (R-TPL-1): one strict renderer of texts with placeholders.
//!
//! A text is checked when its step is saved ([`step::CheckedStep`]) and rendered when a send of it is planned
//! ([`render::texts`]). There are placeholders and nothing else: no loops, conditions or calls, so rendering ends and needs
//! no budget. A person for whom it fails is stopped with the reason: what is missing is never sent.
//!
//! ```text
//! {{ first_name }}  {{ FirstName | "there" }}  {{company}}
//! ```

pub mod limits;
pub mod person;
pub mod render;
pub mod step;
pub mod template;

#[cfg(test)]
mod tests;
