//! Sends: reservations, dispatch, and outward calls on their way. What they share is the planting.

use crate::figures::Figures;
use crate::ground::Ground;
use crate::place::Place;
use crate::{Failure, Size, seeding, sends_dispatch, sends_outward, sends_reserve};

/// Every account may send at any hour, and none is new.
const ANY_HOUR: &str = "insert into relink.send_rules (account_id, zone, start_minute, end_minute, days, ramp_start, ramp_step)
    select id, 'UTC', 0, 1440, 127, 1000, 0 from relink.accounts";

/// Planned messages, `$1` for each account, each to somebody else.
const PLANNED: &str = "insert into relink.sends (account_id, id, workspace_id, action, target, body, due_at, planned_at, slot_at)
    select a.id, gen_random_uuid(), a.workspace_id, 'message', 'person-' || n, 'Hello', t, t, t
      from relink.accounts a, generate_series(1, $1::integer) as n, relink.clock() as t";

/// Which parts are wanted.
#[derive(Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) reserve: bool,
    pub(crate) dispatch: bool,
    pub(crate) outward: bool,
}

pub(crate) async fn measure(
    figures: &mut Figures,
    ground: &Ground,
    size: &Size,
    wanted: Wanted,
) -> Result<(), Failure> {
    if wanted.reserve {
        sends_reserve::measure(figures, ground, size).await?;
    }
    if wanted.dispatch {
        sends_dispatch::measure(figures, ground, size).await?;
    }
    if wanted.outward {
        sends_outward::measure(figures, ground, size).await?;
    }
    Ok(())
}

/// A fresh database with so many accounts that may send at any hour.
pub(crate) async fn senders(ground: &Ground, name: &str, accounts: u32) -> Result<Place, Failure> {
    let place = ground.place(name).await?;
    let now = place.store.now().await?.at;
    seeding::fleet(&place, accounts, 0, now).await?;
    place.admin.execute(ANY_HOUR, &[]).await?;
    Ok(place)
}

/// Plans so many sends for each account.
pub(crate) async fn planned(place: &Place, each: i32) -> Result<(), Failure> {
    place.admin.execute(PLANNED, &[&each]).await?;
    place.admin.batch_execute("vacuum analyze").await?;
    Ok(())
}
