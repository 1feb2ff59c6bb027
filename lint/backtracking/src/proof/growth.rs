//! How the matcher's effort really grows when an attack is pumped up.
//!
//! Nothing is reported on the automaton's word alone: the attack is run with
//! more and more repeats, and the effort must grow as foretold.

use crate::alphabet::{Alphabet, Symbol};
use crate::ambiguity::Stretch;
use crate::complexity::Complexity;
use crate::matcher::{Effort, Program, search};

/// Steps that one run of the matcher may take.
const RUN_LIMIT: u64 = 150_000;
/// Steps of a run that looks whether squared growth is harmless.
const SHORT_RUN_LIMIT: u64 = 20_000;
/// Steps of a run that looks whether a bounded growth is near its end.
const LONG_RUN_LIMIT: u64 = 4_000_000;
/// With this many repeats, exponential growth has long hit the step limit.
const EXPONENTIAL_REPEATS: usize = 128;
/// With this many repeats, quadratic growth has.
const POLYNOMIAL_REPEATS: usize = 1024;

/// The least factor by which an exponential must grow from one run to the next.
const LEAST_FACTOR: f64 = 1.2;
/// With fewer repeats the slope tells little about the degree.
const TELLING_REPEATS: usize = 64;

/// An attack on one program, in symbols.
pub(crate) struct Trial<'a> {
    pub(crate) program: &'a Program,
    pub(crate) alphabet: &'a Alphabet,
    pub(crate) stretches: &'a [Stretch],
    pub(crate) suffix: &'a [Symbol],
    /// The steps that may still be taken in the whole analysis.
    pub(crate) steps_left: &'a mut u64,
    pub(crate) expected: Expected,
}

/// What the automaton foretells.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected {
    pub(crate) complexity: Complexity,
    /// The highest bound of a repeat that the automaton took for unbounded: growth
    /// that levels off there does not count.
    pub(crate) bound: Option<u32>,
    /// Below which cost squared growth is harmless; `None` when it never is.
    pub(crate) harmless: Option<Harmless>,
    /// Whether the automaton leaves no doubt.
    pub(crate) certain: bool,
}

impl Expected {
    /// Such a growth, without anything more being known.
    pub(crate) fn of(complexity: Complexity) -> Expected {
        Expected { complexity, bound: None, harmless: None, certain: false }
    }
}

/// Squared growth that costs less than this needs no closer look.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Harmless {
    /// The most repeats that there may be.
    pub(crate) repeats: usize,
    /// How long that many repeats may take.
    pub(crate) seconds: f64,
}

/// An estimate must stay below the harmless cost by this factor.
const MARGIN: f64 = 4.0;

/// A growth that was seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Growth {
    pub(crate) complexity: Complexity,
    /// The most repeats that were run to their end, and the nanoseconds
    /// estimated for them.
    pub(crate) repeats: usize,
    pub(crate) nanoseconds: u64,
    /// For exponential growth, the factor that one more repeat costs.
    pub(crate) factor: f64,
}

impl Growth {
    fn exponential(last: &Sample, factor: f64) -> Growth {
        Growth {
            complexity: Complexity::Exponential,
            repeats: last.repeats,
            nanoseconds: last.effort.nanoseconds,
            factor,
        }
    }

    fn polynomial(degree: u32, last: &Sample) -> Growth {
        Growth {
            complexity: Complexity::Polynomial { degree },
            repeats: last.repeats,
            nanoseconds: last.effort.nanoseconds,
            factor: 1.0,
        }
    }
}

#[derive(Clone, Copy)]
struct Sample {
    repeats: usize,
    effort: Effort,
}

/// Two runs that tell how the steps grow.
struct Rise {
    before: Sample,
    last: Sample,
}

impl Rise {
    /// By which power of the repeats.
    fn slope(&self) -> f64 {
        slope(&self.before, &self.last)
    }
}

