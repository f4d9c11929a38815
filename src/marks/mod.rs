//! Machine-readable marks on a letter: content and geometry, without drawing.

pub mod datamatrix;
pub mod kix;
