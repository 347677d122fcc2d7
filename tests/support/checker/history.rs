//! Raw history: rows and lines as they were written.

use super::stops::{self, Stop};
use jiff::{SignedDuration, Timestamp};
use simulator::control::EffectLine;
use std::collections::HashMap;
use tokio_postgres::{Client, Row};
use uuid::Uuid;

/// Notes every change of caps and rules with its instant, so that it can be told which were in force. What stands
/// already counts from ever.
pub const JOURNALS: &str = "
    create table relink.test_limits (nth bigserial, at timestamptz not null, account_id uuid, action text, day integer,
                                     week integer, lifted boolean);
    create table relink.test_rules (nth bigserial, at timestamptz not null, account_id uuid, zone text, start_minute smallint,
                                    end_minute smallint, days smallint, ramp_start integer, ramp_step integer);
    insert into relink.test_limits (at, account_id, action, day, week, lifted)
    select '-infinity', account_id, action, day, week, lifted_by is not null from relink.send_limits;
    insert into relink.test_rules (at, account_id, zone, start_minute, end_minute, days, ramp_start, ramp_step)
    select '-infinity', account_id, zone, start_minute, end_minute, days, ramp_start, ramp_step from relink.send_rules;
    create function relink.test_note() returns trigger language plpgsql security definer as $$ begin
        if tg_table_name = 'send_limits' then
            insert into relink.test_limits (at, account_id, action, day, week, lifted)
            values (relink.clock(), new.account_id, new.action, new.day, new.week, new.lifted_by is not null);
        else
            insert into relink.test_rules (at, account_id, zone, start_minute, end_minute, days, ramp_start, ramp_step)
            values (relink.clock(), new.account_id, new.zone, new.start_minute, new.end_minute, new.days, new.ramp_start,
                    new.ramp_step);
        end if;
        return new;
    end $$;
    create trigger test_note after insert or update on relink.send_limits for each row execute function relink.test_note();
    create trigger test_note after insert or update on relink.send_rules for each row execute function relink.test_note();";

/// A row of `relink.sends`.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "a row, as it is read")]
pub(super) struct Send {
    pub(super) id: Uuid,
    pub(super) account: Uuid,
    pub(super) action: String,
    pub(super) target: String,
    pub(super) state: String,
    pub(super) counted_at: Option<Timestamp>,
    pub(super) sending_at: Option<Timestamp>,
    pub(super) is_refunded: bool,
    pub(super) was_unknown: bool,
    pub(super) look_at: Option<Timestamp>,
    pub(super) enrollment: Option<Uuid>,
    pub(super) step: Option<i16>,
    pub(super) campaign: Option<Uuid>,
    pub(super) settled_at: Option<Timestamp>,
    /// The provider's type of a refusal, or how else it ended.
    pub(super) code: String,
    /// An open job will run it.
    pub(super) has_job: bool,
    /// An alert names it.
    pub(super) is_alerted: bool,
}

/// A row of `relink.send_audit`. Of an intent, the local time in the account's zone of then.
#[derive(Clone, Debug)]
pub(super) struct Audit {
    pub(super) id: i64,
    pub(super) send: Uuid,
    pub(super) at: Timestamp,
    /// None for an intent.
    pub(super) intent: Option<i64>,
    pub(super) to: String,
    pub(super) is_refund: bool,
    /// The class of a refusal.
    pub(super) note: String,
}

impl Audit {
    /// Whether it ends an intent that was never called and was taken anew.
    pub(super) fn is_lapse(&self) -> bool {
        self.intent.is_some() && self.to == "planned"
    }
}

/// When an intent was, by the clock on its account's wall, and what its rules were then.
#[derive(Clone, Debug)]
pub(super) struct Local {
    pub(super) send: Uuid,
    pub(super) at: Timestamp,
    pub(super) zone: String,
    pub(super) weekday: i32,
    pub(super) minute: i32,
    pub(super) start: i16,
    pub(super) end: i16,
    pub(super) days: i16,
    pub(super) ramp_start: i32,
    pub(super) ramp_step: i32,
}

/// A row of `relink.enrollments`.
#[derive(Clone, Debug)]
pub(super) struct Enrollment {
    pub(super) id: Uuid,
    pub(super) step: i16,
    pub(super) first_step: i16,
    pub(super) state: String,
    pub(super) why: String,
}

/// Caps of an action from an instant on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caps {
    pub(super) from: Timestamp,
    pub(super) day: i32,
    pub(super) week: i32,
}

