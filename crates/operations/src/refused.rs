//! Why an act was not done, for the person who asked.

use crate::code::Code;
use policy::ids::AccountId;
use std::fmt;
use std::time::Duration;
use store::StoreError;
use store::operators::Scope;

/// Nothing was done, and why.
#[derive(Clone, Debug)]
pub struct Refused {
    /// Code for programs.
    pub code: Code,
    /// In words, naming the field.
    pub why: String,
    /// Time after which trying again can help, where that is known.
    pub retry_after: Option<Duration>,
    /// Version that the thing is at by now, where the act was meant for another.
    pub version: Option<i32>,
    /// Account that stands in the way.
    pub account: Option<AccountId>,
    /// Word of the provider's for its refusal; never a sentence of its.
    pub provider_type: Option<String>,
}

impl Refused {
    /// A refusal that programs tell from others by its code.
    pub fn of_code(code: Code, why: impl Into<String>) -> Self {
        Self {
            code,
            why: why.into(),
            retry_after: None,
            version: None,
            account: None,
            provider_type: None,
        }
    }

    /// What was asked for is wrong in itself.
    pub fn invalid(why: impl Into<String>) -> Self {
        Self::of_code(Code::Invalid, why)
    }

    /// There is no such thing.
    pub fn missing(why: impl Into<String>) -> Self {
        Self::of_code(Code::NotFound, why)
    }

    /// The thing is not in a state for it.
    pub fn conflict(why: impl Into<String>) -> Self {
        Self::of_code(Code::Conflict, why)
    }

    /// The thing is at this version by now, and the act was meant for another.
    pub fn changed(version: i32, why: impl Into<String>) -> Self {
        Self {
            version: Some(version),
            ..Self::of_code(Code::Changed, why)
        }
    }

    /// Says when trying again can help.
    #[must_use]
    pub fn after(self, wait: Duration) -> Self {
        let retry_after = Some(wait);
        Self {
            retry_after,
            ..self
        }
    }

    /// Names the account that stands in the way.
    #[must_use]
    pub fn of_account(self, account: AccountId) -> Self {
        let account = Some(account);
        Self { account, ..self }
    }

    /// Names the provider's word for its refusal.
    #[must_use]
    pub fn of_provider(self, provider_type: impl Into<String>) -> Self {
        let provider_type = Some(provider_type.into());
        Self {
            provider_type,
            ..self
        }
    }

    /// Code of the alert that tells other operators; null for what a person only mistyped, who reads it anyway. Of acts on
    /// removals each refusal is told, under a code of its own (R-DEL-5).
    pub(crate) fn alert(&self, scope: Scope) -> Option<&'static str> {
        match (self.code, scope) {
            // Said twice, and tried once.
            (Code::KeyInUse, _) => None,
            (Code::Unauthorized | Code::Scope | Code::Forbidden, _) => Some("operator_refused"),
            (_, Scope::Remove) => Some("removal_act_refused"),
            _ => None,
        }
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
        use store::{Fault, Refusal};
        let why = words(&error);
        if let Some(version) = error.version_by_now() {
            return Self::changed(version, why);
        }
        let code = match error.refusal_kind() {
            Some(Refusal::Invalid) => Code::Invalid,
            Some(Refusal::Unknown) => Code::Unauthorized,
            // The database's login may not, not the token.
            Some(Refusal::Forbidden) if why.starts_with(NO_GRANT) => Code::Broken,
            Some(Refusal::Forbidden) => Code::Forbidden,
            Some(Refusal::Missing) => Code::NotFound,
            Some(Refusal::Conflict) => Code::Conflict,
            None if error.is_out_of_range() => Code::Invalid,
            // What cannot help to repeat is our mistake, and no outage.
            None => match error.fault() {
                Fault::Permanent => Code::Broken,
                Fault::Transient | Fault::Superseded => Code::Later,
            },
        };
        Self::of_code(code, why)
    }
}

/// Beginning of what PostgreSQL says to a login without a grant.
const NO_GRANT: &str = "permission denied";

/// The same to one that may not act as another role.
const NO_ROLE: &str = "permission denied to set role";

/// A refusal of the database in its own words, every other error with its causes.
pub fn words(error: &StoreError) -> String {
    if error.constraint() == Some("removals_of_a_session") {
        return "session: a removal of it is open, or it was removed already; see `relink removals list`".to_owned();
    }
    if error.is_out_of_range() {
        return "a time, a length or a number is out of the database's range".to_owned();
    }
    if error.constraint() == Some("operator_tokens_workspace_id_fkey") {
        return "workspace: there is no workspace of that id".to_owned();
    }
    match error.refusal() {
        Some(said) if said.starts_with(NO_ROLE) => {
            format!("{said} (RELINK_DATABASE_URL must log in as one that may act as relink_owner)")
        }
        Some(said) if said.starts_with(NO_GRANT) => {
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
            for code in Code::ALL {
                let told = match code {
                    Code::Unauthorized | Code::Scope | Code::Forbidden => Some("operator_refused"),
                    Code::KeyInUse => None,
                    _ => (scope == Scope::Remove).then_some("removal_act_refused"),
                };
                assert_eq!(Refused::of_code(code, "x").alert(scope), told, "{code}");
            }
        }
    }
}
