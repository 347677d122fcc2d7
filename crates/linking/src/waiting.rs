//! Waiting for a link that another call mints, in this process or in another.

use policy::ids::AccountId;
use std::time::Duration;
use store::Store;
use store::listen::{LinkListener, LinkRing, LinkRings};
use tokio::sync::Mutex;

/// Between two looks where the database cannot ring.
const DEAF: Duration = Duration::from_millis(200);

/// The one connection of a minter that listens; made when somebody waits first.
#[derive(Default)]
pub(crate) struct Listening(Mutex<Option<LinkListener>>);

/// One call that waits.
pub(crate) struct Waiter(Option<LinkRings>);

impl Listening {
    /// Begins to hear: whatever ends after this returns is heard, unless the database cannot be listened to.
    pub(crate) async fn wait(&self, store: &Store) -> Waiter {
        let mut listener = self.0.lock().await;
        if listener.as_ref().is_none_or(LinkListener::is_lost) {
            *listener = match LinkListener::connect(store.config()).await {
                Ok(connected) => Some(connected),
                Err(error) => {
                    tracing::debug!(%error, "ends of mints are not heard; looks instead");
                    None
                }
            };
        }
        Waiter(listener.as_ref().map(LinkListener::subscribe))
    }
}

impl Waiter {
    /// Waits until a mint of `account` may have ended, for `most` at most.
    pub(crate) async fn ring(&mut self, account: AccountId, most: Duration) {
        let Some(rings) = &mut self.0 else {
            tokio::time::sleep(most.min(DEAF)).await;
            return;
        };
        let heard = tokio::time::timeout(most, rings.of(account)).await;
        if heard == Ok(LinkRing::Lost) {
            self.0 = None;
        }
    }
}
