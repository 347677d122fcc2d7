//! Refusals that a test has asked for.

use crate::control::{Action, ScriptedRefusal};
use crate::problem::Problem;
use std::collections::VecDeque;

/// Those that still have times left, oldest first.
#[derive(Default)]
pub(crate) struct Refusals(VecDeque<ScriptedRefusal>);

impl Refusals {
    pub(crate) fn add(&mut self, refusal: ScriptedRefusal) {
        self.0.push_back(refusal);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn all(&self) -> Vec<ScriptedRefusal> {
        self.0.iter().cloned().collect()
    }

    /// Takes one time off the oldest refusal that is meant.
    pub(crate) fn take(&mut self, session: &str, target: &str, action: Action) -> Option<Problem> {
        let place = self.0.iter().position(|refusal| {
            refusal
                .session
                .as_deref()
                .is_none_or(|wanted| wanted == session)
                && refusal
                    .target
                    .as_deref()
                    .is_none_or(|wanted| wanted == target)
                && refusal.action.is_none_or(|wanted| wanted == action)
        })?;
        let refusal = self.0.get_mut(place)?;
        let problem = Problem::scripted(refusal);
        refusal.times = refusal.times.saturating_sub(1);
        if refusal.times == 0 {
            self.0.remove(place);
        }
        Some(problem)
    }
}
