//! Attacks on the record that the cap counts (gate 4), and on the flag (gate 5).

use super::attacks::{List, NEW, noted};

pub(super) fn cap() -> List {
    let tables = "relink.removal_audit";
    vec![
        ("intents deleted", format!("delete from {tables}")),
        (
            "intents made old",
            format!("update {tables} set at = '2000-01-01'"),
        ),
        (
            "intents called something else",
            format!("update {tables} set event = 'call'"),
        ),
        ("intents truncated", format!("truncate {tables}")),
        (
            "intents given to this removal",
            format!("update {tables} set removal_id = '{{removal}}'"),
        ),
        (
            "rows of intents hidden",
            format!("alter table {tables} enable row level security, force row level security"),
        ),
        (
            "the record put aside for an empty one",
            "alter table relink.removal_audit rename to aside;
             create table relink.removal_audit (like relink.aside including all)"
                .to_owned(),
        ),
        (
            "an empty view in the record's place",
            "alter table relink.removal_audit rename to aside;
             create view relink.removal_audit as select * from relink.aside where false"
                .to_owned(),
        ),
        (
            "a rule that swallows deletes of the guard's refusal",
            format!(
                "create rule r as on delete to {tables} do also update {tables} set at = '2000-01-01'"
            ),
        ),
        ("the record dropped", format!("drop table {tables}")),
    ]
}

pub(super) fn flag() -> List {
    let enabled = |life: &str| {
        format!(
            "insert into relink.flags (id, name, ends_at, enabled_by, reason)
             values ('{NEW}', 'removals', relink.clock() + interval '{life}', 'ada', 'forged')"
        )
    };
    let by_token = |token: &str, name: &str, life: &str, reason: &str| {
        format!(
            "select relink.enable_flag('{token}', gen_random_uuid(), gen_random_uuid(), '{name}', interval '{life}', '{reason}')"
        )
    };
    let a_token = "insert into relink.operator_tokens (id, operator, digest, scopes, ends_at)
         values ('0123456789ab', 'eve', sha256('x'), '{remove}', relink.clock() + interval '1 year')";
    vec![
        ("flag without an operator's audit row", enabled("1 hour")),
        (
            "flag with an audit row that is forged",
            format!("{}; {}", noted("flag.enable", NEW), enabled("1 hour")),
        ),
        (
            "flag in a transaction after its audit row",
            format!("{}; commit; begin; {}", noted("flag.enable", NEW), enabled("1 hour")),
        ),
        (
            "flag of 5 hours",
            format!("{}; {}", noted("flag.enable", NEW), enabled("5 hours")),
        ),
        (
            "flag of 5 hours without the constraint",
            format!(
                "alter table relink.flags drop constraint at_most_four_hours; {}; {}",
                noted("flag.enable", NEW),
                enabled("5 hours")
            ),
        ),
        ("flag of 5 hours by token", by_token("{ada}", "removals", "5 hours", "forged")),
        ("flag without a reason", by_token("{ada}", "removals", "1 hour", " ")),
        ("flag of another name", by_token("{ada}", "more", "1 hour", "forged")),
        ("flag that ended before it began", by_token("{ada}", "removals", "-1 hour", "forged")),
        ("flag with a token made up", by_token("rlo_000000000000_x", "removals", "1 hour", "forged")),
        (
            "ended flag opened again",
            "update relink.flags set ended_at = null, ended_by = null".to_owned(),
        ),
        (
            "flag prolonged",
            "update relink.flags set ends_at = ends_at + interval '1 hour'".to_owned(),
        ),
        ("flag deleted", "delete from relink.flags".to_owned()),
        (
            "flag in a child table",
            "create table relink.more () inherits (relink.flags);
             insert into relink.more (id, name, ends_at, enabled_by, reason)
             values (gen_random_uuid(), 'removals', relink.clock() + interval '1 hour', 'ada', 'forged')".to_owned(),
        ),
        ("an operator's token planted", a_token.to_owned()),
        (
            "an operator's token rewritten",
            "update relink.operator_tokens set digest = sha256('x'), operator = 'eve'".to_owned(),
        ),
        (
            "an operator's token prolonged",
            "update relink.operator_tokens set ends_at = ends_at + interval '1 year'".to_owned(),
        ),
    ]
}
