//! Where a fleet stands: its directory, its ports, and the places to look at.

use super::front::Front;
use crate::commands::Failure;
use crate::up::at_hand::DATABASE;
use fleet::chain;
use secrecy::SecretString;
use servers::{Postgres, RabbitMq, ServerError};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use store::Config;

pub(super) fn directory(dir: &Path) -> Result<PathBuf, Failure> {
    std::fs::create_dir_all(dir)
        .map_err(|error| Failure::new(format!("make {}: {error}", dir.display())))?;
    Ok(dir.canonicalize()?)
}

pub(super) fn refused(error: ServerError, dir: &Path) -> Failure {
    match error {
        ServerError::InUse(_) => Failure::new(format!(
            "a fleet is running already in {}; stop it there, or start another one with --dir",
            dir.display()
        )),
        other => Failure::new(chain(&other)),
    }
}

pub(super) fn postgres_config(postgres: &Postgres) -> Config {
    Config::new(
        SecretString::from(postgres.url("postgres", "postgres")),
        "relink-up",
    )
}

pub(super) fn free_ports(count: usize) -> Result<Vec<u16>, Failure> {
    // All held at once, so that no port is given twice; released for the children, which say so if they lose the race.
    let held: Vec<TcpListener> = (0..count)
        .map(|_| TcpListener::bind("127.0.0.1:0"))
        .collect::<Result<_, _>>()?;
    Ok(held
        .iter()
        .map(|listener| listener.local_addr().map(|address| address.port()))
        .collect::<Result<_, _>>()?)
}

pub(super) fn places(
    dir: &Path,
    provider: &str,
    (rabbitmq, postgres): (&RabbitMq, &Postgres),
    ports: &[u16],
    front: &Front,
) -> Vec<(String, String)> {
    let place = |what: &str, place: String| (what.to_owned(), place);
    let own = vec![
        place("logs", dir.join("logs").display().to_string()),
        place("lives", lives_file(dir).display().to_string()),
        place("database", postgres.url("relink_reader", DATABASE)),
        place("broker", rabbitmq.management_url()),
        place("simulator", format!("{provider}/control/counts")),
        place(
            "scheduler",
            format!("http://127.0.0.1:{}/metrics", ports[1]),
        ),
        place(
            "workers",
            format!(
                "http://127.0.0.1:{}/metrics http://127.0.0.1:{}/metrics",
                ports[2], ports[3]
            ),
        ),
    ];
    [own, front.places()].concat()
}

/// Truth about the lives of sessions, of the newest run.
pub(super) fn lives_file(dir: &Path) -> PathBuf {
    dir.join("lives.jsonl")
}
