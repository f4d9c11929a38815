//! Packages as the print house takes them: marks on drawn pages, files before the press, other people's programs,
//! spoiled pieces.

mod drawn;
mod limits;
mod marks_on_paper;
mod packages;
mod press;
mod reprint;
mod tools;
mod window;
