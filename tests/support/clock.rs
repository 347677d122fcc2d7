//! A clock that a test steps. `store::clock` would replace a function for every step, after which every statement of every
//! connection is planned anew; a sequence is read as it stands.

use jiff::Timestamp;
use tokio_postgres::Client;

/// As fast as the machine's, and as many microseconds ahead as the sequence says.
const CLOCK: &str = "
    create sequence if not exists relink.test_ahead_us minvalue -9000000000000000000 start 0;
    grant select on relink.test_ahead_us to public;
    create or replace function relink.clock() returns timestamptz language sql volatile parallel safe
        as $$ select clock_timestamp() + (select last_value from relink.test_ahead_us) * interval '1 microsecond' $$;";

/// Gives the database such a clock, which shows the machine's time.
pub async fn lay(owner: &Client) {
    owner.batch_execute(CLOCK).await.expect("set up a clock");
}

/// Sets it so many seconds ahead of the machine's, or behind; what it shows then.
pub async fn step(owner: &Client, ahead_s: i64) -> Timestamp {
    let set = "select setval('relink.test_ahead_us', $1::bigint * 1000000)";
    owner
        .execute(set, &[&ahead_s])
        .await
        .expect("set the clock");
    let shown = owner.query_one("select relink.clock()", &[]).await;
    shown.expect("read the clock").get(0)
}
