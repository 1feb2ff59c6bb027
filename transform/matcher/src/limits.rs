//! What patterns may cost, whatever they are made of.

/// The most memory, in bytes, that all automata of a process may take together
/// which are built when a text needs them; more only for what is in use. Those that
/// stay are outside of it: [`Matcher::memory_usage`](crate::Matcher::memory_usage).
pub const AUTOMATA_LIMIT: usize = 128 << 20;

/// The most memory, in bytes, that one compiled pattern may take.
pub const SIZE_LIMIT: usize = 4 << 20;

/// The longest that a pattern may be, in bytes: reading one takes two hundred
/// times as much of memory.
pub const LENGTH_LIMIT: usize = 128 << 10;

/// The most classes, such as `\w` and `\p{L}`, that may stand in a pattern: reading
/// one can take ten kilobytes.
pub const CLASSES_LIMIT: usize = 4096;

/// The most memory, in bytes, that all automata of a backtracking pattern may
/// take.
pub const BACKTRACKING_SIZE_LIMIT: usize = 16 << 20;

/// The most groups that a pattern may have which calls groups, as by `\g<1>`.
pub(crate) const CALLED_GROUPS_LIMIT: usize = 16;

/// The most memory, in bytes, that each thread may cache for one pattern.
pub(crate) const CACHE_LIMIT: usize = 1 << 20;

/// The most steps back that a backtracking pattern may take on one text. Past
/// it the pattern counts as not matching ([`Search::StepLimit`]).
///
/// [`Search::StepLimit`]: crate::Search::StepLimit
pub const STEP_LIMIT: usize = 100_000;

/// The same for a text longer than [`LONG_TEXT`], where one step may scan so
/// much that the work would still take seconds.
pub const LONG_TEXT_STEP_LIMIT: usize = 2_000;

/// From how many bytes on a text is long.
pub const LONG_TEXT: usize = 4 << 10;

/// How deeply groups may nest in a pattern.
pub const NEST_LIMIT: u32 = 250;
