//! Proving the audit: every row, every link, every pairing, recomputed here (R-AUD-1, R-AUD-2).

use crate::error::StoreError;
use crate::row;
use crate::sql::{Sql, sql};
use crate::store::Store;
use crate::tx::Tx;
use policy::ids::AccountId;
use sha2::{Digest, Sha256};
use std::fmt;
use std::iter::Peekable;
use tokio_postgres::Row;
use uuid::Uuid;

const PAGE: Sql = sql!("audit/page");
const ENDS: Sql = sql!("audit/ends");
const GUARDS: Sql = sql!("audit/guards");
/// Rows read at once; memory does not grow with the audit.
const PAGE_ROWS: u16 = 5_000;
/// Findings listed; more are counted.
const FINDINGS_MAX: usize = 100;

/// Something that is wrong with the audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whose chain; none for a finding about the tables themselves.
    pub account: Option<AccountId>,
    /// Which audit row, by id.
    pub id: Option<i64>,
    /// Which version of the account.
    pub version: Option<i64>,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(id) = self.id {
            write!(f, "audit row {id}, ")?;
        }
        if let Some(account) = self.account {
            write!(f, "account {account}, ")?;
        }
        if let Some(version) = self.version {
            write!(f, "version {version}: ")?;
        }
        f.write_str(&self.what)
    }
}

/// What a verification found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// Audit rows read.
    pub rows: u64,
    /// Accounts read.
    pub accounts: u64,
    /// What is wrong, the first hundred.
    pub findings: Vec<Finding>,
    /// How many findings there are in all.
    pub wrong: u64,
}

impl Verification {
    fn find(&mut self, finding: Finding) {
        self.wrong += 1;
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(finding);
        }
    }
}

/// The newest row of the chain being walked.
struct Link {
    account: AccountId,
    version: i64,
    form: i16,
    status: String,
    hash: Vec<u8>,
}

impl Store {
    /// Walks the whole audit, in a snapshot of its own: what is flipped meanwhile is neither read nor a finding.
    pub async fn verify_audit(&self) -> Result<Verification, StoreError> {
        self.reading_snapshot(async |tx| tx.walk_audit().await)
            .await
    }
}

impl Tx {
    async fn walk_audit(&self) -> Result<Verification, StoreError> {
        let mut result = Verification::default();
        for found in &self.rows(GUARDS, &[]).await? {
            result.find(Finding {
                account: None,
                id: None,
                version: None,
                what: row::get(found, "finding")?,
            });
        }
        let mut ends = Ends::new(self);
        let mut last: Option<Link> = None;
        let mut after = (Uuid::nil(), -1_i64);
        loop {
            let rows = self
                .rows(PAGE, &[&after.0, &after.1, &i64::from(PAGE_ROWS)])
                .await?;
            for found in &rows {
                let account = AccountId(row::get(found, "account_id")?);
                if last.as_ref().is_some_and(|link| link.account != account) {
                    ends.check(last.take(), &mut result).await?;
                }
                let link = check_row(found, account, last.as_ref(), &mut result)?;
                after = (account.0, link.version);
                last = Some(link);
                result.rows += 1;
            }
            if rows.len() < usize::from(PAGE_ROWS) {
                break;
            }
        }
        ends.check(last.take(), &mut result).await?;
        ends.rest(&mut result).await?;
        Ok(result)
    }
}

fn check_row(
    found: &Row,
    account: AccountId,
    before: Option<&Link>,
    result: &mut Verification,
) -> Result<Link, StoreError> {
    let (id, version) = (
        row::get::<i64>(found, "id")?,
        row::get::<i64>(found, "version")?,
    );
    let mut wrong = |what: String| {
        result.find(Finding {
            account: Some(account),
            id: Some(id),
            version: Some(version),
            what,
        });
    };
    let previous: Option<Vec<u8>> = row::get(found, "prev_hash")?;
    let hash: Vec<u8> = row::get::<Option<Vec<u8>>>(found, "hash")?.unwrap_or_default();
    let from: Option<String> = row::get(found, "from_status")?;
    let form: i16 = row::get(found, "form")?;
    let fields: Vec<Option<String>> = row::get(found, "fields")?;
    let mut digest = Sha256::new();
    digest.update(previous.as_deref().unwrap_or_default());
    digest.update(digested(form, &fields).as_bytes());
    if digest.finalize().as_slice() != hash {
        wrong("its content does not match its hash: it was altered".to_owned());
    }
    if before.is_some_and(|link| form < link.form) {
        wrong("it is of an older form than the row before it".to_owned());
    }
    let expected = before.map_or(1, |link| link.version + 1);
    if version != expected {
        wrong(format!(
            "its chain jumps from version {} to {version}: rows are missing",
            expected - 1
        ));
    } else if previous.as_ref() != before.map(|link| &link.hash) {
        wrong("it does not continue the row before it".to_owned());
    }
    if from.as_ref() != before.map(|link| &link.status) {
        wrong(format!(
            "it comes from {from:?}, the row before it ended in another status"
        ));
    }
    Ok(Link {
        account,
        version,
        form,
        status: row::get(found, "to_status")?,
        hash,
    })
}

