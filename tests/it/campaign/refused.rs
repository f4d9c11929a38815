//! Faults of `campaign.toml`: all told, with place and hint, and without what is secret.

use std::fs;

use meldpost::campaign::load;
use meldpost::campaign::settings::ExposureLayout;
use tempfile::TempDir;

use super::{NO_VARIABLES, Variables, assert_hidden, assert_told, campaign_with, problems_in, problems_of, replace};

#[test]
fn unknown_keys_are_told_at_every_level_with_the_nearest_known_one() {
    assert_told(
        &problems_of("campaign-unknown-keys"),
        &[
            ("campaign.toml", 4, "unknown key `vendors`", "did you mean `vendor`?"),
            ("campaign.toml", 7, "unknown key `case_code_key.fiel`", "did you mean `file`?"),
            ("campaign.toml", 19, "unknown key `participants.colour`", "known here: `population`, `id`, `path`"),
            ("campaign.toml", 53, "unknown key `variants.comment`", "known here: `id`, `when`"),
            ("campaign.toml", 65, "unknown key `limits.max_reject_percent`", "did you mean `max_rejected_percent`?"),
            ("campaign.toml", 69, "unknown key `release.per_week`", "known here: `per_day`"),
        ],
    );
}

#[test]
fn several_faults_of_one_file_are_all_told() {
    let problems = problems_of("campaign-several-faults");
    assert_told(
        &problems,
        &[
            ("campaign.toml", 1, "`id` is no campaign id", "1 to 40 of a-z, 0-9 and `-`"),
            ("campaign.toml", 2, "`letter` does not know `shrot`", "did you mean `short`?"),
            ("campaign.toml", 3, "`date` must be a date without quotes, but is a text", "write `date = 2025-09-12`"),
            ("campaign.toml", 4, "`vendor` does not know `pres`", "did you mean `press`? put it in vendors/pres.toml"),
            ("campaign.toml", 5, "`default_language` does not know `fr`", "one of: `nl`, `en`, `both`"),
            ("campaign.toml", 11, "`sender.return_line` is missing", "add `return_line = "),
            ("campaign.toml", 62, "`limits.max_rejected_percent` is out of bounds", "from 0 to 100"),
            ("campaign.toml", 65, "`release.per_day` is out of bounds", "from 1 to"),
        ],
    );
    let vendor = problems.iter().find(|problem| problem.line() == Some(4)).expect("the vendor's");
    assert_eq!(vendor.column(), Some(10));
}

#[test]
fn faults_of_all_three_files_are_told_together() {
    let folder = campaign_with("template-faults");
    replace(&folder, "vendors/press.toml", "paper_gsm = 80", "paper_gsm = 8");
    replace(&folder, "campaign.toml", "when = \"'patients' in populations\"", "");
    replace(&folder, "campaign.toml", "{ bsn = \"BSN gelekt\" }", "{ iban = \"IBAN\" }");
    let problems = problems_in(&folder, &NO_VARIABLES);
    let mut files: Vec<&str> = problems.iter().map(|problem| problem.file().rsplit('/').next().unwrap_or("")).collect();
    files.dedup();
    assert_eq!(files, ["press.toml", "letter.toml", "en", "campaign.toml"], "{problems}");
}

#[test]
fn text_that_is_no_toml_is_told_without_the_secret_beside_it() {
    let problems = problems_of("campaign-no-toml");
    assert_told(
        &problems,
        &[
            ("campaign.toml", 2, "missing opening quote, expected `\"`", "this is not TOML"),
            ("campaign.toml", 65, "string values must be quoted, expected literal string", "this is not TOML"),
        ],
    );
    assert_hidden(&problems, "hunter2");
}

#[test]
fn a_key_or_password_that_is_written_out_is_refused_and_never_shown() {
    let problems = problems_of("campaign-literal-key");
    assert_told(&problems, &[("campaign.toml", 6, "`case_code_key` is written out", "{ env = \"VARIABLE\" }")]);
    assert_hidden(&problems, "hunter2");

    let problems = problems_of("vendor-encryption");
    assert_told(
        &problems,
        &[
            ("press.toml", 1, "the profile calls itself `nl-stream`", "write `name = \"press\"`"),
            ("press.toml", 31, "`encryption.recipients` has no use with this method", "remove it"),
            ("press.toml", 32, "`encryption.password` is written out", "{ file = \"name\" }"),
        ],
    );
    assert_hidden(&problems, "battery");
}

#[test]
fn a_diagnostic_shows_the_file_the_line_the_spot_and_the_hint() {
    let problems = problems_of("campaign-literal-key");
    let problem = problems.iter().next().expect("a problem").clone();
    let report = format!("{:?}", miette::Report::new(problem));
    for part in ["campaign.toml:6:17", "case_code_key = ****", "───", "help: take the secret out"] {
        assert!(report.contains(part), "{report}");
    }
}

#[test]
fn a_case_code_key_must_be_there_and_long_enough() {
    let folder = campaign_with("campaign-no-key");
    let not_set = "the environment variable `MELDPOST_CASE_KEY` is not set";
    assert_told(&problems_in(&folder, &NO_VARIABLES), &[("campaign.toml", 6, not_set, "openssl rand -hex 32")]);

    let short = Variables(&[("MELDPOST_CASE_KEY", "fifteen bytes..\n")]);
    let too_short = "the case code key has fewer than 16 bytes";
    assert_told(&problems_in(&folder, &short), &[("campaign.toml", 6, too_short, "make a key once")]);

    let long_enough = Variables(&[("MELDPOST_CASE_KEY", "sixteen bytes...\n\n")]);
    let campaign = load(folder.path(), &long_enough).expect("a sound campaign");
    assert_eq!(campaign.case_code_key.reveal(), b"sixteen bytes...\n", "one line feed is removed");
    assert!(!format!("{campaign:?}").contains("sixteen"));
}

