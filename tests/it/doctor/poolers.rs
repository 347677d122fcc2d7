//! PgBouncer between us and PostgreSQL, where it is installed (`apt-get install pgbouncer`): in full size only.

use super::patient::{Report, examine, text};
use servers::Postgres;
use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use store::{ErrorClass, Fault, Store};
use tests::eventually::eventually;
use tests::site::Site;
use tests::size::is_full;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

const PROGRAM: &str = "/usr/sbin/pgbouncer";

#[tokio::test]
async fn r_q_2_a_pooler_of_transactions_is_named_and_kills_no_job() {
    if !is_full() || !Path::new(PROGRAM).exists() {
        println!("NOT RUN: only in full size, and where {PROGRAM} is");
        return;
    }
    let mut site = Site::durable().await;
    let server = &*site.postgres();
    // As it comes it refuses us, and the doctor says what that is.
    let (_strict, strict) = start(server, "").await;
    let report = doctor(strict).await;
    said(&report, "database", "that is a pooler");
    let (_lenient, lenient) = start(server, "ignore_startup_parameters = options").await;
    let report = doctor(lenient).await;
    said(&report, "database sessions", "name PostgreSQL itself");
    let url = format!("postgresql://relink_worker@127.0.0.1:{lenient}/relink");
    let store = Store::new(store::Config::new(url.into(), "relink-test")).expect("a store");
    let mut failed = 0;
    for _ in 0..20 {
        let looks = (0..8).map(|_| store.now());
        for error in futures_util::future::join_all(looks)
            .await
            .into_iter()
            .filter_map(Result::err)
        {
            failed += 1;
            let judged = (error.class(), error.fault());
            assert_eq!(judged, (ErrorClass::Session, Fault::Transient), "{error:?}");
        }
    }
    assert!(0 < failed, "nothing was lost between sessions");
    println!(
        "through a pooler of transactions: {failed} of 160 queries lost their session, none is permanent"
    );
}

fn said(report: &Report, name: &str, todo: &str) {
    let found = report
        .bad(name)
        .unwrap_or_else(|| panic!("{}", report.text));
    assert!(text(found, "todo").contains(todo), "{found}");
}

async fn doctor(port: u16) -> Report {
    let url = format!("postgresql://relink_reader@127.0.0.1:{port}/relink");
    examine(&BTreeMap::from([("RELINK_DATABASE_URL".to_owned(), url)])).await
}

/// A PgBouncer before a server, as its user, for PgBouncer refuses to be root; it ends with the test.
async fn start(server: &Postgres, more: &str) -> ((Child, tempfile::TempDir), u16) {
    let room = tempfile::TempDir::new().expect("a directory");
    std::fs::set_permissions(room.path(), std::fs::Permissions::from_mode(0o755)).expect("open it");
    let [port] = servers::free_ports().expect("a port");
    let user = std::fs::metadata(server.data_dir()).expect("look").uid();
    let server = server.port();
    let settings = room.path().join("pgbouncer.ini");
    let lines = format!(
        "[databases]\nrelink = user=relink_worker host=127.0.0.1 port={server}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
         unix_socket_dir =\nauth_type = any\npool_mode = transaction\ndefault_pool_size = 4\n{more}\n"
    );
    std::fs::write(&settings, lines).expect("write its settings");
    let child = Command::new(PROGRAM)
        .arg(&settings)
        .uid(user)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("start PgBouncer");
    eventually("PgBouncer listens", Duration::from_secs(10), || async {
        TcpStream::connect(("127.0.0.1", port)).await.ok().map(drop)
    })
    .await;
    ((child, room), port)
}
