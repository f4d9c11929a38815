//! Whatever is altered after sealing is found, and said.

use std::fs;
use std::path::Path;

use meldpost::campaign::vendor::Form;
use meldpost::seal::{Finding, Keys, verify_package};

use super::run_folder::{Hashes, Made, RunFolder, entries, pdf, zip_of};

fn sealed() -> RunFolder {
    let run = Made::default().build();
    run.seal().expect("sealed");
    run.verify().expect("as sealed");
    run
}

fn findings(run: &RunFolder) -> Vec<Finding> {
    run.verify().expect_err("the alteration is found").findings
}

fn edit(path: &Path, alter: impl FnOnce(String) -> String) {
    let text = fs::read_to_string(path).expect("text");
    let altered = alter(text.clone());
    assert_ne!(text, altered, "the test alters nothing");
    fs::write(path, altered).expect("written");
}

fn assert_found(findings: &[Finding], file: &str, what: &str) {
    let found = findings.iter().any(|finding| finding.file == file && finding.what.contains(what));
    assert!(found, "no finding about {file} says `{what}`: {findings:#?}");
}

#[test]
fn a_changed_byte_of_a_package_is_found_wherever_it_stands() {
    let run = sealed();
    let path = run.package(1);
    let bytes = fs::read(&path).expect("a package");
    for position in (0..bytes.len()).step_by(97) {
        let mut altered = bytes.clone();
        altered[position] ^= 0x20;
        fs::write(&path, altered).expect("written");
        assert_found(&findings(&run), "breach-p0001.zip", "its sha256: found");
    }
}

#[test]
fn two_packages_in_each_others_place_are_found() {
    let run = sealed();
    let (first, second) = (run.package(1), run.package(2));
    let (a, b) = (fs::read(&first).expect("one"), fs::read(&second).expect("two"));
    fs::write(first, b).expect("swapped");
    fs::write(second, a).expect("swapped");
    let findings = findings(&run);
    assert_found(&findings, "breach-p0001.zip", "its sha256: found");
    assert_found(&findings, "breach-p0002.zip", "its sha256: found");
}

#[test]
fn a_package_that_is_missing_and_one_too_many_are_found() {
    let run = sealed();
    fs::rename(run.package(2), run.path().join("packages/breach-p0003.zip")).expect("renamed");
    let findings = findings(&run);
    assert_found(&findings, "breach-p0002.zip", "cannot be read");
    assert_found(&findings, "packages/", "breach-p0003.zip does not belong");
}

#[test]
fn one_changed_row_of_the_outcomes_is_found() {
    let run = sealed();
    edit(&run.path().join("outcomes.csv"), |text| text.replace("suppressed,deceased", "suppressed,do-not-mail"));
    let findings = findings(&run);
    assert_found(&findings, "outcomes.csv", "was changed");
    assert_found(&findings, "outcomes.csv", "its rows by outcome and reason");
}

#[test]
fn a_dropped_row_of_the_outcomes_is_named() {
    let run = sealed();
    edit(&run.path().join("outcomes.csv"), |text| {
        text.split_inclusive('\n').filter(|line| !line.starts_with("screening,3,")).collect()
    });
    let findings = findings(&run);
    assert_found(&findings, "outcomes.csv", "screening row 3 is missing");
    let code = run.planned[2].letter.case_code;
    assert_found(&findings, "outcomes.csv", &format!("{code} stands in a package but gets no letter"));
}

#[test]
fn a_row_of_the_exposure_outcomes_that_is_gone_is_named() {
    let run = sealed();
    edit(&run.path().join("exposure_outcomes.csv"), |text| text.replace("lab,3,orphan,nobody\n", ""));
    assert_found(&findings(&run), "exposure_outcomes.csv", "lab row 3 is missing");
}

#[test]
fn plan_and_reports_are_held_by_the_manifest() {
    for name in ["plan.json", "plan.parquet", "report.json", "report.html"] {
        let run = sealed();
        edit(&run.path().join(name), |text| format!("{text} "));
        assert_found(&findings(&run), name, "was changed");
    }
}

#[test]
fn an_edited_manifest_is_found_even_where_its_meaning_is_the_same() {
    let run = sealed();
    edit(&run.path().join("manifest.json"), |text| text.replace("  ", "   "));
    assert_found(&findings(&run), "manifest.json", "was edited");
}

#[test]
fn a_release_date_that_was_moved_in_the_manifest_is_found() {
    let run = sealed();
    edit(&run.path().join("manifest.json"), |text| {
        text.replacen("\"release_date\": \"2025-09-12\"", "\"release_date\": \"2025-09-11\"", 1)
    });
    assert_found(&findings(&run), "report.json", "not those of the manifest");
}

#[test]
fn inputs_and_totals_of_the_manifest_are_checked() {
    let run = sealed();
    edit(&run.path().join("manifest.json"), |text| {
        text.replace("\"rows\": 11", "\"rows\": 12").replace("\"pages\": 12", "\"pages\": 13")
    });
    let findings = findings(&run);
    assert_found(&findings, "manifest.json", "its rows: found 12, expected 11");
    assert_found(&findings, "manifest.json", "its inputs are not those of plan.json");
    assert_found(&findings, "breach-p0001.zip", "its pages");
}

