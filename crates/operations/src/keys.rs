//! Keys of acts that call outward: held from the first transaction, answered in the last one (R-API-2). An act of one transaction
//! needs no hold: [`crate::perform_once`].
//!
//! ```text
//! let hold = match KeyHold::begin(store, token, scope, key).await? {
//!     KeyUse::Held(hold) => hold,
//!     KeyUse::Answered(kept) => return Ok(kept),
//! };
//! // First transaction, the call, second transaction; in that one:
//! hold.complete(&tx, &answer).await?;
//! // If nothing was done:
//! hold.release(store).await?;
//! ```

use crate::code::Code;
use crate::refused::Refused;
use jiff::Timestamp;
use secrecy::SecretString;
use std::time::Duration;
use store::operators::Scope;
use store::{Store, StoreError, Tx};
use uuid::Uuid;

pub use store::keys::{ActKey, KEY_BYTES_MAX, KeptAnswer, KeyState};

/// Length of a hold. Longer than any call outward and its transactions take; after that the key of a process that died is free.
pub const HOLD: Duration = Duration::from_mins(1);

/// Time after which a request that is under way is asked for again.
const SOON: Duration = Duration::from_secs(1);

/// Key of an act that calls outward, held for this request until [`HOLD`] is over.
#[derive(Debug)]
pub struct KeyHold {
    token: SecretString,
    key: ActKey,
    audit: Uuid,
    held_until: Timestamp,
    cut_off: Option<Uuid>,
}

/// Key that was asked for before an act that calls outward.
#[derive(Debug)]
pub enum KeyUse {
    /// Nobody has done the act: this request does it now.
    Held(KeyHold),
    /// An earlier request did it; its answer.
    Answered(KeptAnswer),
}

impl KeyHold {
    /// Holds the key in a transaction of its own, before any other of the act; refused while another request has it.
    pub async fn begin(
        store: &Store,
        token: &SecretString,
        scope: Scope,
        key: &ActKey,
    ) -> Result<KeyUse, Refused> {
        let tx = store.begin().await?;
        let begun = Self::begin_in(&tx, (token, scope), key, None).await;
        match begun {
            Ok(KeyUse::Held(_)) => tx.finish().await?,
            Ok(KeyUse::Answered(_)) | Err(_) => tx.abandon().await,
        }
        begun
    }

    /// Holds the key in the act's first transaction. `subject` is what that one makes; a request that goes on after a crash finds the
    /// one of before in [`Self::cut_off`], and makes no second.
    pub async fn begin_in(
        tx: &Tx,
        (token, scope): (&SecretString, Scope),
        key: &ActKey,
        subject: Option<Uuid>,
    ) -> Result<KeyUse, Refused> {
        let (audit, cut_off) = match tx.take_key(token, scope, key).await? {
            KeyState::Free { audit, cut_off } => (audit, cut_off),
            KeyState::Answered(kept) => return Ok(KeyUse::Answered(kept)),
            other => return Err(key_refused(other)),
        };
        let held = (HOLD, cut_off.or(subject));
        let held_until = tx.hold_key(token, (key, audit), held).await?;
        Ok(KeyUse::Held(Self {
            token: token.clone(),
            key: key.clone(),
            audit,
            held_until,
            cut_off,
        }))
    }

    /// Id that the act's row in `operator_audit` gets.
    pub fn audit(&self) -> Uuid {
        self.audit
    }

    /// What the same request had made before it was cut off, once its hold was over.
    pub fn cut_off(&self) -> Option<Uuid> {
        self.cut_off
    }

    /// Keeps the answer in the transaction of the effect. An error means that the hold was over and the key is another's: roll back.
    pub async fn complete(&self, tx: &Tx, answer: &KeptAnswer) -> Result<(), StoreError> {
        let held = (&self.key, self.audit, Some(self.held_until));
        tx.keep_answer(&self.token, held, answer).await
    }

    /// Gives the key back after an act that did nothing: the next request with it is a first one. If that fails, the key is
    /// free when the hold is over.
    pub async fn release(self, store: &Store) -> Result<(), Refused> {
        let tx = store.begin().await?;
        tx.release_key(&self.token, &self.key, self.held_until)
            .await?;
        Ok(tx.finish().await?)
    }
}

/// Refusal of an act whose key is another's, or is in use.
pub(crate) fn key_refused(taken: KeyState) -> Refused {
    match taken {
        KeyState::Other(Some(route)) => {
            let why = format!("this key was used for another request: {route}");
            Refused::of_code(Code::KeyReused, why)
        }
        KeyState::Other(None) => Refused::of_code(Code::KeyReused, "this key is another request's"),
        KeyState::Running | KeyState::Free { .. } | KeyState::Answered(_) => {
            let why = "the same request with this key is under way; ask again in a moment";
            Refused::of_code(Code::KeyInUse, why).after(SOON)
        }
    }
}
