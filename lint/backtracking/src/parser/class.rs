//! Classes in brackets.

use super::{cursor::Parser, error::Parse};
use crate::syntax::{Class, Item, Named};

impl Parser<'_> {
    /// A bracketed class, its opening bracket already read.
    pub(super) fn class(&mut self, start: usize, depth: usize) -> Parse<Class> {
        self.check_depth(depth)?;
        let rules = &self.grammar.classes;
        let negated = self.eat("^");
        let mut parts: Vec<Class> = Vec::new();
        let mut items: Vec<Item> = Vec::new();
        let mut empty = true;
        let fold = self.scope.fold;
        loop {
            let here = self.at;
            let Some(c) = self.peek() else {
                return Err(self.rejected(start, "unterminated character set"));
            };
            if c == ']' && (!empty || rules.may_be_empty) {
                self.bump();
                break;
            }
            empty = false;
            if rules.operators {
                if self.eat("&&") {
                    parts.push(Class { items: std::mem::take(&mut items), negated: false, fold });
                    continue;
                }
                let difference = self.rest().starts_with("--") || self.rest().starts_with("~~");
                if difference && !items.is_empty() {
                    return self.unsupported(here, "set difference in a class");
                }
                if self.scope.extended && c.is_whitespace() {
                    self.bump();
                    continue;
                }
            }
            let item = self.class_item(depth)?;
            items.push(self.range_from(item, here)?);
        }
        if !parts.is_empty() {
            parts.push(Class { items, negated: false, fold });
            items = vec![Item::Intersection(parts)];
        }
        Ok(Class { items, negated, fold })
    }

    fn class_item(&mut self, depth: usize) -> Parse<Item> {
        let here = self.at;
        let rules = &self.grammar.classes;
        if rules.posix
            && self.rest().starts_with("[:")
            && let Some(item) = self.posix_class()?
        {
            return Ok(item);
        }
        match self.bump() {
            Some('\\') => self.class_escape(here),
            Some('[') if rules.operators => Ok(Item::Nested(self.class(here, depth + 1)?)),
            Some(c) => Ok(Item::Range(c, c)),
            None => Err(self.rejected(here, "unterminated character set")),
        }
    }

    /// `item`, or the range that begins with it.
    fn range_from(&mut self, item: Item, here: usize) -> Parse<Item> {
        let rules = &self.grammar.classes;
        let mut after = self.rest().chars();
        if after.next() != Some('-') || matches!(after.next(), Some(']') | None) {
            return Ok(item);
        }
        if rules.operators && self.rest().starts_with("--") {
            return Ok(item);
        }
        let dash = self.at;
        self.bump();
        let that_start = self.at;
        let that = match self.bump() {
            Some('\\') => self.class_escape(that_start)?,
            Some(c) => Item::Range(c, c),
            None => return Err(self.rejected(here, "unterminated character set")),
        };
        match (item, that) {
            (Item::Range(low, _), Item::Range(high, _)) if low <= high => {
                Ok(Item::Range(low, high))
            }
            (Item::Range(..), Item::Range(..)) => Err(self.rejected(here, "bad character range")),
            (item, _) if rules.dash_beside_class => {
                self.at = dash;
                Ok(item)
            }
            _ => Err(self.rejected(here, "bad character range")),
        }
    }

    /// `[:alpha:]`, or nothing when it does not read as one.
    fn posix_class(&mut self) -> Parse<Option<Item>> {
        let here = self.at;
        self.at += 2;
        let negated = self.eat("^");
        let name = self.take_while(16, |c| c.is_ascii_alphabetic());
        if !self.eat(":]") {
            self.at = here;
            return Ok(None);
        }
        let ascii = true;
        let named = match name {
            "alpha" => Named::Alphabetic { ascii },
            "alnum" => Named::Alphanumeric { ascii },
            "upper" => Named::Upper { ascii },
            "lower" => Named::Lower { ascii },
            "digit" => Named::Digit { ascii },
            "space" => Named::Space { ascii },
            "word" => Named::Word { ascii },
            "blank" => Named::HorizontalSpace,
            "punct" => Named::Punctuation,
            "graph" => Named::Graphic,
            "print" => Named::Printable,
            "cntrl" => Named::Control,
            "xdigit" => Named::HexDigit,
            "ascii" => Named::Ascii,
            _ => return Err(self.rejected(here, "unknown POSIX class name")),
        };
        Ok(Some(if negated { Item::NotNamed(named) } else { Item::Named(named) }))
    }
}
