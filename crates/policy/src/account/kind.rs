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

crate::words! {
    /// Kind that a product may link, in its own word.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum ProductKind {
        /// A member of LinkedIn.
        Linkedin = "linkedin",
        /// A mailbox at Google.
        Google = "google",
        /// A mailbox at Microsoft.
        Microsoft = "microsoft",
        /// A mailbox at any mail server.
        Imap = "imap",
    }
}

impl ProductKind {
    /// Kind of the account that comes of it.
    pub const fn kind(self) -> AccountKind {
        match self {
            Self::Linkedin => AccountKind::Linkedin,
            Self::Google => AccountKind::Google,
            Self::Microsoft => AccountKind::Microsoft,
            Self::Imap => AccountKind::Imap,
        }
    }
}
