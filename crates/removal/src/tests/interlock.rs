//! The one call against real sockets. In here, because nobody outside can make a permit to call with.

mod calls;
mod ids;
mod outages;
mod permits;
mod rig;
mod secrets;
