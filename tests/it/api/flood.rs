//! Many callbacks in a short time: all kept, each once, and as quickly answered as anything that writes a row.

use super::callbacks::Scene;
use super::operator;
use futures_util::StreamExt as _;
use futures_util::stream;
use reqwest::Method;
use serde_json::json;
use std::time::{Duration, Instant};
use store::operators::Scope;
use tests::size;
use tokio::time::{interval, sleep_until};

/// Ten thousand in a minute.
const EACH: Duration = Duration::from_millis(6);
/// Of the whole form alone: a machine with others at work says nothing of the slowest hundredth.
const TIMES_MAX: u32 = 5;

/// The time that all but one in a hundred took at most.
fn p99(mut took: Vec<Duration>) -> Duration {
    took.sort_unstable();
    took[took.len() * 99 / 100 - 1]
}

#[tokio::test(flavor = "multi_thread")]
async fn r_lnk_2_ten_thousand_callbacks_in_a_minute_are_kept_and_answered_quickly() {
    let (attempts, count) = (4, if size::is_full() { 10_000 } else { 200 });
    let scene = Scene::new(attempts).await;
    let mut names = vec![];
    for number in 0..attempts {
        names.push(scene.name(number).await);
    }
    let ada = operator(&scene.database, "ada", &[Scope::Remove]).await;
    let start = tokio::time::Instant::now();
    let callbacks = stream::iter(0..count).map(|number| {
        let (scene, name) = (&scene, &names[number % attempts]);
        // News of one session, each another word: all are kept, and all wait for the lock of their attempt.
        let body = json!({ "status": format!("WORD_{number}"), "account_id": "s", "name": name });
        async move {
            let due = start + EACH * u32::try_from(number).expect("small");
            sleep_until(due).await;
            let asked = Instant::now();
            scene.tell(body).await.is(200);
            asked.elapsed()
        }
    });
    let told = callbacks.buffer_unordered(256).collect::<Vec<_>>();
    // A route of the same process that writes one row, all the while.
    let writes = async {
        let (mut ticks, mut took) = (interval(EACH * 20), vec![]);
        while took.len() < count / 20 {
            ticks.tick().await;
            let asked = Instant::now();
            let body = json!({ "reason": "a measure" });
            let url = scene.desk.ops("/v1/latch");
            scene
                .desk
                .ask(Method::POST, &url, &ada, Some(body))
                .await
                .is(200);
            took.push(asked.elapsed());
        }
        took
    };
    let (told, writes) = tokio::join!(told, writes);
    let kept = i64::try_from(count).expect("small");
    assert_eq!((scene.events().await, scene.jobs().await), (kept, kept));
    let (told, write) = (p99(told), p99(writes));
    println!("p99 of {count} callbacks {told:?}, of a route that writes one row {write:?}");
    if size::is_full() {
        assert!(told <= write * TIMES_MAX, "{told:?} to {write:?}");
    }
}
