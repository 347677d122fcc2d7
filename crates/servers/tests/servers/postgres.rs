use crate::{answer, assert_gone, room, running, sql};
use servers::{Postgres, PostgresOptions, ServerError};

fn kept() -> PostgresOptions {
    PostgresOptions {
        keep_data: true,
        ..PostgresOptions::default()
    }
}

#[tokio::test]
async fn what_was_committed_survives_kill_9_and_the_port_stays() {
    let room = room();
    let mut server = Postgres::start(room.path(), PostgresOptions::default())
        .await
        .expect("start");
    let url = server.url("postgres", "postgres");
    let first = running(room.path(), 1);
    assert_eq!(
        answer(
            &url,
            "create table kept (n int); insert into kept values (7) returning n"
        ),
        "7"
    );

    server.kill9().await;
    assert_gone(&first);
    assert!(
        !sql(&url, "select 1").status.success(),
        "the server is down"
    );

    server.restart().await.expect("restart after a kill");
    assert_eq!(answer(&url, "select n from kept"), "7");
    server.restart().await.expect("restart while it runs");
    assert_eq!(answer(&url, "select n from kept"), "7");

    let last = running(room.path(), 1);
    let data = server.data_dir().to_owned();
    server.stop().await;
    assert_gone(&last);
    assert!(
        !data.exists(),
        "the data of a server that keeps none are removed"
    );
}

#[tokio::test]
async fn kept_data_are_there_at_the_next_start_and_durability_is_never_switched_off() {
    let room = room();
    let server = Postgres::start(room.path(), kept())
        .await
        .expect("first start");
    assert_eq!(
        answer(
            &server.url("postgres", "postgres"),
            "create table kept (); show fsync"
        ),
        "on"
    );
    server.stop().await;

    let server = Postgres::start(room.path(), PostgresOptions::default())
        .await
        .expect("second start");
    let url = server.url("postgres", "postgres");
    assert_eq!(answer(&url, "select count(*) from kept"), "0");
    assert_eq!(answer(&url, "show synchronous_commit"), "on");
    server.stop().await;
}

#[tokio::test]
async fn two_servers_run_side_by_side_and_a_directory_has_one_owner() {
    let (left, right) = (room(), room());
    let (one, two) = tokio::try_join!(
        Postgres::start(left.path(), PostgresOptions::default()),
        Postgres::start(right.path(), PostgresOptions::default()),
    )
    .expect("two servers");
    assert_ne!(one.port(), two.port());
    answer(
        &one.url("postgres", "postgres"),
        "create table only_here ()",
    );
    assert!(
        !sql(&two.url("postgres", "postgres"), "table only_here")
            .status
            .success()
    );

    let third = Postgres::start(left.path(), PostgresOptions::default()).await;
    assert!(matches!(third, Err(ServerError::InUse(_))));
    assert_eq!(
        answer(&one.url("postgres", "postgres"), "select 1"),
        "1",
        "the owner's server was left alone"
    );

    // Dropping is enough: a test that panics leaves nothing either.
    let processes = [running(left.path(), 1), running(right.path(), 1)].concat();
    drop((one, two));
    assert_gone(&processes);
}

#[tokio::test]
async fn a_server_that_cannot_start_says_why_with_the_end_of_its_log() {
    let room = room();
    let settings = vec![("shared_buffers".to_owned(), "a lot".to_owned())];
    let options = PostgresOptions {
        settings,
        ..PostgresOptions::default()
    };
    let error = Postgres::start(room.path(), options)
        .await
        .err()
        .expect("it cannot start")
        .to_string();
    assert!(
        error.contains("start PostgreSQL: it ended with exit status"),
        "{error}"
    );
    assert!(
        error.contains("invalid value for parameter \"shared_buffers\""),
        "{error}"
    );
    running(room.path(), 0);
}

#[tokio::test]
async fn a_port_taken_by_somebody_else_is_no_reason_to_give_up_at_once() {
    let room = room();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("its address").port().to_string();
    let options = PostgresOptions {
        settings: vec![("port".to_owned(), port)],
        ..PostgresOptions::default()
    };
    assert!(
        Postgres::start(room.path(), options).await.is_err(),
        "it is told to use this port and no other"
    );
    let log = std::fs::read_to_string(room.path().join("log")).expect("a log");
    assert_eq!(log.matches("Address already in use").count(), 5, "{log}");
}
