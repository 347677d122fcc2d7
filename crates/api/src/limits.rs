//! How many requests each may make: a bucket of tokens for each bearer's token, and one for each address of whoever has
//! shown no good one. In this process's memory alone: with three pods an operator may ask three times as often.

use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Buckets kept at most; who finds no room shares one with all others who found none.
const BUCKETS_MAX: usize = 10_000;
/// Idle buckets are looked for at most so often.
const SWEEP_EVERY: Duration = Duration::from_secs(1);
/// A full bucket holds what flows into it in this time.
const BURST: Duration = Duration::from_secs(10);

/// Whose bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    /// A token that was good when it was seen last, by its digest.
    Token([u8; 32]),
    /// An address; of IPv6 the network of 64 bits, which one machine has whole.
    Peer(IpAddr),
    /// Everybody for whom there was no room.
    Others,
}

impl Key {
    /// Of a token, good or not.
    pub(crate) fn token(token: &str) -> Self {
        Self::Token(Sha256::digest(token.as_bytes()).into())
    }

    /// Of whoever is at that address.
    pub(crate) fn peer(address: IpAddr) -> Self {
        Self::Peer(match address.to_canonical() {
            IpAddr::V6(it) => IpAddr::V6((u128::from(it) >> 64 << 64).into()),
            v4 @ IpAddr::V4(_) => v4,
        })
    }
}

/// What is left of one bucket, and when that was so.
struct Bucket {
    left: f64,
    at: Instant,
}

/// Room of one bucket, which holds what may be asked at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    /// Requests of a full bucket.
    pub(crate) limit: u64,
    /// Requests that it holds now.
    pub(crate) remaining: u64,
    /// Time until it is full again.
    pub(crate) full_after: Duration,
}

/// All buckets.
pub(crate) struct Limits {
    per_second: f64,
    burst: f64,
    buckets: Mutex<Buckets>,
}

struct Buckets {
    all: HashMap<Key, Bucket>,
    swept_at: Option<Instant>,
}

impl Limits {
    /// So many requests a minute for each; ten seconds' worth at once, and at least one.
    pub(crate) fn new(per_minute: u32) -> Self {
        let per_second = f64::from(per_minute) / 60.0;
        Self {
            per_second,
            burst: (per_second * BURST.as_secs_f64()).max(1.0),
            buckets: Mutex::new(Buckets {
                all: HashMap::new(),
                swept_at: None,
            }),
        }
    }

    /// Takes one request; an error says when there is room for the next.
    pub(crate) fn take(&self, key: Key, now: Instant) -> Result<(), Duration> {
        let mut buckets = self.lock();
        let key = self.seat(&mut buckets, key, now);
        let bucket = buckets.all.entry(key).or_insert(Bucket {
            left: self.burst,
            at: now,
        });
        bucket.left = self.left(bucket, now);
        bucket.at = now;
        if bucket.left < 1.0 {
            return Err(Duration::from_secs_f64(
                (1.0 - bucket.left) / self.per_second,
            ));
        }
        bucket.left -= 1.0;
        Ok(())
    }

    /// Takes one of a bucket that is there; none, if it is not.
    pub(crate) fn take_if_known(&self, key: Key, now: Instant) -> Option<Result<(), Duration>> {
        let is_known = self.lock().all.contains_key(&key);
        is_known.then(|| self.take(key, now))
    }

    /// Room of the first of these that has a bucket; none, if nobody was counted.
    pub(crate) fn room(&self, keys: &[Key], now: Instant) -> Option<Room> {
        let buckets = self.lock();
        let bucket = keys.iter().find_map(|key| buckets.all.get(key))?;
        let left = self.left(bucket, now);
        Some(Room {
            limit: whole(self.burst),
            remaining: whole(left),
            full_after: Duration::from_secs_f64((self.burst - left) / self.per_second),
        })
    }

    /// Gives one back: it was taken for somebody who turned out to be known.
    pub(crate) fn give_back(&self, key: Key) {
        if let Some(bucket) = self.lock().all.get_mut(&key) {
            bucket.left = (bucket.left + 1.0).min(self.burst);
        }
    }

    /// A token that is good no longer.
    pub(crate) fn forget(&self, key: Key) {
        self.lock().all.remove(&key);
    }

    fn left(&self, bucket: &Bucket, now: Instant) -> f64 {
        let passed = now.saturating_duration_since(bucket.at).as_secs_f64();
        (bucket.left + passed * self.per_second).min(self.burst)
    }

