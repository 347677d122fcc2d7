//! Kinds of account that the fleet looks after.

crate::words! {
    /// Kind of an account, in the provider's word.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum AccountKind {
        /// A member of LinkedIn.
        Linkedin = "LINKEDIN",
        /// A mailbox at Google.
        Google = "GOOGLE_OAUTH",
        /// A mailbox at Microsoft.
        Microsoft = "OUTLOOK",
        /// A mailbox at any mail server.
        Imap = "MAIL",
        /// A mailbox at Apple.
        Icloud = "ICLOUD",
    }
}
