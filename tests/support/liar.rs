//! A mail server that keeps what it is given and lies about it, over a real socket, without encryption.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// What it does to mails for an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
    /// Answers the recipient with that code.
    Recipient(u16),
    /// Answers the mail's sender with that code.
    Sender(u16),
    /// Takes the whole mail, and answers it with that code.
    Data(u16),
    /// Takes the whole mail, and says nothing.
    Silence,
    /// Takes the whole mail, and closes the connection.
    Close,
    /// Takes the whole mail, and says so once it has repented.
    Hold,
}

/// A mail of which the final dot arrived, whatever was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Recipient of the envelope.
    pub to: String,
    /// Head and body, decoded only of its dots.
    pub text: String,
}

impl Mail {
    /// Text as its reader sees it, lines put together again.
    pub fn said(&self) -> String {
        self.text.replace("=\n", "").replace("=3D", "=")
    }

    /// Value of a header on one line; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        let lines = self.text.lines().take_while(|line| !line.is_empty());
        let mut found = lines.filter_map(|line| line.split_once(": "));
        found
            .find(|(it, _)| *it == name)
            .map_or("", |(_, value)| value)
    }
}

#[derive(Default)]
struct Room {
    lies: HashMap<String, Lie>,
    mails: Vec<Mail>,
    begun: usize,
    /// Whoever waits for it to repent.
    waiting: Vec<oneshot::Sender<()>>,
}

/// The server; it ends with it.
pub struct Liar {
    address: String,
    room: Arc<Mutex<Room>>,
    task: JoinHandle<()>,
}

impl Drop for Liar {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Liar {
    /// Starts, honest to everybody.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address").to_string();
        let room = Arc::new(Mutex::new(Room::default()));
        let shared = Arc::clone(&room);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // Ends with its connection; a client that is gone is nobody's loss.
                drop(tokio::spawn(talk(stream, Arc::clone(&shared))));
            }
        });
        Self {
            address,
            room,
            task,
        }
    }

    /// Where it is, as a setting says it.
    pub fn url(&self) -> String {
        format!("smtp://{}?tls=none", self.address)
    }

    /// Lies from now on to mails for this address.
    pub fn lie(&self, to: &str, lie: Lie) {
        locked(&self.room).lies.insert(to.to_owned(), lie);
    }

    /// Lies to nobody any more.
    pub fn repent(&self) {
        let mut room = locked(&self.room);
        room.lies.clear();
        room.waiting.clear();
    }

    /// Mails that came whole, in their order.
    pub fn mails(&self) -> Vec<Mail> {
        locked(&self.room).mails.clone()
    }

    /// Mails that came whole for this address.
    pub fn mails_for(&self, to: &str) -> Vec<Mail> {
        let mut mails = self.mails();
        mails.retain(|mail| mail.to == to);
        mails
    }

    /// Connections that were begun.
    pub fn begun(&self) -> usize {
        locked(&self.room).begun
    }
}

fn locked(room: &Mutex<Room>) -> std::sync::MutexGuard<'_, Room> {
    room.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn talk(stream: TcpStream, room: Arc<Mutex<Room>>) -> std::io::Result<()> {
    locked(&room).begun += 1;
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    say(&mut writer, 220).await?;
    let (mut to, mut line) = (String::new(), String::new());
    loop {
        line.clear();
        if reader.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let (verb, rest) = line.trim_end().split_at(line.trim_end().len().min(4));
        match verb.to_ascii_uppercase().as_str() {
            "MAIL" => {
                let lies: Vec<Lie> = locked(&room).lies.values().copied().collect();
                let code = lies.iter().find_map(|lie| match lie {
                    Lie::Sender(code) => Some(*code),
                    _ => None,
                });
                say(&mut writer, code.unwrap_or(250)).await?;
            }
            "RCPT" => {
                to = rest.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                let code = match lie_to(&room, &to) {
                    Some(Lie::Recipient(code)) => code,
                    _ => 250,
                };
                say(&mut writer, code).await?;
            }
            "DATA" => {
                say(&mut writer, 354).await?;
                let text = message(&mut reader).await?;
                let mail = Mail {
                    to: to.clone(),
                    text,
                };
                locked(&room).mails.push(mail);
                match lie_to(&room, &to) {
                    Some(Lie::Data(code)) => say(&mut writer, code).await?,
                    Some(Lie::Silence) => {
                        // Until the other end gives up.
                        while reader.read_line(&mut line).await? != 0 {}
                        return Ok(());
                    }
                    Some(Lie::Close) => return Ok(()),
                    Some(Lie::Hold) => {
                        repented(&room).await;
                        say(&mut writer, 250).await?;
                    }
                    _ => say(&mut writer, 250).await?,
                }
            }
            "QUIT" => return say(&mut writer, 221).await,
            _ => say(&mut writer, 250).await?,
        }
    }
}

fn lie_to(room: &Mutex<Room>, to: &str) -> Option<Lie> {
    locked(room).lies.get(to).copied()
}

async fn repented(room: &Mutex<Room>) {
    let (sender, dropped) = oneshot::channel();
    {
        let mut room = locked(room);
        if !room.lies.is_empty() {
            room.waiting.push(sender);
        }
    }
    // Ends with its sender.
    drop(dropped.await);
}

async fn message(reader: &mut BufReader<OwnedReadHalf>) -> std::io::Result<String> {
    let (mut text, mut line) = (String::new(), String::new());
    loop {
        line.clear();
        if reader.read_line(&mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        match line.trim_end() {
            "." => return Ok(text),
            it => text += it.strip_prefix('.').unwrap_or(it),
        }
        text.push('\n');
    }
}

async fn say(writer: &mut OwnedWriteHalf, code: u16) -> std::io::Result<()> {
    writer
        .write_all(format!("{code} liar\r\n").as_bytes())
        .await
}
