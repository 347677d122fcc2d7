//! The file that a running `relink up` leaves for `relink --local`: addresses and a token, for its own user alone.

use super::Login;
use crate::commands::Failure;
use serde::{Deserialize, Serialize};
use servers::Identity;
use std::collections::BTreeMap;
use std::fs::{DirBuilder, File, Metadata, OpenOptions};
use std::io::{Error, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Far more than a fleet's settings need.
const BYTES_MAX: u64 = 64 * 1024;
/// Rights of the group and of others.
const OTHERS: u32 = 0o077;
const DATABASE: &str = "RELINK_DATABASE_URL";

/// A fleet of `relink up`, as operators' commands reach it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Fleet {
    /// Canonical path of its servers, data and logs.
    pub(crate) dir: PathBuf,
    pid: u32,
    /// Clock ticks from boot to the start of the process, which tell it from a later one with the same pid.
    started: u64,
    /// Seconds of the fleet's clock in one of the machine's.
    speed: f64,
    /// Database URL of a login that may act as `relink_owner`.
    owner_url: String,
    /// `RELINK_*` by name, the operator's token among them.
    settings: BTreeMap<String, String>,
}

impl Fleet {
    /// The fleet that this process runs.
    pub(crate) fn of_this_process(
        dir: &Path,
        speed: f64,
        owner_url: String,
        settings: BTreeMap<String, String>,
    ) -> Result<Self, Failure> {
        let own = Identity::of(std::process::id())
            .ok_or_else(|| Failure::new("this process is not in /proc"))?;
        let Identity { pid, started } = own;
        Ok(Self {
            dir: dir.to_owned(),
            pid,
            started,
            speed,
            owner_url,
            settings,
        })
    }

    /// Number of the process that runs it.
    pub(super) fn pid(&self) -> u32 {
        self.pid
    }

    /// First line of an answer.
    pub(super) fn title(&self) -> String {
        format!(
            "local fleet in {}: process {}, clock {}×",
            self.dir.display(),
            self.pid,
            self.speed
        )
    }

    /// Settings of a command that needs `login`.
    pub(crate) fn into_settings(self, login: Login) -> BTreeMap<String, String> {
        let mut settings = self.settings;
        if login == Login::Owner {
            settings.insert(DATABASE.to_owned(), self.owner_url);
        }
        settings
    }

    fn is_running(&self) -> bool {
        let (pid, started) = (self.pid, self.started);
        Identity { pid, started }.is_alive()
    }
}

/// State of the fleet that a file tells of.
#[derive(Debug)]
pub(super) enum State {
    /// Process is alive; commands reach the fleet.
    Running(Fleet),
    /// Process is gone, and could not take the file away.
    Ended(Fleet),
    /// Reason not to believe the file, for a person.
    Refused(String),
}

/// The directory of one user's files. It may not exist yet.
pub(super) struct Place(PathBuf);

impl Place {
    /// The same for all processes of a user: in the session's runtime directory, else in the one for temporary files.
    pub(super) fn of_user() -> Result<Self, Failure> {
        let user = user()?;
        #[expect(
            clippy::disallowed_methods,
            reason = "a place that the system names, and no setting of ours"
        )]
        let session = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
        let runtime = PathBuf::from(format!("/run/user/{user}"));
        let is_private = |dir: &PathBuf| dir.is_absolute() && private_directory(dir, user).is_ok();
        let found = session.into_iter().chain([runtime]).find(is_private);
        Ok(Self(found.map_or_else(
            || std::env::temp_dir().join(format!("relink-{user}")),
            |dir| dir.join("relink"),
        )))
    }

    /// A directory of a test's own.
    #[cfg(test)]
    pub(super) fn at(dir: PathBuf) -> Self {
        Self(dir)
    }

    /// Path of the directory, for messages.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Every file here, the newest fleet last. An error if others can write in this place.
    pub(super) fn states(&self) -> Result<Vec<State>, Failure> {
        Ok(self.files()?.into_iter().map(|(_, state)| state).collect())
    }

    fn files(&self) -> Result<Vec<(PathBuf, State)>, Failure> {
        let user = user()?;
        match private_directory(&self.0, user) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(vec![]),
            Err(error) => return Err(self.failure("use", &error)),
        }
        let entries = std::fs::read_dir(&self.0).map_err(|error| self.failure("list", &error))?;
        let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
        let mut files: Vec<PathBuf> = paths
            .filter(|path| path.extension().is_some_and(|it| it == "json"))
            .collect();
        files.sort();
        let with_state = |path: PathBuf| {
            let state = match read_fleet(&path, user) {
                Ok(fleet) if fleet.is_running() => State::Running(fleet),
                Ok(fleet) => State::Ended(fleet),
                Err(error) => State::Refused(format!("{}: {error}", path.display())),
            };
            (path, state)
        };
        Ok(files.into_iter().map(with_state).collect())
    }

    /// Makes the directory, and takes away what fleets left that were killed.
    fn prepare(&self) -> Result<(), Failure> {
        match DirBuilder::new().mode(0o700).create(&self.0) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                return Err(self.failure("make", &error));
            }
            _ => {}
        }
        for (path, state) in self.files()? {
            if let State::Ended(_) = state {
                std::fs::remove_file(path).map_err(|error| self.failure("clean up", &error))?;
            }
        }
        Ok(())
    }

    fn failure(&self, what: &str, error: &Error) -> Failure {
        Failure::new(format!("{what} {}: {error}", self.0.display()))
    }
}

