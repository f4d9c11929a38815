//! Where each piece of a run is: packed, printed, inserted, posted, spoiled or returned.
//!
//! Enters: the ledger's letters and feedback of one run. Leaves: every piece with its state, what happened on which day, and
//! the balance. Invariants: a piece moves along the paths of [`PieceState::after`] only; letters = posted + destroyed + open,
//! asserted. A spoiled or rejected piece that is printed again is a further attempt of the same letter. A reprint may be
//! noted before or after the report of what was spoiled: copies are counted, so that either order leads to the same place.
//! A million pieces are kept at a time, so a piece is a few bytes.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use super::book::Ledger;
use super::error::LedgerError;
use super::event::Kind;
use super::feedback::FeedbackFile;
use super::moment::Moment;
use super::told::{package_numbers, package_of};
use crate::model::case_code::CaseCode;
use crate::model::outcome::ReturnReason;
use crate::seal::manifest::PackageEntry;

/// What a print house or the post reports of a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are those of the feedback")]
pub enum Status {
    Printed,
    Inserted,
    Posted,
    Spoiled,
    Rejected,
    Returned(ReturnReason),
}

impl Status {
    /// The spelling in feedback files.
    pub const fn as_str(self) -> &'static str {
        self.kind().as_str()
    }

    /// The event that notes it.
    pub(super) const fn kind(self) -> Kind {
        match self {
            Self::Printed => Kind::Printed,
            Self::Inserted => Kind::Inserted,
            Self::Posted => Kind::Posted,
            Self::Spoiled => Kind::Spoiled,
            Self::Rejected => Kind::Rejected,
            Self::Returned(_) => Kind::Returned,
        }
    }
}

/// Where a piece is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PieceState {
    /// In a package; nothing was heard of it.
    Packed,
    /// On paper.
    Printed,
    /// In its envelope.
    Inserted,
    /// With the post.
    Posted,
    /// Destroyed; to be printed again.
    Spoiled,
    /// Not taken by the print house; to be printed again.
    Rejected,
    /// With the post, and back.
    Returned(#[serde(skip)] ReturnReason),
}

/// Why feedback has no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refused {
    /// This was reported before, or is implied by what was.
    Double,
    /// A piece cannot go from where it is to there.
    ImpossibleTransition,
}

impl PieceState {
    /// The spelling in lists.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Packed => "packed",
            Self::Printed => "printed",
            Self::Inserted => "inserted",
            Self::Posted => "posted",
            Self::Spoiled => "spoiled",
            Self::Rejected => "rejected",
            Self::Returned(_) => "returned",
        }
    }

    /// Where the piece is after this was reported.
    ///
    /// # Errors
    /// Why the report has no effect.
    pub const fn after(self, status: Status) -> Result<Self, Refused> {
        use PieceState as At;
        match (self, status) {
            (At::Packed | At::Spoiled | At::Rejected, Status::Printed) => Ok(At::Printed),
            (At::Printed, Status::Inserted) => Ok(At::Inserted),
            (At::Inserted, Status::Posted) => Ok(At::Posted),
            (At::Packed | At::Printed | At::Inserted, Status::Spoiled) => Ok(At::Spoiled),
            (At::Packed | At::Printed | At::Inserted, Status::Rejected) => Ok(At::Rejected),
            (At::Posted, Status::Returned(reason)) => Ok(At::Returned(reason)),
            (At::Printed | At::Inserted | At::Posted | At::Returned(_), Status::Printed)
            | (At::Inserted | At::Posted | At::Returned(_), Status::Inserted)
            | (At::Posted | At::Returned(_), Status::Posted)
            | (At::Spoiled, Status::Spoiled)
            | (At::Rejected, Status::Rejected)
            | (At::Returned(_), Status::Returned(_)) => Err(Refused::Double),
            _ => Err(Refused::ImpossibleTransition),
        }
    }

    /// Neither posted nor destroyed.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Packed | Self::Printed | Self::Inserted)
    }
}

/// One letter of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// Whose it is.
    pub code: CaseCode,
    /// Index of its package among those of [`Pieces::packages`].
    pub package: u16,
    /// Where it is.
    pub state: PieceState,
    /// Further copies that were packed before a report said that the one before was destroyed.
    pub copies: u8,
}

impl Piece {
    /// The piece after this was reported; of a destroyed one a further copy may be packed already.
    ///
    /// # Errors
    /// Why the report has no effect.
    pub fn after(self, status: Status) -> Result<Self, Refused> {
        let state = self.state.after(status)?;
        Ok(match (state, self.copies.checked_sub(1)) {
            (PieceState::Spoiled | PieceState::Rejected, Some(copies)) => {
                Self { state: PieceState::Packed, copies, ..self }
            }
            _ => Self { state, ..self },
        })
    }

