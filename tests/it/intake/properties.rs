//! Whatever bytes a list is made of: nothing crashes, and nothing is lost.

use polars::prelude::{NamedFrom, Series};
use proptest::prelude::*;

use super::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_exposure_row_has_one_outcome_and_every_category_one_used_row(rows in long_rows()) {
        let exposures = joined(&rows);
        prop_assert_eq!(exposures.outcomes.len(), rows.len());
        let known: usize = ["A1", "A2"].iter().map(|key| exposures.of(code(key)).categories().len()).sum();
        prop_assert_eq!(exposures.outcomes.iter().filter(|outcome| **outcome == Used).count(), known);
    }

    #[test]
    fn the_order_of_rows_does_not_matter_for_who_is_exposed_to_what(rows in long_rows().prop_shuffle(), seed in any::<u64>()) {
        let mut other = rows.clone();
        let middle = if rows.is_empty() { 0 } else { usize::try_from(seed % rows.len() as u64).expect("an index") };
        other.rotate_left(middle);
        other.reverse();
        let (one, other) = (joined(&rows), joined(&other));
        for key in ["A1", "A2", "A3", "A9"] {
            let (one, other) = (one.of(code(key)), other.of(code(key)));
            prop_assert_eq!(one.categories(), other.categories());
            prop_assert_eq!(one.unreadable(), other.unreadable());
            prop_assert_eq!(one.unknown_category(), other.unknown_category());
        }
        let count = |exposures: &Exposures, wanted: ExposureOutcome| exposures.outcomes.iter().filter(|outcome| **outcome == wanted).count();
        for outcome in [Used, DuplicateSame, DuplicateWeaker, OrphanNobody] {
            prop_assert_eq!(count(&one, outcome), count(&other, outcome));
        }
    }

    #[test]
    fn arbitrary_bytes_in_any_format_never_crash(bytes in proptest::collection::vec(any::<u8>(), 1..300), start in 0..3_usize) {
        let start: &[u8] = [&b""[..], b"PK\x03\x04", b"PAR1"][start];
        let mut content = start.to_vec();
        content.extend(&bytes);
        content.extend(start);
        for file in ["people.csv", "people.xlsx", "people.parquet"] {
            let _ = Lists::new().with("participants", PEOPLE, file, &content).read();
        }
    }

    #[test]
    fn damaged_files_never_crash(at in 0.0..1.0_f64, byte in any::<u8>()) {
        let sheet = workbook(&[&["person_key", "surname"].map(text).concat(), &["A1", "Smit"].map(text).concat()]);
        let columns = parquet(vec![Series::new("person_key".into(), ["A1"]), Series::new("surname".into(), ["Smit"])]);
        for (file, mut content) in [("people.xlsx", sheet), ("people.parquet", columns)] {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place inside the file")]
            #[expect(clippy::cast_precision_loss, reason = "a short file")]
            let place = (content.len() as f64 * at) as usize;
            content[place] = byte;
            let _ = Lists::new().with("participants", PEOPLE, file, &content).read();
        }
    }
}
