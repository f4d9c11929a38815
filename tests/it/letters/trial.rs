//! What is wrong in a text that nobody gets is told all the same.

use meldpost::render::copy::CopyError;
use meldpost::wording::trial::Trials;

use super::*;
use crate::harness::{CAMPAIGN, RUN, Work};

fn append(work: &Work, file: &str, added: &str) {
    let file = format!("letter-templates/note/{file}");
    let text = std::fs::read_to_string(work.path(CAMPAIGN).join(&file)).expect("a wording");
    work.write(&file, text + added);
}

#[test]
fn check_lays_out_texts_that_nobody_gets() {
    let work = Work::tiny();
    append(&work, "nl/10-core.typ.j2", "\n{% if addressee == \"institution\" %}\n#nonsense()\n{% endif %}\n");
    append(
        &work,
        "en/20-data.typ.j2",
        "\n{% if categories | length == 1 and \"bsn\" in categories %}\n#rubbish()\n{% endif %}\n",
    );
    let checked = work.meldpost(["check", CAMPAIGN]).ends(78);
    assert_eq!(checked.diagnostics(), 2, "{}", checked.stderr);
    checked.says(&["nl/10-core.typ.j2", "nonsense", "en/20-data.typ.j2", "rubbish"]);
    work.meldpost(["plan", CAMPAIGN, "--run", RUN]).ends(0);
}

/// What trying all wordings says.
fn told(campaign: &Campaign) -> Vec<String> {
    let wording = Wording::new(campaign).map_err(|errors| errors[0].to_string()).unwrap();
    let faults = Trials::new(campaign).run(&wording).err().unwrap_or_default();
    faults.iter().map(ToString::to_string).collect()
}

fn replace(campaign: &mut Campaign, file: &str, old: &str, new: &str) {
    let text = campaign.template.files.get_mut(file).unwrap();
    assert!(text.contains(old), "{file} holds {old}");
    *text = text.replace(old, new);
}

#[test]
fn a_variant_that_one_language_lacks_is_told() {
    for name in ["laboratory-breach", "generic-breach"] {
        assert_eq!(told(&example(name)), Vec::<String>::new(), "{name}");
    }
    let mut campaign = example("laboratory-breach");
    replace(&mut campaign, "en/80-earlier-letter.typ.j2", "variant == \"newly-found\"", "variant == \"found\"");
    assert_eq!(
        told(&campaign),
        ["en/80-earlier-letter.typ.j2: the variants `newly-found` and `patient` have the same letter in language en, \
          and not in nl"]
    );
    let mut campaign = example("generic-breach");
    replace(&mut campaign, "nl/10-core.typ.j2", "variant == \"confirmed\"", "variant");
    assert_eq!(
        told(&campaign),
        ["nl/10-core.typ.j2: the variants `confirmed` and `possible` have the same letter in language nl, and not in \
          en"]
    );
}

#[test]
fn each_category_is_tried_alone() {
    let mut campaign = example("generic-breach");
    let added = "{% if categories | length == 1 and \"iban\" in categories %}{{ language.nothing }}{% endif %}\n";
    campaign.template.files.get_mut("en/60-measures.typ.j2").unwrap().push_str(added);
    let told = told(&campaign);
    assert!(told.len() == 1 && told[0].starts_with("en/60-measures.typ.j2, line 5"), "{told:?}");
}

#[test]
fn the_tries_that_tell_are_few_and_have_every_text() {
    let campaign = example("laboratory-breach");
    let wording = Wording::new(&campaign).unwrap();
    let trials = Trials::new(&campaign);
    let telling: BTreeSet<usize> = trials.run(&wording).unwrap().into_iter().collect();
    let tries = trials.requests().count();
    assert!(telling.len() * 10 < tries, "{} of {tries}", telling.len());
    let texts = |request: Request<'_>| {
        let rendered = wording.render(&request).unwrap();
        let ends = rendered.parts.iter().skip(1).map(|(_, start)| *start).chain([rendered.body.len()]);
        let parts = rendered
            .parts
            .iter()
            .zip(ends)
            .map(|((file, start), end)| (file.clone(), rendered.body[*start..end].to_owned()));
        parts.chain([(request.language.code().to_owned(), rendered.subject.clone())]).collect::<Vec<_>>()
    };
    let mut told = BTreeSet::new();
    for (position, request) in trials.requests().enumerate() {
        if telling.contains(&position) {
            told.extend(texts(request));
        }
    }
    // Any tries will do to see that none has a text of its own: a prime step meets all addressees, variants and formats.
    for request in trials.requests().step_by(29) {
        for text in texts(request) {
            assert!(told.contains(&text), "{text:?}");
        }
    }
}

