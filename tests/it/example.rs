//! The example campaign, from its lists to sealed packages.

use std::collections::BTreeMap;

use crate::harness::{copy, finish, json, plain_hashes, program, root, rows, walk};

/// The example's keys begin so: the range of invented citizen service numbers.
const KEY_RANGE: &str = "99999";

/// Outcome and reason by list and row.
fn outcomes(path: &std::path::Path) -> BTreeMap<(String, String), (String, String)> {
    rows(path)
        .into_iter()
        .skip(1)
        .map(|row| ((row[0].clone(), row[1].clone()), (row[2].clone(), row[3].clone())))
        .collect()
}

#[test]
fn every_row_of_the_example_has_the_outcome_that_was_meant() {
    let folder = tempfile::tempdir().expect("a work folder");
    let campaign = folder.path().join("campaign");
    copy(&root().join("examples/laboratory-breach"), &campaign);
    let run = folder.path().join("run");
    let one = folder.path().join("one");
    let start = |run: &std::path::Path, threads: &str| {
        finish(program(["run", "--threads", threads, "--run"]).arg(run).arg(&campaign)).ends(0);
    };
    start(&run, "4");
    start(&one, "1");
    assert_eq!(plain_hashes(&run), plain_hashes(&one), "one thread and four give the same bytes");
    finish(program(["verify"]).arg(&run)).ends(0);

    for (file, meant) in [("outcomes.csv", "outcomes.csv"), ("exposure_outcomes.csv", "exposure_outcomes.csv")] {
        let meant = outcomes(&root().join("tests/fixtures/example").join(meant));
        let found = outcomes(&run.join(file));
        assert_eq!(found.len(), meant.len(), "{file}");
        for (row, outcome) in &meant {
            assert_eq!(found.get(row), Some(outcome), "{file} {row:?}");
        }
    }
    let manifest = json(&run.join("manifest.json"));
    assert_eq!(manifest["totals"]["letters"], manifest["outcomes"]["letter"]);
}

#[test]
fn no_person_key_is_in_any_file_of_a_run() {
    let folder = tempfile::tempdir().expect("a work folder");
    let run = folder.path().join("run");
    finish(program(["run", "--run"]).arg(&run).arg(root().join("examples/laboratory-breach"))).ends(0);
    let keys = keys_of_the_example();
    assert!(keys.len() > 100, "the example has keys to look for");
    let mut looked_at = 0;
    walk(&run, &mut |path| {
        if path.is_file() {
            looked_at += 1;
            let bytes = std::fs::read(path).expect("a file");
            assert!(!holds(&bytes, &keys), "{} holds a key", path.display());
            if path.extension().is_some_and(|extension| extension == "zip") {
                for (name, entry) in entries(&bytes) {
                    assert!(!holds(&entry, &keys), "{name} in {} holds a key", path.display());
                    if std::path::Path::new(&name).extension().is_some_and(|extension| extension == "pdf") {
                        for stream in streams(entry) {
                            assert!(!holds(&stream, &keys), "a stream of {name} holds a key");
                        }
                    }
                }
            }
        }
    });
    assert!(looked_at > 20);
}

/// The nine digits of every citizen service number on the example's CSV lists.
fn keys_of_the_example() -> Vec<Vec<u8>> {
    let mut keys = std::collections::BTreeSet::new();
    for file in ["screening-first-letter", "screening-second-delivery", "practitioner"] {
        let bytes = std::fs::read(root().join(format!("examples/laboratory-breach/data/{file}.csv"))).expect("a list");
        let text = String::from_utf8_lossy(&bytes).replace('.', "");
        for word in text.split(|character: char| !character.is_ascii_digit()) {
            if word.len() == 9 && word.starts_with(KEY_RANGE) {
                keys.insert(word.as_bytes().to_vec());
            }
        }
    }
    keys.into_iter().collect()
}

fn holds(bytes: &[u8], keys: &[Vec<u8>]) -> bool {
    // All keys begin alike: only where the beginning stands, the whole is compared.
    bytes
        .windows(9)
        .filter(|window| window.starts_with(KEY_RANGE.as_bytes()))
        .any(|window| keys.iter().any(|key| key == window))
}

fn entries(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("a package");
    (0..zip.len())
        .map(|index| {
            let mut entry = zip.by_index(index).expect("an entry");
            let mut content = Vec::new();
            std::io::Read::read_to_end(&mut entry, &mut content).expect("its content");
            (entry.name().expect("a name").to_string(), content)
        })
        .collect()
}

fn streams(pdf: Vec<u8>) -> Vec<Vec<u8>> {
    let pdf = hayro_syntax::Pdf::new(pdf).expect("a PDF");
    pdf.objects()
        .into_iter()
        .filter_map(|object| object.into_stream())
        .filter_map(|stream| stream.decoded().ok().map(|data| data.into_owned()))
        .collect()
}
