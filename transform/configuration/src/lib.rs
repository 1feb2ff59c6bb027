//! Where the files and switches of vector-signatures come from.

pub mod switch;
