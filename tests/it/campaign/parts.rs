//! Faults of vendor profiles and letter templates.

use std::fs;

use meldpost::campaign::vendor::{Encryption, PasswordSource};
use meldpost::campaign::{builtin, builtin_names, load};

use super::{NO_VARIABLES, Variables, assert_told, campaign_with, problems_in, problems_of, replace};

#[test]
fn window_marks_and_limits_of_a_profile_must_fit_together() {
    assert_told(
        &problems_of("vendor-geometry"),
        &[
            ("press.toml", 4, "the window ends at 220.0 × 90.0 mm, off the page", "210 × 297 mm"),
            ("press.toml", 5, "`envelope.grams` is out of bounds", "from 0.1 to 500"),
            ("press.toml", 12, "the DataMatrix does not stand inside the left clear zone of 15 mm", "12.0 mm wide"),
            ("press.toml", 21, "a package would hold too many files", "at most 9999 files"),
        ],
    );
}

#[test]
fn a_window_in_a_clear_zone_and_a_window_too_small_are_told() {
    let folder = campaign_with("campaign-sound");
    replace(
        &folder,
        "vendors/press.toml",
        "left = 24.6, top = 50.0, width = 95.4",
        "left = 14.6, top = 50.0, width = 60.0",
    );
    assert_told(
        &problems_in(&folder, &NO_VARIABLES),
        &[
            ("press.toml", 4, "the window reaches into a clear zone", "move the window"),
            ("press.toml", 4, "a window of 60.0 × 40.0 mm is too small", "68.1 × 30.0 mm"),
        ],
    );
}

#[test]
fn window_and_mark_keep_to_each_side_of_their_place() {
    let window = "left = 24.6, top = 50.0, width = 95.4, height = 40.0";
    let mark = "left = 5.0, top = 120.0, module = 0.5";
    let (in_clear, off_zone, off_page) = (
        "the window reaches into a clear zone",
        "the DataMatrix does not stand inside the left clear zone of 15 mm",
        "the DataMatrix does not stand on the page",
    );
    let cases = [
        (window, "left = 14.9, top = 50.0, width = 95.4, height = 40.0", in_clear),
        (window, "left = 24.6, top = 4.9, width = 95.4, height = 40.0", in_clear),
        (window, "left = 99.7, top = 50.0, width = 95.4, height = 40.0", in_clear),
        (window, "left = 24.6, top = 252.1, width = 95.4, height = 40.0", in_clear),
        (mark, "left = 0.4, top = 120.0, module = 0.5", off_zone),
        (mark, "left = 5.6, top = 120.0, module = 0.5", off_zone),
        (mark, "left = 5.0, top = 0.4, module = 0.5", off_page),
        (mark, "left = 5.0, top = 287.6, module = 0.5", off_page),
        (mark, "left = 5.0, top = 120.0, module = 0.2", "modules of 0.2 mm cannot be read or placed"),
    ];
    for (old, new, message) in cases {
        let folder = campaign_with("campaign-sound");
        replace(&folder, "vendors/press.toml", old, new);
        let problems = problems_in(&folder, &NO_VARIABLES);
        let told: Vec<&str> = problems.iter().map(|problem| problem.message()).collect();
        assert_eq!(told, [message], "{new}");
    }
    for (old, new) in [
        (window, "left = 99.6, top = 5.0, width = 95.4, height = 40.0"),
        (window, "left = 15.0, top = 252.0, width = 95.4, height = 40.0"),
        (mark, "left = 5.5, top = 0.5, module = 0.5"),
        (mark, "left = 0.5, top = 287.5, module = 0.5"),
    ] {
        let folder = campaign_with("campaign-sound");
        replace(&folder, "vendors/press.toml", old, new);
        load(folder.path(), &NO_VARIABLES).unwrap_or_else(|problems| panic!("{new}: {problems}"));
    }
}

#[test]
fn built_in_profiles_are_sound_but_for_what_only_the_print_house_knows() {
    let password = Variables(&[("MELDPOST_ZIP_PASSWORD", "a long random password 4711")]);
    assert_eq!(builtin_names().collect::<Vec<_>>(), ["nl-stream", "nl-single", "nl-right-window", "simplex"]);
    for name in builtin_names() {
        assert!(builtin(name).is_some());
        let folder = campaign_with("campaign-sound");
        replace(&folder, "campaign.toml", "\"press\"", &format!("\"{name}\""));
        match load(folder.path(), &password) {
            Ok(campaign) => {
                assert!(matches!(campaign.vendor.encryption, Encryption::ZipAes256(PasswordSource::Env(_))), "{name}");
            }
            Err(problems) => {
                let empty = "`encryption.recipients` is empty: nobody could open the packages";
                let (file, copy) =
                    (format!("{name}.toml (built in)"), format!("copy the profile to vendors/{name}.toml"));
                assert_told(&problems, &[(&file, 33, empty, &copy)]);
            }
        }
    }
}

