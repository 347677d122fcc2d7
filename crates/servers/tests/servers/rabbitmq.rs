use crate::{assert_gone, room, running};
use servers::{RabbitMq, RabbitMqOptions};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

async fn vhosts(server: &RabbitMq) -> Vec<String> {
    let answer = server
        .ctl(&["list_vhosts", "--silent", "--no-table-headers"])
        .await
        .expect("list the vhosts");
    let mut names: Vec<String> = answer.lines().map(ToOwned::to_owned).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_node_keeps_its_vhosts_through_kill_9_and_loses_them_when_wiped() {
    let room = room();
    let mut server = RabbitMq::start(room.path(), RabbitMqOptions::default())
        .await
        .expect("start");
    let url = server.amqp_url("a/b");
    server.create_vhost("a/b").await.expect("make a vhost");
    server.create_vhost("other").await.expect("make a vhost");
    server.create_vhost("other").await.expect("make it again");
    server.delete_vhost("other").await.expect("delete a vhost");
    server.delete_vhost("other").await.expect("delete it again");
    assert_eq!(vhosts(&server).await, ["/", "a/b"]);

    let first = server.identity().expect("it runs");
    server.kill9().await;
    assert_gone(&[first]);
    assert!(
        TcpStream::connect(("127.0.0.1", server.port()))
            .await
            .is_err(),
        "the node is down"
    );
    server.restart().await.expect("restart");
    assert_eq!(vhosts(&server).await, ["/", "a/b"]);

    server.wipe_and_restart().await.expect("a new node");
    assert_eq!(
        vhosts(&server).await,
        ["/"],
        "R-JOB-4: the broker is lost entirely"
    );
    assert_eq!(
        server.amqp_url("a/b"),
        url,
        "on the same port, for the same user"
    );

    let last = running(room.path(), 2);
    server.stop().await;
    assert_gone(&last);
}

/// Alarms and closed connections are made at will.
async fn trouble(server: &RabbitMq) {
    server
        .set_memory_alarm(true)
        .await
        .expect("raise the alarm");
    let alarms = server
        .ctl(&["eval", "rabbit_alarm:get_alarms()."])
        .await
        .expect("ask for alarms");
    assert!(alarms.contains("memory"), "{alarms}");
    server
        .set_memory_alarm(false)
        .await
        .expect("clear the alarm");
    let alarms = server
        .ctl(&["eval", "rabbit_alarm:get_alarms()."])
        .await
        .expect("ask for alarms");
    assert_eq!(alarms, "[]");

    let mut client = TcpStream::connect(("127.0.0.1", server.port()))
        .await
        .expect("connect");
    client
        .write_all(b"AMQP\x00\x00\x09\x01")
        .await
        .expect("greet");
    client.read_u8().await.expect("be greeted");
    server
        .close_all_connections()
        .await
        .expect("close the connections");
}

#[tokio::test]
async fn a_node_shut_down_in_good_order_keeps_its_data_while_another_is_in_trouble() {
    let (left, right) = (room(), room());
    let kept = RabbitMqOptions {
        keep_data: true,
        ..RabbitMqOptions::default()
    };
    let (one, two) = tokio::try_join!(
        RabbitMq::start(left.path(), kept.clone()),
        RabbitMq::start(right.path(), RabbitMqOptions::default()),
    )
    .expect("two nodes");
    one.create_vhost("kept").await.expect("make a vhost");
    assert_eq!(
        vhosts(&two).await,
        ["/"],
        "the nodes know nothing of each other"
    );
    trouble(&two).await;
    let processes = running(left.path(), 2);
    one.stop().await;
    assert_gone(&processes);

    let one = RabbitMq::start(left.path(), kept)
        .await
        .expect("start again");
    assert_eq!(vhosts(&one).await, ["/", "kept"]);
    let processes = [running(left.path(), 2), running(right.path(), 2)].concat();
    drop((one, two));
    assert_gone(&processes);
}

#[tokio::test]
async fn a_node_that_cannot_start_says_why_with_the_end_of_its_log() {
    let room = room();
    let options = RabbitMqOptions {
        configuration: "no.such.key = 1".to_owned(),
        ..RabbitMqOptions::default()
    };
    let error = RabbitMq::start(room.path(), options)
        .await
        .err()
        .expect("it cannot start")
        .to_string();
    assert!(
        error.contains("start RabbitMQ: it ended with exit status"),
        "{error}"
    );
    assert!(error.contains("no.such.key"), "{error}");
    running(room.path(), 0);
}
