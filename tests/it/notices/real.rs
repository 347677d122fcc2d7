//! A real mail server, with TLS and a login: Debian's exim, from a configuration of the test's own.

use super::SOON;
use jiff::Timestamp;
use mailing::{Letter, Mailer, OptOutUrl, Server};
use policy::notices::{MailAddress, MailOutcome, ServerTrouble};
use std::path::Path;
use tempfile::TempDir;
use tests::eventually::eventually;
use tests::process::Process;
use tests::size;

const EXIM: &str = "/usr/sbin/exim4";
const LOGIN: &str = "relink:hu%40sh";
const PASSWORD: &str = "hu@sh";

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
  deny !authenticated = * 
       message = log in first
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
  file = {room}/mail/$local_part
  user = Debian-exim
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

struct Exim {
    room: TempDir,
    ports: (u16, u16),
    ca: Vec<u8>,
    _process: Process,
}

impl Exim {
    fn start() -> Self {
        let room = TempDir::with_prefix("relink-exim").expect("a room");
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]);
        let made = made.expect("a certificate");
        let path = room.path();
        let ca = made.cert.pem().into_bytes();
        std::fs::write(path.join("certificate.pem"), &ca).expect("write");
        std::fs::write(path.join("key.pem"), made.signing_key.serialize_pem()).expect("write");
        for below in ["spool", "mail"] {
            std::fs::create_dir(path.join(below)).expect("a directory");
        }
        let [started, inside] = servers::free_ports().expect("ports");
        let text = configuration(path, (started, inside));
        let file = path.join("exim.conf");
        std::fs::write(&file, text).expect("write");
        // The server gives up root's rights, and must still reach all of it.
        let opened = std::process::Command::new("chown")
            .args(["-R", "Debian-exim"])
            .arg(path)
            .status();
        assert!(opened.expect("chown").success());
        // The configuration itself must be root's.
        let owned = std::process::Command::new("chown")
            .arg("root")
            .arg(&file)
            .status();
        assert!(owned.expect("chown").success());
        let named = format!("-C{}", file.display());
        let process = Process::start("exim", Path::new(EXIM), &[&named, "-bdf", "-q1m"], &[]);
        Self {
            room,
            ports: (started, inside),
            ca,
            _process: process,
        }
    }

    fn mailer(&self, url: &str) -> Mailer {
        let server = Server::parse(&url.into(), "Relink <notices@example.com>", Some(&self.ca));
        Mailer::new(server.expect("a server"))
    }
}

fn letter(name: &str) -> Letter {
    Letter {
        name: name.to_owned(),
        subject: "Grüße".to_owned(),
        text: "Hello\n.\nIt is safe.".to_owned(),
        html: "<p>Hello</p>".to_owned(),
        opt_out: Some(OptOutUrl("https://p.example/o/o1.x".to_owned())),
        at: Timestamp::UNIX_EPOCH,
    }
}

async fn told(mailer: &Mailer, name: &str, to: &str) -> MailOutcome {
    let to = [MailAddress(to.to_owned())];
    mailer.deliver(&letter(name), &to).await[0].outcome
}

#[tokio::test]
async fn r_lnk_7_a_real_mail_server_takes_mails_over_tls_with_a_login() {
    if !size::is_full() || !Path::new(EXIM).exists() {
        return;
    }
    let exim = Exim::start();
    let (started, inside) = exim.ports;
    let mailer = exim.mailer(&format!("smtp://{LOGIN}@localhost:{started}"));
    eventually("the server takes a mail", SOON, || async {
        let outcome = told(&mailer, "first", "owner@example.net").await;
        matches!(outcome, MailOutcome::Accepted { code: 250 }).then_some(())
    })
    .await;
    let mailer = exim.mailer(&format!("smtps://{LOGIN}@localhost:{inside}"));
    let outcome = told(&mailer, "second", "owner@example.net").await;
    assert_eq!(outcome, MailOutcome::Accepted { code: 250 });
    let outcome = told(&mailer, "third", "nobody@example.net").await;
    assert_eq!(outcome, MailOutcome::Undeliverable { code: 550 });
    let put_off = |trouble| MailOutcome::PutOff {
        code: Some(535),
        trouble: Some(trouble),
    };
    let stranger = exim.mailer(&format!("smtp://relink:wrong@localhost:{started}"));
    let outcome = told(&stranger, "fourth", "owner@example.net").await;
    assert_eq!(outcome, put_off(ServerTrouble::Login));
    // Another's certificate is nobody's server.
    let other =
        rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let url = format!("smtps://{LOGIN}@localhost:{inside}");
    let server = Server::parse(
        &url.as_str().into(),
        "r@example.com",
        Some(other.cert.pem().as_bytes()),
    );
    let outcome = told(
        &Mailer::new(server.expect("a server")),
        "fifth",
        "owner@example.net",
    )
    .await;
    let trouble = |outcome| {
        matches!(
            outcome,
            MailOutcome::PutOff {
                code: None,
                trouble: Some(ServerTrouble::Tls | ServerTrouble::Connect)
            }
        )
    };
    assert!(trouble(outcome), "{outcome:?}");
    let mailbox = exim.room.path().join("mail/owner");
    let mails = eventually("both mails lie there", SOON, || async {
        let text = std::fs::read_to_string(&mailbox).ok()?;
        (text.matches("Message-ID: <").count() >= 2).then_some(text)
    })
    .await;
    for part in [
        "Message-ID: <first@example.com>",
        "Message-ID: <second@example.com>",
        "Auto-Submitted: auto-generated",
        "List-Unsubscribe: <https://p.example/o/o1.x>",
    ] {
        assert!(mails.contains(part), "{part} is not in\n{mails}");
    }
    assert!(
        !mails.contains("<third@") && !mails.contains("<fourth@") && !mails.contains("<fifth@")
    );
}