    /// The piece after it was put into a package of spoiled pieces.
    pub(super) const fn printed_again(self) -> Self {
        match self.state {
            PieceState::Spoiled | PieceState::Rejected => Self { state: PieceState::Packed, ..self },
            _ => Self { copies: self.copies.saturating_add(1), ..self },
        }
    }
}

/// What happened to pieces on one day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the feedback")]
pub struct Day {
    pub printed: u64,
    pub inserted: u64,
    pub posted: u64,
    pub spoiled: u64,
    pub rejected: u64,
    pub returned: u64,
}

impl Day {
    fn add(&mut self, status: Status) {
        *match status {
            Status::Printed => &mut self.printed,
            Status::Inserted => &mut self.inserted,
            Status::Posted => &mut self.posted,
            Status::Spoiled => &mut self.spoiled,
            Status::Rejected => &mut self.rejected,
            Status::Returned(_) => &mut self.returned,
        } += 1;
    }
}

/// All letters of a run.
#[derive(Debug, Clone, Default)]
pub struct Pieces {
    /// In the order of their case codes.
    pub all: Vec<Piece>,
    /// What was reported with effect, by the day on which it happened, in UTC.
    pub days: BTreeMap<Date, Day>,
    /// When each piece came back that did.
    pub returned_at: BTreeMap<CaseCode, Moment>,
    /// The packages of the run.
    pub packages: Vec<PackageEntry>,
    /// Every feedback file that was read, in order.
    pub files: Vec<FeedbackFile>,
}

/// What became of letters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Balance {
    /// Letters that were packed.
    pub letters: u64,
    /// With the post, those that came back included.
    pub posted: u64,
    /// Spoiled or rejected, and not printed again.
    pub destroyed: u64,
    /// Not yet posted.
    pub open: u64,
    /// Of the posted ones, those that came back.
    pub returned: u64,
}

impl Balance {
    /// The balance of some pieces.
    ///
    /// # Panics
    /// When letters are not posted + destroyed + open: a bug.
    pub fn of<'a>(pieces: impl Iterator<Item = &'a Piece>) -> Self {
        let mut balance = Self::default();
        pieces.for_each(|piece| balance.add(piece));
        balance.assert_whole();
        balance
    }

    fn add(&mut self, piece: &Piece) {
        self.letters += 1;
        match piece.state {
            PieceState::Packed | PieceState::Printed | PieceState::Inserted => self.open += 1,
            PieceState::Spoiled | PieceState::Rejected => self.destroyed += 1,
            PieceState::Posted => self.posted += 1,
            PieceState::Returned(_) => {
                self.posted += 1;
                self.returned += 1;
            }
        }
    }

    fn assert_whole(&self) {
        assert_eq!(self.letters, self.posted + self.destroyed + self.open, "letters = posted + destroyed + open");
    }
}

impl std::iter::Sum for Balance {
    fn sum<I: Iterator<Item = Self>>(balances: I) -> Self {
        balances.fold(Self::default(), |sum, balance| Self {
            letters: sum.letters + balance.letters,
            posted: sum.posted + balance.posted,
            destroyed: sum.destroyed + balance.destroyed,
            open: sum.open + balance.open,
            returned: sum.returned + balance.returned,
        })
    }
}

impl Pieces {
    /// The place of the piece with this code.
    pub fn find(&self, code: CaseCode) -> Option<usize> {
        self.all.binary_search_by_key(&code, |piece| piece.code).ok()
    }

    /// Moves a piece to where a report says that it is.
    ///
    /// # Errors
    /// Why the report has no effect.
    pub(super) fn take(&mut self, place: usize, status: Status, at: Moment) -> Result<(), Refused> {
        let piece = self.all[place].after(status)?;
        self.all[place] = piece;
        self.days.entry(at.date()).or_default().add(status);
        if let Status::Returned(_) = status {
            self.returned_at.insert(piece.code, at);
        }
        Ok(())
    }

    /// The balance of each package, in their order.
    ///
    /// # Panics
    /// When a package has another number of letters than the manifest says: a bug.
    pub fn balances(&self) -> Vec<Balance> {
        let mut balances = vec![Balance::default(); self.packages.len()];
        for piece in &self.all {
            balances[usize::from(piece.package)].add(piece);
        }
        for (balance, package) in balances.iter().zip(&self.packages) {
            balance.assert_whole();
            assert_eq!(balance.letters, package.letters, "letters of a package");
        }
        balances
    }
}

