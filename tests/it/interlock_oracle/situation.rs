//! A random state of everything that the six gates look at.

use rand::RngExt;
use rand::rngs::StdRng;

/// The removal that is judged.
pub(super) const REMOVAL: &str = "00000000-0000-7000-8000-0000000000aa";
const WORKSPACE: &str = "00000000-0000-7000-8000-000000000001";
const CASE: &str = "00000000-0000-7000-8000-0000000000ca";
const WARRANT: &str = "00000000-0000-7000-8000-0000000000ba";
const OTHER: &str = "00000000-0000-7000-8000-0000000000bb";
const SESSION: &str = "s-judged";

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;

/// Rows, and what the process says of itself.
pub(super) struct Situation {
    /// Statements that write the rows.
    pub(super) sql: String,
    pub(super) switch: Option<bool>,
    pub(super) self_test: Vec<String>,
}

/// Mostly what lets pass; else one of the others, most of which are next to a limit.
fn pick<T: Clone>(random: &mut StdRng, good: T, others: &[T]) -> T {
    if random.random_range(0..10) > 0 {
        return good;
    }
    others[random.random_range(0..others.len())].clone()
}

/// Microseconds from now, in SQL.
fn at(offset: i64) -> String {
    format!("relink.clock() + interval '{offset} microseconds'")
}

impl Situation {
    pub(super) fn random(random: &mut StdRng) -> Self {
        let by_warrant = random.random_range(0..3) == 0;
        let mut sql = latch(random);
        sql.push(fleet(random));
        sql.extend(basis(random, by_warrant));
        sql.extend(awaited(random));
        sql.extend(suspects(random));
        sql.extend(looks(random, by_warrant));
        sql.extend(intents(random));
        sql.extend(flag(random));
        let guards = pick(random, "", &["a guard is off", "two, guards"]);
        sql.push(format!("set local test.guards = '{guards}'"));
        Self {
            sql: sql.join(";\n"),
            switch: pick(random, Some(true), &[Some(false), None]),
            self_test: pick(random, vec![], &[vec!["found".to_owned()]]),
        }
    }
}

/// Tripped, missing, back, leapt; the limits of a leap are an hour.
fn latch(random: &mut StdRng) -> Vec<String> {
    let set = |to: &str| format!("update relink.removal_latch set {to}");
    let seen = |offset: i64| set(&format!("seen_at = {}", at(offset)));
    let others = [
        set("tripped_at = relink.clock(), why = 'a test'"),
        "delete from relink.removal_latch".to_owned(),
        seen(1),
        seen(0),
        seen(-HOUR),
        seen(-HOUR - 1),
    ];
    vec![pick(random, seen(-MINUTE), &others)]
}

/// Accounts beside the removal's own; one of the list is not linked any more, and one not yet.
fn fleet(random: &mut StdRng) -> String {
    let count = pick(random, 30, &[0, 1, 3, 4, 15, 19, 20, 23, 24]);
    format!(
        "insert into relink.accounts (id, workspace_id, kind, name, status, status_since, session_id, verified_at, created_at)
         select gen_random_uuid(), '{WORKSPACE}', 'LINKEDIN', n::text,
                (case n when 2 then 'disconnected' when 3 then 'recovering' when 5 then 'connecting' else 'connected' end)::relink.account_status,
                relink.clock(), case when n <> 5 then 's-' || n end, relink.clock(), relink.clock()
           from generate_series(1, {count}) n"
    )
}

