//! The referee's log: a ring of the last requests, and optionally a file with all of them.

use crate::control::{Action, LogLine};
use jiff::Timestamp;
use serde_json::json;
use std::collections::VecDeque;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;

/// Holds the last `room` lines. Lines are numbered from 1 without holes, so a line's place follows from its number.
pub(crate) struct Log {
    lines: VecDeque<LogLine>,
    room: usize,
    last_seq: u64,
    file: Option<File>,
}

impl Log {
    /// Appends to the file if one is named.
    pub(crate) fn open(room: usize, file: Option<&Path>) -> std::io::Result<Self> {
        let file = file
            .map(|path| File::options().create(true).append(true).open(path))
            .transpose()?;
        Ok(Self {
            lines: VecDeque::new(),
            room: room.max(1),
            last_seq: 0,
            file,
        })
    }

    /// Numbers the line and keeps it; the number is what [`Log::answered`] wants to know.
    pub(crate) fn arrived(&mut self, mut line: LogLine) -> u64 {
        self.last_seq += 1;
        line.seq = self.last_seq;
        self.append(&line);
        if self.lines.len() == self.room {
            self.lines.pop_front();
        }
        self.lines.push_back(line);
        self.last_seq
    }

    /// Notes how request `seq` ended. In the file this is a second line.
    pub(crate) fn answered(
        &mut self,
        seq: u64,
        status: Option<u16>,
        fault: Option<&str>,
        at: Timestamp,
    ) {
        self.append(&json!({ "seq": seq, "status": status, "fault": fault, "answered_at": at }));
        if let Some(line) = self.line(seq) {
            line.status = status;
            line.fault = fault.map(ToOwned::to_owned);
            line.answered_at = Some(at);
        }
    }

    /// Notes that the route of request `seq` is run from here.
    pub(crate) fn executing(&mut self, seq: u64) {
        if let Some(line) = self.line(seq) {
            line.executed = true;
        }
    }

    /// Notes what request `seq` did, and for which session. In the file this is a line of its own.
    pub(crate) fn took_effect(&mut self, seq: u64, session: &str, action: Action) {
        self.append(&json!({ "seq": seq, "account": session, "effect": action }));
        if let Some(line) = self.line(seq) {
            line.account = Some(session.to_owned());
            line.effect = Some(action);
        }
    }

    fn line(&mut self, seq: u64) -> Option<&mut LogLine> {
        let first = self.lines.front()?.seq;
        let place = usize::try_from(seq.checked_sub(first)?).ok()?;
        self.lines.get_mut(place)
    }

    /// Up to `limit` lines after number `since`, oldest first.
    pub(crate) fn since(&self, since: u64, limit: usize) -> impl Iterator<Item = &LogLine> {
        self.lines
            .iter()
            .skip_while(move |line| line.seq <= since)
            .take(limit)
    }

    /// One write a line, so that a killed process loses no line that it had taken in.
    fn append(&mut self, line: &impl serde::Serialize) {
        let Some(file) = &mut self.file else { return };
        let written = serde_json::to_vec(line)
            .map_err(std::io::Error::from)
            .and_then(|mut text| {
                text.push(b'\n');
                file.write_all(&text)
            });
        if let Err(error) = written {
            tracing::error!(%error, "the request log's file takes no more; it ends here");
            self.file = None;
        }
    }
}
