//! What operators do about notices that reached nobody, over HTTP.

use super::{ADA, Acts, post};
use serde_json::json;

impl Acts {
    pub(super) async fn notices(&mut self) {
        let account = self.ground.accounts[3].0.0;
        let failed = format!(
            "insert into relink.notices (account_id, episode, reason, created_at, step, state, why, ended_at)
             values ('{account}', 7, 'reconnect_needed', relink.clock(), 0, 'failed', 'refused', relink.clock())"
        );
        self.ground
            .owner
            .batch_execute(&failed)
            .await
            .expect("a notice");
        let route = "/v1/notices/redrive";
        let notice = json!({ "account": account, "episode": 7, "step": "first" });
        let subject = account.to_string();
        let redriven = ("notice.redrive", subject.as_str());
        self.does(ADA, post(route), (route, notice), redriven).await;
        let planned = "select count(*) from relink.notices where episode = 7 and state = 'planned'";
        assert_eq!(self.ground.number(planned).await, 1);
    }
}
