//! What a sweep could at best cost on this machine: the same ids and words into a table, and one join with the accounts.

use crate::Failure;
use crate::figures::Figures;
use crate::listing::Reading;
use crate::place::Place;
use crate::process::cpu_seconds;
use std::pin::pin;
use std::time::Instant;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::Type;

const TABLE: &str =
    "create unlogged table public.bench_floor (session_id text not null, words text not null)";
const COPY: &str = "copy public.bench_floor (session_id, words) from stdin (format binary)";
/// What does not agree, as the comparison finds it.
const JOIN: &str = "select count(*)::float8 from relink.accounts a join public.bench_floor f on f.session_id = a.session_id
    where a.status = 'connected' and f.words <> 'OK'";

/// Wall and processor seconds of the floor.
#[derive(Clone, Copy)]
pub(crate) struct Floor {
    pub(crate) wall: f64,
}

/// Measures the floor in the database of the sweeps, on its rows.
pub(crate) async fn measure(
    figures: &mut Figures,
    place: &Place,
    (postmaster, sessions): (u32, u32),
) -> Result<Floor, Failure> {
    place.admin.batch_execute(TABLE).await?;
    let (cpu, began) = (cpu_seconds(postmaster), Instant::now());
    let sink = place.admin.copy_in(COPY).await?;
    let mut writer = pin!(BinaryCopyInWriter::new(sink, &[Type::TEXT, Type::TEXT]));
    for number in 0..sessions {
        let (session, word) = Reading(2).row(number);
        writer.as_mut().write(&[&session, &word]).await?;
    }
    writer.finish().await?;
    let copied = began.elapsed().as_secs_f64();
    let changed = place.number(JOIN).await?;
    let wall = began.elapsed().as_secs_f64();
    if changed < 1.0 {
        return Err("the floor's join found nothing".into());
    }
    figures.note("floor_copy_s", copied, "s");
    figures.note("floor_join_s", wall - copied, "s");
    figures.note("floor_s", wall, "s");
    figures.note(
        "floor_postgres_cpu_s",
        cpu_seconds(postmaster) - cpu,
        "s of PostgreSQL's processor",
    );
    place
        .admin
        .batch_execute("drop table public.bench_floor")
        .await?;
    Ok(Floor { wall })
}
