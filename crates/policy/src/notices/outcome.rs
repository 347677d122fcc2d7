//! How giving a mail to the mail server ends.

/// End of giving a mail to the mail server, for one recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailOutcome {
    /// The server took it.
    Accepted {
        /// Its code, 250.
        code: i16,
    },
    /// The server says for good that there is no such mailbox.
    Undeliverable {
        /// Its code, 5xx.
        code: i16,
    },
    /// The server refuses the mail itself for good.
    Refused {
        /// Its code, 5xx.
        code: i16,
    },
    /// The server has nothing of it: put off, not reached, or it refuses us.
    PutOff {
        /// Its code, where it gave one.
        code: Option<i16>,
        /// Whether the trouble is between the server and us, whoever the mail is for.
        trouble: Option<ServerTrouble>,
    },
    /// The mail was given away, and no answer came.
    Unanswered,
}

crate::words! {
    /// Place at which a mail server fails us, before any mail.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum ServerTrouble {
        /// No connection, or no greeting.
        Connect = "connect",
        /// No encryption.
        Tls = "tls",
        /// It does not know our login.
        Login = "login",
        /// It does not take mails of our sender.
        Sender = "sender",
    }
}
