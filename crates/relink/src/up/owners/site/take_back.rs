//! An owner who does not want to sign in after all: the one call of `up` that deletes something, at our own product API.

use super::Site;
use super::product::{read, unexpected};
use crate::commands::Failure;
use crate::up::owners::Owner;
use crate::up::owners::diary::Deed;
use policy::ids::AccountId;
use reqwest::StatusCode;
use serde_json::json;
use uuid::Uuid;

impl Site {
    /// Takes an attempt back, for an owner who does not want to sign in now; whether it was open still.
    pub(in crate::up::owners) async fn cancel(
        &self,
        owner: &Owner,
        account: AccountId,
        attempt: Uuid,
    ) -> Result<bool, Failure> {
        let url = format!(
            "{}/v1/accounts/{}/attempts/{attempt}",
            self.addresses.product, account.0
        );
        let asked = json!({ "reason": "its owner clicked on the way out" });
        let sent = || self.ours(self.client.delete(&url).json(&asked));
        let answer = self.asked("take an attempt back", sent).await?;
        let (status, said) = read(answer).await?;
        match status {
            StatusCode::OK => {
                self.diary.did(owner, Deed::TookBack);
                Ok(true)
            }
            // It has ended already.
            StatusCode::CONFLICT => Ok(false),
            _ => Err(unexpected("take an attempt back", status, &said)),
        }
    }
}
