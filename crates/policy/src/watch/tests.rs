//! The breaker over fleets of any size, run after run, held against the words of the rule (R-WAT-3).

use super::*;
use crate::ids::StopId;
use crate::jobs::ACCOUNT_CHECK;
use crate::samples::{account, at, workspace};
use jiff::Timestamp;
use proptest::prelude::*;
use uuid::Uuid;

const FLEETS: [i64; 6] = [3, 10, 20, 200, 20_000, 1_000_000];

/// A stopped loss as the tables keep it.
#[derive(Clone)]
struct Stop {
    id: u128,
    runs: i32,
    look_agrees: Option<bool>,
}

/// Fleet that a run looks at every 5 minutes. Losses are numbers; each that is stopped is a row.
struct Fleet {
    watched: i64,
    run: i64,
    /// Losses that were applied unasked, by run.
    applied: Vec<(i64, i64)>,
    stopped: Vec<Stop>,
    released: usize,
    made: u128,
}

impl Fleet {
    fn of(watched: i64) -> Self {
        Self {
            watched,
            run: 0,
            applied: vec![],
            stopped: vec![],
            released: 0,
            made: 0,
        }
    }

    fn slot(&self) -> Timestamp {
        at(self.run * 300)
    }

    /// Losses applied unasked in the hour before this run.
    fn lost_before(&self) -> i64 {
        let in_hour = self.applied.iter().filter(|(run, _)| self.run - run < 12);
        in_hour.map(|(_, lost)| lost).sum()
    }

    /// A run that finds so many new losses, and those stopped before still lost. Returns how many went on by themselves.
    fn judges(&mut self, new_losses: i64) -> usize {
        let due = DueWork {
            stops: self.due(),
            cases: vec![],
        };
        let counts = RunCounts {
            slot: self.slot(),
            sessions_listed: self.watched,
            watched: self.watched,
            new_losses,
            lost_before: self.lost_before(),
            absent: 0,
            unknown: 0,
            odd: vec![],
            verifiable: 0,
            sample: vec![],
            shares: vec![],
        };
        let verdict = judge(&counts).verdict.expect("the list is not empty");
        let released = release(&due, counts.slot, counts.slot);
        for stop in &mut self.stopped {
            stop.runs += 1;
        }
        let stays = |stop: &Stop| !released.stops.contains(&StopId(Uuid::from_u128(stop.id)));
        self.stopped.retain(stays);
        self.released += released.stops.len();
        let looks: Vec<_> = released.jobs.iter().filter_map(|job| job.account).collect();
        assert!(released.jobs.iter().all(|job| job.kind == ACCOUNT_CHECK));
        for stop in self
            .stopped
            .iter_mut()
            .filter(|stop| looks.contains(&account(stop.id)))
        {
            assert!(stop.runs >= 3, "looked at after three runs");
            stop.look_agrees = Some(true);
        }
        match verdict {
            RunVerdict::Apply => self.applied.push((self.run, new_losses)),
            RunVerdict::Abort => {
                // A few rows stand for any number: only so many are due in a run.
                for _ in 0..new_losses.min(40) {
                    self.made += 1;
                    let (runs, look_agrees) = (1, None);
                    self.stopped.push(Stop {
                        id: self.made,
                        runs,
                        look_agrees,
                    });
                }
            }
        }
        self.run += 1;
        released.stops.len()
    }

    /// As `stops/due.sql` orders them.
    fn due(&self) -> Vec<DueStop> {
        let due = |stop: &Stop| DueStop {
            stop: StopId(Uuid::from_u128(stop.id)),
            account: account(stop.id),
            workspace: workspace(1),
            runs: stop.runs + 1,
            look_agrees: stop.look_agrees,
        };
        let mut due: Vec<_> = self.stopped.iter().map(due).collect();
        due.sort_by_key(|it| it.look_agrees != Some(true));
        due
    }
}

/// In the rule's own words.
fn is_over(watched: i64, losses: i64) -> bool {
    losses > 5 && losses * 100 > watched * 25
}

