//! From a pattern to a proof that it blows up.
//!
//! The automaton foretells, the matcher confirms; this is the order in which
//! they are asked, and what is made of their answers.

use std::collections::HashSet;

use super::alphabet::{Alphabet, Symbol};
use super::ambiguity::{Examination, Fuel, OutOfFuel, Pair, Palette, Stretch, Suspect, Ways};
use super::automaton::{self, Automaton, Shape, TooLarge};
use super::edges::with_plain_edges;
use super::growth::{Growth, Harmless, Trial};
use super::parser::{self, ParseError, Parsed};
use super::program::Program;
use super::syntax::{Kind, Mode, Node};
use super::{Analysis, Attack, Budget, Cost, Engine, Flags, Pump, Reason, Span, Verdict};
use super::{culprit, suffix};

/// One pattern under analysis.
pub(super) struct Case {
    root: Node,
    /// The same for an automaton.
    plain: Node,
    alphabet: Alphabet,
    trials: Trials,
    fuel: Fuel,
}

/// What it takes to run attacks.
struct Trials {
    program: Program,
    steps_left: u64,
    subject_limit: usize,
    harmless_seconds: f64,
    fidelity: Fidelity,
    /// Whether an attack was foretold that did not come true.
    unconfirmed: bool,
}

/// How well an automaton can stand for the pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fidelity {
    /// It says all that the pattern does.
    Exact,
    /// Only look-ahead at the start is approximated. Either it holds, and the
    /// rest is exact, or it fails, and the rest is never tried.
    LeadingLook,
    Approximate,
}

impl Fidelity {
    fn of(root: &Node) -> Fidelity {
        if !needs_backtracking(root) {
            return Fidelity::Exact;
        }
        let plain = |node: &Node| match &node.kind {
            Kind::Look { behind: false, node, .. } => !needs_backtracking(node),
            _ => !needs_backtracking(node),
        };
        let leads = |node: &&Node| matches!(&node.kind, Kind::Look { .. } | Kind::Assert(_));
        match &root.kind {
            Kind::Concat(nodes) => {
                let leading = nodes.iter().take_while(leads).count();
                let rest = nodes[leading..].iter().any(needs_backtracking);
                match nodes[..leading].iter().all(plain) && !rest {
                    true => Fidelity::LeadingLook,
                    false => Fidelity::Approximate,
                }
            }
            Kind::Look { .. } if plain(root) => Fidelity::LeadingLook,
            _ => Fidelity::Approximate,
        }
    }
}

/// What to put in front of an attack: nothing, or a character that keeps what is
/// anchored at the start from matching first.
fn leads(alphabet: &Alphabet) -> Vec<Vec<Symbol>> {
    let strange = alphabet.by_strangeness();
    let newline = alphabet.characters.iter().position(|c| *c == '\n');
    let other = strange.iter().copied().find(|s| Some(usize::from(*s)) != newline);
    let mut leads = vec![vec![]];
    leads.extend(other.map(|symbol| vec![symbol]));
    leads
}

/// Levels of loops around loops that are looked into.
const TURN_LEVELS: usize = 3;

/// Pumps are sought with this many choices of symbols.
const PALETTE_LIMIT: usize = 7;

/// The choices of symbols for pumps, one after the other.
#[derive(Default)]
struct Palettes {
    given: usize,
    tried: HashSet<Symbol>,
}

impl Palettes {
    fn next(&mut self, alphabet: &Alphabet) -> Option<Palette> {
        self.given += 1;
        match self.given {
            1 => Some(Palette::readable(alphabet, true)),
            2 => Some(Palette::readable(alphabet, false)),
            3..=PALETTE_LIMIT => Some(Palette::strange(alphabet, &self.tried)),
            _ => None,
        }
    }

    /// Pumps that were tried. The symbol of a pump that has but one need not be
    /// tried again.
    fn tried<'w>(&mut self, words: impl Iterator<Item = &'w [Symbol]>) {
        for word in words {
            if word.iter().all(|symbol| *symbol == word[0]) {
                self.tried.insert(word[0]);
            }
        }
    }
}

/// An attack that the matcher has confirmed.
struct Proof {
    suspect: Suspect,
    suffix: Vec<Symbol>,
    growth: Growth,
    spans: Vec<Span>,
    /// The most repeats that fit into the subject limit, and what they cost.
    most_repeats: usize,
    seconds: f64,
}

/// Why no verdict can be given.
enum Stop {
    TooLarge,
    OutOfBudget,
}

impl From<OutOfFuel> for Stop {
    fn from(_: OutOfFuel) -> Self {
        Stop::OutOfBudget
    }
}

impl From<TooLarge> for Stop {
    fn from(_: TooLarge) -> Self {
        Stop::TooLarge
    }
}

