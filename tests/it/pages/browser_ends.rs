//! A browser is many processes, some in groups of their own: none of them outlives the test that has started it. By name alone.

use crate::ends::Holder;
use tests::size::is_full;

/// The driver, the browser, what it forks others from, what draws, what shows a page.
const PROCESSES: usize = 5;

#[tokio::test]
async fn fault_a_killed_test_leaves_no_browser() {
    if is_full() {
        let holder = Holder::of("browser", PROCESSES).await;
        holder.dies().await;
    }
}

#[tokio::test]
async fn fault_a_test_that_ends_leaves_no_browser() {
    if is_full() {
        let holder = Holder::of("browser", PROCESSES).await;
        holder.ends().await;
    }
}
