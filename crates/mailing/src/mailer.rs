//! Giving a letter to its readers.

use crate::letter::Letter;
use crate::server::Server;
use crate::session::give;
use lettre::address::Address;
use policy::notices::{MailAddress, MailOutcome, Recipient};
use std::time::{Duration, Instant};

/// Time after which no further reader of a letter is begun with: the job that gives it away has a limit.
const BEGUN_WITHIN: Duration = Duration::from_secs(15);

/// Code for an address that no mail can go to, as a server would say it.
const NO_ADDRESS: i16 = 553;

/// Whoever gives letters away.
#[derive(Clone, Debug)]
pub struct Mailer {
    server: Server,
}

impl Mailer {
    /// For letters by way of that server.
    pub const fn new(server: Server) -> Self {
        Self { server }
    }

    /// Gives a letter away, once for each reader, in their order. Takes at most 115 s.
    pub async fn deliver(&self, letter: &Letter, readers: &[MailAddress]) -> Vec<Recipient> {
        let began = Instant::now();
        let mut told = Vec::with_capacity(readers.len());
        for address in readers {
            let outcome = if began.elapsed() < BEGUN_WITHIN {
                self.deliver_one(letter, address).await
            } else {
                MailOutcome::PutOff {
                    code: None,
                    trouble: None,
                }
            };
            told.push(Recipient {
                address: address.clone(),
                outcome,
            });
        }
        told
    }

    async fn deliver_one(&self, letter: &Letter, address: &MailAddress) -> MailOutcome {
        // An address that needs an extension of the protocol is none for us.
        let parsed = address.0.is_ascii().then(|| address.0.parse::<Address>());
        let Some(Ok(to)) = parsed else {
            return MailOutcome::Undeliverable { code: NO_ADDRESS };
        };
        match letter.bytes(&self.server.from, to.clone()) {
            Some(mail) => give(&self.server, &to, &mail).await,
            None => MailOutcome::Undeliverable { code: NO_ADDRESS },
        }
    }
}
