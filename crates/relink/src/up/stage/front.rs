//! The side of a demonstration to which the product, the provider and owners come: the API's listeners, their keys, the mailbox,
//! and a workspace with a product of its own.

use crate::commands::{Failure, operator};
use crate::local::write_private;
use crate::up::mailbox::{Mailbox, Shelf};
use jiff::Timestamp;
use linking::Keys;
use policy::ids::WorkspaceId;
use secrecy::{ExposeSecret as _, SecretString};
use std::path::Path;
use std::time::Duration;
use store::operators::{self, NewToken, Scope};
use store::seed::{self, Fleet};
use store::{Config, Store, StoreError};
use uuid::Uuid;

/// Workspace of the owners who link accounts while one looks. Nothing is planted there.
const WORKSPACE: &str = "Lakeside";
/// Product that acts for it.
const PRODUCT: &str = "lakeside-product";
const BY: (&str, &str) = ("relink up", "the product of a demonstration's owners");
/// Workspaces of a demonstration at most.
const WORKSPACES_MAX: u32 = 100;
/// Time of the fleet's clock.
const LIFE: Duration = Duration::from_hours(24 * 366);
/// Requests a minute: owners ask often where time flies.
const RATE: u32 = 60_000;

/// Ports of the API.
#[derive(Clone, Copy, Debug)]
pub(super) struct FrontPorts {
    pub(super) health: u16,
    pub(super) product: u16,
    pub(super) ops: u16,
    pub(super) links: u16,
}

/// Addresses, keys and mails.
pub(crate) struct Front {
    ports: FrontPorts,
    secrets_key: SecretString,
    webhook_secret: SecretString,
    mailbox: Mailbox,
}

impl Front {
    /// Opens the mailbox, and draws the keys; the one that links are signed with stays with data that is kept.
    pub(super) async fn open(
        dir: &Path,
        is_kept: bool,
        ports: FrontPorts,
    ) -> Result<Self, Failure> {
        Ok(Self {
            ports,
            secrets_key: secrets_key(dir, is_kept)?,
            webhook_secret: operator::draw_token()?.1,
            mailbox: Mailbox::open(&dir.join("mail"), is_kept).await?,
        })
    }

    /// Keys that sign links.
    pub(super) fn keys(&self) -> Result<Keys, Failure> {
        Ok(Keys::parse(&self.secrets_key, None)?)
    }

    /// Mails that came.
    pub(crate) fn mails(&self) -> &Shelf {
        self.mailbox.shelf()
    }

    /// Settings of every process that makes links or mails, and of commands.
    pub(super) fn settings(&self) -> Vec<(&'static str, String)> {
        let secret = |it: &SecretString| it.expose_secret().to_owned();
        vec![
            ("RELINK_SECRETS_KEY", secret(&self.secrets_key)),
            ("RELINK_WEBHOOK_SECRET", secret(&self.webhook_secret)),
            ("RELINK_PUBLIC_URL", at(self.ports.links)),
            ("RELINK_SMTP_URL", self.mailbox.url()),
            (
                "RELINK_MAIL_FROM",
                "Relink <notices@relink.example>".to_owned(),
            ),
        ]
    }

    /// Settings of the API alone.
    pub(super) fn api_settings(&self) -> Vec<(&'static str, String)> {
        let FrontPorts {
            health: _,
            product,
            ops,
            links,
        } = self.ports;
        let address = |port: u16| format!("127.0.0.1:{port}");
        vec![
            ("RELINK_API_PRODUCT_ADDRESS", address(product)),
            ("RELINK_API_OPS_ADDRESS", address(ops)),
            ("RELINK_API_WEBHOOKS_ADDRESS", address(links)),
            ("RELINK_API_RATE_PER_MINUTE", RATE.to_string()),
        ]
    }

    /// Address of the product listener.
    pub(super) fn product(&self) -> String {
        at(self.ports.product)
    }

    /// Address of the API's health.
    pub(super) fn health(&self) -> String {
        at(self.ports.health)
    }

    /// Port of the API's health.
    pub(super) fn health_port(&self) -> u16 {
        self.ports.health
    }

    /// What there is to look at.
    pub(super) fn places(&self) -> Vec<(String, String)> {
        let place = |what: &str, place: String| (what.to_owned(), place);
        vec![
            place("mail", self.mails().dir().display().to_string()),
            place("product", format!("{}/v1/openapi.json", self.product())),
            place(
                "operators",
                format!("{}/v1/openapi.json", at(self.ports.ops)),
            ),
        ]
    }
}

fn at(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// Key of links, which pages in mails of earlier runs were signed with, where their data is kept.
fn secrets_key(dir: &Path, is_kept: bool) -> Result<SecretString, Failure> {
    let file = dir.join("secrets.key");
    if is_kept && file.exists() {
        return Ok(SecretString::from(std::fs::read_to_string(file)?));
    }
    let (_, key) = operator::draw_token()?;
    write_private(&file, key.expose_secret())?;
    Ok(key)
}

/// The owners' workspace, and a token of its product. Those of earlier runs are revoked.
pub(super) async fn product(
    owner: &Config,
    store: &Store,
    from: Timestamp,
) -> Result<SecretString, Failure> {
    let known = store.reading(async |tx| tx.workspaces(None, WORKSPACES_MAX).await);
    let known = known.await?.into_iter().find(|it| it.name == WORKSPACE);
    let workspace = match known {
        Some(known) => known.id,
        None => plant(owner, from).await?,
    };
    operators::revoke(owner, PRODUCT, BY).await?;
    let (id, secret) = operator::draw_token()?;
    let token = NewToken {
        id: &id,
        secret: secret.expose_secret(),
        operator: PRODUCT,
        scopes: &[Scope::Product],
        workspace: Some(workspace.0),
        life: LIFE,
    };
    operators::add(owner, &token, BY).await?;
    Ok(format!("rlo_{id}_{}", secret.expose_secret()).into())
}

async fn plant(owner: &Config, from: Timestamp) -> Result<WorkspaceId, StoreError> {
    let id = WorkspaceId(Uuid::now_v7());
    let fleet = Fleet {
        workspaces: vec![(id, WORKSPACE.to_owned())],
        ..Fleet::default()
    };
    seed::plant(owner, &fleet, from).await?;
    Ok(id)
}