/// The removal, what it rests on, and whose session it is.
fn basis(random: &mut StdRng, by_warrant: bool) -> Vec<String> {
    let named = pick(random, SESSION, &["s-another"]);
    let account = |status: &str, session: &str| {
        format!(
            "insert into relink.accounts (id, workspace_id, kind, name, status, status_since, session_id, verified_at, created_at)
             values ('{OTHER}', '{WORKSPACE}', 'LINKEDIN', 'judged', '{status}', relink.clock(), '{session}', relink.clock(), relink.clock())"
        )
    };
    let statuses = ["connected", "missing", "recovering", "disconnected"];
    let mut sql = vec![];
    let removal = |column: &str, of: &str| {
        format!(
            "insert into relink.removals (id, session_id, {column}, reason, requested_by)
             values ('{REMOVAL}', '{SESSION}', '{of}', 'a test', 'ada')"
        )
    };
    if by_warrant {
        let (issued, ends) = pick(
            random,
            (-HOUR / 2, HOUR / 2),
            &[
                (-HOUR, 0),
                (-HOUR + 1, 1),
                (0, HOUR),
                (1, HOUR),
                (-HOUR / 2, HOUR / 2 + 1),
                (-2 * HOUR, -HOUR),
            ],
        );
        let approved = pick(random, "'bob'", &["null", "'ada'"]);
        let revoked = pick(random, "null", &["'ada'"]);
        sql.push(format!(
            "insert into relink.warrants (id, session_id, reason, issued_at, issued_by, ends_at, approved_at, approved_by, revoked_at, revoked_by)
             values ('{WARRANT}', '{named}', 'a test', {}, 'ada', {}, case when {approved} is not null then relink.clock() end, {approved},
                     case when {revoked} is not null then relink.clock() end, {revoked})",
            at(issued),
            at(ends)
        ));
        sql.push(removal("warrant_id", WARRANT));
        let linked = pick(random, None, &statuses.map(Some));
        sql.extend(linked.map(|status| account(status, SESSION)));
    } else {
        let linked = pick(random, "missing", &statuses);
        let session = pick(random, SESSION, &["s-unlinked"]);
        sql.push(account(linked, session));
        let verdict = pick(
            random,
            "'confirmed'",
            &["null", "'recovered'", "'withdrawn'"],
        );
        sql.push(format!(
            "insert into relink.cases (account_id, id, session_id, account_version, opened_at, evidence, verdict, closed_at)
             values ('{OTHER}', '{CASE}', '{named}', 1, relink.clock(), '{{}}', {verdict},
                     case when {verdict} is not null then relink.clock() end)"
        ));
        sql.push(removal("case_id", CASE));
    }
    sql
}

/// An owner who links anew may be waiting for a session.
fn awaited(random: &mut StdRng) -> Option<String> {
    let awaited = pick(
        random,
        None,
        &[
            Some((SESSION, "null, 'open'")),
            Some((SESSION, "relink.clock(), 'expired'")),
            Some(("s-another", "null, 'open'")),
        ],
    );
    awaited.map(|(session, end)| {
        format!(
            "insert into relink.link_attempts (account_id, id, started_at, ends_at, session_id, closed_at, state)
             select id, gen_random_uuid(), relink.clock(), relink.clock() + interval '1 hour', '{session}', {end}
               from relink.accounts limit 1"
        )
    })
}

/// Sessions found gone within about a day.
fn suspects(random: &mut StdRng) -> Vec<String> {
    let count = pick(random, 0, &[1, 3, 4, 5, 6]);
    let age = pick(random, 0, &[24 * HOUR - 1, 24 * HOUR, 24 * HOUR + 1]);
    let answer = pick(random, "gone", &["present", "inconclusive"]);
    let control = pick(random, "present", &["gone"]);
    (0..count)
        .map(|nth| {
            format!(
                "with opened as (
                   insert into relink.cases (account_id, id, session_id, account_version, opened_at, evidence)
                   select id, gen_random_uuid(), 's-suspect-{nth}', 1, relink.clock(), '{{}}' from relink.accounts limit 1
                   returning id)
                 insert into relink.case_polls (case_id, number, started_at, finished_at, answer, control_session, control_answer)
                 select id, 1, {finished}, {finished}, '{answer}', 's-1', '{control}' from opened",
                finished = at(-age)
            )
        })
        .collect()
}

