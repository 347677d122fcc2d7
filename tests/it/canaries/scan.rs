//! Looking for planted secrets wherever something is kept or told.

use lapin::options::BasicGetOptions;
use lapin::{Connection, ConnectionProperties};
use policy::jobs::Queue;
use std::fmt::Write as _;
use tests::fleet_run::FleetRun;

/// Everything that nobody may find.
pub(crate) struct Canaries(pub(crate) Vec<String>);

impl Canaries {
    /// Those that are in a text, each named with where that was.
    pub(crate) fn found(&self, place: &str, text: &str) -> Vec<String> {
        let canaries = self.0.iter();
        let found = canaries.filter(|canary| text.contains(canary.as_str()));
        found.map(|canary| format!("{canary} in {place}")).collect()
    }

    /// Those that are in a row, in any column of any table that can hold one, but for pairs of canary and column that
    /// `may` be; named with the column. Bytes are looked through for them too.
    pub(crate) async fn in_rows(&self, run: &FleetRun, may: &[(&str, &str)]) -> Vec<String> {
        let mut found = vec![];
        for column in columns(run).await {
            let (table, name) = column.split_once('.').expect("table.column");
            for canary in &self.0 {
                if may.contains(&(canary, &column)) {
                    continue;
                }
                let hex: String = canary.bytes().fold(String::new(), |mut hex, byte| {
                    write!(hex, "{byte:02x}").expect("a String takes it");
                    hex
                });
                let shown = format!("coalesce(\"{name}\"::text, '')");
                let sql = format!(
                    "select count(*) from relink.\"{table}\" where strpos({shown}, $1) > 0 or strpos({shown}, $2) > 0"
                );
                if run.number(&sql, &[canary, &hex]).await > 0 {
                    found.push(format!("{canary} in {column}"));
                }
            }
        }
        found
    }
}

/// Each column of the schema that can hold a text.
pub(crate) async fn columns(run: &FleetRun) -> Vec<String> {
    let sql = "select c.table_name || '.' || c.column_name from information_schema.columns c
                 join information_schema.tables t using (table_schema, table_name)
                where table_schema = 'relink' and t.table_type = 'BASE TABLE'
                  and c.data_type in ('text', 'character varying', 'json', 'jsonb', 'bytea', 'ARRAY', 'USER-DEFINED')
                order by 1";
    run.words(sql, &[]).await
}

/// How many messages lie in the broker's queues, and everything that they say, headers included.
pub(crate) async fn messages(url: &str) -> (usize, String) {
    let connection = Connection::connect(url, ConnectionProperties::default()).await;
    let connection = connection.expect("connect");
    let channel = connection.create_channel().await.expect("a channel");
    let (mut count, mut all) = (0, String::new());
    for queue in Queue::ALL.map(Queue::as_str).into_iter().chain(["dead"]) {
        let options = BasicGetOptions::default();
        while let Ok(Some(message)) = channel.basic_get(queue.into(), options).await {
            count += 1;
            all.push_str(&String::from_utf8_lossy(&message.data));
            write!(all, "{:?}", message.properties).expect("a String takes it");
        }
    }
    (count, all)
}
