//! Restarts of single sessions: what each comes to, and the referee's list of them.

use crate::chance::{Chance, Topic, paired};
use crate::control::{Faults, RestartLine, RestartMode, SessionRestart};
use std::collections::HashMap;

/// Lines that are kept; [`crate::control::Counts::restarts`] counts all.
const LINES_MAX: usize = 100_000;

/// What was told of single sessions, and what came.
#[derive(Debug, Default)]
pub(crate) struct Restarts {
    told: HashMap<String, SessionRestart>,
    attempts: HashMap<String, u64>,
    lines: Vec<RestartLine>,
}

/// Outcome of one restart.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Outcome {
    /// Restarts of this session so far, from 1.
    pub(crate) attempt: u64,
    pub(crate) mode: RestartMode,
    /// Time that it takes, where that was told of this session.
    pub(crate) late_seconds: Option<u64>,
}

impl Restarts {
    /// From now on these sessions' restarts end so.
    pub(crate) fn tell(&mut self, told: Vec<SessionRestart>) {
        for one in told {
            self.told.insert(one.session.clone(), one);
        }
    }

    /// Outcome of the next restart of the session with this number: as told, else as the mix draws it, else as all do.
    pub(crate) fn begin(
        &mut self,
        session: &str,
        number: u64,
        faults: &Faults,
        chance: Chance,
    ) -> Outcome {
        let attempts = self.attempts.entry(session.to_owned()).or_default();
        *attempts += 1;
        let attempt = *attempts;
        let told = self.told.get_mut(session).filter(|it| it.times != Some(0));
        if let Some(told) = told {
            told.times = told.times.map(|times| times - 1);
            return Outcome {
                attempt,
                mode: told.mode,
                late_seconds: told.late_seconds,
            };
        }
        let mut left = chance.unit(Topic::Restart, paired(number, attempt));
        let drawn = faults.restart_mix.iter().find(|(_, rate)| {
            let is_it = left < rate.0;
            left -= rate.0;
            is_it
        });
        Outcome {
            attempt,
            mode: drawn.map_or(faults.restart, |(mode, _)| *mode),
            late_seconds: None,
        }
    }

    /// Keeps a line while there is room.
    pub(crate) fn note(&mut self, line: RestartLine) {
        if self.lines.len() < LINES_MAX {
            self.lines.push(line);
        }
    }

    pub(crate) fn lines(&self) -> &[RestartLine] {
        &self.lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::Rate;

    fn mixed() -> Faults {
        Faults {
            restart: RestartMode::Ignored,
            restart_mix: [
                (RestartMode::Fixes, Rate(0.5)),
                (RestartMode::Late, Rate(0.3)),
            ]
            .into(),
            ..Faults::default()
        }
    }

    #[test]
    fn what_is_told_of_a_session_holds_as_often_as_told() {
        let mut restarts = Restarts::default();
        restarts.tell(vec![SessionRestart {
            session: "a".to_owned(),
            mode: RestartMode::Fails,
            times: Some(2),
            late_seconds: None,
        }]);
        let faults = Faults::default();
        let mut begin = |id: &str| {
            let outcome = restarts.begin(id, 0, &faults, Chance::new(1));
            (outcome.attempt, outcome.mode)
        };
        assert_eq!(begin("a"), (1, RestartMode::Fails));
        assert_eq!(begin("b"), (1, RestartMode::Fixes));
        assert_eq!(begin("a"), (2, RestartMode::Fails));
        assert_eq!(begin("a"), (3, RestartMode::Fixes));
    }

    #[test]
    fn a_mix_is_met_and_the_same_seed_draws_the_same() {
        let drawn = |seed| {
            let mut restarts = Restarts::default();
            let all = (0..4_000_u64).map(|number| {
                let begun =
                    restarts.begin(&number.to_string(), number, &mixed(), Chance::new(seed));
                begun.mode
            });
            all.collect::<Vec<_>>()
        };
        let count = |wanted| drawn(1).into_iter().filter(|it| *it == wanted).count();
        assert!((1_900..2_100).contains(&count(RestartMode::Fixes)));
        assert!((1_100..1_300).contains(&count(RestartMode::Late)));
        assert!((700..900).contains(&count(RestartMode::Ignored)));
        assert_eq!(drawn(1), drawn(1));
        assert_ne!(drawn(1), drawn(2));
    }
}
