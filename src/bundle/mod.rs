//! Pages → streams or single PDFs.

pub mod compose;
pub mod copy;
pub mod drawing;
pub mod extract;
pub mod form;
pub mod marks;
pub mod reading;
pub mod structure;
pub mod typeface;
