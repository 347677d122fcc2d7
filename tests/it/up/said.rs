//! What a run of `relink up` printed.

use std::process::Output;

/// Everything that it printed.
pub(super) fn text(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// What a fleet says of a run that failed: first what must hold and does not, with what speaks against it, and what it failed
/// with; then everything. Whoever prints it may cut its end away.
pub(super) fn why(output: &Output) -> String {
    let said = text(output);
    let mut is_no = false;
    let against = said.lines().filter(|line| {
        // What speaks against it stands deeper.
        is_no = line.starts_with("  NO ") || (is_no && line.starts_with("      "));
        is_no || line.starts_with("Not judged")
    });
    let errors = String::from_utf8_lossy(&output.stderr);
    let failed = errors
        .lines()
        .skip_while(|line| !line.starts_with("relink: "));
    let short: Vec<&str> = against.chain(failed).collect();
    format!("{}\n{}\n{said}", output.status, short.join("\n"))
}
