//! The name of an attempt: what a callback of the provider's proves itself by (R-LNK-2).

use crate::keys::{CODE_BYTES, Keys, Label};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use policy::ids::{AccountId, AttemptId, WorkspaceId};
use uuid::Uuid;

/// First part of a name: its form.
const FORM: &str = "r1";

/// Everything that a name is signed over; an attempt's row says it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttemptName {
    /// Attempt that it names.
    pub attempt: AttemptId,
    /// Account of the attempt.
    pub account: AccountId,
    /// Workspace of the account.
    pub workspace: WorkspaceId,
    /// Last instant at which a callback may carry it (`ends_at` of the row), to the microsecond.
    pub name_ends_at: Timestamp,
}

/// A name as it came in: nothing of it is proved before [`Keys::proves`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParsedName {
    /// Attempt that it says it names.
    pub attempt: AttemptId,
    /// Code that it brings.
    pub mac: [u8; CODE_BYTES],
}

impl Keys {
    /// Name of an attempt, for the provider: `r1.<attempt>.<code>`, 48 characters.
    pub fn name(&self, of: &AttemptName) -> String {
        let code = self.current().code(Label::Name, &of.signed());
        let attempt = BASE64_URL_SAFE_NO_PAD.encode(of.attempt.0.as_bytes());
        format!("{FORM}.{attempt}.{}", BASE64_URL_SAFE_NO_PAD.encode(code))
    }

    /// Reads a name; null for what was never one of ours, in any other length or form.
    pub fn parse_name(text: &str) -> Option<ParsedName> {
        let (form, rest) = text.split_once('.')?;
        let (attempt, mac) = rest.split_once('.')?;
        let attempt: [u8; 16] = decoded(attempt)?;
        let parsed = ParsedName {
            attempt: AttemptId(Uuid::from_bytes(attempt)),
            mac: decoded(mac)?,
        };
        (form == FORM).then_some(parsed)
    }

    /// Whether the name is the one of that row, by a key in force.
    pub fn proves(&self, parsed: &ParsedName, of: &AttemptName) -> bool {
        parsed.attempt == of.attempt && self.is_code_of(Label::Name, &of.signed(), &parsed.mac)
    }
}

impl AttemptName {
    fn signed(&self) -> [u8; 56] {
        let Self {
            attempt,
            account,
            workspace,
            name_ends_at,
        } = self;
        let mut signed = [0; 56];
        signed[..16].copy_from_slice(attempt.0.as_bytes());
        signed[16..32].copy_from_slice(account.0.as_bytes());
        signed[32..48].copy_from_slice(workspace.0.as_bytes());
        signed[48..].copy_from_slice(&name_ends_at.as_microsecond().to_be_bytes());
        signed
    }
}

/// Bytes of exactly that length.
pub(crate) fn decoded<const N: usize>(text: &str) -> Option<[u8; N]> {
    BASE64_URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}
