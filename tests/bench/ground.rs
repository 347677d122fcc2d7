//! The private servers, and a fresh database with its queues for every run.

use crate::Failure;
use crate::place::Place;
use servers::{Postgres, PostgresOptions, RabbitMq, RabbitMqOptions};
use std::os::unix::fs::PermissionsExt as _;
use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};

const TEMPLATE: &str = "bench_template";

/// Where everything runs.
pub(crate) struct Ground {
    postgres: Postgres,
    rabbitmq: RabbitMq,
    admin: Client,
    // Last: removed after the servers.
    _room: TempDir,
}

impl Ground {
    /// Starts both servers, durable as they are in production, and migrates a template.
    pub(crate) async fn start() -> Result<Self, Failure> {
        // The server's own user must be able to walk through it.
        let room = tempfile::Builder::new()
            .prefix("relink-bench-")
            .permissions(std::fs::Permissions::from_mode(0o711))
            .tempdir()?;
        let (postgres, rabbitmq) = (room.path().join("postgres"), room.path().join("rabbitmq"));
        let (postgres, rabbitmq) = tokio::try_join!(
            Postgres::start(&postgres, PostgresOptions::default()),
            RabbitMq::start(&rabbitmq, RabbitMqOptions::default()),
        )?;
        let admin = connect(&postgres.url("postgres", "postgres")).await?;
        admin
            .batch_execute(&format!("create database {TEMPLATE}"))
            .await?;
        let owner = store::Config::new(postgres.url("postgres", TEMPLATE).into(), "bench");
        store::migrate::migrate(&owner).await?;
        Ok(Self {
            postgres,
            rabbitmq,
            admin,
            _room: room,
        })
    }

    /// Where the broker is.
    pub(crate) fn amqp(&self) -> String {
        self.rabbitmq.amqp_url("/")
    }

    /// The postmaster and the broker's node, whose processor time is counted.
    pub(crate) fn pids(&self) -> (Option<u32>, Option<u32>) {
        (
            self.postgres.pid(),
            self.rabbitmq.identity().map(|it| it.pid),
        )
    }

    /// A fresh database and queues of its own.
    pub(crate) async fn place(&self, name: &str) -> Result<Place, Failure> {
        let vhost = name;
        self.rabbitmq.create_vhost(vhost).await?;
        self.admin
            .batch_execute(&format!("create database {name} template {TEMPLATE}"))
            .await?;
        Place::new(
            name,
            |user| self.postgres.url(user, name),
            self.rabbitmq.amqp_url(vhost),
        )
        .await
    }

    /// Removes what [`Ground::place`] made.
    pub(crate) async fn clear(&self, place: Place) -> Result<(), Failure> {
        let name = place.name.clone();
        place.close();
        self.admin
            .batch_execute(&format!("drop database {name} with (force)"))
            .await?;
        self.rabbitmq.delete_vhost(&name).await?;
        Ok(())
    }

    /// Stops both servers.
    pub(crate) async fn stop(self) {
        let Self {
            postgres,
            rabbitmq,
            admin,
            _room: room,
        } = self;
        drop(admin);
        tokio::join!(postgres.stop(), rabbitmq.stop());
        drop(room);
    }
}

/// A connection beside the product's own pool.
pub(crate) async fn connect(url: &str) -> Result<Client, Failure> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    // Ends by itself when the client is dropped.
    tokio::spawn(async move { connection.await.ok() });
    Ok(client)
}
