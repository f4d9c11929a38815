//! The built-in profile for single PDFs, end to end: its limits, its password, and that no plaintext stays.

use super::packages::{Letters, PASSWORD_VARIABLE, PEOPLE, Package, profile};
use crate::harness::{CAMPAIGN, RUN, files, finish};

fn letters_in(package: &Package) -> usize {
    package.rows.iter().filter(|row| row.variant != "seed").count()
}

#[test]
fn single_pdfs_are_packed_as_the_profile_says_and_leave_nothing_in_plain() {
    let letters = Letters::of("nl-single", None);
    letters.seal();
    let packages = letters.packages();
    assert_eq!(packages.iter().map(letters_in).sum::<usize>(), PEOPLE as usize);
    for package in &packages {
        assert!(!package.folder.join("job.xjdf").exists(), "the profile asks for no ticket");
        for row in &package.rows {
            assert_eq!((row.file.clone(), row.first_page), (format!("letters/{}.pdf", row.case_code), 1));
        }
    }
    for (name, bytes) in files(&letters.work.run_folder()) {
        assert!(!bytes.windows(5).any(|bytes| bytes == b"%PDF-"), "{name} holds a letter in plain");
    }
    let locked = letters.meldpost(["verify".as_ref(), packages[0].file.as_os_str()]).ends(0).stdout;
    assert!(locked.contains("not opened"), "{locked}");
    let opened = letters.meldpost(["verify", RUN, "--password-env", PASSWORD_VARIABLE]).ends(0).stdout;
    assert!(opened.contains("verified") && !opened.contains("outer hash only"), "{opened}");
}

#[test]
fn a_package_is_closed_before_it_holds_too_many_pdfs() {
    let letters = Letters::of(
        "nl-single",
        Some(&profile("nl-single", "max_letters_per_package = 500", "max_letters_per_package = 4")),
    );
    letters.seal();
    let packages = letters.packages();
    assert_eq!(packages.iter().map(letters_in).sum::<usize>(), PEOPLE as usize);
    for package in &packages {
        let pdfs = package.rows.len();
        assert!(pdfs <= 4, "{}: {pdfs} PDFs, control letters among them", package.id);
    }
    assert!(packages.iter().any(|package| package.rows.len() == 4), "packages are filled");
}

#[test]
fn control_letters_that_leave_no_room_for_letters_are_refused() {
    let letters = Letters::of(
        "nl-single",
        Some(&profile("nl-single", "max_letters_per_package = 500", "max_letters_per_package = 1")),
    );
    letters.meldpost(["check", CAMPAIGN]).ends(78).says(&["1 control letters leave no room for letters"]);
}

#[test]
fn a_missing_or_short_password_is_refused_before_anything_is_made() {
    let letters = Letters::of("nl-single", None);
    for (password, said) in [(None, PASSWORD_VARIABLE), (Some("nineteen characters"), "20 characters")] {
        let mut command = letters.work.command(["run", CAMPAIGN, "--run", RUN]);
        command.envs(password.map(|password| (PASSWORD_VARIABLE, password)));
        let ran = finish(&mut command).ends(78).says(&[said]);
        if let Some(password) = password {
            ran.hides(password);
        }
        assert!(!letters.work.run_folder().exists());
    }
}

#[test]
fn packages_are_uniform_in_sheets_each_piece_begins_a_sheet_and_weighs_what_its_paper_weighs() {
    for package in super::packages::sealed() {
        let letters: Vec<_> = package.rows.iter().filter(|row| row.variant != "seed").collect();
        assert!(letters.windows(2).all(|pair| pair[0].sheets == pair[1].sheets), "{}: one weight class", package.id);
        for row in &package.rows {
            assert_eq!((row.pages, row.first_page % 2), (2 * row.sheets, 1), "{}", row.case_code);
            // An envelope of 6 g, and A4 of 80 g a square metre.
            let weight = ["11.0", "16.0", "21.0"][usize::try_from(row.sheets).unwrap() - 1];
            assert_eq!(row.weight_g, weight, "{}", row.case_code);
        }
    }
}
