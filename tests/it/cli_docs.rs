//! `docs/cli.md` is what the program says of itself; the scripts that complete commands know every command.

use std::io::Write;
use std::process::{Command, Output};
use tempfile::NamedTempFile;
use tests::printed::is_as_printed;

fn relink(arguments: &[&str]) -> Output {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests/run says where the program is"
    )]
    let program = std::env::var("RELINK_BIN")
        .expect("RELINK_BIN: build `-p relink` and name its program, as tests/run does");
    let mut command = Command::new(program);
    command.args(arguments).env_clear();
    command.output().expect("run it")
}

fn said(arguments: &[&str]) -> String {
    let output = relink(arguments);
    assert!(output.status.success(), "{arguments:?}");
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn the_page_of_all_commands_is_what_the_program_says() {
    is_as_printed("cli.md", &said(&["cli-page"]), "the commands");
}

#[test]
fn each_shell_gets_a_script_that_knows_every_command() {
    for shell in ["bash", "zsh", "fish"] {
        let script = said(&["completions", shell]);
        for command in [
            "doctor",
            "accounts",
            "campaigns",
            "cases",
            "alerts",
            "schedules",
        ] {
            assert!(script.contains(command), "{shell} does not know {command}");
        }
        println!("{shell}: {} lines", script.lines().count());
    }
    let bash = said(&["completions", "bash"]);
    // By a file: the script is longer than one argument may be.
    let mut file = NamedTempFile::new().expect("a file");
    file.write_all(bash.as_bytes()).expect("write the script");
    let checked = Command::new("bash").arg("-n").arg(file.path()).status();
    assert!(checked.expect("run bash").success(), "bash can read it");
}

#[test]
fn a_wrong_command_line_ends_with_2_and_a_refusal_with_1() {
    for arguments in [
        &["alerts", "ack", "--reason", "x"][..],
        &["accounts", "list", "--limit", "0"],
        &["accounts", "list", "--status", "asleep"],
        &["cases", "list", "--after", "yesterday"],
        &["completions", "tcsh"],
        &["dance"],
    ] {
        assert_eq!(relink(arguments).status.code(), Some(2), "{arguments:?}");
    }
    // Nothing is configured: refused, and said why.
    let output = relink(&["schedules"]);
    assert_eq!(output.status.code(), Some(1));
    let why = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(why.contains("RELINK_DATABASE_URL"), "{why}");
}