/// A time without a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outage {
    /// Its end.
    pub(super) until: Timestamp,
    /// How long it was.
    pub(super) length: SignedDuration,
}

/// Everything that was written down.
#[derive(Clone, Debug)]
pub struct History {
    pub(super) sends: Vec<Send>,
    pub(super) audit: Vec<Audit>,
    pub(super) locals: Vec<Local>,
    pub(super) enrollments: Vec<Enrollment>,
    pub(super) holds: Vec<Stop>,
    pub(super) pauses: Vec<Stop>,
    pub(super) effects: Vec<EffectLine>,
    pub(super) accounts_of: HashMap<String, Uuid>,
    pub(super) names: HashMap<Uuid, String>,
    pub(super) first_connected: HashMap<Uuid, Timestamp>,
    pub(super) outages: HashMap<Uuid, Vec<Outage>>,
    pub(super) caps: HashMap<(Uuid, String), Vec<Caps>>,
}

const SENDS: &str = "
    select s.id, s.account_id, s.action, s.target, s.state, s.counted_at, s.sending_at, s.refunded_at is not null as is_refunded,
           s.was_unknown, s.look_at, s.enrollment_id, s.step, s.campaign_id, s.settled_at, coalesce(s.code, '') as code,
           exists (select from relink.jobs j where j.cause = 'sends.execute:' || s.id and j.state in ('waiting', 'leased'))
               as has_job,
           exists (select from relink.admin_alerts l where l.subject = 'send ' || s.id) as is_alerted
      from relink.sends s order by s.id";
const AUDIT: &str = "
    select id, send_id, recorded_at, intent_id, to_state, refunded, note from relink.send_audit order by id";
const LOCALS: &str = "
    select a.send_id, a.recorded_at, r.zone, extract(isodow from l.at)::integer as weekday,
           (extract(hour from l.at) * 60 + extract(minute from l.at))::integer as minute,
           r.start_minute, r.end_minute, r.days, r.ramp_start, r.ramp_step
      from relink.send_audit a
     cross join lateral (
           select * from (
               select nth, zone, start_minute, end_minute, days, ramp_start, ramp_step from relink.test_rules t
                where t.account_id = a.account_id and t.at <= a.recorded_at
               union all select 0, 'UTC', 540::smallint, 1080::smallint, 31::smallint, 10, 5) t
            order by nth desc limit 1) r
     cross join lateral (select a.recorded_at at time zone r.zone as at) l
     where a.event = 'intent' order by a.id";
const ENROLLMENTS: &str = "
    select e.id, e.step, e.state, coalesce(e.stopped_why, '') as why,
           coalesce((select min(s.step) from relink.sends s where s.enrollment_id = e.id), e.step) as first_step
      from relink.enrollments e";
const ACCOUNTS: &str = "select id, name, session_id, first_connected_at from relink.accounts";
/// The tier's caps from ever, then each change of an account's own.
const CAPS: &str = "
    select a.id, c.action, '-infinity'::timestamptz as at, c.day, c.week, 0 as nth
      from relink.accounts a join relink.send_caps c on c.tier = a.tier
    union all
    select a.id, c.action, l.at, case when l.lifted then coalesce(l.day, c.day) else least(l.day, c.day) end,
           case when l.lifted then coalesce(l.week, c.week) else least(l.week, c.week) end, l.nth
      from relink.test_limits l join relink.accounts a on a.id = l.account_id
      join relink.send_caps c on c.tier = a.tier and c.action = l.action
     order by nth";
/// From each flip away from `connected` to the next one back.
const OUTAGES: &str = "
    select b.account_id, b.at as until, extract(epoch from b.at - (
               select min(f.at) from relink.account_audit f
                where f.account_id = b.account_id and f.from_status = 'connected' and f.version < b.version
                  and f.version > coalesce((select max(c.version) from relink.account_audit c
                                             where c.account_id = b.account_id and c.to_status = 'connected'
                                               and c.version < b.version), 0)))::float8 as seconds
      from relink.account_audit b where b.to_status = 'connected' order by b.at";

