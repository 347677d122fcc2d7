//! Enrollments that stopped where they should have been planned: what operators hear of it, counted up by subject.

use crate::decision::Alert;
use crate::ids::{AccountId, CampaignId};
use serde_json::json;
use std::collections::BTreeMap;

crate::words! {
    /// Where the reason lies that an enrollment was not planned.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    pub enum StopCause {
        /// The person's name or values, or that their step was sent already: others of the campaign go on.
        Person = "people_unplannable",
        /// The step, which stops everybody who comes to it.
        Step = "step_unplannable",
    }
}

/// What one run set aside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetAsides {
    campaigns: BTreeMap<(StopCause, CampaignId), BTreeMap<String, u64>>,
    accounts: BTreeMap<AccountId, String>,
}

impl SetAsides {
    /// Counts an enrollment that stopped.
    pub fn stop(&mut self, campaign: CampaignId, cause: StopCause, why: String) {
        let reasons = self.campaigns.entry((cause, campaign)).or_default();
        *reasons.entry(why).or_default() += 1;
    }

    /// Names an account of which a row could not be read or written; the last reason counts.
    pub fn account(&mut self, account: AccountId, why: String) {
        self.accounts.insert(account, why);
    }

    /// One alert a campaign and cause, one an account.
    pub fn alerts(self) -> Vec<Alert> {
        let campaigns = self
            .campaigns
            .into_iter()
            .map(|((cause, campaign), reasons)| Alert {
                code: cause.as_str(),
                subject: format!("campaign {campaign}"),
                detail: json!({"campaign": campaign, "stopped_in_this_run": reasons}),
            });
        let accounts = self.accounts.into_iter().map(|(account, why)| Alert {
            code: "row_set_aside",
            subject: format!("account {account}"),
            detail: json!({"account": account, "why": why}),
        });
        campaigns.chain(accounts).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{SetAsides, StopCause};
    use crate::alerts::find_alert;
    use crate::ids::{AccountId, CampaignId};
    use serde_json::json;
    use uuid::Uuid;

    #[test]
    fn r_tpl_1_stops_are_one_alert_a_campaign_and_cause() {
        let campaign = CampaignId(Uuid::nil());
        let mut asides = SetAsides::default();
        assert_eq!(asides.clone().alerts(), []);
        for why in ["missing value: company", "missing value: company", "no"] {
            asides.stop(campaign, StopCause::Person, why.to_owned());
        }
        asides.stop(campaign, StopCause::Step, "step gone".to_owned());
        asides.account(AccountId(Uuid::nil()), "a constraint".to_owned());
        let alerts = asides.alerts();
        let codes: Vec<&str> = alerts.iter().map(|one| one.code).collect();
        assert_eq!(
            codes,
            ["people_unplannable", "step_unplannable", "row_set_aside"]
        );
        assert!(codes.iter().all(|code| find_alert(code).is_some()));
        assert_eq!(
            alerts[0].detail["stopped_in_this_run"],
            json!({"missing value: company": 2, "no": 1})
        );
    }
}
