//! Why an act was not done, for the person who asked.

use std::fmt;
use store::StoreError;
use store::operators::Scope;

/// What kind of refusal it is: what a program does next depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What was asked for is wrong in itself; the text names the field.
    Invalid,
    /// The token is not good.
    Unknown,
    /// The token is good, and may not do this.
    Forbidden,
    /// There is no such thing.
    Missing,
    /// The thing is not in a state for it.
    Conflict,
    /// The thing is at this version by now, and the act was meant for another.
    Changed(i32),
    /// The act's key stands for another request.
    KeyReused,
    /// The same request with the same key still runs; trying again can help.
    KeyInUse,
    /// The database did not answer; trying again can help.
    Unavailable,
}

/// Nothing was done, and why.
#[derive(Clone, Debug)]
pub struct Refused {
    /// What kind of refusal.
    pub kind: Kind,
    /// In words, naming the field.
    pub why: String,
}

impl Refused {
    /// What was asked for is wrong in itself.
    pub fn invalid(why: impl Into<String>) -> Self {
        Self::of(Kind::Invalid, why)
    }

    /// There is no such thing.
    pub fn missing(why: impl Into<String>) -> Self {
        Self::of(Kind::Missing, why)
    }

    /// The thing is not in a state for it.
    pub fn conflict(why: impl Into<String>) -> Self {
        Self::of(Kind::Conflict, why)
    }

    /// The act's key stands for another request.
    pub(crate) fn key_reused(why: impl Into<String>) -> Self {
        Self::of(Kind::KeyReused, why)
    }

    /// The same request with the same key still runs.
    pub(crate) fn key_in_use() -> Self {
        let why = "the same request with this key is under way; ask again in a moment";
        Self::of(Kind::KeyInUse, why)
    }

    /// Code of the alert that tells other operators; null for what a person only mistyped, who reads it anyway. Of acts on
    /// removals each refusal is told, under a code of its own (R-DEL-5).
    pub(crate) fn alert(&self, scope: Scope) -> Option<&'static str> {
        match (self.kind, scope) {
            (Kind::Unknown | Kind::Forbidden, _) => Some("operator_refused"),
            // Said twice, and tried once.
            (Kind::KeyInUse, _) => None,
            (_, Scope::Remove) => Some("removal_act_refused"),
            (
                Kind::Invalid
                | Kind::Missing
                | Kind::Conflict
                | Kind::Changed(_)
                | Kind::KeyReused
                | Kind::Unavailable,
                _,
            ) => None,
        }
    }

    fn of(kind: Kind, why: impl Into<String>) -> Self {
        let why = why.into();
        Self { kind, why }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl std::error::Error for Refused {}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        use store::Refusal;
        let kind = match error.refusal_kind() {
            Some(Refusal::Invalid) => Kind::Invalid,
            Some(Refusal::Unknown) => Kind::Unknown,
            Some(Refusal::Forbidden) => Kind::Forbidden,
            Some(Refusal::Missing) => Kind::Missing,
            Some(Refusal::Conflict) => {
                let changed = error.version_by_now().map(Kind::Changed);
                changed.unwrap_or(Kind::Conflict)
            }
            None => Kind::Unavailable,
        };
        Self::of(kind, words(&error))
    }
}

/// A refusal of the database in its own words, every other error with its causes.
pub fn words(error: &StoreError) -> String {
    if error.constraint() == Some("removals_of_a_session") {
        return "session: a removal of it is open, or it was removed already; see `relink removals list`".to_owned();
    }
    match error.refusal() {
        Some(said) if said.starts_with("permission denied") => {
            format!("{said} (RELINK_DATABASE_URL must log in as relink_operator)")
        }
        Some(said) => said.to_owned(),
        None => fleet::chain(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r_wat_7_a_misused_token_is_told_and_a_typo_is_not() {
        for scope in [Scope::Operate, Scope::Remove] {
            for kind in [Kind::Unknown, Kind::Forbidden] {
                assert_eq!(
                    Refused::of(kind, "x").alert(scope),
                    Some("operator_refused")
                );
            }
            for kind in [
                Kind::Invalid,
                Kind::Missing,
                Kind::Conflict,
                Kind::Unavailable,
            ] {
                let told = (scope == Scope::Remove).then_some("removal_act_refused");
                assert_eq!(Refused::of(kind, "x").alert(scope), told, "{kind:?}");
            }
        }
    }
}
