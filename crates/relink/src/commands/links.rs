//! `relink links …`: a link for an owner whom an operator helps (R-LNK-1).

use super::act::{OperationArgs, log, reason};
use super::minting::{self, MintSettings};
use super::named::Named;
use super::table::utc;
use super::{Failure, configure};
use clap::Subcommand;
use operations::product::{LinkFor, LinkView, Reconnect, give_link};
use operations::{OperationRequest, Refused};
use policy::ids::{AccountId, WorkspaceId};
use secrecy::SecretString;
use std::process::ExitCode;
use store::Store;
use store::operators::Scope;

/// Links with which owners sign in.
#[derive(Subcommand)]
pub(crate) enum Links {
    /// Makes a link for an account's owner, and prints it: it lives minutes, and whoever has it can sign in. Never mail it.
    Mint {
        /// Id or name of the account, its session or handle.
        which: String,
        /// The account is connected, and its owner signs in again before anything breaks.
        #[arg(long)]
        renew: bool,
        /// The link that was given before does not work; at most 3 in 10 minutes.
        #[arg(long)]
        dead: bool,
        #[command(flatten)]
        how: OperationArgs,
    },
}

pub(crate) async fn run(asked: Links) -> Result<ExitCode, Failure> {
    let Links::Mint {
        which,
        renew,
        dead,
        how,
    } = asked;
    if how.dry_run {
        return Err(Failure::new("--dry-run: a link is made, or it is not"));
    }
    let wish = Reconnect {
        id: Named::Account.id(&which).await?,
        renew,
        dead,
        ..Reconnect::default()
    };
    match minted(&how, &wish).await? {
        Some(link) if how.json => println!("{}", serde_json::to_string_pretty(&link)?),
        Some(link) => {
            println!("  link       {}", link.url);
            println!("  until      {}", utc(link.expires_at));
            println!("  attempt    {} ({})", link.attempt, link.purpose);
        }
        // The log's line said why.
        None => return Ok(ExitCode::FAILURE),
    }
    Ok(ExitCode::SUCCESS)
}

/// None: it was refused, and the log line said why.
async fn minted(how: &OperationArgs, asked: &Reconnect) -> Result<Option<LinkView>, Failure> {
    let (config, token, mints): (store::Config, SecretString, MintSettings) =
        configure(|reader| {
            let token = reader.secret("RELINK_OPERATOR_TOKEN", "the operator's token, rlo_…");
            (
                reader.database("relink-operator"),
                token,
                minting::settings(reader),
            )
        })?;
    let store = Store::new(config)?;
    let minter = mints.minter(store.clone())?;
    let request = OperationRequest {
        token: &token,
        reason: reason(how.reason())?,
        dry_run: false,
        log,
    };
    let account = AccountId(asked.id);
    let (by, workspace) = match who(&store, &token, account).await {
        Ok(known) => known,
        Err(refused) => {
            let what = format!("accounts link {account}");
            operations::refuse(&store, &request, (&what, Scope::Operate), &refused).await;
            return Ok(None);
        }
    };
    let of = LinkFor {
        account,
        workspace,
        by: &by,
    };
    let wish = asked.wish()?;
    let made = give_link((&store, &minter), &request, of, (&wish, None)).await;
    Ok(made.ok())
}

/// Whoever holds the token, and the account's workspace: nothing is asked of the provider for somebody who may not.
async fn who(
    store: &Store,
    token: &SecretString,
    account: AccountId,
) -> Result<(String, WorkspaceId), Refused> {
    store
        .reading(async |tx| {
            let bearer = tx.bearer(token).await?;
            if !bearer.scopes.contains(&Scope::Operate) {
                let why = format!(
                    "operator token: {} may not do this: it needs the scope operate",
                    bearer.operator
                );
                return Err(Refused::of_code(operations::Code::Scope, why));
            }
            let found = tx.account_detail(account).await?;
            let missing = || Refused::missing(format!("there is no account {account}"));
            let workspace = found.ok_or_else(missing)?.account.workspace_id;
            Ok((
                format!("operator {}", bearer.operator),
                WorkspaceId(workspace),
            ))
        })
        .await
}