    /// Where this one is counted: memory stays bounded whoever asks.
    fn seat(&self, buckets: &mut Buckets, key: Key, now: Instant) -> Key {
        if buckets.all.len() < BUCKETS_MAX || buckets.all.contains_key(&key) {
            return key;
        }
        let is_time = |at: Instant| SWEEP_EVERY <= now.saturating_duration_since(at);
        if buckets.swept_at.is_none_or(is_time) {
            buckets.swept_at = Some(now);
            // A bucket that is full again says nothing that a new one does not.
            buckets
                .all
                .retain(|_, bucket| self.left(bucket, now) < self.burst);
        }
        if buckets.all.len() < BUCKETS_MAX {
            key
        } else {
            Key::Others
        }
    }

    fn lock(&self) -> MutexGuard<'_, Buckets> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Requests that can be made: a part of one cannot.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "never below 0, and far from the largest number"
)]
fn whole(requests: f64) -> u64 {
    requests as u64
}

#[cfg(test)]
mod tests {
    use super::{BUCKETS_MAX, Key, Limits, Room};
    use std::net::{IpAddr, Ipv4Addr};
    use std::time::{Duration, Instant};

    fn peer(number: u32) -> Key {
        Key::peer(IpAddr::V4(Ipv4Addr::from_bits(number)))
    }

    #[test]
    fn ten_seconds_worth_at_once_and_then_as_it_flows_in() {
        let (limits, start) = (Limits::new(60), Instant::now());
        for _ in 0..10 {
            assert_eq!(limits.take(peer(1), start), Ok(()));
        }
        assert_eq!(limits.take(peer(1), start), Err(Duration::from_secs(1)));
        assert_eq!(limits.take(peer(2), start), Ok(()), "each has its own");
        let later = start + Duration::from_secs(1);
        assert_eq!(limits.take(peer(1), later), Ok(()));
        assert!(limits.take(peer(1), later).is_err());
        limits.give_back(peer(1));
        assert_eq!(limits.take(peer(1), later), Ok(()));
        let much_later = start + Duration::from_hours(1);
        for _ in 0..10 {
            assert_eq!(limits.take(peer(1), much_later), Ok(()));
        }
        assert!(
            limits.take(peer(1), much_later).is_err(),
            "no more than that"
        );
    }

    #[test]
    fn r_api_2_the_room_is_told_of_whoever_was_counted() {
        let (limits, start) = (Limits::new(60), Instant::now());
        let keys = [Key::token("rlo_1"), peer(1)];
        assert_eq!(limits.room(&keys, start), None);
        limits.take(peer(1), start).expect("room");
        let room = |remaining, seconds| Room {
            limit: 10,
            remaining,
            full_after: Duration::from_secs(seconds),
        };
        assert_eq!(limits.room(&keys, start), Some(room(9, 1)));
        for _ in 0..2 {
            limits.take(keys[0], start).expect("room");
        }
        assert_eq!(limits.room(&keys, start), Some(room(8, 2)), "its own first");
        let later = start + Duration::from_millis(1_500);
        assert_eq!(limits.room(&keys, later).map(|it| it.remaining), Some(9));
    }

    #[test]
    fn the_smallest_rate_lets_one_pass() {
        let (limits, start) = (Limits::new(1), Instant::now());
        assert_eq!(limits.take(peer(1), start), Ok(()));
        assert_eq!(limits.take(peer(1), start), Err(Duration::from_mins(1)));
    }

    #[test]
    fn memory_is_bounded_and_whoever_finds_no_room_shares() {
        let (limits, start) = (Limits::new(60), Instant::now());
        for number in 0..u32::try_from(BUCKETS_MAX).expect("small") + 50 {
            limits.take(peer(number), start).ok();
        }
        assert_eq!(
            limits.lock().all.len(),
            BUCKETS_MAX + 1,
            "and that of others"
        );
        assert!(
            limits.take(peer(20_000), start).is_err(),
            "shared, and empty"
        );
        assert_eq!(limits.take(peer(5), start), Ok(()), "its own is as it was");
        // The others are full again after a while, and make room.
        let later = start + Duration::from_secs(20);
        assert_eq!(limits.take(peer(30_000), later), Ok(()));
        assert_eq!(limits.lock().all.len(), 1);
    }

    #[test]
    fn an_ipv6_machine_has_one_bucket_for_all_its_addresses() {
        let key = |text: &str| Key::peer(text.parse().expect("an address"));
        assert_eq!(key("2001:db8::1"), key("2001:db8::ffff:1"));
        assert_ne!(key("2001:db8:0:1::1"), key("2001:db8::1"));
        assert_eq!(key("::ffff:10.0.0.1"), key("10.0.0.1"));
    }

    #[test]
    fn only_a_token_that_was_good_has_a_bucket() {
        let (limits, now) = (Limits::new(60), Instant::now());
        let key = Key::token("rlo_1");
        assert_eq!(limits.take_if_known(key, now), None);
        limits.take(key, now).expect("room");
        assert_eq!(limits.take_if_known(key, now), Some(Ok(())));
        limits.forget(key);
        assert_eq!(limits.take_if_known(key, now), None);
    }
}
