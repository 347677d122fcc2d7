//! What waits in each queue, walked lane by lane: some lanes at each census, lap after lap, so that a look costs as much in a
//! fleet of twenty thousand workspaces as in one of a thousand. Where nothing is due and nothing changes, hardly any.

mod rest;

use super::EVERY;
use jiff::{SignedDuration, Timestamp};
use policy::jobs::Queue;
use rest::{Rest, Sight, Signs};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;
use store::depths::{COUNTED_MAX, Lane, QueueDepth};
use store::{Store, StoreError};
use uuid::Uuid;

/// Lanes that a step walks, in a transaction of its own.
const STEP: i32 = 1_000;
/// Steps of a queue at each census; what is left, the next ones walk.
const STEPS: u32 = 4;
/// Lanes of the one step of a queue at rest.
const STEP_AT_REST: i32 = 50;

/// Waiting jobs of a queue; each number is at most [`COUNTED_MAX`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Waiting {
    /// Those that may run now.
    pub(super) due: i64,
    /// Those that come due later.
    pub(super) scheduled: i64,
    /// Those that a pause covers, due or not.
    pub(super) paused: i64,
    /// How long the first of the due had waited when it was seen.
    pub(super) due_age: SignedDuration,
    /// How long the first of the paused had waited when it was seen.
    pub(super) paused_age: SignedDuration,
    /// Some were not counted.
    pub(super) is_more: bool,
}

/// What laps found of a queue's kinds.
type Kinds = BTreeMap<String, Waiting>;

/// A lap over the lanes of a queue, and what the one before it found.
#[derive(Debug, Default)]
struct Lap {
    /// The lane that was walked last; none at the start.
    place: Option<(Uuid, String)>,
    found: Kinds,
    before: Option<Kinds>,
    /// What was known of the jobs before the lap began.
    began: Arc<Sight>,
    signs: Signs,
    /// Of the newest complete lap, if it may be rested on.
    rest: Option<Rest>,
    is_at_rest: bool,
}

/// Laps of all queues.
#[derive(Debug, Default)]
pub(super) struct Laps {
    epoch: i64,
    walked_at: Option<Instant>,
    queues: BTreeMap<String, Lap>,
}

impl Laps {
    /// A new leader begins its laps anew.
    pub(super) fn begin(&mut self, epoch: i64) {
        if self.epoch != epoch {
            *self = Self {
                epoch,
                ..Self::default()
            };
        }
    }

    /// Goes on with the lap of each queue, and notes what the last laps found. Censuses of a new leader that come sooner than
    /// others, for the sake of its first count of all accounts, walk its first laps only.
    pub(super) async fn walk(&mut self, store: &Store) -> Result<(), StoreError> {
        let now = Instant::now();
        if self
            .walked_at
            .is_some_and(|at| now.duration_since(at) < EVERY)
            && self.are_complete()
        {
            return Ok(());
        }
        // Read before any lane: what is committed after this is seen by the lap, or changes the next sight.
        let seen = store.reading(async |tx| {
            Ok::<_, StoreError>((tx.queues_in_use().await?, Sight::of(tx).await?))
        });
        let (known, sight) = seen.await?;
        let sight = Arc::new(sight);
        let ours = Queue::ALL.map(|queue| queue.as_str().to_owned());
        let used: BTreeSet<String> = known.into_iter().chain(ours).collect();
        self.queues.retain(|queue, _| used.contains(queue));
        for queue in used {
            let lap = self.queues.entry(queue.clone()).or_default();
            lap.go_on(store, &queue, &sight).await?;
        }
        self.walked_at = Some(now);
        let depths = self.depths();
        let tx = store.begin().await?;
        tx.note_depths(&depths).await?;
        tx.finish().await
    }

    fn are_complete(&self) -> bool {
        self.queues.values().all(|lap| lap.before.is_some())
    }

    /// What waits in each queue, as far as is known.
    pub(super) fn waiting(&self) -> impl Iterator<Item = (&str, Waiting)> {
        let each = self.queues.iter();
        each.map(|(queue, lap)| {
            (
                queue.as_str(),
                lap.known().values().fold(Waiting::default(), Waiting::and),
            )
        })
    }

    fn depths(&self) -> Vec<QueueDepth> {
        let each = self.queues.iter();
        let kinds = each.flat_map(|(queue, lap)| lap.known().iter().map(move |it| (queue, it)));
        kinds
            .map(|(queue, (kind, waiting))| QueueDepth {
                queue: queue.clone(),
                kind: kind.clone(),
                due: waiting.due,
                later: waiting.scheduled,
                paused: waiting.paused,
                is_more: waiting.is_more,
                due_age_s: (0 < waiting.due).then(|| waiting.due_age.as_secs_f64()),
            })
            .collect()
    }
}

