//! `relink operator …`: who may act, by tokens. Needs a database login that may act as the schema's owner.

use super::act::{answer, key_of_line, log, reason, words};
use super::table::{one_line, show, table, utc};
use super::{Failure, configure};
use clap::{Args, Subcommand};
use jiff::Timestamp;
use operations::keys::ActKey;
use operations::{Done, Life};
use rand::TryRng;
use rand::rngs::SysRng;
use secrecy::{ExposeSecret, SecretString};
use std::fmt::Write as _;
use std::process::ExitCode;
use std::time::Duration;
use store::operators::{self, HandedOut, NewToken, OperatorRow, Scope};
use uuid::Uuid;

/// The longest life of a token.
const LIFE_MAX: Duration = Duration::from_hours(24 * 366);
/// Letters of a name at most.
const NAME_MAX: usize = 60;
/// Random bytes in a token's name, and in its secret.
const ID_BYTES: usize = 6;
const SECRET_BYTES: usize = 32;

/// What is done with operators.
#[derive(Subcommand)]
pub(crate) enum Operator {
    /// Hands out a token, and shows it this once. An operator may have several.
    Add {
        /// Who will act with it.
        name: String,
        /// What it may be used for: read, operate, remove; or product or product_read, alone and with --workspace.
        #[arg(long = "scope", value_delimiter = ',', default_value = "read,operate")]
        scopes: Vec<Scope>,
        /// The workspace that a product's token sees.
        #[arg(long)]
        workspace: Option<Uuid>,
        /// For how long.
        #[arg(long = "for", default_value = "90d")]
        life: Life,
        #[command(flatten)]
        hand: Hand,
    },
    /// Takes back one token by its id, or all of an operator by name.
    Revoke {
        /// The operator's name or the token's id, the 12 digits after `rlo_`.
        which: String,
        #[command(flatten)]
        hand: Hand,
    },
    /// Lists all tokens there ever were, without their secrets.
    List {
        /// The answer as JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Who hands out or takes back, and why.
#[derive(Args)]
pub(crate) struct Hand {
    /// Who you are.
    #[arg(long)]
    by: String,
    /// Why; it is kept with the act for good.
    #[arg(long)]
    reason: String,
    /// Does it once: said again with the same key, the same command line does nothing, and shows no secret a second time.
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    /// The answer as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(operator: &Operator) -> Result<ExitCode, Failure> {
    match operator {
        Operator::Add {
            name,
            scopes,
            workspace,
            life,
            hand,
        } => add(name, (scopes, *workspace), *life, hand).await,
        Operator::Revoke { which, hand } => revoke(which, hand).await,
        Operator::List { json } => list(*json).await,
    }
}

async fn add(
    name: &str,
    (scopes, workspace): (&[Scope], Option<Uuid>),
    life: Life,
    hand: &Hand,
) -> Result<ExitCode, Failure> {
    let (name, act) = (new_name(name)?, hand.act()?);
    let what = format!("operator add {name}");
    if life.0 > LIFE_MAX {
        let why = format!(
            "--for: a token lives at most {}, not {life}",
            Life(LIFE_MAX)
        );
        return Ok(refuse(&what, &why));
    }
    let is_products = matches!(scopes, [scope] if scope.is_of_a_product());
    if is_products != workspace.is_some() {
        let why =
            "--scope: a product's stands alone and needs --workspace, every other scope has none";
        return Ok(refuse(&what, why));
    }
    let (id, secret) = draw_token()?;
    let token = NewToken {
        id: &id,
        secret: secret.expose_secret(),
        operator: &name,
        scopes,
        workspace,
        life: life.0,
    };
    let key = hand.key(&what)?;
    let deed = match operators::hand_out(&owner()?, &token, act, key.as_ref()).await {
        Ok(deed) => deed,
        Err(error) => return Ok(refuse(&what, &words(&error))),
    };
    let HandedOut { id, ends_at } = &deed.done;
    let until = utc(*ends_at);
    let done = if deed.is_again {
        let says = format!(
            "handed out token {id} to {name} until {until}, when this key was first used; its secret was shown then and is kept nowhere"
        );
        Done::new(says)
    } else {
        let says = format!(
            "handed out a token to {name} until {until}; it is shown here once and kept nowhere"
        );
        Done::new(says).with("token", &format!("rlo_{id}_{}", secret.expose_secret()))
    };
    let done = done.with("id", id).with("ends_at", ends_at);
    hand.tell(&what, done, deed.audit);
    Ok(ExitCode::SUCCESS)
}

async fn revoke(which: &str, hand: &Hand) -> Result<ExitCode, Failure> {
    let (which, act) = (named("WHICH", which)?, hand.act()?);
    let what = format!("operator revoke {which}");
    let key = hand.key(&what)?;
    let deed = match operators::take_back(&owner()?, which, act, key.as_ref()).await {
        Ok(deed) => deed,
        Err(error) => return Ok(refuse(&what, &words(&error))),
    };
    let (revoked, audit) = (deed.done, deed.audit);
    if revoked.is_empty() {
        let why = format!("no token in force has the id or the operator {which} (audit {audit})");
        return Ok(refuse(&what, &why));
    }
    let says = format!(
        "revoked {} of {which}: they are refused from now on",
        revoked.join(", ")
    );
    hand.tell(&what, Done::new(says), audit);
    Ok(ExitCode::SUCCESS)
}

async fn list(json: bool) -> Result<ExitCode, Failure> {
    let config = owner()?;
    let found = operators::list(&config).await;
    let operators = found.map_err(|error| Failure::new(words(&error)))?;
    let now = store::Store::new(config)?.now().await?.at;
    show(
        &operators,
        json,
        "no token was ever handed out",
        |operators| {
            let rows: Vec<_> = operators.iter().map(|one| row(one, now)).collect();
            table(
                [
                    "operator",
                    "token",
                    "scopes",
                    "state",
                    "handed out",
                    "dies",
                    "last used",
                ],
                &rows,
            )
        },
    )?;
    Ok(ExitCode::SUCCESS)
}

fn row(token: &OperatorRow, now: Timestamp) -> [String; 7] {
    let state = match token.revoked_at {
        Some(at) => format!("revoked at {}", utc(at)),
        None if token.ends_at <= now => "dead".to_owned(),
        None => "in force".to_owned(),
    };
    [
        token.operator.clone(),
        format!("rlo_{}_…", token.id),
        token.scopes.join(","),
        state,
        utc(token.created_at),
        utc(token.ends_at),
        token.last_used_at.map_or_else(|| "never".to_owned(), utc),
    ]
}

impl Hand {
    /// By whom, and why.
    fn act(&self) -> Result<(&str, &str), Failure> {
        Ok((named("--by", &self.by)?, reason(&self.reason)?))
    }

    fn key(&self, what: &str) -> Result<Option<ActKey>, Failure> {
        key_of_line(self.idempotency_key.as_deref(), what)
    }

    fn tell(&self, what: &str, done: Done, audit: Uuid) {
        let done = done.with("audit", &audit);
        said(what, &done.in_short(false));
        print!("{}", answer(self.json, false, &done));
    }
}

/// The one line of an act in the log. A name with a line feed in it does not make two.
fn said(what: &str, ended: &str) {
    log(&format!(
        "[SENSITIVE-OP] {}",
        one_line(&format!("{what}: {ended}"))
    ));
}

fn refuse(what: &str, why: &str) -> ExitCode {
    said(what, &format!("refused: {why}"));
    ExitCode::FAILURE
}

fn owner() -> Result<store::Config, Failure> {
    Ok(configure(|reader| reader.database("relink-operator"))?)
}

fn named<'a>(field: &str, text: &'a str) -> Result<&'a str, Failure> {
    match text.trim() {
        "" => Err(Failure::new(format!("{field}: name somebody; it is blank"))),
        name => Ok(name),
    }
}

/// Name that stands in logs and lists, and is no token's id: to revoke the one would revoke the other.
fn new_name(text: &str) -> Result<String, Failure> {
    let name = named("NAME", text)?.to_lowercase();
    if name.chars().count() > NAME_MAX || one_line(&name) != name {
        let why =
            format!("NAME: at most {NAME_MAX} letters, on one line and all of them to be seen");
        return Err(Failure::new(why));
    }
    let is_id = name.len() == 2 * ID_BYTES && name.bytes().all(|it| it.is_ascii_hexdigit());
    if is_id {
        return Err(Failure::new("NAME: it looks like a token's id"));
    }
    Ok(name)
}

/// Name and secret of a token that nobody has yet.
pub(crate) fn draw_token() -> Result<(String, SecretString), Failure> {
    Ok((random(ID_BYTES)?, SecretString::from(random(SECRET_BYTES)?)))
}

/// So many random bytes of the system's, in hex.
fn random(bytes: usize) -> Result<String, Failure> {
    let mut drawn = vec![0_u8; bytes];
    SysRng.try_fill_bytes(&mut drawn)?;
    let mut text = String::new();
    for byte in drawn {
        write!(text, "{byte:02x}")?;
    }
    Ok(text)
}
