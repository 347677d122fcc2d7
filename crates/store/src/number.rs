//! Numbers that a column can hold.

use policy::schedule::ShardRange;

/// Type of a column with a largest value.
pub(crate) trait Ceiling {
    /// Largest value that the column can hold.
    const CEILING: Self;
}

impl Ceiling for i16 {
    const CEILING: Self = Self::MAX;
}

impl Ceiling for i32 {
    const CEILING: Self = Self::MAX;
}

/// Number as its column's type; one that is too large becomes the largest.
pub(crate) fn clamp<T: Ceiling + TryFrom<N>, N>(number: N) -> T {
    T::try_from(number).unwrap_or(T::CEILING)
}

/// First and last shard of a range, as columns hold them.
pub(crate) fn shard_ends(shards: ShardRange) -> (i16, i16) {
    (clamp(shards.first), clamp(shards.last))
}
