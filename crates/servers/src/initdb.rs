use crate::room::Room;
use crate::{ServerError, binaries};
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash as _, Hasher as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command as BlockingCommand;
use tokio::process::Command;

/// The longest path of a Unix socket is 107 bytes; PostgreSQL adds `/.s.PGSQL.65535.lock`.
const SOCKET_DIR_BYTES_MAX: usize = 85;

/// Where a server keeps its files, and whom it runs as.
pub(crate) struct Home {
    pub(crate) data: PathBuf,
    pub(crate) socket: PathBuf,
    /// PostgreSQL refuses to run as root; then it runs as `postgres`, the user that the Debian package makes.
    pub(crate) user: Option<(u32, u32)>,
}

impl Home {
    /// Inside the room where that is possible. Where root's server could not reach it (a directory under `/root`),
    /// or its sockets' paths would be too long, in a directory under `/tmp` that is named after the room.
    pub(crate) fn of(room: &Room) -> Result<Self, ServerError> {
        let user = if owner_of_this_process() == 0 {
            Some(postgres_user()?)
        } else {
            None
        };
        let mut base = room.path().to_owned();
        open_to_search(&base)?;
        if base.join("socket").as_os_str().len() > SOCKET_DIR_BYTES_MAX
            || !is_reachable(&base, user)
        {
            base = substitute(room.path())?;
        }
        let home = Self {
            data: base.join("data"),
            socket: base.join("socket"),
            user,
        };
        home.make(&home.data, 0o700)?;
        home.make(&home.socket, 0o755)?;
        Ok(home)
    }

    fn make(&self, path: &Path, mode: u32) -> Result<(), ServerError> {
        let what = || format!("make the directory {}", path.display());
        fs::create_dir_all(path).map_err(ServerError::io(what()))?;
        fs::set_permissions(path, fs::Permissions::from_mode(mode))
            .map_err(ServerError::io(what()))?;
        let (user, group) = (self.user.map(|it| it.0), self.user.map(|it| it.1));
        chown(path, user, group).map_err(ServerError::io(what()))
    }

    /// Makes the cluster if there is none yet. Only local connections are let in, without a password.
    pub(crate) async fn initialize(&self, bin: &Path) -> Result<(), ServerError> {
        if self.data.join("PG_VERSION").is_file() {
            return Ok(());
        }
        let arguments = [
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        ];
        self.fill(bin, "initdb", &arguments).await
    }

    /// Makes the cluster, if there is none yet, as a copy of the running one on `port`.
    pub(crate) async fn copy(&self, bin: &Path, port: u16) -> Result<(), ServerError> {
        if self.data.join("PG_VERSION").is_file() {
            return Ok(());
        }
        let port = port.to_string();
        let place = ["-h", "127.0.0.1", "-p", &port, "-U", "postgres"];
        let manner = ["-X", "stream", "-c", "fast", "--no-sync"];
        self.fill(bin, "pg_basebackup", &[&place[..], &manner].concat())
            .await
    }

    /// Lets the server follow another one when it starts, until it is promoted.
    pub(crate) fn stand_by(&self) -> Result<(), ServerError> {
        let path = self.data.join("standby.signal");
        let what = || format!("write {}", path.display());
        fs::write(&path, "").map_err(ServerError::io(what()))?;
        let (user, group) = (self.user.map(|it| it.0), self.user.map(|it| it.1));
        chown(&path, user, group).map_err(ServerError::io(what()))
    }

    /// Runs a program that makes the cluster's directory.
    async fn fill(&self, bin: &Path, program: &str, arguments: &[&str]) -> Result<(), ServerError> {
        let mut command = Command::new(bin.join(program));
        command
            .args(arguments)
            .arg("-D")
            .arg(&self.data)
            .env_clear()
            .envs([binaries::search_path()])
            .current_dir("/")
            .kill_on_drop(true);
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        let what = || format!("make a PostgreSQL cluster in {}", self.data.display());
        let output = command.output().await.map_err(ServerError::io(what()))?;
        if output.status.success() {
            return Ok(());
        }
        let answer = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(ServerError::Refused {
            what: what(),
            answer,
        })
    }

    /// Removes everything that the server kept.
    pub(crate) fn remove(&self) {
        for path in [&self.data, &self.socket] {
            if let Err(error) = fs::remove_dir_all(path) {
                tracing::debug!(path = %path.display(), %error, "remove a private server's directory");
            }
        }
        if let Some(base) = self.data.parent().filter(|it| it.starts_with("/tmp")) {
            // Only when it is empty, so never a room.
            drop(fs::remove_dir(base));
        }
    }
}

fn owner_of_this_process() -> u32 {
    fs::metadata("/proc/self").map_or(u32::MAX, |it| it.uid())
}

fn postgres_user() -> Result<(u32, u32), ServerError> {
    let missing = || ServerError::Missing {
        program: "the user `postgres`",
        package: "postgresql-15",
    };
    let ask = |flag| {
        let output = BlockingCommand::new("id")
            .args([flag, "postgres"])
            .output()
            .ok()?;
        String::from_utf8(output.stdout)
            .ok()?
            .trim()
            .parse::<u32>()
            .ok()
    };
    Ok((
        ask("-u").ok_or_else(missing)?,
        ask("-g").ok_or_else(missing)?,
    ))
}

fn open_to_search(path: &Path) -> Result<(), ServerError> {
    let what = || format!("let PostgreSQL pass through {}", path.display());
    let mode = fs::metadata(path)
        .map_err(ServerError::io(what()))?
        .permissions()
        .mode();
    fs::set_permissions(path, fs::Permissions::from_mode(mode | 0o111))
        .map_err(ServerError::io(what()))
}

/// Asks the system itself, as that user, so that every parent and every access list counts.
fn is_reachable(path: &Path, user: Option<(u32, u32)>) -> bool {
    use std::os::unix::process::CommandExt as _;
    let Some((user, group)) = user else {
        return true;
    };
    let mut command = BlockingCommand::new("test");
    command
        .arg("-x")
        .arg(path)
        .current_dir("/")
        .uid(user)
        .gid(group);
    command.status().is_ok_and(|it| it.success())
}

/// A directory that anybody may pass and only we may write; one that somebody else put there is refused.
fn substitute(room: &Path) -> Result<PathBuf, ServerError> {
    let mut hasher = DefaultHasher::new();
    room.hash(&mut hasher);
    let path = Path::new("/tmp").join(format!("relink-postgres-{:016x}", hasher.finish()));
    let what = || format!("make the directory {}", path.display());
    match fs::create_dir(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            return Err(ServerError::io(what())(error));
        }
        Ok(()) | Err(_) => {}
    }
    let found = fs::symlink_metadata(&path).map_err(ServerError::io(what()))?;
    if !found.is_dir() || found.uid() != owner_of_this_process() {
        return Err(ServerError::Refused {
            what: what(),
            answer: "it is there and is not ours".to_owned(),
        });
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o711))
        .map_err(ServerError::io(what()))?;
    Ok(path)
}
