//! Owners who link accounts while the fleet runs, and what they need: an API that answers, and webhooks.

use super::Stage;
use super::front::product;
use crate::commands::Failure;
use crate::local::Login;
use crate::up::children::Process;
use crate::up::control::Control;
use crate::up::owners::{OwnersNote, Site, SiteAddresses};
use std::path::Path;

/// Operator's reason for having the provider tell of its sessions.
const REASON: &str = "the fleet of a demonstration starts";

impl Stage {
    /// Starts the API, and makes what its product needs. Before the provider is there: whose time runs fast must not wait.
    pub(super) async fn open_front(
        &mut self,
        provider: &str,
        logs: &Path,
    ) -> Result<Site, Failure> {
        let own = self.settings("relink_operator", provider, self.front.health_port())?;
        let settings = [own, self.front.api_settings()].concat();
        let api = Process::start("api", &["api"], &settings, logs)?;
        self.children.push(api);
        Control::new(self.front.health())?.ready().await?;
        let addresses = SiteAddresses {
            product: self.front.product(),
            token: product(&self.owner, &self.store, self.from).await?,
            provider: provider.to_owned(),
        };
        let mails = self.front.mails().clone();
        let site = Site::new(addresses, mails, logs, self.speed)?;
        if let Some(page) = site.welcome(self.from.as_second()).await? {
            let line = format!("{page}   (an account waits there for you)");
            self.places.push(("browser".to_owned(), line));
        }
        Ok(site)
    }

    /// Has the provider tell of its sessions by webhooks, by the command that an operator types. Nobody waits for it: without them
    /// callbacks and looks find everything all the same.
    pub(super) fn ensure_webhooks(&mut self, logs: &Path) -> Result<(), Failure> {
        let settings = self.fleet.clone().into_settings(Login::Operator);
        let settings: Vec<(&str, String)> = settings
            .iter()
            .map(|(name, value)| (name.as_str(), value.clone()))
            .collect();
        let command = ["webhooks", "ensure", "--reason", REASON];
        let ensuring = Process::start("webhooks", &command, &settings, logs)?;
        self.ensuring = Some(ensuring);
        Ok(())
    }

    /// Lets owners begin nothing more.
    pub(super) async fn rest_owners(&mut self) -> OwnersNote {
        match self.owners.take() {
            Some(owners) => owners.rest().await,
            None => OwnersNote::default(),
        }
    }
}
