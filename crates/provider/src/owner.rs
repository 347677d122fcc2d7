//! The person behind a session, as the provider's deep probe tells.

use policy::ids::Identity;

/// Who owns a session, and what they pay for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The stable person, where the provider tells, in the form of [`policy::session::Session::identity`]. A mailbox's
    /// profile may name several; see [`Owner::beside`].
    pub identity: Option<Identity>,
    /// Every name that the profile has of them, that one first.
    pub names: Vec<Identity>,
    /// Public profile identifier, lower case.
    pub public_identifier: Option<String>,
    /// Whether LinkedIn Premium is paid; `None` where the provider does not tell.
    pub premium: Option<bool>,
    /// LinkedIn Recruiter.
    pub recruiter: Product,
    /// LinkedIn Sales Navigator.
    pub sales_navigator: Product,
}

impl Owner {
    /// The person, by the name under which `listed` knows them, where that is one of theirs: a mailbox may be listed by
    /// another of its addresses than its profile begins with.
    pub fn beside(&self, listed: Option<&Identity>) -> Option<&Identity> {
        let same = self.names.iter().find(|name| Some(*name) == listed);
        same.or(self.identity.as_ref())
    }
}

/// A paid product on a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Product {
    /// Not there.
    Absent,
    /// There and working.
    Active,
    /// There and not working.
    Failed {
        /// The provider's word (`DISCONNECTED`), as it came.
        word: String,
    },
}