/// Newest first: how old the newest is, and how far apart they are.
fn looks(random: &mut StdRng, by_warrant: bool) -> Vec<String> {
    let count = pick(random, 3, &[0, 1, 2, 4]);
    let mut finished = -pick(random, MINUTE, &[0, -1, HOUR, HOUR + 1, HOUR - 1, 2 * HOUR]);
    let wanted = if by_warrant { "duplicate" } else { "gone" };
    let mut sql = vec![];
    for number in (1..=count).rev() {
        let took = pick(random, SECOND, &[0, MINUTE]);
        let seen = pick(
            random,
            format!("'{wanted}'"),
            &[
                "null",
                "'gone'",
                "'duplicate'",
                "'present'",
                "'inconclusive'",
            ]
            .map(str::to_owned),
        );
        let ended = if seen == "null" {
            "null".to_owned()
        } else {
            at(finished)
        };
        let few = random.random_range(0..4) > 0;
        let control = if few {
            "'s-1'"
        } else {
            pick(
                random,
                "'s-4'",
                &["null", "'s-3'", "'s-none'", "'s-judged'"],
            )
        };
        let good = pick(random, true, &[false]);
        let by = if few {
            "relink_worker"
        } else {
            pick(
                random,
                "relink_worker",
                &["relink_operator", "postgres", "nobody"],
            )
        };
        sql.push(format!(
            "insert into relink.removal_looks (removal_id, number, started_at, finished_at, seen, control_session, control_good, recorded_by)
             values ('{REMOVAL}', {number}, {}, {ended}, {seen}, {control}, {good}, '{by}')",
            at(finished - took)
        ));
        let apart = pick(
            random,
            90 * SECOND,
            &[MINUTE, MINUTE - 1, MINUTE + 1, 59 * SECOND, 0, -SECOND],
        );
        finished -= took + apart;
    }
    sql
}

/// Intents of another removal, and perhaps of this one, which does not count.
fn intents(random: &mut StdRng) -> Vec<String> {
    let limit = 24 * HOUR + 5 * MINUTE;
    let count = pick(random, 0, &[1, 2, 3, 3, 4]);
    let age = pick(random, HOUR, &[limit - 1, limit, limit + 1, 24 * HOUR]);
    let own = pick(random, 0, &[3]);
    let of = |removal: &str, count: i32| {
        format!(
            "insert into relink.removal_audit (at, removal_id, session_id, event, to_state, facts, note, actor)
             select {}, '{removal}', 's', 'intent', 'permitted', '{{}}', '', '' from generate_series(1, {count})",
            at(-age)
        )
    };
    let other = format!(
        "insert into relink.warrants (id, session_id, reason, issued_by, ends_at)
         values ('{OTHER}', 's-other', 'a test', 'ada', relink.clock() + interval '1 hour');
         insert into relink.removals (id, session_id, warrant_id, reason, requested_at, requested_by)
         values ('{OTHER}', 's-other', '{OTHER}', 'a test', relink.clock() - interval '2 days', 'ada')"
    );
    vec![other, of(OTHER, count), of(REMOVAL, own)]
}

fn flag(random: &mut StdRng) -> Vec<String> {
    let times = pick(
        random,
        Some((-HOUR, HOUR)),
        &[
            None,
            Some((-HOUR, 0)),
            Some((-HOUR, 1)),
            Some((0, HOUR)),
            Some((1, HOUR)),
            Some((-HOUR, 3 * HOUR)),
            Some((-HOUR, 3 * HOUR + 1)),
            Some((-5 * HOUR, -HOUR)),
        ],
    );
    let ended = pick(random, "null", &["relink.clock()"]);
    times
        .map(|(enabled, ends)| {
            format!(
                "insert into relink.flags (id, name, enabled_at, ends_at, enabled_by, reason, ended_at)
                 values (gen_random_uuid(), 'removals', {}, {}, 'ada', 'a test', {ended})",
                at(enabled),
                at(ends)
            )
        })
        .into_iter()
        .collect()
}
