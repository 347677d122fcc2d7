//! Randomness without state: a draw is a function of the seed, the topic, and a running number. Requests that race
//! therefore cannot change each other's luck.

/// What a draw is for. Draws of different topics are independent.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Topic {
    Identifier = 1,
    Person,
    Latency,
    Fault,
    Flavour,
    Token,
    HookDrop,
    HookDuplicate,
    HookDelay,
    HookDelayLength,
    HookReorder,
    RotationGap,
    RotationVictim,
    RotationRest,
    RotationNever,
    ActionFault,
    InvitationId,
    ChatId,
    MessageId,
    EmailId,
    TrackingId,
    Content,
    Restart,
    RestartLength,
    DailyLength,
    DailyCredentials,
    DailyRest,
    BurstVictim,
    BurstRest,
    ClusterGap,
    Life,
    Age,
    LifeRest,
    LifeNever,
    SecondSession,
    Prospect,
    Acceptance,
    AcceptanceLength,
    HandPerson,
}

/// The seed, and how to draw from it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chance {
    seed: u64,
}

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// Any number, evenly.
    pub(crate) fn draw(self, topic: Topic, number: u64) -> u64 {
        scramble(scramble(scramble(self.seed).wrapping_add(topic as u64)).wrapping_add(number))
    }

    /// A number from 0 up to, but not including, 1.
    pub(crate) fn unit(self, topic: Topic, number: u64) -> f64 {
        let high = u32::try_from(self.draw(topic, number) >> 32).unwrap_or(u32::MAX);
        f64::from(high) / (f64::from(u32::MAX) + 1.0)
    }

    /// Whether something with this probability happens: never at 0, always at 1.
    pub(crate) fn happens(self, topic: Topic, number: u64, rate: f64) -> bool {
        self.unit(topic, number) < rate
    }

    /// A whole number between the two, both included; `low` when they are the wrong way round.
    pub(crate) fn between(self, topic: Topic, number: u64, low: u64, high: u64) -> u64 {
        match high.checked_sub(low) {
            Some(span) => low + self.draw(topic, number) % span.saturating_add(1),
            None => low,
        }
    }
}

/// One running number out of two: of a session or life, and of what befalls it.
pub(crate) fn paired(first: u64, second: u64) -> u64 {
    scramble(first).wrapping_add(second)
}

/// SplitMix64's output function: a bijection in which every input bit reaches every output bit.
fn scramble(value: u64) -> u64 {
    let mut mixed = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_topic_and_number_always_draw_the_same() {
        assert_eq!(
            Chance::new(7).draw(Topic::Fault, 3),
            Chance::new(7).draw(Topic::Fault, 3)
        );
        assert_ne!(
            Chance::new(7).draw(Topic::Fault, 3),
            Chance::new(8).draw(Topic::Fault, 3)
        );
        assert_ne!(
            Chance::new(7).draw(Topic::Fault, 3),
            Chance::new(7).draw(Topic::Latency, 3)
        );
    }

    #[test]
    fn a_rate_is_met_over_many_draws_and_its_ends_are_certain() {
        let chance = Chance::new(1);
        let hits = |rate| {
            (0..10_000)
                .filter(|&number| chance.happens(Topic::Fault, number, rate))
                .count()
        };
        assert_eq!((hits(0.0), hits(1.0)), (0, 10_000));
        assert!((2_800..3_200).contains(&hits(0.3)), "{}", hits(0.3));
    }

    #[test]
    fn a_range_includes_both_ends() {
        let chance = Chance::new(1);
        let seen: std::collections::BTreeSet<u64> = (0..200)
            .map(|number| chance.between(Topic::Latency, number, 2, 4))
            .collect();
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), [2, 3, 4]);
        assert_eq!(chance.between(Topic::Latency, 1, 5, 4), 5);
    }
}
