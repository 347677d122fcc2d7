//! Words of closed lists on the command line.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use policy::words::Word;

/// Reads one word of a list; help shows them all, and any other one is refused.
pub(crate) fn word<W: Word + Send + Sync>() -> impl TypedValueParser<Value = W> {
    let words = W::members().into_iter().map(Word::word);
    PossibleValuesParser::new(words).try_map(|text| W::read(&text))
}
