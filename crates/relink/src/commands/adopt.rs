//! `relink adopt`: makes a restored copy of the database the fleet's own (R-RES-1).

use super::Failure;
use super::act::{OperationArgs, perform};
use clap::Args;
use operations::{Life, witness};
use std::process::ExitCode;

/// How the copy begins to work.
#[derive(Args)]
pub(crate) struct Adopt {
    /// What was held back starts little by little over so long; 10 minutes unless said.
    #[arg(long)]
    ramp: Option<Life>,
    #[command(flatten)]
    how: OperationArgs,
}

pub(crate) async fn run(asked: &Adopt) -> Result<ExitCode, Failure> {
    perform(&asked.how, &witness::Adopt { ramp: asked.ramp }).await
}
