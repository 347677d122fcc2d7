use crate::error::port_was_taken;
use crate::guard::Guard;
use crate::initdb::Home;
use crate::process::{Launch, Process, Stop};
use crate::room::Room;
use crate::{Identity, ServerError, binaries, ports};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Another process may take the port between the look and the start; then the next look finds another.
const PORT_ATTEMPTS: u32 = 5;
/// PostgreSQL tells that it is ready in a file, not by an event.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Durable, and tuned for a small machine and for queue tables: many dead rows, found and cleared soon.
const SETTINGS: &[(&str, &str)] = &[
    ("listen_addresses", "127.0.0.1"),
    ("max_connections", "300"),
    ("shared_buffers", "256MB"),
    ("max_wal_size", "4GB"),
    ("wal_level", "replica"),
    ("fsync", "on"),
    ("synchronous_commit", "on"),
    ("autovacuum_naptime", "10s"),
    ("autovacuum_vacuum_scale_factor", "0.02"),
    ("autovacuum_vacuum_insert_scale_factor", "0.05"),
    ("autovacuum_analyze_scale_factor", "0.02"),
    ("autovacuum_vacuum_cost_limit", "2000"),
    ("random_page_cost", "1.1"),
    ("jit", "off"),
    ("timezone", "UTC"),
    ("log_timezone", "UTC"),
    ("log_line_prefix", "%m [%p] %q%u@%d "),
];

/// How a private PostgreSQL server differs from the usual one.
#[derive(Clone, Debug)]
pub struct PostgresOptions {
    /// Whether the data stays when the server is stopped, for the next start in the same directory.
    pub keep_data: bool,
    /// Settings beside, or instead of, the usual ones.
    pub settings: Vec<(String, String)>,
    /// How long the server may take until it accepts connections.
    pub ready_within: Duration,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self {
            keep_data: false,
            settings: Vec::new(),
            ready_within: Duration::from_mins(1),
        }
    }
}

/// A private PostgreSQL server. Dropping it stops it, blocking; [`Postgres::stop`] does so without blocking.
pub struct Postgres {
    // The order is the order of dropping: the server first, then its guard, then the lock.
    process: Option<Process>,
    bin: PathBuf,
    home: Home,
    log: PathBuf,
    port: u16,
    options: PostgresOptions,
    _guard: Guard,
    room: Room,
}

impl Postgres {
    /// Starts a server that keeps everything in `dir`, and waits until it accepts connections. Stops what an earlier
    /// run left behind there; refuses a directory that a living process owns.
    pub async fn start(dir: &Path, options: PostgresOptions) -> Result<Self, ServerError> {
        let bin = binaries::postgres()?;
        let room = Room::enter(dir)?;
        let home = Home::of(&room)?;
        home.initialize(&bin).await?;
        Self::raise(bin, room, home, options).await
    }

    /// Starts a server in `dir` that follows `primary` and takes no writes until it is promoted (`pg_promote`).
    pub async fn start_standby(
        dir: &Path,
        primary: &Self,
        mut options: PostgresOptions,
    ) -> Result<Self, ServerError> {
        let bin = binaries::postgres()?;
        let room = Room::enter(dir)?;
        let home = Home::of(&room)?;
        home.copy(&bin, primary.port).await?;
        home.stand_by()?;
        options.settings.push(primary.to_be_followed());
        Self::raise(bin, room, home, options).await
    }

    /// Stops it, if it runs, and starts it again as a standby of `primary`, which was one of its own until then.
    pub async fn restart_as_standby(&mut self, primary: &Self) -> Result<(), ServerError> {
        self.halt().await;
        self.home.stand_by()?;
        self.options.settings.push(primary.to_be_followed());
        self.launch().await
    }

    fn to_be_followed(&self) -> (String, String) {
        let place = format!("host=127.0.0.1 port={} user=postgres", self.port);
        ("primary_conninfo".to_owned(), place)
    }

