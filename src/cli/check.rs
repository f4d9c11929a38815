//! `meldpost check`: what is in the lists, and what would become of it.
//!
//! Enters: a campaign. Leaves: a data-quality report that a person can act on. Invariant: no letter is made, nothing is
//! written, and no value of a person is shown; row numbers say where to look.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::num::NonZeroUsize;

use super::failure::Failure;
use super::output::Output;
use super::planning::{self, Planned, Trial};
use super::screen::Screen;
use super::sharing::Sharing;
use crate::campaign::settings::Campaign;
use crate::intake::ListReport;
use crate::ledger::Ledger;
use crate::model::earlier::Earlier;
use crate::wording::lint::{self, Lint, Warning};

/// Unmapped columns and rows that are named one by one.
const NAMED: usize = 8;

/// Checks a campaign.
pub fn check(campaign: &Campaign, threads: NonZeroUsize, screen: &Screen) -> Result<Output, Failure> {
    let earlier = match &campaign.ledger {
        Some(settings) if settings.file.exists() => Ledger::open(&settings.file)?.earlier(None)?,
        _ => Earlier::default(),
    };
    let planned = planning::decide(campaign, &earlier, Trial::LaidOut, threads, screen)?;
    let mut outcomes: BTreeMap<(&'static str, &'static str), u64> = BTreeMap::new();
    for row in &planned.routed.rows {
        *outcomes.entry((row.outcome.as_str(), row.outcome.reason())).or_default() += 1;
    }
    let mut exposures: BTreeMap<(&'static str, &'static str), u64> = BTreeMap::new();
    for outcome in &planned.exposures.outcomes {
        *exposures.entry(outcome.as_strs()).or_default() += 1;
    }
    let known = known(&planned);
    let wording = lint::lint(campaign);
    let mut json = json(&planned, &outcomes, &exposures, &known);
    json["wording"] = serde_json::to_value(&wording).unwrap_or_default();
    let sharing = Sharing::of(campaign, &planned.letters)?;
    json["sharing"] = serde_json::to_value(sharing).unwrap_or_default();
    let mut wording = wording_text(campaign, &wording);
    // Writing to a string does not fail.
    let _ = write!(wording, "\n\n{} letters of {} distinct texts", sharing.letters, sharing.texts);
    if let Some(warning) = sharing.warning(threads) {
        let _ = write!(wording, "\n  warning: {warning}");
    }
    Ok(Output { text: text(campaign, &planned, &outcomes, &exposures, &known) + &wording, json })
}

/// Letters by population, category and certainty.
type Known = BTreeMap<(String, String, &'static str), u64>;

fn known(planned: &Planned) -> Known {
    let mut known = Known::new();
    for planned in &planned.letters {
        for population in &planned.letter.facts.populations {
            for (category, exposed) in &planned.letter.facts.categories {
                let key = (population.clone(), category.clone(), exposed.certainty.as_str());
                *known.entry(key).or_default() += 1;
            }
        }
    }
    known
}

fn text(
    campaign: &Campaign,
    planned: &Planned,
    outcomes: &BTreeMap<(&'static str, &'static str), u64>,
    exposures: &BTreeMap<(&'static str, &'static str), u64>,
    known: &Known,
) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(
        out,
        "{}: letter `{}`, vendor `{}`, {}",
        campaign.id, campaign.template.name, campaign.vendor.name, campaign.date
    );
    for list in &planned.lists {
        list_text(&mut out, list);
    }
    let _ = writeln!(out, "\noutcomes, as they would be");
    for ((outcome, reason), count) in outcomes {
        let _ = writeln!(out, "  {outcome:<12}{reason:<30}{count:>10}");
    }
    let _ = writeln!(out, "\nexposure rows");
    for ((outcome, reason), count) in exposures {
        let _ = writeln!(out, "  {outcome:<12}{reason:<30}{count:>10}");
    }
    let _ = writeln!(out, "\nletters by population and category: confirmed · possible · ruled out");
    let mut rows: BTreeMap<(&str, &str), [u64; 3]> = BTreeMap::new();
    for ((population, category, certainty), count) in known {
        let column = match *certainty {
            "confirmed" => 0,
            "possible" => 1,
            _ => 2,
        };
        rows.entry((population, category)).or_default()[column] += count;
    }
    for ((population, category), [confirmed, possible, ruled_out]) in rows {
        let _ = writeln!(out, "  {population:<22}{category:<20}{confirmed:>10}{possible:>10}{ruled_out:>10}");
    }
    out.truncate(out.trim_end().len());
    out
}

