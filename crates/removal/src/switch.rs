//! Gate 1: the process's kill switch.

use std::sync::{Arc, OnceLock};

/// Whether this process may remove sessions at all. It is decided once, at the start, and afterwards it can only be
/// turned off, by whoever holds a copy, for all of them and for the rest of the process's life: there is no way back.
#[derive(Clone, Debug)]
pub struct KillSwitch(
    /// Why it is off. What is written once here stays.
    Arc<OnceLock<String>>,
);

impl KillSwitch {
    /// On only where the text of `RELINK_REMOVALS_ENABLED` is exactly `true`: not `TRUE`, not `1`, not with a space.
    pub fn at_start(text: Option<&str>) -> Self {
        let switch = Self(Arc::default());
        if text != Some("true") {
            switch.turn_off("RELINK_REMOVALS_ENABLED was not `true` when the process started");
        }
        switch
    }

    /// Whether it lets pass.
    pub fn is_on(&self) -> bool {
        self.0.get().is_none()
    }

    /// Why it is off, the first reason if there are several; none: it is on.
    pub fn why_off(&self) -> Option<&str> {
        self.0.get().map(String::as_str)
    }

    /// Turns it off for good: the process stops, a self-test failed.
    pub fn turn_off(&self, why: impl Into<String>) {
        self.0.get_or_init(|| why.into());
    }
}
