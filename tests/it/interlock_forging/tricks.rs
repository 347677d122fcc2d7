//! Attacks on the guards themselves (gate 6), where every other gate lets pass: whoever may do such a thing must find the
//! next attempt refused.

use super::attacks::List;

/// A function that does nothing of what it should.
fn replaced(head: &str, body: &str) -> String {
    format!("create or replace function relink.{head} as $x$ {body} $x$")
}

const DEFINER: &str = "security definer set search_path = pg_catalog, pg_temp";

fn trigger_function(name: &str, body: &str) -> String {
    replaced(
        &format!("{name}() returns trigger language plpgsql {DEFINER}"),
        body,
    )
}

pub(super) fn guards() -> List {
    let mut list = vec![];
    list.extend(triggers());
    list.extend(functions());
    list.extend(places());
    list.extend(records());
    list
}

fn triggers() -> List {
    vec![
        ("guard of removals disabled", "alter table relink.removals disable trigger guard".to_owned()),
        ("all triggers of looks disabled", "alter table relink.removal_looks disable trigger user".to_owned()),
        ("guard of flags an ordinary one", "alter table relink.flags enable trigger guard".to_owned()),
        ("guard of warrants for replicas only", "alter table relink.warrants enable replica trigger guard".to_owned()),
        ("pairing of flags dropped", "drop trigger paired on relink.flags".to_owned()),
        ("pairing of flips disabled", "alter table relink.accounts disable trigger flip_paired_update".to_owned()),
        ("the record's guard renamed", "alter trigger no_change on relink.removal_audit rename to was".to_owned()),
        (
            "guard of looks made anew with a condition that never holds",
            "drop trigger guard on relink.removal_looks;
             create trigger guard before insert or update or delete on relink.removal_looks
                for each row when (false) execute function relink.stamp_look();
             alter table relink.removal_looks enable always trigger guard".to_owned(),
        ),
        (
            "guard of looks made anew for deletes only",
            "create or replace trigger guard before delete on relink.removal_looks
                for each row execute function relink.stamp_look();
             alter table relink.removal_looks enable always trigger guard".to_owned(),
        ),
        (
            "pairing of flags made anew with another argument",
            "drop trigger paired on relink.flags;
             create constraint trigger paired after insert or update on relink.flags deferrable initially deferred
                for each row execute function relink.demand_operator_audit('%');
             alter table relink.flags enable always trigger paired".to_owned(),
        ),
        (
            "a trigger beside the record's own",
            "create function relink.zz() returns trigger language plpgsql as $x$ begin new.at := '2000-01-01'; return new; end $x$;
             create trigger zz before insert on relink.removal_audit for each row execute function relink.zz()".to_owned(),
        ),
    ]
}

#[expect(clippy::too_many_lines, reason = "a list, one attack an entry")]
fn functions() -> List {
    vec![
        (
            "removal_gates says that none refuses",
            replaced(
                &format!("removal_gates(p_removal uuid, p_switch boolean, p_self_test text[]) returns jsonb language sql {DEFINER}"),
                "select '{\"refused\": []}'::jsonb",
            ),
        ),
        (
            "missing_guards says that nothing is missing, and a guard is off",
            format!(
                "{}; alter table relink.removals disable trigger guard",
                replaced(
                    &format!("missing_guards() returns text[] language sql stable {DEFINER}"),
                    "select '{}'::text[]"
                )
            ),
        ),
        ("guard_removal lets all pass", trigger_function("guard_removal", "begin return new; end")),
        ("record_removal writes nothing", trigger_function("record_removal", "begin return null; end")),
        ("stamp_look stamps nothing", trigger_function("stamp_look", "begin return new; end")),
        ("demand_operator_audit demands nothing", trigger_function("demand_operator_audit", "begin return null; end")),
        (
            "refuse refuses nothing",
            replaced(
                "refuse() returns trigger language plpgsql set search_path = pg_catalog, pg_temp",
                "begin return new; end",
            ),
        ),
        (
            "the clock replaced",
            replaced(
                "clock() returns timestamptz language sql volatile parallel safe",
                "select clock_timestamp() + interval '0.1 seconds'",
            ),
        ),
        (
            "the clock's rate replaced",
            replaced(
                "clock_rate() returns double precision language sql stable parallel safe",
                "select 100.0::double precision",
            ),
        ),
        (
            "how far the clock may leap replaced",
            replaced(
                "clock_leap_max() returns interval language sql stable parallel safe",
                "select interval '100 years'",
            ),
        ),
        (
            "judge_removal on another path, where a schema shadows an operator",
            "create schema evil;
             create function evil.at_least(bigint, integer) returns boolean language sql as 'select false';
             create operator evil.>= (leftarg = bigint, rightarg = integer, function = evil.at_least);
             alter function relink.removal_gates(uuid, boolean, text[]) set search_path = evil, pg_catalog".to_owned(),
        ),
        (
            "removal_gates with its caller's rights",
            "alter function relink.removal_gates(uuid, boolean, text[]) security invoker".to_owned(),
        ),
        (
            "removal_gates that answers nothing to a null",
            "alter function relink.removal_gates(uuid, boolean, text[]) strict".to_owned(),
        ),
        ("guard_removal renamed", "alter function relink.guard_removal() rename to was".to_owned()),
        (
            "a second judge_removal of other arguments",
            "create function relink.judge_removal(text, text, boolean, text[], text, uuid) returns jsonb language sql
                as $x$ select '{\"verdict\": \"go\"}'::jsonb $x$".to_owned(),
        ),
        ("operator_of dropped", "drop function relink.operator_of(text, text)".to_owned()),
    ]
}

