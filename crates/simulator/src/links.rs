//! Hosted links: pages on which an owner connects or reconnects an account.

use crate::control::{LinkState, LinkView};
use jiff::{SignedDuration, Timestamp};
use std::collections::{HashMap, VecDeque};

/// How many links are remembered; the oldest are forgotten, as if they had expired.
const LINKS_MAX: usize = 20_000;

/// All links that were minted, newest last.
#[derive(Default)]
pub(crate) struct Links {
    by_token: HashMap<String, (LinkView, Option<String>)>,
    order: VecDeque<String>,
}

impl Links {
    /// Remembers a link, and the provider that its owner is offered first.
    pub(crate) fn mint(&mut self, link: LinkView, provider: Option<String>) {
        if self.order.len() == LINKS_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.by_token.remove(&oldest);
        }
        self.order.push_back(link.token.clone());
        self.by_token.insert(link.token.clone(), (link, provider));
    }

    pub(crate) fn get(&self, token: &str) -> Option<&(LinkView, Option<String>)> {
        self.by_token.get(token)
    }

    /// Counts a visit of the link's page.
    pub(crate) fn open(&mut self, token: &str) -> Option<LinkView> {
        let (link, _) = self.by_token.get_mut(token)?;
        link.opened += 1;
        Some(link.clone())
    }

    /// Ends a link; what it came to.
    pub(crate) fn end(
        &mut self,
        token: &str,
        state: LinkState,
        account_id: Option<String>,
    ) -> Option<LinkView> {
        let (link, _) = self.by_token.get_mut(token)?;
        link.state = state;
        link.account_id = account_id;
        Some(link.clone())
    }

    /// Ends the life of every open link, whatever it was minted with.
    pub(crate) fn expire(&mut self, now: Timestamp) {
        for (link, _) in self.by_token.values_mut() {
            if link.state == LinkState::Open {
                // A link whose last instant is this one could be used in it.
                link.expires_on = link.expires_on.min(now - SignedDuration::from_millis(1));
            }
        }
    }

    pub(crate) fn all(&self) -> Vec<LinkView> {
        self.order
            .iter()
            .filter_map(|token| self.by_token.get(token))
            .map(|(link, _)| link.clone())
            .collect()
    }
}
