//! What is done on the queue `watches`: looking at the provider.
//!
//! A run of the status watch is a chain of jobs: `status.watch` lists all sessions page by page, `status.compare`
//! holds the fleet against the list, `status.apply` judges the whole and applies it in shares, and `account.verify` asks
//! for the accounts that look well again. `losses.apply` applies what an operator accepted.
//! `account.check` looks at one account because a send was refused for it, or its session restarted; `sessions.recover`
//! restarts what the provider stopped. `orphans.watch` and `duplicates.watch` look at
//! what the last listing saw, `orphan.link` verifies what the former found, `attempts.end` looks at the time that owners
//! had, `guards.watch` at the record's guards. `links.answer` acts on what the provider tells of logins, `links.look` and
//! `links.list` look for those of which it does not.

mod account_check;
mod account_verify;
mod asking;
mod attempts_end;
mod duplicates_watch;
mod guards_watch;
mod links_answer;
mod links_list;
mod links_look;
mod losses_apply;
mod news;
mod orphan_link;
mod orphans_watch;
mod sessions_recover;
mod status_apply;
mod status_compare;
mod status_watch;

use fleet::Entry;
use fleet::acting;
use fleet::chaining;
use fleet::deciding;
use fleet::sweeping;

/// Every job of this queue.
pub const ROSTER: &[Entry] = &[
    chaining::<status_watch::StatusWatch>(),
    sweeping::<status_compare::StatusCompare>(),
    deciding::<status_apply::StatusApply>(),
    deciding::<losses_apply::LossesApply>(),
    deciding::<account_verify::AccountVerify>(),
    deciding::<account_check::AccountCheck>(),
    acting::<sessions_recover::SessionsRecover>(),
    deciding::<attempts_end::AttemptsEnd>(),
    deciding::<orphans_watch::OrphansWatch>(),
    deciding::<orphan_link::OrphanLink>(),
    deciding::<duplicates_watch::DuplicatesWatch>(),
    sweeping::<guards_watch::GuardsWatch>(),
    deciding::<links_answer::LinksAnswer>(),
    deciding::<links_look::LinksLook>(),
    deciding::<links_list::LinksList>(),
];
