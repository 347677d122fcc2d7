use crate::ServerError;
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// The secret that this file holds; a new random one when there is no such file. Only its owner may read it.
pub(crate) fn kept_in(file: &Path) -> Result<String, ServerError> {
    let what = || format!("keep a secret in {}", file.display());
    if let Ok(secret) = fs::read_to_string(file)
        && !secret.is_empty()
    {
        return Ok(secret);
    }
    let mut bytes = [0_u8; 16];
    let mut source = fs::File::open("/dev/urandom").map_err(ServerError::io(what()))?;
    source
        .read_exact(&mut bytes)
        .map_err(ServerError::io(what()))?;
    let mut secret = String::new();
    for byte in bytes {
        write!(secret, "{byte:02x}").expect("a string takes every write");
    }
    // Erlang refuses a cookie that others may read.
    let mut target = OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o400)
        .open(file)
        .map_err(ServerError::io(what()))?;
    target
        .write_all(secret.as_bytes())
        .map_err(ServerError::io(what()))?;
    Ok(secret)
}
