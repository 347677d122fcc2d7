//! Why there is no link, as programs are told.

use crate::{Code, Refused};
use linking::NotMinted;
use policy::ids::AccountId;
use std::time::Duration;

/// Time after which a provider that is down, or a call that mints, is asked again.
const SOON: Duration = Duration::from_secs(5);

/// Refusal of a link, with its code.
pub(super) fn not_minted(account: AccountId, why: NotMinted) -> Refused {
    let words = why.to_string();
    let of = |code| Refused::of_code(code, words.clone());
    match why {
        NotMinted::Missing => Refused::missing(format!("there is no account {account}")),
        NotMinted::AlreadyConnected => of(Code::AlreadyConnected),
        NotMinted::InProgress => of(Code::LinkInProgress).after(SOON),
        NotMinted::Disconnected => of(Code::Disconnected),
        NotMinted::Merged(into) => of(Code::Merged).of_account(into),
        NotMinted::TooManyDead(wait) => of(Code::Rate).after(wait),
        NotMinted::ProviderRefused(Some(word)) => of(Code::ProviderRefused).of_provider(word),
        NotMinted::ProviderRefused(None) => of(Code::ProviderRefused),
        NotMinted::ProviderDown => of(Code::ProviderDown).after(SOON),
        NotMinted::ProviderSilent => of(Code::ProviderSilent).after(SOON),
        // Operators are told by an alert; whoever asks can only wait.
        NotMinted::OurKey => {
            let why = "the provider takes no calls of ours at the moment";
            Refused::of_code(Code::ProviderDown, why).after(SOON)
        }
        NotMinted::Busy => of(Code::Later).after(SOON),
        NotMinted::Database(error) => Refused::from(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn r_api_2_each_reason_for_no_link_has_its_code_and_says_when_to_come_again() {
        let wait = Duration::from_mins(4);
        for (why, code, later) in [
            (NotMinted::Missing, Code::NotFound, false),
            (NotMinted::AlreadyConnected, Code::AlreadyConnected, false),
            (NotMinted::InProgress, Code::LinkInProgress, true),
            (NotMinted::Disconnected, Code::Disconnected, false),
            (
                NotMinted::Merged(AccountId(Uuid::max())),
                Code::Merged,
                false,
            ),
            (NotMinted::TooManyDead(wait), Code::Rate, true),
            (
                NotMinted::ProviderRefused(None),
                Code::ProviderRefused,
                false,
            ),
            (NotMinted::ProviderDown, Code::ProviderDown, true),
            (NotMinted::ProviderSilent, Code::ProviderSilent, true),
            (NotMinted::OurKey, Code::ProviderDown, true),
            (NotMinted::Busy, Code::Later, true),
        ] {
            let said = format!("{why:?}");
            let refused = not_minted(AccountId(Uuid::nil()), why);
            assert_eq!(
                (refused.code, refused.retry_after.is_some()),
                (code, later),
                "{said}"
            );
            assert!(!refused.why.contains("key"), "operators' business: {said}");
        }
        let refused = NotMinted::ProviderRefused(Some("errors/invalid_parameters".to_owned()));
        let refused = not_minted(AccountId(Uuid::nil()), refused);
        assert_eq!(
            refused.provider_type.as_deref(),
            Some("errors/invalid_parameters")
        );
    }
}
