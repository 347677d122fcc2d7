//! Missing or wrong settings: every mistake at once, from the real program.

use std::path::PathBuf;
use std::time::Duration;
use tests::process::Process;

/// The real program, as the suite built it.
fn program() -> PathBuf {
    #[expect(
        clippy::disallowed_methods,
        reason = "the suite tells its tests where the program is"
    )]
    let path = std::env::var("RELINK_BIN")
        .expect("RELINK_BIN: build `-p relink` and name its program, as tests/run does");
    PathBuf::from(path)
}

#[tokio::test]
async fn fault_every_mistake_in_the_environment_is_printed_at_once_and_the_exit_is_not_0() {
    let wrong = [
        ("RELINK_DATABASE_URL", "mysql://user:hush-hush@host/db"),
        ("RELINK_DATABASE_CONNECTIONS", "many"),
        ("RELINK_AMQP_URL_FILE", "/nowhere/secret"),
        ("RELINK_AMQP_HEARTBEAT_SECONDS", "1"),
        ("RELINK_HTTP_ADDRESS", "here"),
        ("RELINK_LOG_FORMAT", "xml"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let missing: [(String, String); 0] = [];
    for (arguments, settings, named) in [
        (
            &["worker", "sweeps"][..],
            &wrong[..],
            &[
                "RELINK_DATABASE_URL",
                "RELINK_DATABASE_CONNECTIONS",
                "RELINK_AMQP_URL_FILE",
                "RELINK_AMQP_HEARTBEAT_SECONDS",
                "RELINK_HTTP_ADDRESS",
                "RELINK_LOG_FORMAT",
                "RELINK_PROVIDER_URL",
                "RELINK_PROVIDER_API_KEY",
            ][..],
        ),
        (
            &["worker", "sweeps"][..],
            &missing[..],
            &[
                "RELINK_DATABASE_URL",
                "RELINK_AMQP_URL",
                "RELINK_PROVIDER_URL",
                "RELINK_PROVIDER_API_KEY",
            ][..],
        ),
        (
            &["scheduler"][..],
            &missing[..],
            &["RELINK_DATABASE_URL", "RELINK_AMQP_URL"][..],
        ),
        (
            &["worker", "weeps", "sleeps"][..],
            &missing[..],
            &["weeps", "confirmations"][..],
        ),
        (&["migrate"][..], &missing[..], &["RELINK_DATABASE_URL"][..]),
    ] {
        let mut process = Process::start("relink", &program(), arguments, settings);
        let status = process.ended(Duration::from_secs(20)).await;
        let said = process.log();
        assert!(!status.success(), "{arguments:?}: {said}");
        for name in named {
            assert!(
                said.contains(name),
                "{arguments:?} does not name {name}: {said}"
            );
        }
        assert!(!said.contains("hush-hush"), "a secret was printed: {said}");
        println!(
            "relink {}: exit {:?}, named at once {}",
            arguments.join(" "),
            status.code(),
            named.len()
        );
    }
}
