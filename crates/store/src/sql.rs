//! A query is a file; its name goes into every error about it.

/// One query and its name (`jobs/close`).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sql {
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
}

macro_rules! sql {
    ($name:literal) => {
        $crate::sql::Sql {
            name: $name,
            text: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/sql/", $name, ".sql")),
        }
    };
}
pub(crate) use sql;