/// How the wording reads, and the spots that could be plainer.
fn wording_text(campaign: &Campaign, wording: &Lint) -> String {
    let mut out = String::from("\n\nwording: sentences · words on average · longest · reading ease");
    for read in &wording.figures {
        let _ = write!(
            out,
            "\n  {:<4}{:>8}{:>8.1}{:>8}{:>8.0}",
            read.language, read.sentences, read.words_average, read.words_max, read.reading_ease
        );
    }
    for warning in &wording.warnings {
        let Warning { file, line, message, .. } = warning;
        let _ = write!(out, "\n  warning: {}/{file}:{line}: {message}", campaign.template.name);
    }
    out
}

fn list_text(out: &mut String, list: &ListReport) {
    let _ = writeln!(out, "\n{} `{}` ({}): {} rows", list.kind.as_str(), list.id, list.path, list.rows);
    let fill: Vec<String> = list
        .columns
        .iter()
        .map(|column| {
            let percent = (column.filled * 100).checked_div(list.rows).unwrap_or(0);
            format!("{} {percent}%", column.field)
        })
        .collect();
    for line in wrapped(&fill, 96) {
        let _ = writeln!(out, "  {line}");
    }
    if !list.unmapped.is_empty() {
        let _ = writeln!(out, "  not read: {}", named(&list.unmapped));
    }
    for ((field, rule), found) in &list.outside {
        let rows: Vec<String> = found.first_rows.iter().take(NAMED).map(u32::to_string).collect();
        let more = if found.count > rows.len() as u64 { " …" } else { "" };
        let _ = writeln!(out, "  {field}: {} {} · rows {}{more}", found.count, rule.as_str(), rows.join(", "));
    }
}

fn named(names: &[String]) -> String {
    let shown = names.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn wrapped(items: &[String], width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for item in items {
        match lines.last_mut() {
            Some(line) if line.len() + item.len() + 3 <= width => {
                line.push_str(" · ");
                line.push_str(item);
            }
            _ => lines.push(item.clone()),
        }
    }
    lines
}

fn json(
    planned: &Planned,
    outcomes: &BTreeMap<(&'static str, &'static str), u64>,
    exposures: &BTreeMap<(&'static str, &'static str), u64>,
    known: &Known,
) -> serde_json::Value {
    let counted = |counts: &BTreeMap<(&'static str, &'static str), u64>| -> serde_json::Value {
        counts
            .iter()
            .map(|((outcome, reason), count)| serde_json::json!({"outcome": outcome, "reason": reason, "rows": count}))
            .collect()
    };
    let lists: Vec<_> = planned
        .lists
        .iter()
        .map(|list| {
            serde_json::json!({
                "id": list.id,
                "kind": list.kind.as_str(),
                "path": list.path,
                "rows": list.rows,
                "columns": list.columns.iter().map(|column| serde_json::json!({
                    "field": column.field, "column": column.column, "filled": column.filled,
                })).collect::<Vec<_>>(),
                "unmapped": list.unmapped,
                "missing": list.missing,
                "outside": list.outside.iter().map(|((field, rule), found)| serde_json::json!({
                    "field": field, "rule": rule.as_str(), "count": found.count, "rows": found.first_rows,
                })).collect::<Vec<_>>(),
            })
        })
        .collect();
    serde_json::json!({
        "lists": lists,
        "outcomes": counted(outcomes),
        "exposure_outcomes": counted(exposures),
        "overruled": planned.exposures.overruled,
        "letters_by_category": known.iter().map(|((population, category, certainty), letters)| serde_json::json!({
            "population": population, "category": category, "certainty": certainty, "letters": letters,
        })).collect::<Vec<_>>(),
    })
}
