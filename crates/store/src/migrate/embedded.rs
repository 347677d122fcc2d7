//! The migrations of this build, as `build.rs` lists them.

use refinery_core::Migration;
use refinery_core::Runner;
use std::sync::LazyLock;

/// Stem and text of each file of `migrations/`.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/migrations.rs"));

/// Read once: each is summed over its whole text, and readiness asks for the newest again and again.
static MIGRATIONS: LazyLock<Vec<Migration>> = LazyLock::new(|| {
    let read = |(stem, text): &(&str, &str)| Migration::unapplied(stem, text);
    let all: Result<Vec<_>, _> = FILES.iter().map(read).collect();
    all.expect("migrations are named V000N__what_it_is.sql")
});

/// Every migration.
pub(super) fn all() -> &'static [Migration] {
    &MIGRATIONS
}

/// What applies them.
pub(super) fn runner() -> Runner {
    Runner::new(&MIGRATIONS)
}
