//! The process: three listeners and what they share.

use crate::app::App;
use crate::config::Config;
use crate::door::router;
use crate::limits::Limits;
use crate::listener::Listener;
use crate::open::{OpenRoute, open_router};
use crate::openapi::document;
use crate::proofs::Proofs;
use crate::route::Route;
use crate::routes;
use fleet::http::Check;
use linking::Minter;
use serde_json::Value;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error("listen on {address} ({setting})")]
pub struct NoListener {
    address: SocketAddr,
    setting: &'static str,
    #[source]
    source: io::Error,
}

/// Titles of the documents, and what they are about.
const PRODUCT: (&str, &str) = (
    "Relink product API",
    "What a product back end reads of its own workspace, and configures of it.",
);
const OPS: (&str, &str) = (
    "Relink operators' API",
    "What operators read and do. Every act needs a reason, has a dry run, and leaves its audit row.",
);

/// OpenAPI documents of the listeners, by their names.
pub fn documents() -> [(&'static str, Value); 2] {
    [
        ("product", document(PRODUCT, &product_routes())),
        ("ops", document(OPS, &ops_routes())),
    ]
}

/// Every route of the product listener.
pub fn product_routes() -> Vec<Route> {
    routes::product::routes()
}

/// Every route of the operators' listener.
pub fn ops_routes() -> Vec<Route> {
    routes::ops::routes()
}

/// Every route of the links listener: what the provider and owners' browsers call, without a token.
pub fn links_routes() -> Vec<OpenRoute> {
    let callbacks = routes::callbacks::routes().into_iter();
    callbacks.chain(routes::owners::routes()).collect()
}

/// The API, bound to its addresses.
pub struct Api {
    app: Arc<App>,
    /// What requests to the links listener share: room and limits of their own, so that a flood from outside takes none of
    /// products and operators.
    links: Arc<App>,
    listeners: Vec<Listener>,
    drain: Duration,
}

impl Api {
    /// Binds the addresses. The database is not asked for anything yet.
    pub async fn bind(config: &Config, store: Store, minter: Minter) -> Result<Self, NoListener> {
        let proofs = Arc::new(Proofs::new(&config.webhook_secrets));
        let app = shared(config, &store, &minter, &proofs);
        let links = shared(config, &store, &minter, &proofs);
        let product = product_routes();
        let ops = ops_routes();
        let product = router(&app, &product, PRODUCT);
        let ops = router(&app, &ops, OPS);
        let webhooks = open_router(&links, &links_routes());
        let mut listeners = vec![];
        for (name, setting, address, (router, app)) in [
            (
                "product",
                "RELINK_API_PRODUCT_ADDRESS",
                config.product,
                (product, &app),
            ),
            ("ops", "RELINK_API_OPS_ADDRESS", config.ops, (ops, &app)),
            (
                "webhooks",
                "RELINK_API_WEBHOOKS_ADDRESS",
                config.webhooks,
                (webhooks, &links),
            ),
        ] {
            let bound = TcpListener::bind(address).await;
            let socket = bound.map_err(|source| NoListener {
                address,
                setting,
                source,
            })?;
            listeners.push(Listener {
                name,
                socket,
                router,
                app: Arc::clone(app),
                connections_max: config.connections_max as usize,
                head_timeout: config.read_timeout,
            });
        }
        Ok(Self {
            app,
            links,
            listeners,
            drain: config.drain,
        })
    }

    /// What readiness needs: the database at this build's schema, and that nobody asked to stop.
    pub fn checks(&self, stop: &CancellationToken) -> Vec<Check> {
        let (store, stop) = (self.app.store.clone(), stop.clone());
        vec![
            Check::new("database", move || {
                let store = store.clone();
                async move {
                    let checked = store.check_schema().await;
                    checked.map_err(|error| fleet::chain(&error))
                }
            }),
            Check::new("listeners", move || {
                let is_stopping = stop.is_cancelled();
                async move {
                    if is_stopping {
                        Err("stopping".to_owned())
                    } else {
                        Ok(())
                    }
                }
            }),
        ]
    }

    /// Answers until `stop`, then finishes what runs within the deadline. How many acts had to be left.
    pub async fn run(self, stop: CancellationToken) -> usize {
        let callbacks = self.app.minter.urls().link_callback();
        tracing::info!(%callbacks, "the provider is told to call back there");
        let serving = self.listeners.into_iter().map(|listener| {
            match listener.socket.local_addr() {
                Ok(address) => tracing::info!(listener = listener.name, %address, "listening"),
                Err(error) => {
                    tracing::warn!(listener = listener.name, %error, "listening somewhere");
                }
            }
            listener.serve(stop.clone())
        });
        let acts = [self.app.acts.clone(), self.links.acts.clone()];
        let all = async {
            futures_util::future::join_all(serving).await;
            for acts in &acts {
                acts.close();
                acts.wait().await;
            }
        };
        let too_late = async {
            stop.cancelled().await;
            tokio::time::sleep(self.drain).await;
        };
        tokio::select! {
            () = all => {}
            () = too_late => tracing::warn!("some requests did not end within the deadline"),
        }
        acts.iter().map(TaskTracker::len).sum()
    }
}

/// What the requests of some listeners share.
fn shared(config: &Config, store: &Store, minter: &Minter, proofs: &Arc<Proofs>) -> Arc<App> {
    Arc::new(App {
        store: store.clone(),
        limits: Limits::new(config.rate_per_minute),
        slots: Semaphore::new(config.requests_max as usize),
        acts: TaskTracker::new(),
        read_timeout: config.read_timeout,
        removals: config.removals,
        minter: minter.clone(),
        proofs: Arc::clone(proofs),
    })
}
