//! The engine and its peers on the same patterns and the same lines.

#[cfg(feature = "hyperscan")]
pub mod hyperscan;
pub mod lines;
pub mod peer;
pub mod taxonomy;
#[cfg(feature = "vrl")]
pub mod vrl;
