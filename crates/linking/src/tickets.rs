//! Tickets that owners carry in links of our own: to their page, and out of our mails.

use crate::keys::{CODE_BYTES, Keys, Label};
use crate::names::decoded;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use policy::ids::AccountId;
use uuid::Uuid;

/// First part of a page's ticket: its form.
const PAGE: &str = "p1";
/// First part of an opt-out's token.
const OPT_OUT: &str = "o1";
/// Bytes that a page's ticket says: account, episode, step, end.
const PAGE_BYTES: usize = 34;

/// An owner's page: whose, and what it was handed out for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageTicket {
    /// Account of the owner.
    pub account: AccountId,
    /// Episode that it is about, by its `began_version`; 0 before the first `connected`.
    pub episode: i64,
    /// Step of the notice that carries it; [`PageTicket::OF_A_LINK`] where a link's return address does.
    pub step: i16,
    /// End of its life, to the second; for the reader to check.
    pub ends_at: Timestamp,
}

impl PageTicket {
    /// Step of tickets that no notice carries.
    pub const OF_A_LINK: i16 = -1;

    fn said(&self) -> [u8; PAGE_BYTES] {
        let Self {
            account,
            episode,
            step,
            ends_at,
        } = self;
        let mut said = [0; PAGE_BYTES];
        said[..16].copy_from_slice(account.0.as_bytes());
        said[16..24].copy_from_slice(&episode.to_be_bytes());
        said[24..26].copy_from_slice(&step.to_be_bytes());
        said[26..].copy_from_slice(&ends_at.as_second().to_be_bytes());
        said
    }

    fn of(said: &[u8; PAGE_BYTES]) -> Option<Self> {
        let (account, rest) = said.split_first_chunk::<16>()?;
        let (episode, rest) = rest.split_first_chunk::<8>()?;
        let (step, rest) = rest.split_first_chunk::<2>()?;
        let (ends_at, _) = rest.split_first_chunk::<8>()?;
        Some(Self {
            account: AccountId(Uuid::from_bytes(*account)),
            episode: i64::from_be_bytes(*episode),
            step: i16::from_be_bytes(*step),
            ends_at: Timestamp::from_second(i64::from_be_bytes(*ends_at)).ok()?,
        })
    }
}

/// Whose mails are to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OptOut {
    /// Account whose owner asks.
    pub account: AccountId,
}

impl Keys {
    /// Ticket of an owner's page, for an address: `p1.<67 characters>`.
    pub fn page(&self, of: &PageTicket) -> String {
        self.ticket(PAGE, Label::Page, &of.said())
    }

    /// Reads a ticket that a key in force signed; null for any other. Whether it is over, the caller looks.
    pub fn read_page(&self, text: &str) -> Option<PageTicket> {
        let said: [u8; PAGE_BYTES] =
            self.told::<_, { PAGE_BYTES + CODE_BYTES }>(PAGE, Label::Page, text)?;
        PageTicket::of(&said)
    }

    /// Token of a mail's one-click opt-out, without an end: a mail may be read late.
    pub fn opt_out(&self, of: &OptOut) -> String {
        self.ticket(OPT_OUT, Label::OptOut, of.account.0.as_bytes())
    }

    /// Reads an opt-out that a key in force signed; null for any other.
    pub fn read_opt_out(&self, text: &str) -> Option<OptOut> {
        let said: [u8; 16] = self.told::<_, { 16 + CODE_BYTES }>(OPT_OUT, Label::OptOut, text)?;
        let account = AccountId(Uuid::from_bytes(said));
        Some(OptOut { account })
    }

    fn ticket(&self, form: &str, label: Label, said: &[u8]) -> String {
        let code = self.current().code(label, said);
        let bytes = [said, &code].concat();
        format!("{form}.{}", BASE64_URL_SAFE_NO_PAD.encode(bytes))
    }

    /// What a ticket of that form says, where its code is good.
    fn told<const SAID: usize, const ALL: usize>(
        &self,
        form: &str,
        label: Label,
        text: &str,
    ) -> Option<[u8; SAID]> {
        let rest = text.strip_prefix(form)?.strip_prefix('.')?;
        let bytes: [u8; ALL] = decoded(rest)?;
        let (said, rest) = bytes.split_first_chunk::<SAID>()?;
        let (code, _) = rest.split_first_chunk::<CODE_BYTES>()?;
        self.is_code_of(label, said, code).then_some(*said)
    }
}
