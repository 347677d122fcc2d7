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

impl AccountKind {
    /// Kinds that a product may link, each with its own word for it.
    pub const LINKED_BY_PRODUCTS: [(&'static str, Self); 4] = [
        ("linkedin", Self::Linkedin),
        ("google", Self::Google),
        ("microsoft", Self::Microsoft),
        ("imap", Self::Imap),
    ];

    /// Kind that a product means, by its word or by the provider's.
    pub fn of_product(word: &str) -> Option<Self> {
        let mut known = Self::LINKED_BY_PRODUCTS.into_iter();
        let named = known.find(|(name, _)| *name == word);
        named.map(|(_, kind)| kind).or_else(|| Self::parse(word))
    }
}

#[cfg(test)]
mod tests {
    use super::AccountKind;

    #[test]
    fn a_kind_goes_by_the_products_word_and_by_the_providers() {
        assert_eq!(AccountKind::of_product("imap"), Some(AccountKind::Imap));
        assert_eq!(AccountKind::of_product("MAIL"), Some(AccountKind::Imap));
        assert_eq!(AccountKind::of_product("ICLOUD"), Some(AccountKind::Icloud));
        for word in ["", "mail", "LinkedIn", "whatsapp"] {
            assert_eq!(AccountKind::of_product(word), None, "{word}");
        }
    }
}
