//! How much a test does.

/// The whole size, as `tests/run NAME` asks for; a run of the whole suite asks for a part of it.
pub fn is_full() -> bool {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests/run says how much is measured"
    )]
    let asked = std::env::var("RELINK_TEST_FULL");
    asked.is_ok_and(|it| it == "1")
}
