//! Tables of answers, without a socket.

mod decoding;
mod outcomes;
mod refusals;
