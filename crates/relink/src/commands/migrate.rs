//! `relink migrate`.

use super::{Failure, configure};
use std::process::ExitCode;

pub(crate) async fn run() -> Result<ExitCode, Failure> {
    let config = configure(|reader| reader.database("relink-migrate"))?;
    let done = store::migrate::migrate(&config).await?;
    for name in &done.applied {
        println!("applied {name}");
    }
    println!("the database is at version {}", done.version);
    Ok(ExitCode::SUCCESS)
}
