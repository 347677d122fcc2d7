use crate::ServerError;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// The directory of PostgreSQL's server programs: `RELINK_PG_BIN`, else the newest of Debian's, else from `PATH`.
pub(crate) fn postgres() -> Result<PathBuf, ServerError> {
    let mut debian: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            Some((
                entry.file_name().to_str()?.parse().ok()?,
                entry.path().join("bin"),
            ))
        })
        .collect();
    debian.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    let debian = debian.into_iter().map(|(_, path)| path);
    holding("initdb", chosen("RELINK_PG_BIN"), debian.collect()).ok_or(ServerError::Missing {
        program: "initdb",
        package: "postgresql-15",
    })
}

/// The directory of RabbitMQ's programs: `RELINK_RABBITMQ_BIN`, else where Debian has them. Not `/usr/sbin`, whose
/// wrappers insist on the system's own user and files.
pub(crate) fn rabbitmq() -> Result<PathBuf, ServerError> {
    holding(
        "rabbitmq-server",
        chosen("RELINK_RABBITMQ_BIN"),
        vec![PathBuf::from("/usr/lib/rabbitmq/bin")],
    )
    .ok_or(ServerError::Missing {
        program: "rabbitmq-server",
        package: "rabbitmq-server",
    })
}

/// Erlang's name service, which a node needs.
pub(crate) fn epmd() -> Result<PathBuf, ServerError> {
    holding("epmd", None, vec![PathBuf::from("/usr/bin")])
        .map(|it| it.join("epmd"))
        .ok_or(ServerError::Missing {
            program: "epmd",
            package: "rabbitmq-server",
        })
}

/// `PATH` as it is for us, for programs that look for others.
pub(crate) fn search_path() -> (OsString, OsString) {
    let path =
        environment("PATH").unwrap_or_else(|| OsString::from("/usr/sbin:/usr/bin:/sbin:/bin"));
    (OsString::from("PATH"), path)
}

/// A directory that was chosen by hand is the only candidate: falling back would hide a mistake in it.
fn holding(program: &str, chosen: Option<PathBuf>, usual: Vec<PathBuf>) -> Option<PathBuf> {
    let candidates = match chosen {
        Some(chosen) => vec![chosen],
        None => usual
            .into_iter()
            .chain(std::env::split_paths(&search_path().1))
            .collect(),
    };
    candidates
        .into_iter()
        .find(|directory| is_program(&directory.join(program)))
}

fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
}

fn chosen(name: &str) -> Option<PathBuf> {
    environment(name)
        .filter(|it| !it.is_empty())
        .map(PathBuf::from)
}

#[expect(
    clippy::disallowed_methods,
    reason = "where programs are is a fact of this machine, not a setting of the fleet"
)]
fn environment(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}
