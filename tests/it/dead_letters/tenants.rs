//! Dead letters of one tenant, given up by a filter.

use super::{count, desk, plant};
use crate::FIXTURE;
use tests::desk::REASON;
use tests::rig::Rig;
use tests::roster::SWEEP;
use uuid::Uuid;

#[tokio::test]
async fn r_q_3_one_tenants_dead_letters_are_given_up_bounded_and_audited() {
    let mut rig = Rig::shared(FIXTURE).await;
    let desk = desk(&rig).await;
    plant(&mut rig, SWEEP, 12, "odd").await;
    let [ours, theirs] = [Uuid::now_v7(), Uuid::now_v7()];
    let share = format!(
        "update relink.jobs set workspace_id = case when n.nth <= 7 then '{ours}' else '{theirs}' end::uuid
           from (select id, row_number() over (order by id) as nth from relink.jobs) n where n.id = jobs.id"
    );
    rig.sql(&share).await;
    let tenant = ours.to_string();
    let given_up = "select count(*) from relink.jobs where state = 'discarded'";
    let others = format!("{given_up} and workspace_id <> '{ours}'");
    let discard = ["dead", "discard", "--workspace", &tenant, "--limit", "5"];
    for (left, taken) in [(2, 5), (0, 2)] {
        let did = desk.does(&discard).await;
        assert_eq!(did["count"], taken);
        let list = ["dead", "list", "--workspace", &tenant];
        assert_eq!(count(&desk.sees(&list).await), left);
    }
    desk.refused(&discard, "no dead letter fits").await;
    assert_eq!(
        (rig.count(given_up).await, rig.count(&others).await),
        (7, 0)
    );
    let audited = format!(
        "select count(*) from relink.operator_audit
          where actor = 'ada' and action = 'dead.discard' and reason = '{REASON}'
            and detail -> 'filter' ->> 'workspace' = '{ours}'
            and (detail ->> 'count')::int = jsonb_array_length(detail -> 'jobs') and (detail ->> 'count')::int in (5, 2)"
    );
    assert_eq!(rig.count(&audited).await, 2, "a row an act, with each job");
    let named = "select count(distinct n.id) from relink.operator_audit o cross join jsonb_array_elements_text(o.detail -> 'jobs') n(id)
                   join relink.jobs j on j.id = n.id::uuid and j.state = 'discarded'";
    assert_eq!(rig.count(named).await, 7, "each that was given up is named");
    // The database holds the bound too, whoever asks.
    let too_many =
        "select relink.lock_dead(array(select gen_random_uuid() from generate_series(1, 10001)))";
    let error = rig.owner.batch_execute(too_many).await.expect_err("10,001");
    let said = error.as_db_error().map(|it| it.message().to_owned());
    assert!(
        said.is_some_and(|it| it.contains("at most 10000")),
        "{error}"
    );
}
