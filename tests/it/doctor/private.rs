//! What no shared server may be broken by: passwords, roles, durability, the database's certificate.

use super::certificates::ending_in;
use super::patient::{examine, text};
use rcgen::KeyPair;
use servers::{Postgres, PostgresOptions};
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;
use tests::database::{SUPERUSER, connect};
use tests::eventually::eventually;
use tests::site::secure;

const PATIENCE: Duration = Duration::from_mins(1);

#[expect(clippy::too_many_lines, reason = "a list, one breakage an entry")]
#[tokio::test]
async fn each_broken_server_is_named_with_its_fix() {
    secure();
    let dir = tempfile::TempDir::new().expect("a directory");
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).expect("open it");
    let server = Postgres::start(&dir.path().join("server"), PostgresOptions::default())
        .await
        .expect("start it");
    let owner = connect(&server.url(SUPERUSER, "postgres")).await;
    owner
        .batch_execute("create database relink")
        .await
        .expect("a database");
    let url = |login: &str| server.url(login, "relink");
    let config = store::Config::new(url(SUPERUSER).into(), "test");
    store::migrate::migrate(&config).await.expect("migrate");
    let reader = BTreeMap::from([("RELINK_DATABASE_URL".to_owned(), url("relink_reader"))]);
    let well = examine(&reader).await;
    assert_eq!(well.code, Some(0), "{}", well.text);
    let told =
        async |what: &str, settings: &BTreeMap<String, String>, [name, saw, todo]: [&str; 3]| {
            // A server that is told to read its settings again does so a moment later.
            let report = eventually(what, PATIENCE, || async {
                let report = examine(settings).await;
                let is_told = report
                    .bad(name)
                    .is_some_and(|found| text(found, "saw").contains(saw));
                is_told.then_some(report)
            })
            .await;
            assert_eq!(report.code, Some(1), "{what}: {}", report.text);
            let found = report.bad(name).expect("it was told");
            assert!(text(found, "saw").contains(saw), "{what}: {found}");
            assert!(text(found, "todo").contains(todo), "{what}: {found}");
            assert!(!report.text.contains("hush-hush"));
            println!(
                "| {what} | `{name}` | {} | {} |",
                text(found, "saw"),
                text(found, "todo")
            );
        };
    let on_database = connect(&url(SUPERUSER)).await;
    on_database
        .batch_execute("drop owned by relink_operator; drop role relink_operator")
        .await
        .expect("drop it");
    told(
        "a role is missing",
        &reader,
        ["roles", "missing: relink_operator", "run `relink migrate`"],
    )
    .await;
    owner
        .batch_execute("create role relink_operator login; alter role relink_owner login")
        .await
        .expect("roles");
    told(
        "the owner may log in",
        &reader,
        ["roles", "relink_owner: it can log in", "alter role"],
    )
    .await;
    owner
        .batch_execute("alter role relink_owner nologin; create role stranger login")
        .await
        .expect("roles");
    let reload = "select pg_reload_conf()";
    owner
        .batch_execute("grant connect on database relink to stranger")
        .await
        .expect("let it in");
    let stranger = BTreeMap::from([("RELINK_DATABASE_URL".to_owned(), url("stranger"))]);
    told(
        "a login of no role",
        &stranger,
        [
            "rights",
            "none of relink's roles",
            "log in as relink_worker",
        ],
    )
    .await;
    owner
        .batch_execute("alter role relink_reader set synchronous_commit = off")
        .await
        .expect("set it");
    owner.batch_execute(reload).await.expect("reload");
    told(
        "commits that may be lost",
        &reader,
        [
            "database durability",
            "synchronous_commit off",
            "turn them on",
        ],
    )
    .await;
    owner
        .batch_execute("alter role relink_reader reset synchronous_commit")
        .await
        .expect("reset it");
    // A certificate that ends in five days.
    let key = KeyPair::generate().expect("a key");
    let certificate = ending_in(6).self_signed(&key).expect("a certificate");
    for (name, text) in [
        ("own.crt", certificate.pem()),
        ("own.key", key.serialize_pem()),
    ] {
        let path = server.data_dir().join(name);
        std::fs::write(&path, text).expect("write it");
        let whose = std::os::unix::fs::MetadataExt::uid(
            &std::fs::metadata(server.data_dir()).expect("look"),
        );
        std::os::unix::fs::chown(&path, Some(whose), None).expect("give it away");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("close it");
    }
    for set in [
        "ssl_cert_file = 'own.crt'",
        "ssl_key_file = 'own.key'",
        "ssl = on",
    ] {
        owner
            .batch_execute(&format!("alter system set {set}"))
            .await
            .expect(set);
    }
    owner.batch_execute(reload).await.expect("reload");
    let expected = [
        "database certificate",
        "is good for 5 days",
        "renew the server's certificate",
    ];
    let authority = server.data_dir().join("own.crt");
    let mut trusting = reader.clone();
    trusting.insert(
        "RELINK_DATABASE_CA_FILE".to_owned(),
        authority.display().to_string(),
    );
    told(
        "the database's certificate ends in 5 days",
        &trusting,
        expected,
    )
    .await;
    owner
        .batch_execute("alter system set ssl = off")
        .await
        .expect("no TLS");
    owner
        .batch_execute("alter role relink_reader password 'another'")
        .await
        .expect("a password");
    let rules =
        "local all all trust\nhost all postgres all trust\nhost all all all scram-sha-256\n";
    std::fs::write(server.data_dir().join("pg_hba.conf"), rules).expect("write the rules");
    owner.batch_execute(reload).await.expect("reload");
    let wrong = url("relink_reader").replacen("relink_reader", "relink_reader:hush-hush", 1);
    let wrong = BTreeMap::from([("RELINK_DATABASE_URL".to_owned(), wrong)]);
    told(
        "a wrong password",
        &wrong,
        [
            "database",
            "password authentication failed",
            "correct user and password",
        ],
    )
    .await;
    server.stop().await;
}