    async fn raise(
        bin: PathBuf,
        room: Room,
        home: Home,
        options: PostgresOptions,
    ) -> Result<Self, ServerError> {
        let guard = Guard::stand(&room)?;
        let log = room.path().join("log");
        let mut server = Self {
            process: None,
            bin,
            home,
            log,
            port: 0,
            options,
            _guard: guard,
            room,
        };
        for _ in 1..PORT_ATTEMPTS {
            [server.port] = ports::free()?;
            match server.launch().await {
                Err(ServerError::NotReady { .. }) if port_was_taken(&server.log) => {}
                other => return other.map(|()| server),
            }
        }
        [server.port] = ports::free()?;
        server.launch().await.map(|()| server)
    }

    /// `postgresql://user@127.0.0.1:port/database`. The superuser is `postgres`; nobody needs a password.
    pub fn url(&self, user: &str, database: &str) -> String {
        format!("postgresql://{user}@127.0.0.1:{}/{database}", self.port)
    }

    /// The port on 127.0.0.1; the same for as long as this value lives.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The postmaster; `None` after [`Postgres::kill9`].
    pub fn identity(&self) -> Option<Identity> {
        self.process.as_ref().map(Process::identity)
    }

    /// The postmaster's process id; `None` after [`Postgres::kill9`].
    pub fn pid(&self) -> Option<u32> {
        self.identity().map(|it| it.pid)
    }

    /// The server's log, from the first start in its directory on.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Where its cluster is: in the directory it was started in, or under `/tmp` where that cannot be.
    pub fn data_dir(&self) -> &Path {
        &self.home.data
    }

    /// Closes every connection and stops the server, then removes the data unless they are to be kept.
    pub async fn stop(mut self) {
        self.halt().await;
    }

    /// Kills the server and its backends with `kill -9`, as a power cut would. The data stay.
    pub async fn kill9(&mut self) {
        if let Some(process) = self.process.take() {
            process.kill().await;
        }
    }

    /// Closes every connection and stops the server, until [`Postgres::restart`].
    pub async fn halt(&mut self) {
        if let Some(process) = self.process.take() {
            process.stop().await;
        }
    }

    /// Starts it again on the same port and data; stops it in good order first if it runs.
    pub async fn restart(&mut self) -> Result<(), ServerError> {
        self.halt().await;
        self.launch().await
    }

    async fn launch(&mut self) -> Result<(), ServerError> {
        let process = Process::spawn(Launch {
            room: &self.room,
            name: "postgres",
            stop: Stop::Interrupt,
            program: self.bin.join("postgres"),
            arguments: self.arguments(),
            environment: vec![binaries::search_path()],
            user: self.home.user,
            log: &self.log,
        })?;
        self.process = Some(self.ready(process).await?);
        Ok(())
    }

    fn arguments(&self) -> Vec<OsString> {
        let socket = self.home.socket.display();
        let mut arguments: Vec<OsString> = vec!["-D".into(), self.home.data.clone().into()];
        let own = [
            ("port", self.port.to_string()),
            ("unix_socket_directories", format!("\"{socket}\"")),
        ];
        let usual = SETTINGS
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        let own = own.iter().map(|(name, value)| format!("{name}={value}"));
        let chosen = self
            .options
            .settings
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        arguments.extend(
            usual
                .chain(own)
                .chain(chosen)
                .flat_map(|it| ["-c".into(), it.into()]),
        );
        arguments
    }

    async fn ready(&self, mut process: Process) -> Result<Process, ServerError> {
        let deadline = Instant::now() + self.options.ready_within;
        let status = self.home.data.join("postmaster.pid");
        loop {
            if says_ready(
                &fs::read_to_string(&status).unwrap_or_default(),
                process.identity().pid,
            ) {
                return Ok(process);
            }
            if let Some(reason) = process.exited() {
                return Err(ServerError::not_ready("PostgreSQL", reason, &self.log));
            }
            if deadline < Instant::now() {
                let reason = format!("not ready within {:?}", self.options.ready_within);
                return Err(ServerError::not_ready("PostgreSQL", reason, &self.log));
            }
            sleep(LOOK_EVERY).await;
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.process.take());
        if !self.options.keep_data {
            self.home.remove();
        }
    }
}

/// The first line of `postmaster.pid` is the pid, the eighth the state: what `pg_ctl -w` reads.
fn says_ready(status: &str, pid: u32) -> bool {
    let mut lines = status.lines().map(str::trim);
    lines.next() == Some(pid.to_string().as_str()) && lines.nth(6) == Some("ready")
}
