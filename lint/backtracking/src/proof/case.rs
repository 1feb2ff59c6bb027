//! From a pattern to a proof that it blows up.
//!
//! The automaton foretells, the matcher confirms; this is the order in which
//! they are asked, and what is made of their answers.

use super::{
    culprit::culprit,
    fidelity::Fidelity,
    growth::Expected,
    trials::{Proof, Trials},
};
use crate::{
    alphabet::{Alphabet, Symbol},
    ambiguity::{Examination, Fuel, OutOfFuel, Pair, Palettes, Stretch},
    analysis::{Analysis, Undecided, Vulnerability},
    attack::{Attack, Pump},
    budget::Budget,
    dialect::Dialect,
    flags::Flags,
    matcher::Program,
    nfa::{Nfa, Shape, TooLarge, has_readable_looks},
    parser::{ParseError, Parsed, parse},
    syntax::{Node, with_plain_edges},
};

/// How many levels of loops around loops are looked into.
const TURN_LEVELS: usize = 3;

/// The time that the attack in a report should take.
const TELLING_SECONDS: f64 = 5.0;

/// One pattern under analysis.
pub(crate) struct Case {
    root: Node,
    /// The same with edges that an automaton can express.
    plain: Node,
    alphabet: Alphabet,
    trials: Trials,
    fuel: Fuel,
}

impl From<OutOfFuel> for Undecided {
    fn from(_: OutOfFuel) -> Self {
        Undecided::OutOfBudget
    }
}

impl From<TooLarge> for Undecided {
    fn from(_: TooLarge) -> Self {
        Undecided::TooLarge
    }
}

impl From<ParseError> for Undecided {
    fn from(error: ParseError) -> Self {
        match error {
            ParseError::Rejected { at, message } => Undecided::Rejected { at, message },
            ParseError::Unsupported { at, feature } => Undecided::Unsupported { at, feature },
        }
    }
}

impl Case {
    /// The pattern ready for analysis, or the answer where it is known at once.
    pub(crate) fn new(
        pattern: &str,
        dialect: Dialect,
        flags: Flags,
        budget: &Budget,
    ) -> Result<Case, Analysis> {
        let Parsed { root, groups } =
            parse(pattern, dialect, flags).map_err(|error| Analysis::Undecided(error.into()))?;
        // Without any of it the `regex` crate runs the pattern, which is linear.
        let is_linear = dialect == Dialect::Rust && !root.needs_backtracking();
        if is_linear || !root.has_repeats() {
            return Err(Analysis::Linear);
        }
        let plain = with_plain_edges(&root);
        let alphabet =
            Alphabet::new(&[&root, &plain]).ok_or(Analysis::Undecided(Undecided::TooLarge))?;
        let javascript = dialect == Dialect::JavaScript;
        let program = Program::new(&root, groups, &alphabet, javascript);
        let trials = Trials::new(program, Fidelity::of(&plain), root.width().0, budget);
        Ok(Case { root, plain, alphabet, trials, fuel: Fuel(budget.states) })
    }

    pub(crate) fn analysis(&mut self) -> Analysis {
        let mut worst = None;
        let end = self.seek(&mut worst);
        match (worst, end) {
            // What is proved stays proved, whatever else there may be.
            (Some(proof), _) => Analysis::Vulnerable(self.report(&proof)),
            (None, Err(undecided)) => Analysis::Undecided(undecided),
            (None, Ok(())) if self.trials.steps_left == 0 => {
                Analysis::Undecided(Undecided::OutOfBudget)
            }
            (None, Ok(())) if self.trials.doubtful() => Analysis::Undecided(Undecided::Unconfirmed),
            (None, Ok(())) if self.trials.folded_doubt() => {
                Analysis::Undecided(Undecided::ManyTurns)
            }
            (None, Ok(())) if self.trials.unsettled => Analysis::Undecided(Undecided::Ambiguous),
            (None, Ok(())) => Analysis::Linear,
        }
    }

    /// Whether an attack on a stricter reading of the pattern works here, too.
    pub(crate) fn confirms(&mut self, other: &Vulnerability) -> bool {
        let Vulnerability { complexity, attack, .. } = other;
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
        let expected = Expected::of(*complexity);
        let growth = self.trials.growth(&self.alphabet, &stretches, &suffix, expected);
        growth.is_some_and(|growth| growth.complexity == *complexity)
    }

