//! One tenant's row that the database refuses, in each sweep by name: it is set aside, everybody else's is written, operators
//! are told by subject, and once the row can be taken it is done. In a running fleet (R-JOB-3, R-JOB-6).

mod kinds;
mod poison;
mod rows;
mod scene;
mod watches;

use kinds::every_kind;
use rows::{ended, healed, looked_for, released, restarted, unreadable};
use scene::Scene;
use watches::{compared, flipped, told_of};

#[tokio::test]
async fn r_job_3_a_poisoned_row_stops_no_other_in_any_sweep() {
    let mut it = Scene::start().await;
    ended(&mut it).await;
    compared(&mut it).await;
    flipped(&mut it).await;
    told_of(&mut it).await;
    healed(&mut it).await;
    restarted(&mut it).await;
    released(&mut it).await;
    looked_for(&mut it).await;
    unreadable(&mut it).await;
    // The jobs that set rows aside are done, none of them at a second attempt, and nobody's chain is broken.
    it.run.is_sound().await;
    every_kind(&it).await;
}
