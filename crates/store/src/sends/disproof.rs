//! Protective holds that the return of their accounts may disprove (R-CAP-8, R-HEAL-2).

use crate::columns::{columns, values};
use crate::error::StoreError;
use crate::number::shard_ends;
use crate::row;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use crate::whole::whole;
use policy::class::Class;
use policy::ids::AccountId;
use policy::schedule::ShardRange;
use policy::sends::blame::Blame;
use policy::sends::disproof::{Disproved, Judged};

const TO_DISPROVE: Sql = sql!("holds/to_disprove");
const END: Sql = sql!("holds/end_disproved");

impl Tx {
    /// Accounts of a range of shards that are held as protection and came back since, at most `limit`, each with the sends
    /// that it was judged by, the newest first.
    pub async fn holds_to_disprove(
        &self,
        shards: ShardRange,
        limit: i64,
    ) -> Result<Vec<(AccountId, Vec<Judged>)>, StoreError> {
        let (first, last) = shard_ends(shards);
        let asked = values(TO_DISPROVE)
            .value("first", first)
            .value("last", last)
            .value("at", self.now().at)
            .value("limit", limit);
        let rows = self.rows_with(asked).await?;
        rows.iter()
            .map(|found| {
                let blames: Vec<Option<String>> = row::get(found, "blames")?;
                let classes: Vec<Option<String>> = row::get(found, "classes")?;
                let judged = blames.iter().zip(&classes).map(|(blame, class)| Judged {
                    blame: blame.as_deref().and_then(Blame::parse),
                    class: class.as_deref().and_then(Class::parse),
                });
                let judged = judged.collect();
                Ok((AccountId(row::get(found, "account_id")?), judged))
            })
            .collect()
    }

    /// Ends disproved holds, each with its audit row. One that has ended meanwhile, or whose account is lost again, is left
    /// alone. Returns how many ended.
    pub async fn end_disproved_holds(&self, disproved: &[Disproved]) -> Result<u64, StoreError> {
        whole!(Disproved {
            account,
            probe,
            note
        });
        if disproved.is_empty() {
            return Ok(0);
        }
        let ended = columns(END, disproved)
            .with("accounts", |one| one.account.0)
            .with("probes", |one| one.probe)
            .with("notes", |one| one.note.as_str())
            .value("now", self.now().at);
        Ok(self.rows_with(ended).await?.len() as u64)
    }
}