#[test]
fn r_wat_3_in_every_fleet_a_mass_loss_is_stopped_and_less_is_not() {
    for watched in FLEETS {
        for losses in [1, 5, 6, watched / 4, watched / 4 + 1, watched / 2, watched] {
            let mut fleet = Fleet::of(watched);
            fleet.judges(losses);
            let stopped = !fleet.stopped.is_empty();
            assert_eq!(stopped, is_over(watched, losses), "{losses} of {watched}");
            assert!(fleet.lost_before() == if stopped { 0 } else { losses });
        }
    }
}

#[test]
fn r_wat_3_slices_of_an_hour_count_together() {
    for watched in FLEETS {
        let slice = (watched / 5).max(2);
        let mut fleet = Fleet::of(watched);
        let mut lost = 0;
        for run in 0..11 {
            fleet.judges(slice);
            let taken = fleet.lost_before() - lost;
            lost += taken;
            assert!(!is_over(watched, lost), "{lost} of {watched} by run {run}");
        }
        assert!(lost > 0 && !fleet.stopped.is_empty(), "{watched}: {lost}");
        // What was stopped is not counted: an hour later others go on.
        fleet.run += 12;
        fleet.judges(1);
        assert_eq!(fleet.lost_before(), 1, "{watched}");
    }
}

#[test]
fn r_wat_3_a_true_mass_loss_goes_on_by_itself_five_a_run() {
    for watched in FLEETS.into_iter().filter(|it| *it > 5) {
        let mut fleet = Fleet::of(watched);
        fleet.judges(watched / 2 + 1);
        let stopped = fleet.stopped.len();
        assert!(stopped > 5, "{watched}");
        // Run 3 asks for the first looks, run 4 applies on them.
        let went: Vec<usize> = (0..14).map(|_| fleet.judges(0)).collect();
        assert_eq!(
            went[..2],
            [0, 0],
            "three runs first, then a look of its own"
        );
        assert!(went.iter().all(|it| *it <= 5), "{went:?}");
        assert_eq!(went.iter().sum::<usize>(), stopped, "{watched}: {went:?}");
        assert_eq!((fleet.stopped.len(), fleet.lost_before()), (0, 0));
    }
}

#[test]
fn r_wat_3_what_was_stopped_does_not_stop_what_comes_later() {
    for watched in FLEETS.into_iter().filter(|it| *it > 5) {
        let mut fleet = Fleet::of(watched);
        fleet.judges(watched);
        let stopped = fleet.stopped.len();
        fleet.judges(1);
        assert_eq!(
            (fleet.lost_before(), fleet.stopped.len()),
            (1, stopped),
            "{watched}"
        );
    }
}

#[test]
fn r_wat_3_a_look_that_disagrees_releases_nothing_and_starves_nobody() {
    let stop = |number: u128, look_agrees| DueStop {
        stop: StopId(Uuid::from_u128(number)),
        account: account(number),
        workspace: workspace(1),
        runs: 3,
        look_agrees,
    };
    let mut stops: Vec<_> = (1..=7).map(|it| stop(it, None)).collect();
    stops.extend((8..=9).map(|it| stop(it, Some(false))));
    stops.push(DueStop {
        runs: 2,
        ..stop(10, Some(true))
    });
    let released = release(
        &DueWork {
            stops,
            cases: vec![],
        },
        at(0),
        at(0),
    );
    assert_eq!(released.stops, []);
    let looked: Vec<_> = released.jobs.iter().filter_map(|job| job.account).collect();
    assert_eq!(looked, (1..=5).map(account).collect::<Vec<_>>());
}

proptest! {
    #[test]
    fn r_wat_3_whatever_comes_no_hour_applies_more_than_the_limit_unasked(
        watched in 1_i64..3_000, losses in prop::collection::vec(0_i64..900, 1..40),
    ) {
        let mut fleet = Fleet::of(watched);
        for new in losses {
            let before = fleet.stopped.len();
            let went = fleet.judges(new.min(watched));
            prop_assert!(went <= 5);
            prop_assert!(fleet.stopped.len() + went >= before, "only what goes on leaves");
            fleet.run -= 1;
            let hour = fleet.lost_before();
            fleet.run += 1;
            prop_assert!(!is_over(watched, hour), "{} of {}", hour, watched);
        }
    }
}
