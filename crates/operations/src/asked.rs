//! With what every act is asked for.

use secrecy::SecretString;

/// Who asks, why, and whether it is meant.
#[derive(Clone, Copy)]
pub struct OperationRequest<'a> {
    /// The operator's token, `rlo_…`.
    pub token: &'a SecretString,
    /// Why; it is kept with the act for good. Blank is refused.
    pub reason: &'a str,
    /// Everything is checked and done, and then rolled back.
    pub dry_run: bool,
    /// Takes the one line that each act leaves in the log (R-DEL-5).
    pub log: fn(&str),
}
