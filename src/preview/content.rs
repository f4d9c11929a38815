//! What a sign-off is about: everything that decides what letters say and how they look, part by part.
//!
//! Enters: a campaign and the fonts. Leaves: each part's name, hash and, but for fonts, text; and one hash over all.
//! Invariant: equal hashes mean equal letters for equal people, from the same version of the program. Parts of
//! `campaign.toml` are written anew with sorted keys, so that a remark or the order of keys is no change. Absent on
//! purpose: the lists, the secrets, limits and packing, which change nobody's text; and control letters.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::campaign::settings::Campaign;
use crate::plan::record::FontHash;
use crate::store;

/// Keys of `campaign.toml` whose values are printed, or decide what is printed.
const FACTS: [&str; 8] = ["id", "letter", "date", "vendor", "default_language", "facts", "sender", "institutions"];
/// Keys of `campaign.toml` that choose a variant, or who gets a letter.
const RULES: [&str; 3] = ["variants", "waves", "routing"];
/// What the rules see of a list.
const LIST: [&str; 2] = ["id", "population"];

/// Everything that a sign-off is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Part by name, as people know it: a file, or a part of `campaign.toml`.
    pub parts: BTreeMap<String, Part>,
}

/// One part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// SHA-256, hex.
    pub sha256: String,
    /// The text; none of a font.
    pub text: Option<String>,
}

impl Content {
    /// The content of a campaign.
    pub fn of(campaign: &Campaign, fonts: &[FontHash]) -> Self {
        let text = |text: String| Part { sha256: store::sha256(text.as_bytes()), text: Some(text) };
        let table: toml::Table = toml::from_str(&campaign.source).unwrap_or_default();
        let mut parts = BTreeMap::from([
            ("campaign.toml (facts)".to_owned(), text(written(&table, &FACTS, false))),
            ("campaign.toml (rules)".to_owned(), text(written(&table, &RULES, true))),
            (format!("vendors/{}.toml", campaign.vendor.name), text(campaign.vendor.source.clone())),
        ]);
        let template = &campaign.template;
        parts.extend(
            template.files.iter().map(|(path, file)| (template_part(&template.name, path), text(file.clone()))),
        );
        parts.extend(
            fonts.iter().map(|font| (format!("fonts/{}", font.name), Part { sha256: font.sha256.clone(), text: None })),
        );
        Self { parts }
    }

    /// Part by name → its hash.
    pub fn hashes(&self) -> BTreeMap<String, String> {
        self.parts.iter().map(|(name, part)| (name.clone(), part.sha256.clone())).collect()
    }
}

/// The name of a letter template's file among the parts.
pub fn template_part(letter: &str, path: &str) -> String {
    format!("letter-templates/{letter}/{path}")
}

/// One hash over the names and hashes of all parts, hex.
pub fn sha256(hashes: &BTreeMap<String, String>) -> String {
    let mut hash = Sha256::new();
    for (name, part) in hashes {
        // A name has no line feed, a hash no space.
        hash.update(format!("{part} {name}\n"));
    }
    hex::encode(hash.finalize())
}

/// Some keys of a campaign, in their own order, everything below them sorted.
fn written(table: &toml::Table, keys: &[&str], lists: bool) -> String {
    let mut chosen = toml::Table::new();
    for &key in keys {
        if let Some(value) = table.get(key) {
            chosen.insert(key.to_owned(), sorted(value));
        }
    }
    if lists && let Some(toml::Value::Array(lists)) = table.get("participants") {
        let seen = |list: &toml::Value| {
            LIST.iter().filter_map(|&key| Some((key.to_owned(), list.get(key)?.clone()))).collect::<toml::Table>()
        };
        chosen.insert(
            "participants".to_owned(),
            toml::Value::Array(lists.iter().map(|list| toml::Value::Table(seen(list))).collect()),
        );
    }
    // Scalars go before tables, or TOML cannot say them.
    let (scalars, tables): (Vec<_>, Vec<_>) = chosen.into_iter().partition(|(_, value)| !is_table(value));
    toml::to_string(&scalars.into_iter().chain(tables).collect::<toml::Table>()).unwrap_or_default()
}

fn is_table(value: &toml::Value) -> bool {
    match value {
        toml::Value::Table(_) => true,
        toml::Value::Array(values) => values.first().is_some_and(toml::Value::is_table),
        _ => false,
    }
}

/// The value with the keys of every table in it sorted; the order of a list counts and stays.
fn sorted(value: &toml::Value) -> toml::Value {
    match value {
        toml::Value::Table(table) => {
            let sorted: BTreeMap<_, _> = table.iter().map(|(key, value)| (key.clone(), self::sorted(value))).collect();
            toml::Value::Table(sorted.into_iter().collect())
        }
        toml::Value::Array(values) => toml::Value::Array(values.iter().map(sorted).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(source: &str) -> String {
        written(&toml::from_str(source).unwrap(), &FACTS, false)
    }

    #[test]
    fn remarks_and_the_order_of_keys_are_no_change_but_values_are() {
        let one = facts("id = \"a\" # remark\ndate = 2025-09-12\n[facts]\nb = 1\na = 2\n[limits]\nx = 1\n");
        let two = facts("date = 2025-09-12\nid = \"a\"\n[facts]\na = 2\nb = 1\n");
        assert_eq!(one, two);
        assert_eq!(one, "id = \"a\"\ndate = 2025-09-12\n\n[facts]\na = 2\nb = 1\n");
        assert_ne!(one, facts("id = \"a\"\ndate = 2025-09-12\n[facts]\nb = 1\na = 3\n"));
    }

    #[test]
    fn rules_know_which_list_is_of_which_population_and_the_order_of_variants() {
        let rules = |source: &str| written(&toml::from_str(source).unwrap(), &RULES, true);
        let one = rules(
            "[[participants]]\nid = \"a\"\npopulation = \"p\"\npath = \"x.csv\"\n[[variants]]\nid = \"v\"\nwhen = \"true\"\n",
        );
        assert!(one.contains("population = \"p\"") && !one.contains("x.csv"), "{one}");
        let two = rules("[[variants]]\nid = \"v\"\nwhen = \"false\"\n");
        assert_ne!(one, two);
    }
}
