use crate::ServerError;
use crate::room::Room;
use std::process::{Child, Command, Stdio};

/// Waits for the owner to end, however it ends, then stops what the owner's pid files name: first by the server's own
/// signal, after ten seconds by `KILL`. Two rounds, because the owner may have died while a launcher was about to
/// write its pid file. `$0` is the room, `$1` the owner's token.
const SCRIPT: &str = r#"
trap '' HUP INT TERM QUIT
while read -r _; do :; done
alive() {
    IFS= read -r stat < "/proc/$1/stat" || return 1
    wanted=$2
    set -f; set -- ${stat##*) }; set +f
    [ "$1" != Z ] && [ "${20}" = "$wanted" ]
}
round() {
    for file in "$0"/pids/*; do
        read -r pid started signal owner < "$file" || continue
        [ "$owner" = "$1" ] || continue
        alive "$pid" "$started" && kill -"$signal" "$pid"
        looks=0
        while alive "$pid" "$started"; do
            looks=$((looks + 1))
            [ "$looks" -lt 100 ] || kill -KILL "$pid"
            sleep 0.1
        done
        rm -f "$file"
    done
}
round "$1"
sleep 1
round "$1"
"#;

/// A process that outlives its owner just long enough to stop the owner's servers.
pub(crate) struct Guard {
    child: Child,
}

impl Guard {
    /// Must stand before the first server starts.
    pub(crate) fn stand(room: &Room) -> Result<Self, ServerError> {
        // A session of its own: neither Ctrl-C nor a closed terminal reaches it.
        let child = Command::new("setsid")
            .args(["/bin/sh", "-c", SCRIPT])
            .arg(room.path())
            .arg(room.owner())
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(ServerError::io(
                "start the guard of the private servers (setsid, /bin/sh)",
            ))?;
        Ok(Self { child })
    }
}

impl Drop for Guard {
    /// By now every server is stopped and unrecorded, so that the guard has nothing to do but end.
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
