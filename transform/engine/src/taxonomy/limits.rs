//! What a taxonomy may cost, whatever is in it.

/// The most patterns, of signatures and of the allowlist.
pub(super) const PATTERNS_LIMIT: usize = 50_000;

/// The most memory, in bytes, that the automata of all patterns may take which
/// are made before anything is searched.
pub(super) const AUTOMATA_LIMIT: usize = 256 << 20;
