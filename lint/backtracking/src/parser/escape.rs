//! What follows a backslash.

use super::{
    cursor::{Parser, Term},
    error::Parse,
    grammar::Escape,
};
use crate::syntax::{Assertion, Class, Item, Kind, Named, Node};

impl Parser<'_> {
    /// What follows a backslash outside a class.
    pub(super) fn escape(&mut self, start: usize) -> Parse<Term> {
        let rules = &self.grammar.escapes;
        let Some(c) = self.peek() else {
            return Err(self.rejected(start, "bad escape (end of pattern)"));
        };
        let everywhere = match c {
            'b' => Some((Assertion::WordBoundary, 1)),
            'B' => Some((Assertion::NotWordBoundary, 1)),
            _ => None,
        };
        if let Some((assertion, length)) = (rules.assertion)(self.rest()).or(everywhere) {
            self.at += length;
            return Ok(Term::Node(Node::new(Kind::Assert(assertion), start..self.at)));
        }
        if c.is_ascii_digit() {
            return self.numeric_escape(start);
        }
        if c == 'k'
            && let Some(end) = self.name_quote()
        {
            let name = self.name(end)?;
            return self.named_reference(&name, start);
        }
        if let Some(feature) = (rules.unsupported)(c) {
            return self.unsupported(start, feature);
        }
        let item = self.class_escape(start)?;
        let class = Class::of(item, self.scope.fold);
        Ok(Term::Node(Node::new(Kind::Set(class), start..self.at)))
    }

    /// Reads a `k` and the sign after it, if a name follows; returns what ends it.
    fn name_quote(&mut self) -> Option<char> {
        let after = self.rest().chars().nth(1)?;
        let (open, end) = self.grammar.references.quotes.iter().find(|(open, _)| *open == after)?;
        self.at += 'k'.len_utf8() + open.len_utf8();
        Some(*end)
    }

    /// An escape that stands for characters, inside a class or outside.
    pub(super) fn class_escape(&mut self, start: usize) -> Parse<Item> {
        let here = self.at;
        let rules = &self.grammar.escapes;
        let Some(c) = self.bump() else {
            return Err(self.rejected(start, "bad escape (end of pattern)"));
        };
        let escape = (rules.character)(c).or_else(|| self.common_escape(c));
        match escape {
            Some(escape) => self.escaped(escape, here),
            None if c.is_digit(8) => {
                self.at = here;
                let code = self.octal().unwrap_or(0);
                if code > 0o377 && !rules.long_octal {
                    return Err(self.rejected(here, "octal escape value outside of range 0-0o377"));
                }
                let c = char::from_u32(code).unwrap_or('\0');
                Ok(Item::Range(c, c))
            }
            None if c.is_ascii_alphanumeric() && !rules.lenient => {
                Err(self.rejected(here, format!("bad escape \\{c}")))
            }
            None => Ok(Item::Range(c, c)),
        }
    }

    /// What a letter stands for in all dialects that do not say otherwise.
    fn common_escape(&self, c: char) -> Option<Escape> {
        let ascii = self.scope.ascii;
        let ascii_space = ascii && !self.grammar.escapes.unicode_space;
        Some(match c {
            'd' => Escape::Class(Named::Digit { ascii }),
            'D' => Escape::NotClass(Named::Digit { ascii }),
            'w' => Escape::Class(Named::Word { ascii }),
            'W' => Escape::NotClass(Named::Word { ascii }),
            's' => Escape::Class(Named::Space { ascii: ascii_space }),
            'S' => Escape::NotClass(Named::Space { ascii: ascii_space }),
            'n' => Escape::Character('\n'),
            'r' => Escape::Character('\r'),
            't' => Escape::Character('\t'),
            'f' => Escape::Character('\u{c}'),
            'v' => Escape::Character('\u{b}'),
            'b' => Escape::Character('\u{8}'),
            'x' => Escape::Hexadecimal(2),
            _ => return None,
        })
    }

    fn escaped(&mut self, escape: Escape, here: usize) -> Parse<Item> {
        match escape {
            Escape::Character(c) => Ok(Item::Range(c, c)),
            Escape::Class(named) => Ok(Item::Named(named)),
            Escape::NotClass(named) => Ok(Item::NotNamed(named)),
            Escape::NotNewline => Ok(Item::Nested(Class::all_but(&['\n']))),
            Escape::Hexadecimal(digits) => self.hexadecimal(digits, here),
            Escape::Property(negated) => self.property(negated, here),
            Escape::Control => self.control(here),
            Escape::Unsupported(feature) => self.unsupported(here, feature),
        }
    }

    fn control(&mut self, here: usize) -> Parse<Item> {
        match self.peek() {
            Some(letter) if letter.is_ascii_alphabetic() => {
                self.bump();
                let c = char::from((letter.to_ascii_uppercase() as u8) ^ 0x40);
                Ok(Item::Range(c, c))
            }
            _ if self.grammar.escapes.lenient => {
                self.at = here;
                Ok(Item::Range('\\', '\\'))
            }
            _ => Err(self.rejected(here, "bad escape \\c")),
        }
    }

    fn hexadecimal(&mut self, digits: usize, here: usize) -> Parse<Item> {
        let rules = &self.grammar.escapes;
        let hex = |c: char| c.is_ascii_hexdigit();
        let braces = rules.braces && self.eat("{");
        let text = match braces {
            true => self.take_while(8, hex),
            false => self.take_while(digits, hex),
        };
        let whole = if braces { self.eat("}") && !text.is_empty() } else { text.len() == digits };
        if !whole && rules.lenient {
            self.at = here + 1;
            let letter = if digits == 2 { 'x' } else { 'u' };
            return Ok(Item::Range(letter, letter));
        }
        if !whole && (!rules.short_hexadecimal || braces) {
            return Err(self.rejected(here, "incomplete escape"));
        }
        let code =
            if text.is_empty() { 0 } else { u32::from_str_radix(text, 16).unwrap_or(u32::MAX) };
        match char::from_u32(code) {
            Some(c) => Ok(Item::Range(c, c)),
            // A surrogate, which no text holds.
            None if code <= 0xffff => {
                Ok(Item::Nested(Class { items: vec![], negated: false, fold: false }))
            }
            None => Err(self.rejected(here, "bad escape")),
        }
    }

    fn property(&mut self, negated: bool, here: usize) -> Parse<Item> {
        let (name, negated) = if self.eat("{") {
            let caret = self.eat("^");
            let name = self.take_while(usize::MAX, |c| c != '}');
            self.expect("}", "missing }")?;
            (name, negated != caret)
        } else {
            (self.take_while(1, |c| c.is_ascii_alphabetic()), negated)
        };
        let ascii = false;
        let named = match name {
            "L" | "Letter" | "Alphabetic" | "alpha" | "L&" => Named::Alphabetic { ascii },
            "Lu" | "Upper" | "Uppercase" | "Uppercase_Letter" => Named::Upper { ascii },
            "Ll" | "Lower" | "Lowercase" | "Lowercase_Letter" => Named::Lower { ascii },
            "N" | "Number" | "Nd" | "Decimal_Number" => Named::Numeric,
            "P" | "Punctuation" => Named::Punctuation,
            "Z" | "Zs" | "Separator" | "White_Space" | "Xsp" | "Xps" => Named::Space { ascii },
            "Xan" => Named::Alphanumeric { ascii },
            "Xwd" => Named::Word { ascii },
            "Cc" | "Control" => Named::Control,
            "" => return Err(self.rejected(here, "malformed \\P or \\p sequence")),
            _ => return self.unsupported(here, "this Unicode property"),
        };
        Ok(if negated { Item::NotNamed(named) } else { Item::Named(named) })
    }
}
