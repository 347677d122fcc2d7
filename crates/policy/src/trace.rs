//! W3C trace context: which trace something belongs to, and which step of it. Pure: ids are made elsewhere.
//!
//! Source: W3C Trace Context, level 2, §3.2 (`traceparent`).

use std::fmt;

/// Longest text that is looked at; a later version of the standard may say more than ours does.
const BYTES_MAX: usize = 128;
/// `00-<32 hex>-<16 hex>-<2 hex>`.
const BYTES: usize = 55;
const SAMPLED: u8 = 1;

/// A step of a trace: what a row, a message header or a request's header carries as `traceparent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TraceParent {
    trace: [u8; 16],
    span: [u8; 8],
    flags: u8,
}

impl TraceParent {
    /// The first step of a trace that may be recorded. None where an id is all zeroes, which the standard forbids.
    pub fn new(trace: [u8; 16], span: [u8; 8]) -> Option<Self> {
        let is_valid = trace != [0; 16] && span != [0; 8];
        is_valid.then_some(Self {
            trace,
            span,
            flags: SAMPLED,
        })
    }

    /// Reads a `traceparent` strictly; whatever is not one is none, and never an error: work does not depend on it.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.len() < BYTES || bytes.len() > BYTES_MAX {
            return None;
        }
        let [version] = hex::<1>(&bytes[..2])?;
        let has_its_length = match version {
            0xff => false,
            0 => bytes.len() == BYTES,
            // A later version may append fields, and what stands in front of them is as in ours.
            _ => bytes.get(BYTES).is_none_or(|next| *next == b'-'),
        };
        let has_dashes = [2, 35, 52].iter().all(|at| bytes[*at] == b'-');
        if !has_its_length || !has_dashes {
            return None;
        }
        let [flags] = hex::<1>(&bytes[53..BYTES])?;
        let read = Self::new(hex(&bytes[3..35])?, hex(&bytes[36..52])?)?;
        // Bits that we do not know are not handed on.
        Some(Self {
            flags: flags & SAMPLED,
            ..read
        })
    }

    /// The next step of the same trace. An all-zero `span` stays at this step, for there is no such id.
    #[must_use]
    pub fn child(self, span: [u8; 8]) -> Self {
        if span == [0; 8] {
            return self;
        }
        Self { span, ..self }
    }

    /// The same step, recorded or not.
    #[must_use]
    pub fn sampled(self, is_sampled: bool) -> Self {
        Self {
            flags: u8::from(is_sampled),
            ..self
        }
    }

    /// Whether whoever made it may have recorded it.
    pub fn is_sampled(self) -> bool {
        self.flags & SAMPLED != 0
    }

    /// The trace's id.
    pub fn trace(self) -> [u8; 16] {
        self.trace
    }

    /// The step's id.
    pub fn span(self) -> [u8; 8] {
        self.span
    }

    /// The trace's id in 32 hexadecimal digits, as log lines show it.
    pub fn trace_id(self) -> String {
        let number = u128::from_be_bytes(self.trace);
        format!("{number:032x}")
    }

    /// To which step a run of jobs belongs that were created in these: where all are of one trace, to the first of
    /// them; otherwise to none, and the run begins a trace of its own that links to each (messaging conventions).
    pub fn of_run(created: &[Option<Self>]) -> Option<Self> {
        let first = (*created.first()?)?;
        let is_one = created
            .iter()
            .all(|one| one.is_some_and(|one| one.trace == first.trace));
        is_one.then_some(first)
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let trace = u128::from_be_bytes(self.trace);
        let span = u64::from_be_bytes(self.span);
        write!(f, "00-{trace:032x}-{span:016x}-{:02x}", self.flags)
    }
}

/// Lower-case hexadecimal digits only, as the standard asks.
fn hex<const N: usize>(digits: &[u8]) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut read = [0; N];
    if digits.len() != 2 * N {
        return None;
    }
    for (byte, pair) in read.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(read)
}

#[cfg(test)]
mod tests;
