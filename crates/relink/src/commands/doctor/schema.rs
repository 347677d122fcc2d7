//! What `relink migrate` makes: roles, tables, triggers, functions, rights.

use super::certificate;
use super::finding::Findings;
use super::settings::Settings;
use ::fleet::chain;
use jiff::SignedDuration;
use store::doctor::{Looking, MigrationsState, Server};
use store::guards::ClockKind;
use store::{Store, StoreError};

const MIGRATE: &str = "run `relink migrate` with a login that may create roles";
/// Of one kind; more are counted.
const NAMED_MAX: usize = 5;
/// Seconds between two clocks that nobody minds, and that nobody should have.
const DRIFT_WARN: SignedDuration = SignedDuration::from_secs(2);
const DRIFT_FAIL: SignedDuration = SignedDuration::from_secs(60);

/// Whether the schema is this build's, so that more can be asked.
pub(super) async fn look(
    looking: &Looking,
    server: &Server,
    settings: &Settings,
    findings: &mut Findings,
) -> bool {
    roles(looking, findings).await;
    rights(server, findings);
    if !server.has_schema {
        findings.fail("schema", "this database was never migrated", MIGRATE);
        return false;
    }
    if !server.may_use_schema {
        let saw = format!("{} may not use the schema relink", server.login);
        findings.fail("schema", saw, "log in as one of relink's own roles");
        return false;
    }
    if !server.has_history {
        findings.fail("schema", "no migration was ever applied", MIGRATE);
        return false;
    }
    if settings.clock == ClockKind::StandIn {
        let todo = "take RELINK_STAND_IN_CLOCK away wherever real accounts are looked after";
        let saw = "RELINK_STAND_IN_CLOCK allows a clock of its own, as for a demonstration";
        findings.warn("clock kind", saw, todo);
    }
    match looking.migrations().await {
        Ok(state) => migrations(&state, findings),
        Err(error) => {
            let todo = "`relink migrate` lets relink's own roles read it: log in as one of them";
            findings.fail("schema", chain(&error), todo);
            false
        }
    }
}

fn migrations(state: &MigrationsState, findings: &mut Findings) -> bool {
    let (applied, known) = (state.applied, state.known);
    if !state.newer.is_empty() {
        let newer = some(&state.newer);
        let saw = format!("version {applied}, this build knows {known}: {newer}");
        let todo = "run a build that is at least as new as the one that migrated it";
        findings.fail("schema", saw, todo);
    }
    if !state.missing.is_empty() {
        let missing = some(&state.missing);
        let saw = format!("version {applied}, this build needs {known}: {missing}");
        findings.fail("schema", saw, MIGRATE);
    }
    if !state.changed.is_empty() {
        let saw = format!("applied with another text: {}", some(&state.changed));
        let todo =
            "run the build that migrated this database; a released migration is never edited";
        findings.fail("schema", saw, todo);
    }
    let is_ours = state.newer.is_empty() && state.missing.is_empty() && state.changed.is_empty();
    if is_ours {
        findings.ok("schema", format!("version {applied}, this build's own"));
    }
    is_ours
}

async fn roles(looking: &Looking, findings: &mut Findings) {
    let roles = match looking.roles().await {
        Ok(roles) => roles,
        Err(error) => return findings.not_asked("roles", chain(&error)),
    };
    let missing = roles.iter().filter(|role| !role.is_there);
    let missing: Vec<String> = missing.map(|role| role.name.clone()).collect();
    let wrong = roles.iter().filter_map(|role| {
        let wrong = role.wrong.as_ref()?;
        Some(format!("{}: {wrong}", role.name))
    });
    let wrong: Vec<String> = wrong.collect();
    if !missing.is_empty() {
        let saw = format!("missing: {}", missing.join(", "));
        findings.fail("roles", saw, MIGRATE);
    }
    if !wrong.is_empty() {
        let todo = "take the right away with `alter role`, or the membership with `revoke`";
        findings.fail("roles", wrong.join("; "), todo);
    }
    if missing.is_empty() && wrong.is_empty() {
        findings.ok("roles", format!("all {} are there", roles.len()));
    }
}

