//! A product changes what it said of an account.

use super::create::{has_name, is_person};
use super::said::{OwnerSaid, handle, tier};
use crate::workspaces::{Setting, put_setting, short_text};
use crate::{Done, Operation, Refused, Versioned};
use policy::ids::AccountId;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use store::Tx;
use store::operators::{Act, Scope};
use store::product::AccountChanged;
use store::schemas::TierName;
use utoipa::ToSchema;
use uuid::Uuid;

/// Changes what is said of an account of the token's workspace; what is not named stays, and null takes a value back.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeAccount {
    /// Id of the account.
    pub id: Uuid,
    /// Version that the change was made for; an account at another is left alone. None: at any.
    #[serde(skip)]
    pub version: Option<i32>,
    /// Display name.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// Name that the product gives it, unique in the workspace.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub external_id: Setting<String>,
    /// Profile or mail address that is to sign in.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub handle: Setting<String>,
    /// The person whose account it is.
    #[serde(default)]
    pub owner: OwnerSaid,
    /// What its owner pays for at LinkedIn.
    #[serde(default)]
    #[schema(value_type = Option<TierName>)]
    pub tier: Option<String>,
}

impl Versioned for ChangeAccount {
    fn expect_version(&mut self, version: i32) {
        self.version = Some(version);
    }
}

impl ChangeAccount {
    fn changes(&self) -> Result<Value, Refused> {
        let Self {
            id: _,
            version: _,
            name,
            external_id,
            handle: declared,
            owner,
            tier: word,
        } = self;
        let mut changes = Map::new();
        if let Some(name) = name {
            changes.insert("name".to_owned(), json!(short_text("name", name)?));
        }
        if let Some(word) = word {
            changes.insert("tier".to_owned(), json!(tier(word)?));
        }
        put_setting(&mut changes, "external_id", external_id, |it| {
            Ok(json!(short_text("external_id", it)?))
        })?;
        put_setting(&mut changes, "handle", declared, |it| {
            Ok(json!(handle(it, None)?))
        })?;
        owner.put(&mut changes)?;
        if changes.is_empty() {
            let why = "name something that changes: name, external_id, handle, owner or tier";
            return Err(Refused::invalid(why));
        }
        Ok(Value::Object(changes))
    }
}

impl Operation for ChangeAccount {
    const SCOPE: Scope = Scope::Product;

    fn what(&self) -> String {
        format!("accounts change {}", self.id)
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        let (account, changes) = (AccountId(self.id), self.changes()?);
        let ended = tx
            .change_account(act, account, (self.version, &changes))
            .await?;
        match ended {
            AccountChanged::To(version) => {
                let says = format!("changed the account; it is at version {version}");
                Ok(Done::new(says).with_json("version", version.into()))
            }
            AccountChanged::IsPerson(other) => Err(is_person(other)),
            AccountChanged::HasName(other) => Err(has_name(other)),
        }
    }
}
