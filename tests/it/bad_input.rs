//! Campaigns, lists and wordings that cannot be used: told at once, with file, place and what to do.

use crate::harness::{CAMPAIGN, RUN, Work, texts};

/// No letter was made.
fn nothing_was_made(work: &Work) {
    assert!(!work.run_folder().join("plan.json").exists());
    assert!(!work.run_folder().join("shards").exists());
}

#[test]
fn a_list_that_is_missing_empty_or_a_folder_is_named() {
    for (fault, said) in [("missing", "data/people.csv"), ("empty", "data/people.csv"), ("folder", "data/people.csv")] {
        let work = Work::tiny();
        work.remove("data/people.csv");
        match fault {
            "empty" => work.write("data/people.csv", ""),
            "folder" => std::fs::create_dir(work.path("campaign/data/people.csv")).expect("a folder"),
            _ => {}
        }
        work.run().ends(65).says(&[said, "help"]);
        nothing_was_made(&work);
    }
}

#[test]
fn every_problem_of_a_campaign_is_told_at_once() {
    let work = Work::tiny();
    work.replace("campaign.toml", "default_language", "defaultlanguage");
    work.replace("campaign.toml", "key = \"bsn\"", "key = \"bns\"");
    let ran = work.run().ends(78).says(&["campaign.toml", "default_language", "bns"]);
    assert!(ran.diagnostics() >= 2, "{}", ran.stderr);
    nothing_was_made(&work);
}

#[test]
fn a_misspelt_name_in_a_wording_is_shown_at_its_line_with_the_nearest_one() {
    let work = Work::tiny();
    let file = "letter-templates/note/nl/10-core.typ.j2";
    let text = std::fs::read_to_string(work.path(CAMPAIGN).join(file)).expect("a wording");
    work.write(file, format!("{text}\n{{{{ varaint }}}} {{{{ facts.hapened_on }}}}\n"));
    work.run().ends(78).says(&["nl/10-core.typ.j2", "varaint", "variant", "facts.happened_on"]);
    nothing_was_made(&work);
}

#[test]
fn markup_that_typst_refuses_is_shown_in_its_file() {
    let work = Work::tiny();
    let file = "letter-templates/note/nl/10-core.typ.j2";
    let text = std::fs::read_to_string(work.path(CAMPAIGN).join(file)).expect("a wording");
    work.write(file, format!("{text}\n#unknown-function(1)\n"));
    work.run().ends(78).says(&["10-core.typ.j2", "unknown-function"]);
    nothing_was_made(&work);
}

#[test]
fn a_wording_that_never_ends_is_stopped() {
    let work = Work::tiny();
    work.write(
        "letter-templates/note/nl/10-core.typ.j2",
        "{% for a in range(9999) %}{% for b in range(9999) %}{{ a }}{% endfor %}{% endfor %}",
    );
    work.run().ends(78).says(&["10-core.typ.j2"]);
    nothing_was_made(&work);
}

#[test]
fn code_and_markup_in_names_appear_on_paper_as_they_are() {
    let work = Work::people(6);
    let path = work.path("campaign/data/people.csv");
    let mut list = std::fs::read_to_string(&path).expect("a list");
    let names = ["#panic()", "{{7*7}}", "*Ster*", "@ref", "=cmd()", "$x$"];
    for (number, name) in names.iter().enumerate() {
        list = list.replace(&format!("Persoon{number},"), &format!("{name},"));
    }
    std::fs::write(&path, list).expect("written");
    work.run().ends(0);
    let pages = texts(&work.run_folder()).concat();
    for name in names {
        assert!(pages.contains(name), "{name} is not on paper");
    }
    assert!(!pages.contains("49"), "an expression was evaluated");
}

#[test]
fn too_many_rejected_rows_stop_the_run_and_leave_the_outcomes_to_be_studied() {
    let work = Work::tiny();
    work.replace("campaign.toml", "max_rejected_percent = 20.0", "max_rejected_percent = 0.5");
    let ran = work.run().ends(65).says(&["max_rejected_percent", "outcomes.csv"]);
    ran.hides("Appel");
    assert!(work.run_folder().join("outcomes.csv").exists());
    assert!(!work.run_folder().join("packages").exists());
    work.meldpost(["run", CAMPAIGN, "--run", RUN]).ends(65);
}
