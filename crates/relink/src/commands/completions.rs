//! `relink completions …`, and the page of all commands.

use super::Failure;
use clap::{Arg, Command, ValueEnum};
use clap_complete::Shell;
use std::fmt::Write as _;
use std::process::ExitCode;

/// Shells that a script is written for.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum ShellName {
    /// Put it where bash-completion looks, or source it.
    Bash,
    /// Put it as `_relink` into a directory of `fpath`.
    Zsh,
    /// Put it into `~/.config/fish/completions/relink.fish`.
    Fish,
}

pub(crate) fn run(shell: ShellName, mut program: Command) -> ExitCode {
    let shell = match shell {
        ShellName::Bash => Shell::Bash,
        ShellName::Zsh => Shell::Zsh,
        ShellName::Fish => Shell::Fish,
    };
    clap_complete::generate(shell, &mut program, "relink", &mut std::io::stdout());
    ExitCode::SUCCESS
}

/// `docs/cli.md`.
pub(crate) fn page(mut program: Command) -> Result<ExitCode, Failure> {
    program.build();
    let mut page = String::new();
    writeln!(page, "# Every command\n")?;
    writeln!(
        page,
        "Printed from the program itself by `relink cli-page`; `tests/it/cli_docs.rs` keeps this page equal to it, and\n\
         `UPDATE_DOCS=1` rewrites it. What a setting means stands in [settings.md](settings.md).\n"
    )?;
    writeln!(page, "{}\n", super::EXIT_CODES.trim_end())?;
    writeln!(
        page,
        "With `--json` a command answers for programs: names of fields stay, new ones may come.\n"
    )?;
    for one in program.get_arguments().filter(|one| one.is_global_set()) {
        let means = one.get_help().map(ToString::to_string);
        writeln!(
            page,
            "Every command that asks a fleet takes `{}`: {}.\n",
            optional(one),
            one_paragraph(&means.unwrap_or_default())
        )?;
    }
    section(&mut page, &program, "relink")?;
    print!("{page}");
    Ok(ExitCode::SUCCESS)
}

fn section(page: &mut String, command: &Command, path: &str) -> std::fmt::Result {
    let children: Vec<&Command> = command
        .get_subcommands()
        .filter(|child| !child.is_hide_set() && child.get_name() != "help")
        .collect();
    if children.is_empty() {
        writeln!(page, "## `{path}`\n")?;
        if let Some(about) = command.get_long_about().or(command.get_about()) {
            writeln!(page, "{}\n", one_paragraph(&about.to_string()))?;
        }
        arguments(page, command)?;
    }
    for child in children {
        section(page, child, &format!("{path} {}", child.get_name()))?;
    }
    Ok(())
}

fn arguments(page: &mut String, command: &Command) -> std::fmt::Result {
    let shown = |one: &&Arg| {
        let is_everywhere = matches!(one.get_id().as_str(), "help" | "version");
        !one.is_hide_set() && !one.is_global_set() && !is_everywhere
    };
    let all: Vec<&Arg> = command.get_arguments().filter(shown).collect();
    if all.is_empty() {
        return Ok(());
    }
    writeln!(page, "| argument | default | means |\n|---|---|---|")?;
    for one in all {
        let default: Vec<_> = one
            .get_default_values()
            .iter()
            .map(|value| value.to_string_lossy())
            .collect();
        let default = match (default.as_slice(), one.is_required_set()) {
            (_, true) => "required".to_owned(),
            ([], false) => String::new(),
            (values, false) if one.get_num_args().is_some_and(|range| range.takes_values()) => {
                values.join(",")
            }
            _ => String::new(),
        };
        let means = one.get_long_help().or(one.get_help());
        let means = means.map(|text| one_paragraph(&text.to_string()));
        let means = means.unwrap_or_default().replace('|', "\\|");
        writeln!(page, "| `{}` | {default} | {means} |", named(one))?;
    }
    writeln!(page)
}

fn named(one: &Arg) -> String {
    let takes = one.get_num_args().is_some_and(|range| range.takes_values());
    let value = one
        .get_value_names()
        .map(|names| names.join(" "))
        .unwrap_or_default();
    match one.get_long() {
        Some(long) if takes => format!("--{long} {value}"),
        Some(long) => format!("--{long}"),
        None if one
            .get_num_args()
            .is_some_and(|range| range.max_values() > 1) =>
        {
            format!("{value}…")
        }
        None => value,
    }
}

/// An option whose value may be left away.
fn optional(one: &Arg) -> String {
    let value = one.get_value_names().unwrap_or_default().join(" ");
    format!("--{}[={value}]", one.get_long().unwrap_or_default())
}

fn one_paragraph(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
