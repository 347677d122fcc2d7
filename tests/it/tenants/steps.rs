//! Who stands on a step keeps their place when steps move (R-TPL-2).

use super::{run, words};
use policy::ids::SendId;
use store::sends::Verdict;
use tests::sends::{Ground, ask, reserve};
use uuid::Uuid;

/// A campaign of the steps a, b and c, and three people on b.
const SEQUENCE: &str = "
    insert into relink.campaigns (id, workspace_id, name, failures_from, created_at)
    select '00000000-0000-7000-8000-0000000000c1', id, 'C', '2026-01-01', '2026-01-01' from relink.workspaces;
    insert into relink.campaign_steps (campaign_id, step, key, action, body)
    select '00000000-0000-7000-8000-0000000000c1', n, k, 'message', 'text ' || k from unnest(array['a', 'b', 'c']) with ordinality s(k, n);
    insert into relink.campaign_senders (campaign_id, account_id)
    select '00000000-0000-7000-8000-0000000000c1', id from relink.accounts;
    insert into relink.prospects (id, workspace_id, name, handle)
    select ('00000000-0000-7000-8000-0000000001' || n)::uuid, w.id, 'P', 'p-' || n from relink.workspaces w, generate_series(11, 13) n;
    insert into relink.enrollments (id, campaign_id, prospect_id, account_id, step_key, created_at, target, due_at)
    select ('00000000-0000-7000-8000-0000000002' || n)::uuid, '00000000-0000-7000-8000-0000000000c1',
           ('00000000-0000-7000-8000-0000000001' || n)::uuid, a.id, 'b', '2026-01-01', 't-' || n, '2026-01-01'
      from relink.accounts a, generate_series(11, 13) n";

/// Another step before b, which with c moves one on.
const MOVED: &str = "
    update relink.campaign_steps set step = step + 100 where step >= 2;
    update relink.campaign_steps set step = step - 99 where step > 100;
    insert into relink.campaign_steps (campaign_id, step, key, action, body)
    values ('00000000-0000-7000-8000-0000000000c1', 2, 'x', 'message', 'text x')";

/// Plans the present step of an enrollment; the send's id is the enrollment's with another digit.
fn plan(enrollment: u32, turn: u32) -> String {
    format!(
        "update relink.enrollments set due_at = relink.clock() where id = '00000000-0000-7000-8000-0000000002{enrollment}' and due_at is null;
         select relink.plan_sends(array['00000000-0000-7000-8000-000000{turn}003{enrollment}']::uuid[],
             array['00000000-0000-7000-8000-0000000002{enrollment}']::uuid[], array[relink.clock()], relink.clock())"
    )
}

/// A planned send is called and succeeds.
fn sent(enrollment: u32, turn: u32) -> String {
    let send = format!("00000000-0000-7000-8000-000000{turn}003{enrollment}");
    format!(
        "update relink.sends set state = 'reserved', counted_at = relink.clock(), intent_id = 1 where id = '{send}' and state = 'planned';
         update relink.sends set state = 'sending', sending_at = relink.clock() where id = '{send}';
         select relink.settle_sends(p_accounts => array[s.account_id], p_sends => array[s.id], p_from => array['sending'],
             p_to => array['sent'], p_refunds => array[false], p_codes => array[''], p_blames => array[null]::text[], p_notes => array[''],
             p_references => array[null]::text[], p_chats => array[null]::text[], p_usages => array[null]::smallint[],
             p_look_ats => array[null]::timestamptz[], p_nexts => array['advance'], p_agains => array[null]::timestamptz[],
             p_odds => array[false], p_whys => array[null]::text[], p_now => relink.clock(), p_actor => 'test', p_job => null)
           from relink.sends s where s.id = '{send}'"
    )
}

async fn places(ground: &Ground) -> Vec<String> {
    let sql = "select step_key || ' ' || state from relink.enrollments order by id";
    words(&ground.owner, sql).await
}

#[tokio::test]
async fn r_tpl_2_a_step_put_before_others_is_neither_sent_twice_nor_skips_one() {
    let ground = Ground::of(1).await;
    run(&ground.owner, SEQUENCE).await;
    // The first is planned, the second called, before the steps move; the third is still in line.
    run(&ground.owner, &plan(11, 1)).await;
    run(&ground.owner, &plan(12, 1)).await;
    run(&ground.owner, "update relink.sends set state = 'reserved', counted_at = relink.clock(), intent_id = 1 where id::text like '%12'").await;
    run(&ground.owner, "update relink.sends set state = 'sending', sending_at = relink.clock() where id::text like '%12'").await;
    run(&ground.owner, MOVED).await;
    assert_eq!(places(&ground).await, ["b active", "b active", "b active"]);

    run(&ground.owner, &sent(12, 1)).await;
    let planned = SendId(Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0010_0311));
    let asked = [ask(ground.accounts[0], planned)];
    let verdicts = reserve(&ground.worker(), &asked).await.expect("ask");
    assert_eq!(
        verdicts[&planned],
        Verdict::Reserved,
        "what was planned still goes"
    );
    run(&ground.owner, &sent(11, 1)).await;
    run(&ground.owner, &plan(13, 1)).await;
    run(&ground.owner, &sent(13, 1)).await;
    assert_eq!(places(&ground).await, ["c active", "c active", "c active"]);
    for enrollment in [11, 12, 13] {
        run(&ground.owner, &plan(enrollment, 2)).await;
        run(&ground.owner, &sent(enrollment, 2)).await;
    }
    assert_eq!(places(&ground).await, ["c done", "c done", "c done"]);
    let keys = "select step_key || ' ' || count(*) from relink.sends where state = 'sent' group by step_key order by 1";
    assert_eq!(words(&ground.owner, keys).await, ["b 3", "c 3"]);

    // And whoever is put back on a step that was sent gets it no second time, and no one else waits for that.
    run(
        &ground.owner,
        "update relink.enrollments set state = 'active', step_key = 'b', due_at = relink.clock()",
    )
    .await;
    run(&ground.owner, &plan(11, 3)).await;
    let ends = "select state || ' ' || coalesce(stopped_why, '') from relink.enrollments order by id limit 1";
    assert_eq!(
        words(&ground.owner, ends).await,
        ["stopped step already sent"]
    );
    assert_eq!(words(&ground.owner, keys).await, ["b 3", "c 3"]);
}

#[tokio::test]
async fn r_tpl_2_a_send_taken_back_after_steps_moved_stands_in_line_again() {
    let ground = Ground::of(1).await;
    run(&ground.owner, SEQUENCE).await;
    run(&ground.owner, &plan(11, 1)).await;
    run(&ground.owner, MOVED).await;
    let cancel = "select relink.cancel_sends(array_agg(account_id), array_agg(id), array_agg('test'::text), relink.clock(), 'test', null)
                    from relink.sends";
    run(&ground.owner, cancel).await;
    let due = "select step_key from relink.enrollments where due_at is not null and state = 'active' order by id";
    assert_eq!(words(&ground.owner, due).await, ["b", "b", "b"]);
    run(&ground.owner, &plan(11, 2)).await;
    run(&ground.owner, &sent(11, 2)).await;
    assert_eq!(places(&ground).await[0], "c active");
}
