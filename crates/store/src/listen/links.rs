//! Ends of mints, as they are told to whoever waits for a link (R-LNK-1).

use crate::config::Config;
use crate::error::StoreError;
use crate::said::DriverMessage;
use policy::ids::AccountId;
use std::future::poll_fn;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio_postgres::AsyncMessage;
use uuid::Uuid;

/// Ends of mints that a waiter may be behind with; who is behind further looks all the same.
const BEHIND_MAX: usize = 256;

/// A connection that hears whose mints have ended; one for all who wait in a process.
pub struct LinkListener {
    heard: broadcast::Receiver<AccountId>,
    // Dropping the client ends the connection and with it the task that reads from it.
    _client: tokio_postgres::Client,
}

/// Ends of mints that one waiter has not heard yet.
pub struct LinkRings(broadcast::Receiver<AccountId>);

/// What a waiter heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkRing {
    /// A mint of the account has ended, or may have: look.
    Rang,
    /// The connection is gone, and rings may have been lost.
    Lost,
}

impl LinkListener {
    /// Connects and listens. Whatever is committed after this returns is heard.
    pub async fn connect(config: &Config) -> Result<Self, StoreError> {
        let failed = |source| StoreError::Query {
            query: "listen for links",
            source: DriverMessage::of(source),
        };
        let (client, mut connection) = config
            .parsed()?
            .connect(config.tls()?)
            .await
            .map_err(failed)?;
        let (rings, heard) = broadcast::channel(BEHIND_MAX);
        tokio::spawn(async move {
            while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await
            {
                if let AsyncMessage::Notification(notification) = message
                    && let Ok(account) = Uuid::parse_str(notification.payload())
                {
                    // Without anybody who waits it is for nobody; that is no error.
                    rings.send(AccountId(account)).ok();
                }
            }
        });
        let listening = client.batch_execute("listen relink_links").await;
        listening.map_err(failed)?;
        Ok(Self {
            heard,
            _client: client,
        })
    }

    /// Whether the connection is gone.
    pub fn is_lost(&self) -> bool {
        self.heard.is_closed()
    }

    /// Ends of mints from now on.
    pub fn subscribe(&self) -> LinkRings {
        LinkRings(self.heard.resubscribe())
    }
}

impl LinkRings {
    /// Waits until a mint of `account` has ended. Cancel-safe.
    pub async fn of(&mut self, account: AccountId) -> LinkRing {
        loop {
            match self.0.recv().await {
                Ok(ended) if ended == account => return LinkRing::Rang,
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => return LinkRing::Rang,
                Err(RecvError::Closed) => return LinkRing::Lost,
            }
        }
    }
}
