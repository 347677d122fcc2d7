//! PostgreSQL: reachable, as it must be set, and with room for us.

use super::certificate::{self, Manner};
use super::finding::Findings;
use super::settings::Settings;
use super::{fleet, held, schema};
use ::fleet::chain;
use store::doctor::{Looking, Server, Sessions, Setting};
use store::{Config, Store, StoreError};

/// `server_version_num` of the oldest that will do.
const VERSION_MIN: i32 = 150_000;
/// All that hangs on the database.
const WHOLE: [&str; 3] = ["database", "schema", "fleet"];
const ZONES_OF_UTC: [&str; 7] = ["UTC", "Etc/UTC", "UCT", "Etc/UCT", "GMT", "Etc/GMT", "Zulu"];

pub(super) async fn look(settings: &Settings, findings: &mut Findings) {
    let Some(config) = &settings.database else {
        for name in WHOLE {
            findings.not_asked(name, "RELINK_DATABASE_URL is not set, or wrong");
        }
        return;
    };
    if let Ok(Some((host, port, true))) = config.place() {
        let place = (host, port);
        certificate::look("database certificate", place, Manner::Postgres, findings).await;
    }
    let looking = match Looking::start(config).await {
        Ok(looking) => looking,
        Err(error) => {
            findings.fail("database", chain(&error), advice(&error));
            for name in &WHOLE[1..] {
                findings.not_asked(*name, "the database cannot be asked");
            }
            return;
        }
    };
    let server = match looking.server().await {
        Ok(server) => server,
        Err(error) => {
            findings.fail(
                "database",
                chain(&error),
                "see what the server's log says of it",
            );
            return;
        }
    };
    let (login, database) = (&server.login, &server.database);
    let by = if server.is_secured {
        "by TLS"
    } else {
        "in plain text"
    };
    findings.ok("database", format!("{login} on {database}, {by}"));
    judge(&server, config.connections_max, findings);
    if !is_read_only(&server) {
        sessions(config, findings).await;
    }
    let is_ours = schema::look(&looking, &server, settings, findings).await;
    drop(looking);
    match Store::new(config.clone()) {
        Ok(store) if is_ours => {
            schema::guards(&store, settings.clock, findings).await;
            fleet::look(&store, settings, findings).await;
            held::look(&store, findings).await;
        }
        Ok(_) => findings.not_asked("fleet", "the schema is not this build's"),
        Err(error) => findings.not_asked("fleet", chain(&error)),
    }
}

/// What to do about a server that does not let us in.
fn advice(error: &StoreError) -> &'static str {
    match error.sqlstate() {
        Some("28P01" | "28000") => {
            "correct user and password in RELINK_DATABASE_URL; `alter role … password` sets one, pg_hba.conf says who may come from where"
        }
        Some("3D000") => "create the database, or correct its name in RELINK_DATABASE_URL",
        Some("42501") => {
            "grant connect on the database; `relink migrate` grants it to every role of ours"
        }
        Some("53300") => {
            "raise max_connections, or lower RELINK_DATABASE_CONNECTIONS of the processes"
        }
        Some("08P01") => {
            "that is a pooler and no PostgreSQL: name PostgreSQL itself in RELINK_DATABASE_URL; every process has a pool of its own"
        }
        Some(_) => "see what the server's log says of it",
        None => {
            "see whether the server runs, whether this machine reaches it, and whether RELINK_DATABASE_CA_FILE names the authority of its certificate"
        }
    }
}

fn judge(server: &Server, pool: usize, findings: &mut Findings) {
    let text = &server.version_text;
    if server.version < VERSION_MIN {
        let todo = "upgrade PostgreSQL: what is older than 15 is not tested";
        findings.fail("database version", text, todo);
    } else {
        findings.ok("database version", text);
    }
    durability(server, findings);
    if ZONES_OF_UTC.contains(&server.zone.as_str()) {
        findings.ok("database time zone", &server.zone);
    } else {
        let todo = "set timezone to UTC: nothing of relink's hangs on it, but logs are easier to lay side by side";
        findings.warn("database time zone", &server.zone, todo);
    }
    connections(server, pool, findings);
}

fn is_read_only(server: &Server) -> bool {
    server.is_standby || server.default_read_only == "on"
}

async fn sessions(config: &Config, findings: &mut Findings) {
    let seen = match Sessions::look(config).await {
        Ok(seen) => seen,
        Err(error) => {
            findings.warn("database sessions", chain(&error), advice(&error));
            return;
        }
    };
    let lost = seen.lost_settings().map(|setting| {
        let Setting { name, asked, found } = setting;
        format!("{name} is {found} instead of {asked}")
    });
    let lost: Vec<String> = lost.collect();
    let todo = "name PostgreSQL itself in RELINK_DATABASE_URL, or a pooler that gives each connection a session of its own and passes options on";
    if seen.is_pooled_by_transaction() {
        let saw = "a transaction pooler: two connections share sessions of the server";
        findings.fail("database sessions", saw, todo);
    } else if lost.is_empty() {
        findings.ok("database sessions", "each connection has one of its own");
    } else {
        let saw = format!("a pooler: {}", lost.join(", "));
        findings.fail("database sessions", saw, todo);
    }
}

fn durability(server: &Server, findings: &mut Findings) {
    let saw = format!(
        "fsync {}, full_page_writes {}, synchronous_commit {}",
        server.fsync, server.full_page_writes, server.synchronous_commit
    );
    if server.is_standby {
        let todo = "name the primary in RELINK_DATABASE_URL";
        findings.fail(
            "database durability",
            "this is a standby: it takes no writes",
            todo,
        );
    } else if server.default_read_only == "on" {
        let todo = "take default_transaction_read_only back where it was set: the server, the database or the login";
        let saw = "default_transaction_read_only is on: nothing is written";
        findings.fail("database durability", saw, todo);
    } else if [
        &server.fsync,
        &server.full_page_writes,
        &server.synchronous_commit,
    ]
    .into_iter()
    .any(|set| set == "off")
    {
        let todo = "turn them on: a send is made at most once only if what was committed stays";
        findings.fail("database durability", saw, todo);
    } else {
        findings.ok("database durability", saw);
    }
}

fn connections(server: &Server, pool: usize, findings: &mut Findings) {
    let pool = i32::try_from(pool).unwrap_or(i32::MAX);
    let limits = [server.connections_of_login, server.connections_of_database];
    let limit = limits.into_iter().filter(|limit| *limit >= 0);
    let all = server.connections_max - server.connections_reserved;
    let limit = limit.chain([all]).min().unwrap_or(all);
    let left = limit - server.connections_used;
    let saw = format!(
        "{} of {limit} in use, this process's pool has {pool}",
        server.connections_used
    );
    let todo = "raise max_connections or the limit of the role, or lower RELINK_DATABASE_CONNECTIONS; every process has a pool of its own";
    if pool > limit {
        findings.fail("database connections", saw, todo);
    } else if pool > left {
        findings.warn("database connections", saw, todo);
    } else {
        findings.ok("database connections", saw);
    }
}