/// The file of this process's fleet. Dropping it takes the file away.
pub(crate) struct Notice(PathBuf);

impl Notice {
    /// Writes the file where `relink --local` looks.
    pub(crate) fn put_up(fleet: &Fleet) -> Result<Self, Failure> {
        Self::put_up_in(&Place::of_user()?, fleet)
    }

    /// Writes the file in `place`, after the files of fleets that were killed are gone.
    pub(super) fn put_up_in(place: &Place, fleet: &Fleet) -> Result<Self, Failure> {
        place.prepare()?;
        let path = place.0.join(format!("{}.json", fleet.pid));
        let unfinished = path.with_extension("new");
        let text = serde_json::to_string_pretty(fleet)?;
        // Renamed when it is complete: nobody reads half of it.
        write_private(&unfinished, &text)
            .and_then(|()| std::fs::rename(&unfinished, &path))
            .map_err(|error| place.failure("write in", &error))?;
        Ok(Self(path))
    }
}

impl Drop for Notice {
    fn drop(&mut self) {
        // A file that stays is harmless: whoever reads it sees that its process is gone.
        std::fs::remove_file(&self.0).ok();
    }
}

/// Writes a new file with mode 0600; the name may not lead anywhere else.
pub(crate) fn write_private(path: &Path, text: &str) -> Result<(), Error> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())
}

/// Reads a fleet from a file that this user alone can have written.
fn read_fleet(path: &Path, user: u32) -> Result<Fleet, Error> {
    let named = std::fs::symlink_metadata(path)?;
    if !named.is_file() {
        return Err(Error::other("not a plain file"));
    }
    let file = File::open(path)?;
    let opened = file.metadata()?;
    if (opened.dev(), opened.ino()) != (named.dev(), named.ino()) {
        return Err(Error::other("exchanged while it was opened"));
    }
    check_private(&opened, user)?;
    let mut text = String::new();
    file.take(BYTES_MAX).read_to_string(&mut text)?;
    serde_json::from_str(&text).map_err(Error::from)
}

/// Refuses a link, another user's directory, and one that others may read or write.
fn private_directory(dir: &Path, user: u32) -> Result<(), Error> {
    let found = std::fs::symlink_metadata(dir)?;
    if !found.is_dir() {
        return Err(Error::other("not a directory"));
    }
    check_private(&found, user)
}

fn check_private(found: &Metadata, user: u32) -> Result<(), Error> {
    if found.uid() != user {
        return Err(Error::other("belongs to another user"));
    }
    if found.mode() & OTHERS != 0 {
        let mode = found.mode() & 0o777;
        return Err(Error::other(format!("open to other users (mode {mode:o})")));
    }
    Ok(())
}

/// This process's user, as the kernel shows its owner.
fn user() -> Result<u32, Failure> {
    let own = std::fs::metadata("/proc/self");
    Ok(own
        .map_err(|error| Failure::new(format!("ask /proc whose process this is: {error}")))?
        .uid())
}
