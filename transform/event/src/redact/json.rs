//! Secrets out of JSON text that is known to be valid.

use std::{borrow::Cow, cmp::Reverse, ops::Range};

use serde::de::IgnoredAny;

use super::{
    arguments::{may_be_argument, redact_list},
    names::Secrecy,
    neighbours::{Part, named_by},
    walk::{Text, Walk},
};
use crate::json_string::{quoted, unquoted};

/// [`REDACTED`](super::REDACTED) as JSON has it.
pub(crate) const QUOTED: &str = "\"[REDACTED]\"";

/// What is a secret, and what is to stand in its place.
pub(crate) trait Rules {
    /// Whether names say what is one.
    fn go_by_names(&self) -> bool;
    /// What a field of this name holds.
    fn secrecy(&self, name: &str) -> Secrecy;
    /// What is to stand in place of a name that is one itself.
    fn name(&self, name: &str) -> Option<String>;
    /// Whether a number is one.
    fn is_secret_number(&self, number: &str) -> bool;
    /// Whether `text` could find anything in a text that is written so.
    fn may_change(&self, written: &[u8]) -> bool;
    /// What is to stand in place of a text.
    fn text(&self, text: &str) -> Option<String>;
}

/// A value without its secrets: the texts and numbers at and under the names of
/// secrets are replaced, and all of them when that is the `secrecy` of the value
/// itself; so are those whose name lies beside them, arguments of commands, and what
/// else the rules call a secret. None when nothing changes. Looks at the text in
/// place. Recurses into texts that hold JSON only, and once for names that come late.
pub(crate) fn redact_json(raw: &str, secrecy: Secrecy, rules: &impl Rules) -> Option<String> {
    let mut pass = Pass {
        raw,
        rules,
        walk: Walk::new(secrecy, usize::MAX),
        open: Vec::new(),
        items: Vec::new(),
        values: Vec::new(),
        late: Vec::new(),
        edits: Vec::new(),
    };
    let (bytes, mut at) = (raw.as_bytes(), 0);
    while at < bytes.len() {
        at = pass.step(bytes, at);
    }
    pass.redact_late();
    pass.finish()
}

/// The objects and arrays of valid JSON in a text, whatever is around them, without
/// their secrets; none when nothing changes. Where too much is wrong not all are found.
pub(super) fn redact_json_inside(text: &str, rules: &impl Rules) -> Option<String> {
    /// How many bytes are read in all, at most, for those that turn out to be invalid.
    const MAX_WASTE: usize = 4 << 20;
    let bytes = text.as_bytes();
    let (mut out, mut copied, mut at, mut waste) = (String::new(), 0, 0, 0);
    while waste < MAX_WASTE
        && let Some(open) = memchr::memchr2(b'{', b'[', &bytes[at..])
    {
        at += open;
        // What is escaped lies in a text, and is read with that.
        let start = match bytes[at..].iter().find(|byte| !b"{[ ".contains(byte)) {
            Some(b'\\') => memchr::memrchr(b'"', &bytes[copied..at]).map(|quote| copied + quote),
            _ => Some(at),
        };
        let Some(valid) = start.and_then(|start| valid_json(text, start)) else {
            // As if it had been read to the end.
            waste += text.len() - at;
            at += 1;
            continue;
        };
        at = valid.end;
        if let Some(json) = redact_json(&text[valid.clone()], Secrecy::Open, rules) {
            out.push_str(&text[copied..valid.start]);
            out.push_str(&json);
            copied = valid.end;
        }
    }
    if copied == 0 {
        return None;
    }
    out.push_str(&text[copied..]);
    Some(out)
}

/// Whether a text is one value of JSON, and nothing else.
pub(super) fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// Where a value of JSON ends that begins at a place; none where none does.
fn valid_json(text: &str, start: usize) -> Option<Range<usize>> {
    let mut values = serde_json::Deserializer::from_str(&text[start..]).into_iter::<IgnoredAny>();
    values.next()?.ok()?;
    Some(start..start + values.byte_offset())
}

struct Pass<'a, R> {
    raw: &'a str,
    rules: &'a R,
    walk: Walk,
    open: Vec<Open>,
    /// The texts and numbers in the arrays that are open.
    items: Vec<Range<usize>>,
    /// The values in the objects that are open whose name may still come.
    values: Vec<Range<usize>>,
    /// Those of which it has come.
    late: Vec<(Range<usize>, Secrecy)>,
    /// What is replaced by what.
    edits: Vec<(Range<usize>, Cow<'static, str>)>,
}

/// An object or array that is open.
struct Open {
    start: usize,
    /// How many items and values there were before it.
    items: usize,
    values: usize,
    /// Whether there may be arguments among its items.
    arguments: bool,
    /// Whether it is a value whose name may still come.
    awaits_name: bool,
}