impl Trial<'_> {
    pub(super) fn run(&mut self, repeats: usize, limit: u64) -> Effort {
        let mut text = Vec::new();
        for Stretch { prefix, pump } in self.stretches {
            text.extend(prefix);
            text.extend(pump.iter().cycle().take(repeats * pump.len()));
        }
        text.extend(self.suffix);
        let limit = limit.min(*self.steps_left);
        let effort = search(self.program, self.alphabet, &text, limit);
        *self.steps_left = self.steps_left.saturating_sub(effort.steps);
        effort
    }

    /// The growth, when it is more than linear.
    pub(crate) fn growth(&mut self) -> Option<Growth> {
        let Expected { complexity: expected, bound, .. } = self.expected;
        if expected == Complexity::Exponential {
            // A bounded growth must go on for long to be taken for unbounded.
            let limits: &[u64] =
                if bound.is_none() { &[RUN_LIMIT, 8 * RUN_LIMIT] } else { &[LONG_RUN_LIMIT] };
            let seen = limits.iter().find_map(|limit| self.exponential(*limit));
            let seen = seen.or_else(|| self.foretold_exponential());
            if seen.is_some() {
                return seen;
            }
        }
        if expected == (Complexity::Polynomial { degree: 2 }) && bound.is_none() {
            let steps_left = *self.steps_left;
            let harmless = self.harmless_square();
            if harmless.is_some() {
                return harmless;
            }
            // In vain: what follows takes at least as many.
            *self.steps_left = steps_left;
        }
        self.polynomial(expected, bound)
    }

    /// The growth, when it is clearly quadratic and clearly costs little.
    fn harmless_square(&mut self) -> Option<Growth> {
        let harmless = self.expected.harmless?;
        let samples = self.samples(SHORT_RUN_LIMIT);
        let [.., a, before, b, last] = samples[..] else { return None };
        let square = |a, b| (1.7..2.3).contains(&slope(a, b));
        let growth = Growth::polynomial(2, &last);
        let cheap = MARGIN * growth.seconds_at(harmless.repeats) < harmless.seconds;
        let sure =
            last.effort.steps > SHORT_RUN_LIMIT / 4 && square(&a, &b) && square(&before, &last);
        (sure && cheap).then_some(growth)
    }

    fn exponential(&mut self, limit: u64) -> Option<Growth> {
        let mut ceiling = 4;
        while !self.run(ceiling, limit).cut {
            ceiling *= 2;
            if ceiling > EXPONENTIAL_REPEATS {
                return None;
            }
        }
        let stride = ceiling.div_ceil(16);
        let mut samples: Vec<Sample> = Vec::new();
        for repeats in (1..).map(|k| k * stride) {
            let effort = self.run(repeats, limit);
            if effort.cut || repeats > ceiling {
                break;
            }
            samples.push(Sample { repeats, effort });
        }
        let [.., first, second, third] = &samples[..] else { return None };
        let ratio = |a: &Sample, b: &Sample| b.effort.steps as f64 / a.effort.steps as f64;
        let (early, late) = (ratio(first, second), ratio(second, third));
        // Evenly spaced, a power's ratios sink, and those of an exponential do
        // not: the line is drawn halfway.
        let place = (third.repeats / stride) as f64;
        let sinks = (place / (place - 1.0)).ln() / ((place - 1.0) / (place - 2.0)).ln();
        let steady = late.ln() > (1.0 + sinks) / 2.0 * early.ln();
        (late > LEAST_FACTOR && steady && third.effort.steps > 2_000)
            .then(|| Growth::exponential(third, late.powf(1.0 / stride as f64)))
    }

    /// Exponential growth that the automaton foretold beyond doubt: that the effort
    /// grows fast at all is confirmation enough. It need not look like an exponential
    /// where a run of few repeats is too short and one of some more too long.
    fn foretold_exponential(&mut self) -> Option<Growth> {
        if !self.expected.certain {
            return None;
        }
        let Rise { before, last } = self.rise(RUN_LIMIT)?;
        let more = (last.repeats - before.repeats) as f64;
        let times = last.effort.steps as f64 / before.effort.steps as f64;
        Some(Growth::exponential(&last, times.powf(1.0 / more)))
    }

    fn polynomial(&mut self, expected: Complexity, bound: Option<u32>) -> Option<Growth> {
        let mut rise = self.rise(RUN_LIMIT)?;
        if rise.last.effort.steps < 1_000 {
            return None;
        }
        if let Some(bound) = bound
            && self.levels_off(bound)
        {
            return None;
        }
        let foretold = match expected {
            Complexity::Polynomial { degree } => degree,
            Complexity::Exponential => 2,
        };
        // More than was foretold: what else is at work shows in longer texts.
        if rise.slope() > f64::from(foretold) + 0.6 && rise.last.repeats >= TELLING_REPEATS {
            rise = self.rise(8 * RUN_LIMIT)?;
        }
        let (slope, last) = (rise.slope(), rise.last);
        let fulfilled = slope > 0.7 * slope_of_degree(foretold, last.repeats);
        let seen =
            if last.repeats < TELLING_REPEATS { foretold } else { (slope.round() as u32).max(2) };
        let degree = if fulfilled { foretold.max(seen) } else { seen };
        Some(Growth::polynomial(degree, &last))
    }

    /// Runs with 2, 3, 4, 6, 8, 12 … repeats: every other run has twice as many.
    fn samples(&mut self, limit: u64) -> Vec<Sample> {
        let mut samples: Vec<Sample> = Vec::new();
        for repeats in (1..).flat_map(|k| [1 << k, 3 << (k - 1)]) {
            if repeats > POLYNOMIAL_REPEATS {
                break;
            }
            let effort = self.run(repeats, limit);
            if effort.cut {
                break;
            }
            samples.push(Sample { repeats, effort });
        }
        samples
    }

    /// How the steps grow up to the longest run; `None` when that is linear.
    fn rise(&mut self, limit: u64) -> Option<Rise> {
        let samples = self.samples(limit);
        if samples.len() < 3 {
            return self.steep_rise(limit);
        }
        // Every other sample has twice the repeats. What depends on the remainder
        // of some division is no growth: both of the last slopes must show it.
        let [.., before, _, last] = samples[..] else { return None };
        let steady = match samples[..] {
            [.., a, _, b, _] => slope(&a, &b) > 1.5,
            _ => true,
        };
        Some(Rise { before, last }).filter(|rise| steady && rise.slope() > 1.6)
    }

    /// The same where the steps go from next to nothing to beyond the limit within
    /// a few repeats.
    fn steep_rise(&mut self, limit: u64) -> Option<Rise> {
        [limit, LONG_RUN_LIMIT].into_iter().find_map(|limit| {
            let mut before: Option<Sample> = None;
            let mut last: Option<Sample> = None;
            for repeats in 1..EXPONENTIAL_REPEATS {
                let effort = self.run(repeats, limit);
                let sample = Sample { repeats, effort };
                if effort.cut {
                    break;
                }
                (before, last) = (last, Some(sample));
            }
            let (before, last) = before.zip(last)?;
            Some(Rise { before, last }).filter(|rise| rise.slope() > 1.6)
        })
    }

    /// Whether the effort is linear once there are more repeats than `bound`.
    fn levels_off(&mut self, bound: u32) -> bool {
        let repeats = 2 * bound as usize;
        if repeats > 100_000 {
            return false;
        }
        let samples = [repeats, 2 * repeats]
            .map(|repeats| Sample { repeats, effort: self.run(repeats, LONG_RUN_LIMIT) });
        samples.iter().all(|sample| !sample.effort.cut) && slope(&samples[0], &samples[1]) < 1.6
    }
}

