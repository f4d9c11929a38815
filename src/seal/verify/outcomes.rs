//! Reads the outcome files back: every row of every list once, in order, and what became of it.
//!
//! Enters: the files and the lists' rows. Leaves: counts and the letters' case codes. Invariant: rows stream through;
//! memory holds 8 bytes a letter.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use super::finding::Findings;
use crate::model::case_code::CaseCode;
use crate::model::outcome::{ExposureRejected, Outcome};
use crate::plan::record::InputFile;
use crate::seal::manifest::OutcomeCounts;

const OUTCOMES_HEADER: [&str; 7] = ["list", "row", "outcome", "reason", "case_code", "source_ref", "detail"];
const EXPOSURES_HEADER: [&str; 4] = ["list", "row", "outcome", "reason"];

/// What `outcomes.csv` says.
#[derive(Default)]
pub(super) struct Read {
    pub(super) counts: OutcomeCounts,
    /// Case codes of the letters, sorted.
    pub(super) letters: Vec<u64>,
}

/// Reads `outcomes.csv`.
pub(super) fn participants(run: &Path, inputs: &[InputFile], findings: &mut Findings) -> Read {
    let mut read = Read::default();
    let lists = of_kind(inputs, "participants");
    each_row(&run.join("outcomes.csv"), &OUTCOMES_HEADER, &lists, findings, |at, row, findings| {
        let Some(outcome) = Outcome::parse(&row[2], &row[3]) else {
            return findings.add(format!("{at}: its outcome or reason is none"));
        };
        let code = CaseCode::parse(&row[4]).filter(|code| code.printed() == row[4]);
        if matches!(outcome, Outcome::Rejected(_)) != row[4].is_empty() || (code.is_none() && !row[4].is_empty()) {
            findings.add(format!("{at}: its case code is none, or is there although the row was rejected"));
        }
        read.counts.add(outcome);
        if let (Outcome::Letter(_), Some(code)) = (outcome, code) {
            read.letters.push(code.bits());
        }
    });
    read.letters.sort_unstable();
    if read.letters.windows(2).any(|pair| pair[0] == pair[1]) {
        findings.add("somebody gets two letters");
    }
    read
}

/// Reads `exposure_outcomes.csv`.
pub(super) fn exposures(run: &Path, inputs: &[InputFile], findings: &mut Findings) {
    let lists = of_kind(inputs, "exposures");
    each_row(&run.join("exposure_outcomes.csv"), &EXPOSURES_HEADER, &lists, findings, |at, row, findings| {
        let known = match &row[2] {
            "used" => matches!(&row[3], "" | "empty"),
            "duplicate" => matches!(&row[3], "weaker" | "same"),
            "orphan" => matches!(&row[3], "nobody" | "person-rejected"),
            "rejected" => ExposureRejected::parse(&row[3]).is_some(),
            _ => false,
        };
        if !known {
            findings.add(format!("{at}: its outcome or reason is none"));
        }
    });
}

fn of_kind<'a>(inputs: &'a [InputFile], kind: &str) -> Vec<&'a InputFile> {
    inputs.iter().filter(|input| input.kind == kind).collect()
}

/// Calls `check` for every row, and sees that each list has each row once, in order.
fn each_row(
    path: &Path,
    header: &[&str],
    lists: &[&InputFile],
    findings: &mut Findings,
    mut check: impl FnMut(&str, &csv::StringRecord, &mut Findings),
) {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) => return findings.add(format!("cannot be read: {error}")),
    };
    let mut reader = csv::Reader::from_reader(BufReader::with_capacity(1 << 18, file));
    if reader.headers().is_ok_and(|found| found != header) {
        return findings.add("the columns are not the agreed ones");
    }
    let mut expected = lists.iter().flat_map(|list| (1..=list.rows).map(move |row| (list.id.as_str(), row)));
    let mut row = csv::StringRecord::new();
    let mut in_order = true;
    let mut at = String::new();
    loop {
        match reader.read_record(&mut row) {
            Ok(false) => break,
            Ok(true) => {}
            Err(error) => return findings.add(format!("cannot be read to its end: {error}")),
        }
        at.clear();
        at.extend([&row[0], " row ", &row[1]]);
        let next = expected.next();
        if in_order && next.is_none_or(|(list, number)| row[0] != *list || row[1].parse() != Ok(number)) {
            // What follows is shifted by the same row; said once it says enough.
            in_order = false;
            match next {
                Some((list, number)) => {
                    findings.add(format!("{list} row {number} is missing; {at} stands in its place"));
                }
                None => findings.add(format!("{at} does not belong in it")),
            }
        }
        check(&at, &row, findings);
    }
    if let (true, Some((list, number))) = (in_order, expected.next()) {
        findings.add(format!("{list} row {number} is missing"));
    }
}
