//! A real mail server, with TLS and a login: Debian's exim, from a configuration of the test's own.

use mailing::Server;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;
use tests::eventually::eventually;
use tests::process::Process;
use tokio::net::TcpStream;

const EXIM: &str = "/usr/sbin/exim4";
/// User whom Debian's package makes for it.
const USER: &str = "Debian-exim";
const LOGIN: &str = "relink:hu%40sh";
pub(crate) const PASSWORD: &str = "hu@sh";

/// Takes mails for `owner` alone, from who logged in over TLS.
fn configuration(room: &Path, (started, inside): (u16, u16)) -> String {
    let room = room.display();
    format!(
        "spool_directory = {room}/spool
log_file_path = {room}/%slog
pid_file_path = {room}/pid
primary_hostname = localhost
local_interfaces = 127.0.0.1
daemon_smtp_ports = {started} : {inside}
tls_on_connect_ports = {inside}
tls_advertise_hosts = *
tls_certificate = {room}/certificate.pem
tls_privatekey = {room}/key.pem
auth_advertise_hosts = ${{if eq{{$tls_in_cipher}}{{}}{{}}{{*}}}}
acl_smtp_rcpt = rcpt
acl_smtp_data = accept
domainlist local_domains = example.net
rfc1413_query_timeout = 0s
host_lookup =
keep_environment =
begin acl
rcpt:
  deny message = log in first
       !authenticated = *
  accept local_parts = owner
         domains = +local_domains
  deny message = unknown user
begin routers
here:
  driver = accept
  transport = file
begin transports
file:
  driver = appendfile
  file = {room}/mail/owner
  user = {USER}
  create_file = anywhere
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{relink}}}}{{eq{{$auth3}}{{{PASSWORD}}}}}}}}}
  server_set_id = $auth2
"
    )
}

/// The server; it ends with this.
pub(crate) struct Exim {
    room: TempDir,
    /// Ports of STARTTLS, and of TLS from the first byte.
    pub(crate) ports: (u16, u16),
    process: Process,
}

/// Certificate of `localhost`, and its key, as PEM.
pub(crate) fn certificate() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]);
    let made = made.expect("a certificate");
    (made.cert.pem(), made.signing_key.serialize_pem())
}

impl Exim {
    /// Starts one, and waits until it listens.
    pub(crate) async fn start() -> Self {
        assert!(
            Path::new(EXIM).exists(),
            "deploy/local/install --mail installs exim"
        );
        let room = TempDir::with_prefix("relink-exim").expect("a room");
        let path = room.path();
        let (certificate, key) = certificate();
        std::fs::write(path.join("certificate.pem"), certificate).expect("write");
        std::fs::write(path.join("key.pem"), key).expect("write");
        for below in ["spool", "mail"] {
            std::fs::create_dir(path.join(below)).expect("a directory");
        }
        let [started, inside] = servers::free_ports().expect("ports");
        let file = path.join("exim.conf");
        std::fs::write(&file, configuration(path, (started, inside))).expect("write");
        // The server gives up root's rights, and must still reach all of it; the configuration itself must be root's.
        give(path, USER);
        give(&file, "root");
        let named = format!("-C{}", file.display());
        let process = Process::start("exim", Path::new(EXIM), &[&named, "-bdf", "-q1m"], &[]);
        let mut exim = Self {
            room,
            ports: (started, inside),
            process,
        };
        exim.listens().await;
        exim
    }

    async fn listens(&mut self) {
        let (started, inside) = self.ports;
        for port in [started, inside] {
            eventually("exim listens", super::SOON, || {
                let (log, ended) = (self.process.log(), self.process.exited());
                assert!(ended.is_none(), "it ended: {log}");
                async move { TcpStream::connect(("127.0.0.1", port)).await.ok().map(drop) }
            })
            .await;
        }
    }

    /// Setting of it, with STARTTLS or with TLS from the first byte, as who knows the password.
    pub(crate) fn urls(&self) -> [String; 2] {
        let (started, inside) = self.ports;
        [
            format!("smtp://{LOGIN}@localhost:{started}"),
            format!("smtps://{LOGIN}@localhost:{inside}"),
        ]
    }

    /// The server at that address, its own certificate trusted.
    pub(crate) fn server(&self, url: &str) -> Server {
        let ca = std::fs::read(self.ca_file()).expect("its certificate");
        server(url, &ca)
    }

    pub(crate) fn ca_file(&self) -> PathBuf {
        self.room.path().join("certificate.pem")
    }

    /// Mails that lie in the owner's mailbox.
    pub(crate) fn mailbox(&self) -> String {
        std::fs::read_to_string(self.room.path().join("mail/owner")).unwrap_or_default()
    }
}

/// A server of which that certificate is trusted.
pub(crate) fn server(url: &str, ca: &[u8]) -> Server {
    let server = Server::parse(&url.into(), "Relink <notices@example.com>", Some(ca));
    server.expect("a server")
}

fn give(path: &Path, user: &str) {
    let given = Command::new("chown").args(["-R", user]).arg(path).status();
    assert!(given.expect("chown").success());
}
