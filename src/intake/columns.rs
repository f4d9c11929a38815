//! Which column of a list is which field of ours.
//!
//! Enters: the header, the campaign's `columns`, and the fields that a kind of list has. Leaves: a pick a field, and
//! what check reports. Invariant: a column that an entry of `columns` claims is never taken for a field or category of
//! its own name. Absent on purpose: header names in messages other than those that the campaign itself spells: a list
//! without header would show its first person there.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;

use super::problem::{IntakeProblem, ListName};
use super::report::ColumnReport;

/// A field that is looked for in a list.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Our field or category.
    pub field: String,
    /// Their column, where the campaign names one.
    pub named: Option<String>,
    /// Whether the list must have it, may have it, or has it under this name for something else.
    pub need: Need,
}

/// How much a field is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// The list must have it.
    Required,
    /// The list may have it.
    Optional,
    /// Not looked for: a column of this name is something else.
    Ignored,
}

impl Wanted {
    /// A field, with the column that `columns` names for it.
    pub fn field(field: &str, columns: &BTreeMap<String, String>, need: Need) -> Self {
        let named = columns.get(field).map(|theirs| column_name(theirs));
        let need = if named.is_some() && need == Need::Ignored { Need::Optional } else { need };
        Self { field: field.to_owned(), named, need }
    }

    /// The column that is looked for.
    pub fn column(&self) -> &str {
        self.named.as_deref().unwrap_or(&self.field)
    }
}

/// Which column of a list is which field of ours.
#[derive(Debug)]
pub struct Mapping {
    /// Per wanted field the index of its column.
    pub picks: Vec<Option<usize>>,
    /// The columns that are read, without fill rates.
    pub columns: Vec<ColumnReport>,
    /// Columns that nothing maps.
    pub unmapped: Vec<String>,
    /// Optional fields that the list lacks.
    pub missing: Vec<String>,
}

/// A column's name as it is compared: trimmed, NFC.
pub fn column_name(text: &str) -> String {
    text.trim().nfc().collect()
}

/// Finds the wanted fields in the header.
///
/// # Errors
/// Every duplicate name, every entry of `columns` that the list lacks, every missing column.
pub fn map(name: ListName<'_>, header: &[String], wanted: &[Wanted]) -> Result<Mapping, Vec<IntakeProblem>> {
    let mut problems = duplicates(name, header);
    let claimed: Vec<&str> = wanted.iter().filter_map(|wanted| wanted.named.as_deref()).collect();
    let picks: Vec<Option<usize>> = wanted
        .iter()
        .map(|wanted| {
            let sought =
                wanted.need != Need::Ignored && (wanted.named.is_some() || !claimed.contains(&wanted.column()));
            header.iter().position(|column| sought && column == wanted.column())
        })
        .collect();
    for (wanted, _) in wanted.iter().zip(&picks).filter(|(_, pick)| pick.is_none()) {
        if let Some(column) = &wanted.named {
            problems.push(name.data(
                format!("no column `{column}`, which the campaign names for `{}`", wanted.field),
                "correct the name in the campaign, or ask for the list with this column",
            ));
        } else if wanted.need == Need::Required {
            problems.push(name.data(
                format!("no column `{}`", wanted.field),
                format!("if the column has another name, say so: columns = {{ {} = \"…\" }}", wanted.field),
            ));
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(Mapping {
        columns: wanted
            .iter()
            .zip(&picks)
            .filter(|(_, pick)| pick.is_some())
            .map(|(wanted, _)| ColumnReport {
                field: wanted.field.clone(),
                column: wanted.column().to_owned(),
                filled: 0,
            })
            .collect(),
        unmapped: unmapped(header, &picks),
        missing: wanted
            .iter()
            .zip(&picks)
            .filter(|(wanted, pick)| pick.is_none() && wanted.need != Need::Ignored)
            .map(|(wanted, _)| wanted.field.clone())
            .collect(),
        picks,
    })
}

/// One problem for each name that stands over several columns, told by their numbers.
fn duplicates(name: ListName<'_>, header: &[String]) -> Vec<IntakeProblem> {
    let mut places = BTreeMap::<&str, Vec<String>>::new();
    for (index, column) in header.iter().enumerate().filter(|(_, column)| !column.is_empty()) {
        places.entry(column).or_default().push((index + 1).to_string());
    }
    let repeated = places.into_values().filter(|numbers| numbers.len() > 1);
    repeated
        .map(|numbers| {
            name.data(
                format!("the columns {} have the same name", numbers.join(", ")),
                "give each column a name of its own; which one is meant is not guessed",
            )
        })
        .collect()
}

/// The names, or numbers where there is no name, of columns that nothing maps.
fn unmapped(header: &[String], picks: &[Option<usize>]) -> Vec<String> {
    let free = header.iter().enumerate().filter(|(index, _)| !picks.contains(&Some(*index)));
    free.map(
        |(index, column)| {
            if column.is_empty() { format!("column {} (no name)", index + 1) } else { column.clone() }
        },
    )
    .collect()
}

#[cfg(test)]
mod tests {
    use super::Need::{Optional, Required};
    use super::*;

    const NAME: ListName<'_> = ListName { kind: "participants list", id: "a", path: "a.csv" };

    fn find(header: &[&str], columns: &[(&str, &str)], fields: &[(&str, Need)]) -> Result<Mapping, Vec<IntakeProblem>> {
        let header: Vec<String> = header.iter().map(|&column| column.to_owned()).collect();
        let columns = columns.iter().map(|&(ours, theirs)| (ours.to_owned(), theirs.to_owned())).collect();
        let wanted: Vec<_> = fields.iter().map(|&(field, need)| Wanted::field(field, &columns, need)).collect();
        map(NAME, &header, &wanted)
    }

    #[test]
    fn mapped_and_equal_names_are_found_and_the_rest_is_reported() {
        let mapping = find(
            &["BSN", "surname", "toevoeging", ""],
            &[("person_key", "BSN")],
            &[("person_key", Required), ("surname", Required), ("prefix", Optional)],
        )
        .expect("a mapping");
        assert_eq!(mapping.picks, [Some(0), Some(1), None]);
        assert_eq!(mapping.unmapped, ["toevoeging", "column 4 (no name)"]);
        assert_eq!(mapping.missing, ["prefix"]);
    }

    #[test]
    fn a_column_that_an_entry_claims_is_not_also_the_field_of_its_own_name() {
        let mapping = find(&["bsn"], &[("person_key", "bsn")], &[("person_key", Required), ("bsn", Optional)])
            .expect("a mapping");
        assert_eq!(mapping.picks, [Some(0), None]);
    }

    #[test]
    fn all_problems_of_a_header_come_at_once_and_show_no_header() {
        let problems = find(
            &["Jansen", "x", "Jansen"],
            &[("person_key", "BSN"), ("prefix", "Tussenvoegsel")],
            &[("person_key", Required), ("surname", Required), ("prefix", Optional)],
        )
        .expect_err("problems");
        assert_eq!(problems.len(), 4);
        assert!(problems.iter().all(|problem| !problem.message.contains("Jansen")));
    }
}