#[test]
fn a_campaign_demands_at_least_one_sign_off_or_none() {
    assert_told(
        &problems_of("campaign-later-tables"),
        &[("campaign.toml", 76, "`approval.required` is out of bounds", "from 1 to 9")],
    );
}

#[test]
fn lists_name_only_fields_categories_and_options_that_exist() {
    assert_told(
        &problems_of("campaign-faulty-lists"),
        &[
            ("campaign.toml", 18, "`participants.path` names no kind of file that can be read", ".parquet and .xlsx"),
            ("campaign.toml", 20, "unknown key `participants.columns.sirname`", "did you mean `surname`?"),
            ("campaign.toml", 23, "two lists are called `people`", "an id of its own"),
            ("campaign.toml", 27, "`exposures.encoding` is for .csv lists only", "remove it"),
            ("campaign.toml", 28, "unknown key `exposures.categories.bns`", "did you mean `bsn`?"),
            ("campaign.toml", 29, "`exposures.confirm` does not know `birthdate`", "did you mean `birth_date`?"),
            ("campaign.toml", 33, "`registers.kind` does not know `dead`", "`do_not_mail`"),
            ("campaign.toml", 35, "`registers.key` does not know `name`", "`bsn`, `opaque`"),
        ],
    );
}

#[test]
fn a_long_list_has_no_columns_of_categories_but_may_say_so() {
    let folder = campaign_with("campaign-sound");
    replace(&folder, "campaign.toml", "layout = \"wide\"", "layout = \"long\"");
    let message = "`exposures.categories` is for wide lists";
    assert_told(&problems_in(&folder, &NO_VARIABLES), &[("campaign.toml", 27, message, "its column `category`")]);

    replace(&folder, "campaign.toml", "{ bsn = \"BSN gelekt\" }", "{}");
    let campaign = load(folder.path(), &NO_VARIABLES).expect("a sound campaign");
    assert!(matches!(campaign.exposures[0].layout, ExposureLayout::Long));
}

#[test]
fn rules_read_only_what_is_known_of_a_person_and_lead_to_variants_of_the_letter() {
    let problems = problems_of("campaign-faulty-rules");
    assert_told(
        &problems,
        &[
            ("campaign.toml", 46, "`variants.id` does not know `confirm`", "did you mean `confirmed`?"),
            ("campaign.toml", 47, "`variants.when` reads `ages`, which nobody has", "did you mean `age`?"),
            ("campaign.toml", 51, "`variants.when` reads the unknown category `bns`", "did you mean `bsn`?"),
            (
                "campaign.toml",
                55,
                "`variants.when` is no expression: unexpected end of input, expected expression",
                "'confirmed' in certainties",
            ),
            ("campaign.toml", 58, "`routing.no_exposure` cannot be sent", "\"hold\" or \"suppress\""),
            ("campaign.toml", 59, "unknown key `routing.failed_check`", "reasons are `invalid_value`"),
            ("campaign.toml", 60, "unknown key `routing.minors_12_15`", "did you mean `minor_12_15`?"),
        ],
    );
    assert_eq!(problems.iter().nth(1).and_then(|problem| problem.column()), Some(56), "the name itself is shown");
}

#[test]
fn addresses_are_complete_and_control_letters_name_nobody_in_messages() {
    let problems = problems_of("campaign-faulty-addresses");
    assert_told(
        &problems,
        &[
            ("campaign.toml", 37, "`institutions.city` is missing", "add `city = "),
            ("campaign.toml", 41, "`institutions.house_number` is no house number", "\"12a\""),
            ("campaign.toml", 42, "`institutions.postcode` is no postcode", "four digits and two letters"),
            ("campaign.toml", 46, "two institutions have this id", "an id of its own"),
            ("campaign.toml", 78, "`seeds.house_number` is no house number", "\"12a\""),
            ("campaign.toml", 81, "`seeds.language` does not know `de`", "`nl`, `en`"),
            ("campaign.toml", 92, "two control letters have the same name", "change one name"),
        ],
    );
    assert_hidden(&problems, "Controle");
    assert_hidden(&problems, "Stationsplein");
}

#[test]
fn a_campaign_that_could_send_no_letter_is_refused() {
    let folder = campaign_with("campaign-sound");
    let path = folder.path().join("campaign.toml");
    let text = fs::read_to_string(&path).expect("a file");
    let end = text.find("[[participants]]").expect("a list");
    fs::write(&path, &text[..end]).expect("a file");
    assert_told(
        &problems_in(&folder, &NO_VARIABLES),
        &[
            ("campaign.toml", 1, "`participants` is missing", "add `[[participants]]`"),
            ("campaign.toml", 1, "`exposures` is missing", "add `[[exposures]]`"),
            ("campaign.toml", 1, "no variant is named, so nobody could get a letter", "add `[[variants]]`"),
        ],
    );
}

#[test]
fn a_path_that_leads_to_no_campaign_is_told_with_the_path() {
    let folder = TempDir::new().expect("a folder");
    let problems = problems_in(&folder, &NO_VARIABLES);
    assert!(problems.to_string().contains("campaign.toml: cannot be read"), "{problems}");
}
