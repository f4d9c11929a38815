//! The file of the ledger: events are added, and never changed or removed.
//!
//! Enters: a path, and events in their order. Leaves: the same events, read in their order. Invariants: event numbers have
//! no gaps; the hash of each covers the one before; what was committed survives a power cut, what was not leaves no trace.
//! Absent on purpose: what events mean, and tables of what follows from them, which could say something else.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, params};

use super::error::LedgerError;
use super::event::{self, Event, Hash, Kind};
use super::head;
use crate::model::case_code::CaseCode;
use crate::store;

/// Events that wait in memory before they are handed to the database.
const BATCH: usize = 4096;

const SCHEMA: &str = "
CREATE TABLE events (
    number INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    run INTEGER NOT NULL,
    code INTEGER,
    detail TEXT NOT NULL,
    hash BLOB NOT NULL
) STRICT;
CREATE INDEX events_by_code ON events (code) WHERE code IS NOT NULL;
CREATE INDEX events_of_runs ON events (run) WHERE code IS NULL;
CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are not changed'); END;
CREATE TRIGGER events_are_not_removed BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are not removed'); END;
PRAGMA user_version = 1;
";

/// The version of the file's form.
const VERSION: i64 = 1;

/// An open ledger.
pub struct Ledger {
    connection: Connection,
    path: PathBuf,
    events: u64,
    last: Hash,
    waiting: Vec<Event>,
    added: bool,
}

impl Ledger {
    /// Opens the ledger, or begins one where there never was any.
    ///
    /// # Errors
    /// A ledger that is gone although there was one, that was changed, or that the disk refuses.
    pub fn open_or_create(path: &Path) -> Result<Self, LedgerError> {
        if !path.exists() && head::read(path)?.is_some() {
            return Err(LedgerError::Missing(path.to_owned()));
        }
        // The database would make the file readable for others.
        store::touch(path)?;
        Self::connect(path)
    }

