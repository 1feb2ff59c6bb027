//! Can a regular expression be made to backtrack without end? And with what text?
//!
//! Engines that backtrack (Python's `re`, PCRE2, JavaScript's, and `fancy-regex`
//! for what the `regex` crate cannot do) try one way of matching after another.
//! When a text can be read in many ways and none of them matches in the end,
//! they try all: the time grows with the square of the text, or its cube, or
//! doubles with every character. Whoever may choose the text can stop the program
//! with it, which is known as *ReDoS*.
//!
//! ```
//! use sigcheck_backtracking::{
//!     Analysis, Budget, Complexity, Dialect, Flags, Vulnerability, analyse, rewrite,
//! };
//!
//! let (dialect, flags, budget) = (Dialect::Python, Flags::default(), Budget::default());
//! let pattern = r"^(a+)+$";
//! let analysis = analyse(pattern, dialect, flags, &budget);
//! let Analysis::Vulnerable(Vulnerability { complexity, attack, culprit, .. }) = &analysis else {
//!     panic!("no attack was found");
//! };
//! assert_eq!(*complexity, Complexity::Exponential);
//! assert_eq!(&pattern[culprit.clone()], "(a+)+");
//! assert_eq!(attack.text(5), "aaaaab");
//!
//! let better = rewrite(pattern, dialect, flags, &budget, &analysis);
//! assert_eq!(better.map(|better| better.pattern), Some("^(a+)$".to_owned()));
//! ```
//!
//! # What it promises
//! - *No false alarms*: an attack is reported only when a backtracking matcher, which
//!   takes the decisions of CPython's, was seen to take more than linear time on it.
//!   The step count, not the clock, tells.
//! - *The same answer always*: work is bounded by a [`Budget`] of counted steps, so
//!   neither the machine nor its load changes what is found.
//! - *No panic and no endless loop*, whatever the pattern; what is not found out is
//!   [`Undecided`], with the reason.
//!
//! [`Analysis::Linear`] promises less: of the attacks that were looked for, none works.
//! Only a sample of Unicode is tried, and of very long patterns not every pair of loops.
//! No automaton can express look-around, back-references and atomic groups; where they
//! may hide an attack, the answer is [`Undecided::Unconfirmed`] rather than linear.
//!
//! # How
//! 1. The pattern is read as its [`Dialect`]'s engine reads it, and turned into a
//!    nondeterministic automaton (Glushkov's, without empty moves) that overapproximates
//!    what no automaton can express.
//! 2. The automaton's ambiguity tells where the time may grow, and with which text.
//!    *Exponential* ambiguity (EDA) is a state with two loops that read the same word;
//!    *polynomial* ambiguity (IDA) is a word that loops at two states and leads from one
//!    to the other. The criteria are those of Weber and Seidl; that they tell the time of
//!    a backtracking matcher is due to Weideman and others.
//! 3. A suffix is sought after which the text cannot match, so that all ways are
//!    tried. As in the work of Wüstholz and others, an attack is a prefix, a pump that is
//!    repeated, and a suffix; a polynomial one may have several prefixes and pumps.
//! 4. The attack is run, longer and longer, on a matcher that counts its steps. To
//!    confirm each attack by running it is the idea of Davis and others, and of `recheck`.
//!
//! [`rewrite()`] applies a few rules that keep what a search finds, and analyses the
//! result anew.
//!
//! # What it costs
//! Most patterns take microseconds to a millisecond; one that uses up the default
//! budget takes about half a second. Memory is bounded by the budget's states, some
//! tens of bytes each.
//!
//! # When not to use it
//! - Patterns that run on a linear engine (RE2, Go's `regexp`, Rust's `regex`)
//!   need no such analysis; [`Dialect::Rust`] answers at once for them.
//! - It does not know what an engine does to save itself, such as the limits of PCRE2 or
//!   V8's fallback: what is reported may be cut short there.
//! - It says nothing about patterns that are slow without backtracking, such as large
//!   counted repeats on an automaton.
//!
//! # Literature
//! - V. M. Glushkov, *The abstract theory of automata* (Russian Mathematical Surveys, 1961)
//! - A. Weber, H. Seidl, *On the degree of ambiguity of finite automata* (Theoretical
//!   Computer Science, 1991)
//! - N. Weideman, B. van der Merwe, M. Berglund, B. Watson, *Analyzing matching time
//!   behavior of backtracking regular expression matchers by using ambiguity of NFA*
//!   (CIAA 2016)
//! - V. Wüstholz, O. Olivo, M. Heule, I. Dillig, *Static detection of DoS vulnerabilities
//!   in programs that use regular expressions* (TACAS 2017)
//! - J. C. Davis, C. A. Coghlan, F. Servant, D. Lee, *The impact of regular expression
//!   denial of service (ReDoS) in practice* (FSE 2018)
//! - S. Takahashi, Y. Minamide and others, the checker
//!   [`recheck`](https://makenowjust-labs.github.io/recheck/), with which
//!   `bench/backtracking` in the repository compares this one
//! - What each dialect's engine accepts: CPython's `Lib/re/_parser.py`, the manual
//!   `pcre2pattern`, ECMA-262 §22.2 with Annex B, the documentation of the crates `regex`
//!   and `fancy-regex`

mod alphabet;
mod ambiguity;
mod analyse;
mod analysis;
mod attack;
mod budget;
mod complexity;
mod dialect;
mod flags;
mod matcher;
mod nfa;
mod parser;
mod proof;
mod rewrite;
mod syntax;

pub use analyse::analyse;
pub use analysis::{Analysis, Undecided, Vulnerability};
pub use attack::{Attack, Pump};
pub use budget::Budget;
pub use complexity::Complexity;
pub use dialect::{Dialect, UnknownDialect};
pub use flags::Flags;
pub use rewrite::{Rewrite, rewrite};