#[test]
fn a_run_without_manifest_is_not_sealed_yet() {
    let run = sealed();
    fs::remove_file(run.path().join("manifest.json")).expect("removed");
    let error = run.verify().expect_err("no manifest");
    assert_eq!(error.exit_code(), 75);
}

/// Alters a package as somebody would who lists its hashes anew, and verifies it alone, far from its run.
fn verify_altered(form: Form, alter: impl FnOnce(&mut Vec<(String, Vec<u8>)>)) -> Vec<Finding> {
    let run = Made { form, ..Made::default() }.build();
    run.seal().expect("sealed");
    let mut package = entries(&fs::read(run.package(1)).expect("a package"));
    alter(&mut package);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("breach-p0001.zip");
    fs::write(&path, zip_of(&package, Hashes::ListedAnew)).expect("written");
    match verify_package(&path, &Keys::default()) {
        Ok(_) => Vec::new(),
        Err(error) => error.findings,
    }
}

fn text_of(entries: &mut [(String, Vec<u8>)], name: &str, alter: impl FnOnce(String) -> String) {
    let (_, bytes) = entries.iter_mut().find(|(entry, _)| entry == name).expect("the entry");
    let text = String::from_utf8(bytes.clone()).expect("text");
    let altered = alter(text.clone());
    assert_ne!(text, altered, "the test alters nothing");
    *bytes = altered.into_bytes();
}

#[test]
fn a_package_that_was_packed_anew_without_change_is_accepted() {
    for form in [Form::Stream, Form::Single] {
        assert_eq!(verify_altered(form, |_| {}), []);
    }
}

#[test]
fn a_row_that_was_dropped_from_the_index_is_found() {
    let dropped = |text: String| text.split_inclusive('\n').filter(|line| !line.starts_with("2,")).collect();
    for form in [Form::Stream, Form::Single] {
        let found = verify_altered(form, |entries| text_of(entries, "index.csv", dropped));
        assert_found(&found, "breach-p0001: index.csv", "a row before it is missing");
        assert_found(&found, "breach-p0001: job.xjdf", "its amount: found 6, expected 5");
    }
}

#[test]
fn a_page_that_was_removed_from_a_stream_is_found() {
    let found = verify_altered(Form::Stream, |entries| {
        entries[2].1 = pdf(&vec!["page".to_owned(); 5], 0);
    });
    assert_found(&found, "breach-p0001: streams/breach-p0001-0001.pdf", "its pages: found 5, expected 6");
}

#[test]
fn two_pdfs_in_each_others_place_are_found() {
    let found = verify_altered(Form::Stream, |entries| {
        let first = entries[2].1.clone();
        entries[2].1 = std::mem::replace(&mut entries[3].1, first);
    });
    assert_found(&found, "breach-p0001: streams/breach-p0001-0001.pdf", "its pages: found 4, expected 6");
}

#[test]
fn an_entry_that_does_not_belong_in_the_package_is_found() {
    let found = verify_altered(Form::Stream, |entries| entries.push(("notes.txt".to_owned(), b"hello".to_vec())));
    assert_found(&found, "breach-p0001.zip", "notes.txt does not belong");
}

#[test]
fn a_pdf_that_is_gone_is_found() {
    let found = verify_altered(Form::Single, |entries| {
        entries.remove(3);
    });
    assert!(
        found.iter().any(|finding| finding.file.contains("letters/") && finding.what == "is missing"),
        "{found:#?}"
    );
}

#[test]
fn a_mark_that_belongs_to_another_letter_is_found() {
    let found = verify_altered(Form::Stream, |entries| {
        text_of(entries, "index.csv", |text| {
            let mark =
                |row: usize| text.lines().nth(row).and_then(|line| line.rsplit(',').next()).expect("a mark").to_owned();
            text.replace(&mark(1), &mark(2))
        });
    });
    assert_found(&found, "breach-p0001: index.csv", "row 1: its mark");
}

#[test]
fn page_ranges_with_a_gap_are_found() {
    let found = verify_altered(Form::Stream, |entries| {
        text_of(entries, "index.csv", |text| text.replacen("0001.pdf,3,2,1", "0001.pdf,4,2,1", 1));
    });
    assert_found(&found, "breach-p0001: index.csv", "row 2: its first page is 4");
}

#[test]
fn a_changed_byte_is_found_by_the_packages_own_hashes() {
    let run = sealed();
    let mut package = entries(&fs::read(run.package(1)).expect("a package"));
    package[2].1[12] ^= 1;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("breach-p0001.zip");
    fs::write(&path, zip_of(&package, Hashes::Kept)).expect("written");
    let found = verify_package(&path, &Keys::default()).expect_err("found").findings;
    assert_found(&found, "breach-p0001: SHA256SUMS", "streams/breach-p0001-0001.pdf has another hash");
}

#[test]
fn a_package_in_its_run_is_compared_with_the_manifest() {
    let run = sealed();
    let path = run.package(1);
    assert!(verify_package(&path, &Keys::default()).expect("verified").in_manifest);
    let package = entries(&fs::read(&path).expect("a package"));
    fs::write(&path, zip_of(&package, Hashes::ListedAnew)).expect("packed anew");
    let found = verify_package(&path, &Keys::default()).expect_err("found").findings;
    assert_found(&found, "breach-p0001.zip", "its sha256 in the manifest");
}
