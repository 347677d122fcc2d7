//! Tokens of operators, made for one test.

use secrecy::SecretString;
use uuid::Uuid;

/// A new one: its id, its secret, and the whole.
pub(super) fn fresh() -> (String, String, SecretString) {
    let id = Uuid::now_v7().simple().to_string()[20..].to_owned();
    let secret = format!("{}{}", Uuid::now_v7().simple(), Uuid::now_v7().simple());
    let token = SecretString::from(format!("rlo_{id}_{secret}"));
    (id, secret, token)
}
