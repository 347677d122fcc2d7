//! The table as `docs/transitions.md` prints it.

use super::{Answer, AttemptState, Cell, OwnerAct, Step, cell};
use crate::account::{AccountKind, Status, transitions_markdown};

const HEAD: &str = "\n# What an answer of the provider means\n\n\
    Printed from `crates/policy/src/life.rs` (R-ST-5). Every status has a way out for every answer, and none needs \
    luck: who brings it, how long it is theirs alone, and who has it after that. While an attempt is *open* (from its \
    link until 4 min after the link's end), its account is shielded from old news (R-LNK-10).\n";

const ACTS: &str = "\n## What an owner does\n\n\
    What is done is the same for every kind of account; what its owner does is not.\n\n\
    | kind | signs in | confirms | signs in as themselves |\n|---|---|---|---|\n";

/// The page `docs/transitions.md`: allowed changes, a table for each status, and what owners do.
pub fn page_markdown() -> String {
    let tables = Status::ALL.map(of_status).concat();
    let acts = AccountKind::ALL.map(of_kind).concat();
    [
        transitions_markdown(),
        HEAD.to_owned(),
        tables,
        ACTS.to_owned(),
        acts,
    ]
    .concat()
}

fn of_status(status: Status) -> String {
    let rows = Answer::ALL.map(|answer| row(status, answer)).concat();
    format!(
        "\n## `{status}`\n\n| answer | attempt open | otherwise | way out by | until | then by |\n|---|---|---|---|---|---|\n{rows}"
    )
}

fn row(status: Status, answer: Answer) -> String {
    let [open, ended] =
        [AttemptState::Open, AttemptState::Ended].map(|attempt| cell(status, attempt, answer));
    let shielded = if open == ended {
        "as otherwise".to_owned()
    } else {
        format!("{}; {}", in_words(open), by(open))
    };
    let way = ended.way;
    format!(
        "| {answer} | {shielded} | {} | {} | {} | {} |\n",
        in_words(ended),
        way.first.in_words(),
        way.until,
        way.then.in_words(),
    )
}

fn by(cell: Cell) -> String {
    let way = cell.way;
    format!("{}, until {}", way.first.in_words(), way.until)
}

fn in_words(cell: Cell) -> String {
    match cell.step {
        Step::Nothing => "nothing".to_owned(),
        Step::Alert => "alert".to_owned(),
        Step::Verify => "verify".to_owned(),
        Step::Flip(to, cause) => format!("`{to}` ({cause})"),
        Step::OpenCase => "open a case".to_owned(),
        Step::Hold => "hold `wrong_account`".to_owned(),
    }
}

fn of_kind(kind: AccountKind) -> String {
    let acts = OwnerAct::ALL.map(|act| act.in_words(kind)).join(" | ");
    format!("| `{kind}` | {acts} |\n")
}
