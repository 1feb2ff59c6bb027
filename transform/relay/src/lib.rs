//! vector-signatures: recognise error lines beside a stock Vector.

pub mod wire;