fn places() -> List {
    vec![
        (
            "rows of the record hidden",
            "alter table relink.removal_audit enable row level security, force row level security"
                .to_owned(),
        ),
        (
            "a rule that writes no record",
            "create rule r as on insert to relink.removal_audit do instead nothing".to_owned(),
        ),
        (
            "a child table of the record",
            "create table relink.more () inherits (relink.removal_audit)".to_owned(),
        ),
        (
            "a worker may delete what is recorded",
            "grant delete on relink.removal_audit to relink_worker".to_owned(),
        ),
        (
            "a worker may truncate accounts",
            "grant truncate on relink.accounts to relink_worker".to_owned(),
        ),
        (
            "a worker may make triggers",
            "grant trigger on relink.removals to relink_worker".to_owned(),
        ),
        (
            "looks put aside for a table without guards",
            "alter table relink.removal_looks rename to aside;
             create table relink.removal_looks (like relink.aside including all);
             insert into relink.removal_looks select * from relink.aside;
             grant select on relink.removal_looks to relink_worker"
                .to_owned(),
        ),
        (
            "superuser: the flags given to the worker",
            "alter table relink.flags owner to relink_worker".to_owned(),
        ),
    ]
}

/// What is recorded, and may not be otherwise.
fn records() -> List {
    vec![
        ("removal deleted", "delete from relink.removals".to_owned()),
        ("removals truncated", "truncate relink.removals cascade".to_owned()),
        ("removal's record rewritten", "update relink.removal_audit set actor = 'nobody'".to_owned()),
        ("removal's record truncated", "truncate relink.removal_audit".to_owned()),
        ("operators' record deleted", "delete from relink.operator_audit".to_owned()),
        (
            "a removal born permitted",
            "insert into relink.removals (id, session_id, case_id, reason, requested_by, state, permitted_at)
             select gen_random_uuid(), 's-other', case_id, 'forged', 'ada', 'permitted', relink.clock()
               from relink.removals where id = '{removal}'".to_owned(),
        ),
        (
            "a second removal of the session",
            "insert into relink.removals (id, session_id, case_id, reason, requested_by)
             select gen_random_uuid(), session_id, case_id, reason, requested_by from relink.removals where id = '{removal}'".to_owned(),
        ),
        (
            "called in the intent's own transaction",
            "update relink.removals set state = 'permitted', switch_on = true where id = '{removal}';
             update relink.removals set state = 'calling' where id = '{removal}'".to_owned(),
        ),
        (
            "called, and then as if it had not been",
            "update relink.removals set state = 'permitted', switch_on = true where id = '{removal}'; commit; begin;
             update relink.removals set state = 'calling' where id = '{removal}'; commit; begin;
             update relink.removals set state = 'requested' where id = '{removal}'".to_owned(),
        ),
    ]
}