/// The slope that a polynomial of the degree shows between half the repeats and
/// all of them. With few repeats a high degree does not show in full: the ways
/// to share out n repeats among d loops are the binomial of n + d over d.
fn slope_of_degree(degree: u32, repeats: usize) -> f64 {
    let ways = |repeats: f64| (1..=degree).map(|k| (repeats / f64::from(k)).ln_1p()).sum::<f64>();
    let all = repeats as f64;
    (ways(all) - ways(all / 2.0)) / std::f64::consts::LN_2
}

/// By which power of the repeats the steps grow.
fn slope(a: &Sample, b: &Sample) -> f64 {
    let steps = b.effort.steps as f64 / a.effort.steps as f64;
    let repeats = b.repeats as f64 / a.repeats as f64;
    steps.ln() / repeats.ln()
}

impl Growth {
    /// Estimated seconds of CPython with that many repeats.
    pub(crate) fn seconds_at(&self, repeats: usize) -> f64 {
        let known = self.nanoseconds as f64 / 1e9;
        let more = repeats as f64 - self.repeats as f64;
        match self.complexity {
            Complexity::Exponential => known * self.factor.powf(more),
            Complexity::Polynomial { degree } => {
                known * (repeats as f64 / self.repeats as f64).powi(degree as i32)
            }
        }
    }

    /// The repeats that take that many seconds.
    pub(crate) fn repeats_for(&self, seconds: f64) -> usize {
        let times = seconds / (self.nanoseconds.max(1) as f64 / 1e9);
        let repeats = match self.complexity {
            Complexity::Exponential => self.repeats as f64 + times.ln() / self.factor.ln(),
            Complexity::Polynomial { degree } => {
                self.repeats as f64 * times.powf(1.0 / f64::from(degree))
            }
        };
        repeats.ceil() as usize
    }
}
