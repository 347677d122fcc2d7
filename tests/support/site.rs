//! Where a rig works: a database and a vhost of its own on the suite's servers, or servers of its own.

use crate::database::{Database, SUPERUSER, connect};
use crate::pair::Pair;
use secrecy::SecretString;
use servers::{Postgres, PostgresOptions, RabbitMq, RabbitMqOptions};
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use tempfile::TempDir;
use tokio_postgres::Client;
use uuid::Uuid;

/// The database of a site with servers of its own.
const DATABASE: &str = "relink";

/// Servers that nobody else uses: they may be killed.
pub struct Private {
    /// Its PostgreSQL.
    pub postgres: Postgres,
    /// Its RabbitMQ.
    pub rabbitmq: RabbitMq,
    // Dropped last: the servers stop first.
    _room: TempDir,
}

/// A place for one test.
pub enum Site {
    /// On the suite's servers.
    Shared {
        /// Its database.
        database: Database,
        /// Its vhost.
        vhost: Vhost,
    },
    /// On servers of its own.
    Private(Private),
    /// A PostgreSQL of its own that keeps what was committed, and a vhost on the suite's broker.
    Durable {
        /// Its PostgreSQL.
        postgres: Postgres,
        /// Its vhost.
        vhost: Vhost,
        /// Directory of the server. Dropped last: the server stops first.
        _room: TempDir,
    },
    /// A PostgreSQL and its standby behind one address, and a vhost on the suite's broker.
    Paired {
        /// Its servers.
        pair: Pair,
        /// Its vhost.
        vhost: Vhost,
    },
}

impl Site {
    /// A database and a vhost of the test's own.
    pub async fn shared() -> Self {
        Self::Shared {
            database: Database::fresh().await,
            vhost: Vhost::fresh().await,
        }
    }

    /// Servers of the test's own, migrated.
    pub async fn private() -> Self {
        let room = room();
        let (at_postgres, at_rabbitmq) =
            (room.path().join("postgres"), room.path().join("rabbitmq"));
        let keep = RabbitMqOptions {
            keep_data: true,
            ..RabbitMqOptions::default()
        };
        let (postgres, rabbitmq) = tokio::join!(
            Postgres::start(&at_postgres, PostgresOptions::default()),
            RabbitMq::start(&at_rabbitmq, keep),
        );
        let private = Private {
            postgres: postgres.expect("start PostgreSQL"),
            rabbitmq: rabbitmq.expect("start RabbitMQ"),
            _room: room,
        };
        Self::Private(private).migrated().await
    }

    /// A PostgreSQL of the test's own, migrated, that keeps what was committed: the suite's may lose it. The broker is the
    /// suite's.
    pub async fn durable() -> Self {
        let room = room();
        let directory = room.path().join("postgres");
        let (postgres, vhost) = tokio::join!(
            Postgres::start(&directory, PostgresOptions::default()),
            Vhost::fresh()
        );
        let site = Self::Durable {
            postgres: postgres.expect("start PostgreSQL"),
            vhost,
            _room: room,
        };
        site.migrated().await
    }

    /// Two servers of the test's own, migrated, of which one follows the other.
    pub async fn paired() -> Self {
        let (pair, vhost) = tokio::join!(Pair::start(), Vhost::fresh());
        Self::Paired { pair, vhost }.migrated().await
    }

    async fn migrated(self) -> Self {
        let config = |url: String| store::Config::new(SecretString::from(url), "relink-test");
        if !matches!(self, Self::Shared { .. }) {
            let server = config(self.url(SUPERUSER, "postgres"));
            store::migrate::create_database(&server, DATABASE)
                .await
                .expect("create the database");
        }
        store::migrate::migrate(&self.database(SUPERUSER))
            .await
            .expect("migrate");
        self
    }

    /// Where `role` finds the database.
    pub fn database_url(&self, role: &str) -> String {
        self.url(role, DATABASE)
    }

    /// Where `role` finds a database of that name; on the suite's server there is only the test's.
    fn url(&self, role: &str, database: &str) -> String {
        match self {
            Self::Shared { database, .. } => database.url(role),
            Self::Private(Private { postgres, .. }) | Self::Durable { postgres, .. } => {
                postgres.url(role, database)
            }
            Self::Paired { pair, .. } => pair.url(role, database),
        }
    }

