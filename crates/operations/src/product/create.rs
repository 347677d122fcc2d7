//! A product makes an account, and gets the link with which its owner signs in for the first time.

use super::link::{LinkFor, LinkView, LinkWish, mint};
use super::said::{OwnerSaid, handle, tier};
use crate::keys::ActKey;
use crate::workspaces::{browser_url, short_text};
use crate::{Code, Done, Operation, OperationRequest, Performed, Refused, perform_once};
use linking::{Intent, LastLink, Minter, NoMintEnd};
use policy::account::ProductKind;
use policy::ids::{AccountId, WorkspaceId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use store::operators::{Act, Scope};
use store::product::AccountMade;
use store::schemas::{LinkedKind, TierName};
use store::{Store, Tx};
use utoipa::ToSchema;

/// Makes an account in the workspace of the token. Nobody is signed in yet: it is `reconnect_needed` until a link of it is
/// minted, and `connecting` while that waits for its owner.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateAccount {
    /// What is signed in to.
    #[schema(value_type = LinkedKind)]
    pub kind: String,
    /// Display name.
    #[schema(example = "Ada Bauer", min_length = 1, max_length = 200)]
    pub name: String,
    /// Name that the product gives it, unique in the workspace.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 200)]
    pub external_id: Option<String>,
    /// Profile (address or public name) or mail address that is to sign in; another person's login is refused.
    #[serde(default)]
    #[schema(example = "https://www.linkedin.com/in/ada-bauer")]
    pub handle: Option<String>,
    /// The person whose account it is.
    #[serde(default)]
    pub owner: OwnerSaid,
    /// What its owner pays for at LinkedIn; `free`, if not said.
    #[serde(default)]
    #[schema(value_type = Option<TierName>)]
    pub tier: Option<String>,
    /// Place for the owner's browser after the sign-in; the workspace's, without one.
    #[serde(default)]
    pub success_url: Option<String>,
    /// Place for the owner's browser after a sign-in that failed; the workspace's, without one.
    #[serde(default)]
    pub failure_url: Option<String>,
    /// Whether a link is minted at once.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub link: bool,
}

const fn yes() -> bool {
    true
}

impl CreateAccount {
    /// What the database is asked for.
    fn details(&self) -> Result<Value, Refused> {
        let kind = ProductKind::parse(&self.kind).map(ProductKind::kind);
        let kind = kind.ok_or_else(|| {
            let all = ProductKind::ALL.map(ProductKind::as_str).join(", ");
            Refused::invalid(format!("kind: there are {all}"))
        })?;
        let mut details = Map::new();
        let mut put = |name: &str, value: Value| details.insert(name.to_owned(), value);
        put("kind", json!(kind.as_str()));
        put("name", json!(short_text("name", &self.name)?));
        if let Some(external_id) = &self.external_id {
            put(
                "external_id",
                json!(short_text("external_id", external_id)?),
            );
        }
        if let Some(declared) = &self.handle {
            put("handle", json!(handle(declared, Some(kind))?));
        }
        if let Some(word) = &self.tier {
            put("tier", json!(tier(word)?));
        }
        self.owner.put(&mut details)?;
        for (field, url) in [
            ("success_url", &self.success_url),
            ("failure_url", &self.failure_url),
        ] {
            if let Some(url) = url {
                browser_url(field, url)?;
            }
        }
        Ok(Value::Object(details))
    }

    fn wish(&self) -> LinkWish {
        LinkWish {
            intent: Intent::Repair,
            last_link: LastLink::Unsaid,
            success_url: self.success_url.clone(),
            failure_url: self.failure_url.clone(),
        }
    }
}

impl Operation for CreateAccount {
    const SCOPE: Scope = Scope::Product;

    fn what(&self) -> String {
        format!("accounts create {}", self.kind)
    }

    async fn act(&self, tx: &Tx, act: &Act<'_>) -> Result<Done, Refused> {
        match tx.create_account(act, &self.details()?).await? {
            AccountMade::Made(account) => {
                let says = "made an account; its owner signs in on the page of its link";
                Ok(Done::new(says).with("account", &account))
            }
            AccountMade::IsPerson(other) => Err(is_person(other)),
            AccountMade::HasName(other) => Err(has_name(other)),
        }
    }
}

pub(super) fn is_person(other: AccountId) -> Refused {
    let why = format!("handle: account {other} of this workspace is that person");
    Refused::of_code(Code::IdentityKnown, why).of_account(other)
}

