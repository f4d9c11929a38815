//! Values that try to be markup, code or something else than text.

use super::*;

/// Everything that typst, minijinja or PDF could take for something else than text.
const HOSTILE: &[&str] = &[
    "#panic(\"x\")",
    "*bold* _italic_ $x^2$",
    "{{ 7 * 7 }} {% raw %} {# no #}",
    "= Heading",
    "- item + item / term",
    "<label> @reference",
    "// comment /* and */ this",
    "`raw` ```raw```",
    "back\\slash \\u{41}",
    "\"quotes\" 'single'",
    "https://www.example.org/~a",
    "one -- two --- three ... four",
    "'t Hart & Zn; #{1}",
    "[content] ]] )",
];

fn shown(campaign: &Campaign, letter: Letter) -> String {
    let (marker, _, data) = print(campaign, vec![letter]);
    let (first, count) = place(&marker, 0);
    pages(data)[first..first + count].iter().flatten().map(|run| squeezed(&run.text)).collect()
}

#[test]
fn facts_are_shown_as_they_are() {
    for hostile in HOSTILE {
        let mut campaign = example("generic-breach");
        let system = ["nl", "en"].map(|language| (language.to_owned(), toml::Value::from(*hostile)));
        campaign.facts.insert("system".to_owned(), toml::Value::Table(system.into_iter().collect()));
        let facts = facts(&campaign, "confirmed", &[("name", Certainty::Confirmed)]);
        let text = shown(&campaign, letter(1, "confirmed", LanguageChoice::One(Language::Nl), "standard", facts));
        assert!(text.contains(&squeezed(hostile)), "{hostile} in {text}");
    }
}

#[test]
fn names_and_streets_are_shown_as_they_are() {
    let campaign = example("generic-breach");
    for hostile in HOSTILE {
        let facts = facts(&campaign, "confirmed", &[("name", Certainty::Confirmed)]);
        let mut letter = letter(1, "confirmed", LanguageChoice::One(Language::Nl), "standard", facts);
        let mut person = letter.person.reveal().clone();
        person.salutations = vec![format!("Geachte heer {hostile}")];
        letter.person = Private::new(person);
        let mut destination = letter.destination.reveal().clone();
        destination.lines[1] = (*hostile).to_owned();
        letter.destination = Private::new(destination);
        let text = shown(&campaign, letter);
        assert_eq!(text.matches(&squeezed(hostile)).count(), 2, "{hostile} in {text}");
    }
}

#[test]
fn a_fact_that_turns_text_around_is_refused() {
    for hidden in ["\u{202E}", "\u{200F}", "\u{2066}", "\u{200B}", "\u{7}"] {
        let mut campaign = example("generic-breach");
        campaign.facts.insert("police_phone".to_owned(), format!("0900{hidden} 0000").into());
        let wording = Wording::new(&campaign).unwrap();
        let facts = facts(&campaign, "confirmed", &[("name", Certainty::Confirmed)]);
        let request =
            Request { language: Language::Nl, variant: "confirmed", format: "standard", facts: &facts, person: None };
        let error = wording.render(&request).unwrap_err();
        assert_eq!(error.file, "nl/50-what-you-can-do.typ.j2");
        assert!(error.line.is_some() && error.message.contains("cannot be printed"), "{error}");
    }
}

#[test]
fn a_very_long_word_is_shown_whole_or_the_letter_is_held() {
    let word = "Lange".repeat(60);
    let mut campaign = example("generic-breach");
    campaign.sender.insert("website".to_owned(), word.clone().into());
    let facts = facts(&campaign, "confirmed", &[("name", Certainty::Confirmed)]);
    let (marker, _, data) =
        print(&campaign, vec![letter(1, "confirmed", LanguageChoice::One(Language::Nl), "standard", facts)]);
    if let ShardResult::Made { .. } = marker.letters[0].result {
        let text: String = pages(data).iter().flatten().map(|run| squeezed(&run.text)).collect();
        assert!(text.contains(&word));
    }
}
