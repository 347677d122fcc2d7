//! Registering webhooks with the provider. The call itself is the command's, after this is committed: a row says who meant
//! it, also where the provider's answer is lost.

use crate::{Done, Operation, Refused};
use policy::events::Source;
use store::Tx;
use store::operators::{Act, Scope};

/// Registers a webhook for each of some sources.
#[derive(Clone, Debug)]
pub struct Register {
    /// Sources that the provider has no webhook of ours for.
    pub sources: Vec<Source>,
}

impl Operation for Register {
    const SCOPE: Scope = Scope::Operate;

    fn what(&self) -> String {
        "webhooks ensure".to_owned()
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        let words: Vec<&str> = self.sources.iter().map(|it| it.as_str()).collect();
        tx.note_webhooks(act, &words).await?;
        let says = format!("asked the provider for webhooks of {}", words.join(", "));
        Ok(Done::new(says))
    }
}
