//! The person behind a session, as the provider's deep probe tells.

use policy::ids::Identity;

/// Who owns a session, and what they pay for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The stable person, where the provider tells: the same text as [`policy::session::Session::identity`].
    pub identity: Option<Identity>,
    /// Public profile identifier, lower case.
    pub public_identifier: Option<String>,
    /// Whether LinkedIn Premium is paid; `None` where the provider does not tell.
    pub premium: Option<bool>,
    /// LinkedIn Recruiter.
    pub recruiter: Product,
    /// LinkedIn Sales Navigator.
    pub sales_navigator: Product,
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
