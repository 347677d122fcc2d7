//! Steps of a mail: the right to give it away is won once, and committed before it is used.

use crate::columns::columns;
use crate::error::StoreError;
use crate::notices::facts;
use crate::sql::{Sql, sql};
use crate::tx::Tx;
use policy::notices::{NoticeChanges, NoticeTry};

const START: Sql = sql!("notices/start");
const SENDING: Sql = sql!("notices/sending");

impl Tx {
    /// Wins the right to give a mail away, for all of its notices; false where one of them has moved on.
    pub async fn start_mail(
        &self,
        notices: &[NoticeTry],
        message_id: &str,
    ) -> Result<bool, StoreError> {
        let started = columns(START, notices)
            .with("account_id", |it| it.notice.account.0)
            .with("episode", |it| it.notice.episode)
            .with("step", |it| it.notice.step.number())
            .with("tries", |it| it.tries)
            .value("message_id", message_id)
            .value("at", self.now().at);
        let changed = self.execute_with(started).await?;
        Ok(changed == notices.len() as u64)
    }

    /// Those notices of a mail that was given away whose end nobody has written.
    pub async fn sending_notices(
        &self,
        notices: &[NoticeTry],
    ) -> Result<Vec<NoticeTry>, StoreError> {
        let asked = columns(SENDING, notices)
            .with("account_id", |it| it.notice.account.0)
            .with("episode", |it| it.notice.episode)
            .with("step", |it| it.notice.step.number())
            .with("tries", |it| it.tries);
        let rows = self.rows_with(asked).await?;
        rows.iter().map(facts::known).collect()
    }

    /// Ends notices before their mail was given away, and plans what follows them.
    pub async fn end_notices(&self, changes: &NoticeChanges) -> Result<(), StoreError> {
        self.apply_notices(changes, self.now().at).await.map(drop)
    }
}
