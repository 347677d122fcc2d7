use crate::ServerError;
use crate::identity::Identity;
use crate::process::stop_blocking;
use rustix::process::Signal;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::process;

/// A server's directory, held by this process alone: `lock`, `pids/`, and whatever the server keeps.
pub(crate) struct Room {
    path: PathBuf,
    // Held, never read: the lock ends with the process however that ends. The file is closed on exec, so that no
    // server inherits the lock.
    _lock: File,
}

impl Room {
    /// Takes the directory, making it if needed, and stops what an earlier owner left running in it.
    pub(crate) fn enter(path: &Path) -> Result<Self, ServerError> {
        fs::create_dir_all(path.join("pids")).map_err(ServerError::io(format!(
            "make the directory {}",
            path.display()
        )))?;
        let path = path
            .canonicalize()
            .map_err(ServerError::io(format!("find {}", path.display())))?;
        let lock = lock(&path)?;
        stop_recorded(&path);
        Ok(Self { path, _lock: lock })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn pid_file(&self, name: &str) -> PathBuf {
        self.path.join("pids").join(name)
    }

    /// Tells this owner's pid files from those of a later one, so that a late guard stops only its own.
    #[expect(clippy::unused_self, reason = "only who holds the room may sign in it")]
    pub(crate) fn owner(&self) -> String {
        let pid = process::id();
        format!("{pid}.{}", Identity::of(pid).map_or(0, |it| it.started))
    }
}

fn lock(path: &Path) -> Result<File, ServerError> {
    let what = || format!("lock {}", path.display());
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path.join("lock"));
    let file = file.map_err(ServerError::io(what()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(ServerError::InUse(path.to_owned())),
        Err(TryLockError::Error(source)) => Err(ServerError::Io {
            what: what(),
            source,
        }),
    }
}

/// Stops what an earlier run left running in `dir` or in a directory right under it, exactly what its pid files name,
/// and returns what it stopped. Directories that a living process owns are left alone: that is no leftover.
pub fn clean_stale(dir: &Path) -> Vec<Identity> {
    let mut stopped = Vec::new();
    for room in rooms(dir) {
        if let Ok(_lock) = lock(&room) {
            stopped.extend(stop_recorded(&room));
        }
    }
    stopped
}

/// The living processes named by the pid files in `dir` and in the directories right under it.
pub fn recorded(dir: &Path) -> Vec<Identity> {
    let records = rooms(dir).into_iter().flat_map(|room| records(&room));
    records
        .map(|it| it.identity)
        .filter(|it| it.is_alive())
        .collect()
}

fn rooms(dir: &Path) -> Vec<PathBuf> {
    let below = fs::read_dir(dir)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path());
    let all = std::iter::once(dir.to_owned()).chain(below);
    all.filter(|it| it.join("pids").is_dir()).collect()
}

struct Record {
    file: PathBuf,
    identity: Identity,
    stop: Signal,
}

fn records(room: &Path) -> Vec<Record> {
    let mut files: Vec<PathBuf> = fs::read_dir(room.join("pids"))
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    files.sort();
    files.into_iter().filter_map(record).collect()
}

fn record(file: PathBuf) -> Option<Record> {
    let text = fs::read_to_string(&file).ok()?;
    let mut words = text.split_ascii_whitespace();
    let identity = Identity {
        pid: words.next()?.parse().ok()?,
        started: words.next()?.parse().ok()?,
    };
    let stop = if words.next()? == "INT" {
        Signal::INT
    } else {
        Signal::TERM
    };
    Some(Record {
        file,
        identity,
        stop,
    })
}

fn stop_recorded(room: &Path) -> Vec<Identity> {
    let mut stopped = Vec::new();
    for record in records(room) {
        if record.identity.is_alive() {
            tracing::info!(pid = record.identity.pid, room = %room.display(), "stop a server left by an earlier run");
            stop_blocking(record.identity, record.stop);
            stopped.push(record.identity);
        }
        // A pid file that stays is harmless: its process is gone, and whoever reads it sees that.
        drop(fs::remove_file(&record.file));
    }
    stopped
}
