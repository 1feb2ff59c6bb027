//! A branch of a pattern, in whose text others are sought.

use std::cell::OnceCell;

use regex_syntax::hir::Hir;

use super::{
    relations::{PatternIndex, Touch},
    run::Against,
    subject::Subject,
};
use crate::{alphabet::Alphabet, gaps::without_gaps, nfa::Mode, places::Automaton, samples, texts};

/// A branch whose text others are sought in.
pub(super) struct Place<'c> {
    pub(super) text_of: PatternIndex,
    branch: usize,
    branches: usize,
    hir: &'c Hir,
    /// What the branch spells out, gaps left out.
    pub(super) spelled_out: Hir,
    /// The same as one text from end to end.
    pub(super) own: Option<Automaton>,
    /// All that the branch spells out, where that is a few texts.
    pub(super) listed: Option<Vec<String>>,
    /// Some texts that it spells out, and that its pattern is found in.
    pub(super) samples: Vec<String>,
    /// More of them, with something in the gaps.
    with_gaps: OnceCell<Vec<String>>,
    /// The branch itself, as one text from end to end, and anywhere in a text.
    whole: OnceCell<Option<Automaton>>,
    anywhere: OnceCell<Option<Automaton>>,
}

impl<'c> Place<'c> {
    /// The branches of a pattern.
    pub(super) fn all(text_of: PatternIndex, against: Against<'c>) -> Vec<Self> {
        let branches = against.subjects[text_of].branches();
        let places = branches.iter().enumerate();
        places.map(|(branch, hir)| Self::new(text_of, branch, hir, against)).collect()
    }

    fn new(text_of: PatternIndex, branch: usize, hir: &'c Hir, against: Against<'c>) -> Self {
        let subject = &against.subjects[text_of];
        let spelled_out = without_gaps(hir);
        let own = Automaton::new(&spelled_out, Mode::Whole, against.alphabet).ok();
        let listed = texts::texts(&spelled_out)
            .map(|texts| texts.into_iter().filter(|text| subject.finds(text)).collect());
        let samples = own.as_ref().map(|own| subject.samples(own, against.alphabet));
        Self {
            text_of,
            branch,
            branches: subject.branches().len(),
            hir,
            spelled_out,
            own,
            listed,
            samples: samples.unwrap_or_default(),
            with_gaps: OnceCell::new(),
            whole: OnceCell::new(),
            anywhere: OnceCell::new(),
        }
    }

    pub(super) fn automaton(&self, mode: Mode, alphabet: &Alphabet) -> Option<&Automaton> {
        let kept = match mode {
            Mode::Whole => &self.whole,
            Mode::Search => &self.anywhere,
        };
        kept.get_or_init(|| Automaton::new(self.hir, mode, alphabet).ok()).as_ref()
    }

    /// A text of the branch in which another pattern is not found, if one of the
    /// samples is.
    pub(super) fn sample_without(&self, found: PatternIndex, against: Against<'c>) -> Option<&str> {
        let other = &against.subjects[found];
        let with_gaps = || {
            let more = self.with_gaps.get_or_init(|| match self.has_gaps() {
                true => match self.automaton(Mode::Whole, against.alphabet) {
                    Some(whole) => against.subjects[self.text_of].samples(whole, against.alphabet),
                    None => Vec::new(),
                },
                false => Vec::new(),
            });
            more.iter()
        };
        let missed = |text: &&String| other.misses(text);
        self.samples.iter().find(missed).or_else(|| with_gaps().find(missed)).map(String::as_str)
    }

    fn has_gaps(&self) -> bool {
        self.spelled_out != *self.hir
    }

    /// Whether a pattern is found in all texts of the branch, where they are listed in
    /// full and no automaton need be asked.
    pub(super) fn found_in_all(&self, found: PatternIndex, against: Against<'c>) -> Option<bool> {
        let (one, other) = (&against.subjects[self.text_of], &against.subjects[found]);
        let in_full = !self.has_gaps() && one.exact && other.exact;
        let plain = !one.knows_case() && !other.knows_case() && !self.looks(found, against);
        let texts = self.listed.as_ref().filter(|_| in_full && plain)?;
        Some(texts.iter().all(|text| other.finds(text)))
    }

    /// Whether look-around matters to the question.
    pub(super) fn looks(&self, found: PatternIndex, against: Against<'c>) -> bool {
        !self.hir.properties().look_set().is_empty() || against.subjects[found].looks()
    }

    pub(super) fn touch(
        &self,
        found: PatternIndex,
        always: Option<bool>,
        special: bool,
        witness: String,
    ) -> Touch {
        let &Place { text_of, branch, branches, .. } = self;
        Touch { text_of, branch, branches, found, always, special, witness }
    }
}

impl Subject<'_> {
    /// Some texts of an automaton of one of its branches, in which it is found.
    fn samples(&self, automaton: &Automaton, alphabet: &Alphabet) -> Vec<String> {
        let mut texts = samples::samples(automaton, alphabet);
        texts.retain(|text| self.exact || self.finds(text));
        texts
    }
}
