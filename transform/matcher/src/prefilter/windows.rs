//! By which window each literal is to be found.
//!
//! A literal of twenty bytes has seventeen windows, and which one is chosen
//! decides how often the text is looked at more closely. They are chosen one
//! after another, the literals with least choice first: that window, in that
//! group of the marker, which adds least to the expected number of marks and of
//! comparisons. So few literals get rare windows, and many get windows that share
//! their bytes: what is marked grows much more slowly than the number of literals.
//! That they share windows does no harm, for what comes after is told by their
//! keys.

use std::collections::HashMap;

use super::{
    literal::{KEY, Literal},
    marker::{ByteSet, GROUPS, Kernel, Masks, WIDTH},
};
use crate::literals::{byte_frequency, text_frequency};

/// Chooses each literal's window, and tells what the marker has to accept.
pub(super) fn choose_windows(literals: &mut [Literal], kernel: Kernel) -> Masks {
    let mut groups: [Group; GROUPS] = Default::default();
    let common = Common::new(literals);
    let mut sharing: HashMap<u64, u32> = HashMap::new();
    let mut order: Vec<&mut Literal> = literals.iter_mut().collect();
    order.sort_by_key(|literal| literal.bytes.len());
    for literal in order {
        let width = literal.bytes.len().min(WIDTH);
        let windows = literal.bytes.windows(width).take(MAX_CHOICES).enumerate();
        let choices = windows.flat_map(|(at, window)| {
            let key = literal.key_of(at);
            let compared = 1 + sharing.get(&key).copied().unwrap_or(0);
            let compare = common.frequency(key) * f64::from(compared);
            let cost = |group: &Group| group.growth(window, kernel) + compare;
            groups
                .iter()
                .map(cost)
                .enumerate()
                .map(move |(group, cost)| (cost, at, group))
                .collect::<Vec<_>>()
        });
        let Some((_, window, group)) = choices.min_by(|a, b| a.0.total_cmp(&b.0)) else { continue };
        groups[group].accept(&literal.bytes[window..window + width], kernel);
        literal.window = window;
        *sharing.entry(literal.key()).or_default() += 1;
    }
    let mut masks = Masks::default();
    for (index, group) in groups.iter().enumerate() {
        for (place, accepted) in group.places.iter().enumerate() {
            masks.accept(index, place, accepted.bytes);
        }
    }
    masks
}

/// The most windows of one literal that are weighed against each other.
pub(super) const MAX_CHOICES: usize = 64;

/// How often keys occur, going by the literals themselves.
///
/// ` for` and `tion` are far more frequent than their letters are one by one.
/// Literals are made of the same words as the logs that they are from, and the
/// more of them there are, the better they tell which keys are such.
struct Common {
    counts: HashMap<u64, u32>,
    total: f64,
}

impl Common {
    fn new(literals: &[Literal]) -> Self {
        let mut counts = HashMap::new();
        let places = |literal: &Literal| 0..=literal.bytes.len().saturating_sub(WIDTH);
        for literal in literals {
            for at in places(literal) {
                *counts.entry(literal.key_of(at)).or_default() += 1;
            }
        }
        Self { total: counts.values().sum::<u32>().into(), counts }
    }

    fn frequency(&self, key: u64) -> f64 {
        let others = self.counts.get(&key).map_or(0, |count| count - 1);
        let length = KEY - key.leading_zeros() as usize / 8;
        text_frequency(&key.to_le_bytes()[..length]).max(f64::from(others) / self.total)
    }
}

/// What a group of windows accepts so far.
#[derive(Clone, Debug, Default)]
struct Group {
    places: [Accepted; WIDTH],
    /// How often a place in a text is marked for it.
    frequency: f64,
}

/// What a group accepts at one place, and how often that is there.
#[derive(Clone, Copy, Debug, Default)]
struct Accepted {
    bytes: ByteSet,
    frequency: f64,
}

impl Accepted {
    fn with(self, byte: Option<&u8>, kernel: Kernel) -> Self {
        let Some(&byte) = byte else { return Self { bytes: ByteSet::ALL, frequency: 1.0 } };
        if self.bytes.contains(byte) {
            return self;
        }
        let bytes = kernel.widen(self.bytes.with(byte));
        let more: f64 = bytes.without(self.bytes).iter().map(byte_frequency).sum();
        Self { bytes, frequency: self.frequency + more }
    }
}

impl Group {
    /// How many more marks a window would bring, per byte of text.
    fn growth(&self, window: &[u8], kernel: Kernel) -> f64 {
        let places = self.places.iter().enumerate();
        let grown: f64 = places
            .map(|(place, accepted)| accepted.with(window.get(place), kernel).frequency)
            .product();
        grown - self.frequency
    }

    fn accept(&mut self, window: &[u8], kernel: Kernel) {
        for (place, accepted) in self.places.iter_mut().enumerate() {
            *accepted = accepted.with(window.get(place), kernel);
        }
        self.frequency = self.places.iter().map(|accepted| accepted.frequency).product();
    }
}
