//! Over HTTP: campaigns paused, people stopped and given to other senders, and a send decided.

use super::{ADA, Acts, BOB, post};
use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::json;

impl Acts {
    /// A campaign of two accounts of one workspace, with three people, one of whom has a send of unknown outcome.
    async fn campaign(&self) -> [String; 4] {
        let sql = "with pair as (
                       select array_agg(id order by id) as ids, workspace_id from (
                           select id, workspace_id from relink.accounts where status = 'connected' order by workspace_id, id limit 8) a
                        group by workspace_id having count(*) >= 2 order by workspace_id limit 1
                   ), campaign as (
                       insert into relink.campaigns (id, workspace_id, name, failures_from, created_at)
                       select gen_random_uuid(), workspace_id, 'People', relink.clock(), relink.clock() from pair returning id
                   ), senders as (
                       insert into relink.campaign_senders (campaign_id, account_id) select c.id, unnest(p.ids[1:2]) from campaign c, pair p
                   )
                   select c.id, p.ids[1], p.workspace_id from campaign c, pair p";
        let row = self.ground.owner.query_one(sql, &[]).await;
        let row = row.expect("two accounts of a workspace");
        let [campaign, account, workspace] = [0, 1, 2].map(|at| row.get::<_, uuid::Uuid>(at));
        let sql = format!(
            "insert into relink.campaign_steps (campaign_id, step, key, action) values ('{campaign}', 1, 'step-1', 'invite');
             insert into relink.prospects (id, workspace_id, name, handle)
             select gen_random_uuid(), '{workspace}', 'p' || n, 'p' || n || '-of-acts' from generate_series(1, 3) n;
             insert into relink.enrollments (id, campaign_id, prospect_id, account_id, created_at, target, due_at)
             select p.id, '{campaign}', p.id, '{account}', relink.clock(), p.handle, relink.clock()
               from relink.prospects p where p.handle like '%-of-acts';
             insert into relink.sends (account_id, id, workspace_id, campaign_id, enrollment_id, step, step_key, action, target, state,
                                       due_at, planned_at, slot_at, counted_at, sending_at, settled_at, was_unknown, intent_id)
             select '{account}', e.id, '{workspace}', '{campaign}', e.id, 1, 'step-1', 'invite', 'x', 'unknown', t, t, t, t, t, t, true,
                    nextval('relink.send_audit_ids')
               from relink.enrollments e, lateral (select relink.clock() - interval '2 days' as t) q
              where e.campaign_id = '{campaign}' order by e.id limit 1"
        );
        let planted = self.ground.owner.batch_execute(&sql).await;
        planted.expect("people");
        let sql =
            "select array_agg(id::text order by id) from relink.enrollments where campaign_id = $1";
        let row = self.ground.owner.query_one(sql, &[&campaign]).await;
        let ids: Vec<String> = row.expect("people").get(0);
        [
            campaign.to_string(),
            account.to_string(),
            ids[0].clone(),
            ids[1].clone(),
        ]
    }

    pub(super) async fn people(&mut self) {
        let [campaign, account, first, second] = self.campaign().await;
        let pauses = format!("/v1/campaigns/{campaign}/pauses");
        let operator = (pauses.as_str(), json!({ "pause": "operator" }));
        let route = post("/v1/campaigns/{id}/pauses");
        let named = ("campaign.pause", campaign.as_str());
        self.does(ADA, route, operator, named).await;
        let path = format!("/v1/sends/{first}/decision");
        let found = (path.as_str(), json!({ "as": "absent" }));
        let route = post("/v1/sends/{id}/decision");
        self.does(BOB, route, found, ("send.decide", &first)).await;
        let stop = ("/v1/enrollments/stop", json!({ "enrollments": [second] }));
        let route = post("/v1/enrollments/{act}");
        self.does(ADA, route, stop, ("enrollments.stop", &second))
            .await;

        let token = self.ground.tokens[ADA].expose_secret().to_owned();
        let asked = format!("/v1/campaigns/{campaign}/reassignment?from={account}");
        let seen = self
            .desk
            .ask(Method::GET, &self.desk.ops(&asked), &token, None)
            .await;
        let seen = seen.is(200).body["token"].clone();
        let path = format!("/v1/campaigns/{campaign}/reassignments");
        let route = post("/v1/campaigns/{id}/reassignments");
        let body = json!({ "from": account, "token": seen });
        let named = ("campaign.reassign", campaign.as_str());
        let done = self.does(BOB, route, (&path, body), named).await;
        assert_eq!(done["moved"], 2, "{done}");
    }
}
