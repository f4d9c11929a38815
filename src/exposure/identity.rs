//! The people of all participants lists, and the row that says who each is.
//!
//! Enters: all participants rows. Leaves: case codes in order, each with its first usable row in the lists' order.
//! Invariant: rejected rows take no part. Absent on purpose: what routing makes of several rows of a person.

use polars::prelude::*;

use crate::intake::ParticipantRow;
use crate::model::case_code::CaseCode;

use super::join::{frame, numbers};

/// All people, in the order of their case codes.
pub struct People {
    /// Case codes, ascending, each once.
    pub codes: Vec<CaseCode>,
    /// Per person the index of the first usable row.
    pub identity_rows: Vec<u32>,
}

impl People {
    /// The people of these rows, which stand in the lists' order.
    pub fn of(rows: &[ParticipantRow]) -> Self {
        let usable = (0_u32..).zip(rows).filter_map(|(index, row)| Some((row.usable()?.0.bits(), index)));
        let (code, row): (Vec<u64>, Vec<u32>) = usable.unzip();
        let sorted = frame(vec![
            UInt64Chunked::from_vec("code".into(), code).into_column(),
            UInt32Chunked::from_vec("row".into(), row).into_column(),
        ])
        .sort(["code", "row"], SortMultipleOptions::default())
        .expect("columns of numbers can be sorted");
        let codes = sorted.column("code").and_then(Column::u64).expect("a column of numbers");
        let mut people = Self { codes: Vec::new(), identity_rows: Vec::new() };
        for (bits, row) in codes.into_no_null_iter().zip(numbers(&sorted, "row")) {
            let code = CaseCode::from_bits(bits);
            if people.codes.last() != Some(&code) {
                people.codes.push(code);
                people.identity_rows.push(row);
            }
        }
        people
    }
}
