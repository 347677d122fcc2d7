//! A queue of more lanes than a census walks at once is counted lap by lap.

use crate::FIXTURE;
use std::time::Duration;
use tests::rig::Rig;

/// Between two censuses lie fifteen seconds.
const LAP: Duration = Duration::from_mins(1);

#[tokio::test]
async fn r_job_6_the_census_counts_many_lanes_in_laps_and_the_autoscaler_hears_of_it() {
    let mut rig = Rig::shared(FIXTURE).await;
    let plant = "insert into relink.jobs (id, queue, kind, version, cause, workspace_id, payload, run_at)
        select gen_random_uuid(), 'sends', 'sends.execute', 1, 's' || n, lpad(to_hex(n), 32, '0')::uuid, '{}',
               relink.clock() + case when n = 4200 then interval '-90 seconds' else interval '1 day' end
          from generate_series(1, 4200) n";
    rig.sql(plant).await;
    let age = "select relink.autoscaler_age('sends')::bigint";
    assert_eq!(rig.count(age).await, 0, "its lane lies far behind");
    rig.scheduler();
    let later = "select coalesce(sum(later), 0)::bigint from relink.queue_depths where queue = 'sends' and due = 1 and not is_more";
    rig.until_count(later, LAP, |it| it == 4_199).await;
    let age = rig.count(age).await;
    assert!((90..300).contains(&age), "{age}");
    rig.sql(
        "update relink.jobs set state = 'done', finished_at = relink.clock() where cause = 's4200'",
    )
    .await;
    let due = "select coalesce(sum(due), 0)::bigint from relink.queue_depths where queue = 'sends'";
    rig.until_count(due, LAP, |it| it == 0).await;
}
