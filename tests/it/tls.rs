//! TLS to both servers: verified, or no connection at all.

use broker::{Backoff, Consumer, ConsumerOptions, ConsumerState, Subscription, topology};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use secrecy::SecretString;
use servers::{Postgres, PostgresOptions, RabbitMq, RabbitMqOptions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use store::Store;
use tempfile::TempDir;
use tests::site::secure;

/// A certificate authority and a server certificate for `localhost` by it, as files.
struct Papers {
    authority: PathBuf,
    certificate: PathBuf,
    key: PathBuf,
}

fn papers(dir: &Path, name: &str) -> Papers {
    let mut params = CertificateParams::new(vec![]).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key"))
        .expect("an authority");
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec!["localhost".to_owned()]).expect("parameters");
    let certificate = params.signed_by(&key, &authority).expect("a certificate");
    let write = |what: &str, text: String| {
        let path = dir.join(format!("{name}-{what}.pem"));
        std::fs::write(&path, text).expect("write it");
        path
    };
    Papers {
        authority: write("ca", authority.pem()),
        certificate: write("certificate", certificate.pem()),
        key: write("key", key.serialize_pem()),
    }
}

fn open_dir() -> TempDir {
    let dir = TempDir::new().expect("a directory");
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o755)).expect("open it");
    dir
}

async fn connects(port: u16, mode: &str, authority: Option<&Path>) -> Result<(), String> {
    let url = format!(
        "postgresql://postgres@localhost:{port}/postgres?sslmode={mode}&hostaddr=127.0.0.1"
    );
    let mut config = store::Config::new(SecretString::from(url), "tls");
    config.ca_file = authority.map(Path::to_owned);
    let store = Store::new(config).map_err(|error| fleet::chain(&error))?;
    // There is no schema: whoever gets as far as that question has connected.
    match store.check_schema().await {
        Err(store::StoreError::OlderSchema { .. }) => Ok(()),
        Err(error) => Err(fleet::chain(&error)),
        Ok(()) => Err("an empty database has no schema".to_owned()),
    }
}

#[tokio::test]
async fn fault_postgresql_is_reached_by_verified_tls_or_not_at_all() {
    secure();
    let dir = open_dir();
    let (ours, theirs) = (papers(dir.path(), "ours"), papers(dir.path(), "theirs"));
    // PostgreSQL wants a key that nobody else can read; it runs as the owner of its data directory.
    let plain = Postgres::start(&dir.path().join("plain"), PostgresOptions::default())
        .await
        .expect("start it");
    let owner =
        std::os::unix::fs::MetadataExt::uid(&std::fs::metadata(plain.data_dir()).expect("look"));
    std::os::unix::fs::chown(&ours.key, Some(owner), None).expect("give the key away");
    std::fs::set_permissions(&ours.key, std::fs::Permissions::from_mode(0o600))
        .expect("close the key");
    let setting = |name: &str, path: &Path| (name.to_owned(), path.display().to_string());
    let options = PostgresOptions {
        settings: vec![
            ("ssl".to_owned(), "on".to_owned()),
            setting("ssl_cert_file", &ours.certificate),
            setting("ssl_key_file", &ours.key),
        ],
        ..PostgresOptions::default()
    };
    let secured = Postgres::start(&dir.path().join("secured"), options)
        .await
        .expect("start it");
    connects(secured.port(), "require", Some(&ours.authority))
        .await
        .expect("verified TLS connects");
    let stranger = connects(secured.port(), "require", Some(&theirs.authority)).await;
    let unknown = connects(secured.port(), "require", None).await;
    let plaintext = connects(plain.port(), "require", Some(&ours.authority)).await;
    for (what, refused) in [
        ("a stranger's CA", stranger),
        ("an unknown CA", unknown),
        ("a server without TLS", plaintext),
    ] {
        println!(
            "PostgreSQL by TLS with {what}: {}",
            refused.expect_err(what)
        );
    }
    secured.stop().await;
    plain.stop().await;
}

#[tokio::test]
async fn fault_rabbitmq_is_reached_by_verified_tls_or_not_at_all() {
    secure();
    let dir = open_dir();
    let (ours, theirs) = (papers(dir.path(), "ours"), papers(dir.path(), "theirs"));
    let [port] = servers::free_ports().expect("a port");
    let options = RabbitMqOptions {
        configuration: format!(
            "listeners.ssl.1 = 127.0.0.1:{port}\nssl_options.cacertfile = {}\nssl_options.certfile = {}\n\
             ssl_options.keyfile = {}\nssl_options.verify = verify_none\n",
            ours.authority.display(),
            ours.certificate.display(),
            ours.key.display(),
        ),
        ..RabbitMqOptions::default()
    };
    let node = RabbitMq::start(&dir.path().join("node"), options)
        .await
        .expect("start it");
    let plain = node.amqp_url("/");
    let (user, _) = plain
        .trim_start_matches("amqp://")
        .split_once('@')
        .expect("a user");
    let config = |authority: &Path| broker::Config {
        url: SecretString::from(format!("amqps://{user}@localhost:{port}/%2f")),
        ca_file: Some(authority.to_owned()),
        connect_timeout: Duration::from_secs(10),
        heartbeat: Duration::from_secs(10),
        prefix: String::new(),
    };
    topology::declare(&config(&ours.authority), &["tls"])
        .await
        .expect("verified TLS connects");
    let subscription = Subscription {
        queue: "tls".to_owned(),
        prefetch: 1,
    };
    let backoff = Backoff::new(|_| Duration::from_millis(100));
    let consumer = Consumer::start(
        config(&ours.authority),
        vec![subscription],
        ConsumerOptions { backoff },
    );
    let mut state = consumer.state();
    let consuming = state.wait_for(|state| *state == ConsumerState::Consuming);
    tokio::time::timeout(Duration::from_secs(20), consuming)
        .await
        .expect("in time")
        .expect("it consumes");
    consumer.close(Duration::from_secs(5)).await;
    let refused = topology::declare(&config(&theirs.authority), &["tls"])
        .await
        .expect_err("a stranger's CA");
    println!(
        "RabbitMQ by TLS with a stranger's CA: {}",
        fleet::chain(&refused)
    );
    node.stop().await;
}
