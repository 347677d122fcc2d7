//! A database for one test, cloned from a migrated template, dropped at its end however it ends.

use secrecy::SecretString;
use std::path::Path;
use store::{Config, Store};
use tokio_postgres::{Client, NoTls};
use uuid::Uuid;

/// Any number that nothing else locks; on the server's own database, so that processes meet there.
const TEMPLATE_LOCK: i64 = 726_504_777;
/// Connections of one store at most: many tests share one server.
const CONNECTIONS_MAX: usize = 12;

/// The superuser of the test server.
pub const SUPERUSER: &str = "postgres";
/// The roles that the system runs as.
pub const RUNTIME_ROLES: [&str; 4] = [
    "relink_worker",
    "relink_scheduler",
    "relink_reader",
    "relink_operator",
];

/// A migrated database of its own. Dropping it drops the database, whoever is connected.
#[derive(Debug)]
pub struct Database {
    name: String,
    address: String,
}

impl Database {
    /// A database at this build's schema, with no row in it but those that the migrations write.
    pub async fn fresh() -> Self {
        let template = template().await;
        let (database, server) = Self::created(&template).await;
        server
            .batch_execute(&rights(&database.name))
            .await
            .expect("grant the database's rights");
        database
    }

    /// A database with nothing in it, as the migrator first meets it.
    pub async fn empty() -> Self {
        Self::created("template1").await.0
    }

    /// A database as this one stands. Whoever is connected to this one is sent away, so that nothing changes in it any more.
    pub async fn copy(&self) -> Self {
        let leave =
            "select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = $1";
        let server = connect(&url(&self.address, SUPERUSER, "postgres")).await;
        // Processes come back at once.
        let admit = async |whether: bool| {
            let set = format!("alter database {} allow_connections {whether}", self.name);
            server.batch_execute(&set).await.expect(&set);
        };
        admit(false).await;
        server
            .execute(leave, &[&self.name])
            .await
            .expect("send everybody away");
        let (database, _) = Self::created(&self.name).await;
        admit(true).await;
        server
            .batch_execute(&rights(&database.name))
            .await
            .expect("grant the database's rights");
        database
    }

    async fn created(template: &str) -> (Self, Client) {
        let database = Self {
            name: format!("relink_test_{}", Uuid::now_v7().simple()),
            address: address(),
        };
        let server = connect(&url(&database.address, SUPERUSER, "postgres")).await;
        // As files: through the log it takes twice as long.
        server
            .batch_execute(&format!(
                "create database {} template {template} strategy file_copy",
                database.name
            ))
            .await
            .expect("clone the template");
        (database, server)
    }

    /// Where `role` finds it.
    pub fn url(&self, role: &str) -> String {
        url(&self.address, role, &self.name)
    }

    /// Its name on the server.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How a store reaches it as `role`.
    pub fn config(&self, role: &str) -> Config {
        config(&self.url(role))
    }

    /// A store that works as `role`; it connects when first asked.
    pub fn store(&self, role: &str) -> Store {
        Store::new(self.config(role)).expect("a store for the test's database")
    }

    /// The same of so many connections at most.
    pub fn narrow_store(&self, role: &str, connections_max: usize) -> Store {
        let mut config = self.config(role);
        config.connections_max = connections_max;
        Store::new(config).expect("a store for the test's database")
    }

    /// A connection as `role`, for what no store would do.
    pub async fn client(&self, role: &str) -> Client {
        connect(&self.url(role)).await
    }

    /// A superuser's connection, for planting what no role of ours may.
    pub async fn owner(&self) -> Client {
        self.client(SUPERUSER).await
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let server = url(&self.address, SUPERUSER, "postgres");
        let statement = format!("drop database if exists {} with (force)", self.name);
        // A thread with a runtime of its own: this also runs while the test's runtime unwinds.
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(async {
                let (client, connection) = tokio_postgres::connect(&server, NoTls)
                    .await
                    .map_err(std::io::Error::other)?;
                tokio::select! {
                    done = client.batch_execute(&statement) => done.map_err(std::io::Error::other),
                    ended = connection => ended.map_err(std::io::Error::other),
                }
            })
        });
        match dropping.join() {
            Ok(Ok(())) => {}
            // The server may have been stopped by the test; its directory goes with it.
            Ok(Err(error)) => eprintln!("the database {} stays: {error}", self.name),
            Err(_) => eprintln!("the database {} stays: dropping it panicked", self.name),
        }
    }
}

/// Rights on a database are not cloned with it. The migrator would grant these and find nothing else to do; a test of the
/// schema holds the two together.
fn rights(name: &str) -> String {
    format!(
        "revoke all on database {name} from public;
         grant connect on database {name} to {};
         grant connect, create on database {name} to relink_owner",
        RUNTIME_ROLES.join(", ")
    )
}

/// The migrated template's name. The first process to ask makes it; others wait on the server's lock.
async fn template() -> String {
    let address = address();
    let name = format!("relink_template_{}", migrations_hash());
    let server = connect(&url(&address, SUPERUSER, "postgres")).await;
    server
        .execute("select pg_advisory_lock($1)", &[&TEMPLATE_LOCK])
        .await
        .expect("wait for the template");
    let found = server
        .query_opt(
            "select 1 from pg_database where datname = $1 and not datallowconn",
            &[&name],
        )
        .await
        .expect("look for the template");
    if found.is_none() {
        // What a process that died half-way left has this name too, but still lets connections in.
        let recreate = [
            format!("drop database if exists {name} with (force)"),
            format!("create database {name}"),
        ];
        for statement in recreate {
            server
                .batch_execute(&statement)
                .await
                .expect("make the template");
        }
        store::migrate::migrate(&config(&url(&address, SUPERUSER, &name)))
            .await
            .expect("migrate the template");
        server
            .batch_execute(&format!("alter database {name} allow_connections false"))
            .await
            .expect("close the template");
    }
    // The lock goes with the connection.
    name
}

/// FNV-1a over everything that the migrator runs: another schema is another template.
fn migrations_hash() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files: Vec<_> = std::fs::read_dir(root.join("migrations"))
        .expect("list the migrations")
        .map(|entry| entry.expect("read the migrations' directory").path())
        .collect();
    files.push(root.join("crates/store/sql/bootstrap/roles.sql"));
    files.sort();
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for file in files {
        for byte in std::fs::read(&file).expect("read a migration") {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    format!("{hash:016x}")
}

/// A plain connection; its task ends with it.
pub async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls)
        .await
        .expect("connect to the test's database");
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            // A test may end a connection on purpose.
            tracing::debug!(%error, "a test's connection ended");
        }
    });
    client
}

fn config(url: &str) -> Config {
    let mut config = Config::new(SecretString::from(url.to_owned()), "relink-test");
    config.connections_max = CONNECTIONS_MAX;
    config
}

fn url(address: &str, role: &str, database: &str) -> String {
    format!("postgresql://{role}@{address}/{database}")
}

/// `host:port` of the test server.
fn address() -> String {
    #[expect(
        clippy::disallowed_methods,
        reason = "with-servers tells the tests where its servers are"
    )]
    let url = std::env::var("RELINK_TEST_DATABASE_URL")
        .expect("RELINK_TEST_DATABASE_URL: run the tests through `with-servers`");
    let after_user = url.rsplit_once('@').map_or(url.as_str(), |(_, rest)| rest);
    let (address, _) = after_user
        .split_once('/')
        .expect("RELINK_TEST_DATABASE_URL names a database");
    address.to_owned()
}
