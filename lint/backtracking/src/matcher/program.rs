//! A pattern as the program that a backtracking matcher runs.
//!
//! One instruction stands for one decision of CPython's `_sre`: a repeat of one
//! class is a single instruction (`REPEAT_ONE`), other repeats count in a loop
//! that takes no further turn once a turn took nothing (`MAX_UNTIL`).

use crate::alphabet::{Alphabet, SetId};
use crate::syntax::{Assertion, Kind, Mode, Node};

pub(crate) type Address = usize;

#[derive(Debug, Clone)]
pub(crate) enum Instruction {
    Read(SetId),
    Assert(Assertion),
    /// Tries the next instruction, then `otherwise`.
    Try {
        otherwise: Address,
    },
    Jump(Address),
    Save(usize),
    /// A repeat of one class.
    Run {
        set: SetId,
        min: u32,
        max: u32,
        mode: Mode,
    },
    Enter {
        counter: usize,
    },
    /// The end of a loop's body, which begins at `body`.
    Until {
        counter: usize,
        body: Address,
        min: u32,
        max: u32,
        lazy: bool,
    },
    /// What follows, up to its `End`, then goes on at `next`.
    Atomic {
        next: Address,
    },
    Look {
        next: Address,
        negative: bool,
        /// For looking back: the fewest and the most characters.
        behind: Option<(u64, Option<u64>)>,
    },
    /// The end of what an [`Instruction::Atomic`] or `Look` runs.
    End,
    Backreference {
        group: usize,
        fold: bool,
    },
    /// Goes on when the group has matched, else jumps.
    Unless {
        group: usize,
        otherwise: Address,
    },
    Match,
}

#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) code: Vec<Instruction>,
    pub(crate) counters: usize,
    /// Two for each group, the whole match not counted.
    pub(crate) slots: usize,
    /// Whether a back-reference to a group that has not matched matches nothing
    /// rather than fails, as in JavaScript.
    pub(crate) unset_matches_empty: bool,
}

impl Program {
    pub(crate) fn new(
        root: &Node,
        groups: u32,
        alphabet: &Alphabet,
        unset_matches_empty: bool,
    ) -> Program {
        let mut builder = Builder { code: Vec::new(), counters: 0, alphabet };
        builder.node(root);
        builder.code.push(Instruction::Match);
        Program {
            code: builder.code,
            counters: builder.counters,
            slots: 2 * groups as usize,
            unset_matches_empty,
        }
    }
}

struct Builder<'a> {
    code: Vec<Instruction>,
    counters: usize,
    alphabet: &'a Alphabet,
}

impl Builder<'_> {
    fn emit(&mut self, instruction: Instruction) -> Address {
        self.code.push(instruction);
        self.code.len() - 1
    }

    fn node(&mut self, node: &Node) {
        match &node.kind {
            Kind::Empty => {}
            Kind::Set(class) => {
                let set = self.alphabet.set_id(class);
                self.emit(Instruction::Read(set));
            }
            Kind::Concat(nodes) => nodes.iter().for_each(|node| self.node(node)),
            Kind::Alternate(branches) => self.alternate(branches),
            Kind::Repeat { node, min, max, mode } => {
                self.repeat(node, *min, max.unwrap_or(u32::MAX), *mode);
            }
            Kind::Capture { group, node } => {
                let slot = 2 * (*group as usize - 1);
                self.emit(Instruction::Save(slot));
                self.node(node);
                self.emit(Instruction::Save(slot + 1));
            }
            Kind::Atomic(node) => self.fenced(node, |next| Instruction::Atomic { next }),
            Kind::Look { behind, negative, node } => {
                let (negative, behind) = (*negative, behind.then(|| node.width()));
                self.fenced(node, |next| Instruction::Look { next, negative, behind });
            }
            Kind::Backreference { group, fold } => {
                self.emit(Instruction::Backreference { group: *group as usize - 1, fold: *fold });
            }
            Kind::Conditional { group, yes, no } => {
                let group = *group as usize - 1;
                let unless = self.emit(Instruction::Unless { group, otherwise: 0 });
                self.node(yes);
                let jump = self.emit(Instruction::Jump(0));
                self.code[unless] = Instruction::Unless { group, otherwise: self.code.len() };
                self.node(no);
                self.code[jump] = Instruction::Jump(self.code.len());
            }
            Kind::Assert(assertion) => {
                self.emit(Instruction::Assert(*assertion));
            }
        }
    }

    fn alternate(&mut self, branches: &[Node]) {
        let mut jumps = Vec::new();
        for (index, branch) in branches.iter().enumerate() {
            if index + 1 == branches.len() {
                self.node(branch);
                break;
            }
            let choice = self.emit(Instruction::Try { otherwise: 0 });
            self.node(branch);
            jumps.push(self.emit(Instruction::Jump(0)));
            self.code[choice] = Instruction::Try { otherwise: self.code.len() };
        }
        for jump in jumps {
            self.code[jump] = Instruction::Jump(self.code.len());
        }
    }

    fn repeat(&mut self, node: &Node, min: u32, max: u32, mode: Mode) {
        if let Some(set) = self.single_set(node) {
            self.emit(Instruction::Run { set, min, max, mode });
            return;
        }
        if mode == Mode::Possessive {
            let fence = self.emit(Instruction::Atomic { next: 0 });
            self.counted(node, min, max, false);
            self.emit(Instruction::End);
            self.code[fence] = Instruction::Atomic { next: self.code.len() };
        } else {
            self.counted(node, min, max, mode == Mode::Lazy);
        }
    }

    fn counted(&mut self, node: &Node, min: u32, max: u32, lazy: bool) {
        let counter = self.counters;
        self.counters += 1;
        self.emit(Instruction::Enter { counter });
        let jump = self.emit(Instruction::Jump(0));
        let body = self.code.len();
        self.node(node);
        self.code[jump] = Instruction::Jump(self.code.len());
        self.emit(Instruction::Until { counter, body, min, max, lazy });
    }

    fn fenced(&mut self, node: &Node, instruction: impl Fn(Address) -> Instruction) {
        let fence = self.emit(Instruction::End);
        self.node(node);
        self.emit(Instruction::End);
        self.code[fence] = instruction(self.code.len());
    }

    fn single_set(&self, node: &Node) -> Option<SetId> {
        match &node.kind {
            Kind::Set(class) => Some(self.alphabet.set_id(class)),
            Kind::Concat(nodes) if nodes.len() == 1 => self.single_set(&nodes[0]),
            _ => None,
        }
    }
}