impl History {
    /// As it stands now. The [`JOURNALS`] must have been kept since before the first send.
    pub async fn read(owner: &Client, effects: Vec<EffectLine>) -> Self {
        let accounts = rows(owner, ACCOUNTS).await;
        let of_session =
            |row: &Row| Some((row.get::<_, Option<String>>("session_id")?, row.get("id")));
        let first = |row: &Row| {
            Some((
                row.get("id"),
                row.get::<_, Option<Timestamp>>("first_connected_at")?,
            ))
        };
        let mut caps: HashMap<(Uuid, String), Vec<Caps>> = HashMap::new();
        for row in rows(owner, CAPS).await {
            let key = (row.get("id"), row.get("action"));
            caps.entry(key).or_default().push(Caps {
                from: instant(&row, "at"),
                day: row.get("day"),
                week: row.get("week"),
            });
        }
        let mut outages: HashMap<Uuid, Vec<Outage>> = HashMap::new();
        for row in rows(owner, OUTAGES).await {
            let Some(seconds) = row.get::<_, Option<f64>>("seconds") else {
                continue;
            };
            let outage = Outage {
                until: row.get("until"),
                length: SignedDuration::from_secs_f64(seconds),
            };
            outages
                .entry(row.get("account_id"))
                .or_default()
                .push(outage);
        }
        Self {
            sends: rows(owner, SENDS).await.iter().map(send).collect(),
            audit: rows(owner, AUDIT).await.iter().map(audit).collect(),
            locals: rows(owner, LOCALS).await.iter().map(local).collect(),
            enrollments: rows(owner, ENROLLMENTS)
                .await
                .iter()
                .map(enrollment)
                .collect(),
            holds: stops::holds(owner).await,
            pauses: stops::pauses(owner).await,
            effects,
            accounts_of: accounts.iter().filter_map(of_session).collect(),
            names: accounts
                .iter()
                .map(|row| (row.get("id"), row.get("name")))
                .collect(),
            first_connected: accounts.iter().filter_map(first).collect(),
            outages,
            caps,
        }
    }

    pub(super) fn name(&self, account: Uuid) -> &str {
        self.names.get(&account).map_or("?", String::as_str)
    }

    /// The highest caps, of day and week, that were in force at some instant from `from` to `until`.
    pub(super) fn caps(
        &self,
        account: Uuid,
        action: &str,
        from: Timestamp,
        until: Timestamp,
    ) -> (i32, i32) {
        let key = (account, action.to_owned());
        let all = self.caps.get(&key).map_or(&[][..], Vec::as_slice);
        let before = all.iter().rposition(|caps| caps.from <= from).unwrap_or(0);
        let during = all
            .iter()
            .skip(before)
            .take_while(|caps| caps.from <= until);
        during.fold((0, 0), |most, caps| {
            (most.0.max(caps.day), most.1.max(caps.week))
        })
    }
}

pub(super) async fn rows(owner: &Client, sql: &str) -> Vec<Row> {
    let found = owner.query(sql, &[]).await;
    found.unwrap_or_else(|error| panic!("{sql}: {error:?}"))
}

/// An instant; the earliest for `-infinity`.
fn instant(row: &Row, column: &str) -> Timestamp {
    row.try_get(column).unwrap_or(Timestamp::MIN)
}

fn send(row: &Row) -> Send {
    Send {
        id: row.get("id"),
        account: row.get("account_id"),
        action: row.get("action"),
        target: row.get("target"),
        state: row.get("state"),
        counted_at: row.get("counted_at"),
        sending_at: row.get("sending_at"),
        is_refunded: row.get("is_refunded"),
        was_unknown: row.get("was_unknown"),
        look_at: row.get("look_at"),
        enrollment: row.get("enrollment_id"),
        step: row.get("step"),
        campaign: row.get("campaign_id"),
        settled_at: row.get("settled_at"),
        code: row.get("code"),
        has_job: row.get("has_job"),
        is_alerted: row.get("is_alerted"),
    }
}

fn audit(row: &Row) -> Audit {
    Audit {
        id: row.get("id"),
        send: row.get("send_id"),
        at: row.get("recorded_at"),
        intent: row.get("intent_id"),
        to: row.get("to_state"),
        is_refund: row.get("refunded"),
        note: row.get("note"),
    }
}

fn local(row: &Row) -> Local {
    Local {
        send: row.get("send_id"),
        at: row.get("recorded_at"),
        zone: row.get("zone"),
        weekday: row.get("weekday"),
        minute: row.get("minute"),
        start: row.get("start_minute"),
        end: row.get("end_minute"),
        days: row.get("days"),
        ramp_start: row.get("ramp_start"),
        ramp_step: row.get("ramp_step"),
    }
}

fn enrollment(row: &Row) -> Enrollment {
    Enrollment {
        id: row.get("id"),
        step: row.get("step"),
        first_step: row.get("first_step"),
        state: row.get("state"),
        why: row.get("why"),
    }
}
