//! What the crate shows to others. The call itself is tested inside it, for nobody outside can make a permit.

mod interlock_setup;
mod interlock_switch;