impl Ledger {
    /// Every piece of a sealed run, with where it is.
    ///
    /// # Errors
    /// A damaged file.
    pub fn pieces(&self, run: u32) -> Result<Pieces, LedgerError> {
        let mut pieces = Pieces::default();
        self.each("run = ?1 AND code IS NULL", &[&run], |event| {
            match event.kind {
                Kind::Package => pieces.packages.push(self.detail(&event)?),
                Kind::Feedback => pieces.files.push(self.detail(&event)?),
                _ => {}
            }
            Ok(())
        })?;
        let numbers = package_numbers(&pieces.packages);
        let mut reported = false;
        self.each("run = ?1 AND code IS NOT NULL", &[&run], |event| {
            let strange =
                |what: &str| LedgerError::damaged(self.path(), format!("event {} has no {what}", event.number));
            let code = event.code.ok_or_else(|| strange("case code"))?;
            // All letters of a run are noted before the first report of one of them can be.
            if event.kind == Kind::Letter && !reported {
                let package = package_of(&event).and_then(|package| numbers.get(package));
                let package = *package.ok_or_else(|| strange("valid detail"))?;
                pieces.all.push(Piece { code, package, state: PieceState::Packed, copies: 0 });
                return Ok(());
            }
            if !reported {
                pieces.all.sort_unstable_by_key(|piece| piece.code);
                reported = true;
            }
            let misplaced = || strange("place in its piece's history");
            let place = pieces.find(code).filter(|_| event.kind != Kind::Letter).ok_or_else(misplaced)?;
            if event.kind == Kind::Reprinted {
                pieces.all[place] = pieces.all[place].printed_again();
                return Ok(());
            }
            let (status, at) = self.reported(&event)?;
            pieces.take(place, status, at).map_err(|_| misplaced())
        })?;
        if !reported {
            pieces.all.sort_unstable_by_key(|piece| piece.code);
        }
        Ok(pieces)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERY: [Status; 6] = [
        Status::Printed,
        Status::Inserted,
        Status::Posted,
        Status::Spoiled,
        Status::Rejected,
        Status::Returned(ReturnReason::Moved),
    ];

    /// Which of the six is possible (+), double (=) or impossible (.) in each state.
    #[test]
    fn a_piece_goes_from_packed_to_posted_and_back_by_no_other_way() {
        let table = [
            (PieceState::Packed, "+..++."),
            (PieceState::Printed, "=+.++."),
            (PieceState::Inserted, "==+++."),
            (PieceState::Posted, "===..+"),
            (PieceState::Spoiled, "+..=.."),
            (PieceState::Rejected, "+...=."),
            (PieceState::Returned(ReturnReason::Refused), "===..="),
        ];
        for (state, expected) in table {
            let found: String = EVERY
                .into_iter()
                .map(|status| match state.after(status) {
                    Ok(_) => '+',
                    Err(Refused::Double) => '=',
                    Err(Refused::ImpossibleTransition) => '.',
                })
                .collect();
            assert_eq!(found, expected, "{state:?}");
        }
    }

    /// Spoiled once and printed once more: the letter ends with the post, whichever came first, the report or the package.
    #[test]
    fn a_copy_that_was_packed_before_the_report_takes_the_place_of_the_spoiled_piece() {
        let piece = Piece { code: CaseCode::from_bits(1), package: 0, state: PieceState::Printed, copies: 0 };
        let spoiled = |piece: Piece| piece.after(Status::Spoiled).unwrap();
        let before = spoiled(piece.printed_again());
        let after = spoiled(piece).printed_again();
        assert_eq!(before, after);
        assert_eq!((before.state, before.copies), (PieceState::Packed, 0));
        // The further copy can be spoiled too, and then none is left.
        assert_eq!(spoiled(before).state, PieceState::Spoiled);
        let ways = [Status::Printed, Status::Inserted, Status::Posted];
        let posted = ways.into_iter().try_fold(before, Piece::after).unwrap();
        assert_eq!(posted.state, PieceState::Posted);
    }

    #[test]
    fn every_letter_is_posted_destroyed_or_open() {
        let states = [
            PieceState::Packed,
            PieceState::Printed,
            PieceState::Inserted,
            PieceState::Posted,
            PieceState::Spoiled,
            PieceState::Rejected,
            PieceState::Returned(ReturnReason::Unknown),
        ];
        let pieces: Vec<Piece> = (0..)
            .zip(states)
            .map(|(code, state)| Piece { code: CaseCode::from_bits(code), package: 0, state, copies: 0 })
            .collect();
        let balance = Balance::of(pieces.iter());
        assert_eq!(balance, Balance { letters: 7, posted: 2, destroyed: 2, open: 3, returned: 1 });
    }
}