    /// How a store reaches the database as `role`.
    pub fn database(&self, role: &str) -> store::Config {
        let mut config =
            store::Config::new(SecretString::from(self.database_url(role)), "relink-test");
        config.connections_max = 4;
        config
    }

    /// Where the broker is.
    pub fn amqp_url(&self) -> String {
        match self {
            Self::Shared { vhost, .. }
            | Self::Durable { vhost, .. }
            | Self::Paired { vhost, .. } => vhost.url.clone(),
            Self::Private(private) => private.rabbitmq.amqp_url("/"),
        }
    }

    /// A superuser's connection.
    pub async fn owner(&self) -> Client {
        connect(&self.database_url(SUPERUSER)).await
    }

    /// A PostgreSQL that may be killed.
    pub fn postgres(&mut self) -> &mut Postgres {
        match self {
            Self::Private(Private { postgres, .. }) | Self::Durable { postgres, .. } => postgres,
            Self::Shared { .. } => panic!("this server is everybody's"),
            Self::Paired { .. } => panic!("these are two"),
        }
    }

    /// Both servers, of a paired site.
    pub fn pair(&mut self) -> &mut Pair {
        match self {
            Self::Paired { pair, .. } => pair,
            _ => panic!("there is no standby"),
        }
    }

    /// The servers, of a private site.
    pub fn servers(&mut self) -> &mut Private {
        match self {
            Self::Private(private) => private,
            Self::Shared { .. } | Self::Durable { .. } | Self::Paired { .. } => {
                panic!("a server of these is everybody's")
            }
        }
    }
}

/// A directory that PostgreSQL's user may pass through.
pub(crate) fn room() -> TempDir {
    tempfile::Builder::new()
        .prefix("relink-fault-")
        .permissions(Permissions::from_mode(0o711))
        .tempdir()
        .expect("make a directory")
}

/// A vhost on the suite's broker, deleted with everything in it at its end.
pub struct Vhost {
    url: String,
    resource: String,
}

impl Vhost {
    async fn fresh() -> Self {
        let (amqp, management) = addresses();
        let name = format!("t{}", Uuid::now_v7().simple());
        let vhost = Self {
            url: format!(
                "{}/{name}",
                amqp.rsplit_once('/').map_or(amqp.as_str(), |it| it.0)
            ),
            resource: format!("{management}/api/vhosts/{name}"),
        };
        ask(reqwest::Method::PUT, vhost.resource.clone())
            .await
            .expect("make a vhost");
        vhost
    }
}

impl Drop for Vhost {
    fn drop(&mut self) {
        let resource = self.resource.clone();
        // A thread with a runtime of its own: this also runs while the test's runtime unwinds.
        let deleting = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(|error| error.to_string())?;
            runtime.block_on(ask(reqwest::Method::DELETE, resource))
        });
        match deleting.join() {
            Ok(Ok(())) => {}
            Ok(Err(error)) => eprintln!("a vhost stays: {error}"),
            Err(_) => eprintln!("a vhost stays: deleting it panicked"),
        }
    }
}

async fn ask(method: reqwest::Method, url: String) -> Result<(), String> {
    secure();
    let asked = reqwest::Client::new().request(method, url).send().await;
    asked
        .and_then(reqwest::Response::error_for_status)
        .map(drop)
        .map_err(|error| error.without_url().to_string())
}

/// Lets this process speak TLS, as `main` does for a program.
pub fn secure() {
    // A second installation in one process is the only failure, and harmless.
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
}

fn addresses() -> (String, String) {
    #[expect(
        clippy::disallowed_methods,
        reason = "with-servers tells the tests where its servers are"
    )]
    let of = |name: &str| {
        std::env::var(name)
            .unwrap_or_else(|_| panic!("{name}: run the tests through `with-servers`"))
    };
    (
        of("RELINK_TEST_AMQP_URL"),
        of("RELINK_TEST_RABBITMQ_MANAGEMENT_URL"),
    )
}
