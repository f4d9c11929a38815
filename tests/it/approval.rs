//! Sign-offs: given, demanded, and gone as soon as a letter of the wording is another one.

use super::harness::{CAMPAIGN, RUN, Work, files};

const WORDING: &str = "letter-templates/note/nl/10-core.typ.j2";

/// A campaign that demands this many sign-offs.
fn demanding(required: u32) -> Work {
    let work = Work::tiny();
    work.replace("campaign.toml", "[limits]", &format!("[approval]\nrequired = {required}\n\n[limits]"));
    work
}

fn approve(work: &Work, by: &str) -> serde_json::Value {
    work.meldpost(["approve", CAMPAIGN, "--by", by, "--json"]).ends(0).json()
}

#[test]
fn a_changed_letter_of_the_wording_is_refused_with_the_file_and_the_change_until_it_is_approved_again() {
    let work = demanding(1);
    work.run().ends(78).says(&["demands 1 sign-off", "has 0", "meldpost approve"]);
    assert!(!work.run_folder().join("plan.json").exists());

    assert_eq!(approve(&work, "A. de Wit")["added"], true);
    work.run().ends(0);

    let text = std::fs::read_to_string(work.path(CAMPAIGN).join(WORDING)).unwrap();
    let line = text.lines().next().unwrap();
    let changed = format!("X{line}");
    work.replace(WORDING, line, &changed);
    let other = ["run", CAMPAIGN, "--run", "other"];
    work.meldpost(other).ends(78).says(&[
        "changed since A. de Wit signed off at",
        &format!("{WORDING}:1"),
        &format!("- {line}"),
        &format!("+ {changed}"),
    ]);
    work.meldpost(["plan", CAMPAIGN, "--run", "other"]).ends(78);
    approve(&work, "A. de Wit");
    work.meldpost(other).ends(0);

    // What was approved first is approved still.
    work.replace(WORDING, &changed, line);
    work.meldpost(["run", CAMPAIGN, "--run", "third"]).ends(0);
}

#[test]
fn two_sign_offs_are_by_two_people() {
    let work = demanding(2);
    approve(&work, "A. de Wit");
    let again = approve(&work, " a.  DE wit ");
    assert_eq!((&again["added"], &again["names"]), (&false.into(), &serde_json::json!(["A. de Wit"])));
    work.run().ends(78).says(&["demands 2 sign-offs", "has 1 (A. de Wit)"]).hides("changed since");
    assert_eq!(approve(&work, "B. Bakker")["names"], serde_json::json!(["A. de Wit", "B. Bakker"]));
    work.run().ends(0);
}

#[test]
fn template_rules_facts_and_profile_are_bound_and_lists_remarks_and_limits_are_not() {
    let work = demanding(1);
    approve(&work, "A. de Wit");
    let plan = |folder: &str| work.meldpost(["plan", CAMPAIGN, "--run", folder]);
    work.replace("campaign.toml", "max_rejected_percent = 20.0", "max_rejected_percent = 30.0 # more");
    work.replace("data/people.csv", "Utrecht", "Zeist");
    plan("free").ends(0);

    for (number, (file, old, new, said)) in [
        ("campaign.toml", "happened_on = 2025-07-03", "happened_on = 2025-07-04", "campaign.toml (facts)"),
        ("campaign.toml", "when = \"true\"", "when = \"not false\"", "campaign.toml (rules)"),
        ("vendors/press.toml", "grams =", "grams  =", "vendors/press.toml"),
        ("letter-templates/note/layout.typ", "\n", " \n", "letter-templates/note/layout.typ"),
        ("letter-templates/note/letter.toml", "\n", " \n", "letter-templates/note/letter.toml"),
    ]
    .into_iter()
    .enumerate()
    {
        work.replace(file, old, new);
        plan(&format!("bound{number}")).ends(78).says(&[&format!("{said}:")]);
        work.replace(file, new, old);
    }
    plan("again").ends(0);
}

#[test]
fn rendering_and_sealing_demand_the_sign_offs_that_the_plan_was_made_with() {
    let work = demanding(1);
    approve(&work, "A. de Wit");
    work.meldpost(["plan", CAMPAIGN, "--run", RUN]).ends(0);
    let kept = work.run_folder().join("campaign/approvals.toml");
    let text = std::fs::read_to_string(&kept).unwrap();
    std::fs::remove_file(&kept).unwrap();
    work.meldpost(["render", "--run", RUN]).ends(78).says(&["demands 1 sign-off"]);
    std::fs::write(&kept, &text).unwrap();
    work.meldpost(["render", "--run", RUN]).ends(0);
    std::fs::remove_file(&kept).unwrap();
    work.meldpost(["seal", "--run", RUN]).ends(78).says(&["demands 1 sign-off"]);
    std::fs::write(&kept, text).unwrap();
    work.meldpost(["seal", "--run", RUN]).ends(0);
}

#[test]
fn sign_offs_that_were_changed_by_hand_are_refused() {
    let work = demanding(1);
    approve(&work, "A. de Wit");
    let file = "approvals.toml";
    let before = files(&work.path(CAMPAIGN));
    let hash = {
        let text = String::from_utf8(before[file].clone()).unwrap();
        text.lines().find(|line| line.contains("layout.typ")).unwrap().to_owned()
    };
    let (part, _) = hash.split_once(" = ").unwrap();
    work.replace(file, &hash, &format!("{part} = \"{}\"", "0".repeat(64)));
    work.run().ends(78).says(&["sign-off 1 was changed by hand"]);
    work.write(file, "[[approval]]\nby = 3\n");
    work.run().ends(78).says(&["is no list of sign-offs"]);
}

#[test]
fn what_does_not_work_and_who_has_no_name_cannot_sign() {
    let work = demanding(1);
    work.meldpost(["approve", CAMPAIGN, "--by", " 3 "]).ends(64).says(&["--by is no name"]);
    work.replace(WORDING, "{{", "{{ nobody }}{{");
    work.meldpost(["approve", CAMPAIGN, "--by", "A. de Wit"]).ends(78).says(&["nobody"]);
    assert!(!work.path(CAMPAIGN).join("approvals.toml").exists());
}

#[test]
fn a_text_that_was_not_kept_is_told_by_its_file_alone() {
    let work = demanding(1);
    approve(&work, "A. de Wit");
    std::fs::remove_dir_all(work.path(CAMPAIGN).join("approvals")).unwrap();
    let line = "letter-templates/note/layout.typ";
    work.replace(line, "\n", " \n");
    work.run().ends(78).says(&["layout.typ: is another one"]);
}
