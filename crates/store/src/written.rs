//! Whether anything was written to a table, by the server's own counters: a hint for looks that may rest while nothing changes.

use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use std::collections::BTreeMap;

const WRITTEN: Sql = sql!("census/written");

/// Counters of some tables at one instant. A session hands its own on when it commits, or within ten seconds: what it wrote
/// changes a later reading, and is never missed for good.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    tables: BTreeMap<String, Option<String>>,
}

impl Written {
    /// Whether these tables are as they were at an earlier reading. False of what the server does not count.
    pub fn is_since(&self, earlier: &Self, tables: &[&str]) -> bool {
        let counted = |of: &Self, table: &str| of.tables.get(table).cloned().flatten();
        tables.iter().all(|table| {
            let now = counted(self, table);
            now.is_some() && now == counted(earlier, table)
        })
    }
}

impl FromIterator<(String, Option<String>)> for Written {
    fn from_iter<I: IntoIterator<Item = (String, Option<String>)>>(tables: I) -> Self {
        Self {
            tables: tables.into_iter().collect(),
        }
    }
}

impl Tx {
    /// Reads the counters of some tables. Whatever is read by a later statement was written before or changes them.
    pub async fn written(&self, tables: &[&str]) -> Result<Written, StoreError> {
        let rows = self.rows(WRITTEN, &[&tables]).await?;
        let counted = |found| Ok((row::get(found, "name")?, row::get(found, "written")?));
        Ok(Written {
            tables: rows
                .iter()
                .map(counted)
                .collect::<Result<_, StoreError>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(tables: &[(&str, Option<&str>)]) -> Written {
        let owned = |(name, written): &(&str, Option<&str>)| {
            ((*name).to_owned(), written.map(str::to_owned))
        };
        tables.iter().map(owned).collect()
    }

    #[test]
    fn what_the_server_does_not_count_is_never_as_it_was() {
        let now = of(&[("a", Some("1/2/3")), ("b", Some("0/0/0")), ("c", None)]);
        let before = of(&[("a", Some("1/2/3")), ("b", Some("0/1/0")), ("c", None)]);
        for (tables, expected) in [
            (&["a"][..], true),
            (&["b"], false),
            (&["a", "b"], false),
            (&["c"], false),
            (&["d"], false),
        ] {
            assert_eq!(now.is_since(&before, tables), expected, "{tables:?}");
        }
        assert!(!now.is_since(&Written::default(), &["a"]));
    }
}
