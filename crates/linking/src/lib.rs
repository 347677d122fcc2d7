//! Hosted links: what proves whose they are, and how each is minted once.
//!
//! [`Keys`] derives from one key of the fleet's everything that an owner or the provider carries back to us: names of
//! attempts, tickets of owners' pages, tokens of mails. Nothing of it is stored, so that a copy of the database signs
//! nothing; the URL of a hosted page, which is, is sealed.
//!
//! [`Minter`] is the one caller of [`provider::Provider::hosted_link`]. A mint is a short transaction, a call, a short
//! transaction: no row is locked while the provider is asked, and whoever asks meanwhile waits for the same URL.

mod ask;
mod call;
mod end;
mod failure;
mod keys;
mod minter;
mod names;
mod seal;
mod tickets;
mod turn;
mod urls;
mod waiting;

pub use ask::{AttemptPurpose, Intent, LastLink, LinkAsk, Minted};
pub use failure::NotMinted;
pub use keys::{KeyError, Keys};
pub use minter::{MintEnd, Minter, NoMintEnd};
pub use names::{AttemptName, ParsedName};
pub use tickets::{OptOut, PageTicket};
pub use urls::{PublicUrls, UrlError};
