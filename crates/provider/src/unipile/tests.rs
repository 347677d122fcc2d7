//! Tables of answers, without a socket.

mod decoding;
mod hell;
mod outcomes;
mod owners;
mod refusals;
mod texts;
