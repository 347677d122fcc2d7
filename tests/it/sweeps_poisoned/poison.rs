//! Rows of a table that the database refuses, in each of the ways in which it can.

use tokio_postgres::Client;

/// Way in which a row is refused.
#[derive(Clone, Copy)]
pub(super) enum Refusal {
    /// By a check, at once.
    Check,
    /// By a trigger that raises this SQLSTATE, at once.
    Raise(&'static str),
    /// By a deferred trigger that raises this SQLSTATE: only the commit finds out.
    AtCommit(&'static str),
}

/// A poisoned table.
pub(super) struct Poison {
    table: &'static str,
    by: Refusal,
}

impl Poison {
    /// From now on the table refuses rows of which `of` holds, a condition on `new`.
    pub(super) async fn put(owner: &Client, table: &'static str, of: &str, by: Refusal) -> Self {
        let sql = match by {
            Refusal::Check => format!(
                "alter table relink.{table} add constraint poisoned check (not ({})) not valid",
                of.replace("new.", "")
            ),
            Refusal::Raise(code) => format!(
                "{} create trigger a_poisoned before insert or update on relink.{table} for each row when ({of})
                    execute function public.poison_{table}()",
                raises(table, code)
            ),
            Refusal::AtCommit(code) => format!(
                "{} create constraint trigger a_poisoned after insert or update on relink.{table}
                    deferrable initially deferred for each row when ({of}) execute function public.poison_{table}()",
                raises(table, code)
            ),
        };
        run(owner, &sql).await;
        Self { table, by }
    }

    /// The table takes every row again.
    pub(super) async fn lift(self, owner: &Client) {
        let Self { table, by } = self;
        let sql = match by {
            Refusal::Check => format!("alter table relink.{table} drop constraint poisoned"),
            Refusal::Raise(_) | Refusal::AtCommit(_) => {
                format!("drop trigger a_poisoned on relink.{table}")
            }
        };
        run(owner, &sql).await;
    }
}

fn raises(table: &str, code: &str) -> String {
    format!(
        "create or replace function public.poison_{table}() returns trigger language plpgsql as $$
         begin raise exception 'poisoned' using errcode = '{code}'; end $$;"
    )
}

async fn run(owner: &Client, sql: &str) {
    let done = owner.batch_execute(sql).await;
    done.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
}
