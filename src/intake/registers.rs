//! Who stands in which register.
//!
//! Enters: the case codes of every register row. Leaves: whether a person stands in a register of a kind. Invariant:
//! every row of a register was read, or the plan stopped. Absent on purpose: dates and notes of entries, which are
//! checked but decide nothing.

use std::collections::BTreeMap;

use crate::campaign::settings::RegisterKind;
use crate::model::case_code::CaseCode;

/// The people in all registers, by kind.
#[derive(Debug, Clone, Default)]
pub struct Registers(BTreeMap<RegisterKind, Vec<CaseCode>>);

impl Registers {
    /// Registers with these entries, in any order.
    pub fn new(entries: impl IntoIterator<Item = (RegisterKind, CaseCode)>) -> Self {
        let mut by_kind = BTreeMap::<_, Vec<_>>::new();
        for (kind, case_code) in entries {
            by_kind.entry(kind).or_default().push(case_code);
        }
        for codes in by_kind.values_mut() {
            codes.sort_unstable();
            codes.dedup();
        }
        Self(by_kind)
    }

    /// Whether the person stands in a register of this kind.
    pub fn contains(&self, kind: RegisterKind, case_code: CaseCode) -> bool {
        self.0.get(&kind).is_some_and(|codes| codes.binary_search(&case_code).is_ok())
    }
}
