//! A shell that outlives this process just long enough to end what its tests have started.

use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// Waits for the end of this process, however it ends, then kills each group that was announced. A later process with a
/// leader's pid is none of ours; a group that has lost its leader is, for nobody gets that number while it has members.
const SCRIPT: &str = r#"
trap '' HUP INT TERM QUIT
while read -r pid started; do groups="$groups $pid.$started"; done
for group in $groups; do
    pid=${group%.*}
    if IFS= read -r stat < "/proc/$pid/stat"; then
        set -f; set -- ${stat##*) }; set +f
        [ "${20}" = "${group#*.}" ] || continue
    fi
    kill -KILL "-$pid"
done
"#;

/// Announces its group on standard output before it becomes the program, so that no program runs unannounced. What that says
/// goes to the log, as what it complains of.
pub(super) const LAUNCHER: &str = r#"
set -f
field() { shift 19; echo "$1"; }
IFS= read -r stat < /proc/$$/stat
echo "$$ $(field ${stat##*) })"
exec "$@" >&2
"#;

/// Where a launcher announces its group. The guard sees its end once nobody holds it any more: neither this process, nor a
/// launcher that has not become its program yet.
pub(super) fn announcements() -> Stdio {
    static GUARD: OnceLock<OwnedFd> = OnceLock::new();
    let guard = GUARD.get_or_init(stand).try_clone();
    guard.expect("share the way to the guard").into()
}

#[expect(
    clippy::zombie_processes,
    reason = "it ends after this process, and whoever takes over orphans waits for it"
)]
fn stand() -> OwnedFd {
    // A session of its own: neither Ctrl-C nor the end of a test's group reaches it.
    let mut guard = Command::new("setsid")
        .args(["/bin/sh", "-c", SCRIPT])
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("start the guard of tests' processes (setsid, /bin/sh)");
    guard.stdin.take().expect("its input").into()
}