    /// Opens a ledger that must be there.
    ///
    /// # Errors
    /// As [`Self::open_or_create`].
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        if path.exists() { Self::connect(path) } else { Err(LedgerError::Missing(path.to_owned())) }
    }

    fn connect(path: &Path) -> Result<Self, LedgerError> {
        let failed = || LedgerError::of(path);
        let connection = Connection::open(path).map_err(failed())?;
        connection.pragma_update(None, "synchronous", "FULL").map_err(failed())?;
        connection.pragma_update(None, "cache_size", -32_000).map_err(failed())?;
        let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(failed())?;
        match version {
            0 => {
                connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(())).map_err(failed())?;
                connection.execute_batch(&format!("BEGIN IMMEDIATE;{SCHEMA}COMMIT;")).map_err(failed())?;
            }
            VERSION => {}
            _ => return Err(LedgerError::damaged(path, "it has the form of another version of the program")),
        }
        let last: Option<(i64, Vec<u8>)> = connection
            .query_row("SELECT number, hash FROM events ORDER BY number DESC LIMIT 1", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .optional()
            .map_err(failed())?;
        let (events, last) = match last {
            None => (0, event::origin()),
            Some((number, hash)) => (unsigned(path, number)?, to_hash(path, number, &hash)?),
        };
        let ledger = Self { connection, path: path.to_owned(), events, last, waiting: Vec::new(), added: false };
        ledger.reaches_its_head()?;
        Ok(ledger)
    }

    /// A ledger that ends before its head, or differs there, has lost events.
    fn reaches_its_head(&self) -> Result<(), LedgerError> {
        let Some(head) = head::read(&self.path)? else { return Ok(()) };
        let known: Option<Vec<u8>> = self
            .connection
            .query_row("SELECT hash FROM events WHERE number = ?1", [signed(head.events)], |row| row.get(0))
            .optional()
            .map_err(LedgerError::of(&self.path))?;
        let hash = known.map_or_else(|| hex::encode(event::origin()), hex::encode);
        if self.events < head.events {
            return Err(LedgerError::damaged(
                &self.path,
                format!("it had {} events and has {} now", head.events, self.events),
            ));
        }
        if hash != head.hash {
            return Err(LedgerError::damaged(&self.path, format!("event {} is not the one it was", head.events)));
        }
        Ok(())
    }

    /// Where the ledger is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many events there are.
    pub const fn events(&self) -> u64 {
        self.events
    }

    /// Starts a transaction: what is added until [`Self::commit`] counts together or not at all.
    ///
    /// # Errors
    /// The disk.
    pub fn begin(&mut self) -> Result<(), LedgerError> {
        self.connection.execute_batch("BEGIN IMMEDIATE").map_err(LedgerError::of(&self.path))
    }

    /// Adds an event to the open transaction.
    ///
    /// # Errors
    /// The disk.
    pub fn add(&mut self, run: u32, kind: Kind, code: Option<CaseCode>, detail: String) -> Result<(), LedgerError> {
        let number = self.events + 1;
        let hash = event::hash(&self.last, number, kind.as_str(), run, code.map(CaseCode::bits), &detail);
        self.waiting.push(Event { number, kind, run, code, detail, hash });
        self.events = number;
        self.last = hash;
        self.added = true;
        if self.waiting.len() >= BATCH { self.hand_over() } else { Ok(()) }
    }

    fn hand_over(&mut self) -> Result<(), LedgerError> {
        let failed = || LedgerError::of(&self.path);
        let mut insert = self
            .connection
            .prepare("INSERT INTO events (number, kind, run, code, detail, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
            .map_err(failed())?;
        for event in self.waiting.drain(..) {
            let code = event.code.map(|code| signed(code.bits()));
            insert
                .execute(params![
                    signed(event.number),
                    event.kind.as_str(),
                    event.run,
                    code,
                    event.detail,
                    event.hash.as_slice()
                ])
                .map_err(failed())?;
        }
        Ok(())
    }

    /// Ends the transaction; what was added is on the disk.
    ///
    /// # Errors
    /// The disk; then nothing of the transaction counts, and the ledger is to be closed.
    pub fn commit(&mut self) -> Result<(), LedgerError> {
        self.hand_over()?;
        self.connection.execute_batch("COMMIT").map_err(LedgerError::of(&self.path))
    }

    /// Adds one event and commits it.
    ///
    /// # Errors
    /// The disk.
    pub fn note(&mut self, run: u32, kind: Kind, detail: String) -> Result<(), LedgerError> {
        self.begin()?;
        self.add(run, kind, None, detail)?;
        self.commit()
    }

    /// Visits the events that a condition selects, in their order.
    ///
    /// # Errors
    /// A damaged file, or what `visit` fails with.
    pub fn each(
        &self,
        condition: &str,
        values: &[&dyn rusqlite::ToSql],
        mut visit: impl FnMut(Event) -> Result<(), LedgerError>,
    ) -> Result<(), LedgerError> {
        let failed = || LedgerError::of(&self.path);
        let question =
            format!("SELECT number, kind, run, code, detail, hash FROM events WHERE {condition} ORDER BY number");
        let mut statement = self.connection.prepare(&question).map_err(failed())?;
        let mut rows = statement.query(values).map_err(failed())?;
        while let Some(row) = rows.next().map_err(failed())? {
            let number: i64 = row.get(0).map_err(failed())?;
            let strange = |what: &str| LedgerError::damaged(&self.path, format!("event {number} has no valid {what}"));
            let kind = row.get_ref(1).map_err(failed())?;
            let run: i64 = row.get(2).map_err(failed())?;
            let code: Option<i64> = row.get(3).map_err(failed())?;
            let hash = row.get_ref(5).map_err(failed())?;
            visit(Event {
                number: unsigned(&self.path, number)?,
                kind: kind.as_str().ok().and_then(Kind::parse).ok_or_else(|| strange("kind"))?,
                run: u32::try_from(run).map_err(|_| strange("run"))?,
                code: code
                    .map(|code| {
                        let bits = u64::try_from(code).ok().filter(|bits| bits >> 60 == 0);
                        bits.map(CaseCode::from_bits).ok_or_else(|| strange("case code"))
                    })
                    .transpose()?,
                detail: row.get(4).map_err(failed())?,
                hash: to_hash(&self.path, number, hash.as_blob().map_err(|_| strange("hash"))?)?,
            })?;
        }
        Ok(())
    }

    /// Whether the database finds its own structure whole; what it says where it does not.
    pub(super) fn structure(&self) -> Result<Option<String>, LedgerError> {
        let said: String = self
            .connection
            .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
            .map_err(LedgerError::of(&self.path))?;
        Ok((said != "ok").then_some(said))
    }

    /// Closes the ledger; after events were added, its head is written.
    ///
    /// # Errors
    /// The disk. Events that were committed stay.
    pub fn close(self) -> Result<(), LedgerError> {
        let Self { connection, path, events, last, added, .. } = self;
        let stale = head::read(&path)?.is_none_or(|head| head.events != events);
        if added || stale {
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).map_err(LedgerError::of(&path))?;
        }
        connection.close().map_err(|(_, error)| LedgerError::of(&path)(error))?;
        if (added || stale) && events > 0 {
            head::write(&path, events, &last)?;
        }
        Ok(())
    }
}

/// As the database keeps numbers; case codes have 60 bits.
const fn signed(number: u64) -> i64 {
    number.cast_signed()
}

fn unsigned(path: &Path, number: i64) -> Result<u64, LedgerError> {
    u64::try_from(number).map_err(|_| LedgerError::damaged(path, format!("event {number} has no valid number")))
}

fn to_hash(path: &Path, number: i64, bytes: &[u8]) -> Result<Hash, LedgerError> {
    bytes.try_into().map_err(|_| LedgerError::damaged(path, format!("event {number} has no valid hash")))
}
