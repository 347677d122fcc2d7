//! The person behind a session, as each provider's profile names them.

use super::{Lacks, id, object};
use crate::unipile::door::line;
use crate::{Owner, Product};
use policy::identity::{self, Family, canonical, handle};
use policy::ids::Identity;
use serde_json::Value;

/// Names of one person that are kept.
const NAMES_MAX: usize = 64;
/// Longest word for what ails a product, in characters.
const WORD_CHARS_MAX: usize = 64;

pub(crate) fn owner(value: &Value) -> Result<Owner, Lacks> {
    object(value, "AccountOwnerProfile")?;
    let names = names(value);
    Ok(Owner {
        identity: names.first().cloned(),
        names,
        public_identifier: id(value, "public_identifier")
            .and_then(|text| handle("LINKEDIN", &text)),
        premium: value.get("premium").and_then(Value::as_bool),
        recruiter: product(value.get("recruiter")),
        sales_navigator: product(value.get("sales_navigator")),
    })
}

/// Every name of the person, the one that is theirs first: a member id, or the mailbox's addresses. A profile of a kind
/// that we do not know is read by what it has.
fn names(value: &Value) -> Vec<Identity> {
    let provider = id(value, "provider").unwrap_or_default();
    let member = || id(value, "provider_id").and_then(|text| canonical("LINKEDIN", &text));
    let names = match Family::of(&provider) {
        Family::Linkedin => member().into_iter().collect(),
        Family::Mailbox => addresses(value),
        Family::Other => member().map_or_else(|| addresses(value), |member| vec![member]),
    };
    let mut once = vec![];
    for name in names {
        if once.len() < NAMES_MAX && !once.contains(&name) {
            once.push(name);
        }
    }
    once
}

/// Addresses of a mailbox: Google's and Microsoft's `email`, the primary alias, Microsoft's name of the user, a mail
/// server's user; then the other aliases.
fn addresses(value: &Value) -> Vec<Identity> {
    let address = |text: String| canonical("MAIL", &text);
    let aliases = || {
        value
            .get("aliases")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    };
    let is_primary =
        |alias: &&Value| alias.get("is_primary").and_then(Value::as_bool) == Some(true);
    let primary = aliases()
        .filter(is_primary)
        .filter_map(|it| id(it, "email"));
    let own = id(value, "email").into_iter().chain(primary);
    let own = own
        .chain(id(value, "user_principal_name"))
        .filter_map(address);
    let others = aliases()
        .filter_map(|it| id(it, "email"))
        .filter_map(address);
    own.chain(server(value)).chain(others).collect()
}

fn server(value: &Value) -> Option<Identity> {
    let imap = value.get("connection_params")?.get("imap")?;
    identity::mailbox(&id(imap, "username")?, id(imap, "host").as_deref())
}

fn product(value: Option<&Value>) -> Product {
    match value {
        None | Some(Value::Null | Value::Bool(false)) => Product::Absent,
        Some(plan) => match plan.get("error").and_then(Value::as_str) {
            Some(word) if !word.trim().is_empty() => Product::Failed {
                word: line(word, WORD_CHARS_MAX),
            },
            _ => Product::Active,
        },
    }
}
