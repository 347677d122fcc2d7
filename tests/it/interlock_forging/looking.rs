//! Attacks on what confirms a removal (gate 3): looks and warrants.

use super::attacks::{List, NEW, noted};

fn look(number: u8) -> String {
    format!(
        "insert into relink.removal_looks (removal_id, number, control_session) values ('{{removal}}', {number}, '{{control}}');
         update relink.removal_looks set seen = 'gone', control_good = true where number = {number}"
    )
}

#[expect(clippy::too_many_lines, reason = "a list, one attack an entry")]
pub(super) fn looks() -> List {
    let old = |n: u8| format!("relink.clock() - interval '{} minutes'", 10 - 2 * n);
    let of = |columns: &str, values: &str| {
        format!(
            "insert into relink.removal_looks (removal_id, number, control_session, {columns}) values ('{{removal}}', 1, '{{control}}', {values})"
        )
    };
    let three = format!("{}; {}; {}", look(1), look(2), look(3));
    vec![
        (
            "a look that began long ago",
            of("started_at", "relink.clock() - interval '5 minutes'"),
        ),
        (
            "a look that has ended",
            of("finished_at, seen, control_good", "relink.clock(), 'gone', true"),
        ),
        (
            "three looks that began long ago, ended now",
            [1, 2, 3]
                .map(|n| {
                    format!(
                        "insert into relink.removal_looks (removal_id, number, control_session, started_at)
                         values ('{{removal}}', {n}, '{{control}}', {at});
                         update relink.removal_looks set seen = 'gone', control_good = true, finished_at = {at} where number = {n}",
                        at = old(n)
                    )
                })
                .join(";"),
        ),
        ("three looks within a second", three.clone()),
        (
            "three looks within a second, a transaction each",
            format!("{}; commit; begin; {}; commit; begin; {}", look(1), look(2), look(3)),
        ),
        (
            "three looks, spread over time afterwards",
            format!(
                "{three}; update relink.removal_looks set started_at = started_at - (4 - number) * interval '2 minutes',
                          finished_at = finished_at - (4 - number) * interval '2 minutes'"
            ),
        ),
        (
            "a look rewritten after its end",
            format!("{}; update relink.removal_looks set seen = 'present'", look(1)),
        ),
        (
            "a look begun again",
            format!("{}; update relink.removal_looks set finished_at = null, seen = null", look(1)),
        ),
        (
            "a look of another login",
            of("recorded_by", "'relink_worker'"),
        ),
        (
            "a look deleted",
            format!("{}; delete from relink.removal_looks", look(1)),
        ),
        ("looks truncated", "truncate relink.removal_looks".to_owned()),
        (
            "the removal about another session",
            "update relink.removals set session_id = '{control}' where id = '{removal}'".to_owned(),
        ),
        (
            "a look numbered far ahead",
            "insert into relink.removal_looks (removal_id, number, control_session) values ('{removal}', 99, '{control}')".to_owned(),
        ),
        (
            "looks in a child table",
            "create table relink.more () inherits (relink.removal_looks);
             insert into relink.more (removal_id, number, started_at, finished_at, seen, control_session, control_good, recorded_by)
             select '{removal}', n, relink.clock() - interval '10 minutes' + n * interval '2 minutes',
                    relink.clock() - interval '10 minutes' + n * interval '2 minutes', 'gone', '{control}', true, 'relink_worker'
               from generate_series(1, 3) n".to_owned(),
        ),
        (
            "a trigger that dates looks back",
            "create function relink.zz() returns trigger language plpgsql as $x$ begin
               new.started_at := new.started_at - (4 - new.number) * interval '2 minutes';
               if new.finished_at is not null then new.finished_at := new.started_at; end if;
               new.recorded_by := 'relink_worker'; return new; end $x$;
             create trigger zz before insert on relink.removal_looks for each row execute function relink.zz()".to_owned(),
        ),
        (
            "superuser: three looks within a second as the worker's login",
            format!("set session authorization relink_worker; {three}; reset session authorization"),
        ),
    ]
}

pub(super) fn warrants() -> List {
    let approved = "update relink.warrants set approved_by = 'bob' where id = '{warrant}'";
    let asked = |warrant: &str, session: &str| {
        format!(
            "insert into relink.removals (id, session_id, warrant_id, reason, requested_by)
             select '{NEW}', {session}, id, 'forged', 'bob' from relink.warrants where id = '{warrant}'"
        )
    };
    let approve = |token: &str, warrant: &str| {
        format!(
            "select relink.approve_warrant('{token}', gen_random_uuid(), '{warrant}', gen_random_uuid(), 'forged')"
        )
    };
    vec![
        ("warrant approved without an audit row", approved.to_owned()),
        (
            "warrant approved with an audit row that is forged",
            format!("{}; {approved}", noted("warrant.approve", "{warrant}")),
        ),
        ("warrant approved by its issuer", approve("{ada}", "{warrant}")),
        (
            "warrant approved by its issuer, by UPDATE",
            "update relink.warrants set approved_by = issued_by where id = '{warrant}'".to_owned(),
        ),
        ("warrant approved after its hour", approve("{bob}", "{dead}")),
        (
            "warrant approved after its hour, by UPDATE",
            "update relink.warrants set approved_by = 'bob' where id = '{dead}'".to_owned(),
        ),
        (
            "warrant prolonged",
            "update relink.warrants set ends_at = ends_at + interval '1 hour'".to_owned(),
        ),
        (
            "warrant about another session",
            "update relink.warrants set session_id = '{control}' where id = '{warrant}'".to_owned(),
        ),
        (
            "warrant approved twice",
            format!("{}; {}", approve("{bob}", "{warrant}"), approve("{bob}", "{warrant}")),
        ),
        (
            "warrant born approved",
            format!(
                "insert into relink.warrants (id, session_id, reason, issued_by, ends_at, approved_at, approved_by)
                 values ('{NEW}', '{{session}}', 'forged', 'ada', relink.clock() + interval '1 hour', relink.clock(), 'bob')"
            ),
        ),
        ("warrant deleted", "delete from relink.warrants".to_owned()),
        ("a removal without its request", asked("{warrant}", "session_id")),
        (
            "a removal of a linked session on a warrant",
            format!("{}; {}", noted("removal.request", NEW), asked("{warrant}", "'{control}'")),
        ),
        (
            "the removal put on a warrant",
            "update relink.removals set warrant_id = '{warrant}', case_id = null where id = '{removal}'".to_owned(),
        ),
        (
            "a warrant for a linked session",
            "select relink.issue_warrant('{ada}', gen_random_uuid(), gen_random_uuid(), '{control}', 'forged')".to_owned(),
        ),
    ]
}