impl Lap {
    async fn go_on(
        &mut self,
        store: &Store,
        queue: &str,
        sight: &Arc<Sight>,
    ) -> Result<(), StoreError> {
        let (steps, lanes) = self.pace(sight);
        for _ in 0..steps {
            if self.place.is_none() {
                self.began = Arc::clone(sight);
            }
            let place = self.place.clone();
            let walked = store
                .reading(async |tx| {
                    Ok::<_, StoreError>((
                        tx.lane_depths(queue, place.as_ref(), lanes).await?,
                        tx.now().at,
                    ))
                })
                .await;
            let (walked, at) = walked?;
            let is_over = i32::try_from(walked.len()).is_ok_and(|walked| walked < lanes);
            self.place = walked.last().map(|lane| lane.place.clone());
            for lane in walked {
                self.signs.note(&lane);
                self.note(lane, at);
            }
            if is_over {
                self.end();
                break;
            }
        }
        Ok(())
    }

    /// Steps of this census, and lanes of each. A lap at rest that hears of a change begins anew.
    fn pace(&mut self, sight: &Sight) -> (u32, i32) {
        let rests = self.rest.as_ref().is_some_and(|rest| rest.lasts(sight));
        if self.is_at_rest && !rests {
            self.place = None;
            self.found = Kinds::new();
            self.signs = Signs::default();
        }
        self.is_at_rest = rests;
        if rests {
            (1, STEP_AT_REST)
        } else {
            (STEPS, STEP)
        }
    }

    fn end(&mut self) {
        self.place = None;
        self.before = Some(std::mem::take(&mut self.found));
        self.rest = std::mem::take(&mut self.signs).rest(&self.began);
    }

    fn note(&mut self, lane: Lane, at: Timestamp) {
        let Lane {
            place: (_, kind),
            due,
            later,
            paused,
            due_since,
            paused_since,
            is_cut,
            // When to look again, and nothing to tell.
            next_at: _,
        } = lane;
        let age = |since: Option<Timestamp>| {
            since.map_or(SignedDuration::ZERO, |it| at.duration_since(it))
        };
        let seen = Waiting {
            due,
            scheduled: later,
            paused,
            due_age: age(due_since),
            paused_age: age(paused_since),
            is_more: is_cut,
        };
        let known = self.found.entry(kind).or_default();
        *known = std::mem::take(known).and(&seen);
    }

    /// The newest lap that is complete; before the first one is, what it found.
    fn known(&self) -> &Kinds {
        self.before.as_ref().unwrap_or(&self.found)
    }
}

impl Waiting {
    fn and(self, other: &Self) -> Self {
        let (due, later, paused) = (
            self.due.saturating_add(other.due),
            self.scheduled.saturating_add(other.scheduled),
            self.paused.saturating_add(other.paused),
        );
        let most = due.max(later).max(paused);
        Self {
            due: due.min(COUNTED_MAX),
            scheduled: later.min(COUNTED_MAX),
            paused: paused.min(COUNTED_MAX),
            due_age: self.due_age.max(other.due_age),
            paused_age: self.paused_age.max(other.paused_age),
            is_more: self.is_more || other.is_more || COUNTED_MAX <= most,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lane(kind: &str, due: i64, age_s: i64) -> Lane {
        Lane {
            place: (Uuid::nil(), kind.to_owned()),
            due,
            later: 1,
            paused: 0,
            due_since: Timestamp::from_second(1_000 - age_s).ok(),
            paused_since: None,
            is_cut: false,
            next_at: None,
        }
    }

    fn at() -> Timestamp {
        Timestamp::from_second(1_000).expect("an instant")
    }

    #[test]
    fn lanes_add_up_by_kind_and_a_sum_that_was_cut_says_so() {
        let mut lap = Lap::default();
        for (kind, due, age_s) in [("a", 3, 10), ("a", 4, 30), ("b", COUNTED_MAX - 1, 5)] {
            lap.note(lane(kind, due, age_s), at());
        }
        let a = &lap.known()["a"];
        assert_eq!(
            (a.due, a.scheduled, a.due_age.as_secs(), a.is_more),
            (7, 2, 30, false)
        );
        assert!(!lap.known()["b"].is_more);
        lap.note(lane("b", 1, 5), at());
        let b = &lap.known()["b"];
        assert_eq!(
            (b.due, b.is_more),
            (COUNTED_MAX, true),
            "the boundary itself"
        );
    }

    #[test]
    fn a_complete_lap_stands_until_the_next_one_is() {
        let mut lap = Lap::default();
        lap.note(lane("a", 3, 10), at());
        lap.before = Some(std::mem::take(&mut lap.found));
        lap.note(lane("a", 1, 10), at());
        assert_eq!(lap.known()["a"].due, 3);
        let mut laps = Laps::default();
        laps.queues.insert("sends".to_owned(), lap);
        let all: Vec<_> = laps
            .waiting()
            .map(|(queue, it)| (queue.to_owned(), it.due))
            .collect();
        assert_eq!(all, [("sends".to_owned(), 3)]);
        laps.begin(2);
        assert_eq!(laps.waiting().count(), 0, "a new leader knows nothing yet");
    }
}
