//! Rows → persons: all rows with the same case code.
//!
//! Enters: the rows of all participants lists, in the order of lists (which is the order of trust) and rows. Leaves: one
//! person for each case code, in the order of their first rows. Invariant: every row that was not rejected belongs to
//! exactly one person; rejected rows belong to none. Absent on purpose: whether the rows contradict each other, see
//! [`super::conflicts`].
//!
//! What is taken from which row:
//! * name, sex and address: the first row, even where it is blank and another is not;
//! * language, format: the first row that has one;
//! * death, protection and address status: any row;
//! * representative and institution: the first row that has one. The contract is silent; somebody whom one list knows
//!   in a prison, or with a curator, must not be written to as if nobody knew. Name and role of a representative come
//!   from the same row;
//! * birth date, where it decides on the age: the first row that has one, for the same reason. Rows whose birth dates
//!   contradict each other are always held, so no other row can know better.

use rayon::slice::ParallelSliceMut;

use crate::intake::{Field, Participant, ParticipantRow};
use crate::model::case_code::CaseCode;

/// All persons of the participants lists.
pub struct Persons<'a> {
    rows: &'a [ParticipantRow],
    /// Case code and index of each usable row, the rows of a person together and in order.
    members: Vec<(CaseCode, usize)>,
    /// Where each person's rows start and end among the members, in the order of first rows.
    spans: Vec<(usize, usize)>,
}

impl<'a> Persons<'a> {
    /// Groups the rows by case code.
    pub fn group(rows: &'a [ParticipantRow]) -> Self {
        let mut members: Vec<(CaseCode, usize)> = rows
            .iter()
            .enumerate()
            .filter_map(|(index, row)| row.usable().map(|(case_code, _)| (case_code, index)))
            .collect();
        members.par_sort_unstable();
        let mut spans = Vec::new();
        let mut start = 0;
        for group in members.chunk_by(|left, right| left.0 == right.0) {
            spans.push((start, start + group.len()));
            start += group.len();
        }
        spans.par_sort_unstable_by_key(|&(start, _)| members[start].1);
        Self { rows, members, spans }
    }

    /// How many persons.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The person with this index, in the order of first rows.
    pub fn get(&self, index: usize) -> Person<'_> {
        let (start, end) = self.spans[index];
        Person { rows: self.rows, members: &self.members[start..end] }
    }
}

/// One person: at least one row.
#[derive(Clone, Copy)]
pub struct Person<'a> {
    rows: &'a [ParticipantRow],
    members: &'a [(CaseCode, usize)],
}

impl<'a> Person<'a> {
    /// The person's case code.
    pub fn case_code(&self) -> CaseCode {
        self.members[0].0
    }

    /// Indices of the person's rows, in the lists' order; the first carries the outcome.
    pub fn indices(&self) -> impl Iterator<Item = usize> + use<'a> {
        self.members.iter().map(|&(_, index)| index)
    }

    /// The row that carries the outcome.
    pub fn carrier(&self) -> &'a ParticipantRow {
        &self.rows[self.members[0].1]
    }

    /// The person's rows, in the lists' order.
    pub fn rows(&self) -> impl Iterator<Item = (&'a ParticipantRow, &'a Participant)> + use<'a> {
        let rows = self.rows;
        self.indices().filter_map(move |index| rows[index].usable().map(|(_, participant)| (&rows[index], participant)))
    }

    /// What each row says, in the lists' order.
    pub fn participants(&self) -> impl Iterator<Item = &'a Participant> + use<'a> {
        self.rows().map(|(_, participant)| participant)
    }

    /// Whether more than one row is about the person.
    pub fn has_several_rows(&self) -> bool {
        self.members.len() > 1
    }

    /// The field in the first row, whose name and address count; blank where it has none.
    pub fn first(&self, field: Field) -> &'a str {
        self.participants().next().map_or("", |participant| participant.get(field))
    }

    /// The field in the first row that has one; blank where none has.
    pub fn first_known(&self, field: Field) -> &'a str {
        self.participants().map(|participant| participant.get(field)).find(|text| !text.is_empty()).unwrap_or("")
    }

    /// Indices of the participants lists that the person stands in, in order, each once.
    pub fn lists(&self) -> Vec<u16> {
        let mut lists: Vec<u16> = self.rows().map(|(row, _)| row.list).collect();
        lists.dedup();
        lists
    }
}