#[test]
fn a_profile_with_the_print_houses_recipients_takes_the_place_of_the_built_in_one() {
    let folder = campaign_with("campaign-sound");
    let recipient = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
    let text = builtin("nl-stream").expect("a profile").replace("[]", &format!("[\"{recipient}\"]"));
    fs::write(folder.path().join("vendors/nl-stream.toml"), text).expect("a file");
    replace(&folder, "campaign.toml", "\"press\"", "\"nl-stream\"");
    let campaign = load(folder.path(), &NO_VARIABLES).unwrap_or_else(|problems| panic!("{problems}"));
    assert!(matches!(&campaign.vendor.encryption, Encryption::Age(recipients) if *recipients == [recipient]));

    replace(&folder, "vendors/nl-stream.toml", "cac8p", "cac8q");
    let problems = problems_in(&folder, &NO_VARIABLES);
    assert!(problems.to_string().contains("this is no age recipient"), "{problems}");
}

#[test]
fn a_password_is_looked_at_before_anything_is_rendered() {
    let folder = campaign_with("campaign-sound");
    replace(&folder, "campaign.toml", "\"press\"", "\"simplex\"");
    let not_set = "the environment variable `MELDPOST_ZIP_PASSWORD` is not set";
    let file = "simplex.toml (built in)";
    assert_told(&problems_in(&folder, &NO_VARIABLES), &[(file, 32, not_set, "set the variable")]);
    let short = Variables(&[("MELDPOST_ZIP_PASSWORD", "nineteen characters\n")]);
    let message = "the password has fewer than 20 characters";
    assert_told(&problems_in(&folder, &short), &[(file, 32, message, "long random")]);
}

#[test]
fn faults_of_a_letter_file_are_all_told() {
    let problems = problems_of("template-faults");
    assert_told(
        &problems,
        &[
            ("letter.toml", 2, "the variant `seed` is taken", "choose another name"),
            ("letter.toml", 3, "the format `standard` is missing", "add it"),
            ("letter.toml", 4, "`pages_max` is out of bounds", "from 1 to 49"),
            ("letter.toml", 5, "unknown key `use`", "did you mean `uses`?"),
            ("letter.toml", 8, "`categories.bsn` does not know `identitty`", "did you mean `identity`?"),
            ("short/en", 0, "is no language of this letter", "add \"en\" to `languages`"),
            ("campaign.toml", 73, "the letter is not written in this language", "letter.toml"),
        ],
    );
}

#[test]
fn a_language_that_lacks_what_another_has_is_told_for_each_thing() {
    assert_told(
        &problems_of("template-parity"),
        &[
            ("en/categories.toml", 1, "`bsn.steps` is missing", "add `steps = "),
            ("en/categories.toml", 5, "unknown key `test_results`", "did you mean `test_result`?"),
            ("en/categories.toml", 8, "the category `test_result` is missing in language en", "add [test_result]"),
            ("en/labels.toml", 1, "the label `page` is missing in language en", "another language has it"),
            ("en/notes.md", 0, "is no file of a language", "take this file out"),
            ("nl/20-more.typ.j2", 0, "is missing", "another language has this part"),
        ],
    );
}

#[test]
fn a_letter_without_layout_or_subject_is_told() {
    let folder = campaign_with("campaign-sound");
    let template = folder.path().join("letter-templates/short");
    fs::remove_file(template.join("layout.typ")).expect("a file");
    fs::remove_file(template.join("nl/subject.typ.j2")).expect("a file");
    fs::remove_file(template.join("en/subject.typ.j2")).expect("a file");
    assert_told(
        &problems_in(&folder, &NO_VARIABLES),
        &[
            ("short/layout.typ", 0, "is missing", "add the layout"),
            ("nl/subject.typ.j2", 0, "is missing", "the subject line"),
            ("en/subject.typ.j2", 0, "is missing", "the subject line"),
        ],
    );
}
