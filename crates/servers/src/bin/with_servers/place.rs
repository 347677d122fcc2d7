//! Where the suite's servers keep their data, and how PostgreSQL is set there.

use servers::PostgresOptions;
use std::fs;
use std::io::{Error, Result};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

/// Files here are memory.
const MEMORY: &str = "/dev/shm";
const PREFIX: &str = "relink-suite-";
/// Databases of a whole run, what its tests write, and RabbitMQ's files.
const DATA_BYTES: u64 = 4 << 30;
/// A younger directory may belong to somebody who has not locked it yet.
const LEFT_BEHIND_AFTER: Duration = Duration::from_mins(10);

/// Nothing here outlives its run, and nobody kills this server: it may lose everything at a power cut. What is about
/// durability has servers of its own, with the usual settings.
const SETTINGS: [(&str, &str); 7] = [
    ("fsync", "off"),
    ("full_page_writes", "off"),
    ("synchronous_commit", "off"),
    ("wal_level", "minimal"),
    ("max_wal_senders", "0"),
    // Hundreds of databases come and go: a look at each every ten seconds would start a process all the time.
    ("autovacuum_naptime", "1min"),
    ("checkpoint_timeout", "30min"),
];
/// An authority that signs nothing; its key is nowhere. Every client that may speak TLS reads what the machine trusts, hundreds
/// of certificates, and tests make thousands of clients of servers that speak none.
const TRUSTED: &str = include_str!("authority.pem");
/// Where memory is scarce the usual size stays.
const BUFFERS: (&str, &str) = ("shared_buffers", "1GB");

/// A directory for the servers, removed with everything in it when this is dropped.
pub(crate) struct Place {
    pub(crate) dir: TempDir,
    has_memory: bool,
}

impl Place {
    /// In memory where there is enough of it, or else where temporary files go.
    pub(crate) fn take() -> Result<Self> {
        let has_memory = is_roomy()?;
        let mut builder = tempfile::Builder::new();
        let builder = builder
            .prefix(PREFIX)
            .permissions(fs::Permissions::from_mode(0o711));
        let dir = if has_memory {
            remove_left_behind();
            builder.tempdir_in(MEMORY)?
        } else {
            builder.tempdir()?
        };
        Ok(Self { dir, has_memory })
    }

    /// Writes what the command is to trust in place of what the machine does. Returns the path.
    pub(crate) fn write_trusted(&self) -> Result<PathBuf> {
        let path = self.dir.path().join("trusted.pem");
        fs::write(&path, TRUSTED)?;
        Ok(path)
    }

    pub(crate) fn postgres(&self) -> PostgresOptions {
        let buffers = self.has_memory.then_some(BUFFERS);
        let settings = SETTINGS.into_iter().chain(buffers);
        PostgresOptions {
            settings: settings
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            ..PostgresOptions::default()
        }
    }
}

/// Both are asked: the file system may allow more than the machine has left.
fn is_roomy() -> Result<bool> {
    let Ok(memory) = rustix::fs::statvfs(MEMORY) else {
        return Ok(false);
    };
    let here = memory.f_bavail.saturating_mul(memory.f_frsize);
    let left = available(&fs::read_to_string("/proc/meminfo")?)
        .ok_or_else(|| Error::other("/proc/meminfo does not say what is available"))?;
    Ok(DATA_BYTES <= here && 2 * DATA_BYTES <= left)
}

/// Bytes that new processes may have, in the words of `/proc/meminfo`.
fn available(text: &str) -> Option<u64> {
    let rest = text
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: u64 = rest.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1024)
}

/// An owner killed with `kill -9` cannot remove its directory, and here that is memory. What somebody holds stays.
fn remove_left_behind() {
    let entries = fs::read_dir(MEMORY).into_iter().flatten().flatten();
    for entry in entries {
        let path = entry.path();
        let is_ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        if is_ours && is_old(&path) && servers::recorded(&path).is_empty() && !is_held(&path) {
            // Somebody else may be removing it now.
            drop(fs::remove_dir_all(&path));
        }
    }
}

fn is_old(path: &Path) -> bool {
    let made = fs::metadata(path).and_then(|it| it.modified());
    #[expect(
        clippy::disallowed_methods,
        reason = "how old a file is, is asked of the machine's clock"
    )]
    let now = SystemTime::now();
    made.is_ok_and(|it| {
        now.duration_since(it)
            .is_ok_and(|age| LEFT_BEHIND_AFTER < age)
    })
}

/// Whether a living process holds the lock of a server in it.
fn is_held(path: &Path) -> bool {
    ["postgres/lock", "rabbitmq/lock"]
        .iter()
        .any(|lock| fs::File::open(path.join(lock)).is_ok_and(|it| it.try_lock().is_err()))
}
