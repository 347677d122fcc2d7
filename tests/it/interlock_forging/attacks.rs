//! Attacks on the rows that gates 1 to 5 look at. Each is to end where a removal could pass that should not.

use super::{allowing, looking, tricks};

/// Who attacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum As {
    Worker,
    Operator,
    Owner,
    /// A superuser who has switched ordinary triggers off.
    Replica,
}

/// The gate that refuses, the others letting pass; gate 2 has two ways, gate 3 too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shut {
    Switch,
    Latch,
    Crowd,
    Looks,
    Warrant,
    Cap,
    Flag,
    /// None: it is the guards of gate 6 that are attacked.
    Nothing,
}

impl Shut {
    /// The gate's name in records.
    pub(crate) const fn gate(self) -> &'static str {
        match self {
            Self::Switch => "switch",
            Self::Latch | Self::Crowd => "sanity",
            Self::Looks | Self::Warrant => "confirmation",
            Self::Cap => "cap",
            Self::Flag => "flag",
            Self::Nothing => "audit",
        }
    }
}

/// One attempt: statements of one transaction, if they do not end it themselves.
pub(crate) struct Attack {
    pub(crate) shut: Shut,
    pub(crate) name: &'static str,
    pub(crate) by: &'static [As],
    pub(crate) sql: String,
}

pub(crate) const EVERYBODY: &[As] = &[As::Worker, As::Operator, As::Owner, As::Replica];
/// Who may ask for a judgement, and who may not. Whoever else asks is judged alike.
const ASKING: &[As] = &[As::Worker, As::Operator];
/// Who no role of ours may become.
pub(crate) const SUPERUSER: &[As] = &[As::Replica];

/// An id that nothing has.
pub(super) const NEW: &str = "00000000-0000-7000-8000-0000000000ff";

/// An operator's audit row as the owner would forge it.
pub(super) fn noted(action: &str, subject: &str) -> String {
    format!(
        "insert into relink.operator_audit (id, actor, action, subject, reason)
         values (gen_random_uuid(), 'ada', '{action}', '{subject}', 'forged')"
    )
}

fn judged(step: &str) -> String {
    format!(
        "select relink.judge_removal('{{removal}}', '{step}', true, '{{}}', 'worker:forged', null)"
    )
}

fn moved(state: &str) -> String {
    format!(
        "update relink.removals set state = '{state}', switch_on = true, self_test = '{{}}' where id = '{{removal}}'"
    )
}

/// Every attack, gate by gate.
pub(crate) fn all() -> Vec<Attack> {
    let lists = [
        (Shut::Switch, switch()),
        (Shut::Latch, latch()),
        (Shut::Crowd, crowd()),
        (Shut::Looks, looking::looks()),
        (Shut::Warrant, looking::warrants()),
        (Shut::Cap, allowing::cap()),
        (Shut::Flag, allowing::flag()),
        (Shut::Nothing, tricks::guards()),
    ];
    let mut attacks = vec![];
    for (shut, list) in lists {
        let steps = steps(shut);
        for (name, sql) in list.into_iter().chain(steps) {
            let by = if name.starts_with("superuser") {
                SUPERUSER
            } else if shut != Shut::Switch && sql.contains("relink.judge_removal('{") {
                ASKING
            } else {
                EVERYBODY
            };
            attacks.push(Attack {
                shut,
                name,
                by,
                sql,
            });
        }
    }
    attacks
}

/// Names and statements.
pub(super) type List = Vec<(&'static str, String)>;

/// Ways round the judgement, tried with each gate shut; but not where all six let pass, for there they are lawful.
fn steps(shut: Shut) -> List {
    if shut == Shut::Nothing {
        return vec![];
    }
    vec![
        ("the permit asked for by hand", judged("permit")),
        (
            "permit and call by hand",
            format!("{}; commit; begin; {}", judged("permit"), judged("start")),
        ),
        ("requested → permitted by UPDATE", moved("permitted")),
        (
            "permitted → calling by UPDATE",
            format!(
                "{}; commit; begin; {}",
                moved("permitted"),
                moved("calling")
            ),
        ),
        (
            "permitted → calling in the intent's own transaction",
            format!("{}; {}", moved("permitted"), moved("calling")),
        ),
        (
            "calling after a savepoint that took the intent back",
            format!(
                "savepoint s; {}; rollback to s; {}",
                moved("permitted"),
                moved("calling")
            ),
        ),
        ("requested → calling", moved("calling")),
        ("requested → deleted", moved("deleted")),
        (
            "the permit in REPEATABLE READ",
            format!(
                "commit; begin isolation level repeatable read; {}",
                moved("permitted")
            ),
        ),
        (
            "judged in SERIALIZABLE",
            format!(
                "commit; begin isolation level serializable; {}",
                judged("permit")
            ),
        ),
    ]
}

fn switch() -> List {
    vec![
        (
            "the switch on by a column's default",
            "alter table relink.removals alter switch_on set default true".to_owned(),
        ),
        (
            "the switch on in the row beforehand",
            "update relink.removals set switch_on = true where id = '{removal}'".to_owned(),
        ),
    ]
}

fn latch() -> List {
    let cleared = "update relink.removal_latch set tripped_at = null, why = null";
    vec![
        ("latch cleared by UPDATE", cleared.to_owned()),
        (
            "latch cleared with an operator's audit row that is forged",
            format!("{}; {cleared}", noted("latch.clear", "")),
        ),
        (
            "latch cleared and tripped again, but long ago",
            "update relink.removal_latch set tripped_at = '2000-01-01'".to_owned(),
        ),
        (
            "latch row deleted",
            "delete from relink.removal_latch".to_owned(),
        ),
        (
            "latch truncated",
            "truncate relink.removal_latch".to_owned(),
        ),
        (
            "a second latch row",
            "insert into relink.removal_latch default values".to_owned(),
        ),
        (
            "a second latch row that is not the only row",
            "insert into relink.removal_latch (only_row) values (false)".to_owned(),
        ),
        (
            "latch cleared with a token made up",
            "select relink.clear_latch('rlo_000000000000_x', gen_random_uuid(), 'forged')"
                .to_owned(),
        ),
        (
            "latch cleared without a reason",
            "select relink.clear_latch('{ada}', gen_random_uuid(), ' ')".to_owned(),
        ),
        (
            "a child table's untripped latch",
            "create table relink.more () inherits (relink.removal_latch);
             insert into relink.more (only_row) values (true)"
                .to_owned(),
        ),
    ]
}

fn crowd() -> List {
    vec![
        ("polls deleted", "delete from relink.case_polls".to_owned()),
        ("polls truncated", "truncate relink.case_polls".to_owned()),
        (
            "polls made old",
            "update relink.case_polls set started_at = '2000-01-01', finished_at = '2000-01-01'".to_owned(),
        ),
        (
            "polls with another answer",
            "update relink.case_polls set answer = 'present'".to_owned(),
        ),
        (
            "all cases about one session",
            "update relink.cases set verdict = 'expired', closed_at = relink.clock(), session_id = '{session}'
              where verdict is null".to_owned(),
        ),
        (
            "cases and polls away",
            "truncate relink.cases cascade".to_owned(),
        ),
        (
            "the removal as if asked for long ago",
            "update relink.removals set requested_at = '2000-01-01'".to_owned(),
        ),
        (
            "rows of polls hidden",
            "alter table relink.case_polls enable row level security, force row level security".to_owned(),
        ),
    ]
}
