//! Logs: one line an event, JSON for machines or plain for people, to standard error.

use tracing_subscriber::EnvFilter;

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

/// Starts logging in this process. `filter` is a tracing filter (`info,store=debug`).
pub fn install(format: Format, filter: &str) -> Result<(), String> {
    // lapin warns of every returned message; the relay handles and counts them.
    let filter =
        EnvFilter::try_new(format!("{filter},lapin=error")).map_err(|error| error.to_string())?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    match format {
        Format::Json => lines.json().flatten_event(true).try_init(),
        Format::Text => lines
            .with_target(false)
            .with_ansi(false)
            .compact()
            .try_init(),
    }
    .map_err(|error| error.to_string())
}