pub(super) fn has_name(other: AccountId) -> Refused {
    let why = format!("external_id: account {other} of this workspace has it");
    Refused::conflict(why).of_account(other)
}

/// What came of making an account and asking for its first link.
#[derive(Clone, Debug)]
pub enum AccountCreated {
    /// Asked for as a dry run: nothing is written, and nobody was asked for a link.
    Tried(Done),
    /// There it is.
    Made(NewAccount),
}

/// An account that was made, by this request or by an earlier one with its key.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// The account.
    pub account: AccountId,
    /// The act, with its audit row; [`Performed::Before`] where an earlier request did it.
    pub act: Performed,
    /// Its link, or why there is none; null where none is wanted.
    pub link: Option<Result<LinkView, LinkProblem>>,
}

/// Why an account that was made has no link; asking for one again is safe.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LinkProblem {
    /// Which error, for programs.
    pub code: Code,
    /// The same for people.
    pub detail: String,
    /// The provider's word for what it refused, where it did.
    pub provider_type: Option<String>,
}

impl From<Refused> for LinkProblem {
    fn from(refused: Refused) -> Self {
        Self {
            code: refused.code,
            detail: refused.why,
            provider_type: refused.provider_type,
        }
    }
}

/// Makes an account; if that is done, mints its first link, unless none is wanted. The account stays when there is no link. Asked
/// again with its key, nothing is made again, and the link is the one that waits, or a new one.
pub async fn create_with_link(
    (store, minter): (&Store, &Minter),
    (asked, key): (&OperationRequest<'_>, Option<&ActKey>),
    (workspace, by): (WorkspaceId, &str),
    create: &CreateAccount,
) -> Result<AccountCreated, Refused> {
    let act = perform_once(store, asked, key, create).await?;
    let done = act.clone().into_done();
    let made = done.value("account").and_then(Value::as_str);
    let made = made.and_then(|it| it.parse().ok());
    let Some(account) = made.filter(|_| !asked.dry_run).map(AccountId) else {
        return Ok(AccountCreated::Tried(done));
    };
    let link = if create.link {
        let of = LinkFor {
            account,
            workspace,
            by,
        };
        let link = mint((store, minter), of, &create.wish(), &NoMintEnd).await;
        Some(link.map_err(LinkProblem::from))
    } else {
        None
    };
    Ok(AccountCreated::Made(NewAccount { account, act, link }))
}

#[cfg(test)]
mod tests {
    use super::CreateAccount;
    use serde_json::{Value, json};

    fn details(of: Value) -> Result<Value, String> {
        let create: CreateAccount =
            serde_json::from_value(of).map_err(|error| error.to_string())?;
        create.details().map_err(|refused| refused.why)
    }

    #[test]
    fn r_api_1_an_account_is_made_of_what_can_be_obeyed() {
        let asked = json!({
            "kind": "google", "name": " Sales ", "external_id": "u-7", "handle": "Sales@Acme.Example", "tier": "premium",
            "owner": { "email": "Ada@Acme.Example" }, "success_url": "https://app.acme.example/ok", "link": false,
        });
        let written = json!({
            "kind": "GOOGLE_OAUTH", "name": "Sales", "external_id": "u-7", "handle": "sales@acme.example", "tier": "premium",
            "owner_email": "ada@acme.example",
        });
        assert_eq!(details(asked), Ok(written));
        for (bad, field) in [
            (json!({ "kind": "whatsapp", "name": "x" }), "kind: "),
            (json!({ "kind": "LINKEDIN", "name": "x" }), "kind: "),
            (json!({ "kind": "linkedin", "name": "\n" }), "name: "),
            (
                json!({ "kind": "linkedin", "name": "x", "external_id": " " }),
                "external_id: ",
            ),
            (
                json!({ "kind": "imap", "name": "x", "handle": "ada" }),
                "handle: ",
            ),
            (
                json!({ "kind": "linkedin", "name": "x", "tier": "gold" }),
                "tier: ",
            ),
            (
                json!({ "kind": "linkedin", "name": "x", "success_url": "javascript:alert(1)" }),
                "success_url: ",
            ),
            (
                json!({ "kind": "linkedin", "name": "x", "failure_url": "https://a@b.example/" }),
                "failure_url: ",
            ),
        ] {
            let why = details(bad).expect_err(field);
            assert!(why.starts_with(field), "{why}");
        }
    }
}
