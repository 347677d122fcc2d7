//! A census in Prometheus' text format.

use super::laps::{Laps, Waiting};
use super::slices::Slices;
use fleet::Entry;
use fleet::counted_kinds;
use jiff::Timestamp;
use metering::Exposition;
use metering::labels::FLEET_GATES;
use metering::labels::OTHER;
use policy::alerts::{alert_class, find_alert};
use policy::duties::DutyState;
use policy::jobs::Queue;
use store::census::{Census, Counts, Pauses, Schedule, Slice};
use store::removals::Judgement;
use store::snapshots::HeldRows;

/// All of it, every series that there can be.
pub(super) fn text(
    roster: &[Entry],
    epoch: i64,
    census: &Census,
    slices: &Slices,
    laps: &Laps,
) -> String {
    let Census {
        at,
        // What the next census holds itself against.
        written: _,
        left_behind,
        running,
        pauses,
        schedules,
        duties,
        rate,
        accounts,
        holds,
        campaigns,
        campaign_pauses,
        unknown: (unknown, unknown_since),
        by_hand,
        cases,
        removals,
        alerts,
        held,
        gates,
    } = census;
    let mut told = CensusWriter {
        to: Exposition::zeros(&counted_kinds(roster)),
        at: *at,
    };
    told.one("relink_scheduler_epoch", number(epoch));
    told.one("relink_census_timestamp_seconds", stamp(*at));
    told.waiting(laps);
    told.one("relink_jobs_left_behind", number(*left_behind));
    told.running(running);
    told.pauses(pauses);
    told.schedules(roster, schedules);
    told.duties(duties, *rate);
    told.counts("relink_accounts", accounts);
    told.counts("relink_accounts_held", holds);
    told.counts("relink_campaigns", campaigns);
    told.counts("relink_campaigns_paused", campaign_pauses);
    told.one("relink_sends_unknown", number(*unknown));
    let oldest = told.age(*unknown_since);
    told.one("relink_sends_unknown_oldest_age_seconds", oldest);
    told.counts("relink_sends_by_hand", by_hand);
    told.counts("relink_cases", cases);
    told.counts("relink_removals", removals);
    told.alerts(alerts);
    told.held(held);
    told.gates(gates);
    told.slices(slices);
    told.to.render()
}

struct CensusWriter {
    to: Exposition,
    at: Timestamp,
}

impl CensusWriter {
    fn one(&mut self, name: &str, value: f64) {
        self.to.add(name, &[], value);
    }

    fn counts(&mut self, name: &str, counts: &Counts) {
        for (word, count) in counts {
            self.to.add(name, &[word], number(*count));
        }
    }

    /// How long since; 0 for nothing, and for what lies ahead.
    fn age(&self, since: Option<Timestamp>) -> f64 {
        let age = since.map(|since| self.at.duration_since(since).as_secs_f64());
        age.unwrap_or(0.0).max(0.0)
    }

    fn waiting(&mut self, laps: &Laps) {
        for (queue, waiting) in laps.waiting() {
            let Waiting {
                due,
                scheduled,
                paused,
                due_age,
                paused_age,
                is_more,
            } = waiting;
            for (state, jobs) in [("due", due), ("scheduled", scheduled), ("paused", paused)] {
                self.to
                    .add("relink_queue_depth", &[queue, state], number(jobs));
            }
            for (gauge, value) in [
                ("relink_queue_depth_is_more", f64::from(u8::from(is_more))),
                ("relink_queue_oldest_due_age_seconds", due_age.as_secs_f64()),
                (
                    "relink_queue_oldest_paused_age_seconds",
                    paused_age.as_secs_f64(),
                ),
            ] {
                self.to.add(gauge, &[queue], value);
            }
        }
    }

    fn running(&mut self, running: &[(String, i64, i64)]) {
        for (queue, running, dead) in running {
            self.to
                .add("relink_queue_depth", &[queue, "running"], number(*running));
            self.to.add("relink_dead_letters", &[queue], number(*dead));
        }
    }