impl From<Stop> for Reason {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::TooLarge => Reason::TooLarge,
            Stop::OutOfBudget => Reason::OutOfBudget,
        }
    }
}

impl From<ParseError> for Reason {
    fn from(error: ParseError) -> Self {
        match error {
            ParseError::Rejected { at, message } => Reason::Rejected { at, message },
            ParseError::Unsupported { at, feature } => Reason::Unsupported { at, feature },
        }
    }
}

impl Case {
    /// The pattern ready for analysis, or the analysis if there is no need.
    pub(super) fn new(
        pattern: &str,
        engine: Engine,
        flags: Flags,
        budget: &Budget,
    ) -> Result<Case, Verdict> {
        let Parsed { root, groups } = parser::parse(pattern, engine, flags)
            .map_err(|error| Verdict::Undecided(error.into()))?;
        if engine == Engine::Rust && !needs_backtracking(&root) || !has_repeats(&root) {
            return Err(Verdict::Linear);
        }
        let plain = with_plain_edges(&root);
        let alphabet =
            Alphabet::new(&[&root, &plain]).ok_or(Verdict::Undecided(Reason::TooLarge))?;
        let javascript = engine == Engine::JavaScript;
        let trials = Trials {
            program: Program::new(&root, groups, &alphabet, javascript),
            steps_left: budget.steps,
            subject_limit: budget.subject_limit,
            harmless_seconds: budget.harmless_seconds,
            fidelity: Fidelity::of(&plain),
            unconfirmed: false,
        };
        Ok(Case { root, plain, alphabet, trials, fuel: Fuel(budget.states) })
    }

    pub(super) fn analysis(&mut self) -> Analysis {
        let mut worst = None;
        let end = self.seek(&mut worst);
        match (worst, end) {
            // What is proved stays proved, whatever else there may be.
            (Some(proof), _) => self.report(&proof),
            (None, Err(stop)) => Analysis::of(Verdict::Undecided(stop.into())),
            (None, Ok(())) if self.trials.steps_left == 0 => {
                Analysis::of(Verdict::Undecided(Reason::OutOfBudget))
            }
            (None, Ok(())) if self.trials.doubtful() => {
                Analysis::of(Verdict::Undecided(Reason::Unconfirmed))
            }
            (None, Ok(())) => Analysis::of(Verdict::Linear),
        }
    }

    /// Whether an attack on a stricter reading of the pattern works here, too.
    pub(super) fn succumbs_to(&mut self, other: &Analysis) -> bool {
        let (Some(attack), Verdict::Exponential | Verdict::Polynomial { .. }) =
            (&other.attack, &other.verdict)
        else {
            return false;
        };
        let word = |text: &str| -> Option<Vec<Symbol>> {
            text.chars().map(|c| self.alphabet.symbol(c)).collect()
        };
        let stretches = attack
            .pumps
            .iter()
            .map(|pump| Some(Stretch { prefix: word(&pump.prefix)?, pump: word(&pump.text)? }));
        let stretches: Option<Vec<Stretch>> = stretches.collect();
        let (Some(stretches), Some(suffix)) = (stretches, word(&attack.suffix)) else {
            return false;
        };
        let expected = match other.verdict {
            Verdict::Polynomial { degree } => Ways::Polynomial(degree),
            _ => Ways::Exponential,
        };
        let growth = self.trials.growth(&self.alphabet, &stretches, &suffix, expected, None, None);
        growth.is_some_and(|growth| growth.ways == expected)
    }

    /// Looks for the worst attack that can be confirmed.
    fn seek(&mut self, worst: &mut Option<Proof>) -> Result<(), Stop> {
        let as_it_is = Automaton::new(&self.plain, &self.alphabet, Shape::default())?;
        self.exponential(&as_it_is, worst)?;
        if !is_exponential(worst) && has_high_bounds(&self.plain) {
            let shape = Shape { unbounded: true, ..Shape::default() };
            let unbounded = Automaton::new(&self.plain, &self.alphabet, shape)?;
            // The rest of the work must not starve for what may come to nothing.
            let reserve = self.trials.steps_left / 3 * 2;
            self.trials.steps_left -= reserve;
            let mut found = None;
            self.exponential(&unbounded, &mut found)?;
            self.trials.steps_left += reserve;
            if is_exponential(&found) {
                *worst = found;
            }
        }
        if !is_exponential(worst) {
            self.polynomial(&as_it_is, worst)?;
        }
        for single_turns in 1..=nested_loops(&self.plain).min(TURN_LEVELS) {
            if is_exponential(worst) {
                break;
            }
            let shape = Shape { single_turns, ..Shape::default() };
            let unrolled = Automaton::new(&self.plain, &self.alphabet, shape)?;
            self.exponential(&unrolled, worst)?;
            self.polynomial(&unrolled, worst)?;
        }
        if worst.is_none() && automaton::has_readable_looks(&self.plain) {
            let shape = Shape { read_looks: true, ..Shape::default() };
            let reading = Automaton::new(&self.plain, &self.alphabet, shape)?;
            self.exponential(&reading, worst)?;
            self.polynomial(&reading, worst)?;
        }
        Ok(())
    }

