//! What a product back end reads of its accounts and says of them: one workspace's, with their pills (R-PILL-1, R-API-1).

mod change;
mod create;
mod history;
mod link;
mod not_minted;
mod pages;
mod said;
mod view;

pub use change::ChangeAccount;
pub use create::{AccountCreated, CreateAccount, LinkProblem, NewAccount, create_with_link};
pub use history::{ChangeView, EpisodePage, PastEpisodeView, Timeline, episodes, timeline};
pub use link::{LinkFor, LinkView, LinkWish, Reconnect, give_link, given_before, try_link};
pub use pages::OwnerPages;
pub use said::OwnerSaid;
pub use view::{AccountsAsked, OwnerView, OwnersView, PageView, PillView, account, accounts};
