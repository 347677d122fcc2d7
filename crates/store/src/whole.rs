//! Structs that are written whole.

/// Names every field of a struct beside its writer: one that is added later does not compile until it is named here.
macro_rules! whole {
    ($of:ident { $($field:ident),+ $(,)? }) => {
        const _: fn(&$of) = |$of { $($field: _),+ }| ();
    };
}
pub(crate) use whole;
