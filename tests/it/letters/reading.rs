//! How a letter reads: the order of its lists, its last page, and what software that reads aloud is told.

use super::*;

/// One letter with all categories for each variant, language and format.
fn full_letters(campaign: &Campaign) -> Vec<(Language, Letter)> {
    let mut letters = Vec::new();
    for variant in &campaign.template.variants {
        let certainties = [Certainty::Possible, Certainty::Confirmed];
        let certainty = certainties[usize::from(!matches!(variant.as_str(), "cannot-be-ruled-out" | "possible"))];
        for language in [Language::Nl, Language::En] {
            for format in &campaign.template.formats {
                for taken in [2, 5, 9, usize::MAX] {
                    let order = &campaign.template.category_order;
                    let some: Vec<_> = order.iter().take(taken).map(|id| (id.as_str(), certainty)).collect();
                    let number = letters.len() as u64 + 1;
                    let about = facts(campaign, variant, &some);
                    letters.push((language, letter(number, variant, LanguageChoice::One(language), format, about)));
                }
            }
        }
    }
    letters
}

#[test]
fn categories_come_in_the_templates_order_and_no_last_page_is_nearly_blank() {
    for name in ["laboratory-breach", "generic-breach"] {
        let campaign = example(name);
        assert_eq!(
            campaign.template.category_order[..2],
            ["name", if name.starts_with('l') { "sex" } else { "birth_date" }]
        );
        let letters = full_letters(&campaign);
        let (marker, _, data) = print(&campaign, letters.iter().map(|(_, letter)| letter.clone()).collect());
        let pages = pages(data);
        for (index, (language, letter)) in letters.iter().enumerate() {
            let (first, count) = place(&marker, index);
            let texts = &campaign.template.category_texts[language];
            let order: Vec<String> = campaign
                .template
                .category_order
                .iter()
                .filter(|id| letter.facts.categories.contains_key(*id))
                .map(|id| squeezed(&texts[id].label))
                .collect();
            let runs = pages[first..first + count].iter().flatten();
            let bold: Vec<String> = runs.filter(|run| run.bold).map(|run| squeezed(&run.text)).collect();
            let labels: Vec<&String> = bold.iter().filter(|text| order.contains(text)).collect();
            assert_eq!(labels, order.iter().collect::<Vec<_>>(), "{name} {language:?}");

            let filled = pages[first..first + count].iter().rev().find(|page| !page.is_empty()).expect("a last page");
            // The foot is one of them.
            assert!(lines(filled).len() >= 9, "{name} {} {}: {:?}", letter.variant, letter.format, lines(filled));
        }
    }
}

#[test]
fn no_heading_stands_at_the_foot_of_a_page() {
    for name in ["laboratory-breach", "generic-breach"] {
        let campaign = example(name);
        let letters = full_letters(&campaign);
        let (_, _, data) = print(&campaign, letters.into_iter().map(|(_, letter)| letter).collect());
        for page in pages(data).iter().filter(|page| !page.is_empty()) {
            let bold: BTreeSet<i64> = heights(page.iter().filter(|run| run.bold && run.text.trim_end().ends_with('?')));
            for heading in bold {
                // Itself, text below it, and the foot.
                let below: Vec<_> = lines(page).into_iter().filter(|(height, _)| *height >= heading).collect();
                assert!(below.len() >= 3, "{name}: {below:?}");
            }
        }
    }
}

fn heights<'a>(runs: impl Iterator<Item = &'a Run>) -> BTreeSet<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "a page is 297 mm high")]
    runs.filter(|run| !run.text.trim().is_empty()).map(|run| (run.baseline_mm * 5.0).round() as i64).collect()
}

#[test]
fn each_category_stands_below_what_is_known_of_it_and_what_is_ruled_out_has_no_consequence() {
    let leads = |language| match language {
        Language::Nl => ["zijngelekt:", "zijnmogelijkgelekt:", "zijnnietgelekt:"],
        Language::En => ["haveleaked:", "havepossiblyleaked:", "havenotleaked:"],
    };
    for name in ["laboratory-breach", "generic-breach"] {
        let campaign = example(name);
        let order = &campaign.template.category_order;
        let mut letters = Vec::new();
        for first in 0..order.len() {
            for language in [Language::Nl, Language::En] {
                let ids = [0, 3, 5].map(|step| order[(first + step) % order.len()].as_str());
                let certainties = [Certainty::Confirmed, Certainty::Possible, Certainty::RuledOut];
                let variant = &campaign.template.variants[0];
                let about = facts(&campaign, variant, &ids.into_iter().zip(certainties).collect::<Vec<_>>());
                let choice = LanguageChoice::One(language);
                letters.push((language, ids, letter(letters.len() as u64 + 1, variant, choice, "standard", about)));
            }
        }
        let (marker, _, data) = print(&campaign, letters.iter().map(|(.., letter)| letter.clone()).collect());
        let pages = pages(data);
        for (index, (language, ids, _)) in letters.iter().enumerate() {
            let (first, count) = place(&marker, index);
            let text: String = pages[first..first + count].iter().flat_map(|page| lines(page).into_values()).collect();
            let texts = &campaign.template.category_texts[language];
            let at = |needle: &str| text.find(&squeezed(needle)).unwrap_or_else(|| panic!("{needle} in {text}"));
            let places: Vec<usize> = leads(*language)
                .into_iter()
                .zip(ids)
                .flat_map(|(lead, id)| [at(lead), at(&format!("{lead}•{}", texts[*id].label))])
                .collect();
            assert!(places.is_sorted(), "{name} {ids:?}: {places:?}");
            let told: BTreeSet<&String> = ids[..2].iter().flat_map(|id| &texts[*id].steps).collect();
            let ruled_out = &texts[ids[2]];
            if !ids[..2].iter().any(|id| texts[*id].consequence == ruled_out.consequence) {
                assert!(!text.contains(&squeezed(&ruled_out.consequence)), "{name} {ids:?}");
            }
            for step in ruled_out.steps.iter().filter(|step| !told.contains(step)) {
                assert!(!text.contains(&squeezed(step)), "{name} {ids:?}: {step}");
            }
        }
    }
}

#[test]
fn whatever_is_read_aloud_is_a_heading_a_paragraph_or_a_list() {
    if Command::new("pdfinfo").arg("-v").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "install poppler-utils");
        return;
    }
    for name in ["laboratory-breach", "generic-breach"] {
        let campaign = example(name);
        let variant = &campaign.template.variants[0];
        let some = [("name", Certainty::Confirmed), ("bsn", Certainty::Possible), ("email", Certainty::RuledOut)];
        let about = facts(&campaign, variant, &some);
        let (_, planned, _) = print(&campaign, vec![letter(1, variant, LanguageChoice::Both, "standard", about)]);
        let copied = copy::make(&campaign, &press(&campaign), &Wording::new(&campaign).unwrap(), &planned[0]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("copy.pdf");
        std::fs::write(&file, copied).unwrap();
        let read = Command::new("pdfinfo").arg("-struct").arg(&file).output().unwrap();
        let tree = String::from_utf8(read.stdout).unwrap();
        let tags: Vec<&str> = tree
            .lines()
            .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
            .filter_map(|line| line.split_whitespace().next())
            .collect();
        assert!(tags.len() > 30, "{tree}");
        let unknown: Vec<_> = tags.iter().filter(|tag| !matches!(**tag, "P" | "H1" | "H2" | "L")).collect();
        assert!(unknown.is_empty(), "{unknown:?} in {tree}");
    }
}
