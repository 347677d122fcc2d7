//! Tests that need a permit, which nobody outside can make; named after the interlock, as all of its proof.

mod interlock;