/// Text that the hash of a row covers, after the hash before it. Form 1 parts the fields by a character that they may
/// hold themselves; a later one is framed: each field after its length in bytes, the form first, `-` for null.
pub(crate) fn digested(form: i16, fields: &[Option<String>]) -> String {
    if form == 1 {
        let fields = fields.iter().map(|it| it.as_deref().unwrap_or_default());
        return fields.collect::<Vec<_>>().join("\u{1f}");
    }
    let form = Some(form.to_string());
    let fields = std::iter::once(&form).chain(fields);
    let framed = fields.map(|field| {
        let framed = field.as_ref().map(|it| format!("{}:{it}", it.len()));
        framed.unwrap_or_else(|| "-".to_owned())
    });
    framed.collect()
}

/// Walks accounts and chain heads beside the audit rows, both in account order.
struct Ends<'a> {
    tx: &'a Tx,
    page: Peekable<std::vec::IntoIter<Row>>,
    after: Uuid,
    is_last: bool,
}

impl<'a> Ends<'a> {
    fn new(tx: &'a Tx) -> Self {
        Self {
            tx,
            page: vec![].into_iter().peekable(),
            after: Uuid::nil(),
            is_last: false,
        }
    }

    /// The next row, if its account is not past `limit`; one that is past it stays for the next chain.
    async fn next_to(&mut self, limit: AccountId) -> Result<Option<(AccountId, Row)>, StoreError> {
        if self.page.peek().is_none() && !self.is_last {
            let rows = self
                .tx
                .rows(ENDS, &[&self.after, &i64::from(PAGE_ROWS)])
                .await?;
            self.is_last = rows.len() < usize::from(PAGE_ROWS);
            if let Some(found) = rows.last() {
                self.after = row::get(found, "account_id")?;
            }
            self.page = rows.into_iter().peekable();
        }
        let Some(found) = self.page.peek() else {
            return Ok(None);
        };
        let account = AccountId(row::get(found, "account_id")?);
        if account > limit {
            return Ok(None);
        }
        Ok(self.page.next().map(|found| (account, found)))
    }

    /// The end of one chain: the accounts before it in order have no audit row at all.
    async fn check(
        &mut self,
        link: Option<Link>,
        result: &mut Verification,
    ) -> Result<(), StoreError> {
        let Some(link) = link else { return Ok(()) };
        while let Some((account, found)) = self.next_to(link.account).await? {
            if account == link.account {
                return compare(&found, &link, result);
            }
            unaudited(account, result);
        }
        result.find(Finding {
            account: Some(link.account),
            id: None,
            version: Some(link.version),
            what: "its audit rows are there, the account is not".to_owned(),
        });
        Ok(())
    }

    async fn rest(&mut self, result: &mut Verification) -> Result<(), StoreError> {
        while let Some((account, _)) = self.next_to(AccountId(Uuid::max())).await? {
            unaudited(account, result);
        }
        Ok(())
    }
}

fn unaudited(account: AccountId, result: &mut Verification) {
    result.accounts += 1;
    result.find(Finding {
        account: Some(account),
        id: None,
        version: None,
        what: "it has no audit row".to_owned(),
    });
}

fn compare(found: &Row, link: &Link, result: &mut Verification) -> Result<(), StoreError> {
    result.accounts += 1;
    let status: Option<String> = row::get(found, "status")?;
    let version: Option<i64> = row::get(found, "status_version")?;
    let head: Option<Vec<u8>> = row::get(found, "head_hash")?;
    let mut wrong = |what: String| {
        result.find(Finding {
            account: Some(link.account),
            id: None,
            version: Some(link.version),
            what,
        });
    };
    if status.as_ref() != Some(&link.status) || version != Some(link.version) {
        wrong(format!(
            "the account is {status:?} at version {version:?}, its last audit row says {}",
            link.status
        ));
    } else if head.as_ref() != Some(&link.hash) {
        wrong("the chain's head is not its last row".to_owned());
    }
    Ok(())
}
