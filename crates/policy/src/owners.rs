//! Owners of accounts, as their workspace treats them.

crate::words! {
    /// How a workspace's owners are told of what happens to their accounts (R-LNK-7).
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum NoticesPolicy {
        /// By our mail; the default.
        Mail = "mail",
        /// By an event to the product, which tells them itself.
        Event = "event",
        /// By both.
        Both = "both",
        /// Not at all.
        None = "none",
    }
}