    fn exponential(
        &mut self,
        automaton: &Automaton,
        worst: &mut Option<Proof>,
    ) -> Result<(), Stop> {
        let examination = Examination::new(automaton, &self.alphabet);
        let mut palettes = Palettes::default();
        while let Some(palette) = palettes.next(&self.alphabet) {
            let suspects = examination.exponential(&palette, &mut self.fuel)?;
            if suspects.is_empty() {
                break;
            }
            for suspect in suspects {
                palettes.tried(suspect.stretches.iter().map(|stretch| &stretch.pump[..]));
                self.trials.confirm(&self.alphabet, automaton, suspect, worst);
                if is_exponential(worst) {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn polynomial(&mut self, automaton: &Automaton, worst: &mut Option<Proof>) -> Result<(), Stop> {
        let examination = Examination::new(automaton, &self.alphabet);
        let mut palettes = Palettes::default();
        let mut sound: Vec<Pair> = Vec::new();
        while let Some(palette) = palettes.next(&self.alphabet) {
            let mut pairs = examination.pairs(&palette, &mut self.fuel)?;
            pairs.retain(|pair| !sound.iter().any(|s| (s.from, s.to) == (pair.from, pair.to)));
            if pairs.is_empty() {
                break;
            }
            for suspect in examination.chains(&pairs, &mut self.fuel)? {
                let foretold = suspect.ways;
                let seen = self.trials.confirm(&self.alphabet, automaton, suspect, worst);
                if seen == Some(foretold) {
                    return Ok(());
                }
            }
            // Some pair in each chain cannot be attacked: find those that can.
            for pair in pairs {
                palettes.tried([&pair.word[..]].into_iter());
                if let Some(suspect) = examination.single(&pair, &mut self.fuel)?
                    && self.trials.confirm(&self.alphabet, automaton, suspect, worst).is_some()
                {
                    sound.push(pair);
                }
            }
        }
        for suspect in examination.chains(&sound, &mut self.fuel)? {
            self.trials.confirm(&self.alphabet, automaton, suspect, worst);
        }
        Ok(())
    }
}

fn is_exponential(proof: &Option<Proof>) -> bool {
    proof.as_ref().is_some_and(Proof::is_exponential)
}

impl Proof {
    fn is_exponential(&self) -> bool {
        self.growth.ways == Ways::Exponential
    }

    /// Orders by growth; of two alike the one that costs more is the worse, and
    /// the simpler attack, too.
    fn harm(&self) -> (u32, f64) {
        match self.growth.ways {
            Ways::Exponential => (u32::MAX, 0.0),
            Ways::Polynomial(degree) => (degree, self.seconds),
        }
    }
}

impl Trials {
    /// Whether the pattern may be attacked after all.
    fn doubtful(&self) -> bool {
        self.unconfirmed && self.fidelity != Fidelity::Exact
    }

    /// Runs the attack that the suspect amounts to, and keeps it if it works and
    /// is worse than what is known. Returns what it was seen to do.
    fn confirm(
        &mut self,
        alphabet: &Alphabet,
        automaton: &Automaton,
        mut suspect: Suspect,
        worst: &mut Option<Proof>,
    ) -> Option<Ways> {
        let bound = suspect.hot.iter().filter_map(|state| automaton.bounded.get(state)).max();
        let prefix = suspect.stretches[0].prefix.clone();
        for lead in leads(alphabet) {
            suspect.stretches[0].prefix = [&lead[..], &prefix].concat();
            let suffixes = suffix::suffixes(automaton, alphabet, &suspect, &mut self.steps_left);
            self.unconfirmed |=
                lead.is_empty() && (!suffixes.is_empty() || self.fidelity == Fidelity::Approximate);
            for suffix in self.with_all(alphabet, suffixes) {
                let most_repeats = self.most_repeats(&suspect, &suffix);
                let harmless =
                    Some(Harmless { repeats: most_repeats, seconds: self.harmless_seconds });
                let Suspect { stretches, ways, .. } = &suspect;
                let growth =
                    self.growth(alphabet, stretches, &suffix, *ways, bound.copied(), harmless);
                let Some(growth) = growth else { continue };
                let spans = suspect.hot.iter().map(|s| automaton.states[*s].span.clone()).collect();
                let seconds = growth.seconds_at(most_repeats);
                let proof = Proof { suspect, suffix, growth, spans, most_repeats, seconds };
                if worst.as_ref().is_none_or(|worst| proof.harm() > worst.harm()) {
                    *worst = Some(proof);
                }
                return Some(growth.ways);
            }
        }
        None
    }

    fn growth(
        &mut self,
        alphabet: &Alphabet,
        stretches: &[Stretch],
        suffix: &[Symbol],
        expected: Ways,
        bound: Option<u32>,
        harmless: Option<Harmless>,
    ) -> Option<Growth> {
        let (program, steps_left) = (&self.program, &mut self.steps_left);
        let mut trial = Trial { program, alphabet, stretches, suffix, steps_left, harmless };
        trial.growth(expected, bound)
    }

    /// How many repeats fit into the subject limit.
    fn most_repeats(&self, suspect: &Suspect, suffix: &[Symbol]) -> usize {
        let pumped: usize = suspect.stretches.iter().map(|s| s.pump.len()).sum();
        let fixed: usize = suspect.stretches.iter().map(|s| s.prefix.len()).sum();
        (self.subject_limit.saturating_sub(fixed + suffix.len()) / pumped).max(1)
    }

    /// The suffixes, and where the automaton may be wrong about them some more:
    /// look-ahead may ask for something anywhere, so all there is is offered.
    fn with_all(&self, alphabet: &Alphabet, mut suffixes: Vec<Vec<Symbol>>) -> Vec<Vec<Symbol>> {
        if self.fidelity != Fidelity::Exact {
            let all: Vec<Symbol> = (0..).take(alphabet.characters.len()).collect();
            let reversed = all.iter().rev().copied().collect();
            for more in [vec![], all, reversed] {
                if !suffixes.contains(&more) {
                    suffixes.push(more);
                }
            }
        }
        suffixes
    }
}

impl Case {
    fn report(&self, proof: &Proof) -> Analysis {
        let verdict = match proof.growth.ways {
            Ways::Exponential => Verdict::Exponential,
            Ways::Polynomial(degree) => Verdict::Polynomial { degree },
        };
        let pumps = proof.suspect.stretches.iter().map(|stretch| Pump {
            prefix: self.alphabet.text(&stretch.prefix),
            text: self.alphabet.text(&stretch.pump),
        });
        let mut attack = Attack {
            pumps: pumps.collect(),
            suffix: self.alphabet.text(&proof.suffix),
            repeats: 0,
        };
        attack.repeats = proof.growth.repeats_for(TELLING_SECONDS).min(proof.most_repeats);
        let cost = Cost { seconds: proof.seconds };
        let culprit = culprit::culprit(&self.root, &proof.spans, proof.is_exponential());
        Analysis { verdict, attack: Some(attack), culprit: Some(culprit), cost: Some(cost) }
    }
}

/// The time that the attack in a report should take.
const TELLING_SECONDS: f64 = 5.0;

impl Growth {
    /// Estimated seconds of CPython with so many repeats.
    pub(super) fn seconds_at(&self, repeats: usize) -> f64 {
        let known = self.nanoseconds as f64 / 1e9;
        let more = repeats as f64 - self.repeats as f64;
        match self.ways {
            Ways::Exponential => known * self.factor.powf(more),
            Ways::Polynomial(degree) => {
                known * (repeats as f64 / self.repeats as f64).powi(degree as i32)
            }
        }
    }

    /// The repeats that take so many seconds.
    fn repeats_for(&self, seconds: f64) -> usize {
        let times = seconds / (self.nanoseconds.max(1) as f64 / 1e9);
        let repeats = match self.ways {
            Ways::Exponential => self.repeats as f64 + times.ln() / self.factor.ln(),
            Ways::Polynomial(degree) => self.repeats as f64 * times.powf(1.0 / f64::from(degree)),
        };
        repeats.ceil() as usize
    }
}

/// Whether the pattern has what no automaton can express.
pub(super) fn needs_backtracking(root: &Node) -> bool {
    root.any(&|node| match &node.kind {
        Kind::Look { .. }
        | Kind::Backreference { .. }
        | Kind::Atomic(_)
        | Kind::Conditional { .. } => true,
        Kind::Repeat { mode, .. } => *mode == Mode::Possessive,
        _ => false,
    })
}

fn has_repeats(root: &Node) -> bool {
    root.any(&|node| matches!(&node.kind, Kind::Repeat { max, .. } if max.is_none_or(|m| m > 2)))
}

/// How many loops stand in one another, the innermost not counted.
fn nested_loops(root: &Node) -> usize {
    let below = root.children().into_iter().map(nested_loops).max().unwrap_or(0);
    let around = matches!(&root.kind, Kind::Repeat { node, max, .. }
        if max.is_none_or(|max| max > 1) && automaton::loops(node));
    below + usize::from(around)
}

/// Whether some counted repeat may turn often enough to be as bad as one
/// without a bound.
fn has_high_bounds(root: &Node) -> bool {
    root.any(&|node| matches!(&node.kind, Kind::Repeat { max: Some(max), .. } if *max >= 8))
}
