//! The structure of JSON as far as secrets go.

use super::{names::Secrecy, neighbours::Part};

/// The structure of JSON as far as secrets go: it is told of each byte between
/// texts, and of each name.
pub(super) struct Walk {
    /// The objects and arrays that are open.
    frames: Vec<Frame>,
    max_depth: usize,
    /// Deeper than `max_depth` once: where things end is not known any more.
    lost: bool,
    /// Whether the next text is a name.
    at_name: bool,
    /// What the value that comes holds.
    secrecy: Secrecy,
    /// What all of it holds.
    root: Secrecy,
}

/// An object or array that is open.
struct Frame {
    object: bool,
    secrecy: Secrecy,
    /// Whether it lies in an array itself.
    in_array: bool,
    /// What the key says whose value comes or is here.
    part: Part,
    /// What is named in it, of which the value lies beside.
    beside: Secrecy,
    /// What the element of an array before says of the next.
    next: Secrecy,
    /// Whether the first element of an array is over.
    begun: bool,
}

/// What a quote opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Text {
    Name,
    Plain,
    Secret,
}

impl Walk {
    pub(super) fn new(root: Secrecy, max_depth: usize) -> Self {
        let frames = Vec::new();
        Self { frames, max_depth, lost: false, at_name: false, secrecy: root, root }
    }

    /// Takes a byte between texts, and says what it opens if it is a quote.
    pub(super) fn structure(&mut self, byte: u8) -> Option<Text> {
        match byte {
            b'"' => return Some(self.text()),
            b'{' | b'[' if self.frames.len() == self.max_depth => self.lost = true,
            b'{' | b'[' => {
                self.at_name = byte == b'{';
                self.frames.push(Frame {
                    object: self.at_name,
                    secrecy: self.secrecy,
                    in_array: self.frames.last().is_some_and(|frame| !frame.object),
                    part: Part::Other,
                    beside: Secrecy::Open,
                    next: Secrecy::Open,
                    begun: false,
                });
            }
            b'}' | b']' => {
                self.frames.pop();
                self.at_name = false;
                self.secrecy = self.inherited();
            }
            b',' => {
                self.at_name = self.frames.last().is_some_and(|frame| frame.object);
                self.secrecy = self.inherited();
                if let Some(frame) = self.frames.last_mut() {
                    self.secrecy = self.secrecy.max(std::mem::take(&mut frame.next));
                    (frame.part, frame.begun) = (Part::Other, true);
                }
            }
            _ => {}
        }
        None
    }

    /// What a text is that begins here.
    pub(super) fn text(&mut self) -> Text {
        if std::mem::take(&mut self.at_name) {
            Text::Name
        } else if self.secrecy().hides_texts() {
            Text::Secret
        } else {
            Text::Plain
        }
    }

    /// Takes a name: what follows is its value.
    pub(super) fn name(&mut self, secrecy: Secrecy, part: Part) {
        self.at_name = false;
        self.secrecy = secrecy.max(self.inherited());
        if let Some(frame) = self.frames.last_mut() {
            frame.part = part;
            if part == Part::Value {
                self.secrecy = self.secrecy.max(frame.beside);
            }
        }
    }

    /// Whether a text that is a value here may name something: what lies beside it,
    /// or is next.
    pub(super) fn may_name(&self) -> bool {
        self.frames.last().is_some_and(|frame| !frame.object || frame.part == Part::Name)
    }

    /// Takes what such a text names: in an object that of the value beside it; in an
    /// array the next element, if it is the first of a pair, or an option.
    pub(super) fn named(&mut self, secrecy: Secrecy, is_option: bool) {
        let Some(frame) = self.frames.last_mut() else { return };
        if frame.object {
            frame.beside = frame.beside.max(secrecy);
        } else if frame.in_array && !frame.begun || is_option {
            frame.next = secrecy;
        }
    }

    /// Whether the value that comes here is one that something beside it may name
    /// later.
    pub(super) fn awaits_name(&self) -> bool {
        self.secrecy() == Secrecy::Open
            && self.frames.last().is_some_and(|frame| frame.part == Part::Value)
    }

    /// What is named in the object or array that is open.
    pub(super) fn beside(&self) -> Secrecy {
        self.beside_in(self.depth())
    }

    /// What is named in the one of that depth.
    pub(super) fn beside_in(&self, depth: usize) -> Secrecy {
        let frame = depth.checked_sub(1).and_then(|index| self.frames.get(index));
        frame.map_or(Secrecy::Open, |frame| frame.beside)
    }

    /// How many objects and arrays are open.
    pub(super) fn depth(&self) -> usize {
        self.frames.len()
    }

    /// Whether an array is the innermost of what is open.
    pub(super) fn is_in_array(&self) -> bool {
        self.frames.last().is_some_and(|frame| !frame.object)
    }

    /// What the value that comes holds.
    pub(super) fn secrecy(&self) -> Secrecy {
        if self.lost { Secrecy::Secret } else { self.secrecy }
    }

    /// Whether a quote ends a text whose quotes have `before` backslashes before
    /// them, when there are `run` in a row before this one.
    ///
    /// A text in a text in a text has its quotes written as `\"`, `\\\"`, …, and
    /// each backslash of its own doubled as often. Fewer than `before` are those of
    /// a text around it, which ends as well.
    pub(super) const fn closes(run: usize, before: usize) -> bool {
        run < before || run % (2 * (before + 1)) == before
    }

    /// Whether no object or array is open.
    pub(super) fn is_outside(&self) -> bool {
        self.frames.is_empty()
    }

    fn inherited(&self) -> Secrecy {
        self.frames.last().map_or(self.root, |frame| frame.secrecy)
    }
}
