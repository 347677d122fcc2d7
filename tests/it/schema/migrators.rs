//! Who may migrate.

use store::migrate::{known_version, migrate};
use tests::database::{Database, SUPERUSER};
use uuid::Uuid;

/// A login without any right of a server's.
async fn login(database: &Database) -> String {
    let name = format!("migrator_{}", Uuid::now_v7().simple());
    let make = format!("create role {name} login");
    database
        .owner()
        .await
        .batch_execute(&make)
        .await
        .expect(&make);
    name
}

#[tokio::test]
async fn a_member_of_relink_owner_that_may_make_no_role_migrates() {
    let (migrated, empty) = (Database::fresh().await, Database::empty().await);
    let name = login(&migrated).await;
    let refused = migrate(&empty.config(&name)).await;
    let refused = refused.expect_err("it is no member");
    let fix = format!("grant relink_owner to {name}");
    let says_so = refused.refusal().is_some_and(|said| said.contains(&fix));
    assert!(says_so, "{refused:?}");
    // Nothing is to be made: being a member is enough.
    let owner = migrated.owner().await;
    owner.batch_execute(&fix).await.expect(&fix);
    let done = migrate(&migrated.config(&name)).await.expect("a member");
    assert_eq!((done.applied.len(), done.version), (0, known_version()));
    // Roles are there, schema and grants are not: the database must be its own.
    let own = format!("alter database {} owner to {name}", empty.name());
    owner.batch_execute(&own).await.expect(&own);
    let done = migrate(&empty.config(&name))
        .await
        .expect("its own database");
    assert_eq!(done.version, known_version());
    let rights = "select count(*) from pg_database d, aclexplode(d.datacl) a
                   where d.datname = current_database() and a.grantee in (select oid from pg_roles where rolname like 'relink\\_%')";
    let count = async |database: &Database| -> i64 {
        let found = database.owner().await.query_one(rights, &[]).await;
        found.expect("count the rights").get(0)
    };
    assert_eq!(count(&empty).await, count(&migrated).await);
    let back = format!(
        "alter database {} owner to {SUPERUSER}; drop owned by {name}",
        empty.name(),
    );
    owner.batch_execute(&back).await.expect(&back);
    let there = empty.owner().await;
    let drop = format!("drop owned by {name}; drop role {name}");
    there.batch_execute(&drop).await.expect(&drop);
}