fn rights(server: &Server, findings: &mut Findings) {
    let login = &server.login;
    match server.member_of.as_slice() {
        [] => {
            let todo = "log in as relink_worker, relink_scheduler, relink_operator or relink_reader, or as a member of one";
            let saw = format!("{login} is none of relink's roles, and belongs to none");
            findings.fail("rights", saw, todo);
        }
        [one] => findings.ok("rights", format!("{login} acts as {one}")),
        several => {
            let todo = "log in as the one role that this process needs: less can then go wrong";
            let saw = format!("{login} may act as {}", several.join(", "));
            findings.warn("rights", saw, todo);
        }
    }
}

/// Triggers, functions, this login, and the clock.
pub(super) async fn guards(store: &Store, clock: ClockKind, findings: &mut Findings) {
    let tx = match store.snapshot().await {
        Ok(tx) => tx,
        Err(error) => {
            let todo = "see what the server's log says of it";
            return findings.fail("triggers", chain(&error), todo);
        }
    };
    let mend = "find out who changed it and when; a database administrator mends it with the text of the migration";
    functions(tx.check_functions(clock).await, mend, findings);
    // Asking more after a refusal needs another transaction.
    let login = tx.check_login().await;
    let todo =
        "run this process as one of relink's own roles; administrators log in only to administrate";
    match login {
        Ok(found) if !found.is_empty() => findings.warn("login", some(&found), todo),
        Ok(_) => findings.ok("login", "it owns nothing, and may remove nothing"),
        Err(error) => list("login", Err(error), todo, findings),
    }
    let triggers = tx.check_triggers().await;
    list("triggers", triggers, mend, findings);
    tx.abandon().await;
    if clock == ClockKind::Real {
        drift(store, findings).await;
    } else {
        findings.not_asked("clock", "a stand-in clock may differ");
    }
}

/// The clock is told apart: all that is written here is dated by it.
fn functions(found: Result<Vec<String>, StoreError>, mend: &str, findings: &mut Findings) {
    let found = match found {
        Ok(found) => found,
        Err(error) => return list("functions", Err(error), mend, findings),
    };
    let of_clock = |one: &String| {
        let mut words = one.split_whitespace();
        words.any(|word| matches!(word, "relink.clock" | "relink.clock_rate"))
    };
    let (clock, others) = found.into_iter().partition(of_clock);
    let todo = "a stand-in clock is for demonstrations: put the function of migration V0001 back, and look at what was written meanwhile; or set RELINK_STAND_IN_CLOCK=true, if this is one";
    list("clock function", Ok(clock), todo, findings);
    list("functions", Ok(others), mend, findings);
}

fn list(name: &str, found: Result<Vec<String>, StoreError>, todo: &str, findings: &mut Findings) {
    match found {
        Ok(found) if found.is_empty() => findings.ok(name, "as the migrations wrote them"),
        Ok(found) => findings.fail(name, some(&found), todo),
        Err(error) if error.sqlstate() == Some("42501") => {
            findings.not_asked(name, "this login may not ask; relink_reader may");
        }
        Err(error) => findings.fail(name, chain(&error), todo),
    }
}

/// The database's clock beside this machine's.
async fn drift(store: &Store, findings: &mut Findings) {
    let before = certificate::now();
    let told = match store.now().await {
        Ok(now) => now.at,
        Err(error) => return findings.not_asked("clock", chain(&error)),
    };
    let after = certificate::now();
    // Somewhere between the two it was told.
    let apart = (told.duration_since(after)).max(before.duration_since(told));
    let apart = apart.max(SignedDuration::ZERO);
    let saw = format!("{} s from this machine's", apart.as_secs());
    let todo = "see to the time service (NTP) of both machines";
    if apart > DRIFT_FAIL {
        findings.fail("clock", saw, todo);
    } else if apart > DRIFT_WARN {
        findings.warn("clock", saw, todo);
    } else {
        findings.ok("clock", saw);
    }
}

/// The first few, and how many more.
fn some(all: &[String]) -> String {
    let shown = all.iter().take(NAMED_MAX).cloned().collect::<Vec<_>>();
    let more = all.len().saturating_sub(NAMED_MAX);
    let more = if more > 0 {
        format!("; and {more} more")
    } else {
        String::new()
    };
    format!("{}{more}", shown.join("; "))
}
