//! The planned letters, as sealing and rendering read them.

use std::fs;

use meldpost::model::case_code::CaseCode;
use meldpost::plan::letters::{self, LetterReader};
use meldpost::plan::record::PlannedLetter;

use super::run_folder::Made;

/// Rows of one group in the file.
const GROUP: u64 = 5000;

#[test]
fn a_shard_reads_its_own_letters_only() {
    let run = Made::default().build();
    let made = |number: u64| {
        let mut planned = run.planned[0].clone();
        planned.letter.case_code = CaseCode::from_bits(number);
        planned
    };
    let planned: Vec<PlannedLetter> = (0..GROUP + 10).map(made).collect();
    let path = run.path().join("letters.parquet");
    letters::write(&path, &planned).expect("written");

    // Whoever reads the first group now, or only looks into it, fails.
    let mut bytes = fs::read(&path).expect("the file");
    let middle = bytes.len() / 2;
    bytes[4..middle].fill(0xFF);
    fs::write(&path, bytes).expect("written");
    let reader = LetterReader::new(&path);
    assert!(reader.slice(0, GROUP).is_err());
    let read = reader.slice(GROUP, 10).expect("letters");
    let codes: Vec<u64> = read.iter().map(|planned| planned.letter.case_code.bits()).collect();
    assert_eq!(codes, (GROUP..GROUP + 10).collect::<Vec<_>>());
}
