//! Changes of an account's status in its owner's words.

use crate::account::{AccountKind, Cause, Status};

/// One sentence for whoever owns the account: what happened, and what it asks of them. `cause` is the audit's word, which this
/// build may not know.
pub fn in_owners_words(
    from: Option<Status>,
    to: Status,
    (cause, kind): (&str, Option<AccountKind>),
) -> String {
    let at = place(kind);
    match to {
        Status::Connecting => format!("A sign-in at {at} was begun."),
        Status::Connected => match from {
            None | Some(Status::Connecting) => format!("Signed in at {at}, and connected."),
            Some(_) => "Connected again.".to_owned(),
        },
        Status::ReconnectNeeded => needs_sign_in(Cause::parse(cause), cause, at),
        Status::ActionRequired => format!("{at} asks its owner to confirm something."),
        Status::Recovering => {
            format!("{at} interrupted the connection; it is brought back without its owner.")
        }
        Status::Missing => format!("The connection at {at} is gone; its owner signs in again."),
        Status::Disconnected => "Disconnected, as was asked.".to_owned(),
    }
}

fn needs_sign_in(cause: Option<Cause>, word: &str, at: &str) -> String {
    match cause {
        Some(Cause::Credentials) => format!("{at} wants its owner to sign in again."),
        Some(Cause::Permissions) => {
            format!("{at} gave fewer permissions than are needed; sign in again and allow them.")
        }
        Some(Cause::LinkUnused) => "The sign-in was not finished in time.".to_owned(),
        Some(Cause::CheckpointUnanswered) => "Nobody confirmed in time; sign in again.".to_owned(),
        Some(_) => format!("The connection at {at} may not act any more; sign in again."),
        None if word == "created" => "Added; nobody has signed in yet.".to_owned(),
        None => "Its owner signs in again.".to_owned(),
    }
}

const fn place(kind: Option<AccountKind>) -> &'static str {
    match kind {
        Some(AccountKind::Linkedin) => "LinkedIn",
        Some(AccountKind::Google) => "Google",
        Some(AccountKind::Microsoft) => "Microsoft",
        Some(AccountKind::Icloud) => "Apple",
        Some(AccountKind::Imap) | None => "the mail server",
    }
}

#[cfg(test)]
mod tests {
    use super::in_owners_words;
    use crate::account::{AccountKind, Cause, Status};

    #[track_caller]
    fn check(from: Option<Status>, to: Status, cause: &str, expected: &str) {
        let said = in_owners_words(from, to, (cause, Some(AccountKind::Linkedin)));
        assert_eq!(said, expected);
    }

    #[test]
    fn r_api_1_each_change_is_told_in_its_owners_words() {
        use Status::{Connected, Connecting, Missing, ReconnectNeeded};
        check(
            None,
            ReconnectNeeded,
            "created",
            "Added; nobody has signed in yet.",
        );
        let begun = "A sign-in at LinkedIn was begun.";
        check(Some(ReconnectNeeded), Connecting, "link_started", begun);
        let landed = "Signed in at LinkedIn, and connected.";
        check(Some(Connecting), Connected, "verified", landed);
        check(Some(Missing), Connected, "verified", "Connected again.");
        let unused = "The sign-in was not finished in time.";
        check(Some(Connecting), ReconnectNeeded, "link_unused", unused);
        let later = "Its owner signs in again.";
        check(Some(Connected), ReconnectNeeded, "of a later build", later);
        let words = Cause::ALL.map(Cause::as_str);
        for cause in words.into_iter().chain(["created", "imported"]) {
            for to in Status::ALL {
                for kind in AccountKind::ALL.map(Some).into_iter().chain([None]) {
                    let said = in_owners_words(Some(Status::Recovering), to, (cause, kind));
                    assert!(said.ends_with('.') && !said.contains('_'), "{said}");
                }
            }
        }
    }
}
