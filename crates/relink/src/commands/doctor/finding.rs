//! What was looked at, what was seen, and what to do.

use crate::commands::table::one_line;
use serde::Serialize;
use serde::ser::{SerializeStruct, Serializer};
use std::fmt::Write as _;

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    /// As it must be.
    Ok,
    /// It works, and should not stay so.
    Warn,
    /// It does not work, or must not be used so.
    Fail,
    /// Nobody could be asked.
    NotAsked,
}

impl State {
    const fn label(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "FAIL",
            Self::NotAsked => "not asked",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, Serialize)]
struct Finding {
    /// Stays the same from build to build.
    name: String,
    state: State,
    /// What was seen, or why nobody was asked.
    saw: String,
    /// What to do; none where all is well.
    todo: Option<String>,
}

/// All of them, in the order that they were looked at.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    pub(super) fn ok(&mut self, name: impl Into<String>, saw: impl Into<String>) {
        self.add(name.into(), State::Ok, saw.into(), None);
    }

    pub(super) fn warn(&mut self, name: impl Into<String>, saw: impl Into<String>, todo: &str) {
        self.add(name.into(), State::Warn, saw.into(), Some(todo.to_owned()));
    }

    pub(super) fn fail(&mut self, name: impl Into<String>, saw: impl Into<String>, todo: &str) {
        self.add(name.into(), State::Fail, saw.into(), Some(todo.to_owned()));
    }

    pub(super) fn not_asked(&mut self, name: impl Into<String>, why: impl Into<String>) {
        self.add(name.into(), State::NotAsked, why.into(), None);
    }

    pub(super) fn append(&mut self, more: Self) {
        self.0.extend(more.0);
    }

    /// Nothing failed.
    pub(super) fn is_well(&self) -> bool {
        self.0.iter().all(|one| one.state != State::Fail)
    }

    fn add(&mut self, name: String, state: State, saw: String, todo: Option<String>) {
        self.0.push(Finding {
            name,
            state,
            saw,
            todo,
        });
    }

    /// For people: a line each, and below it what to do.
    pub(super) fn text(&self) -> String {
        let width = self.0.iter().map(|one| one.name.chars().count()).max();
        let width = width.unwrap_or(0);
        let mut text = String::new();
        for one in &self.0 {
            let saw = one_line(&one.saw);
            // Writing to a string cannot fail.
            writeln!(
                text,
                "{:<9}  {:<width$}  {saw}",
                one.state.label(),
                one.name
            )
            .ok();
            if let Some(todo) = &one.todo {
                writeln!(text, "{:<9}  {:<width$}  → {}", "", "", one_line(todo)).ok();
            }
        }
        let count = |state| self.0.iter().filter(|one| one.state == state).count();
        let (failed, warned, skipped) = (
            count(State::Fail),
            count(State::Warn),
            count(State::NotAsked),
        );
        let well = count(State::Ok);
        writeln!(
            text,
            "{well} ok, {warned} warnings, {failed} failed, {skipped} not asked"
        )
        .ok();
        text
    }
}

impl Serialize for Findings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut all = serializer.serialize_struct("Findings", 2)?;
        all.serialize_field("ok", &self.is_well())?;
        all.serialize_field("findings", &self.0)?;
        all.end()
    }
}
