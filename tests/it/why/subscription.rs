//! What `relink why` says of an ended subscription.

use super::{Rows, cast, has, office};
use policy::campaigns::OnSenderLoss;
use serde_json::Value;

/// R-SUB-1: until when it was paid for, how the grace stands, what was told, and that only a renewal ends it.
#[tokio::test]
async fn r_sub_1_r_cam_1_an_ended_subscription_is_named_with_its_grace_and_what_undoes_it() {
    let mut cast = cast();
    let ada = cast.connected("ada");
    office(&mut cast, ada, "Europe/Berlin");
    cast.campaign(OnSenderLoss::default(), &[ada]);
    let workspace = cast.fleet.workspaces[0].0;
    let rows = Rows::of(cast).await;
    let none = rows.answer(&["account", "ada"]).await;
    assert!(!none.contains("subscri"), "{none}");
    rows.run(
        "insert into relink.subscriptions (workspace_id, ended_at) values ($1, '2026-11-20T09:00:00Z')",
        &[&workspace.0],
    )
    .await;
    let held = "the workspace's subscription is renewed";
    let until = "subscribed until Fri 20 Nov 09:00 UTC, grace until Fri 27 Nov 09:00 UTC: nothing is deleted, a renewal undoes all of it; its workspace was";
    let text = rows.answer(&["account", "ada"]).await;
    has(&text, &[&format!("{until} not told yet")]);
    for sql in [
        "insert into relink.workspace_notices select workspace_id, ended_at, d, ended_at from relink.subscriptions, unnest('{0,3}'::int[]) d where $1 = workspace_id",
        "insert into relink.account_holds (account_id, reason, since, note)
         select id, 'subscription', '2026-11-20T10:00:00Z', 'the subscription ended' from relink.accounts where workspace_id = $1",
        "insert into relink.campaign_pauses (id, campaign_id, reason, paused_at, paused_by, note)
         select gen_random_uuid(), id, 'subscription', '2026-11-20T10:00:00Z', 'subscriptions.grace', 'the subscription ended'
           from relink.campaigns where workspace_id = $1",
    ] {
        rows.run(sql, &[&workspace.0]).await;
    }
    let text = rows.answer(&["account", "ada"]).await;
    has(
        &text,
        &[
            "Paused, subscription ended · Not checked since 1 Nov 09:00",
            &format!("{until} told on day 0, 3"),
            &format!(
                "hold       subscription since Fri 20 Nov 11:00 Europe/Berlin, until {held}: the subscription ended"
            ),
            &format!("never: invite: held (subscription) until {held}"),
        ],
    );
    rows.run(
        "update relink.subscriptions set ended_at = '2026-11-16T12:00:00Z' where workspace_id = $1",
        &[&workspace.0],
    )
    .await;
    let text = rows.answer(&["campaign", "Campaign 1"]).await;
    has(
        &text,
        &[
            "subscribed until Mon 16 Nov 12:00 UTC, grace over since Mon 23 Nov 12:00 UTC: nothing is deleted, a renewal undoes all of it; its workspace was not told yet",
            "paused     subscription since Fri 20 Nov 10:00 UTC by subscriptions.grace: the subscription ended",
            "cleared by the workspace's subscription renewed, at once: relink workspace subscription renew",
        ],
    );
    let json = rows.answer(&["campaign", "Campaign 1", "--json"]).await;
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["subscription"]["standing"], "grace_over");
    assert_eq!(json["subscription"]["grace_until"], "2026-11-23T12:00:00Z");
}
