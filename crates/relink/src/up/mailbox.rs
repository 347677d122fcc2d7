//! The mail server of a demonstration: takes whatever it is given, and lays each mail into a file of its own.

use crate::commands::Failure;
use std::io::{Error, ErrorKind};
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::tcp::OwnedReadHalf;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// Bytes of a mail at most; a notice has some six thousand.
const MAIL_BYTES_MAX: usize = 256 * 1024;
/// Bytes of a line, of a command or of a mail, at most.
const LINE_BYTES_MAX: u64 = 16 * 1024;
/// Time after which a client that says nothing has left.
const SILENCE_MAX: Duration = Duration::from_mins(1);

/// The server, which ends when it is dropped, and the directory of its mails.
pub(crate) struct Mailbox {
    address: SocketAddr,
    shelf: Shelf,
    serving: JoinHandle<()>,
}

/// Mails that came, each a file `000001.eml`; shared by all who read them.
#[derive(Clone)]
pub(crate) struct Shelf {
    dir: Arc<PathBuf>,
    mails: Arc<Mutex<Vec<Mail>>>,
}

/// A mail of which the last line came.
#[derive(Clone)]
struct Mail {
    /// Recipient of the envelope, in lower case.
    to: String,
    file: PathBuf,
}

impl Mailbox {
    /// Opens it on a port of this machine. Mails of earlier runs go, unless the run's data is kept too.
    pub(crate) async fn open(dir: &Path, are_kept: bool) -> Result<Self, Failure> {
        let shelf = Shelf::at(dir.to_owned(), are_kept)?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let serving = tokio::spawn(serve(listener, shelf.clone()));
        Ok(Self {
            address,
            shelf,
            serving,
        })
    }

    /// Address, as `RELINK_SMTP_URL` says it.
    pub(crate) fn url(&self) -> String {
        format!("smtp://{}?tls=none", self.address)
    }

    /// Its mails.
    pub(crate) fn shelf(&self) -> &Shelf {
        &self.shelf
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Shelf {
    fn at(dir: PathBuf, are_kept: bool) -> Result<Self, Failure> {
        // What lies here leads into owners' pages.
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&dir)?;
        let shelf = Self {
            dir: Arc::new(dir),
            mails: Arc::default(),
        };
        for file in shelf.files()? {
            if are_kept {
                let to = String::new();
                shelf.locked().push(Mail { to, file });
            } else {
                std::fs::remove_file(file)?;
            }
        }
        Ok(shelf)
    }

    /// Directory of the files.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Number of mails that came, those that were kept included.
    pub(crate) fn count(&self) -> usize {
        self.locked().len()
    }

    /// Newest mail of this run to an address, as it came; none where there is none.
    pub(crate) fn newest_to(&self, address: &str) -> Option<String> {
        let mails = self.locked();
        let found = mails.iter().rev().find(|mail| mail.to == address)?;
        let bytes = std::fs::read(&found.file).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Every mail that lies in the directory now, whoever laid it there.
    pub(crate) fn texts(&self) -> Result<Vec<String>, Failure> {
        let read = |file: PathBuf| -> Result<String, Failure> {
            Ok(String::from_utf8_lossy(&std::fs::read(file)?).into_owned())
        };
        self.files()?.into_iter().map(read).collect()
    }

    fn files(&self) -> Result<Vec<PathBuf>, Failure> {
        let mut files = vec![];
        for entry in std::fs::read_dir(&*self.dir)? {
            let path = entry?.path();
            if path.extension().is_some_and(|it| it == "eml") {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }

    /// Writes a mail down, and only then knows it: whoever finds it can read it whole.
    fn lay(&self, to: &str, mail: &[u8]) -> Result<(), Error> {
        let mut mails = self.locked();
        let mut number = mails.len();
        let file = loop {
            number += 1;
            let file = self.dir.join(format!("{number:06}.eml"));
            // Somebody may have tidied up between the others.
            if !file.exists() {
                break file;
            }
        };
        std::fs::write(&file, mail)?;
        let to = to.to_lowercase();
        mails.push(Mail { to, file });
        Ok(())
    }

    fn locked(&self) -> MutexGuard<'_, Vec<Mail>> {
        self.mails.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Every conversation ends with the server.
async fn serve(listener: TcpListener, shelf: Shelf) {
    let mut talks = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    talks.spawn(talk(stream, shelf.clone()));
                }
            }
            // A client that is gone is nobody's loss: it has its mail still.
            Some(_) = talks.join_next() => {}
        }
    }
}

async fn talk(stream: TcpStream, shelf: Shelf) -> Result<(), Error> {
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    let mut to = String::new();
    writer.write_all(b"220 relink up\r\n").await?;
    while let Some(line) = line(&mut reader).await? {
        let line = String::from_utf8_lossy(&line).into_owned();
        let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        let answer = match verb.as_str() {
            "RCPT" => {
                let address = line.split(['<', '>']).nth(1);
                to = address.unwrap_or_default().to_owned();
                "250 taken\r\n"
            }
            "DATA" => {
                writer.write_all(b"354 go on\r\n").await?;
                let mail = message(&mut reader).await?;
                match shelf.lay(&to, &mail) {
                    Ok(()) => "250 kept\r\n",
                    Err(_) => "452 no room\r\n",
                }
            }
            "QUIT" => return writer.write_all(b"221 goodbye\r\n").await,
            "EHLO" | "HELO" | "MAIL" | "RSET" | "NOOP" => "250 well\r\n",
            _ => "502 not here\r\n",
        };
        writer.write_all(answer.as_bytes()).await?;
    }
    Ok(())
}

/// The mail up to its dot, without the dots that the protocol adds.
async fn message(reader: &mut BufReader<OwnedReadHalf>) -> Result<Vec<u8>, Error> {
    let mut mail = vec![];
    while let Some(line) = line(reader).await? {
        match line.strip_prefix(b".") {
            Some(b"\r\n" | b"\n") => return Ok(mail),
            Some(rest) => mail.extend_from_slice(rest),
            None => mail.extend_from_slice(&line),
        }
        if mail.len() > MAIL_BYTES_MAX {
            return Err(Error::other("a mail is too long"));
        }
    }
    Err(ErrorKind::UnexpectedEof.into())
}

/// The next line with its end; none once the client is gone.
async fn line(reader: &mut BufReader<OwnedReadHalf>) -> Result<Option<Vec<u8>>, Error> {
    let mut line = vec![];
    let mut bounded = reader.take(LINE_BYTES_MAX);
    let read = tokio::time::timeout(SILENCE_MAX, bounded.read_until(b'\n', &mut line));
    read.await??;
    if line.is_empty() {
        return Ok(None);
    }
    if !line.ends_with(b"\n") {
        return Err(Error::other("a line is too long, or cut off"));
    }
    Ok(Some(line))
}

#[cfg(test)]
mod tests;
