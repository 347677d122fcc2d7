//! `relink --local …`: the fleet that `relink up` runs on this machine, found without a setting.

mod notice;
#[cfg(test)]
mod tests;

pub(crate) use notice::{Fleet, Notice, write_private};

use crate::commands::Failure;
use fleet::config::Environment;
use fleet::settings::SECRETS;
use notice::{Place, State};
use std::path::{Path, PathBuf};

/// Choice among this user's running fleets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FleetChoice {
    /// The only one that runs.
    Only,
    /// The one with this `--dir` of `relink up`.
    In(PathBuf),
}

impl FleetChoice {
    /// Reads the value of `--local`; none is [`FleetChoice::Only`].
    #[expect(
        clippy::unnecessary_wraps,
        reason = "a parser of arguments may fail, this one never does"
    )]
    pub(crate) fn of_argument(text: &str) -> Result<Self, String> {
        Ok(match text {
            "" => Self::Only,
            dir => Self::In(PathBuf::from(dir)),
        })
    }
}

/// Database login that a command needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Login {
    /// `relink_operator`.
    Operator,
    /// Some login that may act as `relink_owner`, to hand out tokens.
    Owner,
}

/// Settings that lead a command to the chosen fleet, over those of this process. Says on standard error which fleet
/// that is, so that standard output holds only the answer.
pub(crate) fn environment(choice: &FleetChoice, login: Login) -> Result<Environment, Failure> {
    let own = Environment::of_process();
    refuse_other_fleets(&own).map_err(Failure::new)?;
    let place = Place::of_user()?;
    let fleet = choose(place.states()?, choice, place.path()).map_err(Failure::new)?;
    eprintln!("{}", fleet.title());
    Ok(own.with_settings(fleet.into_settings(login)))
}

/// Whoever has set where a fleet is means that one; a command with `--local` would then act on another.
fn refuse_other_fleets(environment: &Environment) -> Result<(), String> {
    let set: Vec<&str> = environment
        .set_names()
        .filter(|name| names_a_fleet(name))
        .collect();
    if set.is_empty() {
        return Ok(());
    }
    Err(format!(
        "--local asks the fleet of `relink up`, but this shell names a fleet of its own: {}; unset it, or leave --local away",
        set.join(", ")
    ))
}

/// Whether a setting says where a part of a fleet is, or lets in there.
fn names_a_fleet(name: &str) -> bool {
    let name = name.strip_suffix("_FILE").unwrap_or(name);
    let endings = ["_URL", "_ADDRESS", "_CA", "_PREFIX"];
    SECRETS.contains(&name) || endings.iter().any(|ending| name.ends_with(ending))
}

/// The one fleet that is meant, or an error that says what to type or to start.
fn choose(states: Vec<State>, choice: &FleetChoice, place: &Path) -> Result<Fleet, String> {
    let (mut running, mut ended, mut refused) = (vec![], vec![], vec![]);
    for state in states {
        match state {
            State::Running(fleet) => running.push(fleet),
            State::Ended(fleet) => ended.push(fleet),
            State::Refused(why) => refused.push(why),
        }
    }
    let all: Vec<PathBuf> = running.iter().map(|fleet| fleet.dir.clone()).collect();
    if let FleetChoice::In(dir) = choice {
        let dir = dir.canonicalize().unwrap_or_else(|_| dir.clone());
        running.retain(|fleet| fleet.dir == dir);
        ended.retain(|fleet| fleet.dir == dir);
    }
    if running.len() == 1
        && let Some(fleet) = running.pop()
    {
        return Ok(fleet);
    }
    let mut why = match (running.is_empty(), choice, ended.last()) {
        (false, ..) => "several fleets run; name one by its directory".to_owned(),
        (true, _, Some(fleet)) => format!(
            "the fleet in {} has ended without a word: process {} is gone; start it again with `relink up`",
            fleet.dir.display(),
            fleet.pid()
        ),
        (true, FleetChoice::In(dir), None) => format!("no fleet runs in {}", dir.display()),
        (true, FleetChoice::Only, None) => format!(
            "no fleet of this user's runs on this machine (looked in {}); `relink up` starts one",
            place.display()
        ),
    };
    let named = all
        .iter()
        .map(|dir| format!("relink --local={} …", dir.display()));
    let lines: Vec<String> = named
        .chain(refused.iter().map(|one| format!("not read: {one}")))
        .map(|line| format!("\n  {line}"))
        .collect();
    why += &lines.concat();
    Err(why)
}