impl<R: Rules> Pass<'_, R> {
    /// Takes what is at a place, and says where to go on.
    fn step(&mut self, bytes: &[u8], at: usize) -> usize {
        match bytes[at] {
            b'{' | b'[' => {
                let (items, values) = (self.items.len(), self.values.len());
                let awaits_name = self.walk.awaits_name();
                self.open.push(Open { start: at, items, values, arguments: false, awaits_name });
            }
            b'}' | b']' => self.close(at + 1),
            b'-' | b'0'..=b'9' => return self.number(bytes, at),
            _ => {}
        }
        match self.walk.structure(bytes[at]) {
            Some(text) => self.text(text, at..string_end(bytes, at)),
            None => at + 1,
        }
    }

    fn number(&mut self, bytes: &[u8], at: usize) -> usize {
        let range = at..number_end(bytes, at);
        if self.walk.secrecy().hides_numbers()
            || self.walk.secrecy() == Secrecy::Open
                && self.rules.is_secret_number(&self.raw[range.clone()])
        {
            self.edits.push((range.clone(), Cow::Borrowed(QUOTED)));
        } else {
            self.keep(&range);
        }
        range.end
    }

    fn text(&mut self, text: Text, range: Range<usize>) -> usize {
        let (raw, end) = (&self.raw[range.clone()], range.end);
        match text {
            Text::Name => {
                let name = unquoted(raw);
                self.walk.name(self.rules.secrecy(&name), Part::of(&name));
                if let Some(name) = self.rules.name(&name) {
                    self.edits.push((range, Cow::Owned(quoted(&name))));
                }
            }
            Text::Secret if raw != QUOTED => self.edits.push((range, Cow::Borrowed(QUOTED))),
            Text::Secret => {}
            Text::Plain => {
                self.keep(&range);
                if self.rules.go_by_names() && self.walk.may_name() {
                    let text = unquoted(raw);
                    // Of options the list as a whole is asked.
                    self.walk.named(named_by(&text), false);
                    if self.walk.is_in_array() && may_be_argument(&text) {
                        self.open.last_mut().into_iter().for_each(|open| open.arguments = true);
                    }
                }
                if self.rules.may_change(&raw.as_bytes()[1..raw.len() - 1])
                    && let Some(text) = self.rules.text(&unquoted(raw))
                {
                    self.edits.push((range, Cow::Owned(quoted(&text))));
                }
            }
        }
        end
    }

    /// Remembers what may be a secret by what comes behind it.
    fn keep(&mut self, range: &Range<usize>) {
        if self.walk.awaits_name() {
            self.values.push(range.clone());
        } else if self.walk.is_in_array() {
            self.items.push(range.clone());
        }
    }

    /// What is open ends here.
    fn close(&mut self, end: usize) {
        let Some(open) = self.open.pop() else { return };
        if open.arguments {
            self.redact_arguments(open.items);
        }
        self.items.truncate(open.items);
        let (beside, values) = (self.walk.beside(), self.values.drain(open.values..));
        if beside == Secrecy::Open {
            drop(values);
        } else {
            self.late.extend(values.map(|value| (value, beside)));
        }
        if open.awaits_name {
            self.values.push(open.start..end);
        }
    }

    /// The items from that one on are those of a list with arguments.
    fn redact_arguments(&mut self, from: usize) {
        let items = &self.items[from..];
        let texts: Vec<_> = items.iter().map(|item| shown(&self.raw[item.clone()])).collect();
        for (index, text) in redact_list(&texts) {
            let text = self.rules.text(&text).unwrap_or(text);
            self.edits.push((items[index].clone(), Cow::Owned(quoted(&text))));
        }
    }

    /// Takes out the values whose name came behind them, each once.
    fn redact_late(&mut self) {
        self.late.sort_unstable_by_key(|(range, _)| (range.start, Reverse(range.end)));
        let mut end = 0;
        for (range, secrecy) in std::mem::take(&mut self.late) {
            if range.start < end {
                continue;
            }
            end = range.end;
            if let Some(text) = redact_json(&self.raw[range.clone()], secrecy, self.rules) {
                self.edits.push((range, Cow::Owned(text)));
            }
        }
    }

    fn finish(mut self) -> Option<String> {
        if self.edits.is_empty() {
            return None;
        }
        // Of those of the same the last one counts.
        self.edits.reverse();
        self.edits.sort_by_key(|(range, _)| (range.start, Reverse(range.end)));
        let (mut out, mut copied) = (String::with_capacity(self.raw.len()), 0);
        for (range, text) in self.edits {
            if range.start >= copied {
                out.push_str(&self.raw[copied..range.start]);
                out.push_str(&text);
                copied = range.end;
            }
        }
        out.push_str(&self.raw[copied..]);
        Some(out)
    }
}

/// A text or number as it is meant.
fn shown(raw: &str) -> Cow<'_, str> {
    if raw.starts_with('"') { unquoted(raw) } else { Cow::Borrowed(raw) }
}

/// One past the closing quote of the string that opens at `start`.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn number_end(bytes: &[u8], start: usize) -> usize {
    let part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
    start + bytes[start..].iter().take_while(|byte| part(byte)).count()
}