    /// Looks for the worst attack that can be confirmed.
    fn seek(&mut self, worst: &mut Option<Proof>) -> Result<(), Undecided> {
        let as_it_is = Nfa::new(&self.plain, &self.alphabet, Shape::default())?;
        self.exponential(&as_it_is, worst)?;
        if !is_exponential(worst) && self.plain.has_high_bounds() {
            let shape = Shape { unbounded: true, ..Shape::default() };
            let unbounded = Nfa::new(&self.plain, &self.alphabet, shape)?;
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
        for single_turns in 1..=self.plain.nested_loops().min(TURN_LEVELS) {
            if is_exponential(worst) {
                break;
            }
            let shape = Shape { single_turns, ..Shape::default() };
            let unrolled = Nfa::new(&self.plain, &self.alphabet, shape)?;
            self.exponential(&unrolled, worst)?;
            self.polynomial(&unrolled, worst)?;
        }
        if !is_exponential(worst) && as_it_is.folded {
            self.with_all_turns(worst)?;
        }
        if !is_exponential(worst) && has_readable_looks(&self.plain) {
            let shape = Shape { read_looks: true, ..Shape::default() };
            let reading = Nfa::new(&self.plain, &self.alphabet, shape)?;
            self.exponential(&reading, worst)?;
            self.polynomial(&reading, worst)?;
        }
        Ok(())
    }

    /// Looks behind repeats that must take more turns than were written out.
    fn with_all_turns(&mut self, worst: &mut Option<Proof>) -> Result<(), Undecided> {
        let shape = Shape { all_turns: true, ..Shape::default() };
        let full = Nfa::new(&self.plain, &self.alphabet, shape)?;
        self.exponential(&full, worst)?;
        if worst.is_none() {
            self.polynomial(&full, worst)?;
            self.trials.folded = full.folded;
        }
        Ok(())
    }

    fn exponential(&mut self, nfa: &Nfa, worst: &mut Option<Proof>) -> Result<(), Undecided> {
        let examination = Examination::new(nfa, &self.alphabet);
        let mut palettes = Palettes::default();
        while let Some(palette) = palettes.next(&self.alphabet) {
            let suspects = examination.exponential(&palette, &mut self.fuel)?;
            if suspects.is_empty() {
                break;
            }
            for suspect in suspects {
                palettes.tried(suspect.stretches.iter().map(|stretch| &stretch.pump[..]));
                self.trials.confirm(&self.alphabet, nfa, suspect, worst);
                if is_exponential(worst) {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn polynomial(&mut self, nfa: &Nfa, worst: &mut Option<Proof>) -> Result<(), Undecided> {
        let examination = Examination::new(nfa, &self.alphabet);
        let mut palettes = Palettes::default();
        let mut sound: Vec<Pair> = Vec::new();
        while let Some(palette) = palettes.next(&self.alphabet) {
            let mut pairs = examination.pairs(&palette, &mut self.fuel)?;
            pairs.retain(|pair| !sound.iter().any(|s| (s.from, s.to) == (pair.from, pair.to)));
            if pairs.is_empty() {
                break;
            }
            for suspect in examination.chains(&pairs, &mut self.fuel)? {
                let foretold = suspect.complexity;
                let seen = self.trials.confirm(&self.alphabet, nfa, suspect, worst);
                if seen == Some(foretold) {
                    return Ok(());
                }
            }
            // Some pair in each chain cannot be attacked: find those that can.
            for pair in pairs {
                palettes.tried([&pair.word[..]].into_iter());
                if let Some(suspect) = examination.single(&pair, &mut self.fuel)?
                    && self.trials.confirm(&self.alphabet, nfa, suspect, worst).is_some()
                {
                    sound.push(pair);
                }
            }
        }
        for suspect in examination.chains(&sound, &mut self.fuel)? {
            self.trials.confirm(&self.alphabet, nfa, suspect, worst);
        }
        Ok(())
    }

    fn report(&self, proof: &Proof) -> Vulnerability {
        let pumps = proof.suspect.stretches.iter().map(|stretch| Pump {
            prefix: self.alphabet.text(&stretch.prefix),
            text: self.alphabet.text(&stretch.pump),
        });
        let attack = Attack {
            pumps: pumps.collect(),
            suffix: self.alphabet.text(&proof.suffix),
            repeats: proof
                .growth
                .repeats_for(TELLING_SECONDS)
                .min(proof.most_repeats)
                .max(proof.fewest_repeats),
        };
        Vulnerability {
            complexity: proof.growth.complexity,
            attack,
            culprit: culprit(&self.root, &proof.spans, proof.is_exponential()),
            seconds: proof.seconds,
        }
    }
}

fn is_exponential(proof: &Option<Proof>) -> bool {
    proof.as_ref().is_some_and(Proof::is_exponential)
}