#[test]
fn a_fault_in_the_second_language_of_a_copy_is_shown_in_that_language() {
    let mut campaign = example("generic-breach");
    let about = facts(&campaign, "confirmed", &[("name", Certainty::Confirmed)]);
    let (_, planned, _) = print(&campaign, vec![letter(1, "confirmed", LanguageChoice::Both, "standard", about)]);
    let file = "en/60-measures.typ.j2";
    replace(&mut campaign, file, "We reported", "#nonsense() We reported");
    let line = 1 + campaign.template.files[file][..campaign.template.files[file].find("#nonsense").unwrap()]
        .matches('\n')
        .count();
    let made = copy::make(&campaign, &press(&campaign), &Wording::new(&campaign).unwrap(), &planned[0]);
    let Err(CopyError::Wording(error)) = made else { panic!("made") };
    assert_eq!((error.file.as_str(), error.line), (file, Some(line)), "{error}");
}

/// Every file and every text of one language, taken out one at a time.
#[test]
fn whatever_one_language_lacks_is_told() {
    for name in ["laboratory-breach", "generic-breach"] {
        let folder = tempfile::tempdir().unwrap();
        crate::harness::copy(&crate::harness::root().join("examples").join(name), folder.path());
        let copied = folder.path().join("letter-templates").join(name);
        crate::harness::copy(&crate::harness::root().join("letter-templates").join(name), &copied);
        let told = || match meldpost::campaign::load(folder.path(), &NoVariables) {
            Ok(_) => String::new(),
            Err(problems) => problems.iter().map(|problem| format!("{problem:?}\n")).collect(),
        };
        assert_eq!(told(), "", "{name}");
        for language in ["nl", "en"] {
            let mut lacking = Vec::new();
            for entry in std::fs::read_dir(copied.join(language)).unwrap() {
                let path = entry.unwrap().path();
                let text = std::fs::read_to_string(&path).unwrap();
                lacking.push((
                    path.clone(),
                    text.clone(),
                    None,
                    path.file_name().unwrap().to_str().unwrap().to_owned(),
                ));
                for key in text.lines().filter(|_| path.extension().is_some_and(|extension| extension == "toml")) {
                    let name = match key.strip_prefix('[').and_then(|key| key.strip_suffix(']')) {
                        Some(category) => category.to_owned(),
                        None if path.ends_with("labels.toml") && key.contains(" = ") => {
                            key.split(' ').next().unwrap().to_owned()
                        }
                        None => continue,
                    };
                    let cut = match text.split_once(&format!("{key}\n")).unwrap() {
                        (before, after) if key.starts_with('[') => {
                            format!("{before}{}", after.find("\n[").map_or("", |next| &after[next + 1..]))
                        }
                        (before, after) => format!("{before}{after}"),
                    };
                    lacking.push((path.clone(), text.clone(), Some(cut), name));
                }
            }
            assert!(lacking.len() > 20, "{name} {language}: {}", lacking.len());
            for (path, text, cut, lacks) in &lacking {
                match cut {
                    Some(cut) => std::fs::write(path, cut).unwrap(),
                    None => std::fs::remove_file(path).unwrap(),
                }
                let told = told();
                assert!(told.contains(lacks.as_str()) && told.contains("missing"), "{name} {language} {lacks}: {told}");
                std::fs::write(path, text).unwrap();
            }
            // All at once: each is told.
            for (path, ..) in lacking.iter().filter(|(_, _, cut, _)| cut.is_none()) {
                std::fs::remove_file(path).unwrap();
            }
            let all = told();
            for (path, text, _, lacks) in lacking.iter().filter(|(_, _, cut, _)| cut.is_none()) {
                assert!(all.contains(lacks.as_str()), "{lacks}: {all}");
                std::fs::write(path, text).unwrap();
            }
        }
    }
}
