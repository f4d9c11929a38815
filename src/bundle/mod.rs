//! Pages → streams or single PDFs.

pub mod compose;
pub mod copy;
pub mod extract;
pub mod marks;