    fn pauses(&mut self, pauses: &[Pauses]) {
        for pause in pauses {
            let Pauses {
                scope,
                mode,
                origin,
                count,
                endless,
                // Looked at below, of all pauses together.
                queue: _,
                oldest: _,
            } = pause;
            self.to
                .add("relink_pauses", &[scope, mode, origin], number(*count));
            self.to
                .add("relink_pauses_endless", &[origin], number(*endless));
        }
        for origin in ["operator", "system"] {
            let of = pauses.iter().filter(|pause| pause.origin == origin);
            if let Some(oldest) = of.map(|pause| pause.oldest).min() {
                self.to.add(
                    "relink_pause_oldest_timestamp_seconds",
                    &[origin],
                    stamp(oldest),
                );
            }
        }
        for queue in Queue::ALL.map(Queue::as_str) {
            let covers = |pause: &Pauses| pause.scope == "everything" || pause.queue == queue;
            if pauses.iter().any(covers) {
                self.to.add("relink_queue_paused", &[queue], 1.0);
            }
        }
    }

    /// How often comes from the roster: a new database knows its schedules a moment after its first census.
    fn schedules(&mut self, roster: &[Entry], schedules: &[Schedule]) {
        for spec in roster.iter().map(|entry| entry.spec) {
            if let Some(every) = spec.every {
                let period = every.period().as_secs_f64();
                self.to
                    .add("relink_schedule_period_seconds", &[spec.kind.name], period);
            }
        }
        for schedule in schedules {
            let Schedule {
                name,
                skips,
                last_success,
            } = schedule;
            self.to
                .add("relink_schedule_skips", &[name], f64::from(*skips));
            let last = last_success.map_or(0.0, stamp);
            self.to.add(
                "relink_schedule_last_success_timestamp_seconds",
                &[name],
                last,
            );
        }
    }

    fn duties(&mut self, duties: &[DutyState], rate: f64) {
        for duty in duties {
            let name = [duty.duty.as_str()];
            let is = |holds: bool| f64::from(u8::from(holds));
            let (held, blind) = (is(duty.is_held), is(duty.is_blind(self.at, rate)));
            let conclusive = duty.conclusive_at.map_or(0.0, stamp);
            for (gauge, value) in [
                ("relink_schedule_held", held),
                ("relink_duty_blind", blind),
                ("relink_duty_last_conclusive_timestamp_seconds", conclusive),
                (
                    "relink_duty_counted_from_timestamp_seconds",
                    stamp(duty.counted_from),
                ),
            ] {
                self.to.add(gauge, &name, value);
            }
        }
    }

    /// A code of a later build is told as one that a person should look at.
    fn alerts(&mut self, alerts: &Counts) {
        for (code, count) in alerts {
            let code = find_alert(code).map_or(OTHER, |it| it.code);
            let class = alert_class(code).as_str();
            self.to
                .add("relink_alerts_open", &[code, class], number(*count));
        }
    }

    fn held(&mut self, held: &HeldRows) {
        let HeldRows {
            age,
            // Names no session to metrics.
            holder: _,
            dead_rows,
        } = held;
        self.one("relink_oldest_snapshot_transactions", number(*age));
        self.one("relink_jobs_dead_rows", number(*dead_rows));
    }

    /// Gates that refuse no matter which removal.
    fn gates(&mut self, gates: &Judgement) {
        let Judgement { facts, refused } = gates;
        let refused: Vec<&str> = refused.iter().map(|gate| gate.as_str()).collect();
        for gate in FLEET_GATES {
            let is_open = f64::from(u8::from(!refused.contains(&gate)));
            self.to.add("relink_removal_gate_open", &[gate], is_open);
        }
        let is_tripped = f64::from(u8::from(facts.latch.is_some()));
        self.one("relink_removal_latch_tripped", is_tripped);
        let ends = facts.flag.as_ref().filter(|flag| self.at < flag.ends_at);
        self.one(
            "relink_removal_flag_ends_timestamp_seconds",
            ends.map_or(0.0, |flag| stamp(flag.ends_at)),
        );
        self.one("relink_removal_suspects", number(facts.suspects));
        self.one("relink_removal_intents", number(facts.intents));
        let missing = u32::try_from(facts.guards.len()).unwrap_or(u32::MAX);
        self.one("relink_guards_missing", f64::from(missing));
    }

    fn slices(&mut self, slices: &Slices) {
        for slice in slices.all() {
            let Slice { unpaired, caps } = slice;
            self.one("relink_audit_unpaired", number(*unpaired));
            for (action, used, accounts) in caps {
                self.to
                    .add("relink_cap_accounts", &[action, used], number(*accounts));
            }
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "Prometheus counts in f64; it is exact up to 2^53"
)]
fn number(count: i64) -> f64 {
    count as f64
}

fn stamp(at: Timestamp) -> f64 {
    at.duration_since(Timestamp::UNIX_EPOCH).as_secs_f64()
}
