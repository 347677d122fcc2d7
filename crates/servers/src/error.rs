use std::path::{Path, PathBuf};
use std::{fs, io};

/// What could not be done with a private server, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// A server's program is not on this machine.
    #[error(
        "find {program}: not installed; run deploy/local/install, or: apt-get install {package}"
    )]
    Missing {
        /// The program that was looked for.
        program: &'static str,
        /// The Debian package that brings it.
        package: &'static str,
    },
    /// Another living process owns the servers of this directory.
    #[error("use {}: another process is running a server there", .0.display())]
    InUse(PathBuf),
    /// A file or a process could not be worked with.
    #[error("{what}")]
    Io {
        /// What was attempted.
        what: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The server ended, or did not become ready in time.
    #[error("start {server}: {reason}; the end of {}:\n{tail}", log.display())]
    NotReady {
        /// The server's name.
        server: &'static str,
        /// What happened instead.
        reason: String,
        /// Its log file.
        log: PathBuf,
        /// The last lines of the log.
        tail: String,
    },
    /// A running server, or one of its tools, refused what it was asked.
    #[error("{what}: {answer}")]
    Refused {
        /// What was attempted.
        what: String,
        /// What it answered.
        answer: String,
    },
}

impl ServerError {
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }

    pub(crate) fn not_ready(server: &'static str, reason: impl Into<String>, log: &Path) -> Self {
        Self::NotReady {
            server,
            reason: reason.into(),
            log: log.to_owned(),
            tail: last_lines(log),
        }
    }
}

/// Whether a server found its port taken: by its log as a whole, because the cause stands above long crash reports.
pub(crate) fn port_was_taken(log: &Path) -> bool {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    [
        "Address already in use",
        "address already in use",
        "eaddrinuse",
    ]
    .iter()
    .any(|it| text.contains(it))
}

/// Enough to hold the cause above one of Erlang's crash reports, little enough to read in a terminal.
const TAIL_LINES: usize = 60;

fn last_lines(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
}
